//! Which copies are as a lock file says, for lock files and copies that may not belong together.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::diagnostics::Result;
use crate::load::FileSystem;
use crate::load::remote::Lock;
use crate::yaml::Limits;

/// The copies that a lock file lists, where those on the disk may be of another time: the lock file is that of a
/// revision, say, and git ignores the copies.
#[derive(Debug)]
pub struct LockedCopies {
    lock: Lock,
    /// What is known of each copy, by its absolute path.
    known: BTreeMap<PathBuf, OnceLock<Known>>,
}

/// What is known of a copy.
#[derive(Debug)]
enum Known {
    /// It is as the lock file says, or what is wrong with it is for a build to tell.
    Same,
    /// These of its files are what the lock file says; it has more.
    Among(BTreeSet<PathBuf>),
    /// It is another one.
    Other,
}

impl LockedCopies {
    /// Reads the lock file in a directory, if there is one.
    ///
    /// # Errors
    /// If it is none, or is faulty.
    pub fn read(files: &dyn FileSystem, directory: &Path) -> Result<Option<LockedCopies>> {
        let lock = Lock::read(files, directory, &Limits::default())?;
        Ok(lock.map(|lock| LockedCopies {
            known: lock.paths().map(|path| (directory.join(path), OnceLock::new())).collect(),
            lock,
        }))
    }

    /// Returns `true` unless a path, which is absolute, lies in a copy that is another one than the lock file says, or
    /// in one that is right and has more, and is not listed. Each copy is looked at once, in `files`.
    pub fn has(&self, files: &dyn FileSystem, path: &Path) -> bool {
        let of_copy = |copy: &Path| self.known.get(copy).map(|known| (copy.to_path_buf(), known));
        let Some((copy, known)) = path.ancestors().find_map(of_copy) else { return true };
        match known.get_or_init(|| self.look(files, &copy)) {
            Known::Same => true,
            Known::Other => false,
            Known::Among(listed) => {
                let below = path.strip_prefix(&copy).unwrap_or(path);
                // What lies below a path comes right after it.
                listed
                    .range::<Path, _>((Bound::Included(below), Bound::Unbounded))
                    .next()
                    .is_some_and(|file| file.starts_with(below))
            }
        }
    }

    fn look(&self, files: &dyn FileSystem, copy: &Path) -> Known {
        match self.lock.is_changed(files, copy) {
            false => Known::Same,
            true => self.lock.listed_of(files, copy).map_or(Known::Other, Known::Among),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::MemoryFs;
    use crate::load::remote::{Content, hash_contents};

    #[test]
    fn a_copy_that_has_more_has_what_is_listed() {
        let contents = BTreeMap::from([
            (PathBuf::from("a/x"), Content::File("x".into())),
            (PathBuf::from("b"), Content::File("b".into())),
        ]);
        let lock = format!(
            "version: 1\ncopies: v\ntrees:\n- repository: https://ex.io/o/r\n  ref: main\n  commit: {}\n  \
             hash: {}\n  path: v/ex.io/o/r@main\n  urls: ['https://ex.io/o/r?ref=main']\n  files: [a/x, b]\n",
            "a".repeat(40),
            hash_contents(&contents)
        );
        let copy = Path::new("/t/v/ex.io/o/r@main");
        let mut files = MemoryFs::new();
        files.insert("/t/kustom.lock", lock);
        files.insert(copy.join("a/x"), "x");
        files.insert(copy.join("b"), "b");
        let read = |files: &MemoryFs| LockedCopies::read(files, Path::new("/t")).unwrap().unwrap();
        let has = |copies: &LockedCopies, files: &MemoryFs, below: &str| {
            copies.has(files, &copy.join(below))
        };
        let same = read(&files);
        assert!(["", "a", "a/x", "b"].iter().all(|below| has(&same, &files, below)));
        files.insert(copy.join("more"), "");
        let more = read(&files);
        assert!(["", "a", "a/x", "b"].iter().all(|below| has(&more, &files, below)));
        assert!(!has(&more, &files, "more"));
        files.insert(copy.join("b"), "other");
        let other = read(&files);
        assert!(!["", "a", "a/x", "b", "more"].iter().any(|below| has(&other, &files, below)));
        assert!(other.has(&files, Path::new("/t/v/ex.io")), "no copy");
    }
}
