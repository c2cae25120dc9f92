//! The one directory that a build reads, and the ways out of it.
#![cfg(unix)]
#![allow(clippy::disallowed_methods)] // the tests write what the builds read

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use kustom::{Builder, DiskFs, Error, ErrorKind, FileKind, FileSystem, LoadRestriction, RootedFs};

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

/// A folder with a root in it and something outside.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let place = Place { folder: tempfile::tempdir().expect("a folder") };
        place.write("outside/secret.yaml", &MAP.replace("name: a", "name: secret"));
        place.write("outside/kustomization.yaml", "resources: [secret.yaml]\n");
        place.write("root/app/map.yaml", MAP);
        place.write("root/base/map.yaml", MAP);
        place.write("root/base/kustomization.yaml", "resources: [map.yaml]\n");
        place
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().canonicalize().expect("it is there").join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        fs::write(path, text).expect("it is written");
    }

    fn link(&self, link: &str, target: impl AsRef<Path>) {
        symlink(target, self.path(link)).expect("it is made");
    }

    fn fs(&self) -> RootedFs {
        DiskFs::rooted(self.path("root")).expect("a root")
    }

    fn build(&self, kustomization: &str) -> Result<String, Error> {
        self.write("root/app/kustomization.yaml", kustomization);
        let builder = Builder::new().file_system(self.fs());
        let builder = builder.load_restriction(LoadRestriction::None);
        builder.build(self.path("root/app")).map(|build| build.to_yaml())
    }
}

#[test]
fn what_lies_inside_is_read() {
    let place = Place::new();
    place.link("root/app/link.yaml", "../base/map.yaml");
    place.link("root/app/absolute.yaml", place.path("root/base/map.yaml"));
    place.link("root/app/folder", "../base");
    for resources in
        ["map.yaml", "../base", "link.yaml", "absolute.yaml", "folder", "folder/map.yaml"]
    {
        let built = place.build(&format!("resources: [{resources}]\n"));
        assert_eq!(built.expect(resources), MAP, "{resources}");
    }
}

#[test]
fn the_directory_itself_is_built() {
    let place = Place::new();
    place.write("root/kustomization.yaml", "resources: [app/map.yaml]\n");
    place.link("root/again", "../root");
    let builder = Builder::new().file_system(place.fs());
    for target in ["root", "root/again"] {
        let built = builder.build(place.path(target)).map(|build| build.to_yaml());
        assert_eq!(built.ok().as_deref(), (target == "root").then_some(MAP), "{target}");
    }
}

#[test]
fn nothing_outside_is_read() {
    let place = Place::new();
    let outside = place.path("outside");
    place.link("root/app/link.yaml", "../../outside/secret.yaml");
    place.link("root/app/absolute.yaml", outside.join("secret.yaml"));
    place.link("root/app/folder", "../../outside");
    place.link("root/app/parent", "..");
    place.link("root/app/chain.yaml", "parent/app/link.yaml");
    let absolute = outside.join("secret.yaml").display().to_string();
    for way in [
        "link.yaml",
        "absolute.yaml",
        "folder",
        "folder/secret.yaml",
        "chain.yaml",
        "parent/parent/../outside/secret.yaml",
        "../../outside",
        "../../outside/secret.yaml",
        &absolute,
    ] {
        for kustomization in [
            format!("resources: ['{way}']\n"),
            format!("configMapGenerator: [{{name: x, files: ['{way}']}}]\n"),
            format!("resources: [map.yaml]\npatches: [{{path: '{way}'}}]\n"),
            format!("resources: [map.yaml]\nopenapi: {{path: '{way}'}}\n"),
        ] {
            let error = place.build(&kustomization).expect_err(&kustomization);
            assert!(!error.to_string().contains("name: secret"), "{error}");
        }
    }
    let error = place.build("resources: [../../outside]\n").expect_err("it is outside");
    assert_eq!(error.kind(), ErrorKind::Restricted, "{error}");
    // What is there and what is not cannot be told apart.
    let missing = place.build("resources: [../../no-such-thing]\n").expect_err("it is outside");
    assert_eq!(error.kind(), missing.kind());
    let error = Builder::new().file_system(place.fs()).build(&outside).expect_err("it is outside");
    assert_eq!(error.kind(), ErrorKind::Restricted, "{error}");
}

#[test]
fn only_files_are_read() {
    let place = Place::new();
    let fs = place.fs();
    let _socket = std::os::unix::net::UnixListener::bind(place.path("root/app/socket"));
    place.link("root/app/loop", "loop");
    let read = |path: &str| fs.read(&place.path(path)).map_err(|e| e.kind());
    assert!(read("root/app/socket").is_err() && read("root/app/loop").is_err());
    assert!(read("root/app").is_err() && read("root/app/none").is_err());
    assert_eq!(fs.kind(&place.path("root/app/socket")).unwrap(), FileKind::Other);
    assert_eq!(fs.kind(&place.path("root/app/loop")).unwrap(), FileKind::Link);
    assert_eq!(fs.kind(&place.path("root")).unwrap(), FileKind::Directory);
    assert!(fs.kind(&place.path("outside")).is_err());
    assert_eq!(fs.read_link(&place.path("root/app/loop")).unwrap(), Path::new("loop"));
    let mut names = fs.list(&place.path("root")).unwrap();
    names.sort_unstable();
    assert_eq!(names, ["app", "base"]);
}

/// Whatever is put into the place of what while a file is read, nothing outside is read.
#[test]
fn a_link_that_is_swapped_leads_nowhere() {
    let place = Place::new();
    place.write("root/app/in/f", "inside");
    place.write("outside/f", "outside");
    let (fs, file) = (place.fs(), place.path("root/app/d/f"));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (link, next) = (place.path("root/app/d"), place.path("root/app/next"));
            while !done.load(Ordering::Relaxed) {
                for target in ["in", "../../outside"] {
                    symlink(target, &next).expect("it is made");
                    fs::rename(&next, &link).expect("it is moved");
                }
            }
        });
        let mut read = 0;
        for _ in 0..2_000 {
            if let Ok(content) = fs.read(&file) {
                assert_eq!(content, b"inside");
                read += 1;
            }
            if let Ok(path) = fs.canonicalize(&file) {
                assert!(path.starts_with(fs.root()), "{}", path.display());
            }
        }
        done.store(true, Ordering::Relaxed);
        assert!(read > 0, "it was never read");
    });
}

/// The disk, where a folder becomes a link once a file in it has been looked at.
#[cfg(target_os = "linux")]
#[derive(Debug)]
struct Swapping {
    looked_at: PathBuf,
    folder: PathBuf,
    to: PathBuf,
}

#[cfg(target_os = "linux")]
impl FileSystem for Swapping {
    fn kind(&self, path: &Path) -> std::io::Result<FileKind> {
        let kind = DiskFs.kind(path);
        if path == self.looked_at && !self.folder.is_symlink() {
            fs::rename(&self.folder, self.folder.with_extension("old"))?;
            symlink(&self.to, &self.folder)?;
        }
        kind
    }

    fn canonicalize(&self, path: &Path) -> std::io::Result<PathBuf> {
        DiskFs.canonicalize(path)
    }

    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        DiskFs.read(path)
    }

    fn read_resolved(&self, path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
        DiskFs.read_resolved(path, most)
    }

    fn absolute(&self, path: &Path) -> std::io::Result<PathBuf> {
        DiskFs.absolute(path)
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_link_that_comes_after_the_check_is_not_followed() {
    for kustomization in [
        "resources: [in/secret.yaml]\n",
        "resources: [map.yaml]\npatches: [{path: in/secret.yaml}]\n",
        "configMapGenerator: [{name: a, files: [in/secret.yaml]}]\n",
        "configMapGenerator: [{name: a, envs: [in/secret.yaml]}]\n",
        "resources: [map.yaml]\nreplacements: [{path: in/secret.yaml}]\n",
        "resources: [map.yaml]\nconfigurations: [in/secret.yaml]\n",
        "resources: [map.yaml]\ntransformers: [in/secret.yaml]\n",
        "resources: [map.yaml]\ncrds: [in/secret.yaml]\n",
        "resources: [map.yaml]\nopenapi: {path: in/secret.yaml}\n",
    ] {
        let place = Place::new();
        place.write("root/app/in/secret.yaml", MAP);
        place.write("root/app/kustomization.yaml", kustomization);
        let folder = place.path("root/app/in");
        let looked_at = folder.join("secret.yaml");
        let files = Swapping { looked_at, folder, to: place.path("outside") };
        let error = Builder::new().file_system(files).build(place.path("root/app")).unwrap_err();
        let said = "a link has come into its path since that was checked";
        assert!(error.to_string().contains(said), "{kustomization}{error}");
    }
}
