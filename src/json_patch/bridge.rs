//! Stands in for the parts of [`crate::yaml`] that are written elsewhere.

use std::borrow::Cow;

use crate::error::Result;
use crate::yaml::{Node, Pos, Style, Tag};

/// A typed scalar.
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Timestamp(String),
    Str(Cow<'a, str>),
}

/// Reads the first document of a JSON patch that is written as YAML.
pub(super) fn read_document(_text: &str, _at: Pos) -> Result<Option<Node>> {
    Ok(None)
}

/// Types a scalar by the older rules, as in JSON patches.
pub(super) fn patch_value(node: &Node) -> Result<Value<'_>> {
    resource_value(node, false)
}

/// Types a scalar of a resource that is written as YAML and read again.
pub(super) fn resource_value(node: &Node, _flow: bool) -> Result<Value<'_>> {
    let Node::Scalar {
        style, tag, text, ..
    } = node
    else {
        return Ok(Value::Null);
    };
    Ok(match (text.as_str(), *tag, *style) {
        _ if node.is_null() => Value::Null,
        ("true", Tag::None | Tag::Bool, Style::Plain) => Value::Bool(true),
        ("false", Tag::None | Tag::Bool, Style::Plain) => Value::Bool(false),
        (text, Tag::None | Tag::Int | Tag::Float, Style::Plain) => {
            match (text.parse(), text.parse(), text.parse()) {
                (Ok(value), _, _) => Value::Int(value),
                (_, Ok(value), _) => Value::Uint(value),
                (_, _, Ok(value)) => Value::Float(value),
                _ => Value::Str(text.into()),
            }
        }
        (text, _, _) => Value::Str(text.into()),
    })
}

/// Returns the string that a key of a resource becomes.
pub(super) fn resource_key(key: &Node, _top: bool, _flow: bool) -> Result<Cow<'_, str>> {
    Ok(key.text().unwrap_or_default().into())
}

/// Writes a number as Go's `g` form.
pub(super) fn format_g(f: f64) -> String {
    f.to_string()
}

/// Writes a number as Go's encoder of JSON.
pub(super) fn format_json(f: f64) -> String {
    f.to_string()
}

/// Appends a string as Go's encoder of JSON writes it.
pub(super) fn write_string(text: &str, out: &mut String) {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    out.push_str(
        &quoted
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026"),
    );
}
