//! What is done on the disk, where nothing is followed that a stranger may have put there.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file that is not there yet; a link in its place is not followed.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::options().write(true).create_new(true).open(path)?;
    file.write_all(bytes)
}

/// Lets a file be started as a program.
#[cfg(unix)]
pub(super) fn make_program(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    // Whoever may read it may start it.
    fs::set_permissions(path, fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
}

#[cfg(not(unix))]
pub(super) fn make_program(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Refuses a way over links, which could lead anywhere.
pub(super) fn check_way(directory: &Path, place: &Path) -> Result<(), String> {
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

/// Removes what lies at a path, if anything does.
pub(super) fn remove(path: &Path) -> Result<(), String> {
    let removed = match fs::symlink_metadata(path) {
        Ok(kind) if kind.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
    };
    removed.map_err(|e| said("remove", path, &e))
}

/// Removes the directories above a place that have become empty.
pub(super) fn remove_empty(directory: &Path, place: &Path) {
    for above in place.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()) {
        if fs::remove_dir(directory.join(above)).is_err() {
            break;
        }
    }
}

#[cfg(unix)]
pub(super) fn link(target: &Path, path: &Path) -> Result<(), String> {
    std::os::unix::fs::symlink(target, path).map_err(|e| said("link", path, &e))
}

#[cfg(not(unix))]
pub(super) fn link(_: &Path, path: &Path) -> Result<(), String> {
    Err(format!("{}: links cannot be made here", path.display()))
}

pub(super) fn said(what: &str, path: &Path, error: &io::Error) -> String {
    format!("{what} {}: {error}", path.display())
}
