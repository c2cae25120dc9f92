//! From YAML documents to resources: checks and lists (docs/spec/resources.md, section 1).

use std::collections::VecDeque;

use ecow::EcoVec;

use super::resource::{Resource, scalar_text};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::{self, Kind, Mapping, Node};

/// Returns the resources of a stream's documents, lists opened.
///
/// # Errors
/// If a document is no Kubernetes object.
pub(crate) fn resources(documents: EcoVec<Node>) -> Result<Vec<Resource>> {
    let items = match documents.as_slice() {
        [only] => open_single_list(only),
        _ => None,
    };
    items_of(items.map_or(documents, without_empty))
}

/// Returns items without those that say nothing, such as `null` and `{}`.
fn without_empty(mut items: EcoVec<Node>) -> EcoVec<Node> {
    if items.iter().any(yaml::is_empty) {
        items.retain(|item| !yaml::is_empty(item));
    }
    items
}

/// Returns the resources of documents, or of items of a list that was opened.
///
/// # Errors
/// If one is no Kubernetes object.
pub(crate) fn items_of(documents: EcoVec<Node>) -> Result<Vec<Resource>> {
    for document in &documents {
        validate(document)?;
    }
    let mut resources = Vec::with_capacity(documents.len());
    // Odd: what a list holds comes after all later documents of the stream (case
    // resources/list-items-come-last).
    let mut queue: VecDeque<(Node, bool)> = documents.into_iter().map(|n| (n, false)).collect();
    while let Some((node, is_json)) = queue.pop_front() {
        match list_items(&node)? {
            None => resources.push(Resource::new(node)),
            Some(items) => {
                for item in items.iter().filter(|item| !yaml::is_empty(item)) {
                    // What is in a list in a list has been there and back already.
                    let item = match is_json {
                        true => item.clone(),
                        false => yaml::through_json(item)
                            .map_err(|e| Error::new(ErrorKind::Resource, e.message).at(e.pos))?,
                    };
                    validate(&item)?;
                    queue.push_back((item, true));
                }
            }
        }
    }
    Ok(resources)
}

/// Returns documents as resources, and no list of them opened but one that is alone.
///
/// # Errors
/// If a document is no Kubernetes object.
pub(crate) fn closed(documents: EcoVec<Node>) -> Result<Vec<Resource>> {
    let items = match documents.as_slice() {
        [only] => open_single_list(only),
        _ => None,
    };
    let items = without_empty(items.unwrap_or(documents));
    for item in &items {
        validate(item)?;
    }
    Ok(items.into_iter().map(Resource::new).collect())
}

/// A stream of one `List` or `ResourceList` is its items, in place.
///
/// Odd: of items that are a mapping, keys and values count alike (case resources/list-items-mapping).
pub(crate) fn open_single_list(node: &Node) -> Option<EcoVec<Node>> {
    let kind = node.get("kind")?.text()?;
    if !matches!(kind, "List" | "ResourceList") {
        return None;
    }
    let items = node.get("items");
    if items.is_none() && node.get("functionConfig").is_none() {
        return None;
    }
    Some(match items {
        Some(Node::Seq { items, .. }) => items.clone(),
        Some(Node::Map { map, .. }) => {
            map.iter().flat_map(|entry| [entry.key.clone(), entry.value.clone()]).collect()
        }
        _ => EcoVec::new(),
    })
}

/// Returns the items if the kind ends in `List` and there are any.
fn list_items(node: &Node) -> Result<Option<EcoVec<Node>>> {
    let kind = node.get("kind").and_then(Node::text).unwrap_or_default();
    let Some(items) = node.get("items").filter(|_| kind.ends_with("List")) else {
        return Ok(None);
    };
    match items {
        Node::Seq { items, .. } => Ok(Some(items.clone())),
        other if other.is_null() => Ok(Some(EcoVec::new())),
        other => {
            let found =
                if other.kind() == Kind::Map { "map[string]interface {}" } else { "string" };
            Err(Error::new(
                ErrorKind::Resource,
                format!("expected array in {kind}/items, but found {found}"),
            )
            .at(other.pos()))
        }
    }
}

/// Checks that a document has a kind and, unless it is a list kind, a name.
///
/// # Errors
/// If it has not.
pub(crate) fn validate(node: &Node) -> Result<()> {
    let refuse = |message: String| Err(Error::new(ErrorKind::Resource, message).at(node.pos()));
    let kind = scalar_text(node.get("kind"));
    let metadata = node.get("metadata");
    let text = |key| scalar_text(metadata.and_then(|metadata| metadata.get(key)));
    if !kind.is_empty() && (kind.ends_with("List") || !text("name").is_empty()) {
        return Ok(());
    }
    let api_version = scalar_text(node.get("apiVersion"));
    if api_version.is_empty() && kind.is_empty() && metadata.is_none() {
        return refuse("missing Resource metadata".to_owned());
    }
    let shown = |key| shown_map(metadata.and_then(|metadata| metadata.get(key)?.as_map()));
    let (labels, annotations) = (shown("labels"), shown("annotations"));
    let (name, namespace) = (text("name"), text("namespace"));
    refuse(if kind.is_empty() {
        format!(
            "missing kind in object {{{{{api_version} }} {{{{{name} {namespace}}} {labels} {annotations}}}}}"
        )
    } else {
        format!(
            "missing metadata.name in object {{{{{api_version} {kind}}} {{{{ {namespace}}} {labels} {annotations}}}}}"
        )
    })
}

fn shown_map(map: Option<&Mapping>) -> String {
    let mut pairs: Vec<String> = map
        .into_iter()
        .flatten()
        .filter_map(|e| Some(format!("{}:{}", e.key.text()?, e.value.text()?)))
        .collect();
    pairs.sort_unstable();
    format!("map[{}]", pairs.join(" "))
}
