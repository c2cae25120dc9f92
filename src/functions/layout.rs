//! How the answer of a function is laid out: upstream remembers the line and the column of every value.

use std::sync::Arc;

use crate::yaml::edit::{self, Value};
use crate::yaml::{Entry, Node, sort_as_printed};

/// Returns the document that upstream writes of an item of an answer, and reads again; `given` is the item as
/// it went in.
///
/// As upstream, which puts fields that were given into the order in which they were, before all others.
pub(super) fn written(item: &Node, given: Option<&Node>) -> Arc<str> {
    let mut item = item.clone();
    if let Some(given) = given {
        sort_as_given(&mut item, given);
    }
    edit::Node::from(&item).to_yaml().into()
}

fn sort_as_given(item: &mut Node, given: &Node) {
    match (item, given) {
        (Node::Map { map, .. }, Node::Map { map: given, .. }) => {
            let value = |entry: &Entry| entry.key.text().and_then(|key| given.get(key));
            let (mut known, new): (Vec<_>, Vec<_>) =
                std::mem::take(map).into_iter().partition(|entry| value(entry).is_some());
            // What went in was printed.
            sort_as_printed(&mut known);
            for entry in &mut known {
                if let Some(given) = entry.key.text().and_then(|key| given.get(key)) {
                    sort_as_given(&mut entry.value, given);
                }
            }
            *map = known.into_iter().chain(new).collect();
        }
        (Node::Seq { items, .. }, Node::Seq { items: given, .. }) => {
            for (item, given) in items.make_mut().iter_mut().zip(given) {
                sort_as_given(item, given);
            }
        }
        _ => {}
    }
}

/// Returns the documents of the answer of a plugin, of which upstream reads each by itself, or `None` if they
/// are not one for each of so many resources.
pub(super) fn documents(answer: &[u8], resources: usize) -> Option<Vec<Arc<str>>> {
    let answer = std::str::from_utf8(answer).ok()?.replace("\r\n", "\n");
    let mut documents = vec![String::new()];
    for (i, line) in answer.split_inclusive('\n').enumerate() {
        match documents.last_mut() {
            Some(document) if i == 0 || !line.starts_with("---") => document.push_str(line),
            _ => documents.push(String::new()),
        }
    }
    let is_something = |text: &String| edit::read(text).is_ok_and(|read| read.root.is_some());
    documents.retain(is_something);
    (documents.len() == resources).then(|| documents.into_iter().map(Into::into).collect())
}

/// Returns `true` if everything lies at the same place in two documents, and looks the same, but for the
/// annotations: these are made anew from every answer.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let root = |text: &str| edit::read(text).ok()?.root;
    match (root(one), root(other)) {
        (Some(one), Some(other)) => is_same_at(Place::Root, &one, &other),
        _ => false,
    }
}

/// How far a value is from the annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Root,
    Metadata,
    Inside,
}

fn is_same_at(place: Place, one: &edit::Node, other: &edit::Node) -> bool {
    let own = |node: &edit::Node| {
        let comments = node.comments.as_deref().cloned().unwrap_or_default();
        let texts = [&node.anchor, &node.tag, &comments.head, &comments.line, &comments.foot];
        (node.place.line, node.place.column, texts.map(Clone::clone))
    };
    if own(one) != own(other) {
        return false;
    }
    match (&one.value, &other.value) {
        (Value::Scalar { style: one, .. }, Value::Scalar { style: other, .. }) => one == other,
        (Value::Alias(one), Value::Alias(other)) => one == other,
        (
            Value::Seq { flow: one_flow, items: one },
            Value::Seq { flow: other_flow, items: other },
        ) => {
            let mut pairs = one.iter().zip(other);
            one_flow == other_flow
                && one.len() == other.len()
                && pairs.all(|(one, other)| is_same_at(Place::Inside, one, other))
        }
        (
            Value::Map { flow: one_flow, entries: one },
            Value::Map { flow: other_flow, entries: other },
        ) => {
            let counts = |(key, _): &&(edit::Node, edit::Node)| {
                place != Place::Metadata || key.text() != Some("annotations")
            };
            let (mut one, mut other) = (one.iter().filter(counts), other.iter().filter(counts));
            if one_flow != other_flow || one.clone().count() != other.clone().count() {
                return false;
            }
            let is_same_entry = |((key, value), (key_b, value_b)): (
                &(edit::Node, edit::Node),
                &(edit::Node, edit::Node),
            )| {
                let inside = match (place, key.text()) {
                    (Place::Root, Some("metadata")) => Place::Metadata,
                    _ => Place::Inside,
                };
                key.text() == key_b.text()
                    && is_same_at(Place::Inside, key, key_b)
                    && is_same_at(inside, value, value_b)
            };
            one.by_ref().zip(other.by_ref()).all(is_same_entry)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_looks_count() {
        let text = "a: 1\nmetadata:\n  annotations:\n    k: v\n  name: x\n";
        assert!(is_same(text, &text.replace("k: v", "k: 'w'")));
        assert!(is_same(text, &text.replace("1", "2")));
        for other in [
            text.replace("    k: v\n", "    k: v\n    l: w\n"),
            text.replace("1", "'1'"),
            text.replace("1", "1 # one"),
            text.replace("name", "names"),
            format!("\n{text}"),
        ] {
            assert!(!is_same(text, &other), "{other}");
        }
    }

    #[test]
    fn documents_are_those_of_resources() {
        let answer = b"a: 1\n--- # two\nb: 2\n---\n# nothing\n---\nc: 3";
        let documents = documents(answer, 3).unwrap();
        assert_eq!(
            documents.iter().map(|text| &**text).collect::<Vec<_>>(),
            ["a: 1\n", "b: 2\n", "c: 3"]
        );
        assert!(super::documents(answer, 2).is_none());
    }
}
