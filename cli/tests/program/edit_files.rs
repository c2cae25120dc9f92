//! What becomes of the files that are edited.

use std::fs;

use super::{folder, kustom};

#[cfg(unix)]
#[test]
fn the_owner_stays() {
    use std::os::unix::fs::{MetadataExt, chown};
    let text = "images:\n- name: web\n  newTag: v1\n";
    let dir = folder("edit-owner", &[("kustomization.yaml", text)]);
    let file = dir.join("kustomization.yaml");
    if chown(&file, Some(65534), Some(65533)).is_err() {
        // Only root gives files away, and only of root are they taken away.
        return;
    }
    for (number, args) in [
        (2, &["edit", "set", "image", "web:v2"][..]),
        (3, &["set", "image", "web:v3", "--add"]),
        (3, &["edit", "set", "nameprefix", "a-"]),
        (3, &["edit", "fix"]),
    ] {
        kustom(&dir, args).good();
        let there = fs::metadata(&file).expect("a file");
        assert_eq!((there.uid(), there.gid()), (65534, 65533), "{args:?}");
        let text = fs::read_to_string(&file).expect("a file");
        assert!(text.contains(&format!("newTag: v{number}")), "{text}");
    }
}
