//! The files of the disk as git would commit them, and those of a revision with what git ignores beside them.
//!
//! Whoever compares the work tree with a revision means what git calls a change: a file whose line ends or whose
//! content git converts on the way to the disk is none as long as git has seen no other, and what git ignores was
//! there before as it is now.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use kustom::vendor::{LOCK_FILE, LockedCopies};
use kustom::{DiskFs, FileKind, FileSystem, Limits};

use super::written::Room;
use super::{Revision, WorkTree};

/// The files of the disk, each with the content that git has of it as long as it is not changed.
#[derive(Clone)]
pub(crate) struct Committed(Revision);

/// The files of a revision, and what lies on the disk beside them and git ignores; of the copies that a lock file of
/// the revision lists, those that are as it says.
#[derive(Clone)]
pub(crate) struct Beside(Revision, Arc<WorkTree>, Option<Arc<Locks>>);

/// The copies that the lock file in each folder lists, if the revision has one there.
type Locks = Mutex<HashMap<PathBuf, Option<Arc<LockedCopies>>>>;

impl Committed {
    /// Returns the files of the work tree of a revision; nothing if git converts none of them.
    pub(crate) fn of(revision: &Revision) -> Option<Committed> {
        revision.has_conversions().then(|| Committed(revision.clone()))
    }
}

impl Beside {
    pub(crate) fn new(revision: &Revision) -> Beside {
        Beside(revision.clone(), Arc::default(), Some(Arc::default()))
    }

    /// Asks the disk for what the revision does not have and git ignores.
    fn or_ignored<T>(
        &self,
        path: &Path,
        found: io::Result<T>,
        disk: impl Fn() -> io::Result<T>,
    ) -> io::Result<T> {
        match found {
            Err(error) if error.kind() == io::ErrorKind::NotFound => match self.counts(path) {
                true => disk().map_err(|_| error),
                false => Err(error),
            },
            found => found,
        }
    }

    /// Returns `true` if what lies on the disk at a path that the revision does not have counts for it: git ignores it,
    /// and the revision has nothing of a folder above it that git ignores altogether now, else both would be mixed.
    fn counts(&self, path: &Path) -> bool {
        let top = self.0.top().0;
        let above = || path.ancestors().skip(1).take_while(|above| *above != top);
        self.1.ignores(path)
            && !above().any(|above| self.1.ignores_all(above) && self.0.kind(above).is_ok())
            && self.is_as_locked(path)
    }

    /// Returns `true` if all that lies on the disk at a path counts for the revision, which has nothing there.
    pub(super) fn counts_all(&self, path: &Path) -> bool {
        /// More files are not looked at.
        const MOST: usize = 1_000;
        let (mut waiting, mut left) = (vec![path.to_path_buf()], MOST);
        while let Some(path) = waiting.pop() {
            let Ok(there) = path.symlink_metadata() else { return false };
            if !there.is_dir() {
                if left == 0 || !self.counts(&path) {
                    return false;
                }
                left -= 1;
            } else if !(self.1.ignores_all(&path) && self.counts(&path) && !self.has_locks(&path)) {
                let is_other = path.join(".git").symlink_metadata().is_ok();
                let Some(entries) = DiskFs.entries(&path).ok().filter(|_| !is_other) else {
                    return false;
                };
                waiting.extend(entries.into_iter().map(|(name, _)| path.join(name)));
            }
        }
        true
    }

    /// Returns `true` if the revision has a lock file beside a path or above it.
    fn has_locks(&self, path: &Path) -> bool {
        let top = self.0.top().0;
        let mut above = path.ancestors().skip(1).take_while(|above| above.starts_with(top));
        above.any(|above| self.0.kind(&above.join(LOCK_FILE)).is_ok())
    }

    /// Returns `true` unless a path is one of copies of another time, as a lock file of the revision says.
    fn is_as_locked(&self, path: &Path) -> bool {
        let Some(locks) = &self.2 else { return true };
        let all = Beside(self.0.clone(), Arc::clone(&self.1), None);
        let top = self.0.top().0;
        path.ancestors().skip(1).take_while(|above| above.starts_with(top)).all(|above| {
            let mut locks = locks.lock().unwrap_or_else(PoisonError::into_inner);
            // A lock file that cannot be read is for the build to tell.
            let read = || LockedCopies::read(&self.0, above).ok().flatten().map(Arc::new);
            let lock = locks.entry(above.to_path_buf()).or_insert_with(read).clone();
            drop(locks);
            lock.is_none_or(|lock| lock.has(&all, path))
        })
    }

    /// Writes the revision and what counts beside it into a folder that is there and empty.
    ///
    /// # Errors
    /// As [`Revision::write_to`].
    pub(crate) fn write_to(&self, folder: &Path) -> io::Result<()> {
        self.0.write_to(folder)?;
        let top = self.0.top().0;
        let mut room = Room::default();
        for path in self.1.ignored_below(top) {
            if let Ok(below) = path.strip_prefix(top)
                && self.0.kind(&path).is_err()
                && self.counts(&path)
            {
                room.put(&path, folder, below, &|path| self.is_as_locked(path));
            }
        }
        Ok(())
    }
}

impl FileSystem for Committed {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        DiskFs.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        DiskFs.canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_at_most(path, Limits::default().file_bytes)
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match self.0.unchanged(path) {
            Some(id) => {
                let content = self.0.state().objects().blob(id, most)?;
                Ok(content.to_vec())
            }
            None => DiskFs.read_at_most(path, most),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        DiskFs.list(path)
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        DiskFs.entries(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        DiskFs.read_link(path)
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        DiskFs.is_executable(path)
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        DiskFs.owner(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        DiskFs.absolute(path)
    }
}

impl FileSystem for Beside {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.or_ignored(path, self.0.kind(path), || DiskFs.kind(path))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.or_ignored(path, self.0.canonicalize(path), || DiskFs.canonicalize(path))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.or_ignored(path, self.0.read(path), || DiskFs.read(path))
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let found = self.0.read_at_most(path, most);
        self.or_ignored(path, found, || DiskFs.read_at_most(path, most))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let name = |(name, _): (OsString, FileKind)| name.to_string_lossy().into_owned();
        Ok(self.entries(path)?.into_iter().map(name).collect())
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        let mut entries = match self.0.entries(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.counts(path) => {
                Vec::new()
            }
            found => found?,
        };
        let of_revision: HashSet<OsString> =
            entries.iter().map(|(name, _)| name.to_owned()).collect();
        let beside = DiskFs.entries(path).unwrap_or_default().into_iter();
        entries.extend(beside.filter(|(name, _)| {
            name != ".git" && !of_revision.contains(name) && self.counts(&path.join(name))
        }));
        Ok(entries)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.or_ignored(path, self.0.read_link(path), || DiskFs.read_link(path))
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        match self.0.kind(path) {
            Err(_) if self.counts(path) => DiskFs.is_executable(path),
            _ => self.0.is_executable(path),
        }
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.absolute(path)
    }
}

impl fmt::Debug for Committed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Committed")
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Beside")
    }
}
