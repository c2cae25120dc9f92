//! The types of scalars that references and vars ask for.

use super::node::{Node, Style, Tag};
use super::scalar::{Rules, Value, resolve};

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

/// Tells whether a node is a string.
pub(crate) fn is_string(node: &Node) -> bool {
    scalar_type(node) == Some(ScalarType::Str)
}

/// Returns the type of a scalar, nothing for a collection.
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

/// Tells whether the text of a scalar has the type of its tag anyway, so that nobody writes the tag.
pub(crate) fn tag_goes_without_saying(tag: Tag, text: &str) -> bool {
    let plain = || resolve(text, Style::Plain, Tag::None, Rules::V3);
    match tag {
        Tag::None | Tag::Cleared | Tag::Str | Tag::Merge => true,
        Tag::Int => matches!(plain(), Ok(Value::Int(_) | Value::Uint(_))),
        Tag::Float => matches!(plain(), Ok(Value::Float(_))),
        Tag::Bool => matches!(plain(), Ok(Value::Bool(_))),
        Tag::Null => matches!(plain(), Ok(Value::Null)),
        Tag::Timestamp => matches!(plain(), Ok(Value::Timestamp(_))),
        Tag::Binary | Tag::Other => false,
    }
}
