//! Hashes of trees and files, as `kustom.lock` has them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::load::fs::{FileKind, FileSystem};

/// The most files of a tree.
const MOST_FILES: usize = 100_000;
/// The most bytes of a tree that is read as a whole, and of one file.
pub(super) const MOST_BYTES: usize = 256 << 20;

/// What a path of a tree holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A file.
    File(Vec<u8>),
    /// A symbolic link with this text.
    Link(PathBuf),
}

/// Returns the hash of a file: `sha256:` and the digest in hexadecimal.
pub(crate) fn hash_bytes(bytes: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        _ = write!(text, "{byte:02x}");
    }
    text
}

/// Returns the hash of a tree: that of a list with one line for each file, `HASH  PATH`, and for each
/// link, `TARGET -> PATH`, in the order of the paths.
pub(crate) fn hash_contents(contents: &BTreeMap<PathBuf, Content>) -> String {
    let lines = contents.iter().map(|(path, content)| (path.as_path(), line(path, content)));
    hash_lines(lines.collect())
}

/// As [`hash_contents`], for a tree without links.
pub(crate) fn hash_files<'a>(files: impl Iterator<Item = (&'a Path, &'a [u8])>) -> String {
    hash_lines(files.map(|(path, bytes)| (path, file_line(path, bytes))).collect())
}

/// Returns the hash of the tree in a directory, and what is in it.
///
/// # Errors
/// If something cannot be read, or the tree is too large to be vendored.
pub(super) fn hash_directory(
    files: &dyn FileSystem,
    root: &Path,
) -> io::Result<(String, BTreeSet<PathBuf>)> {
    let mut lines = BTreeMap::new();
    visit(files, root, &mut |path, content| {
        lines.insert(path.to_path_buf(), line(path, &content));
        Ok(())
    })?;
    let hash =
        hash_lines(lines.iter().map(|(path, line)| (path.as_path(), line.clone())).collect());
    Ok((hash, lines.into_keys().collect()))
}

/// Returns the files and links in a directory.
///
/// # Errors
/// As [`hash_directory`].
pub(crate) fn read_directory(
    files: &dyn FileSystem,
    root: &Path,
) -> io::Result<BTreeMap<PathBuf, Content>> {
    read_up_to(files, root, MOST_BYTES)
}

fn read_up_to(
    files: &dyn FileSystem,
    root: &Path,
    most: usize,
) -> io::Result<BTreeMap<PathBuf, Content>> {
    let (mut contents, mut bytes) = (BTreeMap::new(), 0_usize);
    visit(files, root, &mut |path, content| {
        bytes += if let Content::File(content) = &content { content.len() } else { 0 };
        contents.insert(path.to_path_buf(), content);
        match bytes > most {
            true => Err(io::Error::other(format!("more than {most} bytes"))),
            false => Ok(()),
        }
    })?;
    Ok(contents)
}

/// Calls `take` for each file and link in a directory, one at a time.
fn visit(
    files: &dyn FileSystem,
    root: &Path,
    take: &mut dyn FnMut(&Path, Content) -> io::Result<()>,
) -> io::Result<()> {
    let mut waiting = vec![PathBuf::new()];
    let mut count = 0;
    while let Some(below) = waiting.pop() {
        for name in files.list(&root.join(&below))? {
            let path = below.join(name);
            let absolute = root.join(&path);
            let content = match files.kind(&absolute)? {
                FileKind::Directory => {
                    waiting.push(path);
                    continue;
                }
                FileKind::Link => Content::Link(files.read_link(&absolute)?),
                FileKind::File | FileKind::Other => {
                    Content::File(files.read_at_most(&absolute, MOST_BYTES as u64)?)
                }
            };
            count += 1;
            if count > MOST_FILES {
                return Err(io::Error::other(format!("more than {MOST_FILES} files")));
            }
            take(&path, content)?;
        }
    }
    Ok(())
}

fn line(path: &Path, content: &Content) -> String {
    match content {
        Content::File(bytes) => file_line(path, bytes),
        Content::Link(target) => format!("{} -> {}\n", slashed(target), slashed(path)),
    }
}

fn file_line(path: &Path, bytes: &[u8]) -> String {
    format!("{}  {}\n", hash_bytes(bytes), slashed(path))
}

fn hash_lines(lines: BTreeMap<&Path, String>) -> String {
    let text: String = lines.into_values().collect();
    hash_bytes(text.as_bytes())
}

/// Returns a path with `/` between its parts, on any system.
pub(crate) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::MemoryFs;

    #[test]
    fn a_directory_has_the_hash_of_its_contents() {
        let mut files = MemoryFs::new();
        let mut contents = BTreeMap::new();
        for (path, text) in [("a.yaml", "a"), ("a/b.yaml", "b"), ("c", "")] {
            files.insert(Path::new("/v/x").join(path), text);
            contents.insert(PathBuf::from(path), Content::File(text.into()));
        }
        let hash = hash_contents(&contents);
        let paths = contents.keys().cloned().collect();
        assert_eq!(hash_directory(&files, Path::new("/v/x")).unwrap(), (hash.clone(), paths));
        files.insert("/v/x/a/more", "");
        assert_ne!(hash_directory(&files, Path::new("/v/x")).unwrap().0, hash);
    }

    #[test]
    fn what_is_too_much_is_not_read() {
        let mut files = MemoryFs::new();
        files.insert("/v/a", "12345");
        files.insert("/v/b/c", "12345");
        assert_eq!(read_up_to(&files, Path::new("/v"), 10).unwrap().len(), 2);
        let error = read_up_to(&files, Path::new("/v"), 9).unwrap_err();
        assert_eq!(error.to_string(), "more than 9 bytes");
    }

    #[test]
    fn the_hash_of_a_file_is_the_usual_one() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hash_bytes(b""), empty);
    }
}
