//! What a kustomization builds, in the place of a file.

use kustom::{Builder, Limits, MemoryFs};
use kustom_apps::{Preview, Repository};

#[test]
fn what_kustomizations_build_counts_together() {
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{a: {}}}\n",
        "x".repeat(500)
    );
    let mut files = MemoryFs::new();
    for name in ["a", "b"] {
        files.insert(format!("/repo/{name}/map.yaml"), map.as_str());
        files.insert(format!("/repo/{name}/kustomization.yaml"), "resources: [map.yaml]\n");
    }
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let mut limits = Limits::default();
    limits.output_bytes = 1000;
    let builder = Builder::new().limits(limits);
    let mut preview = Preview::default();
    preview.add_kustomization("/repo/a".as_ref(), &builder, &repository, &[]);
    assert!(preview.problems.is_empty(), "{:?}", preview.problems);
    preview.add_kustomization("/repo/b".as_ref(), &builder, &repository, &[]);
    let said: Vec<String> = preview.problems.iter().map(ToString::to_string).collect();
    let wanted = "/repo/b/kustomization.yaml: the Applications and values that all kustomizations build take more bytes \
                  than 1000 (limit `output_bytes`)";
    assert!(said.len() == 1 && said[0].starts_with(wanted), "{said:?}");
}
