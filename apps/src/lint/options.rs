//! Options of syncs, and annotations, that Argo CD does not know: it takes no notice of them.

use kustom::text::nearest_name;
use serde_json::Value as Json;

use super::Subject;
use super::hooks::{annotation, is_hook};
use crate::application::{remark, remark_on};
use crate::problem::Problem;
use crate::render::Manifest;

/// The annotations of Argo CD, without what they all begin with.
const ANNOTATIONS: [&str; 25] = [
    "application-set-refresh",
    "auto-label-cluster-info",
    "client-side-apply-migration-manager",
    "compare-options",
    "deletion-approved",
    "hook",
    "hook-delete-policy",
    "hook-finalizer",
    "hydrate",
    "hydrate-timestamp",
    "ignore-default-links",
    "ignore-healthcheck",
    "ignore-resource-updates",
    "ignore-restart-policy",
    "installation-id",
    "kubernetes-version",
    "managed-by-url",
    "manifest-generate-paths",
    "refresh",
    "refresh-timestamp",
    "secret-type",
    "skip-reconcile",
    "sync-options",
    "sync-wave",
    "tracking-id",
];

/// What an option may be set to, whatever else somebody writes.
const OPTIONS: [(&str, &[&str]); 14] = [
    ("ApplyOutOfSyncOnly", BOTH),
    ("ClientSideApplyMigration", BOTH),
    ("CreateNamespace", BOTH),
    ("Delete", &["true", "false", "confirm"]),
    ("FailOnSharedResource", BOTH),
    ("Force", BOTH),
    ("Prune", &["true", "false", "confirm"]),
    ("PruneLast", BOTH),
    ("PrunePropagationPolicy", &["background", "foreground", "orphan"]),
    ("Replace", BOTH),
    ("RespectIgnoreDifferences", BOTH),
    ("ServerSideApply", BOTH),
    ("SkipDryRunOnMissingResource", BOTH),
    ("Validate", BOTH),
];

const BOTH: &[&str] = &["true", "false"];

const PREFIX: &str = "argocd.argoproj.io/";

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let application = subject.application;
    let options = application.object().pointer("/spec/syncPolicy/syncOptions");
    let options = options.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    for why in options.filter_map(wrong) {
        let field = "spec.syncPolicy.syncOptions";
        problems.push(remark_on(field, "sync-option-unknown", why, application));
    }
    let metadata = application.object().pointer("/metadata/annotations");
    for key in metadata.and_then(Json::as_object).into_iter().flat_map(|own| own.keys()) {
        if let Some(why) = unknown(key) {
            let field = "metadata.annotations";
            problems.push(remark_on(field, "annotation-unknown", why, application));
        }
    }
    let mut say = |code, message: String| problems.push(remark(code, message, application));
    for manifest in &subject.rendered.manifests {
        of_object(manifest, &mut say);
    }
}

fn of_object(manifest: &Manifest, say: &mut impl FnMut(&'static str, String)) {
    let annotations = manifest.node().get_path(&["metadata", "annotations"]);
    let Some(annotations) = annotations else { return };
    let title = manifest.title();
    for (key, _) in annotations.entries() {
        if let Some(why) = key.text().and_then(unknown) {
            say("annotation-unknown", format!("{title}: {why}"));
        }
    }
    let options = annotation(manifest, "argocd.argoproj.io/sync-options").split(',');
    for why in options.map(str::trim).filter(|option| !option.is_empty()).filter_map(wrong) {
        say("sync-option-unknown", format!("{title}: {why}"));
    }
    let policy = annotation(manifest, "argocd.argoproj.io/hook-delete-policy");
    let skips = annotation(manifest, "argocd.argoproj.io/hook").trim() == "Skip";
    if !policy.is_empty() && !skips && !is_hook(manifest) {
        let message = format!("{title} is no hook, so its hook-delete-policy does nothing");
        say("hook-policy-unused", message);
    }
}

/// Says that Argo CD does not know an annotation that begins as its own do.
fn unknown(key: &str) -> Option<String> {
    let name = key.strip_prefix(PREFIX)?;
    if ANNOTATIONS.contains(&name) {
        return None;
    }
    // What resembles none of them may be of another program.
    let near = nearest_name(ANNOTATIONS.into_iter(), name)?;
    Some(format!("Argo CD has no annotation {key}; there is {PREFIX}{near}"))
}

/// Says that Argo CD does not know an option, or what it is set to.
fn wrong(option: &str) -> Option<String> {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    match OPTIONS.iter().find(|(known, _)| *known == name) {
        Some((_, values)) if values.contains(&value) => None,
        Some((_, values)) => {
            let values = values.join(", ");
            Some(format!("the sync option {option:?} does nothing: {name} is one of {values}"))
        }
        None => Some(match nearest_name(OPTIONS.iter().map(|(name, _)| *name), name) {
            Some(near) => format!("there is no sync option {name:?}; there is {near}"),
            None => format!("there is no sync option {name:?}"),
        }),
    }
}
