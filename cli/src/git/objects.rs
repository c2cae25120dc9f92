//! What has been read of a repository: trees and blobs, by their ids.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::BStr;
use gix::objs::tree::EntryKind;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{inside, open};

/// The most bytes that a link may have.
const LONGEST_LINK: u64 = 64 << 10;

/// The most bytes that the list of a folder may have.
const LARGEST_TREE: u64 = 64 << 20;

/// What is said of an object that git knows of and does not have.
pub(crate) const NOT_IN_CLONE: &str = "this clone lacks the object";

/// What has been read; it is read once for all roots and all revisions that have it.
pub(super) struct Objects {
    repository: gix::Repository,
    /// The repositories of submodules that were asked for.
    submodules: Vec<gix::Repository>,
    trees: FxHashMap<ObjectId, Arc<Tree>>,
    blobs: FxHashMap<ObjectId, Arc<Vec<u8>>>,
    /// Which trees have links or submodules in them, at any depth.
    odd: FxHashMap<ObjectId, bool>,
    /// An object that was asked for and is not here.
    lacking: Option<ObjectId>,
    /// The index, once it was asked for, if git converts files on their way to the disk.
    converted: Option<Option<gix::worktree::Index>>,
}

pub(super) type Tree = BTreeMap<Vec<u8>, (EntryKind, ObjectId)>;

impl Objects {
    /// Returns the objects of a repository, none of which has been read.
    pub(super) fn new(repository: gix::Repository) -> Objects {
        Objects {
            repository,
            submodules: Vec::new(),
            trees: FxHashMap::default(),
            blobs: FxHashMap::default(),
            odd: FxHashMap::default(),
            lacking: None,
            converted: None,
        }
    }

    /// Returns the repository that has an object: that of the work tree, or of a submodule.
    fn holder(&self, id: ObjectId) -> &gix::Repository {
        let mut submodules = self.submodules.iter();
        match self.submodules.is_empty() || self.repository.has_object(id) {
            true => &self.repository,
            false => submodules.find(|it| it.has_object(id)).unwrap_or(&self.repository),
        }
    }

    /// Returns the files of a commit of the submodule at `path`, if it is checked out and has the commit.
    pub(super) fn submodule(&mut self, path: &Path, commit: ObjectId) -> Option<ObjectId> {
        if !self.holder(commit).has_object(commit) {
            inside::check(path).ok()?;
            let submodule = open::open(path).ok().filter(|it| it.has_object(commit))?;
            self.submodules.push(submodule);
        }
        let tree = self.holder(commit).find_commit(commit).ok()?.tree_id().ok()?.detach();
        Some(tree)
    }

    /// Returns the index of the work tree, if it can be read.
    pub(super) fn index(&self) -> Option<gix::worktree::Index> {
        self.repository.index_or_empty().ok()
    }

    /// Returns the index, if git converts files on their way to the disk: line ends, or by filters.
    pub(super) fn converted(&mut self) -> Option<&gix::worktree::Index> {
        if self.converted.is_none() {
            let config = self.repository.config_snapshot();
            let is_set = |key: &str| config.string(key).is_some();
            let has_attributes = |index: &gix::worktree::Index| {
                let mut entries = index.entries_with_paths_by_filter_map(|path, _| {
                    path.ends_with(b".gitattributes").then_some(())
                });
                entries.next().is_some()
            };
            let is_configured = is_set("core.autocrlf")
                || is_set("core.attributesFile")
                || self.repository.common_dir().join("info/attributes").is_file();
            let index = self.index().filter(|index| is_configured || has_attributes(index));
            self.converted = Some(index);
        }
        self.converted.as_ref()?.as_ref()
    }

    /// Returns `true` if a tree holds links or submodules.
    pub(super) fn is_odd(&mut self, id: ObjectId) -> io::Result<bool> {
        let mut waiting = vec![id];
        // What has many of the same folder looks at it once.
        let mut seen = FxHashSet::default();
        let mut odd = false;
        while let Some(id) = waiting.pop() {
            match self.odd.get(&id) {
                Some(true) => odd = true,
                Some(false) => continue,
                None if !seen.insert(id) => continue,
                None => {
                    for (kind, id) in self.tree(id)?.values() {
                        match kind {
                            EntryKind::Tree => waiting.push(*id),
                            EntryKind::Link | EntryKind::Commit => odd = true,
                            EntryKind::Blob | EntryKind::BlobExecutable => {}
                        }
                    }
                }
            }
            if odd {
                self.odd.insert(id, true);
                return Ok(true);
            }
        }
        self.odd.extend(seen.into_iter().map(|id| (id, false)));
        Ok(false)
    }

    /// Returns what a folder has.
    pub(super) fn tree(&mut self, id: ObjectId) -> io::Result<Arc<Tree>> {
        if let Some(tree) = self.trees.get(&id) {
            return Ok(Arc::clone(tree));
        }
        if self.size(id)? > LARGEST_TREE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let tree = self.holder(id).find_tree(id).map_err(io::Error::other)?;
        let mut entries = Tree::new();
        for entry in tree.iter() {
            let entry = entry.map_err(io::Error::other)?;
            entries.insert(entry.filename().to_vec(), (entry.mode().kind(), entry.object_id()));
        }
        let entries = Arc::new(entries);
        drop(tree);
        self.trees.insert(id, Arc::clone(&entries));
        Ok(entries)
    }

    /// Returns how many bytes an object has.
    fn size(&mut self, id: ObjectId) -> io::Result<u64> {
        let found = self.holder(id).find_header(id).map(|header| header.size());
        found.map_err(|error| {
            if self.holder(id).has_object(id) {
                return io::Error::other(error);
            }
            self.lacking = Some(id);
            io::Error::other(lacking(id))
        })
    }

    /// Says which object was asked for and is not here, if there is one.
    pub(super) fn lacking(&self) -> Option<String> {
        self.lacking.map(lacking)
    }

    /// Returns what a link says.
    pub(super) fn link(&mut self, id: ObjectId) -> io::Result<PathBuf> {
        let content = self.blob(id, LONGEST_LINK)?;
        let target = gix::path::from_bstr(BStr::new(content.as_slice()));
        Ok(target.map_err(io::Error::other)?.into_owned())
    }

    /// Returns the content of a file, if it has at most so many bytes.
    pub(super) fn blob(&mut self, id: ObjectId, most: u64) -> io::Result<Arc<Vec<u8>>> {
        let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
        if let Some(blob) = self.blobs.get(&id) {
            let fits = blob.len() as u64 <= most;
            return if fits { Ok(Arc::clone(blob)) } else { Err(too_large()) };
        }
        // The size stands in front: a small object may be large when it is unpacked.
        if self.size(id)? > most {
            return Err(too_large());
        }
        let content = Arc::new(self.content(id)?);
        self.blobs.insert(id, Arc::clone(&content));
        Ok(content)
    }

    /// Returns the content of a file without keeping it.
    pub(super) fn content(&self, id: ObjectId) -> io::Result<Vec<u8>> {
        let mut blob = self.holder(id).find_blob(id).map_err(io::Error::other)?;
        Ok(blob.take_data())
    }
}

fn lacking(id: ObjectId) -> String {
    format!(
        "{NOT_IN_CLONE} {id}: if it is a partial one, `git fetch --refetch --no-filter` gets the rest"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_many_have_are_looked_at_once() {
        let top = tempfile::tempdir().expect("a folder");
        let git = |words: &[&str]| {
            let mut git = std::process::Command::new("git");
            assert!(
                git.arg("-C").arg(top.path()).args(words).status().is_ok_and(|it| it.success())
            );
        };
        git(&["init", "--quiet"]);
        let repository = gix::open(top.path()).expect("a repository");
        let mut tree = repository.write_object(gix::objs::Tree::empty()).expect("written").detach();
        for _ in 0..60 {
            let entry = |name: &str| gix::objs::tree::Entry {
                mode: EntryKind::Tree.into(),
                filename: name.into(),
                oid: tree,
            };
            let both = gix::objs::Tree { entries: vec![entry("a"), entry("b")] };
            tree = repository.write_object(both).expect("written").detach();
        }
        // There are 2^60 paths.
        assert!(Objects::new(repository).is_odd(tree).is_ok_and(|odd| !odd));
    }
}
