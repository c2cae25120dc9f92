//! YAML as Argo CD reads it: through JSON, with the booleans of YAML 1.1.

use kustom::yaml::{self, Limits, Merges, Node, Pos, Rules, Value as Scalar};
use serde_json::{Map, Value as Json};

/// The limits on what is read; deeper or larger is refused.
fn limits() -> Limits {
    Limits { depth: 120, ..Limits::default() }
}

/// A document of a file, with places.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) json: Json,
    node: Node,
}

impl Document {
    /// Returns the line of what a path leads to, such as `spec.generators.0.git`; as far as it exists.
    pub(crate) fn line(&self, text: &str, path: &str) -> Option<usize> {
        let mut node = &self.node;
        for step in path.split('.').filter(|step| !step.is_empty()) {
            let next = match step.parse::<usize>() {
                Ok(index) => node.as_seq().and_then(|items| items.get(index)),
                Err(_) => node.get(step),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        let offset = usize::try_from(node.pos().0).ok()?.checked_sub(1)?;
        let unified = text.replace("\r\n", "\n");
        let before = unified.get(..offset.min(unified.len()))?;
        Some(1 + before.matches('\n').count())
    }
}

/// Reads all documents of a file.
pub(crate) fn documents(bytes: &[u8]) -> Result<Vec<Document>, String> {
    let nodes = yaml::read_stream(bytes, Pos(1), &limits()).map_err(|e| e.to_string())?;
    nodes.into_iter().map(|node| Ok(Document { json: json(&node)?, node })).collect()
}

/// Reads the first document of a text; an empty text is null.
pub(crate) fn read(text: &[u8]) -> Result<Json, String> {
    let text = yaml::decode(text).map_err(|e| e.to_string())?;
    let node = yaml::read_document(&text, Pos::NONE, Merges::Plain, &limits());
    match node.map_err(|e| e.to_string())? {
        Some(node) => json(&node),
        None => Ok(Json::Null),
    }
}

/// Prints a value as YAML, without a line end after it.
pub(crate) fn print(json: &Json) -> Result<String, String> {
    let mut text = String::new();
    yaml::print(&yaml::from_value(json), &mut text).map_err(|e| e.to_string())?;
    text.truncate(text.trim_end_matches('\n').len());
    Ok(text)
}

fn json(node: &Node) -> Result<Json, String> {
    Ok(match node {
        Node::Scalar { style, tag, text, .. } => {
            let value = yaml::resolve(text, *style, *tag, Rules::V2).map_err(|e| e.to_string())?;
            match value {
                Scalar::Null => Json::Null,
                Scalar::Bool(value) => Json::Bool(value),
                Scalar::Int(value) => value.into(),
                Scalar::Uint(value) => value.into(),
                Scalar::Float(value) => serde_json::Number::from_f64(value)
                    .map(Json::Number)
                    .ok_or_else(|| format!("json: unsupported value: {text}"))?,
                Scalar::Timestamp(text) => Json::String(text),
                Scalar::Str(text) => Json::String(text.into_owned()),
            }
        }
        Node::Seq { items, .. } => Json::Array(items.iter().map(json).collect::<Result<_, _>>()?),
        Node::Map { map, .. } => {
            let mut members = Map::new();
            for entry in map {
                let key = match json(&entry.key)? {
                    Json::String(key) => key,
                    Json::Array(_) | Json::Object(_) => {
                        return Err("a key is a list or a map".to_owned());
                    }
                    other => other.to_string(),
                };
                members.insert(key, json(&entry.value)?);
            }
            Json::Object(members)
        }
    })
}
