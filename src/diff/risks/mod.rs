//! Changes that are dangerous: what the server refuses, what loses data, what opens doors.
//!
//! Each rule follows one of Kubernetes' own; docs/review.md says which.

// Circle: kinds, mod, privileges, refused, removals, rights, tags: each adds to what is found here.
mod kinds;
mod privileges;
mod refused;
mod removals;
mod rights;
mod tags;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::model::{ChangeKind, Diff, FieldChange, ObjectId, ResourceDiff};
use super::path::PathStep;

/// A dangerous change.
///
/// ```json
/// {"rule": "replicas-zero", "message": "spec.replicas becomes 0: nothing runs any more",
///  "object": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}, "roots": ["prod"]}
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Risk {
    /// The name of the rule, which does not change between versions.
    pub rule: String,
    /// What happens.
    pub message: String,
    /// The object.
    pub object: ObjectId,
    /// The roots that have the change.
    pub roots: Vec<String>,
}

/// What becomes of objects that a root no longer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Removals {
    /// They are deleted, unless they say themselves that they stay.
    #[default]
    Open,
    /// They stay where they are.
    Stay,
    /// They are deleted, whatever they say.
    Delete,
}

impl Removals {
    pub(super) fn is_open(&self) -> bool {
        *self == Removals::Open
    }
}

/// Finds what is dangerous in the changes of some roots, each danger once for all roots.
pub(super) fn risks<'r>(
    roots: impl IntoIterator<Item = (&'r str, &'r Diff, Removals)>,
) -> Vec<Risk> {
    let mut found: Vec<Risk> = Vec::new();
    let mut places = rustc_hash::FxHashMap::default();
    for (root, diff, removals) in roots {
        let kinds = kinds::changed(diff, removals);
        for resource in &diff.resources {
            let Some(object) = resource.id() else { continue };
            let mut add = |rule: &'static str, message: String| {
                let key = (rule, message.clone(), object.clone());
                let place = *places.entry(key).or_insert(found.len());
                match found.get_mut(place) {
                    Some(risk) if !risk.roots.iter().any(|known| known == root) => {
                        risk.roots.push(root.to_owned());
                    }
                    Some(_) => {}
                    None => found.push(Risk {
                        rule: rule.to_owned(),
                        message,
                        object: object.clone(),
                        roots: vec![root.to_owned()],
                    }),
                }
            };
            match resource.change {
                ChangeKind::Removed => removals::removed(resource, object, removals, &mut add),
                _ => {
                    if let Some(before) = kinds.get(object) {
                        let becomes = format!("{before} becomes {}", object.kind);
                        add(
                            "kind-change",
                            format!("{becomes}: the old object goes, with its Pods"),
                        );
                    }
                    of_resource(resource, object, &mut add);
                }
            }
        }
    }
    found
}

type Add<'a> = &'a mut dyn FnMut(&'static str, String);

fn of_resource(resource: &ResourceDiff, id: &ObjectId, add: Add<'_>) {
    refused::changed(resource, id, add);
    if is_builtin(id) {
        rights::grown(resource, id, add);
    }
    privileges::grown(resource, add);
    tags::changed(resource, add);
}

/// Returns `true` for the kinds of Kubernetes itself: others have the same names, and other rules.
fn is_builtin(id: &ObjectId) -> bool {
    let group = id.api_version.split_once('/').map_or("", |(group, _)| group);
    !group.contains('.') || group.ends_with(".k8s.io") && !group.ends_with(".x-k8s.io")
}

/// Returns a path without what tells elements of lists apart: `rules[].verbs[]`.
fn plain(field: &FieldChange) -> String {
    let mut out = String::new();
    for step in &field.path.0 {
        match step {
            PathStep::Field(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            PathStep::Key { .. } | PathStep::Index { .. } => out.push_str("[]"),
        }
    }
    out
}
