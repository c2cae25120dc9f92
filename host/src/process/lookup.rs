//! Finds programs as Go does: never in the working directory by accident.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// Returns the absolute path of a program: of a name, the first in `PATH`.
///
/// # Errors
/// If there is none, or it would be found relative to the working directory, which may be a tree that
/// somebody else has written.
pub(crate) fn find(program: &OsStr) -> io::Result<PathBuf> {
    if program.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    if Path::new(program).components().count() != 1 || program.as_encoded_bytes().contains(&b'/') {
        return std::path::absolute(program);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    for folder in env::split_paths(&path) {
        let candidate = folder.join(program);
        if !is_program(&candidate) {
            continue;
        }
        if !folder.is_absolute() {
            let message = "cannot run executable found relative to current directory";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
        return Ok(candidate);
    }
    Err(io::ErrorKind::NotFound.into())
}

fn is_program(path: &Path) -> bool {
    let Ok(metadata) = std::fs::metadata(path) else { return false };
    #[cfg(unix)]
    let may_run = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may_run = true;
    metadata.is_file() && may_run
}
