//! A repository may be a stranger's: it starts nothing, leads nowhere else, and nobody waits for what lies in it.
#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::apps::{committed, git};
use super::{Ran, config_map, folder, kustom, program, write};

/// The commands that ask git about a work tree.
const ASKING: [&[&str]; 5] = [
    &["affected", "--from", "HEAD"],
    &["deps", ".", "--affected", "--from", "HEAD", "--format", "dot"],
    &["build", "app", "--affected", "--from", "HEAD"],
    &["lint", "."],
    &["diff", "--from", "HEAD"],
];

fn repository(test: &str, more: &[(&str, &str)]) -> PathBuf {
    let map = config_map("a");
    let files = [("app/kustomization.yaml", "resources: [r.yaml]\n"), ("app/r.yaml", &*map)];
    committed(test, &[&files, more].concat())
}

fn change(dir: &Path) {
    write(dir, "app/r.yaml", &format!("{}# changed\n", config_map("a")));
}

#[test]
fn no_filter_of_a_repository_runs() {
    for (name, key) in
        [("x", "clean"), ("x", "process"), ("x", "smudge"), ("", "clean"), ("a b.c", "clean")]
    {
        let attributes = format!("* filter={name}\n\"app/r.yaml\" filter={name}\n");
        let dir = repository("safety-git-filter", &[(".gitattributes", &attributes)]);
        let mark = dir.join(".git/mark");
        let section = format!("filter.{name}.{key}");
        git(&dir, &["config", &section, &format!("touch {}; cat", mark.display())]);
        git(&dir, &["config", &format!("filter.{name}.required"), "true"]);
        change(&dir);
        for words in ASKING {
            let ran = kustom(&dir, words);
            assert!(!mark.exists(), "{section} {words:?}");
            if words[0] == "affected" {
                assert_eq!(ran.good(), "app\n", "{section}");
            }
        }
    }
    // What cannot be left out is refused.
    let dir = repository("safety-git-filter", &[(".gitattributes", "* filter=a=b\n")]);
    let mark = dir.join(".git/mark");
    git(&dir, &["config", "filter.a=b.clean", &format!("touch {}; cat", mark.display())]);
    change(&dir);
    let ran = kustom(&dir, &["affected", "--from", "HEAD"]);
    assert!(ran.code == Some(1) && ran.err.contains("filter.a=b.clean"), "{}", ran.err);
    assert!(!mark.exists());
}

#[test]
fn no_filter_of_a_submodule_runs() {
    let inner = repository("safety-git-inner", &[(".gitattributes", "* filter=x\n")]);
    let dir = repository("safety-git-outer", &[]);
    let add = ["-c", "protocol.file.allow=always", "submodule", "add", "-q"];
    git(&dir, &[&add[..], &[inner.to_str().unwrap(), "sub"]].concat());
    git(&dir, &["commit", "-qm", "two"]);
    let mark = dir.join(".git/mark");
    write(&dir, "top/kustomization.yaml", "resources: [../sub/app]\n");
    git(&dir, &["add", "-A"]);
    git(&dir, &["commit", "-qm", "three"]);
    git(&dir.join("sub"), &["config", "filter.x.clean", &format!("touch {}; cat", mark.display())]);
    assert_eq!(kustom(&dir, &["affected", "--from", "HEAD"]).good(), "");
    // As in a hook: the index of the one is not that of the other.
    let mut command = program(&dir, &["affected", "--from", "HEAD"]);
    let ran: Ran = command.env("GIT_INDEX_FILE", ".git/index").output().expect("it runs").into();
    assert_eq!(ran.good(), "");
    change(&dir.join("sub"));
    for words in ASKING {
        kustom(&dir, words);
        assert!(!mark.exists(), "{words:?}");
    }
    assert_eq!(kustom(&dir, &["affected", "--from", "HEAD"]).good(), "top\n");
}

#[test]
fn files_that_filters_convert_are_changed_only_if_they_are() {
    let dir =
        repository("safety-git-honest", &[(".gitattributes", "*.yaml filter=upper eol=crlf\n")]);
    git(&dir, &["config", "filter.upper.clean", "tr b-z B-Z"]);
    git(&dir, &["config", "filter.upper.smudge", "tr B-Z b-z"]);
    // Git takes what is as old as its index for changed perhaps, and looks into it.
    let affected = || kustom(&dir, &["affected", "--from", "HEAD"]).good();
    fs::remove_file(dir.join("app/r.yaml")).unwrap();
    git(&dir, &["checkout", "--", "app/r.yaml"]);
    git(&dir, &["add", "--renormalize", "."]);
    git(&dir, &["commit", "-qm", "two"]);
    std::thread::sleep(std::time::Duration::from_millis(20));
    write(&dir, "README", "");
    git(&dir, &["add", "README"]);
    git(&dir, &["commit", "-qm", "three"]);
    assert_eq!(affected(), "");
    change(&dir);
    assert_eq!(affected(), "app\n");
}

#[test]
fn a_partial_clone_fetches_nothing() {
    let dir = repository("safety-git-partial", &[]);
    let tree = Command::new("git").current_dir(&dir).args(["rev-parse", "HEAD:app"]).output();
    let tree = String::from_utf8(tree.unwrap().stdout).unwrap();
    change(&dir);
    git(&dir, &["commit", "-qam", "two"]);
    let (folder, file) = tree.trim().split_at(2);
    fs::remove_file(dir.join(".git/objects").join(folder).join(file)).unwrap();
    let mark = dir.join(".git/mark");
    let upload = format!("touch {};", mark.display());
    for (key, value) in [
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", "/nowhere"),
        ("remote.origin.uploadpack", upload.as_str()),
        ("protocol.file.allow", "always"),
    ] {
        git(&dir, &["config", key, value]);
    }
    let ran = kustom(&dir, &["affected", "--from", "HEAD~1"]);
    assert!(!mark.exists() && ran.code == Some(1), "{} {}", ran.out, ran.err);
    assert!(ran.err.contains("--refetch --no-filter"), "{}", ran.err);
}

#[test]
fn pipes_in_a_repository_are_not_waited_for() {
    let dir = repository("safety-git-pipes", &[]);
    let main = fs::read_to_string(dir.join(".git/config")).unwrap();
    write(&dir, "apps.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\n");
    for (pipe, config) in [
        (".git/objects/info/commit-graph", ""),
        (".git/objects/info/commit-graphs/commit-graph-chain", ""),
        (".git/objects/pack/pack-a.pack", ""),
        (".git/objects/pack/pack-a.idx", ""),
        (".git/objects/pack/multi-pack-index", ""),
        (".git/refs/remotes/origin/main", ""),
        (".git/logs/HEAD", ""),
        (".gitmodules", ""),
        ("pipe", "[include]\n\tpath = ../pipe\n"),
        ("pipe", "[includeIf \"gitdir:**\"]\n\tPATH = more\n"),
    ] {
        let path = dir.join(pipe);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        _ = fs::remove_file(&path);
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.is_ok_and(|status| status.success()), "{pipe}");
        write(&dir, ".git/more", "[include]\n\tpath = ../pipe\n");
        write(&dir, ".git/config", &format!("{main}{config}"));
        for words in ASKING.into_iter().chain([&["apps", "apps.yaml"][..]]) {
            let begin = Instant::now();
            let ran = kustom(&dir, words);
            assert!(begin.elapsed().as_secs() < 20, "{pipe} {words:?}");
            if words[0] == "affected" {
                let said = ran.err.contains("is no regular file");
                assert!(ran.code == Some(1) && said, "{pipe} {}", ran.err);
            }
        }
        fs::remove_file(&path).unwrap();
    }
    // A socket, such as that of git's own watcher, is in nobody's way.
    let _socket = std::os::unix::net::UnixListener::bind(dir.join(".git/s.ipc")).unwrap();
    write(&dir, ".git/config", &format!("{main}[include]\n\tpath = none\n"));
    change(&dir);
    assert_eq!(kustom(&dir, &["affected", "--from", "HEAD"]).good(), "app\n");
}

#[test]
fn files_to_compare_lie_in_the_root() {
    let (inside, outside) = (config_map("inside"), config_map("outside"));
    let dir = folder(
        "safety-git-operand",
        &[("root/r.yaml", inside.as_str()), ("out/r.yaml", &outside), ("root/f/a.yaml", &inside)],
    );
    let root = dir.join("root");
    symlink("../out/r.yaml", root.join("link.yaml")).unwrap();
    symlink("../../out/r.yaml", root.join("f/link.yaml")).unwrap();
    for words in [
        ["diff", "link.yaml", "--against", "r.yaml", "--root", "."],
        ["diff", "r.yaml", "--against", "link.yaml", "--root", "."],
        ["diff", "r.yaml", "--against", "../out/r.yaml", "--root", "."],
        ["diff", "f", "--against", "f", "--root", "."],
    ] {
        let ran = kustom(&root, &words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words:?}: {}", ran.err);
        assert!(ran.err.contains("out of"), "{words:?}: {}", ran.err);
    }
    kustom(&root, &["diff", "r.yaml", "--against", "f/a.yaml", "--root", "."]).good();
    let words = ["diff", "r.yaml", "--against", "-", "--root", "."];
    assert_eq!(super::kustom_with_input(&root, &words, &inside).code, Some(0));
}

#[test]
fn the_repository_lies_in_the_root_or_above_it() {
    let other = repository("safety-git-other", &[]);
    let head = Command::new("git").current_dir(&other).args(["rev-parse", "HEAD"]).output();
    let head = String::from_utf8(head.unwrap().stdout).unwrap();
    let head = head.trim();
    let here = folder("safety-git-root", &[("app/kustomization.yaml", "namePrefix: x-\n")]);
    let refused = |dir: &Path, by: &str| {
        for words in [
            &["diff", "app", "--from", head, "--root", "."][..],
            &["build", "app", "--affected", "--from", head, "--root", "."],
            &["deps", "app", "--affected", "--from", head, "--format", "dot", "--root", "."],
        ] {
            let ran = kustom(dir, words);
            let err = ran.err.replace("\n  ", " ");
            assert!(matches!(ran.code, Some(1 | 2)) && ran.out.is_empty(), "{by} {words:?}: {err}");
            assert!(err.contains(by) && err.contains("outside of --root"), "{by} {words:?}: {err}");
        }
    };
    let own = here.join(".git");
    fs::write(&own, format!("gitdir: {}\n", other.join(".git").display())).unwrap();
    refused(&here, ".git leads to");
    fs::remove_file(&own).unwrap();
    symlink(other.join(".git"), &own).unwrap();
    refused(&here, ".git leads to");
    fs::remove_file(&own).unwrap();
    git(&here, &["init", "-q", "."]);
    fs::write(
        own.join("objects/info/alternates"),
        format!("{}\n", other.join(".git/objects").display()),
    )
    .unwrap();
    refused(&here, "alternates leads to");
    fs::remove_file(own.join("objects/info/alternates")).unwrap();
    fs::write(own.join("commondir"), format!("{}\n", other.join(".git").display())).unwrap();
    refused(&here, "commondir leads to");
    fs::remove_dir_all(&own).unwrap();

    // One above is the user's own, also for a work tree below it; so is one in the root.
    change(&other);
    let below = ["diff", ".", "--from", "HEAD", "--root", "."];
    assert_eq!(kustom(&other.join("app"), &below).code, Some(0));
    assert_eq!(kustom(&other, &below).code, Some(0));
    git(&other, &["worktree", "add", "-q", "trees/one"]);
    let tree = other.join("trees/one");
    assert_eq!(kustom(&tree, &below).code, Some(0));
    let beside = folder("safety-git-tree", &[]);
    git(&other, &["worktree", "add", "-q", "../safety-git-tree"]);
    let ran = kustom(&beside, &below);
    assert!(ran.code == Some(2) && ran.err.contains("outside of --root"), "{}", ran.err);
    assert_eq!(kustom(&beside, &["diff", ".", "--from", "HEAD", "--root", ".."]).code, Some(0));
}

/// Writes an object into a repository, and returns its id.
fn object(dir: &Path, words: &[&str], content: &[u8]) -> String {
    let mut command = Command::new("git");
    command.current_dir(dir).args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("git runs");
    child.stdin.take().expect("its stdin").write_all(content).expect("it reads");
    let written = child.wait_with_output().expect("it ends");
    assert!(written.status.success(), "{words:?}");
    String::from_utf8_lossy(&written.stdout).trim().to_owned()
}

/// Returns a commit of a tree, with a message.
fn commit_of(dir: &Path, tree: &str, message: &str) -> String {
    let head =
        format!("tree {tree}\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\n{message}");
    object(dir, &["hash-object", "-t", "commit", "-w", "--stdin"], head.as_bytes())
}

#[test]
fn commits_and_ways_have_bounds() {
    let dir = repository("safety-git-bounds", &[]);
    let empty = object(&dir, &["mktree"], b"");
    let commit = commit_of(&dir, &empty, &"x".repeat(65 << 20));
    for name in [commit.clone(), format!("{commit}~0"), format!("{commit}...")] {
        let ran = kustom(&dir, &["diff", "--from", &name]);
        assert!(ran.code == Some(2) && ran.err.contains("revision '"), "{}", ran.err);
    }
    let mut tree = empty;
    for _ in 0..50 {
        let name = "n".repeat(100);
        tree = object(&dir, &["mktree"], format!("040000 tree {tree}\t{name}\n").as_bytes());
    }
    let commit = commit_of(&dir, &tree, "x");
    let ran = kustom(&dir, &["affected", "--from", "HEAD", "--to", &commit]);
    assert!(ran.code == Some(1) && ran.err.contains("4096 bytes"), "{} {}", ran.out, ran.err);
    let ran = kustom(&dir, &["diff", "--from", "HEAD", "--to", &commit]);
    assert!(ran.code == Some(1) && ran.out.contains("ConfigMap a"), "{} {}", ran.out, ran.err);
    // What is short enough takes no more for all folders above each.
    let path = "a/".repeat(1000);
    let deep = format!(
        "commit refs/heads/deep\ncommitter a <a@b> 1 +0000\ndata 1\nx\nM 100644 inline {path}f\ndata 1\nx\n"
    );
    object(&dir, &["fast-import", "--quiet"], deep.as_bytes());
    let begin = Instant::now();
    assert_eq!(kustom(&dir, &["affected", "--from", "HEAD", "--to", "deep"]).code, Some(0));
    assert!(begin.elapsed().as_secs() < 5);
}
