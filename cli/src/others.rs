//! What others wrote: copies that a `kustom.lock` lists, and what was fetched.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use kustom::vendor::{Copies, VENDOR_MARKER};
use kustom::{Build, FileKind, FileSystem};

/// Knows what others wrote.
#[derive(Default)]
pub(crate) struct Others {
    copies: Copies,
    /// Whether a folder lies in a copy, by its real path.
    known: HashMap<PathBuf, bool>,
}

impl Others {
    /// Returns `true` if a folder is a copy, or lies in one.
    pub(crate) fn has_folder(&mut self, files: &dyn FileSystem, folder: &Path) -> bool {
        // The empty path is that of the working directory.
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let real = files.absolute(folder).and_then(|folder| files.canonicalize(&folder));
        real.is_ok_and(|folder| self.has_real(files, &folder))
    }

    fn has_real(&mut self, files: &dyn FileSystem, folder: &Path) -> bool {
        if let Some(known) = self.known.get(folder) {
            return *known;
        }
        // A copy is known by what lies above it.
        let above = folder.parent().is_some_and(|above| self.has_real(files, above));
        let marker = files.kind(&folder.join(VENDOR_MARKER));
        let is_marked = marker.is_ok_and(|kind| kind == FileKind::File);
        let is_copy = above || self.copies.has(files, folder, is_marked);
        self.known.insert(folder.to_path_buf(), is_copy);
        is_copy
    }

    /// Returns `true` if others wrote a file, which may have been fetched.
    fn has_file(&mut self, files: &dyn FileSystem, file: &Path) -> bool {
        is_address(file) || file.parent().is_some_and(|folder| self.has_folder(files, folder))
    }

    /// Takes what a build of a directory found in what others wrote out of its warnings: nobody here can mend it. Where
    /// the directory is theirs, that is what was asked for.
    pub(crate) fn spare(&mut self, files: &dyn FileSystem, directory: &Path, build: &mut Build) {
        if is_address(directory) || self.has_folder(files, directory) {
            return;
        }
        build.retain_warnings(|warning| {
            let place = warning.location().filter(|_| warning.kind().is_lint());
            !place.is_some_and(|place| self.has_file(files, &place.file))
        });
    }
}

/// Returns `true` for the address of a file that was fetched, or of a root to fetch.
fn is_address(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let is_scp = |first: &str| first.contains('@') && first.contains(':');
    text.contains("://")
        || text.starts_with("git::")
        || text.starts_with("github.com/") && !path.exists()
        || text.split('/').next().is_some_and(is_scp)
}
