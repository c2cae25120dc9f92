//! Whether two trees say the same.

use rustc_hash::FxHashMap;

use crate::yaml::node::{Mapping, Node};
use crate::yaml::scalar::{self, Rules, Value};

/// Returns `true` if both say the same, however they are written and in whatever order their keys come.
///
/// Scalars are typed by the rules for kustomization files.
pub(crate) fn same(a: &Node, b: &Node) -> bool {
    if a.is_identical(b) {
        return true;
    }
    match (a, b) {
        (Node::Scalar { .. }, Node::Scalar { .. }) => same_scalar(a, b),
        (Node::Seq { items: a, .. }, Node::Seq { items: b, .. }) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Node::Map { map: a, .. }, Node::Map { map: b, .. }) => same_map(a, b),
        _ => false,
    }
}

fn same_map(a: &Mapping, b: &Mapping) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let in_order = a.iter().zip(b).all(|(a, b)| same(&a.key, &b.key));
    if in_order {
        return a.iter().zip(b).all(|(a, b)| same(&a.value, &b.value));
    }
    // With a key that is there twice, the order says something.
    let places: FxHashMap<&str, &Node> =
        b.iter().filter_map(|entry| Some((entry.key.text()?, &entry.value))).collect();
    let known: FxHashMap<&str, ()> =
        a.iter().filter_map(|entry| Some((entry.key.text()?, ()))).collect();
    places.len() == b.len()
        && known.len() == a.len()
        && a.iter().all(|entry| {
            let other = entry.key.text().and_then(|key| places.get(key));
            other.is_some_and(|value| same(&entry.value, value))
        })
}

fn same_scalar(a: &Node, b: &Node) -> bool {
    match (typed(a), typed(b)) {
        (Some(Value::Float(a)), Some(Value::Float(b))) => a.to_bits() == b.to_bits(),
        (Some(a), Some(b)) => a == b,
        (None, None) => a.text() == b.text(),
        _ => false,
    }
}

/// Returns what a scalar means, or `None` if its tag does not fit its text.
pub(super) fn typed(node: &Node) -> Option<Value<'_>> {
    match node {
        Node::Scalar { text, style, tag, .. } => {
            scalar::resolve(text, *style, *tag, Rules::V2).ok()
        }
        _ => None,
    }
}
