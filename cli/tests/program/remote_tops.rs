//! Bases at the top of a repository: what is above them is nobody's.
#![cfg(unix)]

use std::path::PathBuf;

use crate::elsewhere::Elsewhere;
use crate::{config_map, folder, write};

/// Returns repositories whose top is a base, and the directory of one that uses it, with two commits.
fn using(test: &str) -> (Elsewhere, PathBuf) {
    let elsewhere = Elsewhere::new(test);
    for (tag, name) in [("v1", "one"), ("v2", "two")] {
        let map = config_map(name);
        let files = [("kustomization.yaml", "resources: [map.yaml]\n"), ("map.yaml", &*map)];
        elsewhere.commit("acme/top", tag, &files);
    }
    let bare = elsewhere.top.join("bare/acme");
    std::os::unix::fs::symlink("top", bare.join("top.git")).expect("a link");
    let top = folder(test, &[]);
    for (directory, url) in [
        ("plain", "https://github.com/acme/top?ref=v1"),
        ("slashes", "https://github.com/acme/top//?ref=v1"),
        ("dot", "https://github.com/acme/top//.?ref=v1"),
        ("suffix", "https://github.com/acme/top.git?ref=v1"),
        ("short", "github.com/acme/top?ref=v1"),
    ] {
        write(&top, &format!("{directory}/kustomization.yaml"), &format!("resources: ['{url}']\n"));
    }
    write(&top, ".gitignore", ".kustom\n");
    elsewhere.git(&top, &["init", "--quiet", "--initial-branch=main"]);
    elsewhere.git(&top, &["add", "--all"]);
    elsewhere.git(&top, &["commit", "--quiet", "-m", "a"]);
    for directory in ["plain", "slashes", "dot", "suffix", "short"] {
        let path = format!("{directory}/kustomization.yaml");
        let text = std::fs::read_to_string(top.join(&path)).expect("a file");
        write(&top, &path, &text.replace("v1", "v2"));
    }
    elsewhere.git(&top, &["commit", "--quiet", "--all", "-m", "b"]);
    (elsewhere, top)
}

#[test]
fn are_rendered_from_revisions() {
    let (elsewhere, top) = using("remote-tops");
    let revisions = ["--from", "HEAD~1", "--to", "HEAD", "--allow-remote"];
    let run = |args: &[&str]| elsewhere.kustom(&top, &[args, &revisions].concat());
    let diff = run(&["diff", "."]);
    assert!(diff.out.ends_with("in 5 of 5 roots\n") && diff.err.is_empty(), "{diff:?}");
    let built = run(&["build", "--affected"]).good();
    assert_eq!(built.matches("name: two").count(), 5, "{built}");
    assert_eq!(run(&["affected"]).good(), "dot\nplain\nshort\nslashes\nsuffix\n");
}

#[test]
fn are_rendered_from_revisions_with_a_lock_and_no_copies() {
    let (elsewhere, top) = using("remote-tops-locked");
    elsewhere.kustom(&top, &["vendor", "--allow-remote"]).good();
    elsewhere.git(&top, &["add", "--all"]);
    elsewhere.git(&top, &["commit", "--quiet", "-m", "c"]);
    std::fs::remove_dir_all(top.join(".kustom")).expect("copies");
    let args = ["diff", "plain", "suffix", "--from", "HEAD~1", "--to", "HEAD", "--allow-remote"];
    assert_eq!(elsewhere.kustom(&top, &args).good(), "no differences in 2 roots\n");
}

#[test]
fn deps_names_no_temporary_folder() {
    let (elsewhere, top) = using("remote-tops-deps");
    // Nothing of the machine is shown where a tree leads out of itself either.
    let above = "-> ..";
    for (name, entry, files) in [
        ("up", "../map.yaml", [("map.yaml", "")]),
        ("out", "..", [("map.yaml", "")]),
        ("link", "link", [("link", above)]),
        ("below", "link/map.yaml", [("link", above)]),
    ] {
        let text = format!("resources: ['{entry}']\n");
        elsewhere.commit(&format!("acme/{name}"), "v1", &[("kustomization.yaml", &text), files[0]]);
        let text = format!("resources: ['github.com/acme/{name}?ref=v1']\n");
        write(&top, &format!("bad/{name}/kustomization.yaml"), &text);
    }
    let temporary = elsewhere.top.join("tmp").display().to_string();
    for (root, code) in [
        ("plain", 0),
        ("slashes", 0),
        ("suffix", 0),
        ("bad/up", 1),
        ("bad/out", 1),
        ("bad/link", 1),
        ("bad/below", 1),
        ("https://github.com/acme/top?ref=v1", 0),
    ] {
        for format in ["text", "files", "json", "make"] {
            let args = ["deps", root, "--allow-remote", "--format", format, "--target=x"];
            let ran = elsewhere.kustom(&top, &args);
            assert_eq!(ran.code, Some(code), "{root}: {}", ran.err);
            let said = format!("{}{}", ran.out, ran.err);
            assert!(!said.contains(&temporary) && !said.contains("tree-"), "{root}: {said}");
        }
    }
    let listed = elsewhere.kustom(&top, &["deps", "plain", "--allow-remote"]).good();
    assert!(listed.contains("remote    https://github.com/acme/top?ref=v2 ("), "{listed}");
}
