//! What remains of a tree that is written as JSON and read again: values, no looks.

use ecow::EcoString;

use super::node::{Entry, Mapping, Node};
use super::number;
use super::render_error::RenderError;
use super::round_trip::{self, Surroundings};
use super::scalar::Value;
use super::style::{Style, Tag};
use crate::work;

/// Returns the tree as upstream has it after a conversion to JSON and back: scalars have their
/// canonical text and a tag, collections are in flow style; integers stay exact. Positions are kept.
///
/// Odd: what is converted is the tree as read; it is not written as YAML before, so nothing of what
/// that does to values happens (case resources/list-items-are-not-written).
///
/// # Errors
/// If it has a value or key that JSON does not have.
pub(crate) fn through_json(node: &Node) -> Result<Node, RenderError> {
    work::node();
    let pos = node.pos();
    Ok(match node {
        Node::Scalar { style, tag, text, .. } => {
            scalar(round_trip::decoded(text, *style, *tag, pos)?, pos)?
        }
        Node::Seq { items, .. } => {
            let items: Result<_, RenderError> =
                items.iter().map(through_json).collect::<Result<Vec<_>, _>>();
            Node::Seq { items: items?.into(), flow: true, pos }
        }
        Node::Map { map, .. } => {
            let mut out = Mapping::with_capacity(map.len());
            for Entry { key, value } in map {
                let name = round_trip::decoded_key(key)?;
                out.push(Node::str(EcoString::from(&*name)).at(key.pos()), through_json(value)?);
            }
            Node::Map { map: out, flow: true, pos }
        }
    })
}

/// Returns the tree as it is read from its own output: numbers as they are printed there, everything
/// else as by [`through_json`]. Positions are kept.
///
/// # Errors
/// If it cannot be printed.
pub(crate) fn as_printed(node: &Node) -> Result<Node, RenderError> {
    printed(node, Surroundings::ROOT)
}

fn printed(node: &Node, place: Surroundings) -> Result<Node, RenderError> {
    let pos = node.pos();
    Ok(match node {
        Node::Scalar { style, tag, text, .. } => {
            match round_trip::value(text, *style, *tag, pos, place.flow)? {
                Value::Float(value) => {
                    Node::scalar(number::format_printed(value), Style::Plain, Tag::None, pos)
                }
                value => scalar(value, pos)?,
            }
        }
        Node::Seq { flow, items, .. } => {
            let inside = place.inside(*flow);
            let items: Result<_, RenderError> =
                items.iter().map(|item| printed(item, inside)).collect::<Result<Vec<_>, _>>();
            Node::seq(items?.into()).at(pos)
        }
        Node::Map { flow, map, .. } => {
            let mut out = Mapping::with_capacity(map.len());
            for Entry { key, value } in map {
                let name = round_trip::key(key, place.keys(*flow))?;
                let value = printed(value, place.inside(*flow))?;
                out.push(Node::str(EcoString::from(&*name)).at(key.pos()), value);
            }
            Node::map(out).at(pos)
        }
    })
}

fn scalar(value: Value<'_>, pos: super::pos::Pos) -> Result<Node, RenderError> {
    Ok(match value {
        Value::Null => Node::null().at(pos),
        Value::Bool(value) => Node::bool(value).at(pos),
        Value::Int(value) => Node::int(value).at(pos),
        Value::Uint(value) => {
            Node::scalar(ecow::eco_format!("{value}"), Style::Plain, Tag::Int, pos)
        }
        Value::Float(value) if !value.is_finite() => {
            let shown = if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            return Err(RenderError::new(format!("json: unsupported value: {shown}")).at(pos));
        }
        Value::Float(value) => {
            Node::scalar(number::format_json(value), Style::Plain, Tag::None, pos)
        }
        Value::Timestamp(text) => quoted(text.into(), pos),
        Value::Str(text) => quoted((&*text).into(), pos),
    })
}

/// Returns a string as JSON has it.
///
/// Odd: the quotes show when a step puts a number into its place (case resources/list-strings-are-quoted).
fn quoted(text: EcoString, pos: super::pos::Pos) -> Node {
    Node::scalar(text, Style::DoubleQuoted, Tag::None, pos)
}

/// Types a scalar as it is after upstream has written it as YAML and read that again; nothing
/// for a collection.
///
/// # Errors
/// If it does not survive that.
pub(crate) fn round_trip_value(node: &Node, in_flow: bool) -> Result<Value<'_>, RenderError> {
    match node {
        Node::Scalar { style, pos, text, .. } => {
            round_trip::value(text, *style, node.printed_tag(), *pos, in_flow)
        }
        _ => Ok(Value::Null),
    }
}

/// Returns the string that a key becomes in the same way; `top` are the keys of a document.
///
/// # Errors
/// If it becomes none.
pub(crate) fn round_trip_key(
    key: &Node,
    top: bool,
    in_flow: bool,
) -> Result<std::borrow::Cow<'_, str>, RenderError> {
    round_trip::key(key, Surroundings { top, flow: in_flow })
}
