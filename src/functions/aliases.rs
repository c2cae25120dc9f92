//! Aliases in the items of an answer.

use std::collections::BTreeSet;

use crate::yaml::edit::{self, Node, Value};

/// Returns the first alias in an item of a list of resources that stands for something outside of that item.
///
/// As upstream, which writes each item by itself (`testdata/function-answers/*-alias-of-other-item`).
pub(super) fn leaving_item(answer: &[u8]) -> Option<String> {
    if !answer.contains(&b'*') {
        return None;
    }
    let root = edit::read(std::str::from_utf8(answer).ok()?).ok()?.root?;
    if !matches!(root.get("kind").and_then(Node::text), Some("ResourceList" | "List")) {
        return None;
    }
    match &root.get("items")?.value {
        Value::Seq { items, .. } => {
            items.iter().find_map(|item| unknown(item, &mut BTreeSet::new())).map(str::to_owned)
        }
        _ => None,
    }
}

/// Returns the first alias in a tree of an anchor that was not seen before.
fn unknown<'n>(node: &'n Node, seen: &mut BTreeSet<&'n str>) -> Option<&'n str> {
    if !node.anchor.is_empty() {
        seen.insert(&node.anchor);
    }
    match &node.value {
        Value::Alias(name) => (!seen.contains(name.as_str())).then_some(name.as_str()),
        Value::Scalar { .. } => None,
        Value::Seq { items, .. } => items.iter().find_map(|item| unknown(item, seen)),
        Value::Map { entries, .. } => entries
            .iter()
            .find_map(|(key, value)| unknown(key, seen).or_else(|| unknown(value, seen))),
    }
}

#[cfg(test)]
mod tests {
    use super::leaving_item;

    #[test]
    fn an_item_knows_its_own_anchors() {
        let list = |items: &str| format!("kind: ResourceList\nitems:\n{items}results: *a\n");
        for (items, expected) in [
            ("- {x: &a 1, y: *a}\n", None),
            ("- {x: &a 1}\n- {y: *a}\n", Some("a")),
            ("- {x: &a 1}\n- {<<: *a}\n", Some("a")),
            ("- &a {x: 1}\n- {y: &a 2, z: [*a]}\n", None),
        ] {
            assert_eq!(leaving_item(list(items).as_bytes()).as_deref(), expected, "{items}");
        }
        assert_eq!(leaving_item(b"kind: FooList\nitems: [&a 1, *a]\n"), None);
    }
}
