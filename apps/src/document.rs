//! YAML as Argo CD reads it: through JSON, with the booleans of YAML 1.1.

pub(crate) use kustom::document::Document;
use kustom::document::{NodeView, Reading};
use serde_json::Value as Json;

use crate::template::{Budget, Failure};

/// What a value of a document takes as JSON, and as what is made of that.
const NODE: usize = 128;

/// Returns the line of what a path leads to, such as `spec.generators.0.git`; as far as it exists.
pub(crate) fn line(document: &Document, path: &str) -> Option<usize> {
    document.line(path.split('.').filter(|step| !step.is_empty()))
}

/// Reads all documents of a file that is read together with others.
pub(crate) fn documents_within(bytes: &[u8], reading: &Reading) -> Result<Vec<Document>, String> {
    Document::read_all_within(bytes, reading).map_err(told)
}

/// Reads all documents of a file that nothing is kept of.
pub(crate) fn documents(bytes: &[u8]) -> Result<Vec<Document>, String> {
    Document::read_all(bytes).map_err(told)
}

/// Returns the object of a document as Argo CD has it: of keys that stand twice the last counts, and a key that is no
/// text becomes one.
pub(crate) fn object(document: &Document) -> NodeView {
    NodeView::from_value(document.value())
}

/// Returns the line that a message about YAML names.
pub(crate) fn line_of_fault(message: &str) -> Option<usize> {
    let (number, _) = message.strip_prefix("yaml: line ")?.split_once(':')?;
    number.parse().ok()
}

/// Reads the first document of a text; an empty text is null.
pub(crate) fn read(text: &[u8]) -> Result<Json, String> {
    kustom::document::from_yaml(text).map_err(told)
}

/// Reads the first document of a text that a template has made, if a budget has that much; an empty text is null.
pub(crate) fn read_made(text: &str, budget: &Budget) -> Result<Json, Failure> {
    // Each two bytes may be a value, in the tree and as JSON.
    budget.reads(text.len().saturating_mul(12))?;
    budget.has_room(text.len().saturating_mul(160))?;
    read_within(text.as_bytes(), budget)
}

/// Reads the first document of a text, if a budget has as much as its aliases stand for; an empty text is null.
pub(crate) fn read_within(text: &[u8], budget: &Budget) -> Result<Json, Failure> {
    budget.reads(text.len().saturating_mul(4))?;
    if text.contains(&b'&') && text.contains(&b'*') {
        // What an alias stands for is there once in the tree only.
        let root = NodeView::read(text).map_err(told)?;
        let mut open = vec![root];
        let mut size = 0usize;
        while let Some(node) = open.pop() {
            let length = node.text().map_or(0, str::len);
            budget.reads(NODE + length)?;
            size = size.saturating_add(NODE + length);
            if budget.has_room(size).is_err() {
                return Err("yaml: aliases stand for too much".into());
            }
            open.extend(node.items());
            open.extend(node.entries().flat_map(|(key, value)| [key, value]));
        }
    }
    Ok(read(text)?)
}

/// Prints a value as YAML, without a line end after it.
pub(crate) fn print(json: &Json) -> Result<String, String> {
    let text = kustom::document::to_yaml(json).map_err(told)?;
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

fn told(error: kustom::Error) -> String {
    error.message().to_owned()
}
