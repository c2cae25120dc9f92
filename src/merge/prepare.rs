//! What surrounds a merge: preparing a patch for its target, and keeping the target's identity.

use ecow::EcoString;

use crate::resource::Resource;
use crate::yaml::{Entry, Mapping, Node, Style, Tag};

/// Which parts of the identity survive a merge; the namespace always does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    /// The kind (no `allowKindChange`).
    pub(crate) kind: bool,
    /// The name (no `allowNameChange`).
    pub(crate) name: bool,
}

/// A patch that was selected by a target, or stands in `patchesStrategicMerge`, on its way into its resources:
/// labels and annotations are strings, `apiVersion` is that of the resource.
///
/// Odd: an empty map or a null there is dropped, so a label can not be deleted by a null this way
/// (case patches/strategic-label-null-without-target).
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The patch, with the `apiVersion` that it was written with.
    patch: Node,
    /// The patch for resources of one version; most have the same.
    last: Option<(EcoString, Node)>,
}

impl Prepared {
    /// Prepares `patch` as far as it is the same for all resources.
    pub(crate) fn new(patch: &Node) -> Prepared {
        let mut patch = patch.clone();
        if let Some(metadata) = patch.get_mut("metadata").and_then(Node::as_map_mut) {
            for field in ["labels", "annotations"] {
                match metadata.get(field).map(strings) {
                    Some(Some(strings)) => metadata.set(field, Node::map(strings)),
                    Some(None) => drop(metadata.remove(field)),
                    None => {}
                }
            }
            if metadata.get("namespace").is_some_and(is_empty) {
                metadata.remove("namespace");
            }
        }
        Prepared { patch, last: None }
    }

    /// Returns the patch as it is merged into `target`.
    pub(crate) fn of(&mut self, target: &Resource) -> Node {
        let new = target.api_version();
        if let Some((_, patch)) = self.last.as_ref().filter(|(version, _)| version == new) {
            return patch.clone();
        }
        let mut patch = self.patch.clone();
        let Some(map) = patch.as_map_mut() else {
            return patch;
        };
        let version = target.node.get("apiVersion");
        match (new, map.get_mut("apiVersion")) {
            ("", Some(Node::Scalar { style, .. }))
                if version.is_some() || *style == Style::Plain =>
            {
                drop(map.remove("apiVersion"));
            }
            (new, Some(Node::Scalar { text, tag, .. })) => {
                (*text, *tag) = (new.into(), Tag::Cleared);
                self.last = Some((new.into(), patch.clone()));
            }
            _ => {
                if let Some(version) = version {
                    map.set("apiVersion", version.clone());
                }
            }
        }
        patch
    }
}

/// Makes the annotations of a patch strings, as upstream does to note what the patch may change.
///
/// Odd: a null there does not delete anything (case patches/strategic-annotations-made-strings-with-target).
pub(crate) fn with_string_annotations(patch: &Node) -> Node {
    let mut patch = patch.clone();
    if let Some(metadata) = patch.get_mut("metadata").and_then(Node::as_map_mut) {
        match metadata.get("annotations").map(strings) {
            Some(Some(strings)) => metadata.set("annotations", Node::map(strings)),
            Some(None) => drop(metadata.remove("annotations")),
            None => {}
        }
    }
    patch
}

/// What a resource is called before it is merged.
///
/// Kept apart from the tree, which can then be changed in place.
#[derive(Debug)]
pub(crate) struct Identity {
    version: Option<Node>,
    kind: Option<Node>,
    name: Option<Node>,
    namespace: Option<Node>,
}

impl Identity {
    /// Returns the identity of a resource.
    pub(crate) fn of(resource: &Node) -> Identity {
        let metadata = resource.get("metadata");
        let of_metadata = |field| metadata.and_then(|metadata| metadata.get(field)).cloned();
        Identity {
            version: resource.get("apiVersion").cloned(),
            kind: resource.get("kind").cloned(),
            name: of_metadata("name"),
            namespace: of_metadata("namespace").filter(|namespace| !is_empty(namespace)),
        }
    }

    /// Gives a resource without `apiVersion` the null that it has after a prepared patch was merged.
    ///
    /// Odd: upstream writes the missing text into the patch
    /// (case patches/strategic-with-target-without-api-version).
    pub(crate) fn restore_version(&self, merged: &mut Node, patch: &Node) {
        let merges = !matches!(patch.get("$patch").and_then(Node::text), Some("replace"));
        let is_missing = merges && self.version.as_ref().is_none_or(Node::is_null);
        let has_none = |map: &Mapping| map.get("apiVersion").is_none_or(Node::is_null);
        if let Some(map) = merged.as_map_mut().filter(|map| is_missing && has_none(map)) {
            map.set("apiVersion", Node::plain(""));
        }
    }

    /// Gives a merged resource its kind, name and namespace back.
    pub(crate) fn restore(&self, merged: &mut Node, keep: Keep) {
        let Some(map) = merged.as_map_mut() else {
            return;
        };
        if let Some(kind) = self.kind.as_ref().filter(|_| keep.kind) {
            map.set("kind", kind.clone());
        }
        if map.get("metadata").and_then(Node::as_map).is_none() {
            map.set("metadata", Node::map(Mapping::new()));
        }
        let Some(metadata) = map.get_mut("metadata").and_then(Node::as_map_mut) else {
            return;
        };
        if let Some(name) = self.name.as_ref().filter(|_| keep.name) {
            metadata.set("name", name.clone());
        }
        match &self.namespace {
            Some(namespace) => metadata.set("namespace", namespace.clone()),
            None => drop(metadata.remove("namespace")),
        }
    }
}

/// Returns `true` if a patch removes or replaces all annotations.
///
/// Upstream keeps what it remembers of a resource in annotations, so such a patch wipes that as well.
pub(crate) fn wipes_annotations(patch: &Node) -> bool {
    let wipes = |node: &Node| {
        node.is_null()
            || matches!(node.get("$patch").and_then(Node::text), Some("replace" | "delete"))
    };
    let Some(metadata) = patch.get("metadata") else {
        return false;
    };
    wipes(metadata) || metadata.get("annotations").is_some_and(wipes)
}

/// Returns a map with every value as a string, sorted by key, or `None` for an empty one or a null.
fn strings(map: &Node) -> Option<Mapping> {
    let map = map.as_map()?;
    let mut entries: Vec<(EcoString, Node)> = Vec::with_capacity(map.len());
    for Entry { key, value } in map {
        let Some(key) = key.text() else { continue };
        let text = value.text().unwrap_or_default();
        entries.push((key.into(), Node::str(text).at(value.pos()).written()));
    }
    // Of equal keys the last one counts.
    entries.reverse();
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    entries.dedup_by(|(a, _), (b, _)| a == b);
    let entry = |(key, value): (EcoString, Node)| Entry { key: Node::plain(key), value };
    // Odd: an empty key makes upstream give up (case merge/empty-label-key).
    let usable = entries.first().is_some_and(|(key, _)| !key.is_empty());
    usable.then(|| entries.into_iter().map(entry).collect())
}

/// Returns `true` if a node has no text; a list or map has none either.
fn is_empty(node: &Node) -> bool {
    node.is_null() || node.text().unwrap_or_default().is_empty()
}
