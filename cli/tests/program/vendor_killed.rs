//! What a `kustom vendor` leaves that was killed, the next one puts in order; and copies that somebody forged.
#![cfg(unix)]

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::vendor::{Fixture, files};
use super::{config_map, write};

/// Has the kustomizations use a version.
fn use_version(it: &Fixture, version: &str) {
    for (root, path) in [("a", "infra//base"), ("b", "lib"), ("c", "more"), ("d", "most")] {
        let text = format!("resources: ['github.com/acme/{path}?ref={version}']\n");
        write(&it.top, &format!("{root}/kustomization.yaml"), &text);
    }
}

#[test]
fn whoever_is_killed_leaves_nothing_behind_for_good() {
    let it = Fixture::new("killed");
    for (repository, version) in [("more", "v1"), ("most", "v1"), ("more", "v2"), ("most", "v2")] {
        let map = config_map(&format!("{repository}-{version}"));
        let files = [("kustomization.yaml", "resources: [map.yaml]\n"), ("map.yaml", map.as_str())];
        it.elsewhere.commit(&format!("acme/{repository}"), version, &files);
    }
    it.elsewhere.commit("acme/infra", "v2", &[("base/map.yaml", &config_map("two"))]);
    it.elsewhere.commit("acme/lib", "v2", &[("map.yaml", &config_map("two"))]);
    let versions = ["v1", "v2"];
    let clean = versions.map(|version| {
        use_version(&it, version);
        it.vendor(&[]).good();
        (it.lock(), files(&it.top))
    });
    for i in 0..12_usize {
        let (version, expected) = (versions[i % 2], &clean[i % 2]);
        use_version(&it, version);
        let mut command = it.elsewhere.program(&it.top, &["vendor"], &[]);
        let mut process =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        // The last ones are at the end, or close to it.
        thread::sleep(Duration::from_millis(25 * i as u64));
        process.kill().expect("it is killed");
        process.wait().expect("it ends");
        it.elsewhere.clear_temporary();
        let ran = it.vendor(&[]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.err.is_empty() || ran.err.ends_with("is undone\n"), "{}", ran.err);
        assert_eq!((&it.lock(), &files(&it.top)), (&expected.0, &expected.1), "{i}");
        it.offline(&["vendor", "--check"]).good();
    }
}

#[test]
fn a_check_tells_of_a_call_that_was_killed() {
    let it = Fixture::new("killed-check");
    it.vendor(&[]).good();
    let before = files(&it.top);
    for file in
        [".kustom/vendor/.kustom-vendor-aside/moves", ".kustom/vendor/.kustom-4194305-0.tmp"]
    {
        write(&it.top, file, "");
    }
    write(&it.top, ".kustom-4194305-0.tmp", "");
    let checked = it.offline(&["vendor", "--check"]);
    assert_eq!(checked.code, Some(1));
    assert!(checked.err.contains("was ended in the middle; run it again"), "{}", checked.err);
    let mended = it.vendor(&[]);
    assert!(mended.code == Some(0) && mended.err.contains("is undone"), "{}", mended.err);
    assert_eq!(files(&it.top), before);
    it.offline(&["vendor", "--check"]).good();
}

#[test]
fn a_list_of_moves_that_a_stranger_wrote_moves_nothing() {
    let it = Fixture::new("killed-forged");
    it.vendor(&[]).good();
    let aside = ".kustom/vendor/.kustom-vendor-aside";
    write(&it.top, &format!("{aside}/1"), "mine");
    write(&it.top, ".kustom/vendor/own", "mine");
    let moves = "1 2 3\n4 5\n[\".kustom/vendor/own\"]\n[\".kustom/vendor/own\",\"1\"]\n[\"a\"]\n";
    write(&it.top, &format!("{aside}/moves"), moves);
    it.vendor(&[]);
    assert_eq!(fs::read_to_string(it.top.join(".kustom/vendor/own")).unwrap(), "mine");
    assert!(it.top.join("a/kustomization.yaml").exists());
}

#[test]
fn only_fetching_again_shows_copies_that_were_forged_with_their_lock() {
    let (it, forger) = (Fixture::new("forged"), Fixture::new("forged-elsewhere"));
    it.vendor(&[]).good();
    let honest = it.vendor(&["--check", "--allow-remote"]).good();
    assert_eq!(honest, "kustom.lock is complete: 2 entries, the same as elsewhere\n");
    // Copies of something else, with the commit of the real thing.
    forger.elsewhere.commit("acme/infra", "v2", &[("base/map.yaml", &config_map("forged"))]);
    forger.vendor(&[]).good();
    let (real, forged) = (it.commit("acme/infra", "main"), forger.commit("acme/infra", "main"));
    let lock = forger.lock();
    assert!(lock.contains(&forged) && real != forged);
    write(&it.top, "kustom.lock", &lock.replace(&forged, &real));
    let map = ".kustom/vendor/github.com/acme/infra@main/base/map.yaml";
    fs::copy(forger.top.join(map), it.top.join(map)).expect("a copy");
    it.offline(&["vendor", "--check"]).good();
    let before = (it.lock(), files(&it.top));
    let checked = it.vendor(&["--check", "--allow-remote"]);
    assert_eq!((checked.code, checked.out.as_str()), (Some(1), ""), "{}", checked.err);
    let words = "acme/infra at main is not what it was when kustom.lock was written";
    assert!(checked.err.contains(words), "{}", checked.err);
    assert_eq!((it.lock(), files(&it.top)), before);
    // What is put right is told.
    let updated = it.vendor(&["--update"]);
    assert_eq!(updated.code, Some(1), "{}", updated.err);
    assert!(updated.out.contains("other content under the same name"), "{}", updated.out);
    it.vendor(&["--check", "--allow-remote"]).good();
}
