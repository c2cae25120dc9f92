//! Booleans and dates as kubectl reads them, by the rules of YAML 1.1.

use crate::yaml::{Mapping, Node, Rules, Style, Tag, Value, resolve};

/// What a scalar is read as.
#[derive(Clone, Copy)]
enum Reading {
    /// A boolean if it looks like one.
    Value,
    /// Never a boolean.
    Text,
}

/// What names an object stays the text that it is.
const NAMES: [&str; 3] = ["name", "namespace", "generateName"];

/// Writes `true` and `false` for what a reader of YAML 1.1 takes for them, such as a plain `yes` or `off`, and makes
/// dates the texts that it leaves them.
///
/// Builds quote a text like that; files that others wrote may have the boolean.
pub(super) fn read_as_kubectl(object: &mut Node) {
    let Some(object) = object.as_map_mut() else { return };
    for entry in object.entries_mut() {
        match entry.key.text() {
            Some("apiVersion" | "kind") => read(&mut entry.value, Reading::Text),
            Some("metadata") => {
                let fields = entry.value.as_map_mut().map(Mapping::entries_mut);
                for field in fields.into_iter().flatten() {
                    let is_name = field.key.text().is_some_and(|key| NAMES.contains(&key));
                    let reading = if is_name { Reading::Text } else { Reading::Value };
                    read(&mut field.value, reading);
                }
            }
            _ => read(&mut entry.value, Reading::Value),
        }
    }
}

fn read(node: &mut Node, reading: Reading) {
    match node {
        Node::Scalar { text, style, tag, pos, .. } => {
            let value = |rules| resolve(text, *style, *tag, rules).ok();
            let is_plain = *style == Style::Plain && matches!(tag, Tag::None | Tag::Cleared);
            match value(Rules::V3) {
                Some(Value::Timestamp(_)) => *node = Node::str(text.clone()).at(*pos),
                Some(Value::Str(_)) if is_plain && matches!(reading, Reading::Value) => {
                    if let Some(Value::Bool(value)) = value(Rules::V2) {
                        *node = Node::bool(value).at(*pos);
                    }
                }
                _ => {}
            }
        }
        Node::Seq { items, .. } => {
            items.make_mut().iter_mut().for_each(|item| read(item, reading));
        }
        Node::Map { map, .. } => {
            for entry in map.entries_mut() {
                read(&mut entry.key, Reading::Text);
                read(&mut entry.value, reading);
            }
        }
    }
}
