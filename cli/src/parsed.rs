//! Kustomization files as trees.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use kustom::FileSystem;
use kustom::document::NodeView;

/// The trees of the files that were read; files of the same text have one, for overlays and revisions are
/// much alike.
#[derive(Debug, Default)]
pub(crate) struct Parsed(RefCell<HashMap<Vec<u8>, Option<NodeView>>>);

impl Parsed {
    /// Returns the first document of a file; nothing if it cannot be read.
    pub(crate) fn read(&self, files: &dyn FileSystem, path: &Path) -> Option<NodeView> {
        let bytes = files.read(path).ok()?;
        if let Some(known) = self.0.borrow().get(&bytes) {
            return known.clone();
        }
        let root = NodeView::read(&bytes).ok();
        self.0.borrow_mut().insert(bytes, root.clone());
        root
    }
}
