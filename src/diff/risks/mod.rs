//! Changes that are dangerous: what the server refuses, what loses data, what opens doors.
//!
//! Each rule follows one of Kubernetes' own; docs/review.md says which.

// Circle: kinds, mod, privileges, refused, removals, restrictions, rights, tags: each adds to what is found here.
mod kinds;
mod privileges;
mod refused;
mod removals;
mod restrictions;
mod rights;
mod tags;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::budget::Budget;
use super::model::{ChangeKind, Diff, ObjectId, ResourceDiff, Whole};
use super::path::{ChangePath, PathStep};
use super::renames::{Rename, renames};
use crate::limits::Limits;

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

/// What was found of dangers.
pub(super) struct FoundRisks {
    pub(super) risks: Vec<Risk>,
    /// Whether there was room for all.
    pub(super) is_all: bool,
}

/// Finds what is dangerous in the changes of some roots, each danger once for all roots, as long as there is room:
/// a quarter of what the differences may take.
pub(super) fn risks<'r>(
    roots: impl IntoIterator<Item = (&'r str, &'r Diff, Removals)>,
    limits: &'r Limits,
) -> FoundRisks {
    let mut room = limits.diff_bytes / 4;
    let mut found: Vec<Risk> = Vec::new();
    let mut is_all = true;
    let mut places = FxHashMap::default();
    for (root, diff, removals) in roots {
        let kinds = kinds::changed(diff, removals);
        let mut renames = Renames { found: None, limits };
        for (i, resource) in diff.resources.iter().enumerate() {
            if !is_all {
                break;
            }
            // All rules look at the same object.
            let resource = &*resource.in_full();
            let Some(object) = resource.id() else { continue };
            let mut add = |rule: &'static str, message: String| {
                let key = (rule, message.clone(), object.clone());
                let place = places.get(&key).copied();
                let is_known = |risk: &Risk| risk.roots.last().is_some_and(|known| known == root);
                if place.and_then(|place: usize| found.get(place)).is_some_and(is_known) {
                    return;
                }
                let id = object.name.len() + object.namespace.len() + object.kind.len();
                let texts = 2 * (message.len() + id) + root.len();
                let Some(rest) = room.checked_sub(RISK + texts as u64) else {
                    is_all = false;
                    return;
                };
                room = rest;
                let place = *places.entry(key).or_insert(found.len());
                match found.get_mut(place) {
                    Some(risk) => risk.roots.push(root.to_owned()),
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
                    match renames.before(diff, i, resource) {
                        Some(changed) => of_contents(&changed, object, &mut add),
                        None => of_resource(resource, object, &mut add),
                    }
                }
            }
        }
    }
    FoundRisks { risks: found, is_all }
}

/// What a danger takes beside its texts, about.
const RISK: u64 = 400;

/// New objects that are old ones under another name.
struct Renames<'d> {
    found: Option<FxHashMap<usize, Rename<'d>>>,
    limits: &'d Limits,
}

impl<'d> Renames<'d> {
    /// Returns how an object that was added differs from the one in whose place it comes. Nobody asks for objects that
    /// bring no danger.
    fn before(&mut self, diff: &'d Diff, i: usize, added: &ResourceDiff) -> Option<ResourceDiff> {
        let id = added.id().filter(|_| added.change == ChangeKind::Added)?;
        let mut is_dangerous = false;
        of_contents(added, id, &mut |_, _| is_dangerous = true);
        if !is_dangerous {
            return None;
        }
        let found = || renames(diff, &Budget::of_text(self.limits, 1));
        let rename = self.found.get_or_insert_with(found).get(&i)?;
        Some(ResourceDiff {
            change: ChangeKind::Changed,
            before: rename.removed.before.clone(),
            object: None,
            fields: rename.changes.clone(),
            whole: Whole(added.object.clone()?),
            ..added.clone()
        })
    }
}

type Add<'a> = &'a mut dyn FnMut(&'static str, String);

fn of_resource(resource: &ResourceDiff, id: &ObjectId, add: Add<'_>) {
    refused::changed(resource, id, add);
    of_contents(resource, id, add);
}

/// Finds what an object may do, or runs, that it did not before.
fn of_contents(resource: &ResourceDiff, id: &ObjectId, add: Add<'_>) {
    if is_builtin(id) {
        rights::grown(resource, id, add);
    }
    privileges::grown(resource, add);
    restrictions::lifted(resource, add);
    tags::changed(resource, add);
}

/// Returns `true` for the kinds of Kubernetes itself: others have the same names, and other rules.
fn is_builtin(id: &ObjectId) -> bool {
    let group = id.api_version.split_once('/').map_or("", |(group, _)| group);
    !group.contains('.') || group.ends_with(".k8s.io") && !group.ends_with(".x-k8s.io")
}

/// Returns a path without what tells elements of lists apart: `rules[].verbs[]`.
fn plain(path: &ChangePath) -> String {
    let mut out = String::new();
    for step in &path.0 {
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
