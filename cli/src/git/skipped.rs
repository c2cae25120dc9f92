//! What git was told not to look at on the disk: files of a sparse checkout, and those that it assumes unchanged.

use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::index::entry::Flags;
use gix::objs::tree::EntryKind;

use super::{NOT_CHECKED_OUT, Repository, Revision};
use crate::exclude::Excluded;
use crate::paths::{self, FILE_NAMES};

impl Repository {
    /// Refuses a work tree that lacks a kustomization at or below some folders which git has and has not checked out:
    /// it would look as if it had been removed. What is `excluded` may be missing.
    ///
    /// # Errors
    /// If there is one, with what helps.
    pub(crate) fn check_checked_out<'p>(
        &self,
        folders: impl IntoIterator<Item = &'p Path>,
        excluded: &Excluded,
    ) -> Result<(), String> {
        let mut objects = self.objects.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(index) = objects.index() else { return Ok(()) };
        let mut skipped =
            index.entries().iter().filter(|it| it.flags.contains(Flags::SKIP_WORKTREE));
        let mut skipped = skipped.by_ref().peekable();
        if skipped.peek().is_none() {
            return Ok(());
        }
        let real =
            |folder: &Path| folder.canonicalize().unwrap_or_else(|_| paths::physical(folder));
        let folders: Vec<PathBuf> = folders.into_iter().map(real).collect();
        let is_excluded = |path: &Path| {
            let folder = path.parent().and_then(|folder| folder.strip_prefix(&self.root).ok());
            folder.is_some_and(|folder| excluded.matches(folder))
        };
        let counts = |path: &Path| {
            folders.iter().any(|folder| path.starts_with(folder)) && !is_excluded(path)
        };
        for entry in skipped {
            let Ok(below) = gix::path::from_bstr(entry.path(&index)) else { continue };
            let path = self.root.join(below);
            let found = match entry.mode.is_sparse() {
                // A folder of which the index has nothing but its tree.
                true => objects.kustomization_below(&path, entry.id, &counts),
                false => (is_kustomization(&path) && counts(&path)).then_some(path),
            };
            if let Some(path) = found.filter(|path| path.symlink_metadata().is_err()) {
                return Err(format!(
                    "{}: {NOT_CHECKED_OUT}, so the work tree cannot be searched there: name \
                     directories that are checked out, compare revisions with --to HEAD, or get all files with `git \
                     sparse-checkout disable`",
                    path.display()
                ));
            }
        }
        Ok(())
    }
}

impl Revision {
    /// Returns the submodules of the work tree; nothing if its index cannot be read.
    pub(crate) fn submodules(&self) -> Option<Vec<PathBuf>> {
        let index = self.state().objects().index()?;
        let entries = index.entries().iter().filter(|it| it.mode.is_submodule());
        let paths = entries.map(|it| gix::path::from_bstr(it.path(&index)).ok());
        paths.map(|below| Some(self.top().0.join(below?))).collect()
    }

    /// Returns the paths that git does not compare although they are on the disk, and are not what the revision has.
    pub(crate) fn changed_unseen(&self) -> Vec<PathBuf> {
        let Some(index) = self.state().objects().index() else { return Vec::new() };
        let unseen = Flags::ASSUME_VALID | Flags::SKIP_WORKTREE;
        let entries = index.entries().iter();
        let paths = entries.filter(|it| it.flags.intersects(unseen) && !it.mode.is_sparse());
        let paths = paths.filter_map(|it| gix::path::from_bstr(it.path(&index)).ok());
        let paths = paths.map(|below| self.top().0.join(below));
        paths
            .filter(|path| path.symlink_metadata().is_ok() && !self.is_same_on_disk(path))
            .collect()
    }
}

impl super::objects::Objects {
    /// Returns a kustomization at or below a folder with this tree that counts.
    fn kustomization_below(
        &mut self,
        folder: &Path,
        tree: ObjectId,
        counts: &dyn Fn(&Path) -> bool,
    ) -> Option<PathBuf> {
        let mut waiting = vec![(folder.to_path_buf(), tree)];
        while let Some((folder, id)) = waiting.pop() {
            // What a clone lacks may be anything.
            let Ok(tree) = self.tree(id) else { return Some(folder).filter(|it| counts(it)) };
            for (name, (kind, id)) in tree.iter() {
                let Ok(name) = gix::path::from_bstr(BStr::new(name.as_bytes())) else {
                    continue;
                };
                let path = folder.join(name);
                match kind {
                    EntryKind::Tree => waiting.push((path, *id)),
                    _ if is_kustomization(&path) && counts(&path) => return Some(path),
                    _ => {}
                }
            }
        }
        None
    }
}

fn is_kustomization(path: &Path) -> bool {
    path.file_name().is_some_and(|name| FILE_NAMES.iter().any(|file| name == *file))
}
