//! Changing YAML text without changing its looks: comments, quotes, flow, anchors and order stay.
//!
//! The text is read into a tree of its own, which remembers what the normal tree forgets, changed there,
//! and written anew, in the layout in which the reference would write it.

mod json;
mod node;
mod print;
mod scalar;

pub(crate) use node::{Comments, Document, Node, Place, Value, kind_of};

use super::reader::{self, SyntaxError};

/// How deep a text may nest.
///
/// Trees are walked by recursion, and nobody has looked at the depth of this text before.
const MAX_DEPTH: usize = 500;

/// Reads the first document of a text.
///
/// # Errors
/// If it is no YAML, or nested too deeply.
pub(crate) fn read(text: &str) -> Result<Document, SyntaxError> {
    reader::read_looks(text, MAX_DEPTH)
}
