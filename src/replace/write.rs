//! Puts a value into a field.

use std::net::Ipv4Addr;

use super::find::{Found, Visit};
use super::tree::Tree;
use crate::build_context::Context;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::kustomization::FieldOptions;
use crate::yaml::{Kind, Node};

/// Puts a value into the fields that are found, or into one piece of their text if the options name a
/// delimiter.
pub(super) struct Writer<'w> {
    /// What is put there.
    pub(super) with: With<'w>,
    /// The first failure; nothing is written after it.
    pub(super) result: Result<()>,
    /// What it did.
    pub(super) done: Written,
}

/// What came of putting a value into fields.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written {
    /// Whether a text became empty because the value is a collection.
    pub(super) emptied: bool,
    /// Whether a field was made, which takes the type of the value.
    pub(super) created: bool,
    /// Whether the value took the place of the first piece of a text and hardly belongs there.
    pub(super) misplaced: bool,
}

/// A value, and how it is put into fields.
#[derive(Clone, Copy)]
pub(super) struct With<'w> {
    /// The value.
    pub(super) value: &'w Node,
    /// How it is put there.
    pub(super) options: &'w FieldOptions,
    /// Asked before a text is made, and told what stays.
    pub(super) cx: &'w Context,
}

impl Visit for Writer<'_> {
    fn visit<T: Tree>(&mut self, found: Found<'_, T>) -> Result<()> {
        if self.result.is_ok() {
            let is_scalar = found.field.kind() == Some(Kind::Scalar);
            self.done.emptied |= is_scalar && self.with.value.kind() != Kind::Scalar;
            self.done.created |= found.created;
            self.done.misplaced |= is_misplaced(found.field.text(), self.with);
            self.result = write(found, self.with);
        }
        Ok(())
    }

    fn admit(&mut self) -> Result<()> {
        Ok(self.with.cx.account.charge_collection()?)
    }
}

/// Returns `true` if a value is to replace the first piece of a text and looks like a later one: a version where
/// the name of an image stands, or what is no flag where one does.
fn is_misplaced(old: Option<&str>, with: With<'_>) -> bool {
    let With { value, options, .. } = with;
    if options.delimiter.is_empty() || options.index != 0 {
        return false;
    }
    let piece = old.and_then(|old| Some(old.split_once(options.delimiter.as_str())?.0));
    let Some((old, new)) = piece.zip(value.text()) else { return false };
    let is_version = |text: &str| {
        let number = text.strip_prefix('v').unwrap_or(text);
        number.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<Ipv4Addr>().is_err()
    };
    let is_scheme = |text: &str| text.chars().all(|c| c.is_ascii_alphabetic() || c == '+');
    let ends_name = matches!(options.delimiter.as_str(), ":" | "@");
    old.starts_with('-') && !new.starts_with('-')
        || matches!(old, "http" | "https") && ends_name && !is_scheme(new)
        || ends_name && is_version(new) && !is_version(old) && old.parse::<Ipv4Addr>().is_err()
}

/// Leaves the fields that are found, or created, as they are.
pub(super) struct Creation;

impl Visit for Creation {
    fn visit<T: Tree>(&mut self, _: Found<'_, T>) -> Result<()> {
        Ok(())
    }
}

/// Puts a value into one field.
///
/// # Errors
/// If there is a delimiter and the field is no scalar, or no room for the text.
fn write<T: Tree>(found: Found<'_, T>, with: With<'_>) -> Result<()> {
    let With { value, options, cx } = with;
    let account = &cx.account;
    let Found { field, created } = found;
    let is_scalar = field.kind() == Some(Kind::Scalar);
    let text = value.text().unwrap_or_default();
    if !options.delimiter.is_empty() {
        if !is_scalar {
            return Err(not_scalar());
        }
        account.charge_text(field.text().unwrap_or_default().len().saturating_add(text.len()))?;
        let new = set_piece(field.text().unwrap_or_default(), text, options);
        field.mark_again(cx, &new);
        field.set_text(&new, !created);
    } else if is_scalar {
        account.charge_text(text.len())?;
        // Odd: the field keeps its type and style, whatever the value is; a collection is ""
        // (case replacements/target-scalar-takes-no-map).
        field.mark_again(cx, text);
        field.set_text(text, !created);
    } else {
        field.become_copy(value);
    }
    Ok(())
}

/// Returns the error for a delimiter where there is no text to split.
pub(super) fn not_scalar() -> Error {
    Error::new(ErrorKind::Reference, "delimiter option can only be used with scalar nodes")
}

/// Replaces one piece of a text; an index before the first or after the last piece adds one.
fn set_piece(old: &str, new: &str, options: &FieldOptions) -> String {
    let delimiter = options.delimiter.as_str();
    let Ok(index) = usize::try_from(options.index) else {
        return [new, delimiter, old].concat();
    };
    let start = match index.checked_sub(1) {
        None => Some(0),
        Some(before) => {
            old.match_indices(delimiter).nth(before).map(|(at, _)| at + delimiter.len())
        }
    };
    let Some((before, from)) = start.and_then(|start| old.split_at_checked(start)) else {
        return [old, delimiter, new].concat();
    };
    let after = from.find(delimiter).and_then(|end| from.get(end..)).unwrap_or_default();
    [before, new, after].concat()
}
