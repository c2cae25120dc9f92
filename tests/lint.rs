//! What is warned about on request: one test for each kind of remark.

#![allow(missing_docs, clippy::unwrap_used)] // a test

use insta::assert_snapshot;
use kustom::{Builder, MemoryFs};

/// Builds a tree, in which a line `== PATH` starts a file, and returns its warnings.
///
/// The same build without lint must have none, and give the same bytes.
fn remarks(tree: &str) -> String {
    let mut files = MemoryFs::new();
    let mut target = None;
    for part in tree.trim_start().split("== ").filter(|part| !part.is_empty()) {
        let (path, content) = part.split_once('\n').unwrap_or((part, ""));
        target.get_or_insert(path.rsplit_once('/').map_or(".", |(folder, _)| folder));
        files.insert(path, content);
    }
    let builder = Builder::new().file_system(files);
    let target = target.unwrap_or(".");
    let silent = builder.build(target).expect("it builds");
    assert!(silent.warnings().is_empty());
    let build = builder.lint(true).build(target).expect("it builds");
    assert_eq!(build.as_yaml(), silent.as_yaml());
    assert!(build.warnings().iter().all(|warning| warning.kind().is_lint()));
    let show = |warning: &kustom::Warning| format!("[{}] {warning}", warning.kind().as_str());
    build.warnings().iter().map(show).collect::<Vec<_>>().join("\n")
}

const DEPLOYMENT: &str = "== app/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: web
        image: registry.acme.io/web:1
      tolerations:
      - key: gpu
        operator: Exists
";

#[test]
fn nothing_to_say() {
    let tree = r#"== app/kustomization.yaml
resources:
- deployment.yaml
labels:
- pairs: {app: web}
images:
- name: registry.acme.io/web
  newTag: '2'
patches:
- target: {kind: Deployment}
  patch: '[{"op": "replace", "path": "/spec/replicas", "value": 2}]'
"#;
    assert_snapshot!(remarks(&format!("{tree}{DEPLOYMENT}")), @"");
}

#[test]
fn patches_without_a_target() {
    let tree = r#"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- target: {kind: Deployment, name: wbe}
  patch: '[{"op": "replace", "path": "/spec/replicas", "value": 2}]'
- target:
    kind: StatefulSet
  patch: |-
    apiVersion: apps/v1
    kind: StatefulSet
    metadata:
      name: any
    spec:
      replicas: 2
"#;
    assert_snapshot!(remarks(&format!("{tree}{DEPLOYMENT}")), @"
    [unused-patch] app/kustomization.yaml:4:3: patches[0].target: the target selects no resource, so the patch does nothing
      hint: a target needs the kind and name that the resource has here
    [unused-patch] app/kustomization.yaml:6:3: patches[1].target: the target selects no resource, so the patch does nothing
      hint: a target needs the kind and name that the resource has here
    ");
}

#[test]
fn images_that_no_container_has() {
    let tree = "== app/prod/kustomization.yaml
resources:
- ../
images:
- name: registry.acme.io/web
  newTag: '2'
- name: web
  newTag: '2'
== app/kustomization.yaml
resources:
- deployment.yaml
";
    let tree =
        tree.replace("../\n", "../base\n").replace("app/kustomization", "app/base/kustomization");
    let deployment = DEPLOYMENT.replace("app/", "app/base/");
    assert_snapshot!(remarks(&format!("{tree}{deployment}")), @"
    [unused-image] app/prod/kustomization.yaml:6:3: images[1]: no container has the image `web`
      hint: the name must be that in the resources, with the registry and without the tag
    ");
}

#[test]
fn replacements_without_a_target() {
    let tree = "== app/kustomization.yaml
resources:
- deployment.yaml
replacements:
- source:
    kind: Deployment
    name: web
  targets:
  - select:
      kind: Deployment
    fieldPaths:
    - metadata.name
  - select:
      kind: Service
    fieldPaths:
    - metadata.name
";
    assert_snapshot!(remarks(&format!("{tree}{DEPLOYMENT}")), @"
    [unused-replacement] app/kustomization.yaml:12:5: replacements[0].targets[1]: this target of the replacement selects no resource
      hint: check the kind and name under `select`
    ");
}

#[test]
fn labels_that_go_nowhere() {
    let tree = "== app/kustomization.yaml
resources:
- deployment.yaml
labels:
- pairs: {app: web}
  fields:
  - path: spec/template/metadata/labels
    kind: Deployment
    create: true
  - path: spec/jobTemplate/metadata/labels
    kind: CronJob
    create: true
";
    assert_snapshot!(remarks(&format!("{tree}{DEPLOYMENT}")), @"
    [unused-label] app/kustomization.yaml:9:5: labels[0].fields[1]: no resource has the field `spec/jobTemplate/metadata/labels` for the labels
      hint: check group, version, kind and path, or add `create: true`
    ");
}

#[test]
fn labels_of_nothing() {
    let mut files = MemoryFs::new();
    files.insert("app/kustomization.yaml", "commonLabels: {app: web}\n");
    let build = Builder::new().file_system(files).lint(true).build("app").unwrap();
    let lint = build.warnings().iter().find(|warning| warning.kind().is_lint()).unwrap();
    assert_snapshot!(lint, @"app/kustomization.yaml:1:1: commonLabels: there is no resource to label");
}

#[test]
fn lists_that_a_patch_replaces() {
    let tree = "== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- path: patch.yaml
== app/patch.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      tolerations:
      - key: spot
        operator: Exists
      containers:
      - name: web
        args: [--debug]
";
    assert_snapshot!(remarks(&format!("{tree}{DEPLOYMENT}")), @"
    [replaced-list] app/patch.yaml:9:7: patches[0]: the patch replaces the whole list `spec.template.spec.tolerations` of Deployment web, which has no merge key
      the list is at app/deployment.yaml:12:7
      hint: repeat the elements to keep, or change one with a JSON patch
    ");
}

#[test]
fn files_and_kustomizations_that_nothing_names() {
    let tree = "== app/kustomization.yaml
resources:
- deployment.yaml
- web
== app/service.yaml
a: b
== app/README.md
text
== app/.hidden.yaml
a: b
== app/web/kustomization.yaml
resources: []
== app/web/old.yml
a: b
== app/worker/kustomization.yaml
resources: []
== app/worker/other.yaml
a: b
== app/part/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
";
    assert_snapshot!(remarks(&format!("{tree}{DEPLOYMENT}")), @"
    [unused-file] app/service.yaml: no kustomization of this build names `service.yaml`
      hint: list it in the kustomization of this folder, or take it away
    [unused-file] app/web/old.yml: no kustomization of this build names `old.yml`
      hint: list it in the kustomization of this folder, or take it away
    [unreached-kustomization] app/worker/kustomization.yaml: the target does not reach this kustomization
      hint: list its folder under `resources`, or build it by itself
    ");
}

#[test]
fn keys_of_configs_that_mean_nothing() {
    let tree = "== app/kustomization.yaml
resources:
- deployment.yaml
transformers:
- labels.yaml
- |-
  apiVersion: builtin
  kind: PrefixTransformer
  metadata:
    name: prefix
  prefix: x-
  fieldSpecs:
  - path: metadata/name
    kinds: Deployment
== app/labels.yaml
apiVersion: builtin
kind: LabelTransformer
metadata:
  name: labels
label:
  app: web
fieldSpecs:
- path: metadata/labels
  create: true
";
    assert_snapshot!(remarks(&format!("{tree}{DEPLOYMENT}")), @"
    [unknown-key] app/kustomization.yaml:13:5: the PrefixTransformer `prefix` has no key `kinds`
      hint: did you mean `kind`?
    [unknown-key] app/labels.yaml:5:1: the LabelTransformer `labels` has no key `label`
      hint: did you mean `labels`?
    ");
}

#[test]
fn what_is_said_does_not_depend_on_other_builds() {
    let mut files = MemoryFs::new();
    files.insert("base/kustomization.yaml", "resources: []\nimages: [{name: a, newTag: b}]\n");
    files.insert("base/unused.yaml", "a: b\n");
    for root in ["one", "two"] {
        files.insert(
            format!("{root}/kustomization.yaml"),
            "resources: [../base, ../base/../base2]\n",
        );
        files.insert(format!("{root}/unused.yaml"), "a: b\n");
    }
    files.insert("base2/kustomization.yaml", "resources: []\n");
    let builder = Builder::new().file_system(files).lint(true);
    let show = |build: &kustom::Build| {
        build.warnings().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let alone = show(&builder.build("two").unwrap());
    assert_eq!(alone.matches("hint:").count(), 3, "{alone}");
    let session = builder.session();
    for builds in [builder.build_all(["one", "two"]), session.build_all(["one", "two"])] {
        assert_eq!(show(builds[1].as_ref().unwrap()), alone);
    }
    assert_eq!(show(&session.build("two").unwrap()), alone);
}

#[test]
fn what_one_root_reaches_is_not_unreached() {
    let mut files = MemoryFs::new();
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
    for (path, text) in [
        ("/app/kustomization.yaml", "resources: [base]\n"),
        ("/app/base/kustomization.yaml", "resources: [a.yaml]\n"),
        ("/app/base/a.yaml", map),
        ("/app/extra/kustomization.yaml", "resources: [../shared]\n"),
        ("/app/shared/kustomization.yaml", "resources: [a.yaml]\n"),
        ("/app/shared/a.yaml", map),
        ("/app/shared/b.yaml", map),
        ("/app/alone/kustomization.yaml", "nameSuffix: x\n"),
        ("/app/refused/kustomization.yaml", "nothing: x\n"),
    ] {
        files.insert(path, text);
    }
    let builder = Builder::new().file_system(files).lint(true);
    let said = |roots: &[&str]| -> Vec<String> {
        let builds = builder.build_all(roots);
        let builds = builds.iter().filter_map(|build| build.as_ref().ok());
        let warnings = builds.flat_map(kustom::Build::warnings);
        warnings.map(|w| w.location().unwrap().file.display().to_string()).collect()
    };
    let file = |folder: &str| format!("/app/{folder}/kustomization.yaml");
    assert_eq!(
        said(&["/app"]),
        ["alone", "extra", "refused", "shared"].map(file),
        "one root reaches only its base"
    );
    let unused = "/app/shared/b.yaml".to_owned();
    assert_eq!(said(&["/app", "/app/extra"]), [file("alone"), file("refused"), unused.clone()]);
    assert_eq!(said(&["/app/extra", "/app/alone", "/app"]), [unused, file("refused")]);
    // What a refused one would have reached, nobody knows.
    assert!(said(&["/app", "/app/refused"]).is_empty());
}
