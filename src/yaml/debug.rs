//! Trees for those who debug, as flow YAML without styles; deep ones are cut.

use std::fmt;

use super::node::Node;

/// What lies deeper is not shown, for it is shown by recursion.
const DEEPEST: usize = 64;

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown(self, 0).fmt(f)
    }
}

/// A tree at some depth.
struct Shown<'n>(&'n Node, usize);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shown(node, depth) = *self;
        match node {
            Node::Scalar { text, .. } => fmt::Debug::fmt(text, f),
            _ if depth >= DEEPEST => f.write_str("…"),
            Node::Seq { items, .. } => {
                f.debug_list().entries(items.iter().map(|item| Shown(item, depth + 1))).finish()
            }
            Node::Map { map, .. } => {
                let entry = |key, value| (Shown(key, depth + 1), Shown(value, depth + 1));
                f.debug_map().entries(map.iter().map(|e| entry(&e.key, &e.value))).finish()
            }
        }
    }
}
