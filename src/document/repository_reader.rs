//! Reads the files of a repository that no build reads.

use super::{DEPTH, Document, NodeView, refused};
use crate::diagnostics::Result;
use crate::yaml::{AliasBudget, Pos};

/// Reads files one after another that are not built, such as all kustomizations of a repository.
///
/// What aliases stand for is bounded in each file and in all together; ordinary files are far from it.
#[derive(Debug, Default)]
pub struct RepositoryReader(AliasBudget);

impl RepositoryReader {
    /// Returns a reader that has read nothing yet.
    pub fn new() -> RepositoryReader {
        RepositoryReader::default()
    }

    /// Reads the first document of a text, as [`NodeView::read`] does.
    ///
    /// # Errors
    /// As there, and if the aliases stand for more than is left.
    pub fn read(&self, bytes: &[u8]) -> Result<NodeView> {
        let node = self.0.read_document(bytes, Pos(1), DEPTH).map_err(refused)?;
        Ok(NodeView::of(&node.unwrap_or_default()))
    }

    /// Reads the documents of a stream, as [`Document::read_all`] does.
    ///
    /// # Errors
    /// As there, and if the aliases stand for more than is left.
    pub(crate) fn read_all(&self, bytes: &[u8]) -> Result<Vec<Document>> {
        Document::all(self.0.read_stream(bytes, Pos(1), DEPTH).map_err(refused)?, bytes)
    }
}
