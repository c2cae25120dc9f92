//! The order of a sync: what waits for something that comes only after it.
//!
//! Namespaces and the definitions of kinds are no matter of this: Argo CD moves each of them before the first object
//! that needs it, whatever their waves.

use std::collections::BTreeMap;

use kustom::document::NodeView;

use super::Subject;
use super::hooks::{Phase, Position, positions};
use crate::application::remark;
use crate::problem::Problem;
use crate::render::Manifest;

/// What a Pod cannot start without: a kind and a name.
type Need = (&'static str, String);

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let mut there: BTreeMap<(&str, &str, &str), Vec<Position>> = BTreeMap::new();
    for manifest in &subject.rendered.manifests {
        let (kind, name) = (manifest.text(&["kind"]), manifest.text(&["metadata", "name"]));
        let key = (kind, manifest.text(&["metadata", "namespace"]), name);
        there.entry(key).or_default().extend(positions(manifest));
    }
    // Mostly all is applied at once.
    let mut all = there.values().flatten();
    if all.next().is_none_or(|first| all.all(|other| other == first)) {
        return;
    }
    for manifest in &subject.rendered.manifests {
        let namespace = manifest.text(&["metadata", "namespace"]);
        let Some(own) = positions(manifest).first().copied() else { continue };
        for (kind, name) in needs(manifest) {
            let Some(given) = there.get(&(kind, namespace, name.as_str())) else { continue };
            let Some(first) = given.iter().min().filter(|_| !is_there(own, given)) else {
                continue;
            };
            let when = match own.phase {
                Phase::PostDelete => "is gone by then",
                _ => "comes only after it",
            };
            let message =
                format!("{} ({own}) needs {kind} {name}, which {when} ({first})", manifest.title());
            problems.push(remark("sync-wave-order", message, subject.application));
        }
    }
}

/// Returns `true` if an object that is applied at some positions is there at another one.
fn is_there(at: Position, given: &[Position]) -> bool {
    given.iter().any(|given| match (at.phase, given.phase) {
        (Phase::PostDelete, Phase::PostDelete) | (Phase::PreDelete, Phase::PreDelete) => {
            *given <= at
        }
        // All else is deleted before.
        (Phase::PostDelete, _) => false,
        (Phase::PreDelete, phase) => phase < Phase::SyncFail,
        _ => *given <= at,
    })
}

/// Returns what the Pods of an object cannot start without, once each.
fn needs(manifest: &Manifest) -> Vec<Need> {
    let node = manifest.node();
    let pod = match manifest.text(&["kind"]) {
        "Pod" => node.get("spec"),
        // Without Pods it is healthy at once.
        _ if manifest.text(&["spec", "replicas"]) == "0" => None,
        _ => node.get_path(&["spec", "template", "spec"]),
    };
    let Some(pod) = pod else { return Vec::new() };
    let mut all = Vec::new();
    need(&mut all, "ServiceAccount", Some(&pod), "serviceAccountName");
    for volume in items(&pod, "volumes") {
        need(&mut all, "ConfigMap", volume.get("configMap").as_ref(), "name");
        need(&mut all, "Secret", volume.get("secret").as_ref(), "secretName");
        for source in volume.get("projected").iter().flat_map(|own| items(own, "sources")) {
            need(&mut all, "ConfigMap", source.get("configMap").as_ref(), "name");
            need(&mut all, "Secret", source.get("secret").as_ref(), "name");
        }
        let claim = volume.get("persistentVolumeClaim");
        need(&mut all, "PersistentVolumeClaim", claim.as_ref(), "claimName");
    }
    let containers = ["initContainers", "containers"].map(|list| items(&pod, list));
    for container in containers.into_iter().flatten() {
        for source in items(&container, "envFrom") {
            need(&mut all, "ConfigMap", source.get("configMapRef").as_ref(), "name");
            need(&mut all, "Secret", source.get("secretRef").as_ref(), "name");
        }
        for source in items(&container, "env").iter().filter_map(|env| env.get("valueFrom")) {
            need(&mut all, "ConfigMap", source.get("configMapKeyRef").as_ref(), "name");
            need(&mut all, "Secret", source.get("secretKeyRef").as_ref(), "name");
        }
    }
    all
}

fn items(node: &NodeView, list: &str) -> Vec<NodeView> {
    node.get(list).iter().flat_map(NodeView::items).collect()
}

/// Adds what a reference names, unless it may be missing.
fn need(all: &mut Vec<Need>, kind: &'static str, from: Option<&NodeView>, name: &str) {
    let Some(from) = from.filter(|from| from.text_at(&["optional"]) != Some("true")) else {
        return;
    };
    if let Some(name) = from.text_at(&[name]).filter(|name| !name.is_empty()) {
        let need = (kind, name.to_owned());
        if !all.contains(&need) {
            all.push(need);
        }
    }
}
