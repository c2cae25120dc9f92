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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
}
