//! Differences that would take too much.

use std::path::PathBuf;

use super::{folder, kustom, write};

/// Returns a folder with two kustomizations whose patch gives many objects other values, `names` in front of their names.
fn much(test: &str, keys: usize, objects: usize, names: [&str; 2]) -> PathBuf {
    let top = folder(test, &[]);
    for (side, (value, name)) in ["before", "after"].iter().zip(["v", "u"].iter().zip(names)) {
        let map =
            |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n");
        let data: String = (0..keys).map(|i| format!("  k{i}: {value}\n")).collect();
        let all: Vec<String> = (0..objects).map(|i| map(&format!("{name}{i}"))).collect();
        let patch = "resources: [r.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]\n";
        write(&top, &format!("{side}/kustomization.yaml"), patch);
        write(&top, &format!("{side}/p.yaml"), &format!("{}data:\n{data}", map("x")));
        write(&top, &format!("{side}/r.yaml"), &all.join("---\n"));
    }
    top
}

#[test]
fn too_many_differences_are_an_error_in_each_format() {
    let top = much("diff-limits", 300, 300, ["a", "a"]);
    for format in ["text", "unified", "markdown", "json", "html"] {
        let args = ["diff", "before", "after", "--limits", "untrusted", "--format", format];
        let ran = kustom(&top, &args);
        assert_eq!(ran.code, Some(2), "{format}: {}", ran.err);
        let all = ran.out + &ran.err;
        assert!(all.contains("diff_bytes") && all.contains("--limits none"), "{format}: {all}");
        assert!(!all.contains("no differences") && all.len() < 20_000, "{format}: {all}");
    }
    let args = ["diff", "before", "after", "--limits", "none"];
    let ran = kustom(&top, &args);
    assert_eq!((ran.code, ran.out.matches("  data.k").count()), (Some(1), 300 * 300));
}

#[test]
fn objects_that_are_many_are_told_from_what_was_rendered() {
    let top = much("diff-limits-added", 300, 200, ["a", "b"]);
    for format in ["text", "unified", "markdown", "json", "html"] {
        let args = ["diff", "before", "after", "--format", format];
        let whole = kustom(&top, &args);
        let few = kustom(&top, &[&args[..], &["--limits", "untrusted"]].concat());
        assert_eq!((few.code, few.out == whole.out), (Some(1), true), "{format}: {}", few.err);
    }
}
