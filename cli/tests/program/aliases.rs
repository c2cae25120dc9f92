//! What the aliases of all documents and files of a command stand for is limited, not only that of each.

use super::{folder, kustom, write};

/// Returns documents of which each stands for some 60,000 values in a hundred bytes.
fn documents(count: usize, kind: &str) -> String {
    let mut one = format!(
        "apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\na: &a [x,x,x,x,x,x,x,x,x,x]\n"
    );
    for (name, of) in [("b", "a"), ("c", "b"), ("d", "c"), ("e", "d")] {
        one += &format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 9].join(","));
    }
    vec![one; count].join("---\n")
}

const TOO_MANY: [&str; 2] = ["aliases stand for more than", "more bytes than"];

#[test]
fn aliases_of_many_documents_are_refused() {
    let all = documents(40, "ConfigMap");
    let files = [("many.yaml", &*all), ("root/kustomization.yaml", "resources: []\n")];
    let dir = folder("aliases-documents", &files);
    for args in [
        &["apps", "many.yaml"][..],
        &["apps", "lint", "many.yaml"],
        &["apps", "render", "many.yaml"],
        &["apps", "--clusters", "many.yaml", "many.yaml"],
        &["diff", "many.yaml", "many.yaml"],
        &["diff", "--live", "many.yaml", "root"],
    ] {
        let ran = kustom(&dir, args);
        assert!(TOO_MANY.iter().any(|words| ran.err.contains(words)), "{args:?}: {}", ran.err);
    }
}

#[test]
fn aliases_of_many_files_are_refused() {
    let dir = folder("aliases-files", &[("root/kustomization.yaml", "resources: []\n")]);
    for i in 0..40 {
        write(&dir, &format!("many/{i}.yaml"), &documents(1, "ConfigMap"));
        write(
            &dir,
            &format!("few/{i}.yaml"),
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
        );
    }
    for args in
        [&["apps", "many/*.yaml"][..], &["apps", "lint", "many/*.yaml"], &["diff", "few", "many"]]
    {
        let ran = kustom(&dir, args);
        assert!(TOO_MANY.iter().any(|words| ran.err.contains(words)), "{args:?}: {}", ran.err);
    }
    // One of them alone is read.
    let ran = kustom(&dir, &["diff", "many/1.yaml", "many/2.yaml"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
}
