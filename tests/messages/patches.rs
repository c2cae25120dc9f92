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
    assert_snapshot!(refusal(tree), @r#"
    app/patch.yaml:1:1: patches[0]: no resource matches strategic merge patch "Deployment.v1.apps/wbe.[noNs]": no matches for Id Deployment.v1.apps/wbe.[noNs]; failed to find unique target for patch Deployment.v1.apps/wbe.[noNs]
      in app/kustomization.yaml
      hint: did you mean `web`?
    "#);
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
    assert_snapshot!(refusal(tree), @r#"
    app/patch.yaml:1:1: patches[0]: no resource matches strategic merge patch "Deployment.v1beta1.extensions/web.[noNs]": no matches for Id Deployment.v1beta1.extensions/web.[noNs]; failed to find unique target for patch Deployment.v1beta1.extensions/web.[noNs]
      in app/kustomization.yaml
      hint: `web` is there with apiVersion apps/v1
    "#);
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
    assert_snapshot!(refusal(tree), @r#"
    app/patch.yaml:1:1: patches[0]: no resource matches strategic merge patch "Deployment.v1.apps/web.prod": no matches for Id Deployment.v1.apps/web.prod; failed to find unique target for patch Deployment.v1.apps/web.prod
      in app/kustomization.yaml
      hint: `web` is there without a namespace
    "#);
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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:5:3: patchesStrategicMerge: no matches for Id Deployment.v1.apps/wbe.[noNs]; failed to find unique target for patch Deployment.v1.apps/wbe.[noNs]
      hint: did you mean `web`?
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:5:3: patches[1]: failed to get the patch file from path(patch.yaml): evalsymlink failure on '/app/patch.yaml' : lstat /app/patch.yaml: no such file or directory
      hint: a path counts from the folder of the file that names it
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:4:3: patchesStrategicMerge: evalsymlink failure on '/app/patch.yaml' : lstat /app/patch.yaml: no such file or directory
      hint: a path counts from the folder of the file that names it
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:4:3: patches[0]: must specify one of patch and path in the entry
      hint: set `path` to a file or `patch` to the patch itself
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:4:3: patches[0]: patch and path can't be set at the same time
      hint: keep one of them, or make two entries
    ");
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
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:9:13: patches[0]: unable to parse SM or JSON patch from [patch: "- op: replace\n  path: /spec/replicas\n   value: 2"]: MalformedYAMLError: yaml: line 3: mapping values are not allowed in this context
      hint: indent this line like its neighbours, or put the value into quotes if it contains `: `
    "#);
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
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:10:43: patches[0]: unable to parse SM or JSON patch from [patch: "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template: {spec: {hostNetwork: true}"]: MalformedYAMLError: yaml: line 5: did not find expected ',' or '}'
      hint: close the bracket or brace, or put a comma before this
    "#);
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
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:5:5: patches[0]: unable to parse SM or JSON patch from [patch: "apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 2"]: missing metadata.name in object {{apps/v1 Deployment} {{ } map[] map[]}}
      hint: give the document a `metadata.name`
    "#);
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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:6:5: patches[0].target.name: error parsing regexp: missing argument to repetition operator: `*`
      hint: names and the like are regular expressions: `.*` is any
    ");
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
    assert_snapshot!(refusal(tree), @"app/kustomization.yaml:5:5: patches[0].target.labelSelector: unable to parse requirement: found 'web' expected: '('");
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
    assert_snapshot!(refusal(tree), @"
    app/patch.yaml:9:9: patches[0]: wrong node kind: expected SequenceNode but got MappingNode: node contents:
    image: nginx:2
    name: web
      applied to app/deployment.yaml:1:1
      in app/kustomization.yaml
      hint: the resource has a list here, and the patch a mapping
    ");
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
    assert_snapshot!(refusal(tree), @"
    app/patch.yaml:7:13: patches[0]: unknown patch strategy 'remove'
      applied to app/deployment.yaml:1:1
      in app/kustomization.yaml
      hint: `$patch` may be `merge`, `replace` or `delete`
    ");
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
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:4:3: patches[0]: Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: [path: "patch.yaml"]
      hint: leave `target` out, as each patch names its own, or make an entry for each patch
    "#);
}
