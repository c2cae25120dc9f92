//! Texts that hold JSON or YAML: compared as what they are.

use serde_json::Value;

use crate::diff::fields;
use crate::diff::model::FieldChange;
use crate::yaml::{self, Limits, Merges, Pos};

/// What two texts differ in, read as data.
pub(super) struct Embedded {
    /// `JSON` or `YAML`.
    pub(super) format: &'static str,
    /// What differs; nothing if only the spelling does.
    pub(super) changes: Vec<FieldChange>,
}

/// Longer texts are not read.
const LONGEST: usize = 256 * 1024;

/// Reads both sides of a change, if they are texts in one format that holds maps or lists.
///
/// Of YAML, lines say more than fields do; so there it counts only if the data is the same.
pub(super) fn embedded(change: &FieldChange) -> Option<Embedded> {
    let (Some(Value::String(before)), Some(Value::String(after))) = (&change.before, &change.after)
    else {
        return None;
    };
    if change.masked || before.len().max(after.len()) > LONGEST {
        return None;
    }
    if let (Some(before), Some(after)) = (json(before), json(after)) {
        return Some(Embedded { format: "JSON", changes: fields::compare(&before, &after, None) });
    }
    let same = yaml(before)? == yaml(after)?;
    same.then(|| Embedded { format: "YAML", changes: Vec::new() })
}

fn json(text: &str) -> Option<Value> {
    let text = text.trim();
    let holds = text.starts_with(['{', '[']);
    holds.then(|| serde_json::from_str(text).ok())?
}

fn yaml(text: &str) -> Option<Value> {
    // Neither a list nor a map is written without one of these; most texts have none, and are not read.
    if !text.contains(['-', ':', '{', '[', '?']) {
        return None;
    }
    let document =
        yaml::read_document(text, Pos::NONE, Merges::Plain, &Limits::default()).ok()??;
    let holds = document.as_map().is_some_and(|m| !m.is_empty()) || document.as_seq().is_some();
    yaml::to_value(&document).ok().filter(|_| holds)
}
