//! Finds all fields that a path names, by the rules for targets, and creates them if asked to.

use super::path::Part;
use super::tree::Tree;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::{Kind, edit};

/// A field that was found.
pub(super) struct Found<'t, T> {
    /// The field.
    pub(super) field: &'t mut T,
    /// Whether it was only now created, and so has no type yet.
    pub(super) created: bool,
}

/// What is done with the fields that are found.
pub(super) trait Visit {
    /// Does it with one.
    ///
    /// # Errors
    /// If that is not possible; ends the search.
    fn visit<T: Tree>(&mut self, found: Found<'_, T>) -> Result<()>;

    /// Is asked before a field is created.
    ///
    /// # Errors
    /// If there is no room for it; ends the search.
    fn admit(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A search for fields.
pub(super) struct Search<'v, V> {
    /// The kind of what is created where a field is missing; without, nothing is created.
    pub(super) create: Option<Kind>,
    /// What is called with each field.
    pub(super) visit: &'v mut V,
}

impl<V: Visit> Search<'_, V> {
    /// Visits every field that `parts` name, and returns `true` if there was one; `created` says
    /// whether the node has just been made.
    ///
    /// # Errors
    /// If a part does not go with the node it is asked of, or what the visit answers.
    pub(super) fn walk<T: Tree>(
        &mut self,
        node: &mut T,
        parts: &[Part],
        created: bool,
    ) -> Result<bool> {
        let Some((part, rest)) = parts.split_first() else {
            self.visit.visit(Found { field: node, created })?;
            return Ok(true);
        };
        if let Part::Unclear = part {
            return Err(unclear());
        }
        if node.kind() == Some(Kind::Scalar) {
            return self.walk_scalar(node, parts);
        }
        match part {
            Part::Key(key) => self.walk_key(node, key, rest),
            Part::Index { index, text } => match usize::try_from(*index) {
                Ok(index) => self.walk_index(node, index, rest),
                Err(_) => self.walk_key(node, text, rest),
            },
            Part::Every => {
                expect(node, Kind::Seq)?;
                let mut found = false;
                for i in 0..node.len() {
                    if let Some(item) = node.item(i) {
                        found |= self.walk(item, rest, false)?;
                    }
                }
                Ok(found)
            }
            Part::Element { .. } => self.walk_elements(node, part, rest),
            Part::Unclear => Err(unclear()),
        }
    }

    /// Looks into a scalar, which may hold YAML itself.
    ///
    /// Odd: what is found or created there is lost, yet it counts as found (case
    /// replacements/inside-json-text-not-possible). What can be kept is kept by the embedded route, before
    /// this one.
    fn walk_scalar<T: Tree>(&mut self, node: &mut T, parts: &[Part]) -> Result<bool> {
        let text = node.text().unwrap_or_default();
        if node.is_null() && !text.is_empty() {
            return self.walk(&mut T::empty(wanted(parts)), parts, false);
        }
        let inner = edit::read(text).map_err(|e| error(e.message))?;
        let Some(mut root) = inner.root else { return Err(wrong_kind(wanted(parts), None)) };
        if root.kind() == Some(Kind::Scalar) && !root.is_null() {
            return match parts {
                [Part::Key(key)] if key.is_empty() => Ok(false),
                _ => Err(wrong_kind(wanted(parts), Some(root.kind_name()))),
            };
        }
        self.walk(&mut root, parts, false)
    }

    fn walk_key<T: Tree>(&mut self, node: &mut T, key: &str, rest: &[Part]) -> Result<bool> {
        if key.is_empty() {
            return Err(wrong_kind(Kind::Scalar, Some(node.kind_name())));
        }
        expect(node, Kind::Map)?;
        if let Some(value) = node.field_mut(key) {
            return self.walk(value, rest, false);
        }
        let Some(kind) = self.create else { return Ok(false) };
        self.visit.admit()?;
        node.insert(key, T::empty(next_kind(rest, kind)));
        match node.field_mut(key) {
            Some(value) => self.walk(value, rest, true),
            None => Ok(false),
        }
    }

    fn walk_index<T: Tree>(&mut self, node: &mut T, index: usize, rest: &[Part]) -> Result<bool> {
        expect(node, Kind::Seq)?;
        let len = node.len();
        let created = match self.create {
            Some(kind) if index == len => {
                self.visit.admit()?;
                node.push(T::empty(next_kind(rest, kind)));
                true
            }
            _ => false,
        };
        match node.item(index) {
            Some(item) => self.walk(item, rest, created),
            None => Err(error(format!("index {index} specified but only {len} elements found"))),
        }
    }

    fn walk_elements<T: Tree>(&mut self, node: &mut T, part: &Part, rest: &[Part]) -> Result<bool> {
        expect(node, Kind::Seq)?;
        let Part::Element { key, value, .. } = part else { return Ok(false) };
        // Odd: nothing after `[=value]` counts (case replacements/target-behind-a-value).
        let rest = if key.is_empty() { &[] } else { rest };
        let (mut matched, mut found) = (false, false);
        for i in 0..node.len() {
            let Some(item) = node.item(i) else { continue };
            if is_element(item, part)? {
                matched = true;
                found |= self.walk(item, rest, false)?;
            }
        }
        if matched || self.create.is_none() {
            return Ok(found);
        }
        self.visit.admit()?;
        let mut scalar = T::empty(Kind::Scalar);
        scalar.set_text(value, false);
        let mut item = scalar;
        if !key.is_empty() {
            let mut map = T::empty(Kind::Map);
            map.insert(key, item);
            item = map;
        }
        if !is_element(&item, part)? {
            // Upstream goes on appending until its memory is full.
            return Err(error(format!("an element made for `[{key}={value}]` does not match it")));
        }
        let found = self.walk(&mut item, rest, true)?;
        node.push(item);
        Ok(found)
    }
}

/// Returns `true` if an element has the field that is asked for, and its YAML a match of the pattern.
///
/// Odd: upstream compares the text with its quotes, so `^one$` misses `"one"`
/// (case replacements/target-element-is-a-pattern).
fn is_element<T: Tree>(item: &T, part: &Part) -> Result<bool> {
    let Part::Element { key, value, pattern } = part else { return Ok(false) };
    let field = if key.is_empty() { Some(item) } else { item.field(key) };
    match field {
        Some(field) => pattern.is_in(value, field.source().trim()),
        None => pattern.is_in(value, "").map(|_| false),
    }
}

/// Returns the error for a part `[key]`.
pub(super) fn unclear() -> Error {
    error("list path element must contain fieldName=fieldValue for element to match")
}

/// Returns the error for a node of another kind than a part needs.
pub(super) fn wrong_kind(wanted: Kind, got: Option<&str>) -> Error {
    error(format!(
        "wrong node kind: expected {} but got {}",
        wanted.name(),
        got.unwrap_or_default()
    ))
}

fn expect<T: Tree>(node: &T, kind: Kind) -> Result<()> {
    if node.kind() == Some(kind) {
        return Ok(());
    }
    Err(wrong_kind(kind, Some(node.kind_name())))
}

/// Returns the kind that the first part needs.
fn wanted(parts: &[Part]) -> Kind {
    match parts.first() {
        Some(Part::Key(_)) => Kind::Map,
        Some(Part::Index { index, .. }) if *index < 0 => Kind::Map,
        _ => Kind::Seq,
    }
}

/// Returns the kind of what is created in front of `rest`.
fn next_kind(rest: &[Part], last: Kind) -> Kind {
    match rest.first() {
        None => last,
        Some(Part::Index { index, .. }) if *index >= 0 => Kind::Seq,
        Some(Part::Element { .. } | Part::Unclear) => Kind::Seq,
        Some(_) => Kind::Map,
    }
}

fn error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Reference, message)
}
