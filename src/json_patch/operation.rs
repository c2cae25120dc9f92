//! The six operations, with upstream's messages.

use std::mem;

use super::document::{Document, Value};
use super::json_form;
use super::pointer::Pointer;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::{Kind, Node, Pos, Tag};

/// One operation, not yet checked: what is wrong with it shows when it is its turn.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pos: Pos,
    kind: String,
    path: Field,
    from: Field,
    value: Option<Node>,
    /// Whether there is a `value`, which may be null.
    names_value: bool,
}

/// A member that has to be a pointer.
#[derive(Clone, Debug)]
enum Field {
    Missing,
    /// No string, but what Go calls so.
    Other(&'static str),
    Pointer(Pointer),
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
    /// Where the path is, or else the operation.
    pub(crate) path_pos: Pos,
    /// The parts of the path.
    pub(crate) tokens: &'a [String],
    /// The value, in JSON form.
    pub(crate) value: Option<&'a Node>,
    /// Whether there is a `value`, which may be null.
    pub(crate) names_value: bool,
}

impl Operation {
    /// Returns what the operation is about.
    pub(super) fn told(&self) -> Told<'_> {
        let (path, tokens, at) = match &self.path {
            Field::Pointer(pointer) => (pointer.text.as_str(), pointer.tokens(), pointer.pos),
            _ => ("", &[][..], Pos::NONE),
        };
        let path_pos = if at.is_some() { at } else { self.pos };
        let (value, names_value) = (self.value.as_ref(), self.names_value);
        Told { pos: self.pos, op: &self.kind, path, path_pos, tokens, value, names_value }
    }

    /// Returns `true` if one of its paths leads to a field in the map at `way` of whose key `is` holds, into
    /// it, or to something that it is in.
    pub(super) fn looks_at(&self, way: &[&str], is: impl Fn(&str) -> bool) -> bool {
        [&self.path, &self.from].into_iter().any(|field| {
            let Field::Pointer(pointer) = field else { return false };
            let tokens = pointer.tokens();
            way.iter().zip(tokens).all(|(key, token)| key == token)
                && tokens.get(way.len()).is_none_or(|key| is(key))
        })
    }

    /// Reads an operation in JSON form.
    pub(super) fn read(node: &Node) -> Operation {
        let member = |name| node.get(name).filter(|value| !value.is_null());
        let text = |name| member(name).map(json_form::string_text);
        let field = |name| match (member(name), text(name)) {
            (None, _) => Field::Missing,
            (Some(node), Some(Some(text))) => Field::Pointer(Pointer::parse(&text, node.pos())),
            (Some(other), _) => Field::Other(json_form::name(other)),
        };
        Operation {
            pos: node.pos(),
            kind: text("op").flatten().map_or_else(|| "unknown".into(), Into::into),
            path: field("path"),
            from: field("from"),
            value: member("value").cloned(),
            names_value: node.get("value").is_some(),
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
        // What does not fit is the path, but for what has two places.
        let pos = match &self.path {
            Field::Pointer(path)
                if path.pos.is_some()
                    && matches!(self.kind.as_str(), "add" | "remove" | "replace" | "test") =>
            {
                path.pos
            }
            _ => self.pos,
        };
        done.map_err(|error| error.at(pos))
    }

    fn add(&self, document: &mut Document<'_>) -> Result<()> {
        let path = self.path()?;
        let value = self.value.clone().unwrap_or_else(Node::null);
        document.count(&value, path)?;
        let Some(parent) = document.parent(path)? else {
            return fail(format!(
                "add operation does not apply: doc is missing path: {:?}: missing value",
                path.text
            ));
        };
        let old = parent.add(path, Value::Json(value)).or_else(|problem| {
            fail(format!("error in add for path: '{}': {problem}", path.text))
        })?;
        document.drop(old);
        Ok(())
    }

    fn remove(&self, document: &mut Document<'_>) -> Result<()> {
        let path = self.path()?;
        let Some(parent) = document.parent(path)? else {
            return fail(format!(
                "remove operation does not apply: doc is missing path: {:?}: missing value",
                path.text
            ));
        };
        let old = parent.remove(path.key()).or_else(|problem| {
            fail(format!("error in remove for path: '{}': {problem}", path.text))
        })?;
        document.drop(Some(old));
        Ok(())
    }

    fn replace(&self, document: &mut Document<'_>) -> Result<()> {
        let path = self.path()?;
        let value = self.value.clone().unwrap_or_else(Node::null);
        document.count(&value, path)?;
        if path.text.is_empty() {
            if value.kind() == Kind::Scalar {
                return fail("replace operation value must be object or array: %!w(<nil>)");
            }
            let old = mem::replace(&mut document.root, Value::Json(value));
            document.drop(Some(old));
            return Ok(());
        }
        let Some(parent) = document.parent(path)? else {
            return fail(format!(
                "replace operation does not apply: doc is missing path: {}: missing value",
                path.text
            ));
        };
        // Odd: a member need not exist (case json-patch/replace-missing-member).
        let old = parent.set(path, Value::Json(value)).or_else(|_| {
            fail(format!(
                "replace operation does not apply: doc is missing key: {}: missing value",
                path.text
            ))
        })?;
        document.drop(old);
        Ok(())
    }

    fn r#move(&self, document: &mut Document<'_>) -> Result<()> {
        let from = self.from()?;
        let Some(parent) = document.parent(from)? else {
            return fail(format!(
                "move operation does not apply: doc is missing from path: {}: missing value",
                from.text
            ));
        };
        let value = parent.remove(from.key()).or_else(|problem| {
            fail(format!("error in move for path: '{}': {problem}", from.key()))
        })?;
        let value = value.into_json()?;
        let path = self.path()?;
        document.count(&value, path)?;
        let Some(parent) = document.parent(path)? else {
            return fail(format!(
                "move operation does not apply: doc is missing destination path: {}: missing value",
                path.text
            ));
        };
        let old = parent.add(path, Value::Json(value)).or_else(|problem| {
            fail(format!("error in move for path: '{}': {problem}", path.text))
        })?;
        document.drop(old);
        Ok(())
    }

    fn copy(&self, document: &mut Document<'_>) -> Result<()> {
        let from = self.from()?;
        let Some(parent) = document.parent(from)? else {
            return fail(format!(
                "copy operation does not apply: doc is missing from path: {}: missing value",
                from.text
            ));
        };
        // Odd: a member that is missing is copied as null (case json-patch/copy-missing-is-null).
        let found = parent.child(from.key()).or_else(|problem| {
            fail(format!("error in copy for from: '{}': {problem}", from.text))
        })?;
        let value = match found {
            Some(found) => found.json()?,
            None => Node::null(),
        };
        let path = self.path()?;
        document.count(&value, path)?;
        let Some(parent) = document.parent(path)? else {
            return fail(format!(
                "copy operation does not apply: doc is missing destination path: {}: missing value",
                path.text
            ));
        };
        let old = parent
            .add(path, Value::Json(value))
            .or_else(|problem| fail(format!("error while adding value during copy: {problem}")))?;
        document.drop(old);
        Ok(())
    }

    fn test(&self, document: &mut Document<'_>) -> Result<()> {
        let path = self.path()?;
        let found = if path.text.is_empty() {
            Some(&mut document.root)
        } else {
            let Some(parent) = document.parent(path)? else {
                return fail(format!(
                    "test operation does not apply: is missing path: {}: missing value",
                    path.text
                ));
            };
            parent.child(path.key()).or_else(|problem| {
                fail(format!("error in test for path: '{}': {problem}", path.text))
            })?
        };
        let found = found.map(Value::json).transpose()?;
        let equal = match (found.filter(|value| !value.is_null()), &self.value) {
            (None, None) => true,
            (Some(found), Some(value)) => equal(&found, value),
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

/// Returns `true` if two values in JSON form are equal: scalars if they are spelled alike.
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
