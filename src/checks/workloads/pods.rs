//! The volumes that the containers of a Pod mount, and the names of these.

use crate::checks::kubernetes::{element_name, is_container_list};
pub(in crate::checks) use crate::checks::pod_templates::{may_make_pods, template};
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::{Mapping, Node, nearest};

/// Warns about mounts of volumes that a Pod does not have.
pub(in crate::checks) fn mounts(lint: &Lint, resource: &Resource, pod: &Mapping) {
    let lists = pod.iter().filter(|entry| entry.key.text().is_some_and(is_container_list));
    let containers = lists.flat_map(|entry| entry.value.as_seq().into_iter().flatten());
    let containers: Vec<&Node> = containers.collect();
    // Volumes in a container are reported as fields that do not belong there.
    if containers.iter().any(|container| container.get("volumes").is_some()) {
        return;
    }
    let mut volumes: Option<Vec<&str>> = None;
    for container in containers {
        let mounts = container.get("volumeMounts").and_then(Node::as_seq);
        for mount in mounts.into_iter().flatten() {
            let Some(name) = element_name(mount) else { continue };
            let volumes = volumes.get_or_insert_with(|| names(resource, pod));
            if volumes.contains(&name) {
                continue;
            }
            let text = format!(
                "{} {}: the container `{}` mounts the volume `{name}`, which the Pod does not have",
                resource.kind(),
                resource.name(),
                element_name(container).unwrap_or_default()
            );
            let warning = Warning::new(WarningKind::MissingVolume, text, mount.pos());
            lint.add(warning.unless_misplaced("volumes").hint(
                match nearest(volumes.iter().copied(), name) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if volumes.is_empty() => "add it to `volumes`".to_owned(),
                    None => format!(
                        "add it to `volumes`, or mount one that is there: {}",
                        all_of(volumes)
                    ),
                },
            ));
        }
    }
}

/// Returns names as a list for people.
fn all_of(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Warns about a container that is called as another one of another list of the Pod.
pub(in crate::checks) fn names_of_containers(lint: &Lint, resource: &Resource, pod: &Mapping) {
    let list = |name: &str| pod.get(name).and_then(Node::as_seq).into_iter().flatten();
    for first in list("initContainers") {
        let Some(name) = element_name(first) else { continue };
        let Some(twin) = list("containers").find(|other| element_name(other) == Some(name)) else {
            continue;
        };
        let text = format!(
            "{} {}: a container and an init container are both called `{name}`, and the API server refuses that",
            resource.kind(),
            resource.name()
        );
        lint.add(
            Warning::new(WarningKind::DuplicateElement, text, first.pos())
                .related("the other is at", twin.pos())
                .hint("give one of them another name"),
        );
    }
}

/// Returns the names of the volumes of a Pod, with those that a StatefulSet claims for it.
fn names<'n>(resource: &'n Resource, pod: &'n Mapping) -> Vec<&'n str> {
    let volumes = pod.get("volumes").and_then(Node::as_seq);
    let claims = resource.node.get_path(&["spec", "volumeClaimTemplates"]).and_then(Node::as_seq);
    let name = |claim: &'n Node| claim.get_path(&["metadata", "name"]).and_then(Node::text);
    let own = volumes.into_iter().flatten().filter_map(element_name);
    own.chain(claims.into_iter().flatten().filter_map(name)).collect()
}
