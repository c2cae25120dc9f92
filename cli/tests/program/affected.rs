//! `kustom affected`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{config_map, folder, kustom, kustom_with_input, program, write};

fn tree(test: &str) -> PathBuf {
    let on = |base: &str| format!("resources: [../../{base}]\n");
    let component =
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: c-\n";
    folder(
        test,
        &[
            ("apps/a/base/kustomization.yaml", "resources: [map.yaml]\n"),
            ("apps/a/base/map.yaml", &config_map("a")),
            ("apps/a/prod/kustomization.yaml", &on("a/base")),
            ("apps/b/base/kustomization.yaml", "resources: [map.yaml]\n"),
            ("apps/b/base/map.yaml", &config_map("b")),
            ("apps/b/prod/kustomization.yaml", &(on("b/base") + "components: [../../part]\n")),
            ("apps/part/kustomization.yaml", component),
            ("apps/waits/kustomization.yaml", "resources: [later.yaml]\n"),
            ("README.md", "hello\n"),
        ],
    )
}

pub(super) fn git(dir: &Path, args: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"])
        .args(args)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_list_of_changes_is_followed_to_the_roots() {
    let dir = tree("affected-list");
    let affected = |changed: &str, more: &[&str]| {
        kustom_with_input(&dir, &[&["affected", "--changed", "-"], more].concat(), changed).good()
    };
    assert_eq!(affected("apps/a/base/map.yaml\n", &[]), "apps/a/base\napps/a/prod\n");
    assert_eq!(affected("apps/a/base/map.yaml\0", &["--top-level"]), "apps/a/prod\n");
    assert_eq!(affected("apps/part/kustomization.yaml\n", &["apps"]), "apps/b/prod\n");
    assert_eq!(affected("apps/waits/later.yaml\n", &[]), "apps/waits\n");
    assert_eq!(affected("apps/a/prod/kustomization.yml\n", &[]), "apps/a/prod\n");
    assert_eq!(affected("README.md\nnowhere/at/all\n", &[]), "");
    assert_eq!(affected("", &[]), "");
    let absolute = dir.join("apps/b/base/../base/map.yaml");
    assert_eq!(
        affected(&format!("{}\r\n", absolute.display()), &["apps/b"]),
        "apps/b/base\napps/b/prod\n"
    );
}

#[test]
fn git_tells_what_changed() {
    let dir = tree("affected-git");
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-q", "-m", "one"]);
    let since = |rev: &str| kustom(&dir, &["affected", "--since", rev, "apps"]);
    assert_eq!(since("HEAD").good(), "");

    // A new file that nobody has added yet.
    write(&dir, "apps/waits/later.yaml", &config_map("l"));
    assert_eq!(since("HEAD").good(), "apps/waits\n");
    // From a directory inside of the repository.
    let ran = kustom(&dir.join("apps"), &["affected", "--since", "HEAD", "waits"]);
    assert_eq!(ran.good(), "waits\n");

    // The branch changes one thing, main another one.
    git(&dir, &["checkout", "-q", "-b", "topic"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-q", "-m", "two"]);
    git(&dir, &["checkout", "-q", "main"]);
    write(&dir, "apps/a/base/map.yaml", &config_map("changed"));
    git(&dir, &["commit", "-q", "-a", "-m", "three"]);
    git(&dir, &["checkout", "-q", "topic"]);
    assert_eq!(since("main").good(), "apps/a/base\napps/a/prod\napps/waits\n");
    assert_eq!(since("main...").good(), "apps/waits\n");

    // A base moves away, and what was built on it is refused now.
    fs::rename(dir.join("apps/b/base"), dir.join("apps/b/moved")).unwrap();
    let ran = since("HEAD");
    assert_eq!(ran.out, "apps/b/moved\napps/b/prod\n");
    // It was no root, so none is gone.
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    fs::remove_dir_all(dir.join("apps/waits")).unwrap();
    let ran = since("HEAD");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), "removed: apps/waits\n"));
    let json = kustom(&dir, &["affected", "--since", "HEAD", "apps", "--format", "json"]).good();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["removed"], serde_json::json!(["apps/waits"]));
    assert_eq!(json["affected"][1]["directory"], "apps/b/prod");
    assert_eq!(json["affected"][1]["because"][0], "apps/b/base/kustomization.yaml");
}

#[test]
fn two_revisions_tell_what_changed() {
    let dir = tree("affected-revisions");
    let commit = |message: &str| {
        git(&dir, &["add", "--all"]);
        git(&dir, &["commit", "-q", "-m", message]);
    };
    git(&dir, &["init", "-q", "-b", "main"]);
    commit("one");
    git(&dir, &["checkout", "-q", "-b", "topic"]);
    write(&dir, "apps/waits/later.yaml", &config_map("l"));
    fs::rename(dir.join("apps/b/base"), dir.join("apps/b/moved")).expect("a folder");
    write(&dir, "apps/b/prod/kustomization.yaml", "resources: [../moved]\n");
    commit("two");
    fs::remove_dir_all(dir.join("apps/a")).expect("a folder");
    commit("three");
    let list = |args: &[&str]| {
        let ran = kustom(&dir, &[&["affected"], args].concat());
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
        ran.out + &ran.err
    };
    // The revision after decides what there is, whatever lies on the disk.
    assert_eq!(
        list(&["--from", "main", "--to", "topic~"]),
        "apps/b/moved\napps/b/prod\napps/waits\n"
    );
    assert_eq!(list(&["--to", "topic~"]), list(&["--since", "main", "--to", "topic~"]));
    assert_eq!(list(&["--from", "topic~", "--to", "topic"]), "removed: apps/a/prod\n");
    // The other way round, the folder comes back.
    assert_eq!(list(&["--from", "topic", "--to", "topic~", "--top-level"]), "apps/a/prod\n");
    // What is checked out is as its revision.
    for base in ["main", "main...", "topic~"] {
        assert_eq!(list(&["--from", base]), list(&["--from", base, "--to", "HEAD"]), "{base}");
    }
    // `build` and `deps` mean the same by the flags.
    let built =
        kustom(&dir, &["build", "--affected", "--since", "main", "--to", "topic~", "apps/waits"]);
    assert_eq!(built.good(), config_map("l"));
    let drawn =
        kustom(&dir, &["deps", "apps/b/prod", "--format", "mermaid", "--to", "topic~"]).good();
    assert_eq!(drawn.matches("touched\n").count(), 2, "{drawn}");
    let unmarked = kustom(&dir, &["deps", "apps/b/prod", "--format", "mermaid"]).good();
    assert!(!unmarked.contains("touched"), "{unmarked}");

    let refused = |args: &[&str]| kustom(&dir, args).err;
    for command in ["affected", "diff"] {
        let range = refused(&[command, ".", "--from", "main..topic"]);
        assert!(range.contains("write --from main --to topic"), "{range}");
        let unknown = refused(&[command, ".", "--to", "nothing"]);
        assert!(unknown.contains("revision 'nothing': there is none"), "{unknown}");
    }
    let gone = refused(&["affected", "apps/a", "--from", "main", "--to", "topic"]);
    assert_eq!(gone, "Error: apps/a is not a directory in topic\n");
    assert_eq!(kustom(&dir, &["build", "--since", "main"]).code, Some(2));
    assert_eq!(
        kustom(&dir, &["build", "--affected", "--to", "topic", "--root", "."]).code,
        Some(2)
    );
}

#[test]
fn paths_may_have_any_characters() {
    let dir =
        folder("affected-paths", &[("a b/prod/kustomization.yaml", "resources: [../bäse]\n")]);
    write(&dir, "a b/bäse/kustomization.yaml", "resources: ['ü\"x.yaml']\n");
    write(&dir, "a b/bäse/ü\"x.yaml", &config_map("u"));
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-q", "-m", "one"]);
    write(&dir, "a b/bäse/ü\"x.yaml", &config_map("v"));
    let both = "a b/bäse\na b/prod\n";
    assert_eq!(kustom(&dir, &["affected", "--since", "HEAD"]).good(), both);
    // As git quotes it on a pipe, and as it does not.
    let quoted = "\"a b/b\\303\\244se/\\303\\274\\\"x.yaml\"\n";
    let listed = Command::new("git")
        .args(["-C", dir.to_str().unwrap(), "diff", "--name-only", "HEAD"])
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs");
    assert_eq!(String::from_utf8(listed.stdout).unwrap(), quoted);
    for list in [quoted, "a b/bäse/ü\"x.yaml\n", "a b/bäse/ü\"x.yaml\0"] {
        let ran = kustom_with_input(&dir, &["affected", "--changed", "-"], list);
        assert_eq!(ran.good(), both, "{list}");
    }
}

#[test]
fn before_the_first_commit_all_is_new() {
    let dir = tree("affected-unborn");
    write(&dir, "apps/waits/later.yaml", &config_map("later"));
    git(&dir, &["init", "-q", "-b", "main"]);
    let new = kustom(&dir, &["affected", "--since", "HEAD"]).good();
    // Every file is untracked, as all are then.
    git(&dir, &["add", "."]);
    assert_eq!(kustom(&dir, &["affected", "--since", "HEAD"]).good(), new);
    kustom(&dir, &["build", "--affected", "--since", "HEAD", "-o", "out/"]).good();
    git(&dir, &["commit", "-q", "-m", "one"]);
    assert_eq!(kustom(&dir, &["affected", "--since", "HEAD"]).good(), "");
    assert!(!new.is_empty());
}

#[test]
fn what_git_refuses_is_told() {
    let dir = tree("affected-refused");
    git(&dir, &["init", "-q", "-b", "main"]);
    for revision in ["no-such-revision", "--output=x"] {
        let ran = kustom(&dir, &["affected", &format!("--since={revision}")]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
        assert!(ran.err.contains("there is none in this repository"), "{}", ran.err);
    }
    let ran = kustom(&dir, &["affected"]);
    assert!(ran.code == Some(1) && ran.err.contains("no default branch is known"), "{}", ran.err);
    assert_eq!(kustom(&dir, &["affected", "--since", "a", "--changed", "-"]).code, Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn names_may_be_any_bytes() {
    use std::os::unix::ffi::OsStrExt;

    let dir = folder(
        "affected-names",
        &[("base/kustomization.yaml", "namePrefix: a-\nresources: [a.yaml]\n")],
    );
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    fs::rename(dir.join("base"), dir.join(name)).expect("a folder");
    fs::write(dir.join(name).join("a.yaml"), config_map("one")).expect("a file");
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-q", "-m", "one"]);
    fs::write(dir.join(name).join("a.yaml"), config_map("two")).expect("a file");
    git(&dir, &["commit", "-q", "-a", "-m", "two"]);
    for args in
        [&["diff", ".", "--from", "HEAD~"][..], &["diff", ".", "--from", "HEAD~", "--to", "HEAD"]]
    {
        let ran = kustom(&dir, args);
        assert_eq!(ran.code, Some(1), "{args:?}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains("a-two"), "{}", ran.out);
    }
    // A loop of the shell gets the directory as it is.
    let out = |args: &[&str]| program(&dir, args).output().expect("it runs").stdout;
    assert_eq!(out(&["affected", "--since", "HEAD~"]), b"caf\xe9\n");
    let deps = program(&dir, &["deps", "--format", "files"]).arg(name).output().expect("it runs");
    assert_eq!(deps.stdout, b"caf\xe9/kustomization.yaml\ncaf\xe9/a.yaml\n");
    let explained = program(&dir, &["explain"]).arg(name).arg("configmap/two").output();
    assert!(explained.expect("it runs").status.success());
}

#[test]
fn a_name_that_a_runner_would_obey_is_told_and_whole_in_json() {
    let file = "kustomization.yaml";
    let names = ["##[a]", "plain"];
    let paths: Vec<String> = names.iter().map(|name| format!("{name}/{file}")).collect();
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "{}")).collect();
    let dir = folder("affected-escaped", &files);
    write(&dir, "changed", &paths.join("\n"));
    let args = ["affected", "--changed", "changed", "."];
    let ran = kustom(&dir, &args);
    assert!(!ran.out.contains("##[") && ran.out.contains("\nplain\n"), "{}", ran.out);
    let said =
        "one path is escaped, for a terminal or the runner of a CI might obey; --format json";
    assert!(ran.err.replace("\n  ", " ").contains(said), "{}", ran.err);
    let ran = kustom(&dir, &[&args[..], &["--format", "json"]].concat());
    assert_eq!(ran.err, "");
    let json: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(json["affected"][0]["directory"], "##[a]");
    let ran = kustom(&dir, &["affected", "--changed", "changed", "plain"]);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("plain\n", ""));
}

#[test]
fn patterns_are_expanded_before_and_after() {
    let dir = tree("affected-patterns");
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-q", "-m", "one"]);
    write(&dir, "apps/a/base/map.yaml", &config_map("new"));
    write(&dir, "apps/b/base/map.yaml", &config_map("new"));
    let affected = |args: &[&str]| kustom(&dir, &[&["affected", "--since", "HEAD"], args].concat());
    assert_eq!(affected(&["apps/*/prod"]).good(), "apps/a/prod\napps/b/prod\n");
    assert_eq!(affected(&["apps/?", "--exclude", "b"]).good(), "apps/a/base\napps/a/prod\n");
    let built = kustom(&dir, &["build", "apps/*/prod", "--affected", "--from", "HEAD"]);
    assert_eq!(built.good().matches("kind: ConfigMap").count(), 2);
    let ran = affected(&["none/*"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (Some(1), "Error: none/* is not a directory, and matches none\n")
    );
    fs::remove_dir_all(dir.join("apps/b")).expect("removed");
    let ran = affected(&["apps/b*"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{}", ran.err);
    assert!(ran.err.contains("removed: apps/b/prod"), "{}", ran.err);
}

#[test]
fn what_a_partial_clone_lacks_is_an_error() {
    let dir = tree("affected-partial");
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-q", "-m", "one"]);
    write(&dir, "apps/a/base/map.yaml", &config_map("new"));
    git(&dir, &["commit", "-q", "-a", "-m", "two"]);
    let object = "HEAD:apps/a/prod/kustomization.yaml";
    let asked = Command::new("git").arg("-C").arg(&dir).args(["rev-parse", object]).output();
    let id = asked.expect("git runs").stdout;
    let id = String::from_utf8_lossy(&id).trim().to_owned();
    let (folder, file) = id.split_at(2);
    fs::remove_file(dir.join(".git/objects").join(folder).join(file)).expect("an object");
    for command in [&["affected"][..], &["build", "--affected"]] {
        let args = [command, &["--from", "HEAD~", "--to", "HEAD", "apps"]].concat();
        let ran = kustom(&dir, &args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{}", ran.err);
        let said = format!("the change touches cannot be told: this clone lacks the object {id}: ");
        assert!(ran.err.contains(&said) && ran.err.contains("git fetch --refetch"), "{}", ran.err);
    }
}

#[cfg(unix)]
#[test]
fn what_a_link_led_to_counts_once_it_is_gone() {
    use std::os::unix::fs::symlink;
    let dir = tree("affected-links");
    symlink("apps/a", dir.join("current")).expect("a link");
    write(&dir, "linked/kustomization.yaml", "resources: [../current]\n");
    write(&dir, "apps/a/kustomization.yaml", "resources: [base]\n");
    fs::create_dir_all(dir.join("file")).expect("a folder");
    symlink("../apps/b/base/map.yaml", dir.join("file/map.yaml")).expect("a link");
    write(&dir, "file/kustomization.yaml", "resources: [map.yaml]\n");
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-q", "-m", "one"]);
    git(&dir, &["rm", "-q", "-r", "apps"]);
    git(&dir, &["commit", "-q", "-m", "two"]);
    let unrestricted = ["--load-restrictor", "LoadRestrictionsNone"];
    for more in [&["--to", "HEAD"][..], &[], &unrestricted] {
        let args = [&["affected", "--from", "HEAD~", "linked", "file"], more].concat();
        assert_eq!(kustom(&dir, &args).good(), "file\nlinked\n", "{more:?}");
    }
}
