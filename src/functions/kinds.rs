//! Values of an answer that are of another kind than before.
//!
//! As upstream, which copies the comments of what went in to what came out, and so walks through both: a text where a
//! map was is refused, and so is an alias, whatever it stands for (`testdata/function-answers/transformer-kind-*`).
//! Where nothing or null was, anything may be.

use std::collections::BTreeMap;

use super::layout;
use super::places::{ID as ITEM, INDEX, MIGRATION};
use crate::schema::{Schema, TypeRef};
use crate::yaml::edit::{self, Value};
use crate::yaml::{Kind, Node, Style, Tag, tag_of};

/// Returns the items of an answer as they are written, if there are aliases in them: a list of resources, or so many
/// documents.
pub(super) fn with_aliases(answer: &[u8], documents: Option<usize>) -> Option<Vec<edit::Node>> {
    if !answer.contains(&b'*') {
        return None;
    }
    let read = |text: &str| edit::read(text).ok()?.root;
    let mut items: Vec<edit::Node> = match documents {
        Some(count) => layout::documents(answer, count)?
            .iter()
            .map(|text| read(text))
            .collect::<Option<_>>()?,
        None => match read(std::str::from_utf8(answer).ok()?)?.get("items").cloned()?.value {
            Value::Seq { items, .. } => items,
            _ => return None,
        },
    };
    items.retain(|item| !is_null(item));
    Some(items)
}

/// Returns `true` if the metadata of an item are an alias.
pub(super) fn has_alias_for_metadata(item: &edit::Node) -> bool {
    item.get("metadata").is_some_and(|node| matches!(node.value, Value::Alias(_)))
}

/// Returns `true` if the annotations of an item are an alias.
pub(super) fn has_alias_for_annotations(item: &edit::Node) -> bool {
    let annotations = item.get("metadata").and_then(|metadata| metadata.get("annotations"));
    annotations.is_some_and(|node| matches!(node.value, Value::Alias(_)))
}

/// Returns upstream's message for an alias in the place of a map.
pub(super) fn alias_for(path: &[&str]) -> String {
    wrong_at(&path.join("."), Kind::Map, "AliasNode")
}

/// Returns what is wrong with the first value of an item that is of another kind than the one that was given.
pub(super) fn changed(given: &Node, new: &edit::Node, schema: &Schema) -> Option<String> {
    let numbers = || {
        let annotations = new.get("metadata")?.get("annotations")?;
        let value = |key: &&str| annotations.get(key).filter(|value| !is_null(value));
        let values = INDEX.keys.iter().chain(&ITEM.keys).chain([&MIGRATION]).filter_map(value);
        let kind = values.map(kind_name).find(|kind| *kind != Kind::Scalar.name())?;
        Some(wrong_at("metadata.annotations", Kind::Scalar, kind))
    };
    let change = walk(given, new, Type { schema, of: None });
    let change = change.map(|Change { mut path, expected, kind }| {
        path.reverse();
        wrong_at(&path.join("."), expected, kind)
    });
    change.or_else(numbers)
}

fn kind_name(node: &edit::Node) -> &'static str {
    node.kind().map_or("AliasNode", Kind::name)
}

fn wrong_at(field: &str, expected: Kind, kind: &str) -> String {
    format!(
        "wrong node kind: expected {} but got {kind}: the answer of a function has another kind of value in {field}",
        expected.name()
    )
}

/// A value of another kind: the keys to it, the last first.
struct Change {
    path: Vec<String>,
    expected: Kind,
    kind: &'static str,
}

/// The schema, and the type of the value at hand, which says how lists go together.
#[derive(Clone, Copy)]
struct Type<'s> {
    schema: &'s Schema,
    of: Option<TypeRef<'s>>,
}

impl<'s> Type<'s> {
    fn or_resource(self, given: &Node) -> Type<'s> {
        let resource = || {
            let text = |key| given.get(key).and_then(Node::text);
            self.schema.resource(text("apiVersion")?, text("kind")?)
        };
        Type { of: self.of.or_else(resource), ..self }
    }
}

fn walk(given: &Node, new: &edit::Node, of: Type<'_>) -> Option<Change> {
    if given.is_null() || is_null(new) {
        return None;
    }
    if new.kind() != Some(given.kind()) {
        return Some(Change { path: Vec::new(), expected: given.kind(), kind: kind_name(new) });
    }
    match (given, &new.value) {
        (Node::Map { map, .. }, Value::Map { entries, .. }) => {
            let of = of.or_resource(given);
            let mut values = BTreeMap::new();
            for (key, value) in entries {
                values.entry(key.text()).or_insert(value);
            }
            map.iter().find_map(|entry| {
                let key = entry.key.text()?;
                let of = Type { of: of.of.and_then(|of| of.field(key)), ..of };
                below(key, walk(&entry.value, values.get(&Some(key))?, of))
            })
        }
        (Node::Seq { items: given, .. }, Value::Seq { items: new, .. }) => {
            // As upstream: of elements at one place, those with one text; of a type of their own.
            let untyped = Type { of: None, ..of };
            let mut pairs = given.iter().zip(new).enumerate();
            let element = |(i, (given, new)): (usize, (&Node, &edit::Node))| {
                let is_alike = given.text().unwrap_or_default() == own_text(new);
                let change =
                    if is_alike { walk(given, new, untyped) } else { lost_list(given, new) };
                below(&i.to_string(), change)
            };
            pairs.find_map(element).or_else(|| by_keys(given, new, of))
        }
        _ => None,
    }
}

/// Returns the change if a list in a list has become a text.
///
/// As upstream, which copies the order of the fields too; a map may become a text there.
fn lost_list(given: &Node, new: &edit::Node) -> Option<Change> {
    let was_list = matches!(given, Node::Seq { items, .. } if !items.is_empty());
    let is_text = !is_null(new) && new.text().is_some_and(|text| !text.is_empty());
    (was_list && is_text).then(|| Change {
        path: Vec::new(),
        expected: Kind::Seq,
        kind: kind_name(new),
    })
}

/// Walks through the elements of two lists that the schema says go together by some of their fields.
fn by_keys(given: &[Node], new: &[edit::Node], of: Type<'_>) -> Option<Change> {
    let keys = of.of?.merge_keys()?;
    let element = Type { of: of.of?.element(), ..of };
    let mut elements = BTreeMap::new();
    for item in new {
        let texts: Vec<_> =
            keys.iter().map(|key| item.get(key).and_then(edit::Node::text)).collect();
        elements.entry(texts).or_insert(item);
    }
    given.iter().enumerate().find_map(|(i, item)| {
        let texts: Vec<_> = keys.iter().map(|key| item.get(key).and_then(Node::text)).collect();
        if texts.iter().all(Option::is_none) {
            return None;
        }
        below(&i.to_string(), walk(item, elements.get(&texts)?, element))
    })
}

fn below(key: &str, change: Option<Change>) -> Option<Change> {
    let mut change = change?;
    change.path.push(key.to_owned());
    Some(change)
}

/// Returns the text of a scalar, or the name of an alias.
pub(super) fn own_text(node: &edit::Node) -> &str {
    match &node.value {
        Value::Scalar { text, .. } | Value::Alias(text) => text,
        _ => "",
    }
}

pub(super) fn is_null(node: &edit::Node) -> bool {
    let Value::Scalar { text, style, kind } = &node.value else { return false };
    match node.tag.as_str() {
        "" => *style == Style::Plain && kind.unwrap_or_else(|| tag_of(text, *style)) == Tag::Null,
        tag => tag == "!!null",
    }
}
