//! A file system with others mounted in it: fetched trees and files.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::load::fs::{FileKind, FileSystem};

/// What stands in texts for a folder whose name says nothing.
const TEMPORARY: &str = "<temporary folder>";

/// The files of a build, and those that were fetched for it.
#[derive(Debug)]
pub(crate) struct Mounts {
    files: Arc<dyn FileSystem>,
    /// Whether there is one; most builds need nothing from elsewhere.
    any: AtomicBool,
    mounted: RwLock<Vec<Mount>>,
}

/// One file system in the place of a directory.
#[derive(Clone, Debug)]
struct Mount {
    at: PathBuf,
    /// The folder around it of which nothing is the user's; itself if there is none.
    around: PathBuf,
    files: Arc<dyn FileSystem>,
    /// What people know the directory by.
    shown: String,
    /// What stands after a path in it, such as `?ref=v1`.
    suffix: String,
}

impl Mounts {
    /// Returns files with nothing mounted.
    pub(crate) fn new(files: Arc<dyn FileSystem>) -> Mounts {
        Mounts { files, any: AtomicBool::new(false), mounted: RwLock::default() }
    }

    /// Mounts `files` at the directory `at`, which they have themselves, with the folder `around` it; it is shown
    /// as `shown`, a path below it with `suffix`.
    pub(super) fn mount(
        &self,
        (at, around): (PathBuf, PathBuf),
        files: Arc<dyn FileSystem>,
        shown: &str,
        suffix: &str,
    ) {
        let (shown, suffix) = (shown.to_owned(), suffix.to_owned());
        let mount = Mount { at, around, files, shown, suffix };
        self.mounted.write().unwrap_or_else(PoisonError::into_inner).push(mount);
        self.any.store(true, Ordering::Release);
    }

    /// Returns `true` if anything was fetched.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Returns `true` if a path lies in what was fetched.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.find(path, |_| ()).is_some()
    }

    /// Returns `true` if a path is the directory of something that was fetched, or the folder that was made for it: what
    /// is above need not be there.
    pub(crate) fn is_top(&self, path: &Path) -> bool {
        self.top(path).is_some_and(|top| top == path)
    }

    /// Returns `true` if a path lies in what was fetched or in a folder that was made for it.
    pub(crate) fn is_around(&self, path: &Path) -> bool {
        self.top(path).is_some()
    }

    /// Returns `true` if two paths lie in the same of what was fetched, or both elsewhere.
    pub(crate) fn are_together(&self, one: &Path, other: &Path) -> bool {
        self.top(one) == self.top(other)
    }

    /// Returns what is at a path that a link at another one leads to: what leads out of a fetched tree does so on the
    /// machine of that tree.
    ///
    /// # Errors
    /// As those of the files.
    pub(crate) fn kind_behind(&self, link: &Path, target: &Path) -> io::Result<FileKind> {
        self.ask(link, |files| files.kind(target))
    }

    /// Returns what people know a fetched path by.
    pub(crate) fn shown(&self, path: &Path) -> Option<PathBuf> {
        self.find(path, |mount| {
            let below = path.strip_prefix(&mount.at).unwrap_or(Path::new(""));
            match below.as_os_str().is_empty() {
                true => PathBuf::from(format!("{}{}", mount.shown, mount.suffix)),
                false => {
                    let below = below.to_string_lossy();
                    PathBuf::from(format!("{}//{below}{}", mount.shown, mount.suffix))
                }
            }
        })
    }

    /// Returns a text with what people know fetched directories by.
    pub(crate) fn reworded(&self, text: &str) -> Option<String> {
        if !self.any() {
            return None;
        }
        let mounted = self.mounted.read().unwrap_or_else(PoisonError::into_inner);
        let mut out = None;
        for mount in mounted.iter() {
            let at = mount.at.to_string_lossy();
            let text = out.as_deref().unwrap_or(text);
            if text.contains(&*at) {
                out = Some(text.replace(&*at, &mount.shown));
            }
        }
        for Mount { around, .. } in mounted.iter().filter(|mount| mount.around != mount.at) {
            let around = around.to_string_lossy();
            let text = out.as_deref().unwrap_or(text);
            if text.contains(&*around) {
                out = Some(text.replace(&*around, TEMPORARY));
            }
        }
        out
    }

    fn find<T>(&self, path: &Path, take: impl FnOnce(&Mount) -> T) -> Option<T> {
        self.find_by(|mount| &mount.at, path, take)
    }

    fn find_by<T>(
        &self,
        directory: impl Fn(&Mount) -> &PathBuf,
        path: &Path,
        take: impl FnOnce(&Mount) -> T,
    ) -> Option<T> {
        if !self.any() {
            return None;
        }
        let mounted = self.mounted.read().unwrap_or_else(PoisonError::into_inner);
        mounted.iter().find(|mount| path.starts_with(directory(mount))).map(take)
    }

    /// Returns the directory that a path lies in, of what was fetched or was made for that.
    fn top(&self, path: &Path) -> Option<PathBuf> {
        let around = || self.find_by(|mount| &mount.around, path, |mount| mount.around.clone());
        self.find(path, |mount| mount.at.clone()).or_else(around)
    }

    fn of(&self, path: &Path) -> Option<Arc<dyn FileSystem>> {
        let files = |mount: &Mount| Arc::clone(&mount.files);
        self.find(path, files).or_else(|| self.find_by(|mount| &mount.around, path, files))
    }

    fn ask<T>(
        &self,
        path: &Path,
        question: impl FnOnce(&dyn FileSystem) -> io::Result<T>,
    ) -> io::Result<T> {
        match self.of(path) {
            Some(files) => question(&*files),
            None => question(&*self.files),
        }
    }
}

impl FileSystem for Mounts {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.ask(path, |files| files.kind(path))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.ask(path, |files| files.canonicalize(path))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.ask(path, |files| files.read(path))
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.ask(path, |files| files.read_at_most(path, most))
    }

    fn read_resolved(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.ask(path, |files| files.read_resolved(path, most))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.ask(path, |files| files.list(path))
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.ask(path, |files| files.read_link(path))
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        match self.of(path) {
            Some(files) => files.is_executable(path),
            None => self.files.is_executable(path),
        }
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        match self.of(path) {
            Some(files) => files.owner(path),
            None => self.files.owner(path),
        }
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.absolute(path)
    }
}
