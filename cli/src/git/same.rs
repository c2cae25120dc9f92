//! What is the same in two revisions, or in a revision and on the disk.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::BStr;
use gix::index::entry::{Mode, Stat};
use gix::objs::tree::EntryKind;
use rustc_hash::FxHashMap;

use super::sparse::There;
use super::{Beside, Revision, Skipped};
use kustom::roots::Sameness;
use kustom::{DiskFs, FileSystem};

/// Two revisions of one repository, or one and the work tree.
pub(crate) struct Between<'r> {
    before: &'r Revision,
    /// Nothing for the work tree.
    after: Option<&'r Revision>,
    /// What of the work tree is not checked out.
    skipped: Option<Arc<Skipped>>,
    /// The revision with what git ignores beside it, which counts for it where the other side is the work tree.
    beside: Option<Beside>,
    known: RefCell<FxHashMap<OsString, bool>>,
}

impl<'r> Between<'r> {
    /// Returns what knows the same files of two sides.
    pub(crate) fn new(before: &'r Revision, after: Option<&'r Revision>) -> Between<'r> {
        Between { before, after, skipped: None, beside: None, known: RefCell::default() }
    }

    /// Returns what knows the same files of a revision and the work tree; what that lacks is as the index has it.
    pub(crate) fn on_disk(before: &'r Revision, skipped: Option<Arc<Skipped>>) -> Between<'r> {
        let beside = Some(Beside::new(before));
        Between { skipped, beside, ..Between::new(before, None) }
    }

    /// Compares what a revision has with what the index has, of what is not on the disk.
    fn is_in_index(&self, path: &Path, object: Option<(EntryKind, ObjectId)>) -> bool {
        let there = self.skipped.as_ref().and_then(|skipped| skipped.at(path));
        match (object, there) {
            (None, None) => true,
            // Behind a link lies what its path does not say.
            (Some((EntryKind::Link, _)), _) => false,
            (Some((kind, id)), Some(There::Object(its_kind, its_id))) => {
                (kind, id) == (its_kind, its_id)
                    && (kind != EntryKind::Tree
                        || self.before.state().objects().is_odd(id).is_ok_and(|odd| !odd))
            }
            (Some((EntryKind::Tree, id)), Some(There::Folder)) => self.has_all(path, id, &[]),
            _ => false,
        }
    }

    /// Returns `true` if a folder has all that a tree has, and nothing that is not checked out besides; what lies there
    /// has been looked at.
    fn has_all(&self, path: &Path, id: ObjectId, there: &[OsString]) -> bool {
        let Ok(tree) = self.before.state().objects().tree(id) else { return false };
        let has = |name: &&OsString| tree.contains_key(name.as_encoded_bytes());
        let skipped = self.skipped.as_ref().map(|skipped| skipped.names(path)).unwrap_or_default();
        let is_ignored = |name: &OsString| {
            self.beside.as_ref().is_some_and(|it| it.counts_all(&path.join(name)))
        };
        let (inside, others): (Vec<_>, Vec<_>) = there.iter().partition(has);
        skipped.iter().all(|name| has(&name))
            && inside.len() + skipped.len() == tree.len()
            && others.into_iter().all(is_ignored)
            && tree.iter().all(|(name, object)| {
                let name = gix::path::from_bstr(BStr::new(name.as_slice()));
                name.is_ok_and(|name| self.is_on_disk_noted(&path.join(name), Some(*object)))
            })
    }

    /// Compares what a revision has with what lies on the disk, each path once: a folder is asked about after the
    /// one above it, which differs because of another.
    fn is_on_disk_noted(&self, path: &Path, object: Option<(EntryKind, ObjectId)>) -> bool {
        if let Some(known) = self.known.borrow().get(path.as_os_str()) {
            return *known;
        }
        let same = self.is_on_disk(path, object);
        self.known.borrow_mut().insert(path.into(), same);
        same
    }

    /// Compares what a revision has with what lies on the disk.
    fn is_on_disk(&self, path: &Path, object: Option<(EntryKind, ObjectId)>) -> bool {
        let there = std::fs::symlink_metadata(path);
        match (object, there) {
            (Some((EntryKind::Tree, id)), Ok(there)) if there.is_dir() => {
                let Ok(entries) = std::fs::read_dir(path) else { return false };
                let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
                let Ok(mut names) = names.collect::<io::Result<Vec<OsString>>>() else {
                    return false;
                };
                names.retain(|name| name != ".git");
                self.has_all(path, id, &names)
            }
            (Some((EntryKind::Blob | EntryKind::BlobExecutable, id)), Ok(there)) => {
                let is_unchanged = || self.before.unchanged(path) == Some(id);
                there.is_file() && (is_unchanged() || self.before.has_content(path, id))
            }
            // A submodule of which neither side has any files: the index knows the commit.
            (Some((EntryKind::Commit, id)), there) => {
                let is_absent = match there {
                    Ok(_) => std::fs::read_dir(path).is_ok_and(|mut it| it.next().is_none()),
                    Err(error) => error.kind() == io::ErrorKind::NotFound,
                };
                is_absent && self.before.is_in_index(path, id)
            }
            (None, Ok(_)) => self.beside.as_ref().is_some_and(|beside| beside.counts_all(path)),
            (object, Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                self.is_in_index(path, object)
            }
            _ => false,
        }
    }
}

impl Sameness for Between<'_> {
    fn is_same(&self, path: &Path) -> bool {
        if let Some(known) = self.known.borrow().get(path.as_os_str()) {
            return *known;
        }
        let same = match (self.before.object(path), self.after) {
            (Ok(before), Some(after)) => after.object(path) == Ok(before),
            (Ok(before), None) => self.is_on_disk(path, before),
            // Of a folder with submodules that is not checked out, the index has all.
            (Err(()), None) if self.skipped.as_ref().is_some_and(|skipped| skipped.has(path)) => {
                self.before.entry_at(path).is_some_and(|entry| self.is_in_index(path, Some(entry)))
            }
            (Err(()), _) => false,
        };
        self.known.borrow_mut().insert(path.into(), same);
        same
    }
}

/// How many paths are compared at most: a few objects of git can stand for any number of them.
const MOST_PATHS: usize = 500_000;

fn refuse_too_many(paths: usize) -> io::Result<()> {
    match paths > MOST_PATHS {
        true => Err(io::Error::other(format!("more than {MOST_PATHS} paths differ"))),
        false => Ok(()),
    }
}

impl Revision {
    /// Returns the paths of files, links and submodules that are other ones in another revision, or on one side only.
    pub(crate) fn changed_in(&self, other: &Revision) -> io::Result<Vec<PathBuf>> {
        let ((root, before), (_, after)) = (self.top(), other.top());
        let tree = |(kind, id): (EntryKind, ObjectId)| (kind == EntryKind::Tree).then_some(id);
        let mut changed = Vec::new();
        let mut waiting = vec![(root.to_path_buf(), Some(before), Some(after))];
        while let Some((folder, before, after)) = waiting.pop() {
            self.check_length(&folder)?;
            let read = |id: Option<ObjectId>| {
                id.map_or_else(|| Ok(Arc::default()), |id| self.state().objects().tree(id))
            };
            let (before, after) = (read(before)?, read(after)?);
            let names: BTreeSet<&Vec<u8>> = before.keys().chain(after.keys()).collect();
            for name in names {
                let (old, new) = (before.get(name).copied(), after.get(name).copied());
                if old == new {
                    continue;
                }
                let path = gix::path::from_bstr(BStr::new(name.as_slice()));
                let path = folder.join(path.map_err(io::Error::other)?);
                refuse_too_many(changed.len() + waiting.len())?;
                if [old, new].into_iter().flatten().any(|entry| tree(entry).is_none()) {
                    changed.push(path.clone());
                }
                let trees = (old.and_then(tree), new.and_then(tree));
                if trees != (None, None) {
                    waiting.push((path, trees.0, trees.1));
                }
            }
        }
        changed.sort();
        Ok(changed)
    }

    /// Returns the paths that differ from what lies on the disk, new ones included.
    ///
    /// It knows nothing of ignored files; they count as new.
    pub(crate) fn changed_on_disk(&self) -> io::Result<Vec<PathBuf>> {
        let (root, top) = self.top();
        let mut changed = Vec::new();
        let mut waiting = vec![(root.to_path_buf(), Some(top))];
        while let Some((folder, tree)) = waiting.pop() {
            self.check_length(&folder)?;
            refuse_too_many(changed.len() + waiting.len())?;
            let tree = match tree {
                Some(id) => self.state().objects().tree(id)?,
                None => Arc::default(),
            };
            let mut there = BTreeMap::new();
            for entry in std::fs::read_dir(&folder).into_iter().flatten() {
                let entry = entry?;
                if entry.file_name() != ".git" {
                    there.insert(entry.file_name().as_encoded_bytes().to_vec(), entry);
                }
            }
            for (name, entry) in &there {
                let old = tree.get(name).copied();
                let path = entry.path();
                if entry.file_type()?.is_dir() {
                    let tree = old.filter(|(kind, _)| *kind == EntryKind::Tree);
                    waiting.push((path, tree.map(|(_, id)| id)));
                } else if !self.is_blob(&path, old) {
                    changed.push(path);
                }
            }
            for (name, (kind, id)) in tree.iter().filter(|(name, _)| !there.contains_key(*name)) {
                let name = gix::path::from_bstr(BStr::new(name.as_slice()));
                let path = folder.join(name.map_err(io::Error::other)?);
                match kind {
                    EntryKind::Tree => waiting.push((path, Some(*id))),
                    EntryKind::Commit => {}
                    _ => changed.push(path),
                }
            }
        }
        changed.sort();
        Ok(changed)
    }

    /// Returns `true` if the index has a commit at a path or above it, as that of a submodule.
    fn is_in_index(&self, path: &Path, commit: ObjectId) -> bool {
        let (root, _) = self.top();
        let below = path.ancestors().map_while(|above| above.strip_prefix(root).ok());
        let state = self.state();
        let index = state.objects().index();
        index.is_some_and(|index| {
            below.into_iter().any(|path| {
                let path = gix::path::into_bstr(path).map(gix::path::to_unix_separators_on_windows);
                let entry = path.ok().and_then(|path| index.entry_by_path(&path));
                entry.is_some_and(|entry| entry.mode == Mode::COMMIT && entry.id == commit)
            })
        })
    }

    /// Returns what the index has of a file that has not been changed since git looked at it last, if git converts
    /// files on their way to the disk.
    pub(super) fn unchanged(&self, path: &Path) -> Option<ObjectId> {
        let state = self.state();
        let mut objects = state.objects();
        let index = objects.converted()?;
        let below = gix::path::into_bstr(path.strip_prefix(self.top().0).ok()?).ok()?;
        let entry = index.entry_by_path(&gix::path::to_unix_separators_on_windows(below))?;
        let there = gix::index::fs::Metadata::from_path_no_follow(path).ok()?;
        let stat = Stat::from_fs(&there).ok()?;
        let how = gix::index::entry::stat::Options { use_nsec: true, ..Default::default() };
        let is_same = entry.stat.matches(&stat, how) && !entry.stat.is_racy(index.timestamp(), how);
        (is_same && entry.mode.is_submodule().eq(&false)).then_some(entry.id)
    }

    /// Returns `true` if a file is surely what the revision has at its path: the index has the same, and git has seen
    /// no change of it since.
    pub(crate) fn is_surely_on_disk(&self, path: &Path) -> bool {
        let Ok(Some((kind, id))) = self.object(path) else { return false };
        let has_mode = match (kind, DiskFs.is_executable(path)) {
            (EntryKind::Blob, Some(is_executable)) => !is_executable,
            (EntryKind::BlobExecutable, Some(is_executable)) => is_executable,
            _ => false,
        };
        has_mode && self.unchanged(path) == Some(id)
    }

    /// Returns `true` if git may convert files on their way to the disk.
    pub(super) fn has_conversions(&self) -> bool {
        self.state().objects().converted().is_some()
    }

    /// Returns `true` if a regular file on the disk is a blob, as far as one may be read.
    fn has_content(&self, path: &Path, id: ObjectId) -> bool {
        let there = DiskFs.read(path);
        there.is_ok_and(|there| {
            let blob = self.state().objects().blob(id, there.len() as u64);
            blob.is_ok_and(|blob| *blob == there)
        })
    }

    /// Returns `true` if a file or link on the disk is what the revision has there.
    pub(super) fn is_same_on_disk(&self, path: &Path) -> bool {
        let object = self.object(path).ok().flatten();
        object.is_some_and(|(_, id)| self.unchanged(path) == Some(id)) || self.is_blob(path, object)
    }

    /// Returns `true` if a file or link on the disk is what a revision has there.
    fn is_blob(&self, path: &Path, object: Option<(EntryKind, ObjectId)>) -> bool {
        match object {
            Some((EntryKind::Blob | EntryKind::BlobExecutable, id)) => self.has_content(path, id),
            Some((EntryKind::Link, id)) => {
                let target = self.state().objects().link(id);
                target.is_ok_and(|target| std::fs::read_link(path).is_ok_and(|t| t == target))
            }
            _ => false,
        }
    }
}
