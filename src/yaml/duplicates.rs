//! Keys that stand twice in a mapping.

use rustc_hash::FxHashSet;

use super::node::Node;

/// Returns a key that stands twice in a mapping of the tree.
pub(crate) fn duplicate_key(node: &Node) -> Option<&Node> {
    match node {
        Node::Scalar { .. } => None,
        Node::Seq { items, .. } => items.iter().find_map(duplicate_key),
        Node::Map { map, .. } => {
            let mut seen = FxHashSet::default();
            map.iter().find_map(|entry| match seen.insert(entry.key.text().unwrap_or_default()) {
                true => duplicate_key(&entry.value),
                false => Some(&entry.key),
            })
        }
    }
}
