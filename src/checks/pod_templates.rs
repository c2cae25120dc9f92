//! The Pod that an object makes.

use crate::resource::Resource;
use crate::yaml::Node;

/// Returns the Pod that an object is, or the template of those that it makes, or `None` if it makes none.
pub(super) fn template(resource: &Resource) -> Option<&Node> {
    template_of(resource, resource.kind())
}

/// As [`template`], for an object whose kind is known.
pub(super) fn template_of<'a>(resource: &'a Resource, kind: &str) -> Option<&'a Node> {
    match kind {
        "Pod" => Some(&resource.node),
        "CronJob" => resource.node.get_path(&["spec", "jobTemplate", "spec", "template"]),
        _ if !may_make_pods(kind) => None,
        _ => resource.node.get_path(&["spec", "template"]).filter(|t| t.get("spec").is_some()),
    }
}

/// Returns `false` for kinds that make no Pods, which most objects are of.
pub(super) fn may_make_pods(kind: &str) -> bool {
    !matches!(
        kind,
        "ClusterRole"
            | "ClusterRoleBinding"
            | "ConfigMap"
            | "CustomResourceDefinition"
            | "Ingress"
            | "NetworkPolicy"
            | "Role"
            | "RoleBinding"
            | "Secret"
            | "Service"
            | "ServiceAccount"
    )
}
