//! Where names of generated objects may be used beside references: in labels, and inside of longer texts.

use rustc_hash::FxHashSet;

use crate::checks::objects::{current_name, is_generated};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::Node;

/// Returns a path without what stands in brackets.
pub(super) fn without_elements(path: &str) -> String {
    path.split('[').map(|part| part.rsplit(']').next().unwrap_or_default()).collect()
}

/// Returns the keys of the labels of all objects that are not generated.
pub(super) fn labels_of_others(set: &ResourceSet) -> FxHashSet<&str> {
    set.iter().filter(|resource| !is_generated(resource)).flat_map(label_keys).collect()
}

/// Returns the keys of the labels of an object.
pub(super) fn label_keys(resource: &Resource) -> impl Iterator<Item = &str> {
    let labels = resource.node.get("metadata").and_then(|metadata| metadata.get("labels"));
    labels.and_then(Node::as_map).into_iter().flatten().filter_map(|label| label.key.text())
}

/// Returns `false` for an object without anything in it, which others are to fill.
pub(super) fn has_data(resource: &Resource) -> bool {
    let is_some =
        |field| resource.node.get(field).and_then(Node::as_map).is_some_and(|map| !map.is_empty());
    ["data", "binaryData", "stringData"].into_iter().any(is_some)
}

/// Returns the names of objects that stand inside of longer texts, such as `shop/settings`.
pub(super) fn mentioned<'a>(set: &ResourceSet, objects: &[&'a Resource]) -> FxHashSet<&'a str> {
    let names: FxHashSet<&str> = objects.iter().map(|object| current_name(object)).collect();
    let mut met = FxHashSet::default();
    let mut left: Vec<&Node> = Vec::new();
    for other in set.iter().filter(|_| !names.is_empty()) {
        left.push(&other.node);
        while let Some(node) = left.pop() {
            match node {
                Node::Scalar { text, .. } if text != other.name() => {
                    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
                    for word in text.split(|c| !is_part(c)) {
                        let parts = word.split('.').chain([word]);
                        met.extend(parts.filter_map(|part| names.get(part)));
                    }
                }
                Node::Scalar { .. } => {}
                Node::Seq { items, .. } => left.extend(items),
                Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
            }
        }
    }
    met
}
