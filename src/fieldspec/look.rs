//! Looks along a field path without changing anything.

use super::path::{FieldPath, Lookup, Part};
use super::walk::Create;
use crate::work;
use crate::yaml::{Location, Node};

/// Tells whether a [`walk`](super::walk()) that creates nothing would reach a leaf that `wanted`
/// accepts, or would fail or change something on its way.
pub(crate) fn reaches(
    node: &Node,
    path: &FieldPath,
    wanted: &mut dyn FnMut(&Node) -> bool,
) -> bool {
    look(node, &path.parts, Create::No, &mut Vec::new(), &mut |leaf, _| wanted(leaf))
}

/// Adds the locations of the leaves of a path that creates nothing, unless a
/// [`walk`](super::walk()) has more to do than to call its setter on them, or `refuse` says so for a
/// leaf; tells whether that is so.
pub(crate) fn locate(
    node: &Node,
    path: &FieldPath,
    refuse: fn(&Node) -> bool,
    found: &mut Vec<Location>,
) -> bool {
    look(node, &path.parts, Create::No, &mut Vec::new(), &mut |leaf, at| {
        found.push(at.to_vec());
        refuse(leaf)
    })
}

/// Goes the way of a [`walk`](super::walk()) without changing anything, and stops with yes as soon
/// as that would create, retype or refuse something or `leaf` says so.
pub(super) fn look(
    node: &Node,
    parts: &[Part],
    create: Create,
    location: &mut Location,
    leaf: &mut dyn FnMut(&Node, &[u32]) -> bool,
) -> bool {
    work::node();
    let mut parts = parts;
    let (part, rest) = loop {
        match parts.split_first() {
            None => return leaf(node, location),
            Some((part, rest)) if part.lookup == Lookup::Here && node.as_map().is_some() => {
                parts = rest;
            }
            Some(found) => break found,
        }
    };
    let (child, parts) = match node {
        Node::Scalar { .. } => return !node.is_null(),
        Node::Seq { items, .. } => {
            for (i, item) in items.iter().enumerate() {
                location.push(i as u32);
                let more = look(item, parts, create, location, leaf);
                location.pop();
                if more {
                    return true;
                }
            }
            return false;
        }
        Node::Map { map, .. } => match part.lookup {
            Lookup::Key => match map.index_of(&part.name) {
                Some(i) => {
                    location.push(i as u32);
                    (map.iter().nth(i).map_or(node, |e| &e.value), rest)
                }
                None => return create != Create::No && !part.list,
            },
            _ => return true,
        },
    };
    let more = if child.is_null() && (part.list || create != Create::No) {
        true
    } else {
        look(child, parts, create, location, leaf)
    };
    location.pop();
    more
}
