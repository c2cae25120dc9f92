//! Vendored copies and `kustom.lock`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::elsewhere::{Elsewhere, Server};
use crate::{Ran, config_map, folder, kustom, program, write};

/// A tree that uses a repository at a tag and at its branch.
pub(crate) struct Fixture {
    pub(crate) elsewhere: Elsewhere,
    pub(crate) top: PathBuf,
}

impl Fixture {
    pub(crate) fn new(test: &str) -> Fixture {
        let elsewhere = Elsewhere::new(&format!("vendor-{test}"));
        let map = config_map("infra");
        let files = [
            ("base/kustomization.yaml", "resources: [map.yaml]\nnamePrefix: one-\n"),
            ("base/map.yaml", map.as_str()),
            ("base/not-used.yaml", "a: 1\n"),
            ("linked", "-> base"),
            ("nested/kustomization.yaml", "resources: [../base]\n"),
            ("other/kustomization.yaml", "resources: ['github.com/acme/lib?ref=v1']\n"),
        ];
        elsewhere.commit("acme/infra", "v1", &files);
        elsewhere.commit("acme/lib", "v1", &[("kustomization.yaml", "resources: [map.yaml]\n")]);
        elsewhere.commit("acme/lib", "v1", &[("map.yaml", &config_map("lib"))]);
        let top = folder(
            &format!("vendor-{test}"),
            &[
                (
                    "a/kustomization.yaml",
                    "buildMetadata: [originAnnotations]\nresources: ['github.com/acme/infra//nested?ref=v1']\n",
                ),
                ("b/kustomization.yaml", "resources: ['github.com/acme/infra//base?ref=main']\n"),
            ],
        );
        Fixture { elsewhere, top }
    }

    pub(crate) fn vendor(&self, args: &[&str]) -> Ran {
        let mut all = vec!["vendor"];
        all.extend(args);
        self.elsewhere.kustom(&self.top, &all)
    }

    /// Builds with nothing but the files: no program is found and nothing is allowed.
    pub(crate) fn offline(&self, args: &[&str]) -> Ran {
        let mut command = program(&self.top, args);
        command.env("PATH", "").output().expect("it runs").into()
    }

    pub(crate) fn lock(&self) -> String {
        fs::read_to_string(self.top.join("kustom.lock")).expect("a lock file")
    }

    pub(crate) fn commit(&self, repository: &str, reference: &str) -> String {
        let work = self.elsewhere.top.join("bare").join(repository);
        self.elsewhere.git(&work, &["rev-parse", reference])
    }
}

/// Returns the files below a directory.
pub(crate) fn files(top: &Path) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec![top.to_path_buf()]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            match entry.file_type().expect("a kind").is_dir() {
                true => waiting.push(entry.path()),
                false => {
                    let path = entry.path();
                    let path = path.strip_prefix(top).expect("below");
                    found.push(path.display().to_string());
                }
            }
        }
    }
    found.sort();
    found
}

#[test]
fn copies_are_built_like_the_real_thing() {
    let it = Fixture::new("build");
    let real: Vec<String> = ["a", "b"]
        .map(|root| it.elsewhere.kustom(&it.top, &["build", "--allow-remote", root]).good())
        .to_vec();
    assert!(real[0].contains("repo: https://github.com/acme/infra"));
    let said = it.vendor(&[]).good();
    let (v1, main) = (it.commit("acme/infra", "v1"), it.commit("acme/infra", "main"));
    assert_eq!(
        said,
        format!(
            "added   https://github.com/acme/infra at main {}\nadded   https://github.com/acme/infra at \
             v1 {}\nkustom.lock: 2 entries\n",
            &main[..12],
            &v1[..12]
        )
    );
    for (root, real) in ["a", "b"].iter().zip(&real) {
        assert_eq!(it.offline(&["build", root]).good(), *real);
    }
    // Of a tree what builds look at, and no more.
    assert_eq!(
        files(&it.top.join(".kustom/vendor")),
        [
            ".gitattributes",
            ".gitignore",
            ".kustom-vendor",
            "github.com/acme/infra@main/base/kustomization.yaml",
            "github.com/acme/infra@main/base/map.yaml",
            "github.com/acme/infra@v1/base/kustomization.yaml",
            "github.com/acme/infra@v1/base/map.yaml",
            "github.com/acme/infra@v1/nested/kustomization.yaml",
        ]
    );
    // A commit that could be a number is quoted.
    let lock = it.lock().replace(&v1, "COMMIT").replace(&main, "COMMIT").replace("\"", "");
    insta::assert_snapshot!(lock, @r"
    # Written by `kustom vendor`: what is used from elsewhere, and where its copy is.
    version: 1
    copies: .kustom/vendor
    trees:
    - repository: https://github.com/acme/infra
      ref: main
      commit: COMMIT
      hash: sha256:1ed72ae66e98fda43d95cca52ff66a17bf5f90a8d1c7a23218df27b41ce68e19
      path: .kustom/vendor/github.com/acme/infra@main
      files:
      - base/kustomization.yaml
      - base/map.yaml
      urls:
      - github.com/acme/infra//base?ref=main
    - repository: https://github.com/acme/infra
      ref: v1
      commit: COMMIT
      hash: sha256:9ebde7b6b22c15cc559592f6b51cd4755ecb17f3b80340e2e2dd888b43ebbe61
      path: .kustom/vendor/github.com/acme/infra@v1
      files:
      - base/kustomization.yaml
      - base/map.yaml
      - nested/kustomization.yaml
      urls:
      - github.com/acme/infra//nested?ref=v1
    ");
    // What is there is not fetched again.
    let fetches = it.elsewhere.fetches();
    assert_eq!(it.vendor(&[]).good(), "kustom.lock is complete: 2 entries\n");
    assert_eq!(it.offline(&["vendor", "--check"]).good(), "kustom.lock is complete: 2 entries\n");
    assert_eq!(it.elsewhere.fetches(), fetches);
}

#[test]
fn the_sample_is_complete() {
    let sample = crate::testdata().join("infra-config");
    let mut command = program(&sample, &["vendor", "--check"]);
    let checked: Ran = command.env("PATH", "").output().expect("it runs").into();
    // One root needs helm, which is not there.
    assert_eq!((checked.code, &*checked.out), (Some(0), "kustom.lock is complete: 1 entry\n"));
}

#[test]
fn links_and_nested_trees_are_copied() {
    let it = Fixture::new("links");
    write(&it.top, "a/kustomization.yaml", "resources: ['github.com/acme/infra//linked?ref=v1']\n");
    write(&it.top, "b/kustomization.yaml", "resources: ['github.com/acme/infra//other?ref=v1']\n");
    let real = it.elsewhere.kustom(&it.top, &["build", "--allow-remote", "a", "b"]).good();
    it.vendor(&["a", "b"]).good();
    assert_eq!(it.offline(&["build", "a", "b"]).good(), real);
    let link = it.top.join(".kustom/vendor/github.com/acme/infra@v1/linked");
    assert_eq!(fs::read_link(link).expect("a link"), Path::new("base"));
}

#[test]
fn what_was_changed_is_refused() {
    let it = Fixture::new("changed");
    it.vendor(&[]).good();
    let copy = ".kustom/vendor/github.com/acme/infra@v1";
    for (path, text) in [("base/map.yaml", config_map("evil")), ("base/more.yaml", String::new())] {
        write(&it.top, &format!("{copy}/{path}"), &text);
        for args in
            [["build", "a"].as_slice(), &["build", "--allow-remote", "a"], &["vendor", "--check"]]
        {
            let refused = it.offline(args);
            assert_eq!(refused.code, Some(1), "{args:?}");
            let words = format!(
                "the copy of https://github.com/acme/infra at v1 in {copy} is not what kustom.lock says"
            );
            assert!(refused.err.contains(&words), "{}", refused.err);
        }
        it.vendor(&[]).good();
        assert_eq!(it.offline(&["build", "a"]).code, Some(0));
    }
}

#[test]
fn what_is_missing_is_named_and_can_be_restored() {
    let it = Fixture::new("missing");
    it.vendor(&[]).good();
    let before = (it.lock(), it.offline(&["build", "b"]).good());
    fs::remove_dir_all(it.top.join(".kustom")).expect("it is there");
    // The branch moves on; the lock does not.
    it.elsewhere.commit("acme/infra", "v2", &[("base/map.yaml", &config_map("later"))]);
    let refused = it.offline(&["build", "b"]).err;
    let words = "kustom.lock lists https://github.com/acme/infra at main, but its copy \
                 .kustom/vendor/github.com/acme/infra@main is missing";
    assert!(refused.contains(words), "{refused}");
    assert!(refused.contains("run `kustom vendor`"), "{refused}");
    let cut = it.offline(&["build", "--allow-remote", "b"]).err;
    assert!(cut.contains(words) && cut.contains("no 'git' program on path"), "{cut}");
    // Where fetching is allowed, the commit of the lock is fetched.
    let built = it.elsewhere.kustom(&it.top, &["build", "--allow-remote", "b"]).good();
    assert_eq!(built, before.1);
    it.vendor(&[]).good();
    assert_eq!((it.lock(), it.offline(&["build", "b"]).good()), before);
}

#[test]
fn what_is_not_listed_is_refused() {
    let it = Fixture::new("unlisted");
    it.vendor(&[]).good();
    write(&it.top, "c/kustomization.yaml", "resources: ['github.com/acme/lib?ref=v1']\n");
    for args in [["build", "c"].as_slice(), &["build", "--allow-remote", "c"]] {
        let refused = it.elsewhere.kustom(&it.top, args);
        assert_eq!(refused.code, Some(1));
        let words = "'github.com/acme/lib?ref=v1' is not in ";
        assert!(refused.err.contains(words), "{}", refused.err);
    }
    let check = it.vendor(&["--check"]);
    assert_eq!(check.code, Some(1));
    assert!(
        check.err.contains("kustom.lock is not complete; run `kustom vendor`"),
        "{}",
        check.err
    );
    assert!(it.vendor(&[]).good().starts_with("added   https://github.com/acme/lib at v1 "));
    assert_eq!(it.offline(&["build", "c"]).good(), config_map("lib"));
    // Another folder of the same tree needs other files.
    write(&it.top, "c/kustomization.yaml", "resources: ['github.com/acme/infra//linked?ref=v1']\n");
    assert_eq!(it.vendor(&["--check"]).code, Some(1));
    it.vendor(&[]).good();
    assert_eq!(it.offline(&["build", "c"]).code, Some(0));
    assert!(!it.lock().contains("acme/lib"), "{}", it.lock());
    assert!(!it.top.join(".kustom/vendor/github.com/acme/lib@v1").exists());
}

#[test]
fn what_is_not_used_is_found() {
    let it = Fixture::new("unused");
    it.vendor(&[]).good();
    write(&it.top, "b/kustomization.yaml", "resources: []\nnamePrefix: x-\n");
    write(&it.top, ".kustom/vendor/stray/file", "");
    let check = it.vendor(&["--check"]);
    assert_eq!(check.code, Some(1));
    for words in [
        "kustom.lock: https://github.com/acme/infra at main is listed and not used",
        "kustom.lock: .kustom/vendor/stray is not listed",
    ] {
        assert!(check.err.contains(words), "{}", check.err);
    }
}

#[test]
fn refs_move_when_they_are_told_to() {
    let it = Fixture::new("update");
    it.vendor(&[]).good();
    let before = it.lock();
    let old = it.commit("acme/infra", "main");
    it.elsewhere.commit("acme/infra", "v2", &[("base/map.yaml", &config_map("later"))]);
    it.elsewhere.commit("acme/infra", "v1", &[]);
    let new = it.commit("acme/infra", "main");
    assert_eq!(it.vendor(&[]).good(), "kustom.lock is complete: 2 entries\n");
    let lost = it.vendor(&["--update", "acme/other"]);
    assert_eq!(lost.code, Some(1));
    assert!(lost.err.contains("'acme/other' matches no entry of kustom.lock"), "{}", lost.err);
    assert!(lost.err.contains("https://github.com/acme/infra at main, https"), "{}", lost.err);
    // A directory that was taken for a pattern.
    write(&it.top, "teams/x", "");
    let told = it.vendor(&["--update", "teams"]).err;
    let words =
        "'teams' is taken for a pattern of URLs; `kustom vendor teams --update` moves what is used";
    assert!(told.contains(words), "{told}");
    assert_eq!(it.lock(), before);
    let said = it.vendor(&["--update", "acme/*main"]).good();
    let moved =
        format!("moved   https://github.com/acme/infra at main {} -> {}\n", &old[..12], &new[..12]);
    assert!(said.starts_with(&moved) && !said.contains("v1"), "{said}");
    assert!(it.offline(&["build", "b"]).good().contains("one-later"));
    assert!(
        it.vendor(&["--update"]).good().contains("moved   https://github.com/acme/infra at v1 ")
    );
}

#[test]
fn an_update_fetches_only_what_it_names() {
    let it = Fixture::new("update-one");
    write(&it.top, "c/kustomization.yaml", "resources: ['github.com/acme/lib?ref=v1']\n");
    it.vendor(&[]).good();
    it.elsewhere.commit("acme/infra", "v2", &[("base/map.yaml", &config_map("later"))]);
    let fetched = it.elsewhere.fetches();
    let lib = it.elsewhere.top.join("bare/acme/lib");
    let away = it.elsewhere.top.join("bare/acme/away");
    fs::rename(&lib, &away).expect("it is there");
    let said = it.vendor(&["--update", "acme/*main"]).good();
    assert!(said.starts_with("moved   https://github.com/acme/infra at main "), "{said}");
    assert!(said.ends_with("kustom.lock: 3 entries\n"), "{said}");
    assert_eq!(it.elsewhere.fetches(), fetched + 1, "{:?}", it.elsewhere.calls());
    assert!(it.offline(&["build", "c"]).good().contains("name: lib"));
    assert_eq!(it.offline(&["vendor", "--check"]).code, Some(0));
    // What is needed now and no copy has is fetched, at the commit of the lock.
    fs::rename(&away, &lib).expect("it is there");
    write(&it.top, "d/kustomization.yaml", "resources: ['github.com/acme/infra//other?ref=v1']\n");
    it.vendor(&["--update", "acme/lib"]).good();
    assert!(it.offline(&["build", "d"]).good().contains("name: lib"));
    assert_eq!(it.offline(&["vendor", "--check"]).code, Some(0));
}

#[test]
fn files_of_the_web_are_copied() {
    let content = std::sync::Arc::new(std::sync::Mutex::new(config_map("one")));
    let served = std::sync::Arc::clone(&content);
    let server = Server::start(move |_| (200, String::new(), served.lock().expect("text").clone()));
    let url = format!("http://{}/map.yaml", server.address);
    let top = folder("vendor-web", &[("kustomization.yaml", &format!("resources: ['{url}']\n"))]);
    let allowed = format!("--allow-remote={}", server.address);
    let refused = kustom(&top, &["vendor"]);
    assert!(refused.err.contains("its host is not a public one"), "{}", refused.err);
    kustom(&top, &["vendor", &allowed]).good();
    let offline = |args: &[&str]| -> Ran {
        program(&top, args).env("PATH", "").output().expect("it runs").into()
    };
    assert_eq!(offline(&["build"]).good(), config_map("one"));
    let deps = offline(&["deps"]).good();
    assert!(deps.contains(&format!("remote    {url}\n")), "{deps}");
    *content.lock().expect("text") = config_map("two");
    // That something else fails, and is looked at without copies, is nothing to a file that has one.
    write(&top, "b/kustomization.yaml", "resources: [none.yaml]\n");
    let failed = kustom(&top, &["vendor", &allowed]);
    assert!(failed.code == Some(1) && !failed.err.contains("is not what it was"), "{}", failed.err);
    fs::remove_dir_all(top.join("b")).expect("it is there");
    assert!(kustom(&top, &["vendor", &allowed]).good().contains("is complete: 1 entry"));
    fs::remove_dir_all(top.join(".kustom")).expect("copies");
    let changed = kustom(&top, &["vendor", &allowed]).err;
    assert!(changed.contains("is not what it was when kustom.lock was written"), "{changed}");
    kustom(&top, &["vendor", &allowed, "--update"]).good();
    assert_eq!(offline(&["build"]).good(), config_map("two"));
}

#[test]
fn copies_go_where_they_are_told() {
    let it = Fixture::new("to");
    it.vendor(&["--to", "third_party/kustomize"]).good();
    assert!(it.lock().contains("copies: third_party/kustomize\n"), "{}", it.lock());
    assert_eq!(it.offline(&["vendor", "--check"]).code, Some(0));
    fs::remove_dir_all(it.top.join("third_party")).expect("copies");
    it.vendor(&[]).good();
    assert!(it.top.join("third_party/kustomize/.kustom-vendor").exists());
    assert!(!it.top.join(".kustom").exists());
    it.vendor(&["--to", ".kustom/vendor"]).good();
    assert!(!it.top.join("third_party/kustomize/github.com").exists());
    let odd = it.vendor(&["--to", "../elsewhere"]);
    assert!(odd.err.contains("does not lie below the directory of kustom.lock"), "{}", odd.err);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_when_copies_are_written() {
    let it = Fixture::new("link");
    fs::create_dir_all(it.top.join("elsewhere/vendor/github.com")).expect("a folder");
    std::os::unix::fs::symlink("elsewhere", it.top.join(".kustom")).expect("a link");
    let refused = it.vendor(&[]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("is a link, which is not followed"), "{}", refused.err);
}

#[test]
fn each_revision_has_its_own_copies() {
    let it = Fixture::new("revisions");
    let git = |words: &[&str]| it.elsewhere.git(&it.top, words);
    it.vendor(&[]).good();
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "-m", "one"]);
    it.elsewhere.commit("acme/infra", "v2", &[("base/map.yaml", &config_map("later"))]);
    it.vendor(&["--update"]).good();
    let diff = it.offline(&["diff", "b"]);
    assert_eq!((diff.code, diff.err.as_str()), (Some(1), ""), "{}", diff.out);
    assert!(diff.out.contains("one-infra") && diff.out.contains("one-later"), "{}", diff.out);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "-m", "two"]);
    let diff = it.offline(&["diff", "b", "--from", "HEAD~1", "--to", "HEAD"]);
    assert!(diff.out.contains("one-infra") && diff.out.contains("one-later"), "{}", diff.out);
    // Copies are no roots, and who uses them is affected by them.
    let affected = it.elsewhere.kustom(&it.top, &["affected", "--since", "HEAD~1", "."]);
    // Of the lock file, a looks at another entry.
    assert_eq!(affected.good(), "b\n");
    let all = it.offline(&["diff", ".", "--from", "HEAD~1", "--to", "HEAD"]);
    assert!(!all.out.contains(".kustom"), "{}", all.out);
    let deps = it.offline(&["deps", "b"]).good();
    let commit = it.commit("acme/infra", "main");
    let line = format!("remote    github.com/acme/infra//base?ref=main ({commit})\n");
    assert!(deps.contains(&line), "{deps}");
    assert!(deps.contains("file      kustom.lock\n"), "{deps}");
}

#[test]
fn one_that_cannot_be_built_does_not_stop_the_others() {
    let it = Fixture::new("broken");
    it.vendor(&[]).good();
    write(&it.top, "b/kustomization.yaml", "resources: [none.yaml]\n");
    write(&it.top, "c/kustomization.yaml", "resources: ['github.com/acme/lib?ref=v1']\n");
    let ran = it.vendor(&[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("Warning: b cannot be built"), "{}", ran.err);
    assert!(ran.out.starts_with("added   https://github.com/acme/lib at v1 "), "{}", ran.out);
    // What b used may be used again when it is mended.
    assert!(it.lock().contains("ref: main"), "{}", it.lock());
    // What cannot be fetched does: nothing is written.
    let before = it.lock();
    write(&it.top, "c/kustomization.yaml", "resources: ['github.com/acme/none?ref=v1']\n");
    let ran = it.vendor(&[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("https://github.com/acme/none"), "{}", ran.err);
    assert_eq!(it.lock(), before);
}

#[test]
fn nothing_from_elsewhere_needs_no_lock() {
    let top = folder("vendor-nothing", &[("kustomization.yaml", "namePrefix: a-\n")]);
    assert_eq!(kustom(&top, &["vendor"]).good(), "nothing is used from elsewhere\n");
    assert!(!top.join("kustom.lock").exists());
    assert_eq!(kustom(&top, &["vendor", "--check"]).code, Some(0));
    write(&top, "kustom.lock", "version: 9\n");
    write(&top, "kustomization.yaml", "resources: ['github.com/acme/infra?ref=v1']\n");
    let newer = kustom(&top, &["build"]).err;
    assert!(newer.contains("it has version 9, and 1 is known"), "{newer}");
    let newer = kustom(&top, &["vendor"]).err;
    assert!(newer.contains("install a newer kustom"), "{newer}");
}

#[test]
fn each_lock_has_commits_of_its_own() {
    let elsewhere = Elsewhere::new("two-locks");
    let entry = "resources: ['github.com/acme/infra//base?ref=main']\n";
    let files = [("one/kustomization.yaml", entry), ("two/kustomization.yaml", entry)];
    let top = folder("vendor-two-locks", &files);
    for dir in ["one", "two"] {
        let map = config_map(dir);
        let files =
            [("base/kustomization.yaml", "resources: [map.yaml]\n"), ("base/map.yaml", &map)];
        elsewhere.commit("acme/infra", "main", &files);
        elsewhere.kustom(&top.join(dir), &["vendor", "--allow-remote"]).good();
    }
    for _ in ["copies", "fetched at the commits of the locks"] {
        for dirs in [["one", "two"], ["two", "one"]] {
            let args = ["build", "--allow-remote", dirs[0], dirs[1]];
            let text = elsewhere.kustom(&top, &args).good();
            assert_eq!(text, format!("{}---\n{}", config_map(dirs[0]), config_map(dirs[1])));
        }
        _ = fs::remove_dir_all(top.join("one/.kustom"));
        _ = fs::remove_dir_all(top.join("two/.kustom"));
    }
}
