//! Objects that are removed, and what goes with them.

use serde_json::Value;

use super::{Add, Removals, is_builtin};
use crate::diff::model::{ObjectId, ResourceDiff};

/// Kinds with whose removal something is lost that does not come back.
const KEEPERS: [(&str, &str); 4] = [
    ("Namespace", "everything in it goes with it"),
    ("CustomResourceDefinition", "all objects of its kind go with it"),
    ("PersistentVolumeClaim", "its data may go with it"),
    ("StatefulSet", "its Pods stop, and nothing owns their volumes any more"),
];

/// Reports what the removal of an object means.
pub(super) fn removed(resource: &ResourceDiff, id: &ObjectId, removals: Removals, add: Add<'_>) {
    if removals == Removals::Stay {
        return;
    }
    if let Some(kept) = kept(resource, removals) {
        return add("removal-of-kept", format!("is removed here, but {kept}"));
    }
    let mut keepers = KEEPERS.iter().filter(|_| is_builtin(id));
    if let Some((_, why)) = keepers.find(|(kind, _)| *kind == id.kind) {
        add("removal", format!("the {} is removed: {why}", id.kind));
    }
}

/// Says why an object stays in the cluster, if it says so itself and is heard.
pub(super) fn kept(resource: &ResourceDiff, removals: Removals) -> Option<&'static str> {
    if removals == Removals::Delete {
        return None;
    }
    let object = resource.object.as_ref()?.value();
    let annotations = object.pointer("/metadata/annotations")?;
    let annotation = |name: &str| annotations.get(name).and_then(Value::as_str).unwrap_or_default();
    let options = annotation("argocd.argoproj.io/sync-options");
    if options.split(',').any(|option| option.trim() == "Prune=false") {
        return Some("Prune=false leaves it in the cluster");
    }
    if annotation("kustomize.toolkit.fluxcd.io/prune") == "disabled" {
        return Some("Flux is told to leave it in the cluster");
    }
    (annotation("helm.sh/resource-policy") == "keep").then_some("its resource-policy is keep")
}
