//! Mistakes in options of the build.

use insta::assert_snapshot;

use crate::{refusal, refusal_of};

#[test]
fn unknown_order() {
    let tree = r"== app/kustomization.yaml
resources: []
sortOptions:
  order: alphabetical
";
    assert_snapshot!(refusal(tree), @"app/kustomization.yaml:3:3: sortOptions.order: the field 'sortOptions.order' must be one of [fifo, legacy]");
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
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:3:3: sortOptions.order: the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'
      hint: write `order: legacy`, or leave the lists out
    ");
}

#[test]
fn openapi_version() {
    let tree = r"== app/kustomization.yaml
resources: []
openapi:
  version: v1.30.0
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:1: openapi: the specified OpenAPI version is not built in
      hint: the only one is v1.21.2
    ");
}

#[test]
fn missing_openapi_file() {
    let tree = r"== app/kustomization.yaml
resources: []
openapi:
  path: schema.json
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:2:1: openapi: evalsymlink failure on '/app/schema.json' : lstat /app/schema.json: no such file or directory
      hint: a path counts from the folder of the file that names it
    ");
}

#[test]
fn missing_crd_file() {
    let tree = r"== app/kustomization.yaml
resources: []
crds:
- crd.json
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:3:3: crds: evalsymlink failure on '/app/crd.json' : lstat /app/crd.json: no such file or directory
      hint: a path counts from the folder of the file that names it
    ");
}

#[test]
fn too_deep() {
    let deep = "[".repeat(300) + &"]".repeat(300);
    let map = "apiVersion: v1\nkind: Foo\nmetadata: {name: a}\nspec: ";
    let tree =
        format!("== app/kustomization.yaml\nresources:\n- a.yaml\n== app/a.yaml\n{map}{deep}\n");
    let mut limits = kustom::Limits::default();
    limits.nesting = 50;
    assert_snapshot!(refusal_of(kustom::Builder::new().limits(limits), &tree), @"
    app/a.yaml:4:57: resources[0]: accumulating resources from 'a.yaml': MalformedYAMLError: yaml: line 4: exceeded max depth of 50 in File: a.yaml
      in app/kustomization.yaml
    ");
}
