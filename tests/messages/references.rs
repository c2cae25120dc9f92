//! Mistakes in vars and replacements.

use insta::assert_snapshot;

use crate::refusal;

#[test]
fn var_without_object() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
vars:
- name: SERVICE
  objref:
    apiVersion: v1
    kind: Service
    name: web
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
    app/kustomization.yaml:4:3: var '{SERVICE Service.v1.[noGrp] {metadata.name}}' cannot be mapped to a field in the set of known resources
      hint: `web` is there as kind Deployment of apiVersion apps/v1: apiVersion, kind and name of `objref` must be those of a resource
    ");
}

#[test]
fn var_without_field() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
vars:
- name: PAUSED
  objref:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  fieldref:
    fieldPath: spec.paused
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
    app/kustomization.yaml:4:3: field specified in var '{PAUSED Deployment.v1.apps {spec.paused}}' not found in corresponding resource
      hint: `spec` has no `paused`, only `replicas`, `template`
    ");
}

#[test]
fn var_twice() {
    let tree = r"== app/prod/kustomization.yaml
resources:
- ../base
vars:
- name: NAME
  objref:
    apiVersion: v1
    kind: ConfigMap
    name: a
== app/base/kustomization.yaml
resources:
- map.yaml
vars:
- name: NAME
  objref:
    apiVersion: v1
    kind: ConfigMap
    name: a
== app/base/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
";
    assert_snapshot!(refusal(tree), @"
    app/prod/kustomization.yaml:4:3: var 'NAME' already encountered
      first defined at app/base/kustomization.yaml:4:3
      hint: names of vars must be unique over all files of the build
    ");
}

#[test]
fn replacement_without_source() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
replacements:
- source:
    kind: ConfigMap
    name: settings
  targets:
  - select:
      kind: Deployment
    fieldPaths:
    - spec.replicas
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
    assert_snapshot!(refusal(tree), @"app/kustomization.yaml:4:3: replacements[0]: nothing selected by ConfigMap.[noVer].[noGrp]/settings.[noNs]");
}

#[test]
fn replacement_of_a_missing_source_field() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: spec.paused
  targets:
  - select:
      kind: Deployment
    fieldPaths:
    - spec.replicas
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
    app/kustomization.yaml:7:16: replacements[0]: fieldPath `spec.paused` is missing for replacement source Deployment.[noVer].[noGrp]/web.[noNs]
      hint: `spec` has no `paused`, only `replicas`, `template`
    ");
}

#[test]
fn replacement_of_a_missing_target_field() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: spec.replicas
  targets:
  - select:
      kind: Deployment
    fieldPaths:
    - spec.replicas
    - spec.paused
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
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:13:5: replacements[0]: unable to find field "spec.paused" in replacement target
      in the resource at app/deployment.yaml:1:1
      hint: `spec` has no `paused`, only `replicas`, `template`: name what is there, or leave the object out with a narrower `select` or with `reject`; `options: {create: true}` makes what is missing
    "#);
}

#[test]
fn replacement_without_targets() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
replacements:
- source:
    kind: Deployment
    name: web
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
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:4:3: replacements[0]: replacements must specify a source and at least one target
      hint: an entry has a `source` with `kind`, `name` and `fieldPath`, or a `sourceValue`, and `targets` with `select` and `fieldPaths`
    "#);
}
