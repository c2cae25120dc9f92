//! Labels of Pods, and the selectors that want them.

use crate::checks::workloads::pods;
use crate::resource::Resource;
use crate::yaml::{Entry, Mapping, Node};

/// A mapping of labels, which may not be there.
pub(in crate::checks) type Labels<'a> = Option<&'a Mapping>;

/// Returns the labels of the Pods that an object makes, or is, or `None` if it makes none.
pub(in crate::checks) fn labels_of_pods(resource: &Resource) -> Option<Labels<'_>> {
    Some(pods::template(resource)?.get_path(&["metadata", "labels"]).and_then(Node::as_map))
}

/// Returns `true` if labels have all pairs of a selector.
pub(in crate::checks) fn has_all(labels: Labels<'_>, selector: &Mapping) -> bool {
    selector.iter().all(|pair| has(labels, pair))
}

/// Returns `true` if labels have a pair.
pub(in crate::checks) fn has(labels: Labels<'_>, pair: &Entry) -> bool {
    let there = || labels?.get(pair.key.text()?)?.text();
    there().is_some_and(|there| Some(there) == pair.value.text())
}

/// Returns key and value of a label, if both are texts.
pub(in crate::checks) fn texts(pair: &Entry) -> Option<(&str, &str)> {
    Some((pair.key.text()?, pair.value.text()?))
}
