//! Objects that hold data and may be pruned.

use super::{Subject, hooks, policy};
use crate::application::remark_on;
use crate::problem::{Problem, few};
use crate::render::Manifest;
use crate::sync_options;

/// Kinds that lose data when they are deleted.
const HOLD_DATA: [&str; 3] = ["PersistentVolumeClaim", "Namespace", "CustomResourceDefinition"];

/// Returns `true` for what takes data along when it is deleted.
fn holds_data(manifest: &Manifest) -> bool {
    match manifest.text(&["kind"]) {
        // A volume that somebody wrote down is kept, unless it says otherwise.
        "PersistentVolume" => {
            let policy = manifest.text(&["spec", "persistentVolumeReclaimPolicy"]);
            matches!(policy, "Delete" | "Recycle")
        }
        // Its claims are kept, unless it says otherwise.
        "StatefulSet" => {
            let policy = ["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"];
            let claims = manifest.node().get_path(&["spec", "volumeClaimTemplates"]);
            claims.is_some_and(|claims| !claims.is_empty()) && manifest.text(&policy) == "Delete"
        }
        kind => HOLD_DATA.contains(&kind),
    }
}

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    if !policy::prunes(subject) {
        return;
    }
    let kept = |manifest: &Manifest| {
        let prune = sync_options::value(subject.application, manifest, "Prune");
        matches!(prune, Some("false" | "confirm"))
    };
    let at_risk: Vec<String> = subject
        .rendered
        .manifests
        .iter()
        .filter(|manifest| holds_data(manifest))
        // Hooks are not pruned; what deletes them is their policy.
        .filter(|manifest| !hooks::is_hook(manifest))
        .filter(|manifest| !kept(manifest))
        .map(Manifest::title)
        .collect();
    if at_risk.is_empty() {
        return;
    }
    let message = format!(
        "automated prune deletes with their data what is no longer rendered: {}",
        few(&at_risk)
    );
    problems.push(
        remark_on("spec.syncPolicy.automated.prune", "prunes-data", message, subject.application)
            .hint("annotate them with argocd.argoproj.io/sync-options: Prune=false"),
    );
}
