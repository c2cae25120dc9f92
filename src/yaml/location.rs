//! Places inside of a tree.

use super::node::Node;

/// Where a node is: its position in the collection it is part of, that one's, and so on, from the
/// root on.
pub(crate) type Location = Vec<u32>;

/// Returns the node at a location, for changing.
pub(crate) fn at_mut<'a>(root: &'a mut Node, location: &[u32]) -> Option<&'a mut Node> {
    location.iter().try_fold(root, |node, &i| match node {
        Node::Map { map, .. } => map.entries_mut().get_mut(i as usize).map(|e| &mut e.value),
        Node::Seq { items, .. } => items.make_mut().get_mut(i as usize),
        Node::Scalar { .. } => None,
    })
}

/// Returns the node at a location.
pub(crate) fn at<'a>(root: &'a Node, location: &[u32]) -> Option<&'a Node> {
    location.iter().try_fold(root, |node, &i| match node {
        Node::Map { map, .. } => map.iter().nth(i as usize).map(|e| &e.value),
        Node::Seq { items, .. } => items.get(i as usize),
        Node::Scalar { .. } => None,
    })
}
