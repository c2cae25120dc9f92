//! The six operations, with upstream's messages.

use super::json_form;
use super::pointer::{self, Pointer};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::{Account, Limit};
use crate::yaml::{Kind, Limits, Node, Pos, Tag, measure};

/// One operation, not yet checked: what is wrong with it shows when it is its turn.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pos: Pos,
    kind: String,
    path: Field,
    from: Field,
    value: Option<Node>,
}

/// A member that has to be a pointer.
#[derive(Clone, Debug)]
enum Field {
    Missing,
    /// No string, but what Go calls so.
    Other(&'static str),
    Pointer(Pointer),
}

/// The resource in JSON form, while operations run.
pub(super) struct Document<'a> {
    pub(super) root: Node,
    /// Says how deep the operations may make it, and how many nodes they may add or move: copies of
    /// copies grow fast.
    account: &'a Account,
}

impl Document<'_> {
    pub(super) fn new(root: Node, account: &Account) -> Document<'_> {
        Document { root, account }
    }

    /// Counts what comes to stand below `pointer`.
    fn count(&mut self, value: &Node, pointer: &Pointer) -> Result<()> {
        let room = Limits::of(self.account);
        let fits = measure(value, room.nodes);
        let Some((nodes, depth)) = fits else {
            return too_much("large", Limit::Nodes);
        };
        if depth.saturating_add(pointer.len()) > room.depth {
            return too_much("deep", Limit::Nesting);
        }
        Ok(self.account.charge(Limit::Nodes, nodes as u64)?)
    }
}

fn too_much(what: &str, limit: Limit) -> Result<()> {
    let message =
        format!("the JSON patch makes the resource too {what} (limit `{}`)", limit.as_str());
    Err(Error::new(ErrorKind::Limit, message).of_limit(limit))
}

/// What an operation is about, for those who look at patches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// Where it is.
    pub(crate) pos: Pos,
    /// The word under `op`.
    pub(crate) op: &'a str,
    /// The path as it is written.
    pub(crate) path: &'a str,
    /// The parts of the path.
    pub(crate) tokens: &'a [String],
    /// The value, in JSON form.
    pub(crate) value: Option<&'a Node>,
}

impl Operation {
    /// Returns what the operation is about.
    pub(super) fn told(&self) -> Told<'_> {
        let (path, tokens) = match &self.path {
            Field::Pointer(pointer) => (pointer.text.as_str(), pointer.tokens()),
            _ => ("", &[][..]),
        };
        Told { pos: self.pos, op: &self.kind, path, tokens, value: self.value.as_ref() }
    }

    /// Reads an operation in JSON form.
    pub(super) fn read(node: &Node) -> Operation {
        let member = |name| node.get(name).filter(|value| !value.is_null());
        let text = |name| member(name).map(json_form::string_text);
        let field = |name| match (member(name), text(name)) {
            (None, _) => Field::Missing,
            (_, Some(Some(text))) => Field::Pointer(Pointer::parse(&text)),
            (Some(other), _) => Field::Other(json_form::name(other)),
        };
        Operation {
            pos: node.pos(),
            kind: text("op").flatten().map_or_else(|| "unknown".into(), Into::into),
            path: field("path"),
            from: field("from"),
            value: member("value").cloned(),
        }
    }

    /// Runs the operation.
    pub(super) fn run(&self, document: &mut Document<'_>) -> Result<()> {
        let done = match self.kind.as_str() {
            "add" => self.add(document),
            "remove" => self.remove(document),
            "replace" => self.replace(document),
            "move" => self.r#move(document),
            "copy" => self.copy(document),
            "test" => self.test(document),
            other => fail(format!("Unexpected kind: {other}")),
        };
        done.map_err(|error| error.at(self.pos))
    }

    fn add(&self, document: &mut Document<'_>) -> Result<()> {
        let path = self.path()?;
        let value = self.value.clone().unwrap_or_else(Node::null);
        document.count(&value, path)?;
        let Some(parent) = path.parent_mut(&mut document.root) else {
            return fail(format!(
                "add operation does not apply: doc is missing path: {:?}: missing value",
                path.text
            ));
        };
        pointer::add(parent, path.key(), value)
            .or_else(|problem| fail(format!("error in add for path: '{}': {problem}", path.text)))
    }

    fn remove(&self, document: &mut Document<'_>) -> Result<()> {
        let path = self.path()?;
        let Some(parent) = path.parent_mut(&mut document.root) else {
            return fail(format!(
                "remove operation does not apply: doc is missing path: {:?}: missing value",
                path.text
            ));
        };
        pointer::remove(parent, path.key()).map(drop).or_else(|problem| {
            fail(format!("error in remove for path: '{}': {problem}", path.text))
        })
    }

    fn replace(&self, document: &mut Document<'_>) -> Result<()> {
        let path = self.path()?;
        let value = self.value.clone().unwrap_or_else(Node::null);
        document.count(&value, path)?;
        if path.text.is_empty() {
            if value.kind() == Kind::Scalar {
                return fail("replace operation value must be object or array: %!w(<nil>)");
            }
            document.root = value;
            return Ok(());
        }
        let Some(parent) = path.parent_mut(&mut document.root) else {
            return fail(format!(
                "replace operation does not apply: doc is missing path: {}: missing value",
                path.text
            ));
        };
        // Odd: a member need not exist (case json-patch/replace-missing-member).
        pointer::set(parent, path.key(), value).or_else(|_| {
            fail(format!(
                "replace operation does not apply: doc is missing key: {}: missing value",
                path.text
            ))
        })
    }

    fn r#move(&self, document: &mut Document<'_>) -> Result<()> {
        let from = self.from()?;
        let Some(parent) = from.parent_mut(&mut document.root) else {
            return fail(format!(
                "move operation does not apply: doc is missing from path: {}: missing value",
                from.text
            ));
        };
        let value = pointer::remove(parent, from.key()).or_else(|problem| {
            fail(format!("error in move for path: '{}': {problem}", from.key()))
        })?;
        let path = self.path()?;
        document.count(&value, path)?;
        let Some(parent) = path.parent_mut(&mut document.root) else {
            return fail(format!(
                "move operation does not apply: doc is missing destination path: {}: missing value",
                path.text
            ));
        };
        pointer::add(parent, path.key(), value)
            .or_else(|problem| fail(format!("error in move for path: '{}': {problem}", path.text)))
    }

    fn copy(&self, document: &mut Document<'_>) -> Result<()> {
        let from = self.from()?;
        let Some(parent) = from.parent(&document.root) else {
            return fail(format!(
                "copy operation does not apply: doc is missing from path: {}: missing value",
                from.text
            ));
        };
        // Odd: a member that is missing is copied as null (case json-patch/copy-missing-is-null).
        let value = pointer::child(parent, from.key())
            .or_else(|problem| fail(format!("error in copy for from: '{}': {problem}", from.text)))?
            .cloned()
            .unwrap_or_else(Node::null);
        let path = self.path()?;
        document.count(&value, path)?;
        let Some(parent) = path.parent_mut(&mut document.root) else {
            return fail(format!(
                "copy operation does not apply: doc is missing destination path: {}: missing value",
                path.text
            ));
        };
        pointer::add(parent, path.key(), value)
            .or_else(|problem| fail(format!("error while adding value during copy: {problem}")))
    }

    fn test(&self, document: &Document<'_>) -> Result<()> {
        let path = self.path()?;
        let found = if path.text.is_empty() {
            Some(&document.root)
        } else {
            let Some(parent) = path.parent(&document.root) else {
                return fail(format!(
                    "test operation does not apply: is missing path: {}: missing value",
                    path.text
                ));
            };
            pointer::child(parent, path.key()).or_else(|problem| {
                fail(format!("error in test for path: '{}': {problem}", path.text))
            })?
        };
        let equal = match (found.filter(|value| !value.is_null()), &self.value) {
            (None, None) => true,
            (Some(found), Some(value)) => equal(found, value),
            _ => false,
        };
        if equal {
            Ok(())
        } else {
            fail(format!("testing value {} failed: test failed", path.text))
        }
    }

    fn path(&self) -> Result<&Pointer> {
        let kind = self.kind.as_str();
        let words = match (&self.path, kind) {
            (Field::Pointer(pointer), _) => return Ok(pointer),
            (_, "add" | "remove" | "copy") => "missing value".into(),
            (Field::Other(what), _) => go_string_error(what),
            (Field::Missing, _) => "operation missing path field: missing value".into(),
        };
        fail(format!("{kind} operation failed to decode path: {words}"))
    }

    fn from(&self) -> Result<&Pointer> {
        let words = match &self.from {
            Field::Pointer(pointer) => return Ok(pointer),
            Field::Other(what) => go_string_error(what),
            Field::Missing => "operation, missing from field: missing value".into(),
        };
        fail(format!("{} operation failed to decode from: {words}", self.kind))
    }
}

/// Tells whether two values in JSON form are equal: scalars if they are spelled alike.
fn equal(a: &Node, b: &Node) -> bool {
    match (a, b) {
        (
            Node::Scalar { text: a, style: a_style, tag: a_tag, .. },
            Node::Scalar { text: b, style: b_style, tag: b_tag, .. },
        ) => {
            let strings = (*a_tag == Tag::Str, *b_tag == Tag::Str);
            a == b && a_style == b_style && strings.0 == strings.1
        }
        // Upstream crashes on a null in a list; here it equals nothing.
        (Node::Seq { items: a, .. }, Node::Seq { items: b, .. }) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| !a.is_null() && !b.is_null() && equal(a, b))
        }
        (Node::Map { map: a, .. }, Node::Map { map: b, .. }) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|(a, b)| a.key.text() == b.key.text() && equal(&a.value, &b.value))
        }
        _ => false,
    }
}

fn go_string_error(what: &str) -> String {
    format!("json: cannot unmarshal {what} into Go value of type string")
}

fn fail<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::new(ErrorKind::Patch, message))
}
