//! The files of a work tree that git has and has not checked out.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::index::entry::Flags;
use gix::objs::tree::EntryKind;
use kustom::{DiskFs, FileKind, FileSystem};

use super::objects::Objects;
use super::{Committed, Repository, Revision};
use crate::paths::FILE_NAMES;

/// What is said of a file that git has and has not checked out.
pub(crate) const NOT_CHECKED_OUT: &str = "git has not checked it out (a sparse checkout)";

/// The files that git was told not to check out, as its index has them. Those that lie on the disk all the same count
/// as they are.
pub(crate) struct Skipped {
    /// Of a folder that is here as a whole, the index has nothing but its tree.
    entries: BTreeMap<PathBuf, (EntryKind, ObjectId)>,
    objects: Arc<Mutex<Objects>>,
}

/// What a place has that lies not on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum There {
    Object(EntryKind, ObjectId),
    /// A folder of which only the files are known.
    Folder,
}

impl Repository {
    /// Returns the files that git was told not to check out; nothing if there is none.
    pub(crate) fn skipped(&self) -> Option<Arc<Skipped>> {
        let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let index = objects.index()?;
        let skipped = index.entries().iter().filter(|it| it.flags.contains(Flags::SKIP_WORKTREE));
        let entry = |it: &gix::index::Entry| {
            let below = gix::path::from_bstr(it.path(&index)).ok()?;
            let kind = it.mode.to_tree_entry_mode()?.kind();
            // The path of a folder ends with a slash.
            Some((self.root.join(below).components().collect(), (kind, it.id)))
        };
        let entries: BTreeMap<PathBuf, _> = skipped.filter_map(entry).collect();
        let objects = Arc::clone(&self.objects);
        (!entries.is_empty()).then(|| Arc::new(Skipped { entries, objects }))
    }
}

impl Skipped {
    /// Returns what git has at a path where nothing lies on the disk.
    pub(super) fn at(&self, path: &Path) -> Option<There> {
        let above = path.ancestors().find_map(|above| Some((above, *self.entries.get(above)?)));
        let Some((above, (mut kind, mut id))) = above else {
            return self.below(path).next().map(|_| There::Folder);
        };
        for part in path.strip_prefix(above).ok()?.components() {
            if kind != EntryKind::Tree {
                return None;
            }
            let tree = self.objects.lock().unwrap_or_else(PoisonError::into_inner).tree(id).ok()?;
            let name = gix::path::os_str_into_bstr(part.as_os_str()).ok()?;
            (kind, id) = *tree.get(name.as_bytes())?;
        }
        Some(There::Object(kind, id))
    }

    /// Returns what lies in a folder and is not on the disk.
    pub(super) fn names(&self, folder: &Path) -> BTreeSet<OsString> {
        let names: BTreeSet<OsString> = match self.at(folder) {
            Some(There::Object(EntryKind::Tree, id)) => {
                let tree = self.objects.lock().unwrap_or_else(PoisonError::into_inner).tree(id);
                let names = tree.iter().flat_map(|tree| tree.keys());
                let name = |name: &Vec<u8>| {
                    let name = gix::path::from_bstr(BStr::new(name.as_slice())).ok()?;
                    Some(name.into_owned().into_os_string())
                };
                names.filter_map(name).collect()
            }
            _ => {
                let below = self.below(folder).filter_map(|path| path.strip_prefix(folder).ok());
                below.filter_map(|path| path.iter().next()).map(OsString::from).collect()
            }
        };
        names.into_iter().filter(|name| is_absent(&folder.join(name))).collect()
    }

    fn below<'s>(&'s self, folder: &'s Path) -> impl Iterator<Item = &'s PathBuf> {
        let from = (Bound::Excluded(folder), Bound::Unbounded);
        let paths = self.entries.range::<Path, _>(from).map(|(path, _)| path);
        paths.take_while(move |path| path.starts_with(folder))
    }

    /// Returns `true` if git has a path that is not on the disk.
    pub(crate) fn has(&self, path: &Path) -> bool {
        is_absent(path) && self.at(path).is_some()
    }

    /// Returns `true` if the kustomization of a folder is not on the disk.
    pub(crate) fn has_kustomization(&self, folder: &Path) -> bool {
        let Ok(folder) = DiskFs.absolute(folder) else { return false };
        let folder = crate::paths::physical(&folder);
        FILE_NAMES.iter().any(|name| self.has(&folder.join(name)))
    }
}

fn is_absent(path: &Path) -> bool {
    path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// The files of a work tree of which some are not checked out: whoever looks at one of these is told so.
#[derive(Clone)]
pub(crate) struct Sparse {
    skipped: Arc<Skipped>,
    files: Arc<dyn FileSystem>,
}

impl Sparse {
    /// Returns the files of the work tree of a revision.
    pub(crate) fn new(skipped: Arc<Skipped>, revision: &Revision) -> Sparse {
        let files: Arc<dyn FileSystem> = match Committed::of(revision) {
            Some(committed) => Arc::new(committed),
            None => Arc::new(DiskFs),
        };
        Sparse { skipped, files }
    }

    /// Tells of what is missing if git has it.
    fn or_skipped<T>(&self, path: &Path, found: io::Result<T>) -> io::Result<T> {
        let is_missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        if !found.as_ref().is_err_and(is_missing) {
            return found;
        }
        // A folder on the way may be a link.
        let real = crate::paths::physical(path);
        match self.skipped.has(path) || self.skipped.has(&real) {
            true => Err(io::Error::other(format!(
                "{NOT_CHECKED_OUT}: add it with `git sparse-checkout add`, or compare revisions with --to HEAD"
            ))),
            false => found,
        }
    }
}

impl FileSystem for Sparse {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.or_skipped(path, self.files.kind(path))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.or_skipped(path, self.files.canonicalize(path))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.or_skipped(path, self.files.read(path))
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.or_skipped(path, self.files.read_at_most(path, most))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        // It serves hints, which are about what is here.
        self.or_skipped(path, self.files.list(path))
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        self.or_skipped(path, self.files.entries(path))
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.or_skipped(path, self.files.read_link(path))
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        self.files.is_executable(path)
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        self.files.owner(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.absolute(path)
    }
}

impl fmt::Debug for Sparse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sparse")
    }
}
