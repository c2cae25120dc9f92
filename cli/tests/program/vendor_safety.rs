//! A `kustom.lock` of a stranger makes `vendor` touch nothing but copies.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::vendor::Fixture;
use crate::{folder, kustom, write};

/// A tree that uses nothing from elsewhere, with a lock file that lists one copy.
fn tree(test: &str, copies: &str, path: &str) -> std::path::PathBuf {
    let lock = format!(
        "version: 1\ncopies: '{copies}'\nfiles:\n- url: https://example.com/x.yaml\n  hash: sha256:00\n  \
         path: '{path}'\n"
    );
    let top = folder(
        &format!("vendor-safety-{test}"),
        &[
            ("kustomization.yaml", "namePrefix: a-\n"),
            ("kustom.lock", &lock),
            ("src/mine", "mine"),
            (".git/config", "mine"),
            ("v/mine", "mine"),
        ],
    );
    fs::create_dir(top.join("empty")).expect("a directory");
    top
}

fn check_untouched(top: &Path, what: &str) {
    for file in ["src/mine", ".git/config", "v/mine"] {
        assert_eq!(fs::read_to_string(top.join(file)).ok().as_deref(), Some("mine"), "{what}");
    }
}

#[test]
fn a_lock_lists_only_copies() {
    for (copies, path) in [
        (".kustom/vendor", "src"),
        (".kustom/vendor", ".git"),
        (".kustom/vendor", ".kustom"),
        (".kustom/vendor", ".kustom/vendor"),
        (".kustom/vendor", ".kustom/vendor/../../src"),
        (".kustom/vendor", ".kustom/vendor/.git/config"),
        (".git", ".git/config"),
        (".GIT", ".GIT/config"),
        ("src/.git", "src/.git/config"),
        ("", "src"),
        (".", "src"),
        ("/", "/src"),
    ] {
        let top = tree("lists", copies, path);
        for args in [["vendor"].as_slice(), &["vendor", "--check"], &["vendor", "--to", "w"]] {
            let ran = kustom(&top, args);
            assert_eq!(ran.code, Some(1), "{copies} {path}");
            assert!(ran.err.contains("kustom.lock cannot be read: the path '"), "{}", ran.err);
            assert!(ran.err.contains("remove the entry and run `kustom vendor`"), "{}", ran.err);
            check_untouched(&top, path);
        }
    }
}

#[test]
fn a_directory_of_the_user_holds_no_copies() {
    for args in [["vendor"].as_slice(), &["vendor", "--to", "w"]] {
        let top = tree("own", "src", "src/mine");
        let ran = kustom(&top, args);
        assert_eq!(ran.code, Some(1));
        assert!(ran.err.contains("src is no directory of copies: it is not empty"), "{}", ran.err);
        check_untouched(&top, "src");
        assert!(!top.join("w").exists());
        // A link is no marker.
        symlink("mine", top.join("src/.kustom-vendor")).unwrap();
        assert_eq!(kustom(&top, args).code, Some(1));
        check_untouched(&top, "src");
    }
    let top = tree("marked", "v", "v/mine");
    write(&top, "v/.kustom-vendor", "");
    write(&top, "v/other", "");
    let said = kustom(&top, &["vendor"]).good();
    assert_eq!(said, "removed https://example.com/x.yaml from v/mine\nkustom.lock: 0 entries\n");
    assert!(!top.join("v/mine").exists() && top.join("v/other").exists());
}

#[test]
fn copies_go_into_a_directory_of_their_own() {
    let it = Fixture::new("own");
    write(&it.top, "src/mine", "mine");
    fs::create_dir(it.top.join("empty")).unwrap();
    for (to, words) in [
        (".git", "'.git' leads into git's own directory"),
        (".Git/x", "leads into git's own directory"),
        ("a/.git", "leads into git's own directory"),
        (".", "does not lie below the directory of kustom.lock"),
        ("x/../../y", "does not lie below the directory of kustom.lock"),
        ("/tmp/x", "does not lie below the directory of kustom.lock"),
        ("src", "src is no directory of copies: it is not empty"),
        ("src/mine", "look at "),
    ] {
        let ran = it.vendor(&["--to", to]);
        assert_ne!(ran.code, Some(0), "{to}");
        assert!(ran.err.contains(words), "{to}: {}", ran.err);
        assert!(!it.top.join("kustom.lock").exists());
    }
    assert_eq!(fs::read_dir(it.top.join("src")).unwrap().count(), 1);
    it.vendor(&["--to", "./empty/"]).good();
    assert!(it.top.join("empty/.kustom-vendor").exists());
    // While one cannot be built, its copies are not moved, for they would lie elsewhere.
    write(&it.top, "b/kustomization.yaml", "resources: [none.yaml]\n");
    let ran = it.vendor(&["--to", "moved"]);
    assert!(
        ran.err.contains("copies are not moved to moved while b cannot be built"),
        "{}",
        ran.err
    );
    assert!(!it.top.join("moved").exists());
    assert_eq!(it.vendor(&[]).code, Some(1));
}

#[test]
fn no_copy_is_written_over_a_link_of_another() {
    let it = Fixture::new("way");
    write(&it.top, "a/kustomization.yaml", "resources: ['github.com/acme/infra//linked?ref=v1']\n");
    it.vendor(&[]).good();
    let copies = it.top.join(".kustom/vendor");
    let lock = it.lock().replace("infra@main", "infra@v1/linked/x");
    fs::write(it.top.join("kustom.lock"), lock).unwrap();
    fs::remove_dir_all(copies.join("github.com")).unwrap();
    let ran = it.vendor(&[]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.err.contains("linked is a link, which is not followed"), "{}", ran.err);
    assert!(!copies.join("github.com/acme/infra@v1/base/x").exists());
}

#[test]
fn files_beside_copies_are_not_written_over_links() {
    let top = tree("beside", "v", "v/gone");
    fs::write(top.join("v/.kustom-vendor"), "").unwrap();
    symlink("../src/mine", top.join("v/.gitattributes")).unwrap();
    kustom(&top, &["vendor"]).good();
    check_untouched(&top, "a link");
    let top = tree("way", "linked/v", "linked/v/mine");
    fs::write(top.join("v/.kustom-vendor"), "").unwrap();
    symlink(".", top.join("linked")).unwrap();
    let ran = kustom(&top, &["vendor"]);
    assert!(ran.err.contains("linked is a link, which is not followed"), "{}", ran.err);
    check_untouched(&top, "a link");
}
