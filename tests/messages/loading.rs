//! Mistakes in what is named, and where it is.

use insta::assert_snapshot;

use crate::refusal;

#[test]
fn target_without_kustomization() {
    let tree = r"== app/other.yaml
a: b
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn missing_file() {
    let tree = r"== app/overlays/prod/kustomization.yaml
namespace: prod
resources:
- deployment.yml
== app/overlays/prod/deployment.yaml
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn missing_base() {
    let tree = r"== app/overlays/prod/kustomization.yaml
resources:
- ../../bas
== app/base/kustomization.yaml
resources: []
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn base_without_kustomization() {
    let tree = r"== app/overlays/prod/kustomization.yaml
resources:
- ../../base
== app/base/deployment.yaml
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn base_that_is_a_file() {
    let tree = r"== app/kustomization.yaml
components:
- part.yaml
== app/part.yaml
a: b
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn two_kustomization_files() {
    let tree = r"== app/kustomization.yaml
resources: []
== app/kustomization.yml
resources: []
";
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn patch_outside_of_the_root() {
    let tree = r"== app/overlays/prod/kustomization.yaml
patches:
- path: ../patch.yaml
== app/overlays/patch.yaml
a: b
";
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn itself() {
    let tree = r"== app/kustomization.yaml
resources:
- .
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn base_above() {
    let tree = r"== app/base/prod/kustomization.yaml
resources:
- ../
== app/base/kustomization.yaml
resources: []
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn absolute_base() {
    let tree = r"== app/kustomization.yaml
resources:
- /srv/base
== srv/base/kustomization.yaml
resources: []
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn remote_base() {
    let tree = r"== app/kustomization.yaml
resources:
- https://github.com/acme/platform//base?ref=v1
";
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn missing_component() {
    let tree = r"== app/overlays/prod/kustomization.yaml
components:
- ../../components/tsl
";
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn empty_entry() {
    let tree = r#"== app/kustomization.yaml
resources:
- ""
"#;
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
}
