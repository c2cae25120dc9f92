//! What a patch sets that changes nothing.

use crate::json_patch::JsonPatch;
use crate::yaml::Node;

/// What a placeholder has in it, which is there to be replaced by whoever copies it.
const PLACEHOLDER: &str = "example";

/// How many texts of a patch are looked at.
const MOST: usize = 64;

/// Returns the texts that a strategic merge patch sets; those that say which object it is for are left out.
pub(super) fn of_merge(patch: &Node) -> Vec<&str> {
    let mut found = Vec::new();
    for entry in patch.as_map().into_iter().flatten() {
        match entry.key.text() {
            Some("apiVersion" | "kind") => {}
            Some("metadata") => {
                for inner in entry.value.as_map().into_iter().flatten() {
                    if !matches!(inner.key.text(), Some("name" | "namespace")) {
                        texts(&inner.value, &mut found);
                    }
                }
            }
            _ => texts(&entry.value, &mut found),
        }
    }
    found
}

/// Returns the texts that the operations of a JSON patch set.
pub(super) fn of_operations(patch: &JsonPatch) -> Vec<&str> {
    let mut found = Vec::new();
    patch.operations().filter_map(|operation| operation.value).for_each(|v| texts(v, &mut found));
    found
}

/// Returns `true` if all that a patch sets is null or a placeholder: what is not there need not go, and what stands there
/// is to be replaced.
pub(super) fn is_none(values: &[&str]) -> bool {
    !values.is_empty()
        && (values.iter().all(|value| matches!(*value, "" | "null" | "~"))
            || values.iter().any(|value| value.contains(PLACEHOLDER)))
}

fn texts<'n>(node: &'n Node, found: &mut Vec<&'n str>) {
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        match node {
            _ if found.len() >= MOST => return,
            Node::Scalar { text, .. } if node.is_null() && text.is_empty() => found.push("null"),
            Node::Scalar { text, .. } => found.push(text),
            Node::Seq { items, .. } => left.extend(items),
            Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
        }
    }
}
