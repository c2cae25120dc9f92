//! The files of one revision.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;
use kustom::text::clean_path;
use kustom::{FileKind, FileSystem, Limits};
use rustc_hash::FxHashMap;

use super::objects::Objects;

/// How many links a path may lead through.
const MOST_LINKS: usize = 40;

/// The longest path below the top, in bytes: no system and not even git checks out longer ones, and each folder of
/// such a way costs as much as all above it.
const LONGEST_PATH: usize = 4096;

/// What is said of files of a submodule that are not here.
pub(crate) const IN_SUBMODULE: &str = "is a submodule, whose commit";

/// The files of one revision, at the paths that they have in the work tree.
#[derive(Clone)]
pub(crate) struct Revision(Arc<Shared>);

struct Shared {
    root: PathBuf,
    top: ObjectId,
    /// Whether there is a work tree; if not, paths count from the top of the revision.
    has_work_tree: bool,
    state: Mutex<State>,
}

/// What has been looked up.
pub(super) struct State {
    objects: Arc<Mutex<Objects>>,
    /// The paths that have been looked up, to begin with the top; no link is on the way to them.
    places: FxHashMap<OsString, (EntryKind, ObjectId)>,
    /// What folders on the way to a path come to, links resolved, if the top is at or below that.
    above: FxHashMap<PathBuf, Option<PathBuf>>,
}

/// What a path leads to.
enum Found {
    Entry(EntryKind, ObjectId),
    /// A directory above the repository.
    Above,
}

impl Revision {
    /// Returns the files of a tree at the paths that they have below `root`.
    pub(super) fn new(
        root: &Path,
        top: ObjectId,
        has_work_tree: bool,
        objects: Arc<Mutex<Objects>>,
    ) -> Revision {
        let places = FxHashMap::from_iter([(root.into(), (EntryKind::Tree, top))]);
        let state = Mutex::new(State { objects, places, above: FxHashMap::default() });
        Revision(Arc::new(Shared { root: root.to_path_buf(), top, has_work_tree, state }))
    }

    /// Returns the top of the revision: its path, and its tree.
    pub(crate) fn top(&self) -> (&Path, ObjectId) {
        (&self.0.root, self.0.top)
    }

    /// Returns `true` if another revision of the repository has the same files.
    pub(crate) fn has_same_files(&self, other: &Revision) -> bool {
        self.top() == other.top()
    }

    /// Says what of the repository was asked for and is not in this clone, if anything was.
    pub(crate) fn lacking(&self) -> Option<String> {
        self.state().objects().lacking()
    }

    /// Returns the object at a path: nothing if there is none; `Err` if that is not certain, because the
    /// path leads through a link, or links lie below it. Of what lies in a submodule that is not here, that is the
    /// commit.
    pub(super) fn object(&self, path: &Path) -> Result<Option<(EntryKind, ObjectId)>, ()> {
        match self.entry(path) {
            Ok(Found::Entry(kind @ (EntryKind::Blob | EntryKind::BlobExecutable), id)) => {
                Ok(Some((kind, id)))
            }
            Ok(Found::Entry(EntryKind::Tree, id)) => match self.state().objects().is_odd(id) {
                Ok(false) => Ok(Some((EntryKind::Tree, id))),
                _ => Err(()),
            },
            Ok(Found::Entry(EntryKind::Commit, id)) => Ok(Some((EntryKind::Commit, id))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            _ => path.parent().map_or(Err(()), |above| match self.entry(above) {
                Ok(Found::Entry(EntryKind::Commit, id)) => Ok(Some((EntryKind::Commit, id))),
                Err(_) => self.object(above),
                Ok(_) => Err(()),
            }),
        }
    }

    /// Returns what is at a path, if no link is on the way.
    pub(super) fn entry_at(&self, path: &Path) -> Option<(EntryKind, ObjectId)> {
        match self.entry(path) {
            Ok(Found::Entry(kind, id)) => Some((kind, id)),
            _ => None,
        }
    }

    /// Follows the links of a path, that of its last part only if `last`; returns where it leads, and what
    /// is there.
    fn locate<'p>(&self, path: &'p Path, last: bool) -> io::Result<(Cow<'p, Path>, Found)> {
        // Mostly the folder is known, and no link is on the way.
        if let Some((kind, id)) = self.state().known(path)?
            && (kind != EntryKind::Link || !last)
        {
            return Ok((Cow::Borrowed(path), Found::Entry(kind, id)));
        }
        let resolved = self.follow(path, last)?;
        let found = self.entry(&resolved)?;
        Ok((Cow::Owned(resolved), found))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what a path without links in it names.
    fn entry(&self, path: &Path) -> io::Result<Found> {
        if !path.starts_with(&self.0.root) {
            return match self.0.root.starts_with(path) {
                true => Ok(Found::Above),
                false => Err(io::ErrorKind::NotFound.into()),
            };
        }
        let (kind, id) = self.state().entry(path)?;
        Ok(Found::Entry(kind, id))
    }

    /// Follows the links of a path, that of its last part only if `last`.
    fn follow(&self, path: &Path, last: bool) -> io::Result<PathBuf> {
        let parts = |path: &Path| -> VecDeque<OsString> {
            let normal = path.components().filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_owned()),
                Component::ParentDir => Some("..".into()),
                _ => None,
            });
            normal.collect()
        };
        let Ok(below) = path.strip_prefix(&self.0.root) else {
            return self.entry(path).map(|_| path.to_path_buf());
        };
        let mut waiting = parts(below);
        let mut resolved = self.0.root.clone();
        let mut links = 0;
        while let Some(part) = waiting.pop_front() {
            if part == ".." {
                resolved.pop();
                if !resolved.starts_with(&self.0.root) {
                    return Err(io::ErrorKind::NotFound.into());
                }
                continue;
            }
            let next = resolved.join(&part);
            let Found::Entry(kind, id) = self.entry(&next)? else {
                return Err(io::ErrorKind::NotFound.into());
            };
            if kind != EntryKind::Link || (waiting.is_empty() && !last) {
                resolved = next;
                continue;
            }
            links += 1;
            if links > MOST_LINKS {
                return Err(io::Error::other("too many levels of symbolic links"));
            }
            let target = self.state().objects().link(id)?;
            let target = if target.is_absolute() {
                // Only what lies in the repository is part of a revision.
                let below = target.strip_prefix(&self.0.root);
                let below = below.map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
                resolved.clone_from(&self.0.root);
                below.to_path_buf()
            } else {
                target
            };
            for part in parts(&target).into_iter().rev() {
                waiting.push_front(part);
            }
        }
        Ok(resolved)
    }
}

impl State {
    /// Returns what a path names whose folder is known; nothing if it is not.
    fn known(&mut self, path: &Path) -> io::Result<Option<(EntryKind, ObjectId)>> {
        if let Some(found) = self.places.get(path.as_os_str()) {
            return Ok(Some(*found));
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(None) };
        match self.places.get(folder.as_os_str()) {
            Some(&(EntryKind::Tree, id)) => {
                let found = self.child(id, path, name)?;
                if found.0 == EntryKind::Tree {
                    self.places.insert(path.into(), found);
                }
                Ok(Some(found))
            }
            _ => Ok(None),
        }
    }

    /// Returns what a folder has under a name, whose path is known; a submodule is a folder as far as its files are
    /// there.
    fn child(
        &self,
        tree: ObjectId,
        path: &Path,
        name: &OsStr,
    ) -> io::Result<(EntryKind, ObjectId)> {
        let name = gix::path::os_str_into_bstr(name).map_err(io::Error::other)?;
        let mut objects = self.objects();
        let tree = objects.tree(tree)?;
        match tree.get(name.as_bytes()).copied().ok_or(io::ErrorKind::NotFound)? {
            (EntryKind::Commit, id) => Ok(match objects.submodule(path, id) {
                Some(tree) => (EntryKind::Tree, tree),
                None => (EntryKind::Commit, id),
            }),
            found => Ok(found),
        }
    }

    /// Returns what a path names. Paths are followed part by part, so what is above is known already.
    fn entry(&mut self, path: &Path) -> io::Result<(EntryKind, ObjectId)> {
        let mut unknown = Vec::new();
        let mut above = path;
        let mut found = loop {
            if let Some(found) = self.places.get(above.as_os_str()) {
                break *found;
            }
            unknown.push(above);
            above = above.parent().ok_or(io::ErrorKind::NotFound)?;
        };
        while let Some(path) = unknown.pop() {
            found = self.entry_in(found, path)?;
        }
        Ok(found)
    }

    /// Returns what a path names whose parent is known.
    fn entry_in(
        &mut self,
        parent: (EntryKind, ObjectId),
        path: &Path,
    ) -> io::Result<(EntryKind, ObjectId)> {
        let name = path.file_name().ok_or(io::ErrorKind::NotFound)?;
        let id = match parent {
            (EntryKind::Tree, id) => id,
            (EntryKind::Commit, id) => {
                return Err(absent(path.parent().unwrap_or(path), id));
            }
            _ => return Err(io::ErrorKind::NotADirectory.into()),
        };
        let found = self.child(id, path, name)?;
        self.places.insert(path.into(), found);
        Ok(found)
    }

    pub(super) fn objects(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileSystem for Revision {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        Ok(match self.locate(path, false)?.1 {
            Found::Above => FileKind::Directory,
            // It may be a folder with anything in it, a kustomization among others.
            Found::Entry(EntryKind::Commit, id) => return Err(absent(path, id)),
            Found::Entry(kind, _) => file_kind(kind),
        })
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.locate(path, true).map(|(path, _)| path.into_owned())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        // As from the disk: whoever wants more says how much.
        self.read_at_most(path, Limits::default().file_bytes)
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match self.locate(path, true)?.1 {
            Found::Entry(EntryKind::Blob | EntryKind::BlobExecutable, id) => {
                self.state().objects().blob(id, most).map(|content| content.to_vec())
            }
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let name = |(name, _): (OsString, FileKind)| name.to_string_lossy().into_owned();
        Ok(self.entries(path)?.into_iter().map(name).collect())
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        let (path, Found::Entry(EntryKind::Tree, id)) = self.locate(path, true)? else {
            return Err(io::ErrorKind::NotADirectory.into());
        };
        self.check_length(&path)?;
        let tree = self.state().objects().tree(id)?;
        let entry = |(name, (kind, _)): (&Vec<u8>, &(EntryKind, ObjectId))| {
            (os_name(name), file_kind(*kind))
        };
        Ok(tree.iter().map(entry).collect())
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        match self.locate(path, false)?.1 {
            Found::Entry(EntryKind::Link, id) => self.state().objects().link(id),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        let found = self.locate(path, false).ok()?.1;
        Some(matches!(found, Found::Entry(EntryKind::BlobExecutable, _)))
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        if !self.0.has_work_tree {
            return Ok(clean_path(&Path::new("/").join(path)));
        }
        let absolute = clean_path(&std::path::absolute(path)?);
        // The links from there on are those of the revision.
        if absolute.starts_with(&self.0.root) {
            return Ok(absolute);
        }
        // The way to the repository may lead through links, which no revision knows of.
        for above in absolute.ancestors() {
            if let (Some(real), Ok(below)) = (self.real(above), absolute.strip_prefix(above)) {
                return Ok(if below.as_os_str().is_empty() { real } else { real.join(below) });
            }
        }
        Ok(absolute)
    }
}

impl Revision {
    /// Refuses the path of a folder in which none is looked for.
    pub(super) fn check_length(&self, folder: &Path) -> io::Result<()> {
        match folder.strip_prefix(&self.0.root).unwrap_or(folder).as_os_str().len() {
            0..=LONGEST_PATH => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidFilename,
                format!("folders with paths of more than {LONGEST_PATH} bytes are not searched"),
            )),
        }
    }

    /// Returns a folder of the disk with links resolved, if the top of the repository is at or below it.
    fn real(&self, folder: &Path) -> Option<PathBuf> {
        let root = &self.0.root;
        let above = &mut self.state().above;
        if let Some(known) = above.get(folder) {
            return known.clone();
        }
        let real = folder.canonicalize().ok().filter(|real| root.starts_with(real));
        above.insert(folder.to_path_buf(), real.clone());
        real
    }
}

/// Says that the files of a submodule are not here.
fn absent(submodule: &Path, commit: ObjectId) -> io::Error {
    io::Error::other(format!(
        "{} {IN_SUBMODULE} {} is not here: get it with `git submodule update --init`",
        submodule.display(),
        commit.to_hex_with_len(12)
    ))
}

fn file_kind(kind: EntryKind) -> FileKind {
    match kind {
        EntryKind::Tree => FileKind::Directory,
        EntryKind::Blob | EntryKind::BlobExecutable => FileKind::File,
        EntryKind::Link => FileKind::Link,
        EntryKind::Commit => FileKind::Other,
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Revision").field(&self.0.top).finish()
    }
}

/// Returns the name that git has as bytes.
#[cfg(unix)]
fn os_name(name: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(name.to_vec())
}

#[cfg(not(unix))]
fn os_name(name: &[u8]) -> OsString {
    String::from_utf8_lossy(name).into_owned().into()
}
