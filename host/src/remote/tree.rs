//! A fetched tree on the disk, which goes when nobody needs it any more.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use kustom::{DiskFs, FileKind, FileSystem};

use crate::scratch::Folder;

/// The files of the machine, and a temporary directory among them.
#[derive(Debug)]
pub(super) struct Checkout {
    _directory: Folder,
}

impl Checkout {
    /// Returns files that keep a temporary directory until they are dropped.
    pub(super) fn new(directory: Folder) -> Checkout {
        Checkout { _directory: directory }
    }
}

impl FileSystem for Checkout {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        DiskFs.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        DiskFs.canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        DiskFs.read(path)
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        DiskFs.read_at_most(path, most)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        DiskFs.list(path)
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        DiskFs.entries(path)
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
