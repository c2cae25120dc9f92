//! Looks along a field path without changing anything.

use super::path::{Lookup, PathRef};
use super::walk::Create;
use crate::work;
use crate::yaml::{Location, Node};

/// Tells whether a [`walk`](super::walk()) that creates nothing would reach a leaf that `wanted`
/// accepts, or would fail or change something on its way.
pub(crate) fn reaches(
    node: &Node,
    path: PathRef<'_>,
    wanted: &mut dyn FnMut(&Node) -> bool,
) -> bool {
    look(node, path, 0, Create::No, None, &mut |leaf, _| wanted(leaf))
}

/// Adds the locations of the leaves of a path that creates nothing, unless a
/// [`walk`](super::walk()) has more to do than to call its setter on them, or `refuse` says so for a
/// leaf; tells whether that is so.
pub(crate) fn locate(
    node: &Node,
    path: PathRef<'_>,
    refuse: fn(&Node) -> bool,
    found: &mut Vec<Location>,
) -> bool {
    look(node, path, 0, Create::No, Some(&mut Vec::new()), &mut |leaf, at| {
        found.push(at.to_vec());
        refuse(leaf)
    })
}

/// Goes the way of a [`walk`](super::walk()) without changing anything, and stops with yes as soon
/// as that would create, retype or refuse something or `leaf` says so; the leaf gets its location if
/// there is one to begin with.
pub(super) fn look(
    node: &Node,
    path: PathRef<'_>,
    mut at: usize,
    create: Create,
    mut location: Option<&mut Location>,
    leaf: &mut dyn FnMut(&Node, &[u32]) -> bool,
) -> bool {
    work::node();
    let part = loop {
        match path.parts.get(at) {
            None => return leaf(node, location.map_or(&[], |location| location.as_slice())),
            Some(part) if part.lookup == Lookup::Here && node.as_map().is_some() => at += 1,
            Some(part) => break part,
        }
    };
    let mut descend = |child: &Node, i: usize, at: usize| {
        let Some(location) = location.as_deref_mut() else {
            return look(child, path, at, create, None, leaf);
        };
        location.push(i as u32);
        let more = look(child, path, at, create, Some(location), leaf);
        location.pop();
        more
    };
    match node {
        Node::Scalar { .. } => !node.is_null(),
        Node::Seq { items, .. } => items.iter().enumerate().any(|(i, item)| descend(item, i, at)),
        Node::Map { map, .. } if part.lookup == Lookup::Key => {
            let found = map.index_of(path.name(part)).and_then(|i| Some((i, map.iter().nth(i)?)));
            match found {
                Some((_, entry))
                    if entry.value.is_null() && (part.list || create != Create::No) =>
                {
                    true
                }
                Some((i, entry)) => descend(&entry.value, i, at + 1),
                None => create != Create::No && !part.list,
            }
        }
        Node::Map { .. } => true,
    }
}
