//! Objects that hold data and may be pruned.

use super::{Subject, policy};
use crate::preview::remark;
use crate::problem::Problem;
use crate::render::Manifest;

/// Kinds that lose data when they are deleted.
const HOLD_DATA: [&str; 3] = ["PersistentVolumeClaim", "Namespace", "CustomResourceDefinition"];

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    if !policy::prunes(subject) {
        return;
    }
    let kept = |options: &str| {
        options
            .split(',')
            .map(str::trim)
            .any(|option| matches!(option, "Prune=false" | "Prune=confirm"))
    };
    let at_risk: Vec<String> = subject
        .rendered
        .manifests
        .iter()
        .filter(|manifest| HOLD_DATA.contains(&manifest.text(&["kind"])))
        .filter(|manifest| {
            !kept(manifest.text(&["metadata", "annotations", "argocd.argoproj.io/sync-options"]))
        })
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

/// Names a few of many.
pub(super) fn few(names: &[String]) -> String {
    const FEW: usize = 5;
    let shown = names.iter().take(FEW).cloned().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(FEW) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}
