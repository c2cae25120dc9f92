//! Sync waves and hooks.

use std::collections::BTreeMap;

use super::Subject;
use crate::preview::remark;
use crate::problem::Problem;
use crate::render::Manifest;

const WAVE: &str = "argocd.argoproj.io/sync-wave";
const HOOK: &str = "argocd.argoproj.io/hook";
const DELETE_POLICY: &str = "argocd.argoproj.io/hook-delete-policy";

const HOOKS: [&str; 7] =
    ["PreSync", "Sync", "PostSync", "SyncFail", "Skip", "PreDelete", "PostDelete"];
const DELETE_POLICIES: [&str; 3] = ["HookSucceeded", "HookFailed", "BeforeHookCreation"];

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
        if !hooks.is_empty() && hooks != "Skip" && policies.is_empty() && !generated {
            say(
                "hook-never-deleted",
                format!(
                    "{title} is a hook with a fixed name and no hook-delete-policy: it is not run again while it is there"
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

fn wave_of(manifest: &Manifest) -> i64 {
    annotation(manifest, WAVE).parse().unwrap_or(0)
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
    for manifest in manifests.iter().filter(|manifest| annotation(manifest, HOOK).is_empty()) {
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
