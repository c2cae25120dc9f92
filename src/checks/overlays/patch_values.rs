//! What a patch sets that changes nothing.

use crate::json_patch::JsonPatch;
use crate::yaml::Node;

/// Hosts that nobody has, without anything before them.
const HOSTS: &[&str] = &["example", "example.com", "example.net", "example.org"];

/// How a text begins, in small letters, that whoever copies it is to replace.
const PLACEHOLDERS: &[&str] =
    &["<", "change-me", "change_me", "changeme", "replace-me", "replace_me", "your-", "your_"];

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
            || values.iter().any(|value| is_placeholder(value)))
}

/// Returns `true` for a field that is written anew with each release.
pub(super) fn is_version(key: &str) -> bool {
    matches!(key, "digest" | "newTag" | "tag" | "targetRevision" | "version")
}

/// Returns `true` if a strategic merge patch sets nothing but versions, beside what says of what they are.
pub(super) fn is_of_versions(patch: &Node) -> bool {
    let entries = patch.as_map().into_iter().flatten();
    let is_head = |key: Option<&str>| matches!(key, Some("apiVersion" | "kind" | "metadata"));
    let mut left: Vec<(&str, &Node)> = entries
        .filter(|entry| !is_head(entry.key.text()))
        .filter_map(|entry| Some((entry.key.text()?, &entry.value)))
        .collect();
    let mut has_any = false;
    while let Some((key, node)) = left.pop() {
        match node {
            Node::Scalar { .. } if is_version(key) => has_any = true,
            Node::Scalar { .. } if matches!(key, "chart" | "kind" | "name" | "namespace") => {}
            Node::Scalar { .. } => return false,
            Node::Seq { items, .. } => left.extend(items.iter().map(|item| (key, item))),
            Node::Map { map, .. } => {
                left.extend(map.iter().filter_map(|e| Some((e.key.text()?, &e.value))));
            }
        }
    }
    has_any
}

/// Returns `true` for what is there to be replaced: `<host>`, `CHANGE_ME`, or a bare `example.com`, with what stands around
/// a host in an address.
fn is_placeholder(value: &str) -> bool {
    let small = value.to_ascii_lowercase();
    let (_, host) = small.rsplit_once("://").unwrap_or(("", &small));
    let host = host.split(['/', ':']).next().unwrap_or_default();
    HOSTS.contains(&host) || PLACEHOLDERS.iter().any(|start| small.starts_with(start))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_below_an_example_are_no_placeholders() {
        for value in ["example.com", "https://example.org/path", "example", "<host>", "CHANGE_ME"] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["shop.example.com", "https://shop.example.com", "my-example", "changes"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
