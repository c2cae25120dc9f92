//! Finds the one field that a path names, by the rules for sources.

use ecow::EcoVec;

use super::find::wrong_kind;
use super::path::Part;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::{Kind, Mapping, Node, Tag};

/// Returns the field at the end of `parts`, or `None` if a part of the way is missing or null.
///
/// # Errors
/// If a part does not go with the node it is asked of.
pub(super) fn get<'n>(root: &'n Node, parts: &[Part]) -> Result<Option<&'n Node>> {
    let mut node = root;
    for part in parts.iter().filter_map(Part::trimmed) {
        match step(node, &part)? {
            Some(next) => node = next,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// Goes one part further; the part must be a trimmed one.
///
/// # Errors
/// As [`get`].
pub(super) fn step<'n>(node: &'n Node, part: &Part) -> Result<Option<&'n Node>> {
    match part {
        Part::Every => return Err(error("wildcard is not supported in PathGetter")),
        Part::Unclear => return Err(super::find::unclear()),
        Part::Index { index, .. } if *index < 0 => {
            return Err(error(format!("array index {index} cannot be negative")));
        }
        _ if node.is_null() => return Ok(None),
        _ => {}
    }
    let wanted = match part {
        Part::Key(key) if key != "-" => Kind::Map,
        _ => Kind::Seq,
    };
    let found = match (part, node) {
        (Part::Key(key), Node::Map { map, .. }) if wanted == Kind::Map => map.get(key),
        (Part::Key(_), Node::Seq { items, .. }) if wanted == Kind::Seq => items.last(),
        (Part::Index { index, .. }, Node::Seq { items, .. }) => {
            usize::try_from(*index).ok().and_then(|i| items.get(i))
        }
        (Part::Element { .. }, Node::Seq { items, .. }) => {
            element(items, part).and_then(|i| items.get(i))
        }
        _ => return Err(wrong_kind(wanted, Some(node.kind().name()))),
    };
    // Odd: a scalar that lost its tag is no null (case replacements/source-untagged).
    let is_there =
        |node: &&Node| matches!(node, Node::Scalar { tag: Tag::Cleared, .. }) || !node.is_null();
    Ok(found.filter(is_there))
}

/// Goes one part further as [`step`] does, and makes what is missing: keys, and elements that are
/// named by the value of a field. `next` is the part after this one.
///
/// # Errors
/// As [`get`].
pub(crate) fn step_or_create<'n>(
    node: &'n mut Node,
    part: &Part,
    next: Option<&Part>,
) -> Result<Option<&'n mut Node>> {
    if step(node, part)?.is_none() && !node.is_null() {
        let new = match next {
            None => Node::default(),
            Some(Part::Key(key)) if key != "-" => Node::map(Mapping::new()),
            Some(_) => Node::seq(EcoVec::new()),
        };
        match (part, &mut *node) {
            (Part::Key(key), Node::Map { map, .. }) if !map.contains(key) => {
                map.push(Node::plain(key.clone()), new);
            }
            (Part::Element { key, value, .. }, Node::Seq { items, .. }) => {
                let mut item = Node::plain(value.clone());
                if !key.is_empty() {
                    let mut map = Mapping::with_capacity(1);
                    map.push(Node::plain(key.clone()), item);
                    item = Node::map(map);
                }
                items.push(item);
            }
            _ => {}
        }
    }
    Ok(match (part, node) {
        (Part::Key(key), node @ Node::Map { .. }) => node.get_mut(key),
        (Part::Key(_), Node::Seq { items, .. }) => items.make_mut().last_mut(),
        (Part::Index { index, .. }, Node::Seq { items, .. }) => {
            usize::try_from(*index).ok().and_then(|i| items.make_mut().get_mut(i))
        }
        (Part::Element { .. }, Node::Seq { items, .. }) => {
            let index = element(items, part);
            index.and_then(|i| items.make_mut().get_mut(i))
        }
        _ => None,
    })
}

/// Returns the index of the first element that `part` names.
pub(super) fn element(items: &[Node], part: &Part) -> Option<usize> {
    let Part::Element { key, value, .. } = part else { return None };
    items.iter().position(|item| {
        let field = if key.is_empty() { Some(item) } else { item.get(key) };
        // Odd: a collection counts as the empty text (case replacements/source-element-with-a-map).
        field.is_some_and(|field| field.text().unwrap_or_default() == value)
    })
}

fn error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Reference, message)
}
