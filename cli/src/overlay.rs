//! Lays files that are not written yet over the existing ones.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustom::{Builder, FileKind, FileSystem};

/// The files that a builder reads, some of them with another content.
#[derive(Debug)]
pub(crate) struct OverlayFs {
    below: Arc<dyn FileSystem>,
    /// By the path with all links resolved.
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// Their names, in small letters: not everywhere does case count.
    names: BTreeSet<OsString>,
}

impl OverlayFs {
    /// Returns the files of a builder.
    pub(crate) fn over(builder: &Builder) -> OverlayFs {
        let (files, names) = Default::default();
        OverlayFs { below: Arc::clone(builder.get_file_system()), files, names }
    }

    /// Gives an existing file another content.
    pub(crate) fn insert(&mut self, path: &Path, content: impl Into<Vec<u8>>) {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        self.names.extend(path.file_name().map(OsStr::to_ascii_lowercase));
        self.files.insert(path, content.into());
    }

    /// Returns the other content of a file, if it has one.
    fn content(&self, path: &Path) -> io::Result<Option<&Vec<u8>>> {
        let name = path.file_name().unwrap_or_default();
        // Only a link has another name than what it leads to.
        let is_other = name.is_ascii() && !self.names.contains(&name.to_ascii_lowercase());
        if is_other && self.below.kind(path)? == FileKind::File {
            return Ok(None);
        }
        Ok(self.files.get(&self.below.canonicalize(path)?))
    }
}

impl FileSystem for OverlayFs {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.below.kind(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.below.canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.content(path)? {
            Some(content) => Ok(content.clone()),
            None => self.below.read(path),
        }
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match self.content(path)? {
            Some(content) => Ok(content.clone()),
            None => self.below.read_at_most(path, most),
        }
    }

    fn read_resolved(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match self.content(path)? {
            Some(content) => Ok(content.clone()),
            None => self.below.read_resolved(path, most),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.below.list(path)
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
        self.below.entries(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.below.read_link(path)
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        self.below.is_executable(path)
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        self.below.owner(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.below.absolute(path)
    }
}
