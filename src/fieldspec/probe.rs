//! Looks along a field path without changing anything.

use super::create::Create;
use super::path::{Lookup, PathRef};
use crate::work;
use crate::yaml::{Entry, Location, Node};

/// Returns `true` if a [`walk`](super::walk()) that creates nothing would reach a leaf that `wanted`
/// accepts, or would fail or change something on its way.
pub(crate) fn reaches(
    node: &Node,
    path: PathRef<'_>,
    wanted: &mut dyn FnMut(&Node) -> bool,
) -> bool {
    probe(node, path, 0, Create::No, &mut (), &mut |leaf, ()| wanted(leaf))
}

/// Adds the locations of the leaves of a path that creates nothing, unless a
/// [`walk`](super::walk()) has more to do than to call its setter on them, or `refuse` says so for a
/// leaf; returns `true` if that is so.
pub(crate) fn locate(
    node: &Node,
    path: PathRef<'_>,
    refuse: fn(&Node) -> bool,
    found: &mut Vec<Location>,
) -> bool {
    probe(node, path, 0, Create::No, &mut Location::new(), &mut |leaf, at| {
        found.push(at.clone());
        refuse(leaf)
    })
}

/// Goes the way of a [`walk`](super::walk()) without changing anything, and stops with yes as soon
/// as that would create, retype or refuse something or `leaf` says so.
pub(super) fn probe<T: Trail>(
    node: &Node,
    path: PathRef<'_>,
    mut at: usize,
    create: Create,
    trail: &mut T,
    leaf: &mut dyn FnMut(&Node, &T) -> bool,
) -> bool {
    work::node();
    let part = loop {
        match path.parts.get(at) {
            None => return leaf(node, trail),
            Some(part) if part.lookup == Lookup::Here && node.as_map().is_some() => at += 1,
            Some(part) => break part,
        }
    };
    let mut descend = |i: usize, child: &Node, at: usize| {
        trail.enter(i);
        let more = probe(child, path, at, create, trail, leaf);
        trail.leave();
        more
    };
    match node {
        Node::Scalar { .. } => !node.is_null(),
        Node::Seq { items, .. } => items.iter().enumerate().any(|(i, item)| descend(i, item, at)),
        Node::Map { map, .. } if part.lookup == Lookup::Key => {
            let name = path.name(part);
            let found = map.iter().enumerate().find(|(_, entry)| entry.key.text() == Some(name));
            let Some((i, Entry { value, .. })) = found else {
                return create != Create::No && !part.list;
            };
            let is_retyped = value.is_null() && (part.list || create != Create::No);
            is_retyped || descend(i, value, at + 1)
        }
        Node::Map { .. } => true,
    }
}

/// What a look remembers of its way: where it is, or nothing.
pub(super) trait Trail {
    /// Goes into the child of this number.
    fn enter(&mut self, child: usize);
    /// Goes back.
    fn leave(&mut self);
}

impl Trail for () {
    fn enter(&mut self, _: usize) {}
    fn leave(&mut self) {}
}

impl Trail for Location {
    fn enter(&mut self, child: usize) {
        self.push(child as u32);
    }

    fn leave(&mut self) {
        self.pop();
    }
}
