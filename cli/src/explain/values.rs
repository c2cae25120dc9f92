//! Shows values of explained objects.

use kustom::diff::SecretValues;
use kustom::document::{NodeKind, NodeView};
use kustom::explain::FieldPath;
use serde_json::Value;

/// Longer values are cut.
const LONGEST_VALUE: usize = 100;

/// Shows values, but not those of Secrets.
pub(super) struct Values {
    pub(super) hidden: bool,
    /// Those that may have been copied elsewhere; nothing if they are to be shown.
    pub(super) secrets: Option<SecretValues>,
}

impl Values {
    fn hides(&self, path: &FieldPath) -> bool {
        let is_data = || {
            let pointer = path.pointer();
            let top = pointer.split('/').nth(1).unwrap_or_default();
            matches!(top, "" | "data" | "stringData")
        };
        self.hidden && is_data()
    }

    /// Returns a value for programs.
    pub(super) fn json(&self, path: &FieldPath, node: &NodeView) -> Value {
        if self.hides(path) {
            return Value::String("(hidden)".to_owned());
        }
        let mut value = node
            .to_value()
            .unwrap_or_else(|_| Value::String(node.text().unwrap_or_default().into()));
        self.redact(&mut value);
        value
    }

    /// Returns a text without the values of Secrets, if it has any.
    fn masked(&self, text: &str) -> Option<String> {
        self.secrets.as_ref()?.redact(text)
    }

    fn redact(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(masked) = self.masked(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.redact(item)),
            _ => {}
        }
    }

    /// Returns a value on one line: as in YAML if it is a simple one.
    pub(super) fn line(&self, path: &FieldPath, node: &NodeView) -> String {
        if self.hides(path) {
            return "(hidden)".to_owned();
        }
        if let Some(masked) = node.text().and_then(|text| self.masked(text)) {
            return cut(masked.lines().next().unwrap_or_default());
        }
        let Some(value) = node.text() else {
            return match (node.kind(), node.len()) {
                (_, 0) => node.to_json().unwrap_or_default(),
                (NodeKind::Sequence, len) => format!("[{}]", count(len, "element")),
                (_, len) => format!("{{{}}}", count(len, "field")),
            };
        };
        if value.contains('\n') {
            let first = value.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            return format!("{} … ({} lines)", cut(first.trim()), value.lines().count());
        }
        match node.to_yaml() {
            Ok(text) => cut(text.trim_end_matches('\n')),
            Err(_) => cut(value),
        }
    }
}

/// Returns a number and what it counts.
pub(super) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
