//! Files that are not written yet, laid over those of the disk.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use kustom::{DiskFs, FileKind, FileSystem};

/// The files of the disk, some of them with another content.
#[derive(Debug, Default)]
pub(crate) struct OverlayFs {
    /// By the path with all links resolved.
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl OverlayFs {
    /// Gives an existing file another content.
    pub(crate) fn insert(&mut self, path: &Path, content: impl Into<Vec<u8>>) {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        self.files.insert(path, content.into());
    }
}

impl FileSystem for OverlayFs {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        DiskFs.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        DiskFs.canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let resolved = DiskFs.canonicalize(path)?;
        match self.files.get(&resolved) {
            Some(content) => Ok(content.clone()),
            None => DiskFs.read(path),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        DiskFs.list(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        DiskFs.read_link(path)
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        DiskFs.is_executable(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        DiskFs.absolute(path)
    }
}
