//! Hooks: what they are, when they run, and what deletes them, of Argo CD and of helm.

use std::fmt;

use super::Subject;
use crate::application::remark;
use crate::problem::Problem;
use crate::render::Manifest;

const WAVE: &str = "argocd.argoproj.io/sync-wave";
const HOOK: &str = "argocd.argoproj.io/hook";
const DELETE_POLICY: &str = "argocd.argoproj.io/hook-delete-policy";
const HELM_HOOK: &str = "helm.sh/hook";
const HELM_DELETE_POLICY: &str = "helm.sh/hook-delete-policy";
const HELM_WEIGHT: &str = "helm.sh/hook-weight";

const HOOKS: [&str; 7] =
    ["PreSync", "Sync", "PostSync", "SyncFail", "Skip", "PreDelete", "PostDelete"];
const DELETE_POLICIES: [&str; 3] = ["HookSucceeded", "HookFailed", "BeforeHookCreation"];
const HELM_DELETE_POLICIES: [(&str, &str); 3] = [
    ("hook-succeeded", "HookSucceeded"),
    ("hook-failed", "HookFailed"),
    ("before-hook-creation", "BeforeHookCreation"),
];

/// A part of a sync, or of the deletion of an Application, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    PreSync,
    Sync,
    PostSync,
    SyncFail,
    PreDelete,
    PostDelete,
}

/// When an object is applied: what comes before is healthy by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) phase: Phase,
    wave: i64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, wave {}", self.phase, self.wave)
    }
}

pub(super) fn annotation<'m>(manifest: &'m Manifest, name: &str) -> &'m str {
    manifest.text(&["metadata", "annotations", name])
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// Finds waves, hooks and policies that Argo CD does not know, and hooks that run only once.
pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let application = subject.application;
    let mut say = |code, message: String| problems.push(remark(code, message, application));
    for manifest in &subject.rendered.manifests {
        let title = || manifest.title();
        let wave = annotation(manifest, WAVE);
        if !wave.is_empty() && wave.parse::<i64>().is_err() {
            say(
                "sync-wave-invalid",
                format!("{}: the sync wave {wave:?} is no integer, so it is 0", title()),
            );
        }
        let hooks = annotation(manifest, HOOK);
        let policies = annotation(manifest, DELETE_POLICY);
        for (given, known, what) in
            [(hooks, &HOOKS[..], "hook"), (policies, &DELETE_POLICIES, "hook delete policy")]
        {
            for name in names(given).filter(|name| !known.contains(name)) {
                let known = known.join(", ");
                let message =
                    format!("{}: there is no {what} {name:?}; there are {known}", title());
                say("hook-unknown", message);
            }
        }
        let generated = !manifest.text(&["metadata", "generateName"]).is_empty();
        if is_hook(manifest) && !generated && deleted_by(manifest) == ["HookFailed"] {
            say(
                "hook-never-deleted",
                format!(
                    "{} is a hook with a fixed name that only HookFailed deletes: once it has succeeded, it stays and is not run again",
                    title()
                ),
            );
        }
    }
}

/// Returns `true` for a hook, which may be one of helm.
pub(super) fn is_hook(manifest: &Manifest) -> bool {
    match (annotation(manifest, HOOK), annotation(manifest, HELM_HOOK)) {
        ("", "" | "crd-install") => false,
        (own, _) => own != "Skip",
    }
}

/// Returns when an object is applied, the first time first; never if it is skipped, or a hook of a kind that there
/// is none of.
pub(super) fn positions(manifest: &Manifest) -> Vec<Position> {
    let weight = || annotation(manifest, HELM_WEIGHT).parse().ok();
    let wave = annotation(manifest, WAVE).parse().ok().or_else(weight).unwrap_or(0);
    let own: Vec<&str> =
        names(annotation(manifest, HOOK)).filter(|name| HOOKS.contains(name)).collect();
    let phase = |name: &str| match name {
        "PreSync" | "pre-install" | "pre-upgrade" => Some(Phase::PreSync),
        "Sync" => Some(Phase::Sync),
        "PostSync" | "post-install" | "post-upgrade" => Some(Phase::PostSync),
        "SyncFail" => Some(Phase::SyncFail),
        "PreDelete" => Some(Phase::PreDelete),
        "PostDelete" => Some(Phase::PostDelete),
        _ => None,
    };
    let mut phases: Vec<Phase> = match (own.as_slice(), is_hook(manifest)) {
        (["Skip"], _) => Vec::new(),
        ([], false) => vec![Phase::Sync],
        // Hooks of Argo CD go before those of helm.
        ([], true) => names(annotation(manifest, HELM_HOOK)).filter_map(phase).collect(),
        (own, _) => own.iter().copied().filter_map(phase).collect(),
    };
    phases.sort_unstable();
    phases.into_iter().map(|phase| Position { phase, wave }).collect()
}

/// Returns the delete policies of a hook in Argo CD's words. One that has none is deleted before it is made
/// anew.
fn deleted_by(manifest: &Manifest) -> Vec<&'static str> {
    let own = annotation(manifest, DELETE_POLICY).split(',').map(str::trim);
    let helms = annotation(manifest, HELM_DELETE_POLICY).split(',').map(str::trim);
    let mut policies: Vec<&str> = own
        .filter_map(|name| DELETE_POLICIES.into_iter().find(|known| *known == name))
        .chain(helms.filter_map(|name| {
            let named = HELM_DELETE_POLICIES.iter().find(|(helms, _)| *helms == name);
            named.map(|(_, policy)| *policy)
        }))
        .collect();
    policies.sort_unstable();
    policies.dedup();
    if policies.is_empty() { vec!["BeforeHookCreation"] } else { policies }
}
