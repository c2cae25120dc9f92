//! Mistakes in files of resources.

use insta::assert_snapshot;

use crate::refusal;

#[test]
fn no_object() {
    let tree = r"== app/kustomization.yaml
resources:
- values.yaml
== app/values.yaml
replicas: 3
image: nginx
";
    assert_snapshot!(refusal(tree), @"
    app/values.yaml:1:1: resources[0]: accumulating resources from 'values.yaml': missing Resource metadata
      in app/kustomization.yaml
      hint: only Kubernetes objects are listed under `resources`; values belong in a configMapGenerator, patches into `patches`
    ");
}

#[test]
fn no_name() {
    let tree = r"== app/kustomization.yaml
resources:
- all.yaml
== app/all.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
---
apiVersion: v1
kind: Secret
metadata:
  labels:
    app: web
";
    assert_snapshot!(refusal(tree), @"
    app/all.yaml:6:1: resources[0]: accumulating resources from 'all.yaml': missing metadata.name in object {{v1 Secret} {{ } map[app:web] map[]}}
      in app/kustomization.yaml
      hint: give the document a `metadata.name`
    ");
}

#[test]
fn no_kind() {
    let tree = r"== app/kustomization.yaml
resources:
- map.yaml
== app/map.yaml
apiVersion: v1
metadata:
  name: a
";
    assert_snapshot!(refusal(tree), @"
    app/map.yaml:1:1: resources[0]: accumulating resources from 'map.yaml': missing kind in object {{v1 } {{a } map[] map[]}}
      in app/kustomization.yaml
      hint: give the document a `kind`
    ");
}

#[test]
fn malformed() {
    let tree = r#"== app/overlays/prod/kustomization.yaml
resources:
- ../../base
== app/base/kustomization.yaml
resources:
- map.yaml
== app/base/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
data:
  a: "1
  b: 2
"#;
    assert_snapshot!(refusal(tree), @"
    app/base/map.yaml:6:6: resources[0]: accumulating resources from 'map.yaml': MalformedYAMLError: yaml: line 6: found unexpected end of stream in File: map.yaml
      in app/base/kustomization.yaml
      from app/overlays/prod/kustomization.yaml
      hint: the quote that starts here is not closed
    ");
}

#[test]
fn tab() {
    let tree = concat!(
        "== app/kustomization.yaml\n",
        "resources:\n",
        "- map.yaml\n",
        "== app/map.yaml\n",
        "apiVersion: v1\n",
        "kind: ConfigMap\n",
        "metadata:\n",
        "\tname: a\n",
    );
    assert_snapshot!(refusal(tree), @"
    app/map.yaml:4:1: resources[0]: accumulating resources from 'map.yaml': MalformedYAMLError: yaml: line 4: found character that cannot start any token in File: map.yaml
      in app/kustomization.yaml
      hint: a tab indents this line: indent with spaces, not with tabs
    ");
}

#[test]
fn colon_in_a_value() {
    let tree = r"== app/kustomization.yaml
resources:
- map.yaml
== app/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
data:
  url: see: https://example.com
";
    assert_snapshot!(refusal(tree), @"
    app/map.yaml:6:11: resources[0]: accumulating resources from 'map.yaml': MalformedYAMLError: yaml: line 6: mapping values are not allowed in this context in File: map.yaml
      in app/kustomization.yaml
      hint: indent this line like its neighbours, or put the value into quotes if it contains `: `
    ");
}

#[test]
fn duplicate_in_two_files() {
    let tree = r"== app/kustomization.yaml
resources:
- a.yaml
- b.yaml
== app/a.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
== app/b.yaml
apiVersion: v1
kind: Secret
metadata:
  name: settings
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
";
    assert_snapshot!(refusal(tree), @"
    app/b.yaml:6:1: resources[1]: merging resources from 'b.yaml': may not add resource with an already registered id: ConfigMap.v1.[noGrp]/settings.[noNs]
      first defined at app/a.yaml:1:1
      in app/kustomization.yaml
      hint: rename one of the two, drop one of them, or list the second under `patches` if it is meant to change the first
    ");
}

#[test]
fn duplicate_from_a_diamond() {
    let tree = r"== app/prod/kustomization.yaml
resources:
- ../web
- ../worker
== app/web/kustomization.yaml
resources:
- ../common
== app/worker/kustomization.yaml
resources:
- ../common
== app/common/kustomization.yaml
resources:
- map.yaml
== app/common/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
";
    assert_snapshot!(refusal(tree), @"
    app/prod/kustomization.yaml:3:3: resources[1]: merging resources from '../worker': may not add resource with an already registered id: ConfigMap.v1.[noGrp]/settings.[noNs]
      defined at app/common/map.yaml:1:1
      hint: it is reached in two ways: list what defines it once, where the two ways join, and take it out of both; a component that both list brings it twice as well
    ");
}

#[test]
fn duplicate_of_a_base() {
    let tree = r"== app/prod/kustomization.yaml
resources:
- ../base
- map.yaml
== app/prod/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
== app/base/kustomization.yaml
resources:
- map.yaml
== app/base/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
";
    assert_snapshot!(refusal(tree), @"
    app/prod/map.yaml:1:1: resources[1]: merging resources from 'map.yaml': may not add resource with an already registered id: ConfigMap.v1.[noGrp]/settings.[noNs]
      first defined at app/base/map.yaml:1:1
      in app/prod/kustomization.yaml
      hint: rename one of the two, drop one of them, or list the second under `patches` if it is meant to change the first
    ");
}

#[test]
fn items_that_are_no_list() {
    let tree = r"== app/kustomization.yaml
resources:
- a.yaml
== app/a.yaml
apiVersion: v1
kind: ConfigMapList
items: none
";
    assert_snapshot!(refusal(tree), @"
    app/a.yaml:3:8: resources[0]: accumulating resources from 'a.yaml': expected array in ConfigMapList/items, but found string
      in app/kustomization.yaml
    ");
}

#[test]
fn unknown_anchor() {
    let tree = r"== app/kustomization.yaml
resources:
- a.yaml
== app/a.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: *name
";
    assert_snapshot!(refusal(tree), @"
    app/a.yaml:4:9: resources[0]: accumulating resources from 'a.yaml': MalformedYAMLError: yaml: unknown anchor 'name' referenced in File: a.yaml
      in app/kustomization.yaml
      hint: define it before, in the same document, with `&`; a text that starts with `*` needs quotes
    ");
}

#[test]
fn a_key_twice() {
    let tree = r"== app/kustomization.yaml
resources:
- map.yaml
== app/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
data:
  a: b
  a: c
";
    assert_snapshot!(refusal(tree), @r#"
    app/map.yaml:7:3: ConfigMap a: yaml: unmarshal errors: mapping key "a" already defined
      hint: take one of the two away
    "#);
}

#[test]
fn a_template() {
    let tree = r"== app/kustomization.yaml
resources:
- map.yaml
== app/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Values.name }}
";
    assert_snapshot!(refusal(tree), @"
    app/map.yaml:4:9: resources[0]: accumulating resources from 'map.yaml': missing metadata.name in object {{v1 ConfigMap} {{ } map[] map[]}}
      in app/kustomization.yaml
      hint: this looks like the template of a Helm chart: render it first with `helm template` and list what that prints; a text with braces, such as `{{ .x }}`, needs quotes
    ");
}

#[test]
fn a_key_that_is_no_text() {
    let tree = r"== app/kustomization.yaml
resources:
- map.yaml
== app/map.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  labels:
    true: x
";
    assert_snapshot!(refusal(tree), @r#"
    app/map.yaml:6:5: ConfigMap a: json: unsupported value: jsontext: object member name must be a string
      hint: the key `true` is read as a bool by YAML 1.1: put it into quotes, `"true":`
    "#);
}
