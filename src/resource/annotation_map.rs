//! Setting and removing annotations and labels in the tree of an object.

use ecow::EcoString;

use crate::yaml::{Mapping, Node};

/// Sets an annotation; makes the maps it needs.
pub(crate) fn set(node: &mut Node, key: &str, value: Node) {
    set_metadata(node, "annotations", key, value);
}

/// Sets a label or an annotation; makes the maps it needs.
pub(crate) fn set_metadata(node: &mut Node, field: &str, key: &str, value: Node) {
    let mut node = node;
    for part in ["metadata", field] {
        let Some(map) = node.as_map_mut() else { return };
        if map.get(part).is_none_or(|child| child.as_map().is_none()) {
            map.set(part, Node::map(Mapping::new()));
        }
        let Some(child) = map.get_mut(part) else {
            return;
        };
        node = child;
    }
    if let Some(map) = node.as_map_mut() {
        map.set(key, value);
    }
}

/// Removes an annotation.
pub(crate) fn remove(node: &mut Node, key: &str) {
    let annotations = node.get_path(&["metadata", "annotations"]).and_then(Node::as_map);
    if !annotations.is_some_and(|map| map.contains(key)) {
        return;
    }
    if let Some(map) = annotations_mut(node) {
        take(map, key);
    }
}

/// Returns the annotations for changing.
pub(super) fn annotations_mut(node: &mut Node) -> Option<&mut Mapping> {
    node.get_mut("metadata")?.get_mut("annotations")?.as_map_mut()
}

/// Removes all entries of a key and returns the text of the last.
pub(super) fn take(map: &mut Mapping, key: &str) -> Option<EcoString> {
    let mut text = None;
    while let Some(value) = map.remove(key) {
        text = Some(value.text().unwrap_or_default().into());
    }
    text
}
