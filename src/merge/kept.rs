//! Whether a list that takes the place of another has all that was in it.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::yaml::{Mapping, Node, to_json};

/// Keys whose value tells an element from others.
const NAMES: &[&str] = &["name", "key", "id"];

/// How many elements are compared with each of the others.
const MOST: usize = 64;

/// Returns `true` if `new` lacks a mapping that `old` has.
///
/// In a custom resource, where every list is replaced and whoever writes a patch knows that, an element
/// with the same name and the same fields is the old one with other values.
pub(super) fn loses_any(old: &[Node], new: &[Node], is_custom: bool) -> bool {
    let same: FxHashSet<String> = new.iter().filter_map(|item| to_json(item).ok()).collect();
    let is_same = |item: &Node| to_json(item).is_ok_and(|json| same.contains(&json));
    let lost = old.iter().filter(|item| item.as_map().is_some_and(|map| !map.is_empty()));
    let mut lost = lost.filter(|item| !is_same(item));
    if old.len().max(new.len()) > MOST {
        return lost.next().is_some();
    }
    lost.any(|item| !new.iter().any(|other| has_all_of(other, item, is_custom)))
}

/// Returns `true` if `new` has all fields that `old` has, with the same values; of a custom resource, with
/// any values but that of its name.
fn has_all_of(new: &Node, old: &Node, is_custom: bool) -> bool {
    match (new, old) {
        (Node::Map { map: new, .. }, Node::Map { map: old, .. }) => {
            let values: FxHashMap<&str, &Node> =
                new.iter().filter_map(|e| Some((e.key.text()?, &e.value))).collect();
            let is_named = is_custom && named_alike(new, old);
            old.iter().all(|entry| {
                let there = entry.key.text().and_then(|key| values.get(key));
                there.is_some_and(|value| match is_named {
                    true => is_other_value(value, &entry.value),
                    false => has_all_of(value, &entry.value, is_custom),
                })
            })
        }
        (Node::Seq { items: new, .. }, Node::Seq { items: old, .. }) => {
            new.len() >= old.len()
                && new.iter().zip(old).all(|(new, old)| has_all_of(new, old, false))
        }
        (Node::Scalar { text: new, .. }, Node::Scalar { text: old, .. }) => new == old,
        _ => false,
    }
}

/// Returns `true` if a value of an element is another one that takes the place of the old one, and no
/// other object is named in it.
fn is_other_value(new: &Node, old: &Node) -> bool {
    match (new, old) {
        (Node::Map { map: new, .. }, Node::Map { map: old, .. }) => old.iter().all(|entry| {
            let there = entry.key.text().and_then(|key| new.get(key));
            match (entry.key.text(), there) {
                (Some("name"), there) => there.and_then(Node::text) == entry.value.text(),
                (_, Some(there)) => is_other_value(there, &entry.value),
                (_, None) => true,
            }
        }),
        (Node::Seq { items: new, .. }, Node::Seq { items: old, .. }) => !loses_any(old, new, true),
        _ => true,
    }
}

/// Returns `true` if two elements have the same name, or if neither has one and all their texts are the
/// same.
fn named_alike(new: &Mapping, old: &Mapping) -> bool {
    let text = |map: &Mapping, key: &str| map.get(key).and_then(Node::text).map(str::to_owned);
    if let Some(name) = NAMES.iter().find(|name| old.contains(name)) {
        return text(new, name) == text(old, name);
    }
    let scalars = old.iter().filter(|entry| matches!(entry.value, Node::Scalar { .. }));
    scalars.filter_map(|entry| entry.key.text()).all(|key| text(new, key) == text(old, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Limits, Pos, read_stream};

    fn list(text: &str) -> Vec<Node> {
        let documents = read_stream(text.as_bytes(), Pos::NONE, &Limits::default());
        match documents.unwrap_or_default().pop() {
            Some(Node::Seq { items, .. }) => items.to_vec(),
            _ => panic!("{text} is no list"),
        }
    }

    fn loses(old: &str, new: &str, is_custom: bool) -> bool {
        loses_any(&list(old), &list(new), is_custom)
    }

    #[test]
    fn an_element_is_kept_if_all_of_it_is_there() {
        assert!(!loses("[{a: 1, b: [x]}]", "[{c: 2}, {a: 1, b: [x], d: 3}]", false));
        assert!(!loses("[{}]", "[{a: 1}]", false));
        assert!(loses("[{a: 1, b: [x]}]", "[{a: 1, b: [y]}]", false));
        assert!(loses("[{key: gpu, operator: Exists}]", "[{key: arm, operator: Exists}]", false));
    }

    #[test]
    fn of_a_custom_resource_values_may_change() {
        assert!(!loses("[{name: a, value: 1}]", "[{name: a, value: 2}]", true));
        assert!(loses("[{name: a, value: 1}]", "[{name: a, value: 2}]", false));
        assert!(!loses("[{extract: {key: a}}]", "[{extract: {path: c, key: b}}]", true));
        assert!(!loses("[{path: /m, tls: {server: a}}]", "[{path: /m, tls: {server: b}}]", true));
        assert!(loses("[{secretRef: {name: a}}]", "[{secretRef: {name: b}}]", true));
        assert!(loses("[{path: /m}]", "[{path: /n}]", true));
        assert!(loses("[{name: a}, {name: b}]", "[{name: a}]", true));
        assert!(loses("[{name: a, rules: [{name: x}]}]", "[{name: a, rules: [{name: y}]}]", true));
    }
}
