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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:6:3: replicas[1]: resource with name worker does not match a config with the following GVK [Deployment.[noVer].[noGrp] StatefulSet.[noVer].[noGrp] ReplicaSet.[noVer].[noGrp] ReplicationController.[noVer].[noGrp]]
      hint: no workload here is named `worker`: did you mean `web`?
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/maps.yaml:7:1: namespace: namespace transformation produces ID conflict: [ConfigMap.v1.[noGrp]/settings.prod ConfigMap.v1.[noGrp]/settings.prod]
      the other is at app/maps.yaml:1:1
      in app/kustomization.yaml
      hint: they differ in nothing but the namespace: rename one of them
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/maps.yaml:6:1: may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.[noNs]
      first defined at app/maps.yaml:1:1
      in app/kustomization.yaml
      hint: rename one of the two, drop one of them, or list the second under `patches` if it is meant to change the first
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/pod.yaml:7:5: images: wrong node kind: expected MappingNode but got ScalarNode: node contents:
    nginx
      in app/kustomization.yaml
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/map.yaml:6:3: commonLabels: considering field 'metadata/labels' of object ConfigMap.v1.[noGrp]/a.[noNs]: wrong node kind: expected MappingNode but got SequenceNode: node contents:
    - app
      in app/kustomization.yaml
    ");
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
    assert_snapshot!(refusal(tree), @r#"
    app/fields.yaml:3:1: configurations: json: unknown field "nameReferences"
      in app/kustomization.yaml
      hint: did you mean `nameReference`?
    "#);
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
    assert_snapshot!(refusal(tree), @"
    app/t.yaml:1:1: transformers: external plugins disabled; unable to load external plugin 'Sidecar'
      in app/kustomization.yaml
      hint: --enable-alpha-plugins runs functions in containers and legacy plugins; built-in ones have `apiVersion: builtin`
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:3:3: transformers: unable to load builtin LabelsTransformer.builtin.[noGrp]
      hint: did you mean `LabelTransformer`?
    ");
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
    assert_snapshot!(refusal(tree), @"app/kustomization.yaml:5:3: validators: validator shouldn't modify the resource map: nodes unequal: ConfigMap.v1.[noGrp]/a.[noNs]");
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
    assert_snapshot!(refusal(tree), @"app/kustomization.yaml:4:3: labels[0]: failed to merge labels: conflicting fieldspecs");
}
