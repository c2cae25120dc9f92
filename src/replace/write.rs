//! Puts a value into a field.

use std::cell::Cell;

use super::find::Found;
use super::tree::Tree;
use crate::error::{Error, ErrorKind, Result};
use crate::kustomization::FieldOptions;
use crate::yaml::{Kind, Node};

/// Puts `value` into a field, or into one piece of its text if the options name a delimiter.
///
/// # Errors
/// If there is a delimiter and the field is no scalar.
pub(super) fn write<T: Tree>(
    found: Found<'_, T>,
    value: &Node,
    options: &FieldOptions,
) -> Result<()> {
    let Found { field, created } = found;
    let is_scalar = field.kind() == Some(Kind::Scalar);
    let text = value.text().unwrap_or_default();
    if !options.delimiter.is_empty() {
        if !is_scalar {
            return Err(not_scalar());
        }
        let new = set_piece(field.text().unwrap_or_default(), text, options);
        field.set_text(&new, !created);
    } else if is_scalar {
        // Odd: the field keeps its type and style, whatever the value is; a collection is "".
        field.set_text(text, !created);
    } else {
        field.become_copy(value);
    }
    Ok(())
}

/// Checks fields that are found, but lost: what is written to them may still be refused.
pub(super) struct Lost {
    split: bool,
    refused: Cell<bool>,
}

impl Lost {
    /// Starts with no field.
    pub(super) fn new(options: &FieldOptions) -> Lost {
        Lost { split: !options.delimiter.is_empty(), refused: Cell::new(false) }
    }

    /// Checks a field of a kind.
    pub(super) fn check(&self, kind: Option<Kind>) {
        if self.split && kind != Some(Kind::Scalar) {
            self.refused.set(true);
        }
    }

    /// Ends.
    ///
    /// # Errors
    /// If one of the fields was refused.
    pub(super) fn finish(&self) -> Result<()> {
        if self.refused.get() { Err(not_scalar()) } else { Ok(()) }
    }
}

/// Returns the error for a delimiter where there is no text to split.
pub(super) fn not_scalar() -> Error {
    Error::new(ErrorKind::Reference, "delimiter option can only be used with scalar nodes")
}

/// Replaces one piece of a text; an index before the first or after the last piece adds one.
fn set_piece(old: &str, new: &str, options: &FieldOptions) -> String {
    let mut pieces: Vec<&str> = old.split(&options.delimiter).collect();
    match usize::try_from(options.index) {
        Err(_) => pieces.insert(0, new),
        Ok(index) => match pieces.get_mut(index) {
            Some(piece) => *piece = new,
            None => pieces.push(new),
        },
    }
    pieces.join(&options.delimiter)
}
