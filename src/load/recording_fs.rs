//! A file system that notes what a build looks at.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;

use super::fs::{FileKind, FileSystem};
use super::input_kind::InputKind;
use super::log::Log;
use super::physical::Physical;

/// Passes every question on to another file system and notes the answer in a log.
///
/// Notes are kept by physical path: links on the way are followed one by one and noted themselves,
/// since turning one elsewhere changes what a build reads.
#[derive(Clone, Debug)]
pub(super) struct RecordingFs {
    fs: Arc<dyn FileSystem>,
    /// Physical paths that are there and no links.
    plain: Arc<Mutex<FxHashSet<Physical>>>,
    log: Log,
}

/// Longer chains of links are refused, as Linux and upstream do (at 40 and 255).
const MOST_LINKS: usize = 255;

impl RecordingFs {
    pub(super) fn new(fs: Arc<dyn FileSystem>) -> RecordingFs {
        RecordingFs { fs, plain: Arc::default(), log: Log::new() }
    }

    /// Returns a recorder of the same files with a log of its own.
    pub(super) fn another(&self) -> RecordingFs {
        RecordingFs { log: self.log.another(), ..self.clone() }
    }

    /// Returns where answers are noted.
    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    /// Forgets where there are links, for that may have changed.
    pub(super) fn forget(&self) {
        self.plain().clear();
    }

    /// Notes what [`canonicalize`](FileSystem::canonicalize) would, of a directory that is known already.
    pub(super) fn note_directory(&self, path: &Path, found: &Path) {
        self.follow(path, true);
        self.note(found, InputKind::Directory);
    }

    /// Notes that others read a file, or anything in a directory.
    pub(super) fn note_all_of(&self, path: &Path) {
        let at = self.follow(path, true);
        match kind_of(&self.fs.kind(&at)) {
            InputKind::Directory => self.log.tree(&at),
            InputKind::Unread => self.note(&at, InputKind::File),
            kind => self.note(&at, kind),
        }
    }

    /// As [`kind`](FileSystem::kind), of a name in a directory that leads through no links.
    pub(super) fn kind_in_plain(&self, path: &Arc<Path>) -> io::Result<FileKind> {
        let answer = self.fs.kind(path);
        self.log.shared_path(path, kind_of(&answer));
        if is_no_link(&answer) {
            self.plain().insert(Physical(Arc::clone(path)));
        }
        answer
    }

    /// Follows the links on the way to `path`, and of `path` itself if `last`; returns where it leads.
    fn follow<'p>(&self, path: &'p Path, last: bool) -> Cow<'p, Path> {
        if last && self.plain().contains(path.as_os_str()) {
            return Cow::Borrowed(path);
        }
        let (mut real, mut left) = match split(path) {
            Some((above, name)) if self.plain().contains(above) => {
                if !last {
                    return Cow::Borrowed(path);
                }
                (above.into(), vec![name.to_owned()])
            }
            _ => (PathBuf::new(), parts(path)),
        };
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
        Cow::Owned(real)
    }

    /// Returns whether a path is a link, or `None` if there is nothing.
    fn is_link(&self, path: &Path) -> Option<bool> {
        if self.plain().contains(path.as_os_str()) {
            return Some(false);
        }
        let is_link = self.fs.kind(path).ok()? == FileKind::Link;
        if !is_link {
            self.plain().insert(Physical(path.into()));
        }
        Some(is_link)
    }

    fn note(&self, path: &Path, kind: InputKind) {
        self.log.path(path, kind);
    }

    fn plain(&self) -> MutexGuard<'_, FxHashSet<Physical>> {
        self.plain.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RecordingFs {
    /// Notes that a file was read.
    fn noted(&self, path: &Path, answer: io::Result<Vec<u8>>) -> io::Result<Vec<u8>> {
        let kind = match &answer {
            Ok(_) => InputKind::File,
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => InputKind::Directory,
            Err(error) => of_error(error),
        };
        let known = self.plain().get(path.as_os_str()).cloned();
        match known {
            Some(Physical(path)) => self.log.shared_path(&path, kind),
            None => self.note(&self.follow(path, true), kind),
        }
        answer
    }
}

impl FileSystem for RecordingFs {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        let at = self.follow(path, false);
        let answer = self.fs.kind(path);
        self.note(&at, kind_of(&answer));
        if is_no_link(&answer) {
            self.plain().insert(Physical((*at).into()));
        }
        answer
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let answer = self.fs.canonicalize(path);
        if answer.as_ref().is_ok_and(|real| real.as_os_str() == path.as_os_str()) {
            // It leads through no links.
            let mut plain = self.plain();
            path.ancestors().all(|path| plain.insert(Physical(path.into())));
        }
        let at = self.follow(path, true);
        self.note(&at, kind_of(&self.fs.kind(&at)));
        answer
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.noted(path, self.fs.read(path))
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.noted(path, self.fs.read_at_most(path, most))
    }

    fn read_resolved(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.noted(path, self.fs.read_resolved(path, most))
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.kind(path)?;
        self.fs.read_link(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        // No result depends on it.
        self.fs.list(path)
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        self.fs.is_executable(path)
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        self.fs.owner(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.fs.absolute(path)
    }
}

/// Splits the name off a path, which is none of those that mean something else.
fn split(path: &Path) -> Option<(&OsStr, &OsStr)> {
    let (above, name) = path.to_str()?.rsplit_once('/')?;
    let is_name = !matches!(name, "" | "." | "..") && (cfg!(unix) || !name.contains('\\'));
    is_name.then(|| (OsStr::new(above), OsStr::new(name)))
}

/// Returns the parts of a path, the first one last.
fn parts(path: &Path) -> Vec<OsString> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    parts.map(|part| part.as_os_str().to_owned()).rev().collect()
}

fn is_no_link(answer: &io::Result<FileKind>) -> bool {
    answer.as_ref().is_ok_and(|kind| *kind != FileKind::Link)
}

fn kind_of(answer: &io::Result<FileKind>) -> InputKind {
    match answer {
        Ok(FileKind::Directory) => InputKind::Directory,
        Ok(FileKind::Link) => InputKind::Link,
        Ok(FileKind::File | FileKind::Other) => InputKind::Unread,
        Err(error) => of_error(error),
    }
}

fn of_error(error: &io::Error) -> InputKind {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => InputKind::Missing,
        _ => InputKind::Unread,
    }
}
