//! Walks a field path through a tree and calls a setter on every leaf.

use ecow::{EcoString, EcoVec};

use super::create::Create;
use super::path::{Lookup, MAX_PARTS, Part, PathRef};
use super::probe::probe;
use crate::diagnostics::{Detail, Error, ErrorKind, Result};
use crate::limits::Account;
use crate::work;
use crate::yaml::{self, Entry, Kind, Mapping, Marks, Node, Style, Tag};

/// Walks `path` from `node` and calls `set` on every leaf found or created.
///
/// A list on the way stands for its elements, a null ends the walk. A tree without such a leaf stays
/// shared with its other owners.
///
/// # Errors
/// With upstream's words for a wrong kind of node on the way, without the leading
/// `considering field …` (the caller knows the object), or what `set` answers.
pub(crate) fn walk(
    node: &mut Node,
    path: PathRef<'_>,
    create: Create,
    account: &Account,
    set: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> Result<()> {
    if path.parts.len() > MAX_PARTS {
        return Err(Error::new(
            ErrorKind::Limit,
            format!("a path has more than {MAX_PARTS} parts"),
        ));
    }
    if !probe(node, path, 0, create, &mut (), &mut |_, ()| true) {
        return Ok(());
    }
    descend(node, path, 0, (create, account), set)
}

/// Puts a new text and tag into a scalar and keeps its style and position. A string in quotes stays
/// without a tag if it had none, for an explicit one outlives what a later step writes there.
///
/// # Errors
/// If the node is no scalar.
pub(crate) fn set_scalar(node: &mut Node, new: impl Into<EcoString>, new_tag: Tag) -> Result<()> {
    match node {
        Node::Scalar { text, tag, style, marks, .. } => {
            *text = new.into();
            *marks = marks.and(Marks::WRITTEN);
            let is_tagged = *style == Style::Plain || !tag.is_implicit();
            *tag = if new_tag == Tag::Str && !is_tagged { Tag::None } else { new_tag };
            Ok(())
        }
        _ => Err(wrong_kind(node, Kind::Scalar)),
    }
}

/// Returns the error for a node of another kind than `expected`.
pub(crate) fn wrong_kind(node: &Node, expected: Kind) -> Error {
    let message = yaml::wrong_kind(node, expected);
    Error::new(ErrorKind::Transformer, message).at(node.pos()).of_detail(Detail::WrongNodeKind)
}

fn descend(
    node: &mut Node,
    path: PathRef<'_>,
    mut at: usize,
    make: (Create, &Account),
    set: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> Result<()> {
    loop {
        work::node();
        let Some(part) = path.parts.get(at) else {
            return set(node);
        };
        if node.is_null() {
            return Ok(());
        }
        match node {
            Node::Seq { items, .. } => {
                for item in items.make_mut() {
                    descend(item, path, at, make, set).map_err(|e| {
                        e.context(format_args!("visit traversal on path: {}", path.rest(at)))
                    })?;
                }
                return Ok(());
            }
            Node::Scalar { pos, .. } => {
                let message = "expected sequence or mapping node";
                return Err(Error::new(ErrorKind::Transformer, message).at(*pos));
            }
            Node::Map { map, .. } if part.lookup == Lookup::Key => {
                let last = at + 1 == path.parts.len();
                let Some(value) = field(map, path, part, last, make)? else {
                    return Ok(());
                };
                return descend(value, path, at + 1, make, set);
            }
            Node::Map { .. } if part.lookup == Lookup::Here => at += 1,
            Node::Map { .. } => return Err(refusal(node, path, part)),
        }
    }
}

/// Returns the value of a part, created or retyped if that is asked for.
fn field<'a>(
    map: &'a mut Mapping,
    path: PathRef<'_>,
    part: &Part,
    last: bool,
    (create, account): (Create, &Account),
) -> Result<Option<&'a mut Node>> {
    let create = if part.list { Create::No } else { create };
    let index = match map.index_of(path.name(part)) {
        Some(index) => index,
        None if create == Create::No => return Ok(None),
        None => {
            let scalar = last && create != Create::Map;
            if scalar {
                account.charge_entries(1)?;
            } else {
                account.charge_collection()?;
            }
            let value = if scalar { Node::plain("") } else { Node::map(Mapping::new()) };
            map.push(Node::plain(path.name(part)), value);
            map.len() - 1
        }
    };
    let Some(Entry { value, .. }) = map.entries_mut().get_mut(index) else { return Ok(None) };
    if value.is_null() {
        retype(value, part, last, create);
    }
    Ok(Some(value))
}

/// Gives a null the kind that is expected in its place.
fn retype(value: &mut Node, part: &Part, last: bool, create: Create) {
    let pos = value.pos();
    match create {
        Create::No if part.list => *value = Node::seq(EcoVec::new()).at(pos),
        Create::No => {}
        // Odd: the text of the null stays, so that the prefix `p-` makes `p-null` or `p-~` of it
        // (case fieldspec/null-leaf-keeps-its-text).
        Create::String | Create::Int if last => {
            let tag = if create == Create::Int { Tag::Int } else { Tag::Str };
            let text = value.text().unwrap_or_default().to_owned();
            *value = Node::scalar(text, Style::Plain, tag, pos);
        }
        Create::String | Create::Int | Create::Map => *value = Node::map(Mapping::new()).at(pos),
    }
}

/// Returns the error for a part that cannot be looked up in a mapping.
fn refusal(map: &Node, path: PathRef<'_>, part: &Part) -> Error {
    let refuse = |message: String| Error::new(ErrorKind::Transformer, message).at(map.pos());
    let error = match part.lookup {
        Lookup::Empty => return refuse("cannot set or create an empty field name".into()),
        Lookup::Negative => refuse(format!("array index {} cannot be negative", path.name(part))),
        Lookup::Wildcard => refuse("wildcard is not supported in PathGetter".into()),
        Lookup::Element | Lookup::Key | Lookup::Here => wrong_kind(map, Kind::Seq),
    };
    error.context(format_args!("fieldName: {}", path.name(part)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fieldspec::FieldPath;
    use crate::test_support::{json, show};

    fn set(tree: &str, path: &str, create: Create) -> String {
        let mut node = json(tree);
        let set = &mut |leaf: &mut Node| match create {
            Create::Map => match leaf {
                Node::Map { map, .. } => {
                    map.set("k", Node::str("v"));
                    Ok(())
                }
                _ => Err(wrong_kind(leaf, Kind::Map)),
            },
            _ => {
                let text = format!("p-{}", leaf.text().unwrap_or_default());
                set_scalar(leaf, text, Tag::None)
            }
        };
        match walk(&mut node, FieldPath::parse(path).borrowed(), create, &Account::default(), set) {
            Ok(()) => show(&node),
            Err(e) => e.message().to_string(),
        }
    }

    #[test]
    fn finds_leaves() {
        for (tree, path, expected) in [
            (r#"{"a":{"b":"x"}}"#, "a/b", r#"{"a":{"b":"p-x"}}"#),
            (
                r#"{"a":[{"b":"x"},null,[{"b":"y"}]]}"#,
                "a/b",
                r#"{"a":[{"b":"p-x"},null,[{"b":"p-y"}]]}"#,
            ),
            (r#"{"a":{"b":"x"}}"#, "a[]/b", r#"{"a":{"b":"p-x"}}"#),
            (r#"{"a":"x"}"#, " / a ", r#"{"a":"p-x"}"#),
            (r#"{"a/b":"x"}"#, r"a\/b", r#"{"a/b":"p-x"}"#),
            (r#"{"a":null}"#, "a/b", r#"{"a":null}"#),
            (r#"{"a":null}"#, "a[]/b", r#"{"a":[]}"#),
            (r#"{"a":{}}"#, "a/b", r#"{"a":{}}"#),
        ] {
            assert_eq!(set(tree, path, Create::No), expected, "{path} in {tree}");
        }
    }

    #[test]
    fn creates_fields() {
        for (tree, path, create, expected) in [
            ("{}", "a/b", Create::String, r#"{"a":{"b":"p-"}}"#),
            ("{}", "a/b", Create::Map, r#"{"a":{"b":{"k":"v"}}}"#),
            (r#"{"a":null}"#, "a/b", Create::Map, r#"{"a":{"b":{"k":"v"}}}"#),
            (r#"{"a":null}"#, "a", Create::String, r#"{"a":"p-null"}"#),
            ("{}", "a[]/b", Create::String, "{}"),
            (r#"{"a":[{},{}]}"#, "a[]/b", Create::String, r#"{"a":[{"b":"p-"},{"b":"p-"}]}"#),
        ] {
            assert_eq!(set(tree, path, create), expected, "{path} in {tree}");
        }
    }

    #[test]
    fn says_what_is_in_the_way() {
        for (tree, path, expected) in [
            (
                r#"{"spec":["x"]}"#,
                "spec/l/a",
                "visit traversal on path: [l a]: expected sequence or mapping node",
            ),
            (r#"{"a":{}}"#, "a//b", "cannot set or create an empty field name"),
            (
                r#"{"a":{}}"#,
                "a/0",
                "fieldName: 0: wrong node kind: expected SequenceNode but got MappingNode",
            ),
            (r#"{"a":{}}"#, "a/-1", "fieldName: -1: array index -1 cannot be negative"),
            (r#"{"a":{}}"#, "a/*", "fieldName: *: wildcard is not supported in PathGetter"),
            (r#"{"a":{}}"#, "a", "wrong node kind: expected ScalarNode but got MappingNode"),
        ] {
            let message = set(tree, path, Create::No);
            assert_eq!(message.split(": node contents").next(), Some(expected), "{path} in {tree}");
        }
    }
}
