//! What `vendor` keeps that it did not look at, and which lock file counts.

use std::fs;

use crate::vendor::Fixture;
use crate::{config_map, kustom, write};

/// A third root that uses another part of the same tree as `a`.
fn with_third(test: &str) -> Fixture {
    let it = Fixture::new(test);
    write(&it.top, "c/kustomization.yaml", THIRD);
    it
}

const IGNORING: &str = "resources: ['github.com/acme/infra//conf?ref=ignores']\n";
const THIRD: &str = "resources: ['github.com/acme/infra//linked?ref=v1']\n";

#[test]
fn what_failed_keeps_its_files() {
    let it = with_third("fails");
    it.vendor(&[]).good();
    let (lock, built) = (it.lock(), it.offline(&["build", "c"]).good());
    // c fails before it comes to the tree, and a copy has to be written anew.
    write(&it.top, "c/kustomization.yaml", &format!("namePrefix: [x]\n{THIRD}"));
    let copy = it.top.join(".kustom/vendor/github.com/acme/infra@v1");
    for gone in ["base/map.yaml", "linked"] {
        fs::remove_file(copy.join(gone)).expect("it is there");
    }
    let ran = it.vendor(&[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("Warning: c cannot be built, and what only it uses"), "{}", ran.err);
    assert!(ran.err.contains("what the lock and its copies have stays"), "{}", ran.err);
    assert_eq!(it.lock(), lock);
    // A copy that is not there at all is restored as it was.
    fs::remove_dir_all(&copy).expect("it is there");
    assert_eq!(it.vendor(&[]).code, Some(1));
    assert_eq!(it.lock(), lock);
    write(&it.top, "c/kustomization.yaml", THIRD);
    assert_eq!(it.offline(&["build", "c"]).good(), built);
    assert_eq!(it.offline(&["vendor", "--check"]).code, Some(0));
}

#[test]
fn what_failed_keeps_its_files_when_refs_move() {
    let it = with_third("fails-update");
    it.vendor(&[]).good();
    let files = [
        ("base/kustomization.yaml", "resources: [map.yaml]\nnamePrefix: two-\n"),
        ("linked", "-> later"),
        ("later/kustomization.yaml", "resources: [new.yaml]\n"),
        ("later/new.yaml", &config_map("new")),
    ];
    it.elsewhere.commit("acme/infra", "v1", &files);
    write(&it.top, "c/kustomization.yaml", &format!("namePrefix: [x]\n{THIRD}"));
    let ran = it.vendor(&["--update"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("moved   https://github.com/acme/infra at v1 "), "{}", ran.out);
    // What it needs now is not known, so all is there.
    write(&it.top, "c/kustomization.yaml", THIRD);
    assert_eq!(it.offline(&["build", "c"]).good(), config_map("new"));
    let check = it.offline(&["vendor", "--check"]);
    let words =
        "all of https://github.com/acme/infra at v1 (`whole: true`), though no function runs";
    assert!(check.code == Some(1) && check.err.contains(words), "{}", check.err);
    it.offline(&["vendor"]).good();
    assert_eq!(it.offline(&["build", "c"]).good(), config_map("new"));
    assert_eq!(it.offline(&["vendor", "--check"]).code, Some(0));
}

#[test]
fn what_has_nothing_is_not_listed() {
    let it = Fixture::new("nothing");
    it.elsewhere.commit("acme/infra", "v1", &[("out", "-> ../../elsewhere")]);
    for entry in ["github.com/acme/infra//out?ref=v1", "github.com/acme/infra?ref=-h"] {
        fs::remove_dir_all(it.top.join("b")).ok();
        write(&it.top, "a/kustomization.yaml", &format!("resources: ['{entry}']\n"));
        let ran = it.vendor(&[]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{entry}: {}", ran.err);
        assert!(!it.top.join("kustom.lock").exists());
    }
}

#[test]
fn what_others_use_stays() {
    let it = with_third("others");
    write(&it.top, "d/kustomization.yaml", "resources: ['github.com/acme/lib?ref=v1']\n");
    it.vendor(&[]).good();
    let (lock, all) = (it.lock(), it.offline(&["build", "a", "b", "c", "d"]).good());
    let copy = it.top.join(".kustom/vendor/github.com/acme/infra@v1");
    for args in [["a"].as_slice(), &["b", "d"], &["c/"]] {
        _ = fs::remove_dir_all(&copy);
        it.vendor(args).good();
        assert_eq!(it.lock(), lock, "{args:?}");
        it.vendor(&["c"]).good();
        assert_eq!(it.offline(&["build", "a", "b", "c", "d"]).good(), all, "{args:?}");
        assert_eq!(it.offline(&["vendor", "--check", "a"]).code, Some(0));
    }
    // From a directory below as well.
    let here = it.elsewhere.kustom(&it.top.join("a"), &["vendor"]).good();
    assert!(here.contains("is complete"), "{here}");
    assert_eq!(it.lock(), lock);
    // An update for some moves what they use, and the others find what they need.
    let files = [
        ("linked", "-> later"),
        ("later/kustomization.yaml", "resources: [new.yaml]\n"),
        ("later/new.yaml", &config_map("new")),
    ];
    it.elsewhere.commit("acme/infra", "v1", &files);
    let said = it.vendor(&["a", "--update"]).good();
    assert!(said.starts_with("moved   https://github.com/acme/infra at v1 "), "{said}");
    assert!(!said.contains("main") && it.lock().contains("acme/lib"), "{said}");
    assert_eq!(it.offline(&["build", "c"]).good(), config_map("new"));
    assert_eq!(it.offline(&["vendor", "--check"]).code, Some(0));
    // One that cannot be built any more is named.
    it.elsewhere.commit("acme/infra", "v1", &[("later/new.yaml", "a: [\n")]);
    let ran = it.vendor(&["a", "--update"]);
    let said = "c cannot be built with what has moved, and what only it uses may be missing:";
    assert!(ran.code == Some(0) && ran.err.contains(said), "{}", ran.err);
    it.elsewhere.commit("acme/infra", "v1", &files);
    it.vendor(&["--update"]).good();
    // Copies are moved for all at once.
    let ran = it.vendor(&["a", "--to", "moved"]);
    assert!(ran.err.contains("only for all kustomizations at once"), "{}", ran.err);
    // What nobody needs goes once all are looked at.
    fs::remove_dir_all(it.top.join("d")).expect("it is there");
    it.vendor(&["a"]).good();
    assert!(it.lock().contains("acme/lib"));
    assert!(it.vendor(&[]).good().contains("removed https://github.com/acme/lib at v1"));
}

#[test]
fn after_an_update_for_some_the_lock_is_complete_for_all() {
    let it = with_third("update-some");
    // Other URLs and files of the same tree, and a function, which may read all of another one.
    let entry = |path: &str| format!("resources: ['github.com/acme/infra//{path}?ref=v1']\n");
    write(&it.top, "d/kustomization.yaml", &entry("base"));
    let function = "apiVersion: v1\nkind: F\nmetadata:\n  name: f\n  annotations:\n    \
                    config.kubernetes.io/function: \"{exec: {path: ./x}}\"\n";
    let files = [("kustomization.yaml", "transformers: [f.yaml]\n"), ("f.yaml", function)];
    it.elsewhere.commit("acme/runs", "v1", &files);
    write(&it.top, "e/kustomization.yaml", "resources: ['github.com/acme/runs?ref=v1']\n");
    write(&it.top, "f/kustomization.yaml", "resources: ['github.com/acme/runs?ref=v1']\n");
    it.vendor(&[]).good();
    let complete = "kustom.lock is complete: 3 entries\n";
    assert_eq!(it.offline(&["vendor", "--check"]).good(), complete);
    for (i, roots) in
        [["a"].as_slice(), &["c"], &["d", "a"], &["e"], &["b", "f"]].iter().enumerate()
    {
        let name = format!("later-{i}");
        let map = config_map(&name);
        for (repository, tag, file) in [
            ("acme/infra", "v1", "later/map.yaml"),
            ("acme/infra", "v1", "base/map.yaml"),
            ("acme/runs", "v1", "other"),
        ] {
            it.elsewhere.commit(repository, tag, &[(file, &map)]);
        }
        let said = it.vendor(&[roots, &["--update"][..]].concat()).good();
        assert!(said.starts_with("moved   "), "{roots:?}: {said}");
        assert_eq!(it.offline(&["vendor", "--check"]).good(), complete, "{roots:?}");
        // All of the tree is there with a function in it, whoever has it, and of no other one.
        let lock = it.lock();
        assert_eq!(lock.matches("whole: true").count(), 1, "{lock}");
        let runs = it.top.join(".kustom/vendor/github.com/acme/runs@v1/other");
        assert_eq!(runs.exists(), i > 2, "{roots:?}");
        it.offline(&["build", "a", "b", "c", "d"]).good();
    }
    // What another one needs of what has moved is not known if that cannot be built.
    it.elsewhere.commit("acme/infra", "v1", &[("base/map.yaml", &config_map("last"))]);
    write(&it.top, "c/kustomization.yaml", &format!("namePrefix: [x]\n{THIRD}"));
    let ran = it.vendor(&["a", "--update"]);
    assert!(
        ran.code == Some(0) && ran.err.contains("c cannot be built with what has"),
        "{}",
        ran.err
    );
    assert_eq!(it.lock().matches("whole: true").count(), 2, "{}", it.lock());
    // Whoever is asked for next, some files are enough again once it can: those that all need.
    write(&it.top, "c/kustomization.yaml", THIRD);
    let lock = it.lock();
    assert!(it.offline(&["vendor", "e"]).good().contains("complete"));
    assert_eq!(it.lock(), lock);
    let check = it.offline(&["vendor", "--check"]);
    assert!(check.code == Some(1) && check.err.contains("`whole: true`"), "{}", check.err);
    let said = it.offline(&["vendor", "d"]).good();
    let words = "changed https://github.com/acme/infra at v1 ";
    assert!(said.starts_with(words) && said.contains("other files are copied"), "{said}");
    assert_eq!(it.offline(&["vendor", "--check"]).good(), complete);
    let narrow = it.lock();
    assert!(it.offline(&["vendor"]).good().contains("complete"));
    // The same if the copy is to be restored, and for what only a URL of another one named.
    write(&it.top, "kustom.lock", &lock);
    fs::remove_dir_all(it.top.join(".kustom/vendor/github.com/acme/infra@v1")).expect("a copy");
    it.vendor(&["d"]).good();
    assert_eq!(it.lock(), narrow);
    fs::remove_dir_all(it.top.join("c")).expect("it is there");
    it.offline(&["vendor", "a"]).good();
    assert_eq!(it.offline(&["vendor", "--check"]).good(), complete);
    assert!(!it.lock().contains("//linked"), "{}", it.lock());
}

#[test]
fn what_stands_in_another_lock_is_not_ours() {
    let it = with_third("foreign");
    // c has a lock of its own, and the tree that it uses is at another commit there.
    write(&it.top, "c/kustom.lock", "version: 1\ncopies: .kustom/vendor\n");
    it.elsewhere.kustom(&it.top.join("c"), &["vendor"]).good();
    let theirs = it.offline(&["build", "c"]).good();
    it.elsewhere.commit("acme/infra", "v1", &[("base/map.yaml", &config_map("later"))]);
    assert_eq!(it.vendor(&[]).code, Some(0));
    let lock = it.lock();
    // Now a root of ours builds on it.
    write(
        &it.top,
        "a/kustomization.yaml",
        "resources: ['github.com/acme/infra//nested?ref=v1', ../c]\n",
    );
    let built = it.offline(&["build", "a"]);
    assert!(built.out.contains("one-later") && built.out.contains(&theirs), "{}", built.err);
    let both = "kustom.lock is complete: 2 entries\nc/kustom.lock is complete: 1 entry\n";
    assert_eq!(it.offline(&["vendor", "--check"]).good(), both);
    for args in [["--to", "moved"].as_slice(), &["--to", ".kustom/vendor"], &["--update"]] {
        assert_eq!(it.vendor(args).code, Some(0), "{args:?}");
        assert_eq!(it.offline(&["vendor", "--check"]).code, Some(0), "{args:?}");
    }
    assert_eq!(it.lock(), lock);
    assert_eq!(it.offline(&["build", "c"]).good(), theirs);
    // What the other one lacks is told of, with where to mend it.
    fs::remove_dir_all(it.top.join("c/.kustom")).expect("copies");
    let check = it.offline(&["vendor", "--check"]);
    let words = "restore it with `kustom vendor c`";
    let other = "run `kustom vendor c`, which fetches what the lock says";
    let is_named = check.err.contains(words) || check.err.contains(other);
    assert!(check.code == Some(1) && is_named, "{}", check.err);
}

#[test]
fn a_lock_above_the_repository_does_not_count() {
    let it = Fixture::new("above");
    it.vendor(&[]).good();
    let inner = it.top.join("a");
    it.elsewhere.git(&inner, &["init", "--quiet"]);
    let refused = it.offline(&["build", "a"]);
    assert!(refused.err.contains("is remote, and this build has no network"), "{}", refused.err);
    assert_eq!(it.offline(&["build", "b"]).code, Some(0));
    // It is not written for what does not find it, nor outside of the repository.
    let ran = it.vendor(&[".", "a"]);
    assert!(
        ran.err.contains("a has a repository of its own: run `kustom vendor a`"),
        "{}",
        ran.err
    );
    assert!(!it.lock().contains("ref: v1"), "{}", it.lock());
    it.vendor(&["a"]).good();
    assert!(inner.join("kustom.lock").exists());
    assert_eq!(it.offline(&["build", "a"]).code, Some(0));
    let both = it.vendor(&["a", "b"]);
    assert_eq!(both.code, Some(2));
    assert!(both.err.contains("belong to several repositories"), "{}", both.err);
    // What a submodule uses stands in the lock file of the repository that it belongs to.
    fs::remove_dir_all(inner.join(".git")).expect("a repository");
    write(&it.top, "a/.git", "gitdir: ../.git/modules/a\n");
    fs::remove_file(inner.join("kustom.lock")).expect("a file");
    it.vendor(&[".", "a"]).good();
    assert!(it.lock().contains("ref: v1"), "{}", it.lock());
    assert_eq!(it.offline(&["build", "a"]).code, Some(0));
    // Nor does one count that lies above what may be read.
    let rooted = it.offline(&["build", "--root", "a", "a"]);
    assert!(rooted.err.contains("is remote, and this build has no network"), "{}", rooted.err);
}

#[test]
fn no_marker_hides_what_is_no_copy() {
    let it = Fixture::new("hides");
    it.vendor(&["--to", "a/third_party"]).good();
    let git = |words: &[&str]| it.elsewhere.git(&it.top, words);
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "-m", "one"]);
    // Roots beside copies, and below a file that says that they are some.
    for root in ["a/third_party/app", "apps/web", "a/third_party/github.com/acme/x"] {
        write(&it.top, &format!("{root}/kustomization.yaml"), "resources: [map.yaml]\n");
        write(&it.top, &format!("{root}/map.yaml"), &config_map("own"));
    }
    write(&it.top, "apps/.kustom-vendor", "");
    let affected = it.elsewhere.kustom(&it.top, &["affected", "--since", "HEAD", "."]).good();
    assert_eq!(affected, "a/third_party/app\na/third_party/github.com/acme/x\napps/web\n");
    let diff = it.offline(&["diff", "."]);
    assert!(
        diff.out.contains("apps/web") && diff.out.contains("a/third_party/app"),
        "{}",
        diff.out
    );
    assert!(!diff.out.contains("@v1"), "{}", diff.out);
    let check = it.vendor(&["--check"]);
    assert!(check.err.contains("a/third_party/app is not listed"), "{}", check.err);
}

#[test]
fn what_is_ignored_elsewhere_is_kept_here() {
    let it = Fixture::new("ignored");
    let git = |words: &[&str]| it.elsewhere.git(&it.top, words);
    git(&["init", "--quiet", "--initial-branch=main"]);
    write(&it.top, ".gitignore", "base/\n*.yaml\n!/a/*.yaml\n");
    let files = [
        (
            "conf/kustomization.yaml",
            "configMapGenerator: [{name: c, files: [.gitignore, map.yaml]}]\n",
        ),
        ("conf/map.yaml", "a: 1\n"),
    ];
    it.elsewhere.commit("acme/infra", "ignores", &files);
    it.elsewhere.commit("acme/infra", "ignores", &[("conf/.gitignore", "map.yaml\n")]);
    it.vendor(&[]).good();
    git(&["add", "--all"]);
    let tracked = git(&["ls-files", ".kustom"]);
    assert!(tracked.contains("infra@v1/base/map.yaml"), "{tracked}");
    // A file that a copy has itself may still say otherwise.
    let quiet = it.vendor(&["--update"]).err;
    assert_eq!(quiet, "");
    write(&it.top, "c/kustomization.yaml", IGNORING);
    let told = it.vendor(&["c"]).err;
    let words = "git ignores 1 of the copies, such as \
                 .kustom/vendor/github.com/acme/infra@ignores/conf/map.yaml";
    assert!(told.contains(words), "{told}");
    assert!(told.contains("`git add --force .kustom/vendor`"), "{told}");
    // What is ignored as a whole is meant so.
    git(&["rm", "--quiet", "-r", "--cached", ".kustom"]);
    write(&it.top, ".gitignore", ".kustom/\n");
    git(&["add", "--all"]);
    assert_eq!(git(&["ls-files", ".kustom"]), "");
    assert_eq!(it.vendor(&["--update"]).err, "");
}

#[test]
fn a_new_path_of_a_copied_tree_is_not_in_the_lock() {
    let it = Fixture::new("new-path");
    it.vendor(&[]).good();
    for entry in ["other", "base"] {
        let entry = format!("github.com/acme/infra//{entry}?ref=v1");
        write(&it.top, "c/kustomization.yaml", &format!("resources: ['{entry}']\n"));
        let refused = it.offline(&["build", "c"]);
        assert_eq!(refused.code, Some(1));
        assert!(refused.err.contains(&format!("'{entry}' is not in ")), "{}", refused.err);
        assert!(refused.err.contains("run `kustom vendor`, which adds it"), "{}", refused.err);
    }
}

#[test]
fn an_unfinished_merge_is_told() {
    let it = Fixture::new("merge");
    it.vendor(&[]).good();
    let lock = it.lock();
    let line = lock.lines().position(|line| line.contains("commit:")).expect("a commit");
    let ours = lock.lines().nth(line).expect("a line");
    let merge = format!("<<<<<<< HEAD\n{ours}\n=======\n  commit: other\n>>>>>>> feature");
    write(&it.top, "kustom.lock", &lock.replacen(ours, &merge, 1));
    for args in [["build", "a"].as_slice(), &["vendor"], &["vendor", "--check"]] {
        let refused = it.offline(args);
        assert_eq!(refused.code, Some(1));
        let words = "kustom.lock cannot be read: it has the markers of an unfinished merge\n";
        assert!(refused.err.contains(words), "{}", refused.err);
        assert!(refused.err.contains(&format!("kustom.lock:{}:1\n", line + 1)), "{}", refused.err);
        assert!(refused.err.contains("then run `kustom vendor`"), "{}", refused.err);
    }
}

#[test]
fn hints_about_charts_switch_them_on() {
    let top = crate::folder(
        "vendor-chart-hints",
        &[
            (
                "kustomization.yaml",
                "helmCharts: [{name: web, repo: 'https://charts.example.com', releaseName: web}]\n",
            ),
            ("kustom.lock", "version: 1\ncopies: .kustom/vendor\n"),
            ("helm", "#!/bin/sh\necho v4.3.1\n"),
        ],
    );
    crate::elsewhere::executable(&top.join("helm"));
    let helm = top.join("helm").display().to_string();
    let refused = kustom(&top, &["build", "--enable-helm", "--helm-command", &helm]).err;
    assert!(refused.contains("'chart web of https://charts.example.com' is not in"), "{refused}");
    assert!(refused.contains("run `kustom vendor --enable-helm`, which adds it"), "{refused}");
    let on: &[&str] = &["--enable-helm", "--helm-command", &helm];
    for more in [&[], on] {
        let check = kustom(&top, &[&["vendor", "--check"], more].concat());
        let words = "not complete; run `kustom vendor --enable-helm`";
        assert!(check.err.contains(words), "{}", check.err);
    }
}

#[test]
fn a_folder_among_the_copies_that_nobody_lists_is_told() {
    let it = Fixture::new("unlisted-folder");
    assert!(!it.vendor(&[]).err.contains("lies among the copies"));
    write(&it.top, ".kustom/vendor/mine/file", "");
    let check = it.offline(&["vendor", "--check"]);
    assert_eq!(check.code, Some(1), "{}", check.err);
    assert!(check.err.contains("vendor/mine is not listed; remove it by hand"), "{}", check.err);
    assert!(!check.err.contains("run `kustom vendor`"), "{}", check.err);
    let vendored = it.vendor(&[]);
    assert_eq!(vendored.code, Some(0), "{}", vendored.err);
    let words = "vendor/mine lies among the copies and is not listed: remove it by hand";
    assert!(vendored.err.contains(words), "{}", vendored.err);
    assert!(it.top.join(".kustom/vendor/mine/file").exists());
}

#[test]
fn a_revision_without_copies_is_told_of() {
    let it = Fixture::new("uncommitted");
    let git = |words: &[&str]| it.elsewhere.git(&it.top, words);
    it.vendor(&[]).good();
    write(&it.top, ".gitignore", ".kustom/\n");
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "-m", "one"]);
    let text = "resources: ['github.com/acme/infra//base?ref=main']\nnamePrefix: x-\n";
    write(&it.top, "b/kustomization.yaml", text);
    git(&["commit", "--quiet", "--all", "-m", "two"]);
    let args = ["diff", "b", "--from", "HEAD~1", "--to", "HEAD"];
    let diff = it.offline(&args);
    let words = "hint: a revision has only the copies that were committed: --allow-remote fetches what its kustom.lock";
    assert!(diff.code == Some(1) && diff.out.contains(words), "{}{}", diff.out, diff.err);
    let allowed = it.elsewhere.kustom(&it.top, &[&args[..], &["--allow-remote"]].concat());
    assert!(
        allowed.out.contains("one-infra") && allowed.out.contains("x-one-infra"),
        "{}",
        allowed.out
    );
}

#[test]
fn a_commit_and_a_ref_that_are_gone_are_told_of() {
    let it = Fixture::new("gone");
    it.vendor(&[]).good();
    let infra = it.elsewhere.top.join("bare/acme/infra");
    let git = |words: &[&str]| it.elsewhere.git(&infra, words);
    git(&["tag", "--delete", "v1"]);
    git(&["commit", "--quiet", "--amend", "-m", "other"]);
    git(&["reflog", "expire", "--expire=now", "--all"]);
    git(&["gc", "--quiet", "--prune=now"]);
    fs::remove_dir_all(it.top.join(".kustom")).expect("copies");
    let commit = it
        .lock()
        .split("ref: v1\n  commit: ")
        .nth(1)
        .expect("it")
        .get(..40)
        .expect("it")
        .to_owned();
    let commit = commit.trim_start_matches('"');
    let hint = "name a ref that is there, and take its commit with `kustom vendor --update`";
    for args in [["vendor"].as_slice(), &["build", "a", "--allow-remote"]] {
        let said = it.elsewhere.kustom(&it.top, args).err;
        assert!(
            said.contains(&format!("neither the commit {commit}")) && said.contains(hint),
            "{said}"
        );
    }
}
