//! What a scalar's text, style and tag say about its value.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::number::{self, Number};
use super::render_error::RenderError;
use super::style::{Style, Tag};
use super::timestamp;

/// Which of upstream's two readers types a plain scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Resources and strategic merge patches: `yes` is a string, a date a timestamp.
    V3,
    /// Kustomization files and JSON patches: `yes` is a boolean, a date a string.
    V2,
}

/// A typed scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer that fits 64 bits with a sign.
    Int(i64),
    /// An integer that only fits 64 bits without a sign.
    Uint(u64),
    /// Any other number, infinities and NaN included.
    Float(f64),
    /// A date or time, in RFC 3339.
    Timestamp(String),
    /// Anything else.
    Str(Cow<'a, str>),
}

/// What the first byte of a plain scalar allows it to be, besides a string.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Text,
    Word,
    Point,
    Number,
}

const FIRST: [First; 256] = {
    let mut table = [First::Text; 256];
    let (words, mut i) = (b"~nNtTfFyYoO", 0);
    while i < words.len() {
        table[words[i] as usize] = First::Word;
        i += 1;
    }
    let (numbers, mut i) = (b"0123456789+-", 0);
    while i < numbers.len() {
        table[numbers[i] as usize] = First::Number;
        i += 1;
    }
    table[b'.' as usize] = First::Point;
    table
};

const LONGEST_WORD: usize = "false".len();

/// Types a scalar.
///
/// # Errors
/// If an explicit tag such as `!!int` does not fit the text.
pub fn resolve(text: &str, style: Style, tag: Tag, rules: Rules) -> Result<Value<'_>, RenderError> {
    let wanted = match tag {
        Tag::None | Tag::Cleared if style == Style::Plain => return Ok(plain(text, rules)),
        Tag::None | Tag::Cleared | Tag::Str | Tag::Merge | Tag::Other => {
            return Ok(Value::Str(text.into()));
        }
        Tag::Binary => return binary(text).map(Value::Str),
        Tag::Null => "!!null",
        Tag::Bool => "!!bool",
        Tag::Int => "!!int",
        Tag::Float => "!!float",
        Tag::Timestamp => "!!timestamp",
    };
    match (tag, classify(text, rules, tag == Tag::Timestamp)) {
        (Tag::Null, value @ Value::Null)
        | (Tag::Bool, value @ Value::Bool(_))
        | (Tag::Int, value @ (Value::Int(_) | Value::Uint(_)))
        | (Tag::Float, value @ Value::Float(_)) => Ok(value),
        (Tag::Timestamp, Value::Timestamp(_)) if rules == Rules::V2 => Ok(Value::Str(text.into())),
        (Tag::Timestamp, value @ Value::Timestamp(_)) => Ok(value),
        #[expect(clippy::cast_precision_loss, reason = "as Go converts it")]
        (Tag::Float, Value::Int(value)) => Ok(Value::Float(value as f64)),
        (_, value) => Err(RenderError::new(format!(
            "yaml: cannot decode {} `{text}` as a {wanted}",
            value.tag_name()
        ))),
    }
}

/// Returns `true` if the text of a scalar has the type of its tag anyway, so that nobody writes the tag.
pub(super) fn goes_without_saying(tag: Tag, text: &str) -> bool {
    let plain = || plain(text, Rules::V3);
    match tag {
        Tag::None | Tag::Cleared | Tag::Str | Tag::Merge => true,
        Tag::Int => matches!(plain(), Value::Int(_) | Value::Uint(_)),
        Tag::Float => matches!(plain(), Value::Float(_)),
        Tag::Bool => matches!(plain(), Value::Bool(_)),
        Tag::Null => matches!(plain(), Value::Null),
        Tag::Timestamp => matches!(plain(), Value::Timestamp(_)),
        Tag::Binary | Tag::Other => false,
    }
}

/// Types an untagged plain scalar.
pub(super) fn plain(text: &str, rules: Rules) -> Value<'_> {
    match classify(text, rules, true) {
        Value::Timestamp(_) if rules == Rules::V2 => Value::Str(text.into()),
        value => value,
    }
}

/// Returns `true` if a plain scalar is a string by either rules, by its first byte alone; `false` means
/// that one has to look closer.
pub(super) fn surely_string(text: &str) -> bool {
    match text.as_bytes() {
        [] => false,
        [first, ..] => match FIRST[usize::from(*first)] {
            First::Text => true,
            // `type` and `name` are most common.
            First::Word => word(text, Rules::V2).is_none(),
            First::Point | First::Number => false,
        },
    }
}

/// Returns `true` if the printer has to quote a string so that it is not taken for something else.
pub(super) fn needs_quotes(text: &str) -> bool {
    !surely_string(text)
        && (!matches!(classify(text, Rules::V2, true), Value::Str(_)) || is_base_60(text))
}

impl Value<'_> {
    /// Returns the value with a text of its own.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Int(value) => Value::Int(value),
            Value::Uint(value) => Value::Uint(value),
            Value::Float(value) => Value::Float(value),
            Value::Timestamp(moment) => Value::Timestamp(moment),
            Value::Str(text) => Value::Str(text.into_owned().into()),
        }
    }

    /// Returns the short tag that messages use, for example `!!int`.
    pub(crate) fn tag_name(&self) -> &'static str {
        match self {
            Value::Null => "!!null",
            Value::Bool(_) => "!!bool",
            Value::Int(_) | Value::Uint(_) => "!!int",
            Value::Float(_) => "!!float",
            Value::Timestamp(_) => "!!timestamp",
            Value::Str(_) => "!!str",
        }
    }
}

impl From<Number> for Value<'_> {
    fn from(number: Number) -> Self {
        match number {
            Number::Int(value) => Value::Int(value),
            Number::Uint(value) => Value::Uint(value),
            Number::Float(value) => Value::Float(value),
        }
    }
}

fn classify(text: &str, rules: Rules, timestamps: bool) -> Value<'_> {
    let Some(&first) = text.as_bytes().first() else {
        return Value::Null;
    };
    let typed = match FIRST[usize::from(first)] {
        First::Text => None,
        First::Word => word(text, rules),
        First::Point => infinite(text).or_else(|| number::parse_fraction(text).map(Value::from)),
        First::Number => infinite(text)
            .or_else(|| timestamps.then(|| timestamp::parse(text).map(Value::Timestamp))?)
            .or_else(|| number::parse(text).map(Value::from)),
    };
    typed.unwrap_or_else(|| Value::Str(text.into()))
}

fn word(text: &str, rules: Rules) -> Option<Value<'static>> {
    if text.len() > LONGEST_WORD {
        return None;
    }
    match text {
        "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ if rules == Rules::V3 => None,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(Value::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn infinite(text: &str) -> Option<Value<'static>> {
    let float = match text {
        ".nan" | ".NaN" | ".NAN" => f64::NAN,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => f64::INFINITY,
        "-.inf" | "-.Inf" | "-.INF" => f64::NEG_INFINITY,
        _ => return None,
    };
    Some(Value::Float(float))
}

/// Returns `true` if YAML 1.1 would see a number in base 60, such as `1:20`.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let first = parts.next().unwrap_or_default().as_bytes();
    if !first.first().is_some_and(u8::is_ascii_digit)
        || !first.iter().all(|&b| b.is_ascii_digit() || b == b'_')
    {
        return false;
    }
    let below_60 =
        |part: &str| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return false;
    }
    while let Some(part) = parts.next() {
        let ok = match part.split_once('.') {
            None => below_60(part),
            Some((whole, fraction)) => {
                parts.peek().is_none()
                    && below_60(whole)
                    && fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_')
            }
        };
        if !ok {
            return false;
        }
    }
    true
}

fn binary(text: &str) -> Result<Cow<'_, str>, RenderError> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true);
    let compact: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    let bytes = GeneralPurpose::new(&STANDARD, config)
        .decode(compact)
        .map_err(|_| RenderError::new("yaml: !!binary value contains invalid base64 data"))?;
    Ok(go_utf8(&bytes).into())
}

/// Reads UTF-8 as Go does: each byte that is no part of a character becomes U+FFFD.
fn go_utf8(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v3(text: &str) -> Value<'_> {
        plain(text, Rules::V3)
    }

    #[test]
    fn integers_in_every_notation() {
        for (text, expected) in [
            ("0", 0),
            ("-1", -1),
            ("010", 8),
            ("0_7", 7),
            ("-0b11", -3),
            ("+0x1f", 31),
            ("1_", 1),
            ("0o17", 15),
            ("0777777777777777777777", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("1_000", 1000),
            ("0X1F", 31),
            ("0b-1", -1),
        ] {
            assert_eq!(v3(text), Value::Int(expected), "{text}");
        }
        assert_eq!(v3("18446744073709551615"), Value::Uint(u64::MAX));
    }

    #[test]
    fn floats() {
        for (text, expected) in [
            ("08", 8.0),
            ("0128", 128.0),
            ("1e3", 1e3),
            ("5.", 5.0),
            (".5", 0.5),
            (".1_0", 0.1),
            (".5e1_0", 0.5e10),
            ("1e-400", 0.0),
            ("18446744073709551616", 18446744073709551616.0),
            ("+18446744073709551615", 18446744073709551615.0),
            ("-.inf", f64::NEG_INFINITY),
        ] {
            assert_eq!(v3(text), Value::Float(expected), "{text}");
        }
    }

    #[test]
    fn strings() {
        for text in [
            "yes",
            "1:20",
            "0o8",
            "0x",
            "1e",
            "0x1p4",
            "1.2.3",
            "1,000",
            "+",
            "-",
            "_1",
            "１２",
            "1e309",
            "0x1ffffffffffffffff",
            "._5",
            ".5_",
            ".e3",
            ".",
            "..",
            "+-1",
            "nil",
            "tRUE",
            "1_e",
            "infinity",
        ] {
            assert_eq!(v3(text), Value::Str(text.into()), "{text}");
        }
    }

    #[test]
    fn the_older_rules_know_more_booleans_and_no_dates() {
        assert_eq!(plain("on", Rules::V2), Value::Bool(true));
        assert_eq!(plain("N", Rules::V2), Value::Bool(false));
        assert_eq!(plain("2001-01-01", Rules::V2), Value::Str("2001-01-01".into()));
        assert_eq!(v3("2001-01-01"), Value::Timestamp("2001-01-01T00:00:00Z".into()));
    }

    #[test]
    fn explicit_tags_must_fit() {
        let resolve = |text, tag| resolve(text, Style::DoubleQuoted, tag, Rules::V3);
        assert_eq!(resolve("5", Tag::Int), Ok(Value::Int(5)));
        assert_eq!(resolve("5", Tag::Float), Ok(Value::Float(5.0)));
        assert_eq!(resolve("5", Tag::Other), Ok(Value::Str("5".into())));
        assert_eq!(resolve("aGk\n=", Tag::Binary), Ok(Value::Str("hi".into())));
        assert_eq!(resolve("/w==", Tag::Binary), Ok(Value::Str("\u{FFFD}".into())));
        assert!(resolve("=", Tag::Binary).is_err());
        assert_eq!(
            resolve("x", Tag::Int).unwrap_err().message,
            "yaml: cannot decode !!str `x` as a !!int"
        );
        assert!(resolve("18446744073709551615", Tag::Float).is_err());
    }

    #[test]
    fn strings_that_look_like_something_else() {
        for text in ["", "yes", "0o17", "2001-1-1", "1:20", "190:20:30.15", "~", ".inf", "1:2:3._1"]
        {
            assert!(needs_quotes(text), "{text}");
        }
        for text in
            ["1:60", "10.0.0.1:80", "1:", ":1", "1:2.3:4", "yES", "1h30m", "2001-13-01", "<<"]
        {
            assert!(!needs_quotes(text), "{text}");
        }
    }
}
