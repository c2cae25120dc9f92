//! The tree as JSON, spelled as Go's encoder spells it.

use std::fmt::{Display, Write};

use ecow::EcoVec;
use serde_json::Value as Json;

use super::entries::{Entries, Sort};
use super::node::{Entry, Node};
use super::number;
use super::pos::Pos;
use super::render_error::RenderError;
use super::round_trip::{self, Surroundings};
use super::scalar::Value;
use super::style::{Style, Tag};

/// How numbers are spelled in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// Integers of up to 64 bits exactly.
    Exact,
    /// All as 64-bit floating-point numbers, as Go does when it reads JSON without a type.
    Floats,
}

/// Returns `node` as a JSON value, typed as in the output.
///
/// # Errors
/// If it has a value or key that JSON does not have, or a key twice.
pub fn to_value(node: &Node) -> Result<Json, RenderError> {
    value_at(node, Surroundings::ROOT, &mut Entries::default())
}

/// Returns `node` as compact JSON, members sorted byte by byte, typed as in the output.
///
/// # Errors
/// If it has a value or key that JSON does not have, or a key twice.
pub fn to_json(node: &Node) -> Result<String, RenderError> {
    let mut out = String::new();
    write_json(node, Numbers::Exact, &mut out)?;
    Ok(out)
}

/// Appends `node` as by [`to_json`].
pub(crate) fn write_json(
    node: &Node,
    numbers: Numbers,
    out: &mut String,
) -> Result<(), RenderError> {
    Writer { out, numbers, entries: Entries::default() }.node(node, Surroundings::ROOT)
}

/// Returns the tree of a JSON value, without positions.
pub fn from_value(value: &Json) -> Node {
    match value {
        Json::Null => Node::null(),
        Json::Bool(value) => Node::bool(*value),
        Json::String(text) => Node::str(text.as_str()),
        Json::Number(value) => match (value.as_i64(), value.as_u64()) {
            (Some(value), _) => Node::int(value),
            (None, Some(value)) => {
                Node::scalar(value.to_string(), Style::Plain, Tag::Int, Pos::NONE)
            }
            (None, None) => {
                let text = value.as_f64().map(number::format_g).unwrap_or_default();
                Node::scalar(text, Style::Plain, Tag::Float, Pos::NONE)
            }
        },
        Json::Array(items) => Node::seq(items.iter().map(from_value).collect::<EcoVec<_>>()),
        Json::Object(members) => {
            let entry = |(key, value): (&String, &Json)| Entry {
                key: Node::str(key.as_str()),
                value: from_value(value),
            };
            Node::map(members.iter().map(entry).collect())
        }
    }
}

/// Appends `text` as a JSON string, with `<`, `>`, `&`, U+2028 and U+2029 escaped as Go does.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut written = 0;
    for (i, c) in text.char_indices() {
        let short = match c {
            '"' | '\\' => c,
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => 'u',
            _ => continue,
        };
        out.push_str(&text[written..i]);
        written = i + c.len_utf8();
        out.push('\\');
        out.push(short);
        if short == 'u' {
            // Writing to a string does not fail.
            let _ = write!(out, "{:04x}", u32::from(c));
        }
    }
    out.push_str(&text[written..]);
    out.push('"');
}

/// Quotes `text` as Go's `%q` does.
pub fn go_quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        let short = match c {
            '"' | '\\' => c,
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\u{b}' => 'v',
            _ if is_graphic(c) => {
                out.push(c);
                continue;
            }
            _ => {
                let code = u32::from(c);
                // Writing to a string does not fail. Other ASCII was written above.
                let _ = match code {
                    0..=0x1f | 0x7f => write!(out, "\\x{code:02x}"),
                    0x80..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
                continue;
            }
        };
        out.push('\\');
        out.push(short);
    }
    out.push('"');
    out
}

fn is_graphic(c: char) -> bool {
    // Behind another character, the standard escapes leave alone exactly what can be seen.
    c.is_ascii_graphic()
        || c == ' '
        || (!c.is_ascii() && format!("a{c}").escape_debug().nth(2).is_none())
}

fn value_at<'a>(
    node: &'a Node,
    place: Surroundings,
    entries: &mut Entries<'a>,
) -> Result<Json, RenderError> {
    match node {
        Node::Scalar { style, pos, text, .. } => {
            Ok(match round_trip::value(text, *style, node.printed_tag(), *pos, place.flow)? {
                Value::Null => Json::Null,
                Value::Bool(value) => value.into(),
                Value::Int(value) => value.into(),
                Value::Uint(value) => value.into(),
                Value::Float(value) => value.into(),
                Value::Timestamp(text) => text.into(),
                Value::Str(text) => text.into_owned().into(),
            })
        }
        Node::Seq { items, flow, .. } => {
            let place = place.inside(*flow);
            let values = items.iter().map(|item| value_at(item, place, entries));
            values.collect::<Result<_, _>>().map(Json::Array)
        }
        Node::Map { map, flow, .. } => {
            let frame = entries.push(map, place.keys(*flow), Sort::Bytes)?;
            let mut members = serde_json::Map::new();
            for i in 0..frame.len {
                let Some(keyed) = entries.get(frame, i) else {
                    break;
                };
                let (key, entry) = (keyed.key.clone().into_owned(), keyed.entry);
                members.insert(key, value_at(&entry.value, place.inside(*flow), entries)?);
            }
            entries.pop(frame);
            Ok(Json::Object(members))
        }
    }
}

struct Writer<'o, 'a> {
    out: &'o mut String,
    numbers: Numbers,
    entries: Entries<'a>,
}

impl<'a> Writer<'_, 'a> {
    fn node(&mut self, node: &'a Node, place: Surroundings) -> Result<(), RenderError> {
        match node {
            Node::Scalar { style, pos, text, .. } => {
                let value = round_trip::value(text, *style, node.printed_tag(), *pos, place.flow)?;
                self.scalar(&value);
            }
            Node::Seq { items, flow, .. } => {
                for (i, item) in items.iter().enumerate() {
                    self.out.push(if i == 0 { '[' } else { ',' });
                    self.node(item, place.inside(*flow))?;
                }
                self.out.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Node::Map { map, flow, .. } => {
                let frame = self.entries.push(map, place.keys(*flow), Sort::Bytes)?;
                for i in 0..frame.len {
                    let Some(keyed) = self.entries.get(frame, i) else {
                        break;
                    };
                    let entry = keyed.entry;
                    self.out.push(if i == 0 { '{' } else { ',' });
                    write_string(&keyed.key, self.out);
                    self.out.push(':');
                    self.node(&entry.value, place.inside(*flow))?;
                }
                self.out.push_str(if frame.len == 0 { "{}" } else { "}" });
                self.entries.pop(frame);
            }
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "as Go reads numbers without a type")]
    fn scalar(&mut self, value: &Value<'_>) {
        let float = match (value, self.numbers) {
            (Value::Float(value), _) => *value,
            (Value::Int(value), Numbers::Floats) => *value as f64,
            (Value::Uint(value), Numbers::Floats) => *value as f64,
            (Value::Str(text), _) => return write_string(text, self.out),
            (Value::Timestamp(moment), _) => return write_string(moment, self.out),
            (Value::Null, _) => return self.out.push_str("null"),
            (Value::Bool(value), _) => return self.display(value),
            (Value::Int(value), Numbers::Exact) => return self.display(value),
            (Value::Uint(value), Numbers::Exact) => return self.display(value),
        };
        self.out.push_str(&number::format_json(float));
    }

    fn display(&mut self, value: impl Display) {
        // Writing to a string does not fail.
        let _ = write!(self.out, "{value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Mapping;

    fn map(entries: &[(&str, Node)]) -> Node {
        let entry =
            |(key, value): &(&str, Node)| Entry { key: Node::plain(*key), value: value.clone() };
        Node::map(entries.iter().map(entry).collect::<Mapping>())
    }

    #[test]
    fn members_are_sorted_and_typed_as_printed() {
        let node = map(&[
            ("b", Node::plain("12345678901234567890")),
            ("a", Node::str("<&>\u{2028}\u{1}\"é")),
            ("0x10", Node::plain("1e30")),
            ("d", Node::plain("2001-01-01")),
            ("c", map(&[("0x10", Node::plain("1.50"))])),
        ]);
        let expected = concat!(
            r#"{"0x10":1e+30,"a":"\u003c\u0026\u003e\u2028\u0001\"é","b":12345678901234567890,"#,
            r#""c":{"16":1.5},"d":"2001-01-01T00:00:00Z"}"#
        );
        assert_eq!(to_json(&node).unwrap(), expected);
    }

    #[test]
    fn hashes_see_only_floats() {
        let mut out = String::new();
        let node = map(&[("n", Node::plain("12345678901234567890"))]);
        write_json(&node, Numbers::Floats, &mut out).unwrap();
        assert_eq!(out, r#"{"n":12345678901234567000}"#);
    }

    #[test]
    fn values_come_back() {
        let value = serde_json::json!({
            "a": [1, -1, u64::MAX, 1.5, 1e30, true, null], "b": "5", "c": {}, "d": "x\n"
        });
        assert_eq!(to_value(&from_value(&value)).unwrap(), value);
        assert_eq!(from_value(&serde_json::json!(1e6)).text(), Some("1e+06"));
    }

    #[test]
    fn go_quotes_what_cannot_be_seen() {
        assert_eq!(go_quote("a\"\\\n\u{1}\u{7f}é"), r#""a\"\\\n\x01\x7fé""#);
        assert_eq!(go_quote("\u{a0}\u{feff}\u{e0001}"), r#""\u00a0\ufeff\U000e0001""#);
        assert_eq!(go_quote("\u{301}😀"), "\"\u{301}😀\"");
    }
}
