//! Directories of plain manifests: `source.directory`.

use serde_json::Value as Json;

use kustom::document::{Document, NodeKind, NodeView};

use crate::path_pattern::Glob;
use crate::repository::Repository;

/// The comment by which a file is left out.
const SKIP: &str = "+argocd:skip-file-rendering";

/// Reads the objects of a directory.
pub(super) fn objects(
    path: &str,
    source: &Json,
    repository: &Repository,
) -> Result<Vec<NodeView>, String> {
    let own = source.get("directory").unwrap_or(&Json::Null);
    let recurse = own.get("recurse") == Some(&Json::Bool(true));
    let glob = |key: &str| {
        own.get(key).and_then(Json::as_str).filter(|glob| !glob.is_empty()).map(Glob::new)
    };
    let (include, exclude) = (glob("include"), glob("exclude"));
    let top = path.trim_matches('/').trim_start_matches("./");
    let mut nodes = Vec::new();
    for file in repository.files()? {
        let below = match top {
            "" | "." => Some(file.as_str()),
            top => file.strip_prefix(top).and_then(|rest| rest.strip_prefix('/')),
        };
        let Some(below) = below else { continue };
        let is_manifest = [".yaml", ".yml", ".json"].iter().any(|end| below.ends_with(end));
        let is_taken = (recurse || !below.contains('/'))
            && include.as_ref().is_none_or(|glob| glob.takes(below))
            && !exclude.as_ref().is_some_and(|glob| glob.takes(below));
        if below.ends_with(".jsonnet") && is_taken {
            return Err(format!("{file} is a program in Jsonnet, which is not run"));
        }
        if !is_manifest || !is_taken {
            continue;
        }
        let bytes = repository.read(file).map_err(|e| format!("{file}: {e}"))?;
        if String::from_utf8_lossy(&bytes).contains(SKIP) {
            continue;
        }
        let read = Document::read_all(&bytes);
        for document in read.map_err(|e| format!("{file}: {}", e.message()))? {
            add(document.root(), file, &mut nodes)?;
        }
    }
    Ok(nodes)
}

/// Adds an object, or those of a list.
fn add(node: NodeView, file: &str, nodes: &mut Vec<NodeView>) -> Result<(), String> {
    let kind = node.text_at(&["kind"]).unwrap_or_default();
    let items = node
        .get("items")
        .filter(|items| kind.ends_with("List") && items.kind() == NodeKind::Sequence);
    if let Some(items) = items {
        return items.items().try_for_each(|item| add(item, file, nodes));
    }
    if kind.is_empty() || node.get("apiVersion").is_none() {
        return Err(format!("{file} holds something that is no Kubernetes object"));
    }
    nodes.push(node);
    Ok(())
}
