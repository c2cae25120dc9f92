//! Looks along a path without changing anything.

use super::path::FieldPath;
use crate::yaml::Node;

/// Tells whether a [`walk`](super::walk()) that creates nothing would reach a leaf that `wanted`
/// accepts, or could fail or change something on its way.
///
/// Most objects hold nothing that a reference or a var would change; asking first leaves their
/// trees shared. The answer may be yes too often, never no.
pub(crate) fn reaches(
    node: &Node,
    path: &FieldPath,
    wanted: &mut dyn FnMut(&Node) -> bool,
) -> bool {
    look(node, &path.parts, wanted)
}

fn look(node: &Node, parts: &[ecow::EcoString], wanted: &mut dyn FnMut(&Node) -> bool) -> bool {
    let Some((part, rest)) = parts.split_first() else {
        return wanted(node);
    };
    match node {
        Node::Scalar { .. } => !node.is_null(),
        Node::Seq { items, .. } => items.iter().any(|item| look(item, parts, wanted)),
        Node::Map { .. } if !is_plain_key(part) => true,
        Node::Map { map, .. } => map.get(part).is_some_and(|value| look(value, rest, wanted)),
    }
}

/// Tells whether a part of a path is looked up as it stands.
fn is_plain_key(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_alphabetic())
        && !part.ends_with(|c: char| c == ']' || c.is_whitespace())
}
