//! A file system with other text in one file.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustom::{FileKind, FileSystem};

/// A file system of which one file has another content.
#[derive(Debug)]
pub(crate) struct Overlay {
    below: Arc<dyn FileSystem>,
    changed: Option<(PathBuf, Vec<u8>)>,
}

impl Overlay {
    pub(crate) fn new(below: Arc<dyn FileSystem>, changed: Option<(PathBuf, Vec<u8>)>) -> Overlay {
        Overlay { below, changed }
    }
}

impl FileSystem for Overlay {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.below.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.below.canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match &self.changed {
            Some((changed, content)) if changed == path => Ok(content.clone()),
            _ => self.below.read(path),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.below.list(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.below.read_link(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.below.absolute(path)
    }
}
