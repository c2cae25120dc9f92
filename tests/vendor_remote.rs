//! Files and trees from elsewhere are pinned and copied; the source is memory.

#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustom::outside::{Failure, FileAnswer, FileRequest, RemoteSource, RemoteTree, TreeRequest};
use kustom::vendor::{Copied, VendorPlan, Vendored};
use kustom::{Builder, DiskFs, FileKind, FileSystem, MemoryFs};

/// Has a file behind each address, named after it, and one repository.
#[derive(Debug)]
struct Elsewhere {
    value: &'static str,
}

const COMMIT: &str = "0123456789012345678901234567890123456789";

fn map(name: &str) -> String {
    format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n")
}

impl RemoteSource for Elsewhere {
    fn tree(&self, request: &TreeRequest) -> Result<RemoteTree, Failure> {
        let mut files = MemoryFs::new();
        files.insert("/of/source/lib/kustomization.yaml", "resources: [map.yaml]\n");
        files.insert("/of/source/lib/map.yaml", map(self.value));
        let commit = request.commit().unwrap_or(COMMIT);
        Ok(RemoteTree::new(Arc::new(files), "/of/source/lib", commit))
    }

    fn file(&self, request: &FileRequest) -> Result<FileAnswer, Failure> {
        let digits = request.url().len() + request.url().matches('y').count() * 1000;
        Ok(FileAnswer::Found(map(&format!("m{digits}")).into_bytes()))
    }
}

fn builder(files: &MemoryFs, value: &'static str) -> Builder {
    Builder::new().file_system(files.clone()).remotes(Arc::new(Elsewhere { value }))
}

fn write(files: &mut MemoryFs, vendored: &Vendored) {
    files.insert("/repo/kustom.lock", vendored.lock.as_bytes());
    for (path, content) in &vendored.copies {
        let Copied::File(bytes) = content else { panic!("no file: {}", path.display()) };
        files.insert(Path::new("/repo").join(path), bytes.clone());
    }
}

fn using(urls: &[&str]) -> MemoryFs {
    let mut files = MemoryFs::new();
    files.insert("/repo/app/kustomization.yaml", format!("resources: {urls:?}\n"));
    files
}

#[test]
fn nothing_of_the_user_is_above_a_tree() {
    let files = using(&["github.com/acme/lib?ref=v1"]);
    let (build, inputs) = builder(&files, "a").build_with_inputs("/repo/app");
    assert_eq!(build.expect("a build").resources()[0].name(), "a");
    assert_eq!(inputs.paths().find(|(path, _)| path.starts_with("/of")), None);
    assert_eq!(inputs.remotes().len(), 1);
}

#[test]
fn a_url_may_be_the_beginning_of_another() {
    let long = format!("http://host.example/{}", "z".repeat(300));
    let all = [
        "http://host.example/x/y.yaml",
        "http://host.example/x",
        "http://host.example/",
        "http://host.example/x/y.yaml/yy",
        long.as_str(),
    ];
    let plan = VendorPlan::new("/repo");
    let mut files = using(&[]);
    // Whichever comes first, and all at once.
    for urls in [&all[..1], &all[..2], &all[..3], &all[..], &all[1..]] {
        let text = format!("resources: {urls:?}\n");
        files.insert("/repo/app/kustomization.yaml", text);
        let vendored = builder(&files, "a").vendor(["/repo/app"], &plan).expect("copies");
        assert!(vendored.is_whole(), "{vendored:?}");
        let paths: Vec<&PathBuf> = vendored.copies.keys().collect();
        assert_eq!(paths.len(), urls.len());
        for path in &paths {
            let is_above = |other: &&&PathBuf| other != &path && other.starts_with(path);
            assert_eq!(paths.iter().find(is_above), None, "{paths:?}");
            assert!(path.iter().all(|part| part.len() < 250), "{path:?}");
        }
        write(&mut files, &vendored);
        let offline = Builder::new().file_system(files.clone());
        assert_eq!(offline.build("/repo/app").expect("a build").resources().len(), urls.len());
        assert!(offline.check_vendored(["/repo/app"], Path::new("/repo")).is_ok());
    }
}

#[test]
fn a_tree_that_is_fetched_again_has_the_hash_of_the_lock() {
    let files = using(&["github.com/acme/lib?ref=v1"]);
    let plan = VendorPlan::new("/repo");
    let vendored = builder(&files, "a").vendor(["/repo/app"], &plan).expect("copies");
    // The copies are not committed.
    let locked = |lock: &str| {
        let mut files = files.clone();
        files.insert("/repo/kustom.lock", lock.as_bytes());
        files
    };
    let lock = &vendored.lock;
    let built = builder(&locked(lock), "a").build("/repo/app").expect("a build");
    assert_eq!(built.resources()[0].name(), "a");
    let hash = lock.split("hash: ").nth(1).and_then(|rest| rest.lines().next()).expect("a hash");
    for (lock, value) in [
        // What the commit holds was forged, the hash, the commit, or what is listed of it.
        (lock.clone(), "evil"),
        (lock.replace(hash, "sha256:00"), "a"),
        (lock.replace(COMMIT, &"1".repeat(40)), "evil"),
        (lock.replace("map.yaml", "maps.yaml"), "a"),
    ] {
        let files = locked(&lock);
        let error = builder(&files, value).build("/repo/app").expect_err("it is refused");
        let words = "https://github.com/acme/lib at v1 is not what it was when kustom.lock";
        assert!(error.message().contains(words), "{error}");
        let again = builder(&files, value).vendor(["/repo/app"], &plan).expect("a lock");
        assert_eq!((again.lock, again.copies.len()), (lock, 0));
        assert_eq!(again.not_fetched[0].hint_id(), Some("changed-elsewhere"));
        let moved = builder(&files, value).vendor(["/repo/app"], &plan.clone().update(["*"]));
        assert!(moved.expect("copies").is_whole());
    }
}

/// Files that belong to several users: what `of` says, and all others to user 1000.
#[derive(Clone, Debug)]
struct Owned {
    files: MemoryFs,
    of: Vec<(&'static str, u32)>,
}

impl FileSystem for Owned {
    fn kind(&self, path: &Path) -> std::io::Result<FileKind> {
        self.files.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> std::io::Result<PathBuf> {
        self.files.canonicalize(path)
    }

    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.files.read(path)
    }

    fn list(&self, path: &Path) -> std::io::Result<Vec<String>> {
        self.files.list(path)
    }

    fn absolute(&self, path: &Path) -> std::io::Result<PathBuf> {
        self.files.absolute(path)
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        self.of.iter().find(|(of, _)| path == Path::new(of)).map_or(Some(1000), |(_, id)| Some(*id))
    }
}

#[test]
fn a_lock_of_another_user_counts_only_in_a_repository() {
    let mut files = using(&["https://host.example/o/r"]);
    let vendored = builder(&files, "a").vendor(["/repo/app"], &VendorPlan::new("/repo"));
    write(&mut files, &vendored.expect("copies"));
    let mut in_repository = files.clone();
    in_repository.insert("/repo/.git/HEAD", "");
    let lock = "/repo/kustom.lock";
    for (files, of, is_refused) in [
        (&files, vec![], false),
        (&files, vec![(lock, 0)], false),
        (&files, vec![(lock, 1001)], true),
        (&files, vec![(lock, 1001), ("/repo/app", 1001)], false),
        (&in_repository, vec![(lock, 1001)], false),
        // Anybody can make a folder of this name.
        (&in_repository, vec![(lock, 1001), ("/repo/.git", 1001)], true),
    ] {
        let owned = Owned { files: files.clone(), of: of.clone() };
        let builder = Builder::new().file_system(owned).remotes(Arc::new(Elsewhere { value: "a" }));
        let built = builder.build("/repo/app").map(drop).map_err(|e| e.to_string());
        let words = "/repo/kustom.lock belongs to neither root nor the owner of /repo/app";
        let refused = built.as_ref().is_err_and(|e| e.contains(words));
        assert_eq!((built.is_err(), refused), (is_refused, is_refused), "{of:?}: {built:?}");
        let vendored = builder.vendor(["/repo/app"], &VendorPlan::new("/repo"));
        assert_eq!(vendored.is_err(), is_refused, "{of:?}");
    }
}

#[cfg(unix)]
#[test]
fn files_of_the_disk_have_owners() {
    let own = DiskFs.owner(Path::new("."));
    assert!(own.is_some());
    let top = DiskFs.absolute(Path::new(".")).expect("a path");
    let rooted = DiskFs::rooted(&top).expect("a root");
    assert_eq!(rooted.owner(&top), own);
    assert_eq!(rooted.owner(&top.join("src")), DiskFs.owner(&top.join("src")));
}
