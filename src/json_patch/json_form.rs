//! The JSON form of a tree, and the ways into and out of it.
//!
//! * A map has unique scalar keys, sorted by bytes.
//! * A string has the tag `Str`, and is spelled in JSON as Go would spell it; if it is not, it has
//!   the style `DoubleQuoted`, and its text is the spelling, quotes included.
//! * A number has the tag `Int` or `Float`, and its text is its JSON spelling.
//! * Booleans and nulls have their tags, and the one spelling that JSON has.

use std::borrow::Cow;
use std::mem;

use ecow::{EcoString, EcoVec, eco_format};

use super::{bridge, json_text};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::Account;
use crate::work;
use crate::yaml::{self, Entry, Mapping, Node, Pos, Style, Tag};
use bridge::Value;

/// What is converted to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// A resource into the JSON form: its scalars are typed as if it were written as YAML and read
    /// again.
    In,
    /// A resource into the JSON form and [back](into_yaml).
    Through,
    /// A patch written in YAML into the JSON form: typed by the older rules, of equal keys the last
    /// one counts.
    Patch,
}

/// Returns the error for a value that is no `wanted`.
pub(super) fn unfit(node: &Node, wanted: &str) -> Error {
    let message = format!("json: cannot unmarshal {} into Go value of type {wanted}", name(node));
    Error::new(ErrorKind::Patch, message).at(node.pos())
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
            for Entry { key: name, value } in map.entries_mut() {
                if let Node::Scalar { text, pos, .. } = name {
                    *name = key(mem::take(text), Way::Through, *pos);
                }
                into_yaml(value, account)?;
            }
        }
        Node::Seq { items, .. } => {
            items.make_mut().iter_mut().try_for_each(|item| into_yaml(item, account))?;
        }
        Node::Scalar { tag: Tag::Str, style: style @ Style::DoubleQuoted, text, .. } => {
            account.charge_text(text.len())?;
            *text = json_text::unquote(text).as_ref().into();
            *style = Style::Plain;
            scalar_into_yaml(node)?;
        }
        Node::Scalar { .. } => scalar_into_yaml(node)?,
    }
    Ok(())
}

/// As [`into_yaml`], for a scalar that is no string in quotes.
fn scalar_into_yaml(node: &mut Node) -> Result<()> {
    let Node::Scalar { tag, text, pos, .. } = node else { return Ok(()) };
    match tag {
        Tag::Str => *node = yaml_string(mem::take(text), *pos),
        Tag::Int | Tag::Float => {
            let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
            let value = value.ok_or_else(|| {
                let message =
                    format!("json: cannot unmarshal number {text} into Go value of type float64");
                Error::new(ErrorKind::Patch, message).at(*pos)
            })?;
            *text = bridge::format_g(value).into();
            *tag = Tag::None;
        }
        _ => {}
    }
    Ok(())
}

/// Returns the key of a member.
pub(super) fn key(name: EcoString, way: Way, pos: Pos) -> Node {
    match way {
        Way::Through => yaml_string(name, pos),
        Way::In | Way::Patch => Node::scalar(name, Style::Plain, Tag::Str, pos),
    }
}

/// Returns a string as it is read back from YAML in default style.
fn yaml_string(text: EcoString, pos: Pos) -> Node {
    // Upstream quotes what would be taken for something else, and a later step sees the quotes.
    // Odd: it is written as a block even if that cannot be read (case json-patch/tab-before-lines).
    let unreadable = text.starts_with('\t') && text.contains('\n');
    let style = if unreadable { Style::Literal } else { yaml::printed_style(&text) };
    let tag = match style {
        // Odd: it is written without quotes, and then is no string to a later step (case
        // json-patch/merge-key-as-text).
        Style::Plain if text == "<<" => Tag::Merge,
        Style::Plain => Tag::Str,
        _ => Tag::None,
    };
    Node::scalar(text, style, tag, pos)
}

/// Converts a tree: the whole one (`top`), or a part of it that may stand in a collection in flow style.
pub(super) fn convert(node: &Node, way: Way, top: bool, in_flow: bool) -> Result<Node> {
    work::node();
    match node {
        Node::Scalar { .. } => {
            let mut value = scalar(node, way, in_flow)?;
            if way == Way::Through {
                scalar_into_yaml(&mut value)?;
            }
            Ok(value)
        }
        Node::Seq { items, flow, pos } => {
            let convert = |item| convert(item, way, false, in_flow || *flow);
            let items = items.iter().map(convert).collect::<Result<EcoVec<_>>>()?;
            Ok(Node::Seq { flow: false, pos: *pos, items })
        }
        Node::Map { map, flow, pos } => {
            let in_flow = in_flow || *flow;
            let mut members = EcoVec::with_capacity(map.len());
            for Entry { key: written, value } in map {
                let name = match way {
                    Way::In | Way::Through => bridge::resource_key(written, top, in_flow)?,
                    Way::Patch => patch_key(written)?,
                };
                let key = key(shared(name, written), way, written.pos());
                members.push(Entry { key, value: convert(value, way, false, in_flow)? });
            }
            if !members.is_sorted_by(|a, b| a.key.text() < b.key.text()) {
                members = sorted(members, map, way)?;
            }
            Ok(Node::Map { flow: false, pos: *pos, map: members.into() })
        }
    }
}

/// Returns `true` if a value that has come back would come back the same once more.
pub(super) fn is_settled(node: &Node) -> bool {
    convert(node, Way::Through, false, false).is_ok_and(|again| again.is_same(node))
}

/// Sorts members by the bytes of their keys; `written` are the same before they were converted.
fn sorted(members: EcoVec<Entry>, written: &Mapping, way: Way) -> Result<EcoVec<Entry>> {
    let mut members: Vec<(Entry, &Node)> =
        members.into_iter().zip(written.iter().map(|entry| &entry.key)).collect();
    // Stable, so that of equal names the last one is the last.
    members.sort_by(|(a, _), (b, _)| a.key.text().cmp(&b.key.text()));
    for pair in members.windows(2) {
        let [(a, written), (b, again)] = pair else {
            continue;
        };
        if a.key.text() == b.key.text() && way != Way::Patch && written.text() == again.text() {
            let name = again.text().unwrap_or_default();
            let message = format!("mapping key \"{name}\" already defined");
            return Err(Error::new(ErrorKind::Render, message).at(again.pos()));
        }
    }
    members.reverse();
    members.dedup_by(|(later, _), (kept, _)| later.key.text() == kept.key.text());
    Ok(members.into_iter().rev().map(|(entry, _)| entry).collect())
}

/// Returns a scalar in JSON form.
fn scalar(node: &Node, way: Way, in_flow: bool) -> Result<Node> {
    let pos = node.pos();
    let value = match way {
        Way::In | Way::Through => bridge::resource_value(node, in_flow)?,
        Way::Patch => bridge::patch_value(node)?,
    };
    let plain = |text: EcoString, tag| Node::scalar(text, Style::Plain, tag, pos);
    Ok(match value {
        Value::Null => Node::null().at(pos),
        Value::Bool(value) => Node::bool(value).at(pos),
        Value::Int(value) => Node::int(value).at(pos),
        Value::Uint(value) => plain(eco_format!("{value}"), Tag::Int),
        Value::Float(value) => plain(float(value, pos)?, Tag::Float),
        Value::Timestamp(text) => plain(text.into(), Tag::Str),
        Value::Str(text) => plain(shared(text, node), Tag::Str),
    })
}

/// Returns the name that a key of a resource becomes.
pub(super) fn name_of(key: &Node, top: bool, in_flow: bool) -> Result<EcoString> {
    bridge::resource_key(key, top, in_flow).map(|name| shared(name, key))
}

/// Returns a text as the one of a node, if they are the same: then it is shared.
fn shared(text: Cow<'_, str>, node: &Node) -> EcoString {
    match node {
        Node::Scalar { text: same, .. } if *same == text.as_ref() => same.clone(),
        _ => text.as_ref().into(),
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
