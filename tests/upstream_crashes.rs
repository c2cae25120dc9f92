//! Inputs on which upstream's program dies without a message to share: here they are errors.
//!
//! Those that it dies on with a message are golden cases (`crash` in their notes).

use kustom::{Builder, ErrorKind, MemoryFs};

/// Builds `/app` from files in it and returns the kind and the text of the error.
fn refused(files: &[(&str, &str)]) -> (ErrorKind, String) {
    let mut fs = MemoryFs::new();
    for (path, text) in files {
        fs.insert(format!("/app/{path}"), *text);
    }
    let error = Builder::new().file_system(fs).build("/app").expect_err("it is refused");
    (error.kind(), error.message().to_owned())
}

#[test]
fn a_type_of_a_crds_file_that_refers_to_itself() {
    let types = r##"{
        "v1.A": {"Schema": {"properties": {
            "apiVersion": {}, "kind": {}, "metadata": {}, "spec": {"$ref": "v1.B"}}}},
        "v1.B": {"Schema": {"properties": {"b": {"$ref": "v1.B"}}}}
    }"##;
    let (kind, message) =
        refused(&[("kustomization.yaml", "crds: [types.json]\n"), ("types.json", types)]);
    assert_eq!(kind, ErrorKind::Cycle);
    assert!(message.contains("type 'v1.B' of a crds file refers to itself"), "{message}");
}

#[test]
fn a_null_among_the_targets_of_a_replacement() {
    let text = "resources: []\nreplacements: [{source: {kind: Foo}, targets: [null]}]\n";
    let (kind, message) = refused(&[("kustomization.yaml", text)]);
    assert_eq!(kind, ErrorKind::Kustomization);
    assert!(message.contains("an element of the list is null"), "{message}");
}

#[test]
fn a_null_in_a_list_that_a_json_patch_tests() {
    let kustomization = "resources: [r.yaml]\npatches: [{target: {kind: Foo}, path: p.json}]\n";
    let patch = r#"[{"op": "test", "path": "/spec/l", "value": [null]}]"#;
    let resource = "{apiVersion: v1, kind: Foo, metadata: {name: a}, spec: {l: [null]}}\n";
    let (kind, message) =
        refused(&[("kustomization.yaml", kustomization), ("p.json", patch), ("r.yaml", resource)]);
    assert_eq!(kind, ErrorKind::Patch);
    assert!(message.contains("testing value /spec/l failed"), "{message}");
}
