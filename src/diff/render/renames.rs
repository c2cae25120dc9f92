//! Objects that go under one name and come under another.
//!
//! To a cluster these are two objects, and so they are in a [`Diff`]. For people the differences say
//! more than two whole objects.

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::diff::fields;
use crate::diff::model::{ChangeKind, Diff, FieldChange, MASK, ObjectId, ResourceDiff};
use crate::schema::Schema;

/// An object that was added and is much like one that was removed.
pub(in crate::diff) struct Rename<'d> {
    pub(super) removed: &'d ResourceDiff,
    pub(super) changes: Vec<FieldChange>,
}

/// How many fields may differ, the name included.
const MOST_CHANGES: usize = 8;
/// Kinds of which one may take the place of another.
const WORKLOADS: [&str; 6] =
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"];
/// How many removed objects of a kind are looked at.
const MOST_CANDIDATES: usize = 20;

/// Returns the renames, by the position of the added object in the difference.
pub(super) fn renames(diff: &Diff) -> FxHashMap<usize, Rename<'_>> {
    let schema = Schema::builtin();
    let mut taken = Vec::new();
    let mut renames = FxHashMap::default();
    let of = |change: ChangeKind| {
        diff.resources.iter().enumerate().filter(move |(_, resource)| resource.change == change)
    };
    for (i, added) in of(ChangeKind::Added) {
        let (Some(id), Some(object)) = (&added.after, &added.object) else { continue };
        // Of masked values nobody can say that they are the same.
        if has_mask(object) {
            continue;
        }
        let same_kind = of(ChangeKind::Removed).filter(|(j, removed)| {
            let other = removed.before.as_ref();
            let is_workload = |id: &ObjectId| WORKLOADS.contains(&id.kind.as_str());
            !taken.contains(j)
                && other.is_some_and(|o| {
                    o.kind == id.kind && o.api_version == id.api_version
                        || (&o.name, &o.namespace) == (&id.name, &id.namespace)
                            && is_workload(o)
                            && is_workload(id)
                })
        });
        let of_type = schema.resource(&id.api_version, &id.kind);
        let compared = same_kind.take(MOST_CANDIDATES).filter_map(|(j, removed)| {
            let changes = fields::compare(removed.object.as_ref()?, object, of_type);
            Some((j, Rename { removed, changes }))
        });
        let nearest = compared.min_by_key(|(_, rename)| rename.changes.len());
        let most = |rename: &Rename<'_>| {
            // Under the same name it is the successor, much as it may differ.
            let same_name = rename.removed.before.as_ref().is_some_and(|o| o.name == id.name);
            if same_name { MOST_CHANGES * 5 } else { MOST_CHANGES.min(1 + scalars(object) / 4) }
        };
        if let Some((j, rename)) = nearest
            && rename.changes.len() <= most(&rename)
        {
            taken.push(j);
            renames.insert(i, rename);
        }
    }
    renames
}

/// Returns how many scalars a value has.
fn scalars(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(scalars).sum(),
        Value::Object(map) => map.values().map(scalars).sum(),
        _ => 1,
    }
}

fn has_mask(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MASK),
        Value::Array(items) => items.iter().any(has_mask),
        Value::Object(map) => map.values().any(has_mask),
        _ => false,
    }
}
