//! Objects that hold data and may be pruned.

use super::{Subject, policy};
use crate::preview::remark;
use crate::problem::{Problem, few};
use crate::render::Manifest;
use crate::sync_options;

/// Kinds that lose data when they are deleted.
const HOLD_DATA: [&str; 3] = ["PersistentVolumeClaim", "Namespace", "CustomResourceDefinition"];

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
        .filter(|manifest| HOLD_DATA.contains(&manifest.text(&["kind"])))
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
        remark("prunes-data", message, subject.application)
            .hint("annotate them with argocd.argoproj.io/sync-options: Prune=false"),
    );
}
