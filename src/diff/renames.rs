//! Objects that go under one name and come under another.
//!
//! To a cluster these are two objects, and so they are in a [`Diff`]. For people the differences say
//! more than two whole objects.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::budget::{Budget, CONVERTED, Extent};
use super::fields;
use super::mask::MASK;
use super::model::{ChangeKind, Diff, FieldChange, ObjectId, ResourceDiff};
use super::object::{Kept, Object};
use crate::schema::Schema;

/// An object that was added and is much like one that was removed.
pub(super) struct Rename<'d> {
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

/// Returns the renames, by the position of the added object in the difference. What the budget does not suffice to find
/// are objects that were removed and others that were added.
pub(super) fn renames<'d>(diff: &'d Diff, budget: &Budget) -> FxHashMap<usize, Rename<'d>> {
    let schema = Schema::builtin();
    let mut removed = Removed::of(diff);
    let mut renames = FxHashMap::default();
    for (i, added) in diff.resources.iter().enumerate() {
        let (ChangeKind::Added, Some(id), Some(object)) =
            (added.change, &added.after, &added.object)
        else {
            continue;
        };
        let like = removed.like(id);
        if like.is_empty() {
            continue;
        }
        if !budget.work(cost_of(object)) {
            break;
        }
        let object = &*object.value();
        // Of masked values nobody can say that they are the same.
        if has_mask(object) {
            continue;
        }
        let of_type = schema.resource(&id.api_version, &id.kind);
        let compared = like.into_iter().filter_map(|j| {
            let removed = diff.resources.get(j)?;
            let other = removed.object.as_ref().filter(|other| budget.work(cost_of(other)))?;
            let most = MOST_CHANGES * 5;
            let changes = fields::compare_up_to(&other.value(), object, of_type, budget, most);
            (!budget.is_exceeded()).then_some((j, Rename { removed, changes }))
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
            if let Some(id) = &rename.removed.before {
                removed.take(j, id);
            }
            renames.insert(i, rename);
        }
    }
    renames
}

/// Returns what it costs to have an object as JSON that is kept in another form.
fn cost_of(object: &Object) -> u64 {
    match &object.0 {
        Kept::Value(..) => 0,
        Kept::Tree(tree) => Extent::of(&tree.node).values.saturating_mul(CONVERTED),
    }
}

/// The positions of removed objects that have become no others yet.
#[derive(Default)]
struct Removed<'d> {
    by_type: FxHashMap<(&'d str, &'d str), BTreeSet<usize>>,
    /// Workloads of any kind, by name and namespace.
    by_name: FxHashMap<(&'d str, &'d str), BTreeSet<usize>>,
}

impl<'d> Removed<'d> {
    fn of(diff: &'d Diff) -> Removed<'d> {
        let mut removed = Removed::default();
        for (j, resource) in diff.resources.iter().enumerate() {
            if let (ChangeKind::Removed, Some(id)) = (resource.change, &resource.before) {
                removed.by_type.entry(type_of(id)).or_default().insert(j);
                if is_workload(id) {
                    removed.by_name.entry(name_of(id)).or_default().insert(j);
                }
            }
        }
        removed
    }

    /// Returns those that an object may have been, in order.
    fn like(&self, id: &ObjectId) -> Vec<usize> {
        let of_type = self.by_type.get(&type_of(id));
        let of_name = self.by_name.get(&name_of(id)).filter(|_| is_workload(id));
        let first = |of: &BTreeSet<usize>| of.iter().copied().take(MOST_CANDIDATES).collect();
        let first: [Vec<usize>; 2] = [of_type, of_name].map(|of| of.map(first).unwrap_or_default());
        let like: BTreeSet<usize> = first.into_iter().flatten().collect();
        like.into_iter().take(MOST_CANDIDATES).collect()
    }

    fn take(&mut self, j: usize, id: &'d ObjectId) {
        for of in [self.by_type.get_mut(&type_of(id)), self.by_name.get_mut(&name_of(id))] {
            of.map(|of| of.remove(&j));
        }
    }
}

fn type_of(id: &ObjectId) -> (&str, &str) {
    (&id.api_version, &id.kind)
}

fn name_of(id: &ObjectId) -> (&str, &str) {
    (&id.name, &id.namespace)
}

fn is_workload(id: &ObjectId) -> bool {
    WORKLOADS.contains(&id.kind.as_str())
}

/// Returns how many scalars a value has.
fn scalars(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(scalars).sum(),
        Value::Object(map) => map.values().map(scalars).sum(),
        _ => 1,
    }
}

/// Returns `true` if the mask is in a value.
pub(super) fn has_mask(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MASK),
        Value::Array(items) => items.iter().any(has_mask),
        Value::Object(map) => map.values().any(has_mask),
        _ => false,
    }
}
