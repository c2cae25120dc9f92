//! A folder that keeps what was fetched and made, over several calls.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kustom::outside::FileTree;

use crate::folders;

/// A folder of the user that keeps results; each is found by a digest of all that it depends on.
///
/// What cannot be kept is made again, so a full disk or a folder that may not be written to is no error.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Returns the cache in a folder, which is made when there is something to keep.
    pub fn new(folder: impl Into<PathBuf>) -> Cache {
        Cache { folder: folder.into() }
    }

    /// Returns a file that was kept.
    pub(crate) fn file(&self, what: &str, key: &[&[u8]]) -> Option<Vec<u8>> {
        fs::read(self.path(what, key)).ok()
    }

    /// Keeps a file.
    pub(crate) fn keep_file(&self, what: &str, key: &[&[u8]], content: &[u8]) {
        // Who cannot keep it makes it again.
        let _ = self.keep(what, key, |path| fs::write(path, content));
    }

    /// Returns a tree that was kept.
    pub(crate) fn tree(&self, what: &str, key: &[&[u8]]) -> Option<FileTree> {
        folders::read(&self.path(what, key)).ok()
    }

    /// Keeps a tree.
    pub(crate) fn keep_tree(&self, what: &str, key: &[&[u8]], tree: &FileTree) {
        let _ = self.keep(what, key, |path| folders::write(tree, path));
    }

    /// Has something written beside its place and moves it there, so that nobody sees half of it.
    fn keep(
        &self,
        what: &str,
        key: &[&[u8]],
        write: impl FnOnce(&Path) -> io::Result<()>,
    ) -> io::Result<()> {
        let path = self.path(what, key);
        let parent = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(parent)?;
        let beside = tempfile::Builder::new().prefix(".new-").tempdir_in(parent)?;
        let new = beside.path().join(path.file_name().unwrap_or(OsStr::new("new")));
        write(&new)?;
        // If somebody else was sooner, theirs is as good.
        fs::rename(new, path)
    }

    fn path(&self, what: &str, key: &[&[u8]]) -> PathBuf {
        let mut parts = FileTree::new();
        for (i, part) in key.iter().enumerate() {
            parts.insert(i.to_string(), *part);
        }
        self.folder.join(what).join(parts.digest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_files_and_trees_by_all_of_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("not/yet"));
        let keys: [&[&[u8]]; 2] = [&[b"a", b"bc"], &[b"ab", b"c"]];
        assert_eq!(cache.file("x", keys[0]), None);
        cache.keep_file("x", keys[0], b"one");
        assert_eq!(cache.file("x", keys[0]).as_deref(), Some(&b"one"[..]));
        assert_eq!(cache.file("x", keys[1]), None);
        let mut tree = FileTree::new();
        tree.insert("templates/a.yaml", *b"a");
        cache.keep_tree("y", keys[1], &tree);
        assert_eq!(cache.tree("y", keys[1]), Some(tree));
    }
}
