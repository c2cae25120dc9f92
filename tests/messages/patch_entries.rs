//! Entries of `patches` that hold their patch themselves.

use insta::assert_snapshot;

use crate::refusal;

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
    assert_snapshot!(refusal(tree), @r#"
    app/kustomization.yaml:5:5: patches[0].target.labelSelector: unable to parse requirement: found 'web' expected: '('
      hint: a selector is `key=value`, `key!=value`, `key in (a, b)` or `key`, with commas between
    "#);
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
      hint: the resource has a list here, and the patch a mapping: write `- ` before `name`, and indent the other fields like it
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
