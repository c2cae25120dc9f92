//! Mistakes in options of the build.

use insta::assert_snapshot;

use crate::refusal;

#[test]
fn unknown_order() {
    let tree = r"== app/kustomization.yaml
resources: []
sortOptions:
  order: alphabetical
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn order_lists_without_legacy() {
    let tree = r"== app/kustomization.yaml
resources: []
sortOptions:
  order: fifo
  legacySortOptions:
    orderFirst: [Namespace]
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn openapi_version() {
    let tree = r"== app/kustomization.yaml
resources: []
openapi:
  version: v1.30.0
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn missing_openapi_file() {
    let tree = r"== app/kustomization.yaml
resources: []
openapi:
  path: schema.json
";
    assert_snapshot!(refusal(tree), @"");
}

#[test]
fn missing_crd_file() {
    let tree = r"== app/kustomization.yaml
resources: []
crds:
- crd.json
";
    assert_snapshot!(refusal(tree), @"");
}
