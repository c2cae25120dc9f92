//! Changes as a reviewer meets them: each folder in `testdata/reviews` has a tree `before` and a tree `after`, and
//! the commands that are run on the change, one a line of `commands`. Without `after`, git checks out what is before;
//! `ignored` has files that git does not know; `checked-out` names the folders of a sparse checkout.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::diff::{Repo, copy};
use crate::{kustom, testdata};

/// What is run where a case does not say it.
const COMMANDS: &str = "diff --fail-on danger\n";

#[test]
fn changes_are_told_as_they_are() {
    let mut cases: Vec<_> = fs::read_dir(testdata().join("reviews"))
        .expect("cases")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    cases.sort();
    for case in cases {
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("review.{name}"), answers(&case));
        });
    }
}

/// Commits the tree before, puts that after in its place, and returns what the commands say.
fn answers(case: &Path) -> String {
    let repo = Repo { folder: tempfile::tempdir().expect("a folder") };
    repo.git(&["init", "-q", "-b", "main"]);
    let take = |tree: &str| {
        copy(&case.join(tree), repo.path());
        // With a dot in front, they would count where the cases lie.
        for name in ["gitattributes", "gitignore"] {
            _ = fs::rename(repo.path().join(name), repo.path().join(format!(".{name}")));
        }
    };
    take("before");
    repo.commit();
    if let Ok(folders) = fs::read_to_string(case.join("checked-out")) {
        repo.git(&[&["sparse-checkout", "set"], &*folders.split(' ').collect::<Vec<_>>()].concat());
    }
    for entry in fs::read_dir(repo.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            _ if path.ends_with(".git") => {}
            true => fs::remove_dir_all(path).expect("a folder"),
            false => fs::remove_file(path).expect("a file"),
        }
    }
    match case.join("after").is_dir() {
        true => take("after"),
        false => drop(repo.git(&["checkout", "-q", "--", "."])),
    }
    if case.join("ignored").is_dir() {
        take("ignored");
    }
    let commands = fs::read_to_string(case.join("commands")).unwrap_or(COMMANDS.to_owned());
    let real = repo.path().canonicalize().expect("a folder");
    let mut said = String::new();
    for command in commands.lines() {
        let ran = kustom(repo.path(), &command.split(' ').collect::<Vec<_>>());
        let code = ran.code.expect("an exit code");
        let text = format!("$ kustom {command}\n{}{}[exit code {code}]\n\n", ran.out, ran.err);
        let text = text.replace(&*real.to_string_lossy(), "[REPO]");
        let _ = said.write_str(&text);
    }
    said
}
