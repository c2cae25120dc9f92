//! Schemas in comments (docs/spec/strategic-merge.md, section 8).
//!
//! Odd: a comment that is a JSON object is the schema of the value that it belongs to
//! (case merge/schema-in-a-comment).

use ecow::EcoString;
use memchr::memchr_iter;
use rustc_hash::FxHashMap;

use crate::yaml::{self, Kind, Limits, Node, Pos, SourceStyles};

/// The schemas by the place of what they stand at; the kind tells a block mapping from its first key.
pub(crate) type CommentSchemas = FxHashMap<(Pos, Kind), Node>;

/// Adds the schemas in the comments of a text whose first byte is at `base`.
pub(crate) fn collect(bytes: &[u8], base: Pos, limits: &Limits, found: &mut CommentSchemas) {
    for styles in SourceStyles::read_all(bytes, limits) {
        for (offset, kind, comments) in styles.commented() {
            // Of two comments only the one on the line counts.
            let text = if comments.line.is_empty() { &comments.head } else { &comments.line };
            if let Some(schema) = schema(text) {
                found.insert((base.offset(offset), kind), schema);
            }
        }
    }
}

/// Returns `true` if a text may have such comments; nearly none has.
pub(crate) fn may_have_any(bytes: &[u8]) -> bool {
    memchr_iter(b'#', bytes).any(|i| {
        let mut rest = bytes.iter().skip(i + 1);
        rest.find(|b| !matches!(b, b'#' | b' ' | b'\t')) == Some(&b'{')
    })
}

fn schema(comment: &EcoString) -> Option<Node> {
    let text = comment.trim_start_matches(['#', ' ', '\t']);
    if !text.starts_with('{') {
        return None;
    }
    // What follows the object does not count.
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    let object = values.next()?.ok().filter(says_something)?;
    Some(yaml::from_value(&object))
}

/// Returns `true` if an object is a schema and not the same as none.
fn says_something(object: &serde_json::Value) -> bool {
    use serde_json::Value;
    let Value::Object(members) = object else { return false };
    let is_string = |v: &Value| v.is_string() || v.is_null();
    let mut says_something = false;
    for (name, value) in members {
        let (fits, is_nothing) = match name.as_str() {
            "id" | "$schema" | "description" | "format" | "title" | "discriminator" => {
                (is_string(value), value.as_str().is_none_or(str::is_empty))
            }
            "nullable" | "exclusiveMaximum" | "exclusiveMinimum" | "uniqueItems" | "readOnly" => {
                (value.is_boolean() || value.is_null(), value.as_bool() != Some(true))
            }
            "type" => {
                let is_list = value.as_array().is_some_and(|types| types.iter().all(is_string));
                (is_list || is_string(value), value.is_null())
            }
            "properties" | "patternProperties" | "definitions" => {
                (value.is_object() || value.is_null(), value.is_null())
            }
            "items" => (value.is_object() || value.is_array() || value.is_null(), value.is_null()),
            "required" | "enum" | "allOf" | "anyOf" | "oneOf" => {
                (value.is_array() || value.is_null(), value.is_null())
            }
            _ => (true, false),
        };
        if !fits {
            return false;
        }
        says_something |= !is_nothing;
    }
    says_something
}
