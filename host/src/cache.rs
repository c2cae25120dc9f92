//! A directory that keeps what was fetched and rendered across calls.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use kustom::outside::FileTree;

/// A folder of the user that keeps results; each is found by a digest of all that it depends on.
///
/// What cannot be kept is made again, so a full disk or a folder that may not be written to is no error.
/// Nobody but the user can read what is kept, and what has changed meanwhile counts as absent.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

/// How many bytes of an entry are the digest of the rest.
const DIGEST: usize = 64;

impl Cache {
    /// Returns the cache in a folder, which is made when there is something to keep.
    pub fn new(folder: impl Into<PathBuf>) -> Cache {
        Cache { folder: folder.into() }
    }

    /// Returns a file that was kept.
    pub(crate) fn file(&self, what: &str, key: &[&[u8]]) -> Option<Vec<u8>> {
        let name = name(key);
        let mut entry = fs::read(self.folder.join(what).join(&name)).ok()?;
        let content = (entry.len() >= DIGEST).then(|| entry.split_off(DIGEST))?;
        (entry == digest(&name, &content).as_bytes()).then_some(content)
    }

    /// Keeps a file.
    pub(crate) fn keep_file(&self, what: &str, key: &[&[u8]], content: &[u8]) {
        // Who cannot keep it makes it again.
        let _ = self.keep(what, &name(key), content);
    }

    /// Returns a tree that was kept.
    pub(crate) fn tree(&self, what: &str, key: &[&[u8]]) -> Option<FileTree> {
        unpack(&self.file(what, key)?)
    }

    /// Keeps a tree, if all of its paths are text.
    pub(crate) fn keep_tree(&self, what: &str, key: &[&[u8]], tree: &FileTree) {
        if let Some(packed) = pack(tree) {
            self.keep_file(what, key, &packed);
        }
    }

    /// Has an entry written beside its place and moves it there, so that nobody sees half of it.
    fn keep(&self, what: &str, name: &str, content: &[u8]) -> io::Result<()> {
        let folder = self.folder.join(what);
        make_private(&folder)?;
        // Such files are nobody else's.
        let mut new = tempfile::Builder::new().prefix(".new-").tempfile_in(&folder)?;
        new.write_all(digest(name, content).as_bytes())?;
        new.write_all(content)?;
        // If somebody else was sooner, theirs is as good.
        new.persist(folder.join(name))?;
        Ok(())
    }
}

/// Makes a folder that only the user may enter; one that was made by an older version becomes one.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        }
    }
    Ok(())
}

/// Returns the name of the entry of a key.
fn name(key: &[&[u8]]) -> String {
    let mut parts = FileTree::new();
    for (i, part) in key.iter().enumerate() {
        parts.insert(i.to_string(), *part);
    }
    parts.digest()
}

/// Returns the digest of an entry, which is of its name too: a moved one is not what it was.
fn digest(name: &str, content: &[u8]) -> String {
    let mut parts = FileTree::new();
    parts.insert("name", name.as_bytes());
    parts.insert("content", content);
    parts.digest()
}

/// Returns a tree as one text: of each file the path and the content, each behind its length.
fn pack(tree: &FileTree) -> Option<Vec<u8>> {
    let mut packed = Vec::new();
    for (path, content) in tree.iter() {
        for part in [path.to_str()?.as_bytes(), content] {
            packed.extend((part.len() as u64).to_le_bytes());
            packed.extend(part);
        }
    }
    Some(packed)
}

/// Returns the tree of a text that [`pack`] has made.
fn unpack(mut packed: &[u8]) -> Option<FileTree> {
    let mut part = || {
        let (size, rest) = packed.split_first_chunk()?;
        let size = usize::try_from(u64::from_le_bytes(*size)).ok()?;
        let (part, rest) = rest.split_at_checked(size)?;
        packed = rest;
        Some(part)
    };
    let mut tree = FileTree::new();
    while let Some(path) = part() {
        let content = part()?;
        if !tree.insert(std::str::from_utf8(path).ok()?, content) {
            return None;
        }
    }
    packed.is_empty().then_some(tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("not/yet"));
        (folder, cache)
    }

    #[test]
    fn keeps_files_and_trees_by_all_of_the_key() {
        let (_folder, cache) = cache();
        let keys: [&[&[u8]]; 2] = [&[b"a", b"bc"], &[b"ab", b"c"]];
        assert_eq!(cache.file("x", keys[0]), None);
        cache.keep_file("x", keys[0], b"one");
        assert_eq!(cache.file("x", keys[0]).as_deref(), Some(&b"one"[..]));
        assert_eq!(cache.file("x", keys[1]), None);
        let mut tree = FileTree::new();
        tree.insert("templates/a.yaml", *b"a");
        tree.insert("values.yaml", *b"");
        cache.keep_tree("y", keys[1], &tree);
        assert_eq!(cache.tree("y", keys[1]), Some(tree));
        cache.keep_tree("y", keys[0], &FileTree::new());
        assert_eq!(cache.tree("y", keys[0]), Some(FileTree::new()));
    }

    #[test]
    fn what_has_changed_is_absent_and_made_anew() {
        let (_folder, cache) = cache();
        let (key, other): ([&[u8]; 1], [&[u8]; 1]) = ([b"a"], [b"b"]);
        let path = |key| cache.folder.join("x").join(name(key));
        cache.keep_file("x", &key, b"one");
        let good = fs::read(path(&key)).unwrap();
        let mut flipped = good.clone();
        *flipped.last_mut().unwrap() ^= 1;
        for bad in [flipped, good[..good.len() - 1].to_vec(), b"one".to_vec(), Vec::new()] {
            fs::write(path(&key), &bad).unwrap();
            assert_eq!(cache.file("x", &key), None, "{bad:?}");
        }
        fs::write(path(&other), &good).unwrap();
        assert_eq!(cache.file("x", &other), None, "an entry of another key");
        cache.keep_file("x", &key, b"one");
        assert_eq!(cache.file("x", &key).as_deref(), Some(&b"one"[..]));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, cache) = cache();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        // One of an older version, which all could read.
        fs::create_dir_all(cache.folder.join("old")).unwrap();
        fs::set_permissions(cache.folder.join("old"), fs::Permissions::from_mode(0o755)).unwrap();
        for what in ["old", "new"] {
            cache.keep_file(what, &[b"a"], b"one");
            assert_eq!(mode(&cache.folder.join(what)), 0o700);
            assert_eq!(mode(&cache.folder.join(what).join(name(&[b"a"]))), 0o600);
        }
    }
}
