//! Looks along a field path without changing anything.

use super::path::{FieldPath, Lookup};
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
    look(node, path, 0, Create::No, &mut Vec::new(), &mut |leaf, _| wanted(leaf))
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
    look(node, path, 0, Create::No, &mut Vec::new(), &mut |leaf, at| {
        found.push(at.to_vec());
        refuse(leaf)
    })
}

/// Goes the way of a [`walk`](super::walk()) without changing anything, and stops with yes as soon
/// as that would create, retype or refuse something or `leaf` says so.
pub(super) fn look(
    node: &Node,
    path: &FieldPath,
    mut at: usize,
    create: Create,
    location: &mut Location,
    leaf: &mut dyn FnMut(&Node, &[u32]) -> bool,
) -> bool {
    work::node();
    let part = loop {
        match path.parts.get(at) {
            None => return leaf(node, location),
            Some(part) if part.lookup == Lookup::Here && node.as_map().is_some() => at += 1,
            Some(part) => break part,
        }
    };
    let child = match node {
        Node::Scalar { .. } => return !node.is_null(),
        Node::Seq { items, .. } => {
            for (i, item) in items.iter().enumerate() {
                location.push(i as u32);
                let more = look(item, path, at, create, location, leaf);
                location.pop();
                if more {
                    return true;
                }
            }
            return false;
        }
        Node::Map { map, .. } => match part.lookup {
            Lookup::Key => match map.index_of(path.name(part)) {
                Some(i) => {
                    location.push(i as u32);
                    map.iter().nth(i).map_or(node, |e| &e.value)
                }
                None => return create != Create::No && !part.list,
            },
            _ => return true,
        },
    };
    let more = if child.is_null() && (part.list || create != Create::No) {
        true
    } else {
        look(child, path, at + 1, create, location, leaf)
    };
    location.pop();
    more
}
