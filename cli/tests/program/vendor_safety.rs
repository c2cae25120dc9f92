//! A `kustom.lock` of a stranger makes `vendor` touch nothing but copies.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::vendor::Fixture;
use crate::{config_map, folder, kustom, program, write};

/// The hash of `mine`.
const HASH: &str = "sha256:3fd30542fe3f61b14bd4a4b2dc0b6fb30fa6f63ebce52dd1778aaa8c4dc02cff";
/// Where a copy is put.
const PLACE: &str = "files/example.com/x.yaml";

/// A tree that uses nothing from elsewhere, with a lock file that lists one copy.
fn tree(test: &str, copies: &str, path: &str) -> std::path::PathBuf {
    let lock = format!(
        "version: 1\ncopies: '{copies}'\nfiles:\n- url: https://example.com/x.yaml\n  hash: {HASH}\n  \
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
        let top = tree("own", "src", &format!("src/{PLACE}"));
        write(&top, &format!("src/{PLACE}"), "mine");
        let ran = kustom(&top, args);
        assert_eq!(ran.code, Some(1));
        assert!(ran.err.contains("src is no directory of copies: it is not empty"), "{}", ran.err);
        check_untouched(&top, "src");
        assert!(!top.join("w").exists());
        // A link is no marker.
        symlink("mine", top.join("src/.kustom-vendor")).unwrap();
        assert_eq!(kustom(&top, args).code, Some(1));
        check_untouched(&top, "src");
        assert!(top.join("src").join(PLACE).exists());
    }
}

#[test]
fn only_what_was_copied_is_removed() {
    // A stranger can mark any directory, and list any path in it with any hash.
    for (path, content) in [("v/mine", "mine"), ("v/src/deep", "mine"), ("v/files", "mine")] {
        let top = tree("marked", "v", path);
        write(&top, "v/.kustom-vendor", "");
        write(&top, path, content);
        let ran = kustom(&top, &["vendor"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.err.contains(&format!("Warning: {path} is not needed any more and stays")));
        assert_eq!(fs::read_to_string(top.join(path)).unwrap(), "mine");
    }
    let path = format!("v/{PLACE}");
    let top = tree("removed", "v", &path);
    write(&top, "v/.kustom-vendor", "");
    write(&top, "v/other", "");
    write(&top, &path, "changed");
    let ran = kustom(&top, &["vendor"]);
    assert!(ran.err.contains(&format!("Warning: {path} is not needed any more and stays")));
    assert!(top.join(&path).exists());
    let top = tree("removed", "v", &path);
    write(&top, "v/.kustom-vendor", "");
    write(&top, "v/other", "");
    write(&top, &path, "mine");
    let ran = kustom(&top, &["vendor"]);
    assert!(ran.err.contains("Warning: v/other lies among the copies"), "{}", ran.err);
    assert_eq!((ran.code, ran.err.lines().count()), (Some(0), 2), "{}", ran.err);
    assert_eq!(
        ran.out,
        format!(
            "removed https://example.com/x.yaml from {path}\nkustom.lock: removed, for nothing is used from \
             elsewhere\n"
        )
    );
    assert!(!top.join("v/files").exists() && top.join("v/other").exists());
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
        (".", "--to names the directory of kustom.lock itself"),
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
fn all_is_written_or_nothing() {
    let it = Fixture::new("room");
    let long = format!("{}data: {{v: {}}}\n", config_map("long"), "x".repeat(100_000));
    let files = [("long/kustomization.yaml", "resources: [map.yaml]\n"), ("long/map.yaml", &long)];
    it.elsewhere.commit("acme/lib", "v1", &files);
    write(&it.top, "c/kustomization.yaml", "resources: ['github.com/acme/lib//long?ref=v1']\n");
    write(&it.top, "d/kustomization.yaml", "resources: ['github.com/acme/lib?ref=v1']\n");
    it.vendor(&[]).good();
    let state = || (it.lock(), paths(&it.top));
    let before = state();
    // What another call left when it was ended in the middle is in nobody's way.
    write(&it.top, ".kustom/vendor/.kustom-vendor-aside/1/x", "old");
    for (args, change) in [("vendor --to moved", false), ("vendor", true)] {
        if change {
            // One of the trees becomes smaller, another one is not needed any more.
            write(&it.top, "d/kustomization.yaml", "namePrefix: a-\n");
            write(&it.top, "b/kustomization.yaml", "namePrefix: a-\n");
        }
        let ran = limited(&it.top, 64, args);
        assert_eq!(ran.code, Some(1), "{args}: {}", ran.out);
        let words = "lib@v1/long/map.yaml: File too large (os error 27); nothing was changed: kustom.lock and the \
                     copies are as they were";
        assert!(ran.err.contains(words), "{args}: {}", ran.err);
        assert_eq!(ran.out, "");
        fs::remove_dir_all(it.top.join(".kustom/vendor/.kustom-vendor-aside")).ok();
        assert_eq!(state(), before, "{args}");
    }
    it.vendor(&[]).good();
    assert!(!it.top.join(".kustom/vendor/.kustom-vendor-aside").exists());
    assert_eq!(it.offline(&["vendor", "--check"]).code, Some(0));
}

/// Runs where no file may have more than some blocks.
fn limited(top: &Path, blocks: usize, args: &str) -> crate::Ran {
    let program = env!("CARGO_BIN_EXE_kustom");
    let script = format!("ulimit -f {blocks}; trap '' XFSZ; exec {program} {args}");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).current_dir(top).output().expect("it runs").into()
}

#[test]
fn what_is_huge_is_not_read() {
    let it = Fixture::new("huge");
    it.vendor(&[]).good();
    let grow = |path: &str| {
        let file = fs::File::options().create(true).append(true).open(it.top.join(path)).unwrap();
        file.set_len(1 << 40).unwrap();
    };
    grow(".kustom/vendor/github.com/acme/infra@v1/base/map.yaml");
    for args in [["build", "a"].as_slice(), &["vendor", "--check"]] {
        let refused = it.offline(args);
        assert!(refused.code == Some(1) && refused.err.contains("too large"), "{}", refused.err);
    }
    it.vendor(&[]).good();
    grow("kustom.lock");
    for args in [["build", "a"].as_slice(), &["vendor", "--check"], &["vendor"]] {
        let refused = it.offline(args);
        assert!(refused.code == Some(1) && refused.err.contains("too large"), "{}", refused.err);
    }
}

#[test]
fn without_room_for_the_lock_all_copies_are_as_they_were() {
    let it = Fixture::new("room-for-lock");
    let names: Vec<String> =
        (0..80).map(|i| format!("{}{i}.yaml", "long-name-".repeat(10))).collect();
    let mut files = vec![("kustomization.yaml".to_owned(), "resources: [a, b, c, d]\n".to_owned())];
    for (i, folder) in ["a", "b", "c", "d"].iter().enumerate() {
        let own = &names[i * 20..(i + 1) * 20];
        files.push((
            format!("{folder}/kustomization.yaml"),
            format!("resources: [{}]\n", own.join(", ")),
        ));
        files.extend(own.iter().map(|name| (format!("{folder}/{name}"), config_map(&name[100..]))));
    }
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    it.elsewhere.commit("acme/lib", "v1", &files);
    write(&it.top, "c/kustomization.yaml", "resources: ['github.com/acme/lib?ref=v1']\n");
    it.vendor(&[]).good();
    let before = (it.lock(), paths(&it.top));
    write(&it.top, "b/kustomization.yaml", "namePrefix: a-\n");
    for args in ["vendor", "vendor --to moved"] {
        let ran = limited(&it.top, 8, args);
        let words = "kustom.lock: File too large (os error 27); nothing was changed: kustom.lock and the copies";
        assert!(ran.code == Some(1) && ran.err.contains(words), "{args}: {}", ran.err);
        assert_eq!((it.lock(), paths(&it.top)), before, "{args}");
        assert!(!it.top.join("moved").exists());
    }
}

/// Returns the paths of all copies, with what they hold.
fn paths(top: &Path) -> Vec<(std::path::PathBuf, String)> {
    let (mut found, mut waiting) = (Vec::new(), vec![top.join(".kustom"), top.join("moved")]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match fs::read_to_string(entry.path()) {
                Ok(text) => found.push((entry.path(), text)),
                Err(_) => waiting.push(entry.path()),
            }
        }
    }
    found.sort();
    found
}

/// Waits until something has happened.
fn until(mut happened: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !happened() {
        assert!(start.elapsed().as_secs() < 60, "it never happens");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn who_is_interrupted_writes_nothing() {
    let it = Fixture::new("interrupted");
    it.vendor(&["a"]).good();
    let before = (it.lock(), paths(&it.top));
    write(&it.top, "c/kustomization.yaml", "resources: ['github.com/acme/lib?ref=v1']\n");
    let git = fs::read_to_string(it.elsewhere.top.join("bin/git")).unwrap();
    // Of two trees, one comes and the other takes long.
    let slow = git.replace("exec", "case \"$*\" in *fetch*acme/lib*) sleep 30;; esac\nexec");
    write(&it.elsewhere.top, "bin/git", &slow);
    let mut command = it.elsewhere.program(&it.top, &["vendor"], &[]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let process = command.spawn().expect("it runs");
    until(|| {
        it.elsewhere.calls().iter().any(|call| call.contains("fetch") && call.contains("lib"))
    });
    let kill = format!("kill -TERM {}", process.id());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().expect("sh").success());
    let ended = process.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!ended.status.success() && said.contains("it was interrupted"), "{said}");
    assert_eq!(ended.stdout, b"", "{said}");
    assert_eq!((it.lock(), paths(&it.top)), before);
}

#[test]
fn two_at_once_do_not_undo_each_other() {
    let it = Fixture::new("two");
    let git = fs::read_to_string(it.elsewhere.top.join("bin/git")).unwrap();
    write(&it.elsewhere.top, "bin/git", &git.replace("exec", "sleep 0.4\nexec"));
    let start = |root: &str| {
        let mut command = it.elsewhere.program(&it.top, &["vendor", root], &[]);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command.spawn().expect("it runs")
    };
    let first = start("a");
    until(|| !it.elsewhere.calls().is_empty());
    let second = start("b").wait_with_output().expect("it ends");
    let first = first.wait_with_output().expect("it ends");
    assert!(first.status.success() && second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    let words = "waiting for another `kustom vendor`, which writes kustom.lock\n";
    assert!(said.starts_with(words), "{said}");
    assert_eq!(it.offline(&["vendor", "--check"]).good(), "kustom.lock is complete: 2 entries\n");
    // One that was ended holds nobody up.
    let third = it.vendor(&[]);
    assert_eq!((third.code, third.err.as_str()), (Some(0), ""));
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
    // A copy goes where it belongs, wherever the lock file says that it is.
    it.vendor(&[]).good();
    assert!(copies.join("github.com/acme/infra@main/base/map.yaml").exists());
    assert!(!copies.join("github.com/acme/infra@v1/base/x").exists());
    fs::remove_dir_all(copies.join("github.com/acme")).unwrap();
    symlink("../../../elsewhere", copies.join("github.com/acme")).unwrap();
    let ran = it.vendor(&[]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.err.contains("acme is a link, which is not followed"), "{}", ran.err);
    assert!(!it.top.join("elsewhere").exists());
}

#[test]
fn files_beside_copies_are_not_written_over_links() {
    let top = tree("beside", "v", &format!("v/{PLACE}"));
    fs::write(top.join("v/.kustom-vendor"), "").unwrap();
    write(&top, &format!("v/{PLACE}"), "mine");
    symlink("../src/mine", top.join("v/.gitattributes")).unwrap();
    symlink("../src/mine", top.join("v/.gitignore")).unwrap();
    let ran = kustom(&top, &["vendor"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    check_untouched(&top, "a link");
    let top = tree("way", "linked/v", &format!("linked/v/{PLACE}"));
    fs::write(top.join("v/.kustom-vendor"), "").unwrap();
    write(&top, &format!("v/{PLACE}"), "mine");
    symlink(".", top.join("linked")).unwrap();
    let ran = kustom(&top, &["vendor"]);
    assert!(ran.err.contains("linked is a link, which is not followed"), "{}", ran.err);
    check_untouched(&top, "a link");
}

#[test]
fn no_copy_is_read_behind_a_link() {
    let it = Fixture::new("behind");
    it.vendor(&[]).good();
    let copy = it.top.join(".kustom/vendor/github.com/acme/infra@v1");
    fs::rename(&copy, it.top.join("elsewhere")).unwrap();
    symlink("../../../../elsewhere", &copy).unwrap();
    for args in [["build", "a"], ["vendor", "--check"]] {
        let refused = it.offline(&args);
        assert_eq!(refused.code, Some(1));
        let words = "infra@v1 lies behind a link, which is not followed";
        assert!(refused.err.contains(words), "{}", refused.err);
    }
    assert!(it.vendor(&[]).err.contains("is a link, which is not followed"));
    // Not even where it would be the same: the link could lead to what never ends.
    let top = tree("behind", "v", &format!("v/{PLACE}"));
    write(&top, "kustomization.yaml", "resources: ['https://example.com/x.yaml']\n");
    fs::create_dir_all(top.join("v/files/example.com")).unwrap();
    symlink("../../../src/mine", top.join("v").join(PLACE)).unwrap();
    let refused = kustom(&top, &["build"]);
    assert!(refused.err.contains("x.yaml lies behind a link"), "{}", refused.err);
    let json = kustom(&top, &["build", "--error-format", "json"]).err;
    assert!(json.contains("\"hint_id\":\"copy-behind-link\""), "{json}");
}

#[test]
fn the_list_of_files_is_that_of_the_copy() {
    let it = Fixture::new("list");
    it.vendor(&[]).good();
    let lock = it.lock();
    for other in
        [lock.replace("  - base/map.yaml\n", ""), lock.replace("  - base/map.yaml\n", "  - x\n")]
    {
        assert_ne!(other, lock);
        write(&it.top, "kustom.lock", &other);
        let words = "kustom.lock lists other `files` of https://github.com/acme/infra at main than its copy";
        for args in [["build", "b"].as_slice(), &["vendor", "--check"]] {
            let refused = it.offline(args);
            assert!(refused.code == Some(1) && refused.err.contains(words), "{}", refused.err);
        }
        it.vendor(&[]).good();
        assert_eq!(it.lock(), lock);
    }
    // Nor is a commit anything but one.
    let commit = lock.lines().find_map(|line| line.trim().strip_prefix("commit: ")).unwrap();
    write(&it.top, "kustom.lock", &lock.replace(commit, "--upload-pack=x"));
    for args in [["build", "--allow-remote", "b"].as_slice(), &["vendor"]] {
        let refused = it.elsewhere.kustom(&it.top, args);
        assert!(refused.err.contains("the commit '--upload-pack=x' of "), "{}", refused.err);
    }
}

#[test]
fn no_network_for_who_says_so() {
    let top = folder(
        "vendor-no-network",
        &[("kustomization.yaml", "resources: ['http://127.0.0.1:1/a.yaml']\n")],
    );
    let refused = "this build has no network";
    for (args, variable) in [
        (&["vendor"][..], Some("0")),
        (&["vendor"], Some("false")),
        (&["vendor", "--allow-remote=false"], None),
        (&["vendor", "--allow-remote=no"], Some("127.0.0.1")),
    ] {
        let mut command = program(&top, args);
        variable.into_iter().for_each(|value| _ = command.env("KUSTOM_ALLOW_REMOTE", value));
        let ran = crate::Ran::from(command.output().expect("it runs"));
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(ran.err.contains(refused), "{args:?} {variable:?}: {}", ran.err);
    }
}

#[test]
fn a_build_waits_for_copies_that_change_places() {
    let it = Fixture::new("beside");
    it.vendor(&[]).good();
    let built = it.offline(&["build", "b"]).good();
    let lock = it.lock();
    let copy = lock.lines().find_map(|line| line.trim().strip_prefix("path: ")).expect("a copy");
    let files: Vec<_> = fs::read_dir(it.top.join(copy)).expect("a copy").flatten().collect();
    assert!(!files.is_empty());
    let at = it.top.join(copy);
    // As it is while another copy takes its place.
    fs::rename(&at, it.top.join("gone")).expect("moved");
    let git = fs::read_to_string(it.elsewhere.top.join("bin/git")).unwrap();
    write(&it.elsewhere.top, "bin/git", &git.replace("exec", "sleep 0.2\nexec"));
    let calls = it.elsewhere.calls().len();
    let mut vendor = it.elsewhere.program(&it.top, &["vendor"], &[]);
    vendor.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut vendor = vendor.spawn().expect("it runs");
    until(|| it.elsewhere.calls().len() > calls);
    let ran = it.offline(&["build", "a", "b"]);
    assert!(vendor.wait().expect("it ends").success());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("waiting for a `kustom vendor` that writes"), "{}", ran.err);
    assert!(ran.out.contains(&built), "{}", ran.out);
    // What nobody mends stays an error.
    fs::remove_dir_all(&at).expect("it is there");
    assert_eq!(it.offline(&["build", "a", "b"]).code, Some(1));
}
