//! Sync waves and hooks.

use std::collections::BTreeMap;

use super::Subject;
use crate::preview::remark;
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

fn annotation<'m>(manifest: &'m Manifest, name: &str) -> &'m str {
    manifest.text(&["metadata", "annotations", name])
}

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let application = subject.application;
    let mut say = |code, message: String| problems.push(remark(code, message, application));
    let manifests = &subject.rendered.manifests;
    for manifest in manifests {
        let title = manifest.title();
        let wave = annotation(manifest, WAVE);
        if !wave.is_empty() && wave.parse::<i64>().is_err() {
            say(
                "sync-wave-invalid",
                format!("{title}: the sync wave {wave:?} is no integer, so it is 0"),
            );
        }
        let hooks = annotation(manifest, HOOK);
        let policies = annotation(manifest, DELETE_POLICY);
        for (given, known, what) in
            [(hooks, &HOOKS[..], "hook"), (policies, &DELETE_POLICIES, "hook delete policy")]
        {
            for name in given.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                if !known.contains(&name) {
                    say(
                        "hook-unknown",
                        format!(
                            "{title}: there is no {what} {name:?}; there are {}",
                            known.join(", ")
                        ),
                    );
                }
            }
        }
        let generated = !manifest.text(&["metadata", "generateName"]).is_empty();
        if is_hook(manifest) && !generated && deleted_by(manifest) == ["HookFailed"] {
            say(
                "hook-never-deleted",
                format!(
                    "{title} is a hook with a fixed name that only HookFailed deletes: once it has succeeded, it stays and is not run again"
                ),
            );
        }
    }
    for (manifest, needed, wave) in needs(manifests) {
        let own = wave_of(manifest);
        say(
            "sync-wave-order",
            format!(
                "{} (wave {own}) is applied before {needed} (wave {wave}), which it needs",
                manifest.title()
            ),
        );
    }
}

/// Returns `true` for a hook, which may be one of helm.
fn is_hook(manifest: &Manifest) -> bool {
    match (annotation(manifest, HOOK), annotation(manifest, HELM_HOOK)) {
        ("", "" | "crd-install") => false,
        (own, _) => own != "Skip",
    }
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

fn wave_of(manifest: &Manifest) -> i64 {
    let weight = || annotation(manifest, HELM_WEIGHT).parse().ok();
    annotation(manifest, WAVE).parse().ok().or_else(weight).unwrap_or(0)
}

/// Returns the objects that come before their namespace or the definition of their kind.
fn needs(manifests: &[Manifest]) -> Vec<(&Manifest, String, i64)> {
    let (mut namespaces, mut kinds) = (BTreeMap::new(), BTreeMap::new());
    for manifest in manifests {
        match manifest.text(&["kind"]) {
            "Namespace" => {
                namespaces.insert(manifest.text(&["metadata", "name"]), wave_of(manifest));
            }
            "CustomResourceDefinition" => {
                let group = manifest.text(&["spec", "group"]);
                let kind = manifest.text(&["spec", "names", "kind"]);
                kinds.insert((group, kind), wave_of(manifest));
            }
            _ => {}
        }
    }
    let mut early = Vec::new();
    for manifest in manifests.iter().filter(|manifest| !is_hook(manifest)) {
        let own = wave_of(manifest);
        let namespace = manifest.text(&["metadata", "namespace"]);
        if let Some(wave) = namespaces.get(namespace).filter(|wave| **wave > own) {
            early.push((manifest, format!("Namespace {namespace}"), *wave));
        }
        let group = manifest.text(&["apiVersion"]).split_once('/').map_or("", |(group, _)| group);
        let kind = manifest.text(&["kind"]);
        if let Some(wave) = kinds.get(&(group, kind)).filter(|wave| **wave > own) {
            early.push((manifest, format!("the definition of {kind}"), *wave));
        }
    }
    early
}
