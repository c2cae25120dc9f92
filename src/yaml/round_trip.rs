//! What becomes of a value between the tree and the output.
//!
//! Upstream writes each resource as YAML in its own styles and reads that again before it
//! prints. Nothing is written or read again here; only what that does to a value is applied.

use std::borrow::Cow;

use super::block;
use super::node::Node;
use super::pos::Pos;
use super::render_error::RenderError;
use super::scalar::{self, Rules, Value};
use super::style::{Style, Tag};
use super::timestamp;

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings {
    /// In the outermost mapping, whose keys are strings whatever they look like.
    pub(super) top: bool,
    /// Inside `{…}` or `[…]`, at any distance.
    pub(super) flow: bool,
}

impl Surroundings {
    /// The place of a whole document.
    pub(super) const ROOT: Surroundings = Surroundings { top: true, flow: false };

    /// Returns the place of what is inside of a collection that stands here.
    pub(super) fn inside(self, flow: bool) -> Surroundings {
        Surroundings { top: false, flow: self.flow || flow }
    }

    /// Returns the place of the keys of a mapping that stands here.
    pub(super) fn keys(self, flow: bool) -> Surroundings {
        Surroundings { flow: self.flow || flow, ..self }
    }
}

/// Types a scalar that is a value.
pub(super) fn value(
    text: &str,
    style: Style,
    tag: Tag,
    pos: Pos,
    flow: bool,
) -> Result<Value<'_>, RenderError> {
    if style == Style::Plain && tag.is_implicit() {
        // Odd: nothing at all, as in `{a: , b}`, is written again as `''`
        // (case yaml/flow-empty-value-becomes-text).
        if flow && text.is_empty() {
            return Ok(Value::Str("".into()));
        }
        if !text.starts_with('\t') {
            return match scalar::plain(text, Rules::V3) {
                Value::Timestamp(_) if flow && is_quoted_in_flow(text) => {
                    Ok(Value::Str(text.into()))
                }
                value => written(value, pos),
            };
        }
    }
    let text = block::round_trip(text, style, flow, false).map_err(|e| e.at(pos))?;
    written(typed(text, style, tag).map_err(|e| e.at(pos))?, pos)
}

/// Types a scalar that is a value, as it was read.
pub(super) fn decoded(
    text: &str,
    style: Style,
    tag: Tag,
    pos: Pos,
) -> Result<Value<'_>, RenderError> {
    written(scalar::resolve(text, style, tag, Rules::V3).map_err(|e| e.at(pos))?, pos)
}

/// Returns `true` if a plain date or time is written again in quotes, and so becomes a string.
///
/// Odd: no plain scalar with a `:` is written inside of `{…}` or `[…]` (case
/// resources/time-in-flow-is-string).
fn is_quoted_in_flow(text: &str) -> bool {
    text.contains(':')
}

/// Refuses a value that upstream cannot write as JSON.
fn written(value: Value<'_>, pos: Pos) -> Result<Value<'_>, RenderError> {
    match value {
        Value::Float(value) => finite(value).map(Value::Float),
        Value::Timestamp(moment) => encodable(moment).map(Value::Timestamp),
        _ => return Ok(value),
    }
    .map_err(|e| e.at(pos))
}

/// Returns the string that a key becomes.
pub(super) fn key(key: &Node, place: Surroundings) -> Result<Cow<'_, str>, RenderError> {
    let Node::Scalar { style, tag, pos, text, .. } = key else {
        return Err(invalid_key(key, place).at(key.pos()));
    };
    let fail = |message: &str| Err(RenderError::new(message).at(*pos));
    if *style == Style::Plain && tag.is_implicit() {
        let string = scalar::surely_string(text) && !text.starts_with('\t') && text != "<<";
        if string || text.is_empty() {
            return Ok(text.as_str().into());
        }
        if text == "<<" {
            return fail("map merge requires map or sequence of maps as the value");
        }
    }
    let plain_in_flow = place.flow && *style == Style::Plain && tag.is_implicit();
    let text = block::round_trip(text, *style, place.flow, true).map_err(|e| e.at(*pos))?;
    match typed(text.clone(), *style, *tag).map_err(|e| e.at(*pos))? {
        Value::Timestamp(_) if plain_in_flow && is_quoted_in_flow(&text) => Ok(text),
        // Odd: upstream doubles a null key when it looks for merge keys (case yaml/null-key-nested).
        Value::Null => Err(duplicate_key(&text).at(*pos)),
        Value::Str(text) => Ok(text),
        _ if place.top => Ok(text),
        Value::Int(value) => Ok(value.to_string().into()),
        Value::Uint(value) => Ok(value.to_string().into()),
        Value::Timestamp(moment) => Ok(encodable(moment).map_err(|e| e.at(*pos))?.into()),
        Value::Bool(_) | Value::Float(_) => fail(NO_STRING),
    }
}

/// Returns the string that a key becomes as it was read, other than those of a document.
pub(super) fn decoded_key(key: &Node) -> Result<Cow<'_, str>, RenderError> {
    match key {
        // A key without text is null here.
        Node::Scalar { style: Style::Plain, tag, pos, text, .. }
            if text.is_empty() && tag.is_implicit() =>
        {
            Err(RenderError::new(NO_STRING).at(*pos))
        }
        Node::Scalar { style: Style::Literal | Style::Folded, tag: Tag::None, text, .. } => {
            Ok(text.as_str().into())
        }
        _ => self::key(key, Surroundings { top: false, flow: false }),
    }
}

const NO_STRING: &str = "json: unsupported value: jsontext: object member name must be a string";

/// Returns the error for a key that its mapping has already.
pub(super) fn duplicate_key(text: &str) -> RenderError {
    RenderError::new(format!("yaml: unmarshal errors: mapping key \"{text}\" already defined"))
}

fn invalid_key(key: &Node, place: Surroundings) -> RenderError {
    let message = match (key, place.top) {
        (Node::Seq { .. }, true) => "yaml: unmarshal errors: cannot unmarshal !!seq into string",
        (_, true) => "yaml: unmarshal errors: cannot unmarshal !!map into string",
        (_, false) => match super::json::to_json(key) {
            Ok(shown) => return RenderError::new(format!("yaml: invalid map key: {shown}")),
            Err(error) => return error,
        },
    };
    RenderError::new(message)
}

fn typed(text: Cow<'_, str>, style: Style, tag: Tag) -> Result<Value<'_>, RenderError> {
    match text {
        Cow::Borrowed(text) => scalar::resolve(text, style, tag, Rules::V3),
        Cow::Owned(text) => Ok(scalar::resolve(&text, style, tag, Rules::V3)?.into_owned()),
    }
}

/// Refuses a moment that JSON cannot hold.
fn encodable(moment: String) -> Result<String, RenderError> {
    if timestamp::fits_json(&moment) {
        return Ok(moment);
    }
    Err(RenderError::new(
        "json: error calling MarshalJSON for type *time.Time: \
         timezone hour outside of range [0,23]",
    ))
}

/// Refuses the numbers that JSON does not have.
fn finite(value: f64) -> Result<f64, RenderError> {
    let name = if value.is_finite() {
        return Ok(value);
    } else if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    };
    Err(RenderError::new(format!("json: unsupported value: {name}")))
}

/// Returns what a string with U+0085 becomes.
///
/// Odd: upstream does not escape that character in JSON but takes it for a line break there, so
/// that the string is folded: with the spaces around it, one becomes a space, n become n - 1 line
/// feeds (case yaml/print-next-line-character).
pub(super) fn without_next_lines(text: &str) -> Result<String, RenderError> {
    const NEXT_LINE: char = '\u{85}';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(NEXT_LINE) {
        out.push_str(rest[..at].trim_end_matches(' '));
        let following = rest[at..].trim_start_matches([' ', NEXT_LINE]);
        let run = &rest[at..rest.len() - following.len()];
        let indicator = following.starts_with("---") || following.starts_with("...");
        if indicator && run.ends_with(NEXT_LINE) && following[3..].starts_with([' ', NEXT_LINE]) {
            return Err(RenderError::new("yaml: found unexpected document indicator"));
        }
        match run.matches(NEXT_LINE).count() {
            1 => out.push(' '),
            n => out.extend(std::iter::repeat_n('\n', n - 1)),
        }
        rest = following;
    }
    out.push_str(rest);
    Ok(out)
}
