//! The types of scalars that references and vars ask for.

use super::node::Node;
use super::scalar::{Rules, Value, resolve};
use super::style::{Style, Tag};

/// The type of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarType {
    /// Null.
    Null,
    /// A boolean.
    Bool,
    /// An integer, however it is written.
    Int,
    /// A number with a fraction or exponent.
    Float,
    /// A string.
    Str,
    /// A date, binary data, or something with a tag of its own.
    Other,
}

/// Returns `true` if a node is a string.
pub(crate) fn is_string(node: &Node) -> bool {
    scalar_type(node) == Some(ScalarType::Str)
}

/// Returns the type of a scalar, or `None` for a collection.
pub(crate) fn scalar_type(node: &Node) -> Option<ScalarType> {
    let Node::Scalar { style, tag, text, .. } = node else { return None };
    Some(match tag {
        Tag::None | Tag::Cleared => match resolve(text, *style, *tag, Rules::V3) {
            Ok(Value::Null) => ScalarType::Null,
            Ok(Value::Bool(_)) => ScalarType::Bool,
            Ok(Value::Int(_) | Value::Uint(_)) => ScalarType::Int,
            Ok(Value::Float(_)) => ScalarType::Float,
            Ok(Value::Str(_)) => ScalarType::Str,
            Ok(Value::Timestamp(_)) | Err(_) => ScalarType::Other,
        },
        Tag::Str => ScalarType::Str,
        Tag::Int => ScalarType::Int,
        Tag::Float => ScalarType::Float,
        Tag::Bool => ScalarType::Bool,
        Tag::Null => ScalarType::Null,
        Tag::Timestamp | Tag::Binary | Tag::Merge | Tag::Other => ScalarType::Other,
    })
}

/// Returns the tag that a scalar without one has by its style and text.
pub(crate) fn tag_of(text: &str, style: Style) -> Tag {
    match resolve(text, style, Tag::None, Rules::V3) {
        Ok(Value::Null) => Tag::Null,
        Ok(Value::Bool(_)) => Tag::Bool,
        Ok(Value::Int(_) | Value::Uint(_)) => Tag::Int,
        Ok(Value::Float(_)) => Tag::Float,
        Ok(Value::Timestamp(_)) => Tag::Timestamp,
        Ok(Value::Str(_)) | Err(_) => Tag::Str,
    }
}
