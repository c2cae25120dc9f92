//! The type of a scalar: a stand-in until the YAML reader's own resolution is here.

use crate::yaml::{Node, Style, Tag};

/// The type of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarType {
    Null,
    Bool,
    Int,
    Float,
    Str,
    Other,
}

/// Tells whether a node is a string.
pub(crate) fn is_string(node: &Node) -> bool {
    scalar_type(node) == Some(ScalarType::Str)
}

/// Returns the type of a scalar, nothing for a collection.
pub(crate) fn scalar_type(node: &Node) -> Option<ScalarType> {
    let Node::Scalar { style, tag, text, .. } = node else {
        return None;
    };
    Some(match tag {
        Tag::None if *style != Style::Plain => ScalarType::Str,
        Tag::None => plain_type(text),
        Tag::Str => ScalarType::Str,
        Tag::Int => ScalarType::Int,
        Tag::Float => ScalarType::Float,
        Tag::Bool => ScalarType::Bool,
        Tag::Null => ScalarType::Null,
        _ => ScalarType::Other,
    })
}

fn plain_type(text: &str) -> ScalarType {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ScalarType::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return ScalarType::Bool,
        _ => {}
    }
    let digits = text.trim_start_matches(['+', '-']);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return ScalarType::Str;
    }
    let clean = text.replace('_', "");
    if clean.parse::<i64>().is_ok() || clean.parse::<u64>().is_ok() || digits.starts_with("0x") {
        ScalarType::Int
    } else if clean.parse::<f64>().is_ok() {
        ScalarType::Float
    } else {
        ScalarType::Str
    }
}
