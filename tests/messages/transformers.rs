//! Mistakes in transformers, validators and their configurations.

use insta::assert_snapshot;

use crate::refusal;

#[test]
fn replicas_of_nothing() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
replicas:
- name: web
  count: 2
- name: worker
  count: 2
== app/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn namespace_conflict() {
    let tree = r"== app/kustomization.yaml
namespace: prod
resources:
- maps.yaml
== app/maps.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: a
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: b
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn name_conflict_after_a_patch() {
    let tree = r"== app/kustomization.yaml
resources:
- maps.yaml
patches:
- target:
    name: b
  patch: |-
    - op: replace
      path: /metadata/name
      value: a
== app/maps.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: b
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn images_of_a_list_of_texts() {
    let tree = r#"== app/kustomization.yaml
resources:
- pod.yaml
images:
- name: nginx
  newTag: "2"
== app/pod.yaml
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - nginx
"#;
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn labels_that_are_a_list() {
    let tree = r"== app/kustomization.yaml
resources:
- map.yaml
commonLabels:
  app: web
== app/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  labels:
  - app
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn unknown_field_of_a_configuration() {
    let tree = r"== app/kustomization.yaml
configurations:
- fields.yaml
resources: []
== app/fields.yaml
namePrefix:
- path: metadata/name
nameReferences:
- kind: Foo
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn external_transformer() {
    let tree = r"== app/kustomization.yaml
transformers:
- t.yaml
resources: []
== app/t.yaml
apiVersion: acme.io/v1
kind: Sidecar
metadata:
  name: x
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn unknown_builtin_transformer() {
    let tree = r"== app/kustomization.yaml
transformers:
- |-
  apiVersion: builtin
  kind: LabelsTransformer
  metadata:
    name: x
resources: []
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn validator_that_changes() {
    let tree = r"== app/kustomization.yaml
resources:
- map.yaml
validators:
- |-
  apiVersion: builtin
  kind: LabelTransformer
  metadata:
    name: x
  labels:
    a: b
  fieldSpecs:
  - path: metadata/labels
    create: true
== app/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn conflicting_label_fields() {
    let tree = r"== app/kustomization.yaml
resources:
- map.yaml
labels:
- pairs:
    a: b
  fields:
  - path: metadata/labels
    create: false
== app/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
";
    assert_snapshot!(refusal(tree), @"");
}
