//! Typing of scalars: a stand-in until the real rules are merged.

use std::borrow::Cow;

use super::node::{Style, Tag};

/// The rules that type a plain scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Kustomization files.
    V2,
    /// Resources.
    V3,
}

/// A typed scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer beyond `i64`.
    Uint(u64),
    /// A float.
    Float(f64),
    /// A date or time, in RFC 3339.
    Timestamp(String),
    /// A string.
    Str(Cow<'a, str>),
}

/// Why a tag does not fit.
#[derive(Debug)]
pub struct RenderError {
    /// What is wrong.
    pub message: String,
}

/// Types a scalar.
pub fn resolve(text: &str, style: Style, tag: Tag, rules: Rules) -> Result<Value<'_>, RenderError> {
    if tag == Tag::Int && text.parse::<i64>().is_err() {
        let message = format!("yaml: cannot decode !!str `{text}` as a !!int");
        return Err(RenderError { message });
    }
    if tag == Tag::Null {
        return Ok(Value::Null);
    }
    if style != Style::Plain && tag == Tag::None || matches!(tag, Tag::Str | Tag::Other) {
        return Ok(Value::Str(text.into()));
    }
    Ok(match text {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "yes" | "y" | "on" if rules == Rules::V2 => Value::Bool(true),
        "no" | "n" | "off" if rules == Rules::V2 => Value::Bool(false),
        ".nan" => Value::Float(f64::NAN),
        _ => match (text.parse(), text.parse(), text.parse::<f64>()) {
            (Ok(n), _, _) => Value::Int(n),
            (_, Ok(n), _) => Value::Uint(n),
            (_, _, Ok(n)) => Value::Float(n),
            _ => Value::Str(text.into()),
        },
    })
}
