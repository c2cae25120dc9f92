//! How large and how deep a tree is.

use super::node::Node;

/// Returns the number of values in a tree and how deep they nest (a scalar or an empty collection is
/// one level), or nothing if there are more than `most`: what is copied into itself is small in
/// memory and endless to walk.
pub(crate) fn measure(node: &Node, most: usize) -> Option<(usize, usize)> {
    let (mut nodes, mut deepest) = (0, 0);
    let mut waiting = vec![(node, 1)];
    while let Some((node, depth)) = waiting.pop() {
        nodes += 1;
        deepest = deepest.max(depth);
        if nodes + waiting.len() > most {
            return None;
        }
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => waiting.extend(items.iter().map(|item| (item, depth + 1))),
            Node::Map { map, .. } => waiting.extend(map.iter().map(|e| (&e.value, depth + 1))),
        }
    }
    Some((nodes, deepest))
}
