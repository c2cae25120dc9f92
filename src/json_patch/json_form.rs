//! The JSON form of a tree, and the ways into and out of it.
//!
//! * A map has unique scalar keys, sorted by bytes.
//! * A string has the tag `Str`, and is spelled in JSON as Go would spell it; if it is not, it has
//!   the style `DoubleQuoted`, and its text is the spelling, quotes included.
//! * A number has the tag `Int` or `Float`, and its text is its JSON spelling.
//! * Booleans and nulls have their tags, and the one spelling that JSON has.

use std::borrow::Cow;

use ecow::{EcoString, EcoVec, eco_format};

use super::{bridge, json_text};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::Account;
use crate::yaml::{self, Entry, Mapping, Node, Pos, Style, Tag};
use bridge::Value;

/// How scalars are typed on the way into the JSON form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    /// As in a resource that is written as YAML and read again.
    Resource,
    /// As in a patch written in YAML: by the older rules, of equal keys the last one counts.
    Patch,
}

/// Returns a YAML tree in the JSON form.
pub(super) fn from_yaml(node: &Node, rules: Rules) -> Result<Node> {
    convert(node, rules, true, false)
}

/// Returns the text of a string in JSON form; nothing for any other value.
pub(super) fn string_text(node: &Node) -> Option<Cow<'_, str>> {
    match node {
        Node::Scalar { tag: Tag::Str, style: Style::DoubleQuoted, text, .. } => {
            Some(json_text::unquote(text))
        }
        Node::Scalar { tag: Tag::Str, text, .. } => Some(text.as_str().into()),
        _ => None,
    }
}

/// Returns what Go's messages call a value in JSON form.
pub(super) fn name(node: &Node) -> &'static str {
    match node {
        Node::Map { .. } => "object",
        Node::Seq { .. } => "array",
        Node::Scalar { tag: Tag::Str, .. } => "string",
        Node::Scalar { tag: Tag::Bool, .. } => "bool",
        Node::Scalar { .. } => "number",
    }
}

/// Turns the JSON form into a YAML tree of plain scalars: every number a 64-bit floating-point one.
///
/// # Errors
/// If a number is too large, or there is no room for the texts that are written anew.
pub(super) fn into_yaml(node: &mut Node, account: &Account) -> Result<()> {
    match node {
        Node::Map { map, .. } => {
            for entry in map.entries_mut() {
                *entry = Entry {
                    key: match &entry.key {
                        Node::Scalar { text, pos, .. } => yaml_string(text.clone(), *pos),
                        other => yaml_string(EcoString::new(), other.pos()),
                    },
                    value: std::mem::take(&mut entry.value),
                };
                into_yaml(&mut entry.value, account)?;
            }
        }
        Node::Seq { items, .. } => {
            items.make_mut().iter_mut().try_for_each(|item| into_yaml(item, account))?;
        }
        Node::Scalar { tag: Tag::Str, style, text, pos, .. } => {
            *node = match style {
                Style::DoubleQuoted => {
                    account.charge_text(text.len())?;
                    yaml_string(json_text::unquote(text).as_ref().into(), *pos)
                }
                _ => yaml_string(text.clone(), *pos),
            };
        }
        Node::Scalar { tag: tag @ (Tag::Int | Tag::Float), text, pos, .. } => {
            let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
            let value = value.ok_or_else(|| {
                let message =
                    format!("json: cannot unmarshal number {text} into Go value of type float64");
                Error::new(ErrorKind::Patch, message).at(*pos)
            })?;
            *text = bridge::format_g(value).into();
            *tag = Tag::None;
        }
        Node::Scalar { .. } => {}
    }
    Ok(())
}

/// Returns a string as it is read back from YAML in default style.
fn yaml_string(text: EcoString, pos: Pos) -> Node {
    // Upstream quotes what would be taken for something else, and a later step sees the quotes.
    // Odd: it is written as a block even if that cannot be read (case json-patch/tab-before-lines).
    let unreadable = text.starts_with('\t') && text.contains('\n');
    let style = if unreadable { Style::Literal } else { yaml::printed_style(&text) };
    let tag = if style == Style::Plain { Tag::Str } else { Tag::None };
    Node::scalar(text, style, tag, pos)
}

fn convert(node: &Node, rules: Rules, top: bool, in_flow: bool) -> Result<Node> {
    match node {
        Node::Scalar { pos, .. } => {
            let value = match rules {
                Rules::Resource => bridge::resource_value(node, in_flow)?,
                Rules::Patch => bridge::patch_value(node)?,
            };
            let plain = |text: EcoString, tag| Node::scalar(text, Style::Plain, tag, *pos);
            Ok(match value {
                Value::Null => Node::null().at(*pos),
                Value::Bool(value) => Node::bool(value).at(*pos),
                Value::Int(value) => Node::int(value).at(*pos),
                Value::Uint(value) => plain(eco_format!("{value}"), Tag::Int),
                Value::Float(value) => plain(float(value, *pos)?, Tag::Float),
                Value::Timestamp(text) => plain(text.into(), Tag::Str),
                Value::Str(text) => match node.text() {
                    Some(same) if same == text => match node {
                        // Shares the text.
                        Node::Scalar { text, .. } => plain(text.clone(), Tag::Str),
                        _ => plain(same.into(), Tag::Str),
                    },
                    _ => plain(text.as_ref().into(), Tag::Str),
                },
            })
        }
        Node::Seq { items, flow, pos } => {
            let convert = |item| convert(item, rules, false, in_flow || *flow);
            let items = items.iter().map(convert).collect::<Result<EcoVec<_>>>()?;
            Ok(Node::Seq { flow: false, pos: *pos, items })
        }
        Node::Map { map, flow, pos } => {
            let in_flow = in_flow || *flow;
            let mut members = Vec::with_capacity(map.len());
            for Entry { key, value } in map {
                let name = match rules {
                    Rules::Resource => bridge::resource_key(key, top, in_flow)?,
                    Rules::Patch => patch_key(key)?,
                };
                let name = Node::scalar(name.as_ref(), Style::Plain, Tag::Str, key.pos());
                let value = convert(value, rules, false, in_flow)?;
                members.push((Entry { key: name, value }, key));
            }
            // Stable, so that of equal names the last one is the last.
            members.sort_by(|(a, _), (b, _)| a.key.text().cmp(&b.key.text()));
            for pair in members.windows(2) {
                let [(a, written), (b, again)] = pair else {
                    continue;
                };
                if a.key.text() == b.key.text()
                    && rules == Rules::Resource
                    && written.text() == again.text()
                {
                    let name = again.text().unwrap_or_default();
                    let message = format!("mapping key \"{name}\" already defined");
                    return Err(Error::new(ErrorKind::Render, message).at(again.pos()));
                }
            }
            members.reverse();
            members.dedup_by(|(later, _), (kept, _)| later.key.text() == kept.key.text());
            let map: Mapping = members.into_iter().rev().map(|(entry, _)| entry).collect();
            Ok(Node::Map { flow: false, pos: *pos, map })
        }
    }
}

/// Returns the string that a key of a patch becomes.
fn patch_key(key: &Node) -> Result<Cow<'_, str>> {
    let unsupported = || {
        let message = "error converting YAML to JSON: unsupported map key";
        Error::new(ErrorKind::Syntax, message).at(key.pos())
    };
    if key.text().is_none() {
        return Err(unsupported());
    }
    match bridge::patch_value(key)? {
        Value::Str(text) => Ok(text),
        Value::Int(value) => Ok(value.to_string().into()),
        Value::Bool(value) => Ok(value.to_string().into()),
        // Odd: rounded to 32 bits (case json-patch/float-key-is-rounded).
        Value::Float(value) => Ok(match yaml::short_float(value).as_str() {
            "NaN" => ".nan".into(),
            "+Inf" => ".inf".into(),
            "-Inf" => "-.inf".into(),
            finite => finite.to_owned().into(),
        }),
        _ => Err(unsupported()),
    }
}

fn float(value: f64, pos: Pos) -> Result<EcoString> {
    if value.is_finite() {
        return Ok(bridge::format_json(value).into());
    }
    let name = match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "+Inf",
        _ => "-Inf",
    };
    let message = format!("json: unsupported value: {name}");
    Err(Error::new(ErrorKind::Render, message).at(pos))
}
