//! What is said about the mistakes that people make most. The cases are data: `testdata/hints/ID.txt` or
//! `ID--WHAT.txt` is a tree that is refused, and whose hint has this identifier.
//!
//! A case whose first line is `$ ARGS` is run by the program, in `cli/tests/program/hints.rs`.
//!
//! What is said of each stands in `tests/snapshots`; set `INSTA_UPDATE=always` to write it anew.

#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods)] // a test

use std::collections::BTreeSet;
use std::path::Path;

use insta::assert_snapshot;
use kustom::{Builder, Error, MemoryFs, Reorder, WarningFilter, diff};

/// Hints that no tree of files alone can bring, and that have a test of their own.
const ELSEWHERE: [&str; 22] = [
    // In `tests/limits.rs`.
    "limit-of-call",
    // In `tests/vendor_remote.rs`.
    "lock-of-stranger",
    // Below.
    "link-to-outside",
    "near-target",
    "unknown-warning",
    "unknown-name",
    "ignore-rule",
    // In `tests/functions.rs`.
    "mismatched-annotations",
    // In `tests/chart_values.rs`.
    "absolute-further-values",
    // In `cli/tests/program/elsewhere_messages.rs`.
    "address-as-further-values",
    // In `tests/vendor.rs`.
    "changed-elsewhere",
    "chart-beside-lock",
    "copy-for-git",
    "lock-out-of-reach",
    // In `cli/tests/program/remote.rs`.
    "local-address-elsewhere",
    "not-fetched",
    "outside-of-fetched",
    // In `cli/tests/program/vendor_safety.rs`.
    "copy-behind-link",
    // In `cli/tests/program/localize.rs`.
    "localize-configured",
    "localize-same-place",
    "localize-scope",
    "localize-without-ref",
];

/// Builds a tree, in which a line `== PATH` starts a file and `\xf6` is that byte.
fn refusal(tree: &str) -> Error {
    let mut files = MemoryFs::new();
    let mut target = None;
    for part in tree.split("== ").filter(|part| !part.is_empty()) {
        let (path, content) = part.split_once('\n').unwrap();
        target.get_or_insert(path.rsplit_once('/').map_or(".", |(folder, _)| folder));
        let mut bytes = Vec::new();
        for (i, piece) in content.split("\\xf6").enumerate() {
            if i > 0 {
                bytes.push(0xf6);
            }
            bytes.extend_from_slice(piece.as_bytes());
        }
        files.insert(path, bytes);
    }
    match Builder::new().file_system(files).build(target.unwrap()) {
        Ok(build) => panic!("this was built:\n{build}\n{tree}"),
        Err(error) => error,
    }
}

#[test]
fn every_hint_has_a_case_that_brings_it() {
    let folder = Path::new("testdata/hints").read_dir().unwrap();
    let mut cases: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut brought = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in cases {
        let name = case.file_stem().unwrap().to_str().unwrap().to_owned();
        let id = name.split("--").next().unwrap();
        let tree = std::fs::read_to_string(&case).unwrap();
        if tree.starts_with("$ ") {
            brought.insert(id.to_owned());
            continue;
        }
        let error = refusal(&tree);
        if error.hint_id() != Some(id) {
            wrong.push(format!("{name} brings {:?}: {error}", error.hint_id()));
        }
        brought.insert(id.to_owned());
        assert_snapshot!(name, error);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    for hint in kustom::hints().filter(|hint| !ELSEWHERE.contains(&hint.id)) {
        assert!(brought.contains(hint.id), "{} has no case", hint.id);
    }
    let all: BTreeSet<&str> = kustom::hints().map(|hint| hint.id).collect();
    for id in brought.iter().map(String::as_str).chain(ELSEWHERE) {
        assert!(all.contains(id), "there is no {id}");
    }
}

#[test]
fn words_that_are_unknown_are_followed_by_those_that_are() {
    let hint_of = |error: Error| (error.hint_id(), error.hint_text().unwrap().to_owned());
    let unknown = "unused-imge".parse::<WarningFilter>().unwrap_err();
    assert_eq!(hint_of(unknown), (Some("unknown-warning"), "did you mean `unused-image`?".into()));
    let unknown = "fifo".parse::<Reorder>().unwrap_err();
    assert_eq!(
        hint_of(unknown),
        (Some("unknown-name"), "it is one of unspecified, legacy, none".into())
    );
    let rule = "Deployment:".parse::<diff::Ignore>().unwrap_err();
    assert_eq!(hint_of(rule).0, Some("ignore-rule"));
}

#[test]
fn a_misspelled_target_is_suggested_with_its_folder() {
    let mut files = MemoryFs::new();
    files.insert("overlays/prod/kustomization.yaml", "namePrefix: a-\n");
    let error = Builder::new().file_system(files).build("overlays/prd").unwrap_err();
    assert_eq!(error.hint_id(), Some("near-target"));
    assert_eq!(error.hint_text(), Some("did you mean `overlays/prod`?"));
}

#[cfg(unix)]
#[test]
fn a_link_to_the_outside_is_seen_through() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hints-link");
    _ = std::fs::remove_dir_all(&root);
    std::fs::create_dir_all(root.join("app")).unwrap();
    std::fs::create_dir_all(root.join("shared")).unwrap();
    std::fs::write(root.join("shared/conf.yaml"), "a: b\n").unwrap();
    let generator = "configMapGenerator: [{name: c, files: [conf.yaml]}]\n";
    std::fs::write(root.join("app/kustomization.yaml"), generator).unwrap();
    std::os::unix::fs::symlink("../shared/conf.yaml", root.join("app/conf.yaml")).unwrap();
    let error = kustom::build(root.join("app")).unwrap_err();
    assert_eq!(error.hint_id(), Some("link-to-outside"));
    assert!(error.hint_text().unwrap().contains("shared/conf.yaml"), "{error}");
}

#[test]
fn every_hint_is_documented() {
    let mut page = String::from(
        "# Hints\n\n\
         Mistakes that are recognized, and what to do about each. An error names the file, the line and the \
         cause; its hint is more exact than what stands here. `--error-format json` has the identifier as \
         `hint_id`.\nThis page is made from the tables in `src/mistakes` and `src/diagnostics/hints`.\n",
    );
    for hint in kustom::hints() {
        page += &format!(
            "\n## {}\n\n{}\n\n```yaml\n{}\n```\n\n{}\n",
            hint.id, hint.looks_at, hint.example, hint.remedy
        );
    }
    let path = "docs/hints.md";
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(path, &page).unwrap();
    }
    let there = std::fs::read_to_string(path).unwrap();
    assert!(
        there == page,
        "{path} is not made from the table; set INSTA_UPDATE=always to write it"
    );
}
