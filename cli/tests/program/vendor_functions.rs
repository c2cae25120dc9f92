//! Copies of trees in which functions run, which may read any file.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::elsewhere::Elsewhere;
use crate::{Ran, config_map, folder, program, write};

const ON: [&str; 2] = ["--enable-alpha-plugins", "--enable-exec"];

/// Makes a config map of what it finds in files that no kustomization names, as a generator of secrets
/// does with encrypted files.
const GENERATOR: &str = "#!/bin/sh
read -r key < ../keys/age.txt
read -r text < secret.enc
[ -L ../keys/link ] && read -r linked < ../keys/link
printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: made}\\ndata: {v: %s-%s-%s}\\n' \"$key\" \"$text\" \"$linked\"
";

const CONFIG: &str = "apiVersion: ex.io/v1
kind: Generator
metadata:
  name: made
  annotations:
    config.kubernetes.io/function: |
      exec: {path: ./generate.sh}
files: [secret.enc]
";

/// A tree that uses a repository whose base has a generator.
struct Fixture {
    elsewhere: Elsewhere,
    top: PathBuf,
}

impl Fixture {
    fn new(test: &str) -> Fixture {
        let elsewhere = Elsewhere::new(&format!("vendor-functions-{test}"));
        let files = [
            ("base/kustomization.yaml", "resources: [map.yaml]\ngenerators: [made.yaml]\n"),
            ("base/map.yaml", &config_map("map")),
            ("base/made.yaml", CONFIG),
            ("base/generate.sh", GENERATOR),
            ("base/secret.enc", "two\n"),
            ("keys/age.txt", "one\n$Id$\n"),
            ("keys/three.txt", "three\n"),
            ("keys/link", "-> three.txt"),
            ("keys/out", "-> ../../out"),
            ("plain/kustomization.yaml", "resources: [map.yaml]\n"),
            ("plain/map.yaml", &config_map("plain")),
            (".gitignore", "*.enc\n"),
            (".gitattributes", "*.none text\n"),
        ];
        elsewhere.commit("acme/fn", "v0", &files[..10]);
        elsewhere.git(&elsewhere.top.join("bare/acme/fn"), &["add", "--force", "base/secret.enc"]);
        elsewhere.commit("acme/fn", "v1", &files);
        let entry = "resources: ['github.com/acme/fn//base?ref=v1']\n";
        let plain = "resources: ['github.com/acme/fn//plain?ref=v1']\n";
        let files = [("a/kustomization.yaml", entry), ("b/kustomization.yaml", plain)];
        let top = folder(&format!("vendor-functions-{test}"), &files);
        Fixture { elsewhere, top }
    }

    fn kustom(&self, args: &[&str]) -> Ran {
        self.elsewhere.kustom(&self.top, &[args, &ON].concat())
    }

    /// Runs with nothing but the files.
    fn offline(&self, args: &[&str]) -> Ran {
        let mut command = program(&self.top, &[args, &ON].concat());
        command.env("PATH", "").output().expect("it runs").into()
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.top.join("kustom.lock")).expect("a lock file")
    }
}

#[test]
fn functions_find_all_files_of_their_tree() {
    let it = Fixture::new("all");
    let real = it.kustom(&["build", "--allow-remote", "a"]).good();
    assert!(real.contains("v: one-two-three"), "{real}");
    let deps = it.kustom(&["deps", "--allow-remote", "a"]).good();
    assert!(!deps.contains("/kustom-") && !deps.contains("tree "), "{deps}");
    it.kustom(&["vendor"]).good();
    let deps = it.offline(&["deps", "a"]).good();
    assert!(deps.contains("tree      .kustom/vendor/github.com/acme/fn@v1\n"), "{deps}");
    let copy = it.top.join(".kustom/vendor/github.com/acme/fn@v1");
    assert_eq!(it.offline(&["build", "a"]).good(), real);
    assert!(
        it.lock().contains("  whole: true\n  programs:\n  - base/generate.sh\n"),
        "{}",
        it.lock()
    );
    assert_eq!(it.offline(&["vendor", "--check"]).good(), "kustom.lock is complete: 1 entry\n");
    // What would lead out of the copy, or say something to git, is not there.
    for path in ["keys/out", ".gitattributes", ".gitignore"] {
        assert!(fs::symlink_metadata(copy.join(path)).is_err(), "{path}");
    }
    // A file that only the function reads.
    for (path, text) in [("keys/age.txt", Some("evil\n")), ("base/secret.enc", None)] {
        match text {
            Some(text) => write(&copy, path, text),
            None => fs::remove_file(copy.join(path)).expect("it is there"),
        }
        for args in [["build", "a"], ["vendor", "--check"]] {
            let refused = it.offline(&args);
            assert_eq!(refused.code, Some(1));
            assert!(refused.err.contains("it was changed on disk"), "{}", refused.err);
        }
        it.kustom(&["vendor"]).good();
        assert_eq!(it.offline(&["build", "a"]).good(), real);
    }
    let script = copy.join("base/generate.sh");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o644)).expect("a file");
    let refused = it.offline(&["build", "a"]);
    assert!(refused.err.contains("generate.sh is not executable any more"), "{}", refused.err);
    it.kustom(&["vendor"]).good();
    assert_eq!(it.offline(&["build", "a"]).good(), real);
    // A copy that was committed is a copy, whatever git is told of other files.
    write(&it.top, ".gitattributes", "* text eol=crlf\n*.txt ident\n");
    let git = |words: &[&str]| it.elsewhere.git(&it.top, words);
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "-m", "one"]);
    git(&["clone", "--quiet", ".", "clone"]);
    let mut clone = program(&it.top.join("clone"), &[&["build", "a"][..], &ON].concat());
    let cloned: Ran = clone.env("PATH", "").output().expect("it runs").into();
    assert_eq!(cloned.good(), real);
}

#[test]
fn a_copy_of_some_files_is_not_enough_for_functions() {
    let it = Fixture::new("some");
    it.kustom(&["vendor", "b"]).good();
    assert!(it.lock().contains("  files:\n  - plain/kustomization.yaml\n  - plain/map.yaml\n"));
    // Programs that are not run may be run the next time.
    it.elsewhere.kustom(&it.top, &["vendor", "--enable-alpha-plugins"]).good();
    let real = it.kustom(&["build", "--allow-remote", "a"]).good();
    assert_eq!(it.offline(&["build", "a"]).good(), real);
    // A lock file that says otherwise.
    let hash = it.lock().lines().find_map(|line| line.strip_prefix("  hash: ")).unwrap().to_owned();
    let lock = it.lock().replace("  whole: true\n  programs:\n  - base/generate.sh\n", "");
    assert!(lock.contains(&hash));
    write(&it.top, "kustom.lock", &lock);
    for args in [["build", "a"], ["vendor", "--check"]] {
        let refused = it.offline(&args);
        let words = "a function runs in a copy that has only what builds look at";
        assert!(refused.code == Some(1) && refused.err.contains(words), "{}", refused.err);
        assert!(refused.err.contains("which copies the whole tree"), "{}", refused.err);
    }
    assert_eq!(it.offline(&["build", "b"]).good(), config_map("plain"));
    it.kustom(&["vendor"]).good();
    assert_eq!(it.offline(&["build", "a"]).good(), real);
}

#[test]
fn functions_change_no_copy() {
    let it = Fixture::new("change");
    let writes = "echo more >> ../keys/age.txt; echo new > new.txt; : > secret.enc\n";
    it.elsewhere.commit("acme/fn", "v1", &[("base/generate.sh", &format!("{GENERATOR}{writes}"))]);
    it.kustom(&["vendor"]).good();
    let lock = it.lock();
    fs::remove_file(it.top.join("kustom.lock")).expect("it is there");
    // Nor the fetched tree, which others build too, each differently.
    write(
        &it.top,
        "c/kustomization.yaml",
        "namePrefix: c-\nbuildMetadata: [originAnnotations]\nresources: ['github.com/acme/fn//base?ref=v1']\n",
    );
    let both = it.kustom(&["build", "--allow-remote", "c", "a"]).good();
    let real = it.kustom(&["build", "--allow-remote", "a"]).good();
    assert!(both.ends_with(&real) && both.matches("v: one-two-three").count() == 2, "{both}");
    fs::remove_dir_all(it.top.join("c")).expect("it is there");
    write(&it.top, "kustom.lock", &lock);
    for _ in 0..2 {
        assert_eq!(it.offline(&["build", "a"]).good(), real);
        assert_eq!(it.offline(&["vendor", "--check"]).good(), "kustom.lock is complete: 1 entry\n");
    }
    let copy = it.top.join(".kustom/vendor/github.com/acme/fn@v1");
    assert!(!copy.join("base/new.txt").exists());
    assert_eq!(fs::read_to_string(copy.join("keys/age.txt")).expect("a file"), "one\n$Id$\n");
}

#[test]
fn functions_need_not_run_to_be_copied_and_checked() {
    let it = Fixture::new("not-run");
    let refused = it.elsewhere.kustom(&it.top, &["build", "--allow-remote", "a"]);
    assert!(refused.err.contains("external plugins disabled"), "{}", refused.err);
    it.elsewhere.kustom(&it.top, &["vendor"]).good();
    let real = it.kustom(&["build", "--allow-remote", "a"]).good();
    assert_eq!(it.offline(&["build", "a"]).good(), real);
    let without: Ran = program(&it.top, &["vendor", "--check"]).output().expect("it runs").into();
    assert_eq!(without.good(), "kustom.lock is complete: 1 entry\n");
    // What builds on what they make fails, and is told why.
    let patch = "resources: ['github.com/acme/fn//base?ref=v1']\npatches:\n- target: {name: made}\n  \
                 patch: '[{op: add, path: /data/x, value: y}]'\nreplacements:\n\
                 - {source: {kind: ConfigMap, name: made}, targets: [{select: {name: map}, fieldPaths: [data.v]}]}\n";
    write(&it.top, "a/kustomization.yaml", patch);
    for args in [["vendor", "--check"].as_slice(), &["vendor", "--update"]] {
        let ran = it.elsewhere.kustom(&it.top, args);
        let words =
            "functions are run only with --enable-alpha-plugins; without, they come to nothing";
        assert!(ran.err.contains("a cannot be built"), "{}", ran.err);
        assert!(ran.err.contains(words), "{}", ran.err);
    }
}
