//! Mistakes in JSON patches.

use insta::assert_snapshot;

use crate::refusal;

#[test]
fn json_patch_without_target() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- patch: |-
    - op: replace
      path: /spec/replicas
      value: 2
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
    app/kustomization.yaml:4:3: patches[0]: must specify a target for JSON patch [patch: "- op: replace\n  path: /spec/replicas\n  value: 2"]
      hint: add `target` with the kind and name of the resource
    "#);
}

#[test]
fn json_patch_of_a_missing_field() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- target:
    kind: Deployment
  patch: |-
    - op: replace
      path: /spec/replicas
      value: 2
    - op: remove
      path: /spec/paused
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
    app/kustomization.yaml:11:13: patches[0]: error in remove for path: '/spec/paused': Unable to remove nonexistent key: paused: missing value
      applied to app/deployment.yaml:1:1
      hint: the object has no `paused` at `/spec`: add it first with `op: add`, or leave the operation out
    ");
}

#[test]
fn json_patch_below_a_missing_field() {
    let tree = r#"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- target:
    kind: Deployment
  path: patch.json
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
== app/patch.json
[
  {"op": "add", "path": "/spec/template/metadata/labels/app", "value": "web"}
]
"#;
    assert_snapshot!(refusal(tree), @r#"
    app/patch.json:2:25: patches[0]: add operation does not apply: doc is missing path: "/spec/template/metadata/labels/app": missing value
      applied to app/deployment.yaml:1:1
      in app/kustomization.yaml
      hint: the object has no `metadata` at `/spec/template`: add it first with `op: add`, or leave the operation out
    "#);
}

#[test]
fn json_patch_test() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- target:
    kind: Deployment
  patch: |-
    - op: test
      path: /spec/replicas
      value: 2
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
    app/kustomization.yaml:8:13: patches[0]: testing value /spec/replicas failed: test failed
      applied to app/deployment.yaml:1:1
      hint: the object has the number `1` there, and the types must be the same too
    ");
}

#[test]
fn json_patch_without_op() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- target:
    kind: Deployment
  patch: |-
    - path: /spec/replicas
      value: 2
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
    app/kustomization.yaml:7:7: patches[0]: Unexpected kind: unknown
      applied to app/deployment.yaml:1:1
      hint: `op` is one of add, remove, replace, move, copy, test
    ");
}

#[test]
fn json_patch_index() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- target:
    kind: Deployment
  patch: |-
    - op: replace
      path: /spec/template/spec/containers/3/image
      value: nginx
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
    app/kustomization.yaml:8:13: patches[0]: replace operation does not apply: doc is missing path: /spec/template/spec/containers/3/image: missing value
      applied to app/deployment.yaml:1:1
      hint: the list at `/spec/template/spec/containers` has 1 element, 0 to 0: there is no `3` (`-` appends one)
    ");
}

#[test]
fn json6902_without_name() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patchesJson6902:
- target:
    kind: Deployment
  path: patch.yaml
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
    app/kustomization.yaml:4:3: patchesJson6902[0]: must specify the target name
      hint: give `target` a name, or use `patches`, which needs none
    ");
}
