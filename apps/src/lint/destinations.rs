//! Where Applications go, and what their AppProject allows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{Subject, glob};
use crate::application::Application;
use crate::preview::remark;
use crate::problem::{Problem, few};
use crate::render::Manifest;

/// Finds ApplicationSets whose Applications go to several clusters.
pub(super) fn check_sets(applications: &[Application], problems: &mut Vec<Problem>) {
    let mut clusters: BTreeMap<(&std::path::Path, &str), BTreeSet<&str>> = BTreeMap::new();
    for application in applications {
        let origin = application.origin();
        let Some(set) = &origin.set else { continue };
        let found = clusters.entry((&origin.file, set)).or_default();
        found.insert(application.cluster());
    }
    for ((file, set), clusters) in clusters {
        if clusters.len() > 1 {
            let names: Vec<String> = clusters.into_iter().map(str::to_owned).collect();
            let message = format!("deploys from one cluster into several: {}", few(&names));
            problems.push(
                Problem::warning("crosses-clusters", message)
                    .at(file, None)
                    .about(format!("ApplicationSet {set}")),
            );
        }
    }
}

/// `known`: whether there are AppProjects at all.
pub(super) fn check(subject: &Subject<'_>, known: bool, problems: &mut Vec<Problem>) {
    let application = subject.application;
    let Some(project) = subject.project else {
        if known && application.project() != "default" {
            let message = format!("there is no AppProject {}", application.project());
            problems.push(remark("project-unknown", message, application));
        }
        return;
    };
    let name = application.project();
    if !allows_destination(project, application) {
        let message = format!(
            "the AppProject {name} does not allow the namespace {:?} of {}",
            application.destination_namespace(),
            application.cluster()
        );
        problems.push(remark("destination-forbidden", message, application));
    }
    for source in application.sources() {
        let url = source.get("repoURL").and_then(Json::as_str).unwrap_or_default();
        let allowed = texts(project.pointer("/spec/sourceRepos"));
        let denied = allowed.iter().any(|p| p.strip_prefix('!').is_some_and(|p| glob(p, url)));
        if denied || !allowed.iter().any(|pattern| glob(pattern, url)) {
            let message = format!("the AppProject {name} does not allow the repository {url}");
            problems.push(remark("source-forbidden", message, application));
        }
    }
    let forbidden: BTreeSet<String> = subject
        .rendered
        .manifests
        .iter()
        .filter(|manifest| !allows_kind(project, manifest))
        .map(Manifest::title)
        .collect();
    if !forbidden.is_empty() {
        let titles: Vec<String> = forbidden.into_iter().collect();
        let message = format!("the AppProject {name} does not allow {}", few(&titles));
        problems.push(remark("kind-forbidden", message, application));
    }
}

fn texts(json: Option<&Json>) -> Vec<&str> {
    json.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect()
}

fn allows_destination(project: &Json, application: &Application) -> bool {
    let destinations = project.pointer("/spec/destinations").and_then(Json::as_array);
    let mut allowed = false;
    for destination in destinations.into_iter().flatten() {
        let text = |key: &str| destination.get(key).and_then(Json::as_str).unwrap_or_default();
        // A `!` in front forbids what the rest matches.
        let matched = |pattern: &str, value: &str| match pattern.strip_prefix('!') {
            Some(pattern) => (glob(pattern, value), true),
            None => (glob(pattern, value), false),
        };
        let namespace = matched(text("namespace"), application.destination_namespace());
        let by_name = !application.cluster_name().is_empty();
        let (known, other) = if by_name { ("name", "server") } else { ("server", "name") };
        let (is_named, denies) = matched(text(known), application.cluster());
        // Argo CD knows name and address of a cluster, of which here is one: the other may be any.
        let may_be = !matches!(text(other).chars().next(), None | Some('!'));
        let (cluster, forbids) = (is_named || may_be, is_named && denies);
        match (namespace, cluster, forbids) {
            ((true, true), true, false) | ((true, false), true, true) => return false,
            ((true, false), true, false) => allowed = true,
            _ => {}
        }
    }
    allowed
}

fn allows_kind(project: &Json, manifest: &Manifest) -> bool {
    let api_version = manifest.text(&["apiVersion"]);
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let kind = manifest.text(&["kind"]);
    let listed = |key: &str| {
        let list = project.pointer(&format!("/spec/{key}")).and_then(Json::as_array)?;
        Some(list.iter().any(|entry| {
            let text = |key: &str| entry.get(key).and_then(Json::as_str).unwrap_or_default();
            glob(text("group"), group) && glob(text("kind"), kind)
        }))
    };
    let is_cluster = kustom::is_cluster_scoped(api_version, kind)
        || manifest.text(&["metadata", "namespace"]).is_empty();
    let (white, black) = if is_cluster {
        // Nothing of the cluster is allowed unless it is listed.
        (listed("clusterResourceWhitelist").unwrap_or(false), listed("clusterResourceBlacklist"))
    } else {
        (listed("namespaceResourceWhitelist").unwrap_or(true), listed("namespaceResourceBlacklist"))
    };
    white && black != Some(true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::application::Origin;

    #[test]
    fn a_cluster_has_a_name_and_an_address() {
        let allows = |destinations: Json, destination: Json| {
            let project = json!({"spec": {"destinations": destinations}});
            let object = json!({"spec": {"destination": destination}});
            let application = Application::new(object, Origin::default());
            allows_destination(&project, &application)
        };
        let (dev, prod) = (json!({"name": "dev"}), json!({"name": "prod"}));
        for (destinations, allows_dev, allows_prod) in [
            (json!([{"server": "*", "namespace": "*"}]), true, true),
            (json!([{"name": "dev", "namespace": "*"}]), true, false),
            (json!([{"name": "!prod", "server": "*", "namespace": "*"}]), true, false),
            (json!([{"server": "!https://x", "namespace": "*"}]), false, false),
            (json!([{"name": "*", "namespace": "web"}]), false, false),
        ] {
            assert_eq!(allows(destinations.clone(), dev.clone()), allows_dev, "{destinations}");
            assert_eq!(allows(destinations.clone(), prod.clone()), allows_prod, "{destinations}");
        }
    }
}
