//! The `$patch` directive, in maps and as an entry of lists that merge by key.

use ecow::EcoVec;

use crate::diagnostics::hints::UNKNOWN_DIRECTIVE;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::{Mapping, Node};

const PATCH: &str = "$patch";

/// What a patch says of the place where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    /// Nothing more than to be merged.
    None,
    /// `$patch: merge`
    Merge,
    /// `$patch: replace`
    Replace,
    /// `$patch: delete`
    Delete,
}

impl Directive {
    fn parse(value: &Node) -> Result<Directive> {
        match value.text() {
            Some("merge") => Ok(Directive::Merge),
            Some("replace") => Ok(Directive::Replace),
            Some("delete") => Ok(Directive::Delete),
            text => Err(Error::new(
                ErrorKind::Patch,
                format!("unknown patch strategy '{}'", text.unwrap_or_default()),
            )
            .at(value.pos())
            .hint(&UNKNOWN_DIRECTIVE)),
        }
    }

    /// Returns the directive of a map.
    ///
    /// # Errors
    /// If it is unknown.
    pub(super) fn of_map(map: &Mapping) -> Result<Directive> {
        map.get(PATCH).map_or(Ok(Directive::None), Directive::parse)
    }

    /// Returns the directive of a list and the elements without it.
    ///
    /// It is the first map with a `$patch` field, and only if it has no other field.
    ///
    /// # Errors
    /// If it is unknown.
    pub(super) fn of_list(items: &EcoVec<Node>) -> Result<(Directive, EcoVec<Node>)> {
        let entry = items.iter().filter_map(Node::as_map).find(|map| map.contains(PATCH));
        let Some(value) = entry.filter(|map| map.len() == 1).and_then(|map| map.get(PATCH)) else {
            return Ok((Directive::None, items.clone()));
        };
        let directive = Directive::parse(value)?;
        if directive == Directive::Delete {
            return Ok((directive, EcoVec::new()));
        }
        // Odd: elements with further fields and the same directive go as well, and so do nulls and
        // empty maps (case merge/list-directive-twice).
        let stays = |item: &&Node| match item {
            Node::Map { map, .. } => {
                !map.is_empty() && map.get(PATCH).and_then(Node::text) != value.text()
            }
            other => !other.is_null(),
        };
        Ok((directive, items.iter().filter(stays).cloned().collect()))
    }
}

/// Returns a map without its directive.
pub(super) fn without_directive(mut map: Mapping) -> Mapping {
    map.remove(PATCH);
    map
}

/// Removes the directive from a map that has a known one.
pub(super) fn strip_directive(node: &mut Node) {
    let Some(map) = node.as_map_mut() else { return };
    if Directive::of_map(map).is_ok_and(|directive| directive != Directive::None) {
        map.remove(PATCH);
    }
}

/// Returns `true` if a field is the directive.
pub(super) fn is_directive(key: &Node) -> bool {
    key.text() == Some(PATCH)
}
