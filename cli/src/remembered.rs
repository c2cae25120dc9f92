//! The files of the disk, each looked at once.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use kustom::text::clean_path;
use kustom::{DiskFs, FileKind, FileSystem};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::paths;

/// The longest file that is kept, and how much of all, in bytes.
const LONGEST: usize = 64 << 10;
const MOST: usize = 64 << 20;
/// The longest name and path that the disk takes; it answers about others itself.
const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 4095;
/// `ENOENT`, and what Windows has for it.
const NOT_FOUND: i32 = 2;

/// The files of the disk, for a command that looks at the same folders several times and changes none before it is done.
///
/// What lies at or below some directories is asked for once: a folder as a whole, and small files with their content.
#[derive(Clone, Debug)]
pub(crate) struct RememberedFs(Arc<Remembered>);

#[derive(Debug)]
struct Remembered {
    /// The working directory.
    here: Option<PathBuf>,
    tops: Vec<PathBuf>,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What lies in folders.
    folders: FxHashMap<OsString, Listing>,
    /// Real paths.
    reals: FxHashMap<OsString, PathBuf>,
    contents: FxHashMap<OsString, Arc<[u8]>>,
    /// How long these are together.
    bytes: usize,
}

#[derive(Clone, Debug)]
enum Listing {
    Folder(Arc<Folder>),
    /// There is nothing of that name.
    Missing,
    /// The disk has to say.
    Unknown,
}

#[derive(Debug, Default)]
struct Folder {
    entries: FxHashMap<OsString, FileKind>,
    /// The names in small letters: not everywhere does case count.
    small: FxHashSet<OsString>,
}

impl Folder {
    fn read(path: &Path) -> io::Result<Folder> {
        let entries: FxHashMap<_, _> = DiskFs.entries(path)?.into_iter().collect();
        let small = entries.keys().map(|name| name.to_ascii_lowercase()).collect();
        Ok(Folder { entries, small })
    }

    /// Returns `true` if there is nothing of a name for certain, however file systems compare names.
    fn lacks(&self, name: &OsStr) -> bool {
        let bytes = name.as_encoded_bytes();
        let is_plain = bytes.is_ascii() && !bytes.contains(&0) && bytes.len() <= LONGEST_NAME;
        is_plain && !self.small.contains(&name.to_ascii_lowercase())
    }
}

impl RememberedFs {
    /// Remembers what lies at or below these directories.
    pub(crate) fn below(directories: &[PathBuf]) -> RememberedFs {
        let real = |dir: &PathBuf| DiskFs.canonicalize(&DiskFs.absolute(dir).ok()?).ok();
        let tops = directories.iter().filter_map(real).collect();
        let here = env::current_dir().ok().filter(|here| cfg!(unix) && here.is_absolute());
        RememberedFs(Arc::new(Remembered { here, tops, state: RwLock::default() }))
    }

    /// Returns the real path of a directory, which may be relative.
    pub(crate) fn real(&self, dir: &Path) -> io::Result<PathBuf> {
        self.canonicalize(&self.absolute(dir)?)
    }

    /// As [`paths::physical`]: resolves the links above a path.
    pub(crate) fn physical(&self, path: &Path) -> PathBuf {
        let real = |path: PathBuf| {
            let (folder, name) = (path.parent()?, path.file_name()?);
            Some(self.canonicalize(folder).ok()?.join(name))
        };
        self.absolute(path).ok().and_then(real).unwrap_or_else(|| paths::physical(path))
    }

    fn is_remembered(&self, path: &Path) -> bool {
        path.as_os_str().len() <= LONGEST_PATH
            && self.0.tops.iter().any(|top| path.starts_with(top))
    }

    fn known(&self) -> RwLockReadGuard<'_, State> {
        self.0.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> RwLockWriteGuard<'_, State> {
        self.0.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what a folder holds.
    fn folder(&self, path: &Path) -> Listing {
        if let Some(known) = self.known().folders.get(path.as_os_str()) {
            return known.clone();
        }
        if !self.is_remembered(path) {
            return Listing::Unknown;
        }
        let listing = match self.is_missing(path) {
            true => Listing::Missing,
            false => match Folder::read(path) {
                Ok(folder) => Listing::Folder(Arc::new(folder)),
                Err(e) if e.kind() == io::ErrorKind::NotFound => Listing::Missing,
                Err(_) => Listing::Unknown,
            },
        };
        self.state().folders.insert(path.into(), listing.clone());
        listing
    }

    /// Returns `true` if what is known already says that there is nothing at a path.
    fn is_missing(&self, path: &Path) -> bool {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return false };
        match self.known().folders.get(folder.as_os_str()) {
            Some(Listing::Folder(folder)) => folder.lacks(name),
            Some(Listing::Missing) => true,
            Some(Listing::Unknown) | None => false,
        }
    }

    /// Returns what the folder that a path lies in says of it, if anything.
    fn in_folder(&self, path: &Path) -> Option<io::Result<FileKind>> {
        let (folder, name) = (path.parent()?, path.file_name()?);
        let missing = || Some(Err(io::Error::from_raw_os_error(NOT_FOUND)));
        match self.folder(folder) {
            Listing::Folder(folder) => match folder.entries.get(name) {
                Some(kind) => Some(Ok(*kind)),
                None if folder.lacks(name) => missing(),
                None => None,
            },
            Listing::Missing => missing(),
            Listing::Unknown => None,
        }
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        match (self.in_folder(path), path.parent(), path.file_name()) {
            (Some(Ok(kind)), Some(folder), Some(name)) if kind != FileKind::Link => {
                Ok(self.canonicalize(folder)?.join(name))
            }
            _ => DiskFs.canonicalize(path),
        }
    }

    /// Returns the content of a file of at most `most` bytes, which is read the first time.
    fn content(
        &self,
        path: &Path,
        most: u64,
        read: impl FnOnce() -> io::Result<Vec<u8>>,
    ) -> io::Result<Vec<u8>> {
        if let Some(kept) = self.known().contents.get(path.as_os_str())
            && kept.len() as u64 <= most
        {
            return Ok(kept.to_vec());
        }
        let content = read()?;
        if content.len() <= LONGEST && self.is_remembered(path) {
            let mut state = self.state();
            if state.bytes.saturating_add(content.len()) <= MOST {
                state.bytes += content.len();
                state.contents.insert(path.into(), content.as_slice().into());
            }
        }
        Ok(content)
    }
}

impl FileSystem for RememberedFs {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.in_folder(path).unwrap_or_else(|| DiskFs.kind(path))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        if let Some(known) = self.known().reals.get(path.as_os_str()) {
            return Ok(known.clone());
        }
        let real = self.resolve(path)?;
        self.state().reals.insert(path.into(), real.clone());
        Ok(real)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.content(path, u64::MAX, || DiskFs.read(path))
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.content(path, most, || DiskFs.read_at_most(path, most))
    }

    fn read_resolved(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.content(path, most, || DiskFs.read_resolved(path, most))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        match self.folder(path) {
            Listing::Folder(folder) => {
                let names = folder.entries.keys();
                Ok(names.map(|name| name.to_string_lossy().into_owned()).collect())
            }
            _ => DiskFs.list(path),
        }
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        match self.folder(path) {
            Listing::Folder(folder) => {
                Ok(folder.entries.iter().map(|(name, kind)| (name.clone(), *kind)).collect())
            }
            _ => DiskFs.entries(path),
        }
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
        match &self.0.here {
            Some(here) if !path.as_os_str().is_empty() => Ok(clean_path(&here.join(path))),
            _ => DiskFs.absolute(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What there is to know of a path.
    fn answers(files: &dyn FileSystem, path: &Path) -> String {
        let mut list = files.list(path).map_err(|e| e.to_string());
        let mut entries = files.entries(path).map_err(|e| e.to_string());
        list.iter_mut().for_each(|list| list.sort());
        entries.iter_mut().for_each(|entries| entries.sort_by(|a, b| a.0.cmp(&b.0)));
        format!(
            "{:?} {:?} {:?} {:?} {list:?} {entries:?} {:?}",
            files.kind(path).map_err(|e| e.to_string()),
            files.canonicalize(path).map_err(|e| e.to_string()),
            files.read(path).map_err(|e| e.to_string()),
            files.read_at_most(path, 2).map_err(|e| e.kind()),
            files.absolute(path).map_err(|e| e.to_string()),
        )
    }

    #[cfg(unix)]
    #[test]
    fn answers_are_those_of_the_disk() {
        use std::os::unix::fs::symlink;
        let top = tempfile::tempdir().unwrap();
        let at = |path: &str| top.path().join(path);
        for folder in ["in/a/b", "in/empty", "out/c"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        for file in ["in/one", "in/a/two", "in/a/b/Three", "out/c/four"] {
            std::fs::write(at(file), file).unwrap();
        }
        for (to, link) in [
            ("a", "in/beside"),
            ("../out", "in/outwards"),
            ("nowhere", "in/dangling"),
            ("circle", "in/circle"),
            ("../../one", "in/a/b/up"),
        ] {
            symlink(to, at(link)).unwrap();
        }
        let files = RememberedFs::below(&[at("in")]);
        let deep = format!("in/{}", "none/".repeat(700));
        let long = format!("in/{}", "n".repeat(300));
        let paths = [
            "in",
            "in/a",
            "in/a/b",
            "in/one",
            "in/One",
            "in/one/below",
            "in/a/b/Three",
            "in/a/b/three",
            "in/empty",
            "in/empty/none/none/none",
            "in/none",
            "in/beside",
            "in/beside/two",
            "in/beside/b/up",
            "in/beside/b/../two",
            "in/outwards",
            "in/outwards/c/four",
            "in/outwards/d",
            "in/dangling",
            "in/dangling/x",
            "in/circle",
            "in/circle/x",
            "in/a/b/up",
            "in/a/b/up/x",
            "in/nul\0/x",
            "in/\u{e9}/x",
            "out",
            "out/c/four",
            "out/none",
            &deep,
            &long,
        ];
        // Whatever is asked first, and again.
        for paths in [paths.iter().collect::<Vec<_>>(), paths.iter().rev().collect()] {
            let fresh = RememberedFs::below(&[at("in")]);
            for path in paths {
                let path = at(path);
                let expected = answers(&DiskFs, &path);
                assert_eq!(answers(&fresh, &path), expected, "{}", path.display());
                assert_eq!(answers(&files, &path), expected, "again: {}", path.display());
            }
        }
    }

    #[test]
    fn what_was_seen_stays_so() {
        let top = tempfile::tempdir().unwrap();
        let files = RememberedFs::below(&[top.path().to_path_buf()]);
        let real = DiskFs.canonicalize(top.path()).unwrap();
        std::fs::write(real.join("a"), "1").unwrap();
        assert_eq!(files.read(&real.join("a")).unwrap(), b"1");
        assert!(files.kind(&real.join("b")).is_err());
        std::fs::write(real.join("a"), "2").unwrap();
        std::fs::write(real.join("b"), "").unwrap();
        assert_eq!(files.read(&real.join("a")).unwrap(), b"1");
        assert!(files.kind(&real.join("b")).is_err());
    }
}
