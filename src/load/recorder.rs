//! A file system that notes what a build looks at.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::fs::{FileKind, FileSystem};
use super::inputs::{Input, InputKind, Inputs};
use super::remote::Remotes;

/// Passes every question on to another file system and notes the answer.
///
/// Notes are kept by physical path: links on the way are followed one by one and noted themselves,
/// since turning one elsewhere changes what a build reads.
#[derive(Debug)]
pub(super) struct Recorder {
    fs: Arc<dyn FileSystem>,
    notes: Arc<Mutex<Notes>>,
}

#[derive(Debug, Default)]
struct Notes {
    inputs: IndexMap<PathBuf, InputKind, FxBuildHasher>,
    /// Paths known to be no links.
    plain: FxHashSet<PathBuf>,
}

/// What a [`Recorder`] has noted.
#[derive(Debug, Default)]
pub(crate) struct Record(Arc<Mutex<Notes>>);

/// Longer chains of links are refused, as Linux and upstream do (at 40 and 255).
const MOST_LINKS: usize = 255;

impl Recorder {
    pub(super) fn new(fs: Arc<dyn FileSystem>) -> (Recorder, Record) {
        let notes = Arc::<Mutex<Notes>>::default();
        (Recorder { fs, notes: Arc::clone(&notes) }, Record(notes))
    }

    /// Follows the links on the way to `path`, and of `path` itself if `last`; returns where it leads.
    fn follow(&self, path: &Path, last: bool) -> PathBuf {
        let mut real = PathBuf::new();
        let mut left = parts(path);
        let mut links = 0;
        let mut is_there = true;
        while let Some(part) = left.pop() {
            if part == OsStr::new("..") {
                real.pop();
                continue;
            }
            real.push(&part);
            // Below what is not there, nothing is.
            if !is_there || (left.is_empty() && !last) || links == MOST_LINKS {
                continue;
            }
            let is_link = self.is_link(&real);
            is_there = is_link.is_some();
            if is_link != Some(true) {
                continue;
            }
            links += 1;
            self.note(&real, InputKind::Link);
            match self.fs.read_link(&real) {
                Ok(target) => {
                    real.pop();
                    left.extend(parts(&target));
                }
                // A file system that cannot tell the steps can still tell the end.
                Err(_) => {
                    if let Ok(end) = self.fs.canonicalize(&real) {
                        real = end;
                    }
                }
            }
        }
        real
    }

    /// Returns whether a path is a link, nothing if there is nothing.
    fn is_link(&self, path: &Path) -> Option<bool> {
        if self.notes().plain.contains(path) {
            return Some(false);
        }
        let is_link = self.fs.kind(path).ok()? == FileKind::Link;
        if !is_link {
            self.notes().plain.insert(path.to_path_buf());
        }
        Some(is_link)
    }

    fn note(&self, path: &Path, kind: InputKind) {
        let mut notes = self.notes();
        match notes.inputs.get_mut(path) {
            None => _ = notes.inputs.insert(path.to_path_buf(), kind),
            Some(noted) if kind == InputKind::File => *noted = kind,
            Some(_) => {}
        }
    }

    fn note_kind(&self, path: &Path, answer: &io::Result<FileKind>) {
        self.note(
            path,
            match answer {
                Ok(FileKind::Directory) => InputKind::Directory,
                Ok(FileKind::Link) => InputKind::Link,
                Ok(FileKind::File | FileKind::Other) => InputKind::Unread,
                Err(error) => of_error(error),
            },
        );
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    /// Notes that a file was read.
    fn noted(&self, path: &Path, answer: io::Result<Vec<u8>>) -> io::Result<Vec<u8>> {
        let at = self.follow(path, true);
        self.note(
            &at,
            match &answer {
                Ok(_) => InputKind::File,
                Err(error) if error.kind() == io::ErrorKind::IsADirectory => InputKind::Directory,
                Err(error) => of_error(error),
            },
        );
        answer
    }
}

impl FileSystem for Recorder {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        let at = self.follow(path, false);
        let answer = self.fs.kind(path);
        self.note_kind(&at, &answer);
        answer
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let at = self.follow(path, true);
        self.note_kind(&at, &self.fs.kind(&at));
        self.fs.canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.noted(path, self.fs.read(path))
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.noted(path, self.fs.read_at_most(path, most))
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.kind(path)?;
        self.fs.read_link(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        // No result depends on it.
        self.fs.list(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.fs.absolute(path)
    }
}

impl Record {
    /// Returns what was looked at so far, in order, with what was used of `remotes` apart.
    pub(crate) fn inputs(&self, remotes: &Remotes) -> Inputs {
        let mounts = remotes.mounts();
        let local = |input: &Input| !mounts.has(&input.path);
        let inputs: Inputs = self.looked_at().into_iter().filter(local).collect();
        inputs.with_remotes(remotes.inputs())
    }

    /// Returns all that was looked at so far, in order.
    pub(crate) fn looked_at(&self) -> Vec<Input> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.inputs.iter().map(|(path, &kind)| Input { path: path.clone(), kind }).collect()
    }
}

/// Returns the parts of a path, the first one last.
fn parts(path: &Path) -> Vec<OsString> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    parts.map(|part| part.as_os_str().to_owned()).rev().collect()
}

fn of_error(error: &io::Error) -> InputKind {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => InputKind::Missing,
        _ => InputKind::Unread,
    }
}
