//! Puts a value into a field.

use super::find::{Found, Visit};
use super::tree::Tree;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::kustomization::FieldOptions;
use crate::yaml::{Kind, Node};

/// Puts a value into the fields that are found, or into one piece of their text if the options name a
/// delimiter.
pub(super) struct Writer<'w> {
    /// The value.
    pub(super) value: &'w Node,
    /// How it is put there.
    pub(super) options: &'w FieldOptions,
    /// The first failure; nothing is written after it.
    pub(super) result: Result<()>,
    /// Whether a text became empty because the value is a collection.
    pub(super) emptied: bool,
}

impl Visit for Writer<'_> {
    fn visit<T: Tree>(&mut self, found: Found<'_, T>) -> Result<()> {
        if self.result.is_err() {
            return Ok(());
        }
        let Found { field, created } = found;
        let is_scalar = field.kind() == Some(Kind::Scalar);
        self.emptied |= is_scalar && self.value.kind() != Kind::Scalar;
        let text = self.value.text().unwrap_or_default();
        if !self.options.delimiter.is_empty() {
            if is_scalar {
                let new = set_piece(field.text().unwrap_or_default(), text, self.options);
                field.set_text(&new, !created);
            } else {
                self.result = Err(not_scalar());
            }
        } else if is_scalar {
            // Odd: the field keeps its type and style, whatever the value is; a collection is ""
            // (case replacements/target-scalar-takes-no-map).
            field.set_text(text, !created);
        } else {
            field.become_copy(self.value);
        }
        Ok(())
    }
}

/// Leaves the fields that are found, or created, as they are.
pub(super) struct Creation;

impl Visit for Creation {
    fn visit<T: Tree>(&mut self, _: Found<'_, T>) -> Result<()> {
        Ok(())
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
