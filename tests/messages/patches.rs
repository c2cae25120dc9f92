//! Mistakes in patches.

use insta::assert_snapshot;

use crate::refusal;

#[test]
fn no_target() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- path: patch.yaml
== app/patch.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: wbe
spec:
  replicas: 3
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
fn target_of_another_version() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- path: patch.yaml
== app/patch.yaml
apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
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
fn target_in_a_namespace() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- path: patch.yaml
== app/patch.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: prod
spec:
  replicas: 3
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
fn no_target_of_the_old_field() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patchesStrategicMerge:
- |-
  apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: wbe
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
fn missing_file() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- path: replicas.yaml
- path: patch.yaml
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
== app/replicas.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn missing_file_of_the_old_field() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patchesStrategicMerge:
- patch.yaml
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
fn neither_path_nor_patch() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- target:
    kind: Deployment
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
fn path_and_patch() {
    let tree = r#"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- path: a.yaml
  patch: "{}"
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
"#;
    assert_snapshot!(refusal(tree), @"");
}

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
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn malformed_inline_patch() {
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
fn malformed_inline_merge_patch() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      template: {spec: {hostNetwork: true}
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
fn inline_patch_without_name() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    spec:
      replicas: 2
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn pattern_of_a_target() {
    let tree = r#"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- target:
    kind: Deployment
    name: "*"
  patch: |-
    - op: remove
      path: /spec/replicas
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
"#;
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn label_selector_of_a_target() {
    let tree = r#"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- target:
    labelSelector: "app in web"
  patch: |-
    - op: remove
      path: /spec/replicas
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
"#;
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn another_kind_of_value() {
    let tree = r"== app/kustomization.yaml
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
      containers:
        name: web
        image: nginx:2
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
fn unknown_directive() {
    let tree = r"== app/kustomization.yaml
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
    $patch: remove
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
fn several_patches_with_a_target() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- target:
    kind: Deployment
  path: patch.yaml
== app/patch.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web2
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
