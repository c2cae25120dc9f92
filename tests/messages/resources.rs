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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
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
    assert_snapshot!(refusal(tree), @"");
}
