//! Keeps the values of Secrets out of everything that is shown.
//!
//! Values are replaced *before* anything is compared: by a token that is the same for the same value
//! and else another, so that a change is found; and no later step has a secret that it could show.
//! In the result all tokens become [`MASK`].
//!
//! Replaced are
//! - all scalars below `data` and `stringData` of any mapping of `kind: Secret`, at any depth;
//! - the annotations of such a mapping that hold a copy of it, such as the last applied
//!   configuration;
//! - elsewhere every value that equals one of those values (of 8 bytes or more, as it is or in
//!   base64) or contains one (of 12 bytes or more), because a replacement or a variable may have
//!   carried it there. Fields that identify something are left, or nobody could tell what changed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use rustc_hash::FxHashSet;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::model::MASK;
use super::path::Step;
use crate::yaml::Node;

/// From this length on, a value that equals a secret is taken for it.
const EQUAL_FROM: usize = 8;
/// From this length on, a value that contains a secret is masked.
const CONTAINED_FROM: usize = 12;
/// How tokens begin.
const TOKEN: &str = "\0masked ";
/// Fields whose value identifies something and is left.
const IDENTIFIERS: [&str; 9] = [
    "apiVersion",
    "kind",
    "name",
    "namespace",
    "key",
    "mountPath",
    "devicePath",
    "ip",
    "topologyKey",
];

/// The values that must not be shown.
#[derive(Default)]
pub(super) struct Secrets {
    equal: FxHashSet<String>,
    contained: Option<Regex>,
}

impl Secrets {
    /// Collects the values of all Secrets in these trees.
    pub(super) fn of<'n>(nodes: impl Iterator<Item = &'n Node>) -> Secrets {
        let mut equal = FxHashSet::default();
        let mut waiting: Vec<(&Node, bool)> = nodes.map(|node| (node, false)).collect();
        while let Some((node, hidden)) = waiting.pop() {
            match node {
                Node::Scalar { text, .. } if hidden => add(text, &mut equal),
                Node::Scalar { .. } => {}
                Node::Seq { items, .. } => waiting.extend(items.iter().map(|item| (item, hidden))),
                Node::Map { map, .. } => {
                    let secret = map.get("kind").and_then(Node::text) == Some("Secret");
                    for entry in map {
                        let hidden = hidden || secret && entry.key.text().is_some_and(is_data);
                        waiting.push((&entry.value, hidden));
                    }
                }
            }
        }
        let mut long: Vec<&str> =
            equal.iter().filter(|text| text.len() >= CONTAINED_FROM).map(String::as_str).collect();
        long.sort_unstable();
        let alternatives =
            long.iter().map(|text| regex::escape(text)).collect::<Vec<_>>().join("|");
        let contained = (!long.is_empty()).then(|| {
            // If this cannot be compiled, the empty pattern masks everything.
            regex::RegexBuilder::new(&alternatives)
                .size_limit(usize::MAX)
                .build()
                .or_else(|_| Regex::new(""))
                .ok()
        });
        Secrets { equal, contained: contained.flatten() }
    }

    /// Replaces in an object what must not be shown.
    pub(super) fn hide(&self, object: &mut Value) {
        self.walk(object, false, "");
    }

    fn walk(&self, value: &mut Value, hidden: bool, field: &str) {
        match value {
            Value::Object(map) => {
                let secret = map.get("kind").and_then(Value::as_str) == Some("Secret");
                for (name, value) in map.iter_mut() {
                    if secret && name == "metadata" {
                        hide_copies(value);
                    }
                    self.walk(value, hidden || secret && is_data(name), name);
                }
            }
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.walk(item, hidden, field));
            }
            Value::Null => {}
            Value::String(text) => {
                let shown = IDENTIFIERS.contains(&field) || !self.concerns(text);
                if (hidden || !shown) && !text.starts_with(TOKEN) {
                    *text = token(text);
                }
            }
            Value::Bool(_) | Value::Number(_) if hidden => {
                *value = Value::String(token(&format!("\0{value}")));
            }
            Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn concerns(&self, text: &str) -> bool {
        text.len() >= EQUAL_FROM
            && (self.equal.contains(text)
                || self.contained.as_ref().is_some_and(|secret| secret.is_match(text)))
    }
}

/// Replaces all tokens in a value by the mask, and tells whether there were any.
pub(super) fn strip(value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.starts_with(TOKEN) => {
            MASK.clone_into(text);
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| strip(item) | any),
        Value::Object(map) => map.iter_mut().fold(false, |any, (_, item)| strip(item) | any),
        _ => false,
    }
}

/// Replaces all tokens in the keys of a path.
pub(super) fn strip_path(path: &mut [Step]) {
    for step in path {
        if let Step::Key { key, .. } = step {
            key.iter_mut().for_each(|(_, value)| {
                strip(value);
            });
        }
    }
}

fn is_data(field: &str) -> bool {
    matches!(field, "data" | "stringData")
}

/// Hides the annotations of a Secret that hold a copy of it.
fn hide_copies(metadata: &mut Value) {
    let annotations = metadata.get_mut("annotations").and_then(Value::as_object_mut);
    for (name, value) in annotations.into_iter().flatten() {
        if let Value::String(text) = value
            && (text.trim_start().starts_with('{')
                || ["applied", "original", "backup", "snapshot"].iter().any(|w| name.contains(w)))
        {
            *text = token(text);
        }
    }
}

/// Adds a value of a Secret in all forms in which it may be met.
fn add(text: &str, forms: &mut FxHashSet<String>) {
    let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let encoded = STANDARD.encode(text);
    for form in [Some(text.to_owned()), Some(encoded), decoded].into_iter().flatten() {
        for form in [form.trim(), &form] {
            if form.len() >= EQUAL_FROM {
                forms.insert(form.to_owned());
            }
        }
    }
}

fn token(text: &str) -> String {
    let digest = Sha256::digest(text);
    format!("{TOKEN}{}", STANDARD.encode(digest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_hidden_wherever_they_are() {
        let secret = json!({
            "kind": "Secret",
            "metadata": {"name": "s", "annotations": {"x/last-applied": "copy", "note": "ok"}},
            "data": {"password": "aHVudGVyMi1odW50ZXIy", "n": 5, "none": null}
        });
        let mut other = json!({"kind": "Deployment", "spec": {
            "name": "hunter2-hunter2", "value": "hunter2-hunter2",
            "url": "pg://u:hunter2-hunter2@db", "plain": "hunter2",
            "raw": {"kind": "Secret", "stringData": {"a": ["x"]}}
        }});
        let secrets = Secrets::of([crate::yaml::from_value(&secret)].iter());
        let mut hidden = secret;
        secrets.hide(&mut hidden);
        secrets.hide(&mut other);
        assert!(strip(&mut hidden) && strip(&mut other));
        assert_eq!(
            hidden,
            json!({
                "kind": "Secret",
                "metadata": {"name": "s", "annotations": {"x/last-applied": "***", "note": "ok"}},
                "data": {"password": "***", "n": "***", "none": null}
            })
        );
        assert_eq!(
            other["spec"],
            json!({
                "name": "hunter2-hunter2", "value": "***", "url": "***", "plain": "hunter2",
                "raw": {"kind": "Secret", "stringData": {"a": ["***"]}}
            })
        );
    }
}
