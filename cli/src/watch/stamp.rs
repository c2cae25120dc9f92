//! What tells one state of a path from another, without reading a file.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use kustom::InputKind;
use rustc_hash::FxHasher;

use crate::roots::is_kustomization_file;

/// How much later than a file was written the clock of the file system may say it was.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// What of a path counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aspect {
    /// The file that is there, or whether something is there.
    Content,
    /// Which folders and kustomization files a folder has.
    Kustomizations,
    /// The names of all that a folder has.
    Names,
}

/// Something that is watched.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    /// The path, which need not exist.
    pub(crate) path: PathBuf,
    /// What of it counts.
    pub(crate) aspect: Aspect,
    /// What was there when it was looked at, if that is known.
    pub(crate) seen: Option<InputKind>,
    /// Whether what was made of it is from before the last change: nobody has looked at it again since then.
    pub(crate) kept: bool,
}

impl Point {
    /// Returns an aspect of a path.
    pub(crate) fn new(path: PathBuf, aspect: Aspect) -> Point {
        Point { path, aspect, seen: None, kept: false }
    }

    /// Returns this, looked at before the last change if that is `kept`.
    pub(crate) fn kept(self, kept: bool) -> Point {
        Point { kept, ..self }
    }

    /// Returns `true` if what was seen is of another kind than what a stamp says.
    pub(super) fn is_other_than(&self, stamp: Option<Stamp>) -> bool {
        let is_directory = stamp.is_some_and(|stamp| stamp.is_directory);
        let is_link = stamp.is_some_and(|stamp| stamp.placed.is_some());
        self.seen.is_some_and(|seen| match seen {
            InputKind::Missing => stamp.is_some(),
            InputKind::Directory | InputKind::Tree => !is_directory,
            InputKind::Link => !is_link,
            InputKind::File => stamp.is_none() || is_directory || is_link,
            _ => stamp.is_none(),
        })
    }

    /// Returns `true` if it may have changed since a moment before it was looked at.
    pub(super) fn is_newer_than(&self, moment: SystemTime) -> bool {
        let metadata = fs::symlink_metadata(&self.path).ok();
        let counts = |metadata: &Metadata| self.aspect != Aspect::Content || !metadata.is_dir();
        let moment = moment.checked_sub(TICK).unwrap_or(moment);
        metadata.filter(counts).is_some_and(|metadata| touched(&metadata) >= moment)
    }
}

/// The state of something that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) is_directory: bool,
    modified: Option<SystemTime>,
    pub(super) bytes: u64,
    /// A file that takes the place of another has another one.
    number: u64,
    /// What stands for the names that a folder has.
    names: u64,
    /// When a link was put where it is: one that was away meanwhile led nowhere, or another one elsewhere.
    placed: Option<SystemTime>,
}

impl Stamp {
    /// Looks at a path; nothing if nothing is there.
    pub(super) fn of(path: &Path, aspect: Aspect) -> Option<Stamp> {
        let there = fs::symlink_metadata(path).ok()?;
        // What changes in a directory shows in the files that are looked at, and in its names.
        let is_directory = there.is_dir();
        Some(Stamp {
            is_directory,
            modified: there.modified().ok().filter(|_| !is_directory),
            bytes: if is_directory { 0 } else { there.len() },
            number: if is_directory { 0 } else { number(&there) },
            names: names(path, aspect),
            placed: there.is_symlink().then(|| touched(&there)),
        })
    }
}

/// Returns a number of the names in a folder that count.
fn names(folder: &Path, aspect: Aspect) -> u64 {
    if aspect == Aspect::Content {
        return 0;
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let counts = |entry: &fs::DirEntry| {
        let is_folder = || entry.file_type().is_ok_and(|kind| kind.is_dir());
        entry.file_name() != ".git"
            && (aspect == Aspect::Names || is_kustomization_file(&entry.path()) || is_folder())
    };
    let mut names: Vec<OsString> = entries.filter(counts).map(|entry| entry.file_name()).collect();
    names.sort();
    let mut hasher = FxHasher::default();
    names.hash(&mut hasher);
    hasher.finish()
}

/// Returns `true` if something was touched so lately that it may change again without getting another time.
pub(super) fn is_fresh(path: &Path) -> bool {
    let touched = fs::symlink_metadata(path).ok().map(|there| touched(&there));
    let moment = SystemTime::now().checked_sub(TICK);
    touched.zip(moment).is_some_and(|(touched, moment)| touched >= moment)
}

/// Returns when something was last touched: written, or put where it is.
fn touched(there: &Metadata) -> SystemTime {
    let modified = there.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let seconds = u64::try_from(there.ctime()).unwrap_or_default();
        let more = u32::try_from(there.ctime_nsec()).unwrap_or_default();
        let placed = SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, more));
        placed.map_or(modified, |placed| placed.max(modified))
    }
    #[cfg(not(unix))]
    modified
}

/// Returns the number that a file system gives a file; 0 where it gives none.
pub(super) fn number(there: &Metadata) -> u64 {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::ino(there);
    #[cfg(not(unix))]
    {
        let _ = there;
        0
    }
}
