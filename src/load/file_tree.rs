//! A tree of files that is handed over as a whole.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::ops::Bound;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::fs::FileKind;

/// Files by their paths below a folder, such as those of a chart.
///
/// Paths are relative and clean: nothing leads out of the tree.
///
/// ```
/// use kustom::outside::FileTree;
///
/// let mut tree = FileTree::new();
/// assert!(tree.insert("templates/cm.yaml", &b"kind: ConfigMap\n"[..]));
/// assert!(!tree.insert("../other", &b""[..]));
/// assert_eq!(tree.iter().count(), 1);
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileTree {
    files: BTreeMap<PathBuf, Arc<[u8]>>,
}

impl FileTree {
    /// Returns a tree without files.
    pub fn new() -> FileTree {
        FileTree::default()
    }

    /// Adds a file or replaces it; returns `false`, and adds nothing, if the path leads out of the tree
    /// or names no file.
    pub fn insert(&mut self, path: impl AsRef<Path>, content: impl Into<Arc<[u8]>>) -> bool {
        let path = path.as_ref();
        let is_name = |part| matches!(part, Component::Normal(_));
        let names = !path.as_os_str().is_empty() && path.components().all(is_name);
        if names {
            self.files.insert(path.components().collect(), content.into());
        }
        names
    }

    /// Returns the content of a file.
    pub fn get(&self, path: impl AsRef<Path>) -> Option<&[u8]> {
        self.files.get(path.as_ref()).map(|content| &**content)
    }

    /// Returns the content of a file, shared.
    pub(crate) fn content(&self, path: &Path) -> Option<Arc<[u8]>> {
        self.files.get(path).cloned()
    }

    /// Returns all files, with their content shared.
    pub(crate) fn shared(&self) -> impl Iterator<Item = (&Path, &Arc<[u8]>)> {
        self.files.iter().map(|(path, content)| (path.as_path(), content))
    }

    /// Returns what is at a path, if anything is; the tree itself is a folder.
    pub(crate) fn kind(&self, path: &Path) -> Option<FileKind> {
        if self.files.contains_key(path) {
            return Some(FileKind::File);
        }
        let is_folder = path.as_os_str().is_empty() || self.below(path).next().is_some();
        is_folder.then_some(FileKind::Directory)
    }

    /// Returns the names of what a folder holds; some come several times.
    pub(crate) fn names<'p>(&'p self, folder: &'p Path) -> impl Iterator<Item = &'p OsStr> {
        self.below(folder).filter_map(|path| path.iter().next())
    }

    /// Returns the paths of the files in a folder, from there.
    fn below<'p>(&'p self, folder: &'p Path) -> impl Iterator<Item = &'p Path> {
        let paths = self
            .files
            .range::<Path, _>((Bound::Included(folder), Bound::Unbounded))
            .map(|(path, _)| path);
        paths.map_while(move |path| path.strip_prefix(folder).ok())
    }

    /// Returns the files with their contents, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_path(), &**content))
    }

    /// Returns `true` if there are no files.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Returns the digest of all paths and contents: 64 hexadecimal digits of SHA-256.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (path, content) in &self.files {
            hash_part(&mut hash, path.as_os_str().as_encoded_bytes());
            hash_part(&mut hash, content);
        }
        hex(hash)
    }
}

/// A tree and its digest.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(crate) tree: Arc<FileTree>,
    pub(crate) digest: Arc<str>,
}

impl Folder {
    /// Takes the digest of files.
    pub(crate) fn new(tree: FileTree) -> Folder {
        Folder { digest: tree.digest().into(), tree: Arc::new(tree) }
    }
}

impl fmt::Debug for FileTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.files.keys()).finish()
    }
}

/// Adds a text to a hash so that its end is known.
pub(crate) fn hash_part(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}

/// Returns the digits of a hash.
pub(crate) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out() {
        let mut tree = FileTree::new();
        for path in ["", "/a", "a/../b", "..", "./a"] {
            assert!(!tree.insert(path, *b"x"), "{path}");
        }
        assert!(tree.insert("a//b", *b"x") && tree.get("a/b").is_some());
    }

    #[test]
    fn digests_tell_where_a_file_ends() {
        let tree = |files: &[(&str, &str)]| {
            let mut tree = FileTree::new();
            for (path, text) in files {
                tree.insert(path, text.as_bytes());
            }
            tree.digest()
        };
        assert_ne!(tree(&[("a", "bc")]), tree(&[("ab", "c")]));
        assert_ne!(tree(&[("a", "b"), ("c", "d")]), tree(&[("a", "bcd")]));
        assert_eq!(tree(&[("a", "b"), ("c", "d")]), tree(&[("c", "d"), ("a", "b")]));
    }
}
