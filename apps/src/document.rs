//! YAML as Argo CD reads it: through JSON, with the booleans of YAML 1.1.

pub(crate) use kustom::document::Document;
use kustom::document::NodeView;
use serde_json::Value as Json;

/// Returns the line of what a path leads to, such as `spec.generators.0.git`; as far as it exists.
pub(crate) fn line(document: &Document, path: &str) -> Option<usize> {
    document.line(path.split('.').filter(|step| !step.is_empty()))
}

/// Reads all documents of a file.
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

/// Prints a value as YAML, without a line end after it.
pub(crate) fn print(json: &Json) -> Result<String, String> {
    let text = kustom::document::to_yaml(json).map_err(told)?;
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

fn told(error: kustom::Error) -> String {
    error.message().to_owned()
}
