//! Which place a warning is about: that of a value or key, or of its object where a step has made it.

use crate::resource::Resource;
use crate::yaml::{Entry, Node, Pos};

/// Returns where an entry is; a key that a merge has made has no place of its own.
pub(super) fn place_of_entry(entry: &Entry) -> Pos {
    let (key, value) = (entry.key.pos(), entry.value.pos());
    if key.is_some() { key } else { value }
}

/// Returns a place, or that of the resource where a step has made the value.
pub(super) fn place_or(pos: Pos, resource: &Resource) -> Pos {
    if pos.is_some() { pos } else { resource.node.pos() }
}

/// Returns the place of a value, or that of its object if a step has made it.
pub(super) fn place_of_value(value: Option<&Node>, of: &Resource) -> Pos {
    value.filter(|value| was_read(value)).map_or(of.node.pos(), Node::pos)
}

/// Returns `true` for what was read, and `false` for what a step has made.
pub(super) fn was_read(value: &Node) -> bool {
    value.pos().is_some() && value.pos().shared_number().is_none()
}
