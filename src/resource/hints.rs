//! What to do about documents that are no objects and ids that no resource has.

use super::id::ResId;
use super::set::ResourceSet;
use crate::schema::Schema;
use crate::yaml::{BRACES, Node, nearest};

/// Words of a message, and what to do.
const DOCUMENTS: &[(&str, &str)] = &[
    (
        "missing Resource metadata",
        "only Kubernetes objects are listed under `resources`; values belong into a \
         configMapGenerator, patches into `patches`",
    ),
    ("missing kind", "give the document a `kind`"),
    ("missing metadata.name", "give the document a `metadata.name`"),
];

/// Returns what to do about a document that is no object, as the message says.
pub(super) fn no_object(message: &str, document: &Node) -> Option<&'static str> {
    let is_template = |path: &[&str]| document.get_path(path).is_some_and(|n| n.as_map().is_some());
    if is_template(&["metadata", "name"]) || is_template(&["kind"]) {
        return Some(BRACES);
    }
    DOCUMENTS.iter().find(|(words, _)| message.contains(words)).map(|(_, hint)| *hint)
}

/// Says which resource may have been meant by an id that none has.
pub(crate) fn near_miss(id: &ResId, set: &ResourceSet, schema: &Schema) -> Option<String> {
    let ids = || set.iter().map(|resource| resource.id(schema));
    let same_name = |other: &ResId| other.name == id.name;
    let same_kind = |other: &ResId| other.gvk.kind == id.gvk.kind;
    if let Some(other) = ids().find(|other| same_name(other) && same_kind(other)) {
        let same_place = other.effective_namespace() == id.effective_namespace();
        if !other.gvk.is_selected_by(&id.gvk) || (other.gvk != id.gvk && same_place) {
            let version = match (other.gvk.group.as_str(), &other.gvk.version) {
                ("", version) => version.to_string(),
                (group, version) => format!("{group}/{version}"),
            };
            return Some(format!("`{}` is there with apiVersion {version}", id.name));
        }
        let place = match other.namespace.as_str() {
            "" => "without a namespace".to_owned(),
            namespace => format!("in the namespace {namespace}"),
        };
        return Some(format!("`{}` is there {place}", id.name));
    }
    let names: Vec<ResId> = ids().filter(same_kind).collect();
    if let Some(name) = nearest(names.iter().map(|other| other.name.as_str()), &id.name) {
        return Some(format!("did you mean `{name}`?"));
    }
    let other = ids().find(same_name)?;
    Some(format!("`{}` is there, but its kind is {}", id.name, other.gvk.kind))
}
