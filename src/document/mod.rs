//! YAML documents that are no part of a build.
//!
//! For tools that read what lies beside the kustomizations, such as the objects of a controller, and print what
//! they make of it in the form of the output.
//!
//! ```
//! use kustom::document::{self, Document};
//!
//! let read = Document::read_all(b"kind: App\nspec:\n  active: yes\n")?;
//! assert_eq!(read[0].value()["spec"]["active"], true);
//! assert_eq!(read[0].line(["spec", "active"]), Some(3));
//! assert_eq!(document::to_yaml(read[0].value())?, "kind: App\nspec:\n  active: true\n");
//! # Ok::<(), kustom::Error>(())
//! ```

mod reading;
mod repository_reader;
mod view;

use std::sync::Arc;

use serde_json::Map;

pub use reading::Reading;
pub use repository_reader::RepositoryReader;
pub use view::{NodeKind, NodeView};

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::Limit;
use crate::yaml::{self, Merges, Node, Pos, Rules, Source, SyntaxError, Value};

/// How deep a document may be nested, which is what programs that read JSON agree on.
const DEPTH: usize = 120;

/// How many bytes the texts of a document may have together, those that aliases repeat included.
const BYTES: usize = 64 << 20;

/// A document of a stream, typed as kustomization files are: by the rules of YAML 1.1, so `yes` is true.
#[derive(Clone, Debug)]
pub struct Document {
    value: serde_json::Value,
    node: Node,
    /// Where the lines of the stream start.
    lines: Arc<[usize]>,
}

impl Document {
    /// Reads the documents of a stream, without those that are empty.
    ///
    /// # Errors
    /// If it is not YAML, is nested more than 120 deep, has a value or a key that JSON does not have or a document of
    /// more than 64 MiB, or its aliases stand for more than a [`Reading`] allows.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Document>> {
        Document::read_all_within(bytes, &Reading::default())
    }

    /// As [`read_all`](Self::read_all), of a text that is read together with others.
    ///
    /// # Errors
    /// As `read_all`, and if the aliases of all stand for too much.
    pub fn read_all_within(bytes: &[u8], reading: &Reading) -> Result<Vec<Document>> {
        let nodes = yaml::read_stream(bytes, Pos(1), &reading.limits(DEPTH)).map_err(refused)?;
        reading.charge(bytes, &nodes)?;
        Document::all(nodes, bytes)
    }

    fn all(nodes: Vec<Node>, bytes: &[u8]) -> Result<Vec<Document>> {
        let lines = line_starts(bytes).into();
        let document = |node: Node| {
            let lines = Arc::clone(&lines);
            json(&node).map(|value| Document { value, node, lines })
        };
        nodes.into_iter().map(document).collect()
    }

    /// Reads the first document of a text; null if it is empty.
    ///
    /// # Errors
    /// As [`read_all`](Self::read_all).
    pub fn read(bytes: &[u8]) -> Result<Document> {
        let node = first(bytes)?;
        Ok(Document { value: json(&node)?, node, lines: line_starts(bytes).into() })
    }

    /// Returns the content.
    pub fn value(&self) -> &serde_json::Value {
        &self.value
    }

    /// Returns the tree, with its texts as they were written.
    pub fn root(&self) -> NodeView {
        NodeView::of(&self.node)
    }

    /// Returns the content, and drops the rest.
    pub fn into_value(self) -> serde_json::Value {
        self.value
    }

    /// Returns the line, from 1, of what a path of keys and indexes leads to, as far as it exists.
    pub fn line<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Option<usize> {
        let mut node = &self.node;
        for step in path {
            let next = match (node.as_seq(), step.parse::<usize>()) {
                (Some(items), Ok(index)) => items.get(index),
                _ => node.get(step),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        let offset = usize::try_from(node.pos().0).ok()?.checked_sub(1)?;
        Some(self.lines.partition_point(|start| *start <= offset))
    }
}

/// Reads the first document of a text and types it as [`Document`] does; an empty text is null.
///
/// # Errors
/// As [`Document::read_all`].
pub fn from_yaml(bytes: &[u8]) -> Result<serde_json::Value> {
    Document::read(bytes).map(Document::into_value)
}

/// Returns a value as the YAML document that a build would print of it, with a line break at its end.
///
/// # Errors
/// If it cannot be printed.
pub fn to_yaml(value: &serde_json::Value) -> Result<String> {
    let mut text = String::new();
    yaml::print(&yaml::from_value(value), &mut text)?;
    Ok(text)
}

/// Returns the text of a document with a string at a path of keys, and of numbers of items where there is a list. Maps
/// that are missing are added; everything else stays byte for byte.
///
/// ```
/// let text = "metadata: # of the object\n  name: a\n";
/// let changed = kustom::document::set_text(text, &["metadata", "namespace"], "shop")?;
/// assert_eq!(changed, "metadata: # of the object\n  name: a\n  namespace: shop\n");
/// # Ok::<(), kustom::Error>(())
/// ```
///
/// # Errors
/// If it is not YAML, has something else than a map on the path, or cannot be changed there alone.
pub fn set_text(text: &str, path: &[&str], value: &str) -> Result<String> {
    let refuse = |message: String| Error::new(ErrorKind::Render, message);
    let source = Source::read(text.as_bytes()).map_err(|e| refuse(e.to_string()))?;
    let mut root = source.root().clone();
    let Some((last, above)) = path.split_last() else { return Ok(text.to_owned()) };
    let mut at = &mut root;
    for key in above {
        if at.as_seq().is_some() {
            let item = key.parse().ok().zip(at.as_seq_mut());
            let item = item.and_then(|(i, items): (usize, _)| items.make_mut().get_mut(i));
            at = item.ok_or_else(|| refuse(format!("there is no item {key} in the list")))?;
            continue;
        }
        let map = at.as_map_mut().ok_or_else(|| refuse(format!("{key} is not in a map")))?;
        if map.get(key).is_none_or(Node::is_null) {
            map.set(key, Node::map(Default::default()));
        }
        at = map.get_mut(key).ok_or_else(|| refuse(format!("{key} was not added")))?;
    }
    let map = at.as_map_mut().ok_or_else(|| refuse(format!("{last} is not in a map")))?;
    map.set(last, Node::str(value));
    Ok(source.rewrite(&root).map_err(|e| refuse(e.to_string()))?.text)
}

/// Returns the first document of a text, or null.
fn first(bytes: &[u8]) -> Result<Node> {
    let (text, reading) = (yaml::decode(bytes).map_err(refused)?, Reading::default());
    let limits = reading.limits(DEPTH);
    let node = yaml::read_document(&text, Pos(1), Merges::Plain, &limits).map_err(refused)?;
    reading.charge(bytes, node.as_slice())?;
    Ok(node.unwrap_or_default())
}

impl NodeView {
    /// Reads the first document of a text, as [`Document::read`] does; it need not be one that JSON can
    /// express.
    ///
    /// # Errors
    /// If it is not YAML, or too deep or too large.
    pub fn read(bytes: &[u8]) -> Result<NodeView> {
        first(bytes).map(|node| NodeView::of(&node))
    }
}

fn refused(error: SyntaxError) -> Error {
    match error.limit {
        None => Error::new(ErrorKind::Syntax, error.to_string()),
        Some(limit) => {
            let message = format!("{error} (limit `{}`)", limit.as_str());
            Error::new(ErrorKind::Limit, message).of_limit(limit)
        }
    }
}

/// Returns where the lines start, counted in bytes with each line break as one.
fn line_starts(bytes: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    let mut returns = 0;
    for (i, byte) in bytes.iter().enumerate() {
        match byte {
            b'\r' if bytes.get(i + 1) == Some(&b'\n') => returns += 1,
            b'\n' => starts.push(i + 1 - returns),
            _ => {}
        }
    }
    starts
}

/// Returns a tree as JSON, unless that were too large.
fn json(node: &Node) -> Result<serde_json::Value> {
    if yaml::measure_bytes(node, BYTES).is_none() {
        let message = format!("a document has more bytes than {BYTES}");
        return Err(Error::new(ErrorKind::Limit, message).of_limit(Limit::ValueBytes));
    }
    typed(node)
}

/// Returns a tree as JSON; its depth is bounded by the reading.
fn typed(node: &Node) -> Result<serde_json::Value> {
    let refuse = |message: String| Err(Error::new(ErrorKind::Render, message));
    Ok(match node {
        Node::Scalar { style, tag, text, .. } => {
            match yaml::resolve(text, *style, *tag, Rules::V2)? {
                Value::Null => serde_json::Value::Null,
                Value::Bool(value) => serde_json::Value::Bool(value),
                Value::Int(value) => value.into(),
                Value::Uint(value) => value.into(),
                Value::Float(value) => match serde_json::Number::from_f64(value) {
                    Some(value) => serde_json::Value::Number(value),
                    None => return refuse(format!("json: unsupported value: {text}")),
                },
                Value::Timestamp(text) => serde_json::Value::String(text),
                Value::Str(text) => serde_json::Value::String(text.into_owned()),
            }
        }
        Node::Seq { items, .. } => {
            serde_json::Value::Array(items.iter().map(typed).collect::<Result<_>>()?)
        }
        Node::Map { map, .. } => {
            let mut members = Map::new();
            for entry in map {
                let key = match typed(&entry.key)? {
                    serde_json::Value::String(key) => key,
                    serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
                        return refuse("a key is a list or a map".to_owned());
                    }
                    other => other.to_string(),
                };
                members.insert(key, typed(&entry.value)?);
            }
            serde_json::Value::Object(members)
        }
    })
}
