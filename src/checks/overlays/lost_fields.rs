//! What a list loses that a patch replaces as a whole.

use rustc_hash::FxHashSet;

use crate::checks::kubernetes::element_name;
use crate::merge::audit::is_same;
use crate::yaml::Node;

/// How many fields or elements a message names.
const SHOWN: usize = 4;

/// How many elements are compared with each of the others.
const MOST: usize = 64;

/// Returns the elements that another list does not have, or else the fields of those that both have, or `None` if
/// elements have no names.
pub(in crate::checks) fn of(old: &Node, new: &Node) -> Option<String> {
    let (old, new) = (old.as_seq()?, new.as_seq()?);
    let gone = |name: &&str| !new.iter().any(|other| called(other) == Some(*name));
    let elements: Vec<&str> = old.iter().filter_map(called).filter(gone).collect();
    if !elements.is_empty() {
        return Some(shown(elements.iter().map(|name| format!("`{name}`")).collect()));
    }
    let mut lost = Vec::new();
    for element in old {
        let name = called(element)?;
        let other = new.iter().find(|other| called(other) == Some(name))?;
        fields(element, other, "", &mut |field| lost.push(format!("`{field}` of `{name}`")));
    }
    (!lost.is_empty()).then(|| shown(lost))
}

/// Returns `true` if a list was written anew on purpose: it is empty, it repeats what it keeps, or its one element, which
/// has no name, takes the place of one that has none either.
pub(in crate::checks) fn is_meant(old: &Node, new: &Node) -> bool {
    let (Some(old), Some(new)) = (old.as_seq(), new.as_seq()) else { return false };
    match (old.as_slice(), new.as_slice()) {
        (_, []) => true,
        // One requirement of a selector takes the place of another for the same key.
        ([old], [new]) => is_nameless(old) && is_nameless(new) || says_otherwise(old, new),
        (old, new) if old.len().max(new.len()) > MOST => false,
        // Nothing is lost where each has a name that is there again, with all that it had.
        (old, _) if old.iter().all(|it| called(it).is_some()) && loses_nothing(old, new) => true,
        // As many others, none of which has the name of one that was there: each takes the place of one.
        (old, new) if old.len() > 1 && old.len() == new.len() && are_others(old, new) => true,
        (old, new) => new.iter().any(|it| old.iter().any(|other| is_same(it, other))),
    }
}

/// Returns `true` if a list has an element that is called as one of another list.
pub(in crate::checks) fn has_one_of(old: &Node, new: &Node) -> bool {
    let names = |list: &Node| -> FxHashSet<String> {
        let items = list.as_seq().into_iter().flatten();
        items.filter_map(|item| called(item).map(str::to_owned)).collect()
    };
    !names(old).is_disjoint(&names(new))
}

/// Returns `true` if a list has all elements of another, and these all their fields.
fn loses_nothing(old: &[Node], new: &[Node]) -> bool {
    old.iter().all(|element| {
        let mut same = new.iter().filter(|other| called(other) == called(element));
        let mut has_lost = false;
        same.next().is_some_and(|other| {
            fields(element, other, "", &mut |_| has_lost = true);
            !has_lost
        })
    })
}

/// Returns `true` if no element of a list is called as one of another, and all have names.
fn are_others(old: &[Node], new: &[Node]) -> bool {
    let is_other = |it: &Node| {
        called(it).is_some_and(|name| !old.iter().any(|other| called(other) == Some(name)))
    };
    old.iter().all(|it| called(it).is_some()) && new.iter().all(is_other)
}

/// Returns `true` if two requirements of a selector are about the same key.
fn says_otherwise(old: &Node, new: &Node) -> bool {
    let key = |node: &Node| {
        node.get("operator")?;
        node.get("key").and_then(Node::text).map(str::to_owned)
    };
    key(old).is_some() && key(old) == key(new)
}

/// Returns `true` if nothing tells an element from others.
fn is_nameless(element: &Node) -> bool {
    let has = |key: &str| element.get(key).is_some();
    called(element).is_none() && !["key", "id"].iter().any(|key| has(key))
}

/// Returns the name of an element, which may be an object.
fn called(element: &Node) -> Option<&str> {
    let own = element_name(element);
    own.or_else(|| element.get_path(&["metadata", "name"]).and_then(Node::text))
}

/// Hands on the paths of the fields that a mapping has and another one has not.
fn fields(old: &Node, new: &Node, before: &str, found: &mut dyn FnMut(&str)) {
    for entry in old.as_map().into_iter().flatten() {
        let Some(key) = entry.key.text() else { continue };
        let path = if before.is_empty() { key.to_owned() } else { format!("{before}.{key}") };
        match new.get(key) {
            None => found(&path),
            Some(value) if entry.value.as_map().is_some() => {
                fields(&entry.value, value, &path, found);
            }
            Some(_) => {}
        }
    }
}

fn shown(all: Vec<String>) -> String {
    let more = if all.len() > SHOWN { " and more" } else { "" };
    format!("{}{more}", all.into_iter().take(SHOWN).collect::<Vec<_>>().join(", "))
}
