//! Workloads that become another kind under the same name.

use rustc_hash::FxHashMap;

use super::removals::kept;
use super::{Removals, is_builtin};
use crate::diff::model::{ChangeKind, Diff, ObjectId};

/// The kinds with Pods of their own.
const WORKLOADS: [&str; 8] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "Pod",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
];

/// Returns the new workloads in whose place another kind is removed, with that kind.
pub(super) fn changed(diff: &Diff, removals: Removals) -> FxHashMap<&ObjectId, &str> {
    let is_workload = |id: &&ObjectId| is_builtin(id) && WORKLOADS.contains(&id.kind.as_str());
    let place = |id: &ObjectId| (id.namespace.clone(), id.name.clone());
    let goes = removals != Removals::Stay;
    let mut gone = FxHashMap::default();
    for resource in diff.resources.iter().filter(|_| goes) {
        let before = resource.before.as_ref().filter(is_workload);
        if let (ChangeKind::Removed, Some(id)) = (resource.change, before)
            && kept(resource, removals).is_none()
        {
            gone.insert(place(id), id.kind.as_str());
        }
    }
    let mut found = FxHashMap::default();
    for resource in diff.resources.iter().filter(|resource| resource.change == ChangeKind::Added) {
        if let Some(id) = resource.after.as_ref().filter(is_workload)
            && let Some(kind) = gone.get(&place(id)).filter(|kind| **kind != id.kind)
        {
            found.insert(id, *kind);
        }
    }
    found
}
