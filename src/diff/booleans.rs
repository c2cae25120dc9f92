//! Booleans as kubectl reads them, by the rules of YAML 1.1.

use crate::yaml::{Mapping, Node, Rules, Style, Tag, Value, resolve};

/// What names an object stays the text that it is.
const NAMES: [&str; 3] = ["name", "namespace", "generateName"];

/// Writes `true` and `false` for what a reader of YAML 1.1 takes for them, such as a plain `yes` or `off`.
///
/// Builds quote a text like that; files that others wrote may have the boolean.
pub(super) fn read_as_kubectl(object: &mut Node) {
    let Some(object) = object.as_map_mut() else { return };
    for entry in object.entries_mut() {
        match entry.key.text() {
            Some("apiVersion" | "kind") => {}
            Some("metadata") => {
                let fields = entry.value.as_map_mut().map(Mapping::entries_mut);
                let is_name = |key: &Node| key.text().is_some_and(|key| NAMES.contains(&key));
                for field in fields.into_iter().flatten().filter(|field| !is_name(&field.key)) {
                    read(&mut field.value);
                }
            }
            _ => read(&mut entry.value),
        }
    }
}

fn read(node: &mut Node) {
    match node {
        Node::Scalar { text, style: Style::Plain, tag: Tag::None | Tag::Cleared, pos, .. } => {
            let is_plainly = |rules| resolve(text, Style::Plain, Tag::None, rules);
            if let (Ok(Value::Str(_)), Ok(Value::Bool(value))) =
                (is_plainly(Rules::V3), is_plainly(Rules::V2))
            {
                *node = Node::bool(value).at(*pos);
            }
        }
        Node::Scalar { .. } => {}
        Node::Seq { items, .. } => items.make_mut().iter_mut().for_each(read),
        Node::Map { map, .. } => {
            map.entries_mut().iter_mut().for_each(|entry| read(&mut entry.value));
        }
    }
}
