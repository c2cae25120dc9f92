//! Trees of files in directories on disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kustom::outside::FileTree;

/// The most files that a folder may hold.
const MOST_FILES: usize = 100_000;
/// The most files and folders that are copied from one into another.
const MOST_COPIED: usize = 500_000;

/// Writes a tree into a folder, which is made.
///
/// # Errors
/// If that fails.
pub(crate) fn write(tree: &FileTree, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (path, content) in tree.iter() {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, content)?;
    }
    Ok(())
}

/// Reads a folder; links are left out, whatever they lead to.
///
/// # Errors
/// If something cannot be read, or there are too many files.
pub(crate) fn read(folder: &Path) -> io::Result<FileTree> {
    let (mut tree, mut count) = (FileTree::new(), 0);
    let mut waiting = vec![PathBuf::new()];
    while let Some(below) = waiting.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, below.join(entry.file_name()));
            if kind.is_dir() {
                waiting.push(path);
            } else if kind.is_file() {
                count += 1;
                if count > MOST_FILES {
                    return Err(io::Error::other(format!("more than {MOST_FILES} files")));
                }
                tree.insert(path, fs::read(entry.path())?);
            }
        }
    }
    Ok(tree)
}

/// Copies what is in a folder into one that is there: files with their permissions, and links as they are.
///
/// # Errors
/// If that fails, or there are too many files.
pub(crate) fn duplicate(from: &Path, to: &Path) -> io::Result<()> {
    let (mut waiting, mut count) = (vec![PathBuf::new()], 0);
    while let Some(below) = waiting.pop() {
        for entry in fs::read_dir(from.join(&below))? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, below.join(entry.file_name()));
            let target = to.join(&path);
            count += 1;
            if count > MOST_COPIED {
                return Err(io::Error::other(format!("more than {MOST_COPIED} files")));
            }
            if kind.is_dir() {
                fs::create_dir(&target)?;
                waiting.push(path);
            } else if kind.is_symlink() {
                link(&fs::read_link(entry.path())?, &target)?;
            } else {
                fs::copy(entry.path(), &target)?;
            }
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(to: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, path)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::other("links cannot be made here"))
}

/// Returns `true` if a folder holds more bytes or more files and folders than that; links are not
/// followed.
pub(crate) fn exceeds(folder: &Path, bytes: u64, entries: usize) -> bool {
    let (mut size, mut count, mut waiting) = (0, 0, vec![folder.to_path_buf()]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            count += 1;
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => waiting.push(entry.path()),
                Ok(metadata) => size += metadata.len(),
                // It has gone meanwhile.
                Err(_) => {}
            }
            if size > bytes || count > entries {
                return true;
            }
        }
    }
    false
}
