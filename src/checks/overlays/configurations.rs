//! Files of `configurations`.

use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::yaml::{Entry, Node};

/// Warns about field specs whose path is written as one of a replacement.
pub(crate) fn paths(lint: &Lint, file: &Node) {
    match file {
        Node::Map { map, .. } => map.iter().for_each(|entry| {
            if let Some(path) = dotted(entry) {
                let text = format!("the field spec is about one field that is called `{path}`");
                lint.add(Warning::new(WarningKind::DottedPath, text, entry.value.pos()).hint(
                    format!("a path has slashes between its parts: `{}`", path.replace('.', "/")),
                ));
            }
            paths(lint, &entry.value);
        }),
        Node::Seq { items, .. } => items.iter().for_each(|item| paths(lint, item)),
        Node::Scalar { .. } => {}
    }
}

/// Returns the path of a field spec, if it has dots and no slashes.
fn dotted(entry: &Entry) -> Option<&str> {
    let path = entry.value.text().filter(|_| entry.key.text() == Some("path"))?;
    let is_name = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    (path.contains('.') && path.split('.').all(is_name)).then_some(path)
}
