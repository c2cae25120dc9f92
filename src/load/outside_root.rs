//! The error for what lies outside of the one directory that may be read.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Something lies outside of the root.
#[derive(Debug)]
pub(super) struct OutsideRoot {
    path: PathBuf,
    root: PathBuf,
}

impl OutsideRoot {
    /// Returns what is wrong, with `path` written as `shown`.
    pub(super) fn words(&self, path: &Path, shown: &dyn fmt::Display) -> String {
        let own = self.path.display();
        let outside: &dyn fmt::Display = if self.path == path { shown } else { &own };
        let root = self.root.display();
        format!("'{outside}' leads out of '{root}', and nothing outside of it is read")
    }
}

impl fmt::Display for OutsideRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(&self.path, &self.path.display()))
    }
}

impl std::error::Error for OutsideRoot {}

/// Returns the error for a path that leads out of `root`.
pub(super) fn error(path: &Path, root: &Path) -> io::Error {
    let outside = OutsideRoot { path: path.to_path_buf(), root: root.to_path_buf() };
    io::Error::new(io::ErrorKind::PermissionDenied, outside)
}

/// Returns what is outside, if that is what an error is about.
pub(super) fn of(error: &io::Error) -> Option<&OutsideRoot> {
    error.get_ref()?.downcast_ref()
}
