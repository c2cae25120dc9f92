//! Copies on the disk.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use kustom::{Copied, VENDOR_MARKER, Vendored};

use crate::write;

/// Writes copies, and the lock file when all are there.
///
/// The lock file until now may come from a stranger: nothing is touched but directories of copies, and no
/// link is followed.
pub(super) fn put_in_place(
    directory: &Path,
    vendored: &Vendored,
    lock: &Path,
) -> Result<(), String> {
    let top = &vendored.top;
    if !vendored.obsolete.is_empty() {
        check_top(directory, &vendored.former_top)?;
    }
    check_top(directory, top)?;
    for place in vendored.obsolete.iter().chain(&vendored.places) {
        check_way(directory, place)?;
        remove(&directory.join(place))?;
        remove_empty(directory, place);
    }
    let is_empty = vendored.is_empty();
    for left in [&vendored.former_top, top] {
        if is_empty || left != top {
            unmark(directory, left);
        }
    }
    if is_empty {
        return remove(lock);
    }
    if !vendored.copies.is_empty() || directory.join(top).is_dir() {
        mark(&directory.join(top))?;
    }
    let written = write_copies(directory, vendored);
    if written.is_err() && fs::symlink_metadata(lock).is_err() {
        // No lock lists them: they would only be in the way.
        for place in &vendored.places {
            if check_way(directory, place).is_ok() {
                _ = remove(&directory.join(place));
                remove_empty(directory, place);
            }
        }
        unmark(directory, top);
    }
    written?;
    write::file(lock, &vendored.lock)
}

/// Removes the directories above a place that have become empty.
fn remove_empty(directory: &Path, place: &Path) {
    for above in place.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()) {
        if fs::remove_dir(directory.join(above)).is_err() {
            break;
        }
    }
}

fn write_copies(directory: &Path, vendored: &Vendored) -> Result<(), String> {
    let top = &vendored.top;
    let mut checked = PathBuf::new();
    for (path, content) in &vendored.copies {
        let below = path.parent().unwrap_or(top);
        if below != checked {
            // A link of a copy could lie on the way to another.
            check_way(directory, below)?;
            checked = below.to_path_buf();
        }
        let (parent, path) = (directory.join(below), directory.join(path));
        fs::create_dir_all(&parent).map_err(|e| said("mkdir", &parent, &e))?;
        match content {
            Copied::File(bytes) => write_new(&path, bytes).map_err(|e| said("write", &path, &e))?,
            Copied::Program(bytes) => {
                let written = write_new(&path, bytes).and_then(|()| make_program(&path));
                written.map_err(|e| said("write", &path, &e))?;
            }
            Copied::Link(target) => link(target, &path)?,
            _ => return Err(format!("{}: nothing that is known", path.display())),
        }
    }
    Ok(())
}

/// Writes a file that is not there yet; a link in its place is not followed.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::options().write(true).create_new(true).open(path)?;
    file.write_all(bytes)
}

/// Lets a file be started as a program.
#[cfg(unix)]
fn make_program(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    // Whoever may read it may start it.
    fs::set_permissions(path, fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
}

#[cfg(not(unix))]
fn make_program(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The files that mark a directory as one of copies.
const MARKS: [&str; 3] = [VENDOR_MARKER, ".gitattributes", ".gitignore"];

/// What git is told of copies.
const ATTRIBUTES: &str = "* -text -eol -ident -filter -working-tree-encoding -export-ignore -export-subst linguist-vendored\n";

/// Marks a directory as one of copies, before the first is in it.
fn mark(top: &Path) -> Result<(), String> {
    fs::create_dir_all(top).map_err(|e| said("mkdir", top, &e))?;
    let marker = "Written by `kustom vendor`; kustom.lock lists what is here.\n";
    write::file(&top.join(VENDOR_MARKER), marker)?;
    // Nothing is changed on the way through git, and no copy is reviewed as if written.
    write::file(&top.join(".gitattributes"), ATTRIBUTES)?;
    // What the repository ignores elsewhere, such as `charts/`, belongs to the copies here.
    write::file(&top.join(".gitignore"), "!*\n")
}

/// Removes what marks a directory as one of copies, if nothing else is in it, and directories that have become
/// empty.
fn unmark(directory: &Path, top: &Path) {
    let absolute = directory.join(top);
    if check_top(directory, top).is_err() {
        return;
    }
    let Ok(entries) = fs::read_dir(&absolute) else { return };
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    if !names.iter().all(|name| MARKS.iter().any(|mark| name == mark)) {
        return;
    }
    for mark in MARKS {
        _ = fs::remove_file(absolute.join(mark));
    }
    for above in top.ancestors().filter(|above| !above.as_os_str().is_empty()) {
        if fs::remove_dir(directory.join(above)).is_err() {
            break;
        }
    }
}

/// Refuses a directory of all copies that has something else in it.
fn check_top(directory: &Path, top: &Path) -> Result<(), String> {
    check_way(directory, top)?;
    let absolute = directory.join(top);
    let is_marked = fs::symlink_metadata(absolute.join(VENDOR_MARKER)).is_ok_and(|m| m.is_file());
    let is_free = || match fs::read_dir(&absolute) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(e) => Err(said("look at", &absolute, &e)),
    };
    if is_marked || is_free()? {
        return Ok(());
    }
    Err(format!(
        "{} is no directory of copies: it is not empty and has no file {VENDOR_MARKER}, so nothing in it is \
         written or removed; move away what is there, or name another directory with --to",
        absolute.display()
    ))
}

/// Refuses a way over links, which could lead anywhere.
fn check_way(directory: &Path, place: &Path) -> Result<(), String> {
    let mut path = directory.to_path_buf();
    for part in place.components() {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Ok(kind) if kind.is_symlink() => {
                return Err(format!("{} is a link, which is not followed", path.display()));
            }
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => break,
            Err(e) => return Err(said("look at", &path, &e)),
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), String> {
    let removed = match fs::symlink_metadata(path) {
        Ok(kind) if kind.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
    };
    removed.map_err(|e| said("remove", path, &e))
}

#[cfg(unix)]
fn link(target: &Path, path: &Path) -> Result<(), String> {
    std::os::unix::fs::symlink(target, path).map_err(|e| said("link", path, &e))
}

#[cfg(not(unix))]
fn link(_: &Path, path: &Path) -> Result<(), String> {
    Err(format!("{}: links cannot be made here", path.display()))
}

fn said(what: &str, path: &Path, error: &io::Error) -> String {
    format!("{what} {}: {error}", path.display())
}
