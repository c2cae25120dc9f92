//! Scalars as JSON values, for the deserializer.

use std::borrow::Cow;

use super::super::node::{Mapping, Node};
use super::super::scalar::{Rules, Value, resolve};
use super::error::Fault;

/// A value with its type.
pub(super) enum Typed<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// Only what does not fit [`Typed::Int`].
    Uint(u64),
    Float(f64),
    Str(Cow<'a, str>),
    Seq,
    Map(&'a Mapping),
}

impl Typed<'_> {
    /// Returns the name of the kind in JSON, for messages.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Typed::Null => "null",
            Typed::Bool(_) => "bool",
            Typed::Int(_) | Typed::Uint(_) | Typed::Float(_) => "number",
            Typed::Str(_) => "string",
            Typed::Seq => "array",
            Typed::Map(_) => "object",
        }
    }
}

/// Returns the value of `node` under `rules`.
pub(super) fn typed(node: &Node, rules: Rules) -> Result<Typed<'_>, Fault> {
    let (text, style, tag) = match node {
        Node::Map { map, .. } => return Ok(Typed::Map(map)),
        Node::Seq { .. } => return Ok(Typed::Seq),
        Node::Scalar { text, style, tag, .. } => (text, *style, *tag),
    };
    let value = resolve(text, style, tag, rules)
        .map_err(|error| Fault::other(error.message).at(node.pos()))?;
    Ok(match value {
        Value::Null => Typed::Null,
        Value::Bool(value) => Typed::Bool(value),
        Value::Int(value) => Typed::Int(value),
        Value::Uint(value) => Typed::Uint(value),
        Value::Float(value) => Typed::Float(value),
        Value::Timestamp(text) => Typed::Str(text.into()),
        Value::Str(text) => Typed::Str(text),
    })
}

/// Returns a float the way it becomes a string: shortest digits, an exponent from `1e+06` and
/// `1e-05` on.
///
/// Odd: it is first rounded to 32 bits, so that `123456789.5` becomes `1.2345679e+08`
/// (case plugins/name-is-rounded).
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn short_float(value: f64) -> String {
    let value = value as f32;
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        }
        .into();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    format!("{value}")
}
