//! Several lock files in one repository, and lock files that few or nobody can see.

use std::fs;

use crate::elsewhere::Elsewhere;
use crate::vendor::Fixture;
use crate::{config_map, folder, kustom, write};

#[test]
fn a_check_at_the_top_is_of_all_locks_of_the_repository() {
    let it = Fixture::new("nested");
    it.elsewhere.git(&it.top, &["init", "--quiet"]);
    write(&it.top, "team/kustom.lock", "version: 1\ncopies: .kustom/vendor\n");
    let entry = "resources: ['github.com/acme/infra//base?ref=v1']\n";
    write(&it.top, "team/app/kustomization.yaml", entry);
    // What is missing there is told of with what mends it.
    let refused = it.offline(&["build", "team/app"]);
    assert!(refused.err.contains("run `kustom vendor team`, which adds it"), "{}", refused.err);
    let there = folder("vendor-nested-elsewhere", &[]);
    let path = it.top.join("team/app").display().to_string();
    let refused = kustom(&there, &["build", &path]);
    let words = format!("run `kustom vendor {}`", it.top.join("team").display());
    assert!(refused.err.contains(&words), "{}", refused.err);
    let vendored = it.vendor(&[]);
    let words = "team has a kustom.lock of its own: run `kustom vendor team`\n";
    assert!(vendored.code == Some(0) && vendored.err.contains(words), "{}", vendored.err);
    let check = it.offline(&["vendor", "--check"]);
    assert_eq!(check.code, Some(1), "{}", check.err);
    assert!(
        check.err.contains("team/kustom.lock is not complete; run `kustom vendor team`"),
        "{}",
        check.err
    );
    assert_eq!(check.out, "kustom.lock is complete: 2 entries\n");
    assert!(it.vendor(&["team"]).good().contains("team/kustom.lock: 1 entry"));
    let both = "kustom.lock is complete: 2 entries\nteam/kustom.lock is complete: 1 entry\n";
    let check = it.offline(&["vendor", "--check"]);
    assert_eq!((check.code, &*check.out), (Some(0), both), "{}", check.err);
    assert_eq!(it.offline(&["build", "team/app"]).code, Some(0));
    // One that git ignores is none of the repository's.
    write(&it.top, "dist/kustom.lock", "version: 1\ncopies: .kustom/vendor\n");
    write(&it.top, "dist/kustomization.yaml", entry);
    assert_eq!(it.offline(&["vendor", "--check"]).code, Some(1));
    write(&it.top, ".gitignore", "/dist/\n");
    let check = it.elsewhere.kustom(&it.top, &["vendor", "--check"]);
    assert_eq!((check.code, &*check.out), (Some(0), both));
    fs::remove_dir_all(it.top.join("dist")).expect("a folder");
    // A lock that nobody uses any more is told of too.
    fs::remove_dir_all(it.top.join("team/app")).expect("a folder");
    let check = it.offline(&["vendor", "--check"]);
    assert!(check.code == Some(1) && check.err.contains("is listed and not used"), "{}", check.err);
    assert!(it.vendor(&["team"]).good().contains("team/kustom.lock: removed"));
    assert_eq!(it.offline(&["vendor", "--check"]).code, Some(0));
}

#[test]
fn what_a_nested_lock_lacks_is_told_of_that_lock_alone() {
    let it = Fixture::new("nested-only");
    it.elsewhere.git(&it.top, &["init", "--quiet"]);
    for root in ["a", "b"] {
        fs::remove_dir_all(it.top.join(root)).expect("a folder");
    }
    let entry = "resources: ['github.com/acme/infra//base?ref=v1']\n";
    write(&it.top, "team/app/kustomization.yaml", entry);
    write(&it.top, "team/kustom.lock", "version: 1\ncopies: .kustom/vendor\n");
    it.vendor(&["team"]).good();
    fs::remove_dir_all(it.top.join("team/.kustom")).expect("a folder");
    // Also if what is above builds on it.
    write(&it.top, "top/kustomization.yaml", "resources: [../team/app]\n");
    for _ in 0..2 {
        let check = it.offline(&["vendor", "--check"]);
        assert_eq!(check.code, Some(1), "{}", check.err);
        assert_eq!(check.err.matches("is missing").count(), 1, "{}", check.err);
        assert!(
            check.err.ends_with("\nteam/kustom.lock is not complete; run `kustom vendor team`\n"),
            "{}",
            check.err
        );
        assert!(!check.err.contains("run `kustom vendor`"), "{}", check.err);
        _ = fs::remove_dir_all(it.top.join("top"));
    }
    write(&it.top, "top/kustomization.yaml", "resources: [../team/app]\n");
    let check = it.offline(&["vendor", "--check", "top"]);
    assert_eq!((check.code, check.err.matches("is missing").count()), (Some(1), 1));
    assert!(check.err.ends_with("run `kustom vendor team` as well\n"), "{}", check.err);
    it.vendor(&["team"]).good();
    assert_eq!(it.offline(&["vendor", "--check"]).code, Some(0));
}

#[test]
fn a_lock_without_kustomizations_is_looked_at() {
    let it = Fixture::new("no-users");
    it.vendor(&[]).good();
    for root in ["a", "b"] {
        fs::remove_dir_all(it.top.join(root)).expect("a folder");
    }
    let check = it.offline(&["vendor", "--check"]);
    assert_eq!(check.code, Some(1), "{}", check.err);
    assert!(check.err.contains("infra at v1 is listed and not used"), "{}", check.err);
    assert!(it.vendor(&[]).good().contains("kustom.lock: removed"));
    assert!(!it.top.join(".kustom").exists() && !it.top.join("kustom.lock").exists());
    assert_eq!(it.vendor(&[]).err, "Error: no kustomization found\n");
}

#[test]
fn a_lock_above_the_directory_that_may_be_read_is_named() {
    let it = Fixture::new("above-root");
    it.vendor(&[]).good();
    let refused = it.offline(&["build", "--root", "a", "a"]);
    let words = format!("{}/kustom.lock lies above --root", it.top.display());
    assert!(refused.code == Some(1) && refused.err.contains(&words), "{}", refused.err);
    it.offline(&["build", "--root", ".", "a"]).good();
}

#[test]
fn a_place_of_copies_may_be_written_in_other_ways() {
    let it = Fixture::new("to");
    let absolute = it.top.join("third").display().to_string();
    for to in ["third/../third", "./third/", "a/../third", &absolute] {
        it.vendor(&["--to", to]).good();
        assert!(it.lock().contains("copies: third\n"), "{to}: {}", it.lock());
    }
    let refused = it.vendor(&["--to", "a/../../x"]);
    assert!(
        refused.err.contains("does not lie below the directory of kustom.lock"),
        "{}",
        refused.err
    );
}

#[test]
fn what_is_allowed_of_a_host_is_said() {
    let elsewhere = Elsewhere::new("part-of-host");
    elsewhere.commit("other/x", "v1", &[("kustomization.yaml", "resources: [map.yaml]\n")]);
    elsewhere.commit("other/x", "v1", &[("map.yaml", &config_map("x"))]);
    let top = folder(
        "part-of-host",
        &[("kustomization.yaml", "resources: ['github.com/other/x?ref=v1']\n")],
    );
    let refused = elsewhere.kustom(&top, &["build", "--allow-remote=github.com/acme", "."]);
    let words = "of its host only what lies below github.com/acme is allowed";
    assert!(refused.err.contains(words), "{}", refused.err);
    let hint = "allow it with --allow-remote=github.com/other";
    assert!(refused.err.contains(hint), "{}", refused.err);
    elsewhere.kustom(&top, &["build", "--allow-remote=github.com/other", "."]).good();
}
