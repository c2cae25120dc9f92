//! Finds the lists that a merge would replace as a whole, for lint.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Type;
use crate::schema::Schema;
use crate::yaml::{Mapping, Node, to_json};

/// A list of the target that a list of the patch takes the place of.
pub(crate) struct Replaced<'a> {
    /// Where, such as `spec.rules`.
    pub(crate) path: String,
    /// The list that goes.
    pub(crate) old: &'a Node,
    /// The list that comes.
    pub(crate) new: &'a Node,
}

/// Returns the lists of mappings that lose an element because they have no merge key.
pub(crate) fn replaced_lists<'a>(
    target: &'a Node,
    patch: &'a Node,
    schema: &Schema,
) -> Vec<Replaced<'a>> {
    let mut found = Vec::new();
    walk(target, patch, Type { schema, of: None }, &mut Vec::new(), &mut found);
    found
}

fn walk<'a>(
    target: &'a Node,
    patch: &'a Node,
    of: Type<'_>,
    path: &mut Vec<&'a str>,
    found: &mut Vec<Replaced<'a>>,
) {
    match (target, patch) {
        (Node::Map { map: old, .. }, Node::Map { map: new, .. }) if !has_directive(new) => {
            let of = of.or_resource([Some(target), Some(patch)]);
            for entry in new {
                let Some(name) = entry.key.text() else { continue };
                if let Some(old) = old.iter().find(|e| e.key.text() == Some(name)) {
                    path.push(name);
                    let of = of.field_of_both(name, old, entry);
                    walk(&old.value, &entry.value, of, path, found);
                    path.pop();
                }
            }
        }
        (Node::Seq { items: old, .. }, Node::Seq { items: new, .. }) => match of.merge_keys() {
            None => {
                let kept: FxHashSet<_> = new.iter().filter_map(|item| to_json(item).ok()).collect();
                let mut maps = old.iter().filter(|item| item.as_map().is_some());
                if maps.any(|item| to_json(item).is_ok_and(|json| !kept.contains(&json))) {
                    found.push(Replaced { path: path.join("."), old: target, new: patch });
                }
            }
            Some(keys) => {
                let Some(key) = keys.first() else { return };
                let text = |item: &'a Node| item.get(key).and_then(Node::text);
                let by_key: FxHashMap<&str, &Node> =
                    old.iter().filter_map(|item| Some((text(item)?, item))).collect();
                for item in new {
                    if let Some(old) = text(item).and_then(|key| by_key.get(key)) {
                        walk(old, item, of.element(), path, found);
                    }
                }
            }
        },
        _ => {}
    }
}

fn has_directive(map: &Mapping) -> bool {
    map.iter().any(|entry| entry.key.text() == Some("$patch"))
}
