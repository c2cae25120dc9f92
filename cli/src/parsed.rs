//! Kustomization files as trees.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use kustom::FileSystem;
use kustom::document::{NodeView, RepositoryReader};

/// The trees of the files that were read; files of the same text have one, for overlays and revisions are
/// much alike.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    known: RefCell<HashMap<Vec<u8>, Option<NodeView>>>,
    reader: RepositoryReader,
}

impl Parsed {
    /// Returns the first document of a file; nothing if it cannot be read.
    pub(crate) fn read(&self, files: &dyn FileSystem, path: &Path) -> Option<NodeView> {
        let bytes = files.read(path).ok()?;
        if let Some(known) = self.known.borrow().get(&bytes) {
            return known.clone();
        }
        let root = self.reader.read(&bytes).ok();
        self.known.borrow_mut().insert(bytes, root.clone());
        root
    }
}
