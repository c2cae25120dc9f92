//! What becomes of a value between the tree and the output.
//!
//! The reference writes each resource as YAML in its own styles and reads that again before it
//! prints. Nothing is written or read again here; only what that does to a value is applied.

use std::borrow::Cow;

use super::chars;
use super::node::{Node, Style, Tag};
use super::pos::Pos;
use super::render_error::RenderError;
use super::scalar::{self, Rules, Value};
use super::timestamp;

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// In the outermost mapping, whose keys are strings whatever they look like.
    pub(super) top: bool,
    /// Inside `{…}` or `[…]`, at any distance.
    pub(super) flow: bool,
}

impl Place {
    /// The place of a whole document.
    pub(super) const ROOT: Place = Place { top: true, flow: false };

    /// Returns the place of what is inside of a collection that stands here.
    pub(super) fn inside(self, flow: bool) -> Place {
        Place { top: false, flow: self.flow || flow }
    }

    /// Returns the place of the keys of a mapping that stands here.
    pub(super) fn keys(self, flow: bool) -> Place {
        Place { flow: self.flow || flow, ..self }
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
    if style == Style::Plain && tag == Tag::None {
        // Odd: nothing at all, as in `{a: , b}`, is written again as `''`.
        if flow && text.is_empty() {
            return Ok(Value::Str("".into()));
        }
        if !text.starts_with('\t') {
            return written(scalar::plain(text, Rules::V3), pos);
        }
    }
    let text = block_text(text, style, flow, false).map_err(|e| e.at(pos))?;
    written(typed(text, style, tag).map_err(|e| e.at(pos))?, pos)
}

/// Refuses a value that the reference cannot write as JSON.
fn written(value: Value<'_>, pos: Pos) -> Result<Value<'_>, RenderError> {
    match value {
        Value::Float(value) => finite(value).map(Value::Float),
        Value::Timestamp(moment) => encodable(moment).map(Value::Timestamp),
        _ => return Ok(value),
    }
    .map_err(|e| e.at(pos))
}

/// Returns the string that a key becomes.
pub(super) fn key(key: &Node, place: Place) -> Result<Cow<'_, str>, RenderError> {
    let Node::Scalar { style, tag, pos, text } = key else {
        return Err(invalid_key(key, place).at(key.pos()));
    };
    let fail = |message: &str| Err(RenderError::new(message).at(*pos));
    if *style == Style::Plain && *tag == Tag::None {
        let string = scalar::surely_string(text) && !text.starts_with('\t') && text != "<<";
        if string || text.is_empty() {
            return Ok(text.as_str().into());
        }
        if text == "<<" {
            return fail("map merge requires map or sequence of maps as the value");
        }
    }
    let text = block_text(text, *style, place.flow, true).map_err(|e| e.at(*pos))?;
    match typed(text.clone(), *style, *tag).map_err(|e| e.at(*pos))? {
        // Odd: the reference doubles a null key when it looks for merge keys.
        Value::Null => Err(duplicate_key(&text).at(*pos)),
        Value::Str(text) => Ok(text),
        _ if place.top => Ok(text),
        Value::Int(value) => Ok(value.to_string().into()),
        Value::Uint(value) => Ok(value.to_string().into()),
        Value::Timestamp(moment) => Ok(encodable(moment).map_err(|e| e.at(*pos))?.into()),
        Value::Bool(_) | Value::Float(_) => {
            fail("json: unsupported value: jsontext: object member name must be a string")
        }
    }
}

/// Returns the error for a key that its mapping has already.
pub(super) fn duplicate_key(text: &str) -> RenderError {
    RenderError::new(format!("yaml: unmarshal errors: mapping key \"{text}\" already defined"))
}

fn invalid_key(key: &Node, place: Place) -> RenderError {
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

/// Returns the text of a scalar after it was written as a block scalar and read again, or as it is
/// if it is not written so.
fn block_text(
    text: &str,
    style: Style,
    flow: bool,
    key: bool,
) -> Result<Cow<'_, str>, RenderError> {
    let block = match style {
        Style::Literal | Style::Folded => true,
        Style::Plain => text.contains('\n'),
        Style::SingleQuoted | Style::DoubleQuoted => false,
    };
    if !block || flow || text.is_empty() || (key && is_simple_key(text)) {
        return Ok(text.into());
    }
    if text.starts_with('\t') && fits_block(text) {
        return Err(RenderError::new(
            "yaml: found a tab character where an indentation space is expected",
        ));
    }
    if style == Style::Folded && text.contains('\n') && fits_block(text) {
        return Ok(refolded(text));
    }
    Ok(text.into())
}

fn is_simple_key(text: &str) -> bool {
    text.len() <= chars::SIMPLE_KEY_LIMIT && !text.contains(chars::is_break)
}

/// Tells whether the reference writes `text` as a block scalar when asked to.
fn fits_block(text: &str) -> bool {
    let bytes = text.as_bytes();
    let space_at_end = |i: usize| {
        bytes.get(i + 1).is_none_or(|&b| b == b'\n')
            || text[i + 1..].starts_with(['\u{2028}', '\u{2029}'])
    };
    !memchr::memchr_iter(b' ', bytes).any(space_at_end)
        && text.chars().all(|c| c == '\t' || chars::is_printable(c))
}

/// Returns what a folded scalar is after one more round of writing and reading.
///
/// Odd: for the run of breaks after a line that is not indented, the writer looks at the first
/// character of the whole text instead of the one that follows. If that is no blank, each such run
/// gets a break more than it should; if it is one, none gets the break that folding takes away.
fn refolded(text: &str) -> Cow<'_, str> {
    let body = text.trim_start_matches(chars::is_break);
    let Some(first) = body.chars().next() else {
        return text.into();
    };
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str(&text[..text.len() - body.len()]);
    let mut rest = body;
    while !rest.is_empty() {
        let indented = rest.starts_with(is_blank);
        let end = rest.find(chars::is_break).unwrap_or(rest.len());
        out.push_str(&rest[..end]);
        let following = rest[end..].trim_start_matches(chars::is_break);
        let breaks = &rest[end..rest.len() - following.len()];
        rest = following;
        // U+2028 and U+2029 neither get a break nor are folded.
        let folds = !indented && breaks.starts_with('\n');
        let grows = folds && !is_blank(first);
        if rest.is_empty() {
            if grows && breaks.len() > 1 {
                out.push('\n');
            }
            out.push_str(breaks);
        } else if folds && !rest.starts_with(is_blank) {
            match &breaks[1..] {
                _ if grows => out.push_str(breaks),
                "" => out.push(' '),
                others => out.push_str(others),
            }
        } else {
            if grows {
                out.push('\n');
            }
            out.push_str(breaks);
        }
    }
    out.into()
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
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
/// Odd: the reference does not escape that character in JSON but takes it for a line break there, so
/// that the string is folded: with the spaces around it, one becomes a space, n become n - 1 line
/// feeds.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_text_grows() {
        for (text, expected) in [
            ("x\n  y\nz\n", "x\n\n  y\nz\n"),
            ("x\n\n", "x\n\n\n"),
            ("  x\ny\nz\n", "  x\ny z\n"),
            ("x\ny\n", "x\ny\n"),
            ("  x\ny\n\nz", "  x\ny\nz"),
            ("\nx\n y", "\nx\n\n y"),
            ("\n\n", "\n\n"),
            ("x \n  y", "x \n  y"),
        ] {
            let got = block_text(text, Style::Folded, false, false);
            assert_eq!(got.as_deref(), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn block_text_may_not_begin_with_a_tab() {
        assert!(block_text("\ta\nb", Style::Plain, false, false).is_err());
        assert!(block_text("\ta", Style::Literal, false, false).is_err());
        assert!(block_text("\ta", Style::Plain, false, false).is_ok());
        assert!(block_text("\ta\nb", Style::Literal, true, false).is_ok());
        assert!(block_text("\ta \nb", Style::Literal, false, false).is_ok());
    }
}
