//! A tree that cannot be printed.

use super::pos::Pos;

/// Why a tree cannot be printed, and the place of the node at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RenderError {
    /// What is wrong, with upstream's phrase inside.
    pub message: String,
    /// The node at fault.
    pub pos: Pos,
    /// Whether nothing is wrong but the length of the text.
    pub limit: bool,
}

impl RenderError {
    /// Returns an error without a place.
    pub(super) fn new(message: impl Into<String>) -> RenderError {
        RenderError { message: message.into(), pos: Pos::NONE, limit: false }
    }

    /// Returns the error for a text that would be longer than it may be.
    pub(super) fn too_long(most: usize) -> RenderError {
        let message =
            format!("the output would have more bytes than {most} (limit `output_bytes`)");
        RenderError { limit: true, ..RenderError::new(message) }
    }

    /// Adds the place, unless one is known.
    #[must_use]
    pub(super) fn at(mut self, pos: Pos) -> RenderError {
        if !self.pos.is_some() {
            self.pos = pos;
        }
        self
    }
}
