//! The files of a repository without those that git ignores: to whatever reads the others, these are not there.

use std::collections::BTreeSet;
use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::ops::Bound;
use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use kustom::vendor::{LOCK_FILE, copies_in};
use kustom::{FileKind, FileSystem};

/// A file system of which, below a root, only what is listed is there.
///
/// Nothing of that has to be looked up on the disk. A `kustom.lock` and the copies that it lists are always there: they
/// stand for what a build would fetch, whether git has them or not.
#[derive(Debug)]
pub(crate) struct Listed {
    whole: Arc<dyn FileSystem>,
    root: PathBuf,
    /// Paths of files below the root; all below one that is a directory is there too.
    files: BTreeSet<String>,
    /// The directories of copies, of the lock files that were read.
    copies: RwLock<BTreeSet<PathBuf>>,
}

/// The error for what is not listed.
#[derive(Debug)]
struct Unlisted(PathBuf);

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such file or directory")
    }
}

impl Error for Unlisted {}

/// Returns what an error is about that says of something which is not listed that it is not there.
pub(crate) fn unlisted<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Path> {
    let own = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    match own.and_then(|own| own.downcast_ref::<Unlisted>()) {
        Some(Unlisted(path)) => Some(path),
        None => unlisted(error.source()?),
    }
}

impl Listed {
    pub(crate) fn new(
        whole: Arc<dyn FileSystem>,
        root: &Path,
        mut files: BTreeSet<String>,
    ) -> Listed {
        // So git names a repository in this one that is no submodule, of which it would add nothing.
        files.retain(|file| !file.ends_with('/'));
        let copies = RwLock::default();
        Listed { whole, root: root.to_path_buf(), files, copies }
    }

    /// Returns `true` if a path is listed, or is a directory above or below what is.
    fn has(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.root) else { return true };
        let mut below = below.to_string_lossy();
        if MAIN_SEPARATOR_STR != "/" {
            below = below.replace(MAIN_SEPARATOR_STR, "/").into();
        }
        if below.is_empty() || self.files.contains(&*below) {
            return true;
        }
        let folder = format!("{below}/");
        let from = (Bound::Included(folder.as_str()), Bound::Unbounded);
        let mut from = self.files.range::<str, _>(from);
        if from.next().is_some_and(|file| file.starts_with(&folder)) {
            return true;
        }
        let mut ends = below.match_indices('/').map(|(end, _)| end);
        ends.any(|end| below.get(..end).is_some_and(|above| self.files.contains(above)))
    }

    fn check(&self, path: &Path) -> io::Result<()> {
        let is_gits = || path.iter().any(|name| name == ".git");
        match self.has(path) || path.ends_with(LOCK_FILE) || is_gits() || self.is_copy(path) {
            true => Ok(()),
            false => Err(io::Error::new(io::ErrorKind::NotFound, Unlisted(path.to_path_buf()))),
        }
    }

    fn is_copy(&self, path: &Path) -> bool {
        let copies = self.copies.read().unwrap_or_else(PoisonError::into_inner);
        copies.iter().any(|copies| path.starts_with(copies))
    }

    /// Notes where the copies of a lock file lie; whoever wants one reads the file first.
    fn note_lock(&self, path: &Path) {
        if path.ends_with(LOCK_FILE)
            && let Some(directory) = path.parent()
            && let Some(copies) = copies_in(&*self.whole, directory)
        {
            let mut known = self.copies.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(directory.join(copies));
        }
    }
}

impl FileSystem for Listed {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.check(path)?;
        self.whole.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.check(path)?;
        let found = self.whole.canonicalize(path)?;
        if found != path {
            self.check(&found)?;
        }
        Ok(found)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.check(path)?;
        self.note_lock(path);
        self.whole.read(path)
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.check(path)?;
        self.note_lock(path);
        self.whole.read_at_most(path, most)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.check(path)?;
        let mut names = self.whole.list(path)?;
        let has_all = self.is_copy(path);
        names.retain(|name| has_all || self.has(&path.join(name)));
        Ok(names)
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        self.check(path)?;
        let mut entries = self.whole.entries(path)?;
        let has_all = self.is_copy(path);
        entries.retain(|(name, _)| has_all || self.has(&path.join(name)));
        Ok(entries)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.check(path)?;
        self.whole.read_link(path)
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        self.check(path).ok().and_then(|()| self.whole.is_executable(path))
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        self.check(path).ok().and_then(|()| self.whole.owner(path))
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.whole.absolute(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_there() {
        let mut files = kustom::MemoryFs::new();
        for path in
            ["a/k.yaml", "a/k.env", "b/k.env", "sub/x/y", "own/x", ".git/HEAD", "kustom.lock"]
        {
            files.insert(Path::new("/r").join(path), path);
        }
        files.insert("/elsewhere/k.env", "");
        let listed = ["a/k.yaml", "a/gone", "sub", "own/"].map(str::to_owned).into();
        let fs = Listed::new(Arc::new(files), "/r".as_ref(), listed);
        for (path, is_there) in [
            ("/r", true),
            ("/r/a", true),
            ("/r/a/k.yaml", true),
            ("/r/a/k.env", false),
            ("/r/a/gone", false),
            ("/r/b", false),
            ("/r/b/k.env", false),
            ("/r/sub/x/y", true),
            ("/r/own", false),
            ("/r/own/x", false),
            ("/r/.git", true),
            ("/r/kustom.lock", true),
            ("/elsewhere/k.env", true),
        ] {
            let path = Path::new(path);
            assert_eq!(fs.kind(path).is_ok(), is_there, "{}", path.display());
            assert_eq!(fs.canonicalize(path).is_ok(), is_there, "{}", path.display());
        }
        assert_eq!(fs.list("/r/a".as_ref()).unwrap(), ["k.yaml"]);
        let ignored = fs.read("/r/a/k.env".as_ref()).unwrap_err();
        assert_eq!(unlisted(&ignored), Some(Path::new("/r/a/k.env")));
        assert_eq!(unlisted(&fs.read("/r/a/gone".as_ref()).unwrap_err()), None);
    }
}
