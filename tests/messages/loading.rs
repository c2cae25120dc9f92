//! Mistakes in what is named, and where it is.

use insta::assert_snapshot;

use crate::refusal;

#[test]
fn target_without_kustomization() {
    let tree = r"== app/other.yaml
a: b
";
    assert_snapshot!(refusal(tree), @"
    unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '/app'
      hint: add a kustomization.yaml there that lists its files
    ");
}

#[test]
fn missing_file() {
    let tree = r"== app/overlays/prod/kustomization.yaml
namespace: prod
resources:
- deployment.yml
== app/overlays/prod/deployment.yaml
";
    assert_snapshot!(refusal(tree), @"
    app/overlays/prod/kustomization.yaml:3:3: resources[0]: accumulating resources from 'deployment.yml': evalsymlink failure on '/app/overlays/prod/deployment.yml' : lstat /app/overlays/prod/deployment.yml: no such file or directory
      hint: did you mean `deployment.yaml`?
    ");
}

#[test]
fn missing_base() {
    let tree = r"== app/overlays/prod/kustomization.yaml
resources:
- ../../bas
== app/base/kustomization.yaml
resources: []
";
    assert_snapshot!(refusal(tree), @"
    app/overlays/prod/kustomization.yaml:2:3: resources[0]: accumulating resources from '../../bas': evalsymlink failure on '/app/bas' : lstat /app/bas: no such file or directory
      hint: did you mean `../../base`?
    ");
}

#[test]
fn base_without_kustomization() {
    let tree = r"== app/overlays/prod/kustomization.yaml
resources:
- ../../base
== app/base/deployment.yaml
";
    assert_snapshot!(refusal(tree), @"
    app/overlays/prod/kustomization.yaml:2:3: resources[0]: accumulating resources from '../../base': unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '/app/base'
      hint: add a kustomization.yaml there that lists its files
    ");
}

#[test]
fn base_that_is_a_file() {
    let tree = r"== app/kustomization.yaml
components:
- part.yaml
== app/part.yaml
a: b
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:3: components[0]: accumulating components: loader.New: must build at directory: '/app/part.yaml': file is not directory
      hint: name the folder of a kustomization.yaml; a file is listed under `resources`
    ");
}

#[test]
fn two_kustomization_files() {
    let tree = r"== app/kustomization.yaml
resources: []
== app/kustomization.yml
resources: []
";
    assert_snapshot!(refusal(tree), @"
    Found multiple kustomization files under: /app
      one is app/kustomization.yaml
      hint: keep one of `kustomization.yaml` and `kustomization.yml`
    ");
}

#[test]
fn file_outside_of_the_root() {
    let tree = r"== app/overlays/prod/kustomization.yaml
resources:
- ../../common/config.yaml
== app/common/config.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
";
    assert_snapshot!(refusal(tree), @"
    app/overlays/prod/kustomization.yaml:2:3: resources[0]: accumulating resources from '../../common/config.yaml': security; file '/app/common/config.yaml' is not in or below '/app/overlays/prod'
      hint: move the file below the kustomization, refer to a base instead, or allow it with --load-restrictor LoadRestrictionsNone
    ");
}

#[test]
fn patch_outside_of_the_root() {
    let tree = r"== app/overlays/prod/kustomization.yaml
patches:
- path: ../patch.yaml
== app/overlays/patch.yaml
a: b
";
    assert_snapshot!(refusal(tree), @"
    app/overlays/prod/kustomization.yaml:2:3: patches[0]: failed to get the patch file from path(../patch.yaml): security; file '/app/overlays/patch.yaml' is not in or below '/app/overlays/prod'
      hint: move the file below the kustomization, refer to a base instead, or allow it with --load-restrictor LoadRestrictionsNone
    ");
}

#[test]
fn cycle() {
    let tree = r"== app/a/kustomization.yaml
resources:
- ../b
== app/b/kustomization.yaml
resources:
- ../a
";
    assert_snapshot!(refusal(tree), @"
    app/b/kustomization.yaml:2:3: resources[0]: accumulating resources from '../a': cycle detected: candidate root '/app/a' contains visited root '/app/a'
      from app/a/kustomization.yaml
      hint: a base must not refer back to, or lie above, what refers to it: remove one of the two references
    ");
}

#[test]
fn itself() {
    let tree = r"== app/kustomization.yaml
resources:
- .
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:3: resources[0]: accumulating resources from '.': cycle detected: candidate root '/app' contains visited root '/app'
      hint: a base must not refer back to, or lie above, what refers to it: remove one of the two references
    ");
}

#[test]
fn base_above() {
    let tree = r"== app/base/prod/kustomization.yaml
resources:
- ../
== app/base/kustomization.yaml
resources: []
";
    assert_snapshot!(refusal(tree), @"
    app/base/prod/kustomization.yaml:2:3: resources[0]: accumulating resources from '../': cycle detected: candidate root '/app/base' contains visited root '/app/base/prod'
      hint: a base must not refer back to, or lie above, what refers to it: remove one of the two references
    ");
}

#[test]
fn absolute_base() {
    let tree = r"== app/kustomization.yaml
resources:
- /srv/base
== srv/base/kustomization.yaml
resources: []
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:3: resources[0]: accumulating resources from '/srv/base': new root '/srv/base' cannot be absolute
      hint: the path is absolute: write one relative to the folder of this kustomization, such as `../base`
    ");
}

#[test]
fn remote_base() {
    let tree = r"== app/kustomization.yaml
resources:
- https://github.com/acme/platform//base?ref=v1
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:3: resources[0]: accumulating resources from 'https://github.com/acme/platform//base?ref=v1': 'https://github.com/acme/platform//base?ref=v1' is remote, and this build has no network
      hint: allow it with --allow-remote=github.com, or any public host with --allow-remote; `kustom vendor` makes copies that are built without
    ");
}

#[test]
fn component_as_resource() {
    let tree = r"== app/overlays/prod/kustomization.yaml
resources:
- ../../components/tls
== app/components/tls/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
labels: []
";
    assert_snapshot!(refusal(tree), @"
    app/overlays/prod/kustomization.yaml:2:3: resources[0]: expected kind != 'Component' for path '/app/components/tls'
      hint: list it under `components` instead of `resources`
    ");
}

#[test]
fn resource_as_component() {
    let tree = r"== app/overlays/prod/kustomization.yaml
components:
- ../../base
== app/base/kustomization.yaml
kind: Kustomization
resources: []
";
    assert_snapshot!(refusal(tree), @"
    app/overlays/prod/kustomization.yaml:2:3: components[0]: accumulating components: expected kind 'Component' for path '/app/base' but got 'Kustomization'
      hint: list it under `resources`, or make it a component: apiVersion kustomize.config.k8s.io/v1alpha1, kind Component
    ");
}

#[test]
fn missing_component() {
    let tree = r"== app/overlays/prod/kustomization.yaml
components:
- ../../components/tsl
";
    assert_snapshot!(refusal(tree), @"
    app/overlays/prod/kustomization.yaml:2:3: components[0]: accumulating components: loader.New: must build at directory: not a valid directory: evalsymlink failure on '/app/components/tsl' : lstat /app/components: no such file or directory
      hint: there is no `components` in the folder `app`, only `overlays`; a path counts from the folder of this file
    ");
}

#[test]
fn fault_three_layers_down() {
    let tree = r"== app/overlays/prod/kustomization.yaml
resources:
- ../shared
== app/overlays/shared/kustomization.yaml
resources:
- ../../base
== app/base/kustomization.yaml
resources:
- deployment.yaml
commonLabel:
  a: b
";
    assert_snapshot!(refusal(tree), @r#"
    app/base/kustomization.yaml:3:1: invalid Kustomization: json: unknown field "commonLabel"
      from app/overlays/shared/kustomization.yaml
      from app/overlays/prod/kustomization.yaml
      hint: did you mean `commonLabels`?
    "#);
}

#[test]
fn missing_file_three_layers_down() {
    let tree = r"== app/overlays/prod/kustomization.yaml
resources:
- ../shared
== app/overlays/shared/kustomization.yaml
resources:
- ../../base
== app/base/kustomization.yaml
resources:
- deployment.yaml
";
    assert_snapshot!(refusal(tree), @"
    app/base/kustomization.yaml:2:3: resources[0]: accumulating resources from 'deployment.yaml': evalsymlink failure on '/app/base/deployment.yaml' : lstat /app/base/deployment.yaml: no such file or directory
      from app/overlays/shared/kustomization.yaml
      from app/overlays/prod/kustomization.yaml
      hint: a path counts from the folder of the file that names it
    ");
}

#[test]
fn empty_entry() {
    let tree = r#"== app/kustomization.yaml
resources:
- ""
"#;
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:3: resources[0]: accumulating resources from '': new root cannot be empty
      hint: remove the empty entry
    ");
}

#[test]
fn two_entries_in_one() {
    let tree = r"== app/kustomization.yaml
resources:
- ../a
  ../b
== a/kustomization.yaml
resources: []
";
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:2:3: resources[0]: accumulating resources from '../a ../b': path "../a ../b" is ambiguous: resolves to "../a ../b" after normalization, which is likely not the intended target; check for YAML indentation errors in your kustomization file
      hint: these are 2 entries in one: start each with `- ` on a line of its own, as in `- ../b`
    "#);
}

#[test]
fn missing_target() {
    let mut files = kustom::MemoryFs::new();
    files.insert("apps/web/kustomization.yaml", "resources: []\n");
    let error = kustom::Builder::new().file_system(files).build("apps/wbe").unwrap_err();
    assert_snapshot!(error, @"
    must build at directory: not a valid directory: evalsymlink failure on 'apps/wbe' : lstat /apps/wbe: no such file or directory
      hint: did you mean `apps/web`?
    ");
}
