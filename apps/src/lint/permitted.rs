//! Which clusters and namespaces an AppProject permits, as Argo CD decides it.

use serde_json::Value as Json;

use crate::application::Application;
use crate::clusters::{self, Cluster, IN_CLUSTER, IN_CLUSTER_NAME, address};
use crate::globs::Globs;

/// A cluster, as far as it is known: an Application gives its name or its address, and Argo CD knows both.
pub(super) struct Target<'a> {
    name: Option<&'a str>,
    server: Option<&'a str>,
    /// The AppProject that the cluster belongs to, if the cluster is among those that are known.
    project: Option<&'a str>,
}

impl<'a> Target<'a> {
    pub(super) fn of(application: &'a Application, known: &'a [Cluster]) -> Target<'a> {
        let (name, server) = (application.cluster_name(), address(application.server()));
        if let Some(cluster) = known.iter().find(|cluster| cluster.is_that_of(application)) {
            let Cluster { name, server, project, .. } = cluster;
            return Target { name: Some(name), server: Some(server), project: Some(project) };
        }
        if clusters::is_own(application) {
            return Target { name: Some(IN_CLUSTER_NAME), server: Some(IN_CLUSTER), project: None };
        }
        let known = |text: &'a str| (!text.is_empty()).then_some(text);
        Target { name: known(name), server: known(server), project: None }
    }

    /// Returns all that is known of it.
    pub(super) fn parts(&self) -> [Option<String>; 3] {
        [self.name, self.server, self.project].map(|part| part.map(str::to_owned))
    }
}

/// What a pattern says of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    Yes,
    No,
    /// It depends on what is not known here.
    Perhaps,
}

/// Matches a pattern; one with `!` in front matches what the rest does not.
fn matched(pattern: &str, value: Option<&str>, globs: &Globs) -> Match {
    let glob = |pattern, value| globs.takes(pattern, value);
    let is = |matches: bool| if matches { Match::Yes } else { Match::No };
    match (pattern.strip_prefix('!'), value) {
        (Some(pattern), Some(value)) => is(!glob(pattern, value)),
        (None, Some(value)) => is(glob(pattern, value)),
        // Each cluster has a name and an address.
        (None, None) if pattern.is_empty() => Match::No,
        (None, None) if pattern == "*" => Match::Yes,
        (_, None) => Match::Perhaps,
    }
}

/// Returns `true` unless an AppProject certainly does not permit a namespace of a cluster.
pub(super) fn permits(project: &Json, target: &Target<'_>, namespace: &str, globs: &Globs) -> bool {
    let own = project.pointer("/metadata/name").and_then(Json::as_str);
    let is_scoped =
        project.pointer("/spec/permitOnlyProjectScopedClusters") == Some(&Json::Bool(true));
    if is_scoped && target.project.is_some() && target.project != own {
        return false;
    }
    let destinations = project.pointer("/spec/destinations").and_then(Json::as_array);
    let mut permitted = false;
    for destination in destinations.into_iter().flatten() {
        let text = |key: &str| destination.get(key).and_then(Json::as_str).unwrap_or_default();
        let denies = |key: &str| text(key).starts_with('!');
        let name = matched(text("name"), target.name, globs);
        let server = matched(text("server"), target.server, globs);
        let in_namespace = matched(text("namespace"), Some(namespace), globs) == Match::Yes;
        if (name != Match::No || server != Match::No) && in_namespace {
            permitted = true;
        } else if (name == Match::No && denies("name"))
            || (server == Match::No && denies("server") && in_namespace)
            // Odd: a namespace is denied only where the address of the cluster is given.
            || (!in_namespace && denies("namespace") && server == Match::Yes)
        {
            return false;
        }
    }
    permitted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::application::Origin;

    #[test]
    fn a_cluster_has_a_name_and_an_address() {
        let permitted = |destinations: &Json, destination: Json, namespace: &str| {
            let project = json!({"spec": {"destinations": destinations}});
            let object = json!({"spec": {"destination": destination}});
            let application = Application::new(object, Origin::default());
            permits(&project, &Target::of(&application, &[]), namespace, &Globs::default())
        };
        for (destinations, dev, prod) in [
            (json!([{"server": "*", "namespace": "*"}]), true, true),
            (json!([{"name": "dev", "namespace": "*"}]), true, false),
            (json!([{"name": "!prod", "server": "*", "namespace": "*"}]), true, true),
            (json!([{"server": "!https://x", "namespace": "*"}]), true, true),
            (
                json!([{"name": "!prod", "namespace": "web"}, {"server": "*", "namespace": "*"}]),
                true,
                false,
            ),
            (json!([{"name": "*", "namespace": "web"}]), false, false),
            // Without an address, a namespace is only not matched; with one it is denied.
            (
                json!([{"name": "*", "namespace": "*"}, {"name": "*", "namespace": "!n"}]),
                true,
                true,
            ),
            (
                json!([{"name": "*", "namespace": "*"}, {"server": "*", "namespace": "!n"}]),
                false,
                false,
            ),
            (json!([{"server": "*", "namespace": "!other"}]), true, true),
            (json!([]), false, false),
        ] {
            let of = |name: &str| permitted(&destinations, json!({"name": name}), "n");
            assert_eq!((of("dev"), of("prod")), (dev, prod), "{destinations}");
        }
        let here = json!([{"server": IN_CLUSTER, "namespace": "*"}]);
        assert!(permitted(&here, json!({"name": IN_CLUSTER_NAME}), "n"));
        assert!(permitted(&here, json!({"server": format!("{IN_CLUSTER}/")}), "n"));
        assert!(!permitted(
            &json!([{"name": "prod", "namespace": "*"}]),
            json!({"name": IN_CLUSTER_NAME}),
            "n"
        ));
    }

    #[test]
    fn clusters_of_other_projects_can_be_left_out() {
        let project = json!({"metadata": {"name": "apps"}, "spec": {
            "permitOnlyProjectScopedClusters": true, "destinations": [{"server": "*", "namespace": "*"}],
        }});
        let cluster = |name: &str, project: &str| {
            let (name, project) = (name.to_owned(), project.to_owned());
            Cluster { server: format!("https://{name}"), name, project, ..Cluster::default() }
        };
        let clusters = [cluster("own", "apps"), cluster("other", "")];
        for (name, wanted) in [("own", true), ("other", false), ("not-known", true)] {
            let object = json!({"spec": {"destination": {"name": name}}});
            let application = Application::new(object, Origin::default());
            assert_eq!(
                permits(&project, &Target::of(&application, &clusters), "n", &Globs::default()),
                wanted,
                "{name}"
            );
        }
    }
}
