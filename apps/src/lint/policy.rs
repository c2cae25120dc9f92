//! Sync policies.

use serde_json::Value as Json;

use super::Subject;
use crate::application::{remark, remark_on};
use crate::problem::Problem;
use crate::render::Manifest;

/// The part of Argo CD that syncs, as its manifests and charts name it.
const CONTROLLER: &str = "argocd-application-controller";

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let application = subject.application;
    if is_on(subject, "selfHeal") && is_platform(subject) {
        let message = "selfHeal undoes a repair by hand, which platform components need at times";
        problems.push(
            remark_on(
                "spec.syncPolicy.automated.selfHeal",
                "self-heal-platform",
                message,
                application,
            )
            .hint("set syncPolicy.automated.selfHeal to false"),
        );
    }
    if prunes(subject) && !has_option(subject, "PrunePropagationPolicy=") {
        let message = "automated prune without PrunePropagationPolicy: finalizers may leave things half deleted";
        problems.push(
            remark_on(
                "spec.syncPolicy.automated.prune",
                "prune-without-propagation",
                message,
                application,
            )
            .hint("add PrunePropagationPolicy=background to syncPolicy.syncOptions"),
        );
    }
}

/// Finds Applications that deploy Argo CD: what breaks it keeps it from being repaired.
pub(super) fn check_itself(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let is_controller = |manifest: &&Manifest| {
        let label = |name: &str| manifest.text(&["metadata", "labels", name]);
        let is_workload = ["StatefulSet", "Deployment"].contains(&manifest.text(&["kind"]));
        is_workload
            && (label("app.kubernetes.io/name") == CONTROLLER
                || manifest.text(&["metadata", "name"]) == CONTROLLER)
    };
    if let Some(manifest) = subject.rendered.manifests.iter().find(is_controller) {
        let title = manifest.title();
        let message = format!("Argo CD deploys itself: {title} is among its objects");
        problems
            .push(remark("manages-itself", message, subject.application).hint(
                "apply Argo CD from elsewhere, with `kustom build DIR | kubectl apply -f -`",
            ));
    }
}

/// Returns `true` if Argo CD syncs by itself.
pub(super) fn is_automated(subject: &Subject<'_>) -> bool {
    automated(subject).is_some()
}

fn automated<'a>(subject: &Subject<'a>) -> Option<&'a Json> {
    let automated = subject.application.object().pointer("/spec/syncPolicy/automated")?;
    (!automated.is_null() && automated.get("enabled") != Some(&Json::Bool(false)))
        .then_some(automated)
}

fn is_on(subject: &Subject<'_>, key: &str) -> bool {
    automated(subject).is_some_and(|automated| automated.get(key) == Some(&Json::Bool(true)))
}

/// Returns `true` if a sync deletes by itself what is no longer rendered.
pub(super) fn prunes(subject: &Subject<'_>) -> bool {
    subject.application.prunes()
}

fn has_option(subject: &Subject<'_>, start: &str) -> bool {
    let options = subject.application.object().pointer("/spec/syncPolicy/syncOptions");
    let mut options = options.and_then(Json::as_array).into_iter().flatten();
    options.any(|option| option.as_str().is_some_and(|option| option.starts_with(start)))
}

/// Platform components are those of a project of that name, or below a folder of that name.
fn is_platform(subject: &Subject<'_>) -> bool {
    let application = subject.application;
    let below = |source: &&Json| {
        let path = source.get("path").and_then(Json::as_str).unwrap_or_default();
        path.split('/').next() == Some("platform")
    };
    application.project().contains("platform") || application.sources().iter().any(below)
}
