//! Laws that hold for every input.

use kustom::{Builder, MemoryFs, Result};
use proptest::prelude::*;

/// Builds `/` from files.
fn build(files: &[(&str, &[u8])]) -> Result<String> {
    let mut fs = MemoryFs::new();
    for (path, content) in files {
        fs.insert(path, *content);
    }
    Builder::new().file_system(fs).build("/").map(|build| build.to_string())
}

fn render(resources: &str) -> Result<String> {
    build(&[("kustomization.yaml", b"resources: [r.yaml]\n"), ("r.yaml", resources.as_bytes())])
}

/// Text in which YAML and Kustomize find something to read.
fn yamlish() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&str; 40] = [
        "apiVersion: v1\n",
        "kind: ConfigMap\n",
        "metadata:\n",
        "  name: a\n",
        "data:\n",
        "  k: v\n",
        "resources:\n",
        "- r.yaml\n",
        "- .\n",
        "patches:\n",
        "- patch: |-\n",
        "    - op: add\n",
        "      path: /a/b\n",
        "  target: {}\n",
        "namePrefix: p-\n",
        "images:\n",
        "- name: (\n",
        "replacements:\n",
        "- source: {kind: X}\n",
        "  targets: []\n",
        "vars:\n",
        "---\n",
        "...\n",
        "{",
        "}",
        "[",
        "]",
        ": ",
        "- ",
        "|",
        ">",
        "\t",
        "&a ",
        "*a",
        "<<: ",
        "\"",
        "'",
        "\u{feff}",
        "\u{85}",
        "!!binary ",
    ];
    let piece = prop_oneof![
        8 => prop::sample::select(&PIECES[..]).prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// A value that a config map may hold, as JSON.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "[ -~é\n]{0,40}".prop_map(Into::into),
        prop::sample::select(vec!["yes", "0x10", "1e3", "~", "2001-01-01", "- a", "a: b", "#"])
            .prop_map(Into::into),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("[a-zA-Z0-9 ._/-]{1,12}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_input_panics(kustomization in yamlish(), resource in yamlish(), patch in yamlish()) {
        let _ = build(&[("kustomization.yaml", &kustomization), ("r.yaml", &resource)]);
        let _ = build(&[
            ("kustomization.yaml", b"resources: [r.yaml]\npatches: [{path: p.yaml, target: {}}]\n"),
            ("r.yaml", &resource),
            ("p.yaml", &patch),
        ]);
    }

    #[test]
    fn output_is_a_fixed_point(spec in value()) {
        let object = serde_json::json!({
            "apiVersion": "example.com/v1", "kind": "Foo", "metadata": {"name": "a"}, "spec": spec,
        });
        let once = render(&object.to_string()).unwrap();
        prop_assert_eq!(&render(&once).unwrap(), &once);
        // An independent reader finds the same value in it.
        let read: serde_json::Value = serde_yaml::from_str(&once).unwrap();
        prop_assert_eq!(read, object);
    }

    #[test]
    fn legacy_order_forgets_the_order_of_the_files(
        names in prop::collection::btree_set("[a-z]{1,3}", 1..8),
        seed in any::<u64>(),
    ) {
        const KINDS: [&str; 4] = ["Namespace", "Service", "ConfigMap", "Foo"];
        let mut documents: Vec<String> = names
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let kind = KINDS[i % KINDS.len()];
                format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n")
            })
            .collect();
        let sorted = render(&documents.join("---\n")).unwrap();
        let turn = seed as usize % documents.len();
        documents.rotate_left(turn);
        documents.reverse();
        prop_assert_eq!(render(&documents.join("---\n")).unwrap(), sorted);
    }
}

#[test]
fn builds_may_run_at_the_same_time() {
    fn shareable<T: Send + Sync>() {}
    shareable::<Builder>();
    shareable::<kustom::Build>();
    shareable::<kustom::Error>();
}
