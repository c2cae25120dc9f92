//! What the YAML part says of scalars and texts, with the errors of patches.

use std::borrow::Cow;

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::{self, Limits, Merges, Node, Pos, RenderError, Rules};

pub(super) use crate::yaml::{Value, format_g, format_json, write_string};

/// Reads the first document of a JSON patch that is written as YAML.
pub(super) fn read_document(text: &str, at: Pos, limits: &Limits) -> Result<Option<Node>> {
    yaml::read_document(text, at, Merges::Plain, limits).map_err(|e| Error::syntax(&e, at))
}

/// Types a scalar by the older rules, as in JSON patches.
pub(super) fn patch_value(node: &Node) -> Result<Value<'_>> {
    match node {
        Node::Scalar { style, tag, text, pos, .. } => {
            yaml::resolve(text, *style, *tag, Rules::V2).map_err(|e| unfit(e, *pos))
        }
        _ => Ok(Value::Null),
    }
}

/// Types a scalar of a resource that is written as YAML and read again.
pub(super) fn resource_value(node: &Node, flow: bool) -> Result<Value<'_>> {
    yaml::round_trip_value(node, flow).map_err(|e| unfit(e, node.pos()))
}

/// Returns the string that a key of a resource becomes.
pub(super) fn resource_key(key: &Node, top: bool, flow: bool) -> Result<Cow<'_, str>> {
    yaml::round_trip_key(key, top, flow).map_err(|e| unfit(e, key.pos()))
}

fn unfit(error: RenderError, pos: Pos) -> Error {
    Error::new(ErrorKind::Patch, error.message).at(pos)
}
