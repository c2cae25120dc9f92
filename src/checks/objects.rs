//! What the checks ask of an object: its names and its namespace, and what it makes or uses.

use crate::resource::Resource;
use crate::yaml::Node;

/// Returns the namespace that an object without one is in.
pub(super) fn effective(namespace: &str) -> &str {
    if namespace.is_empty() { "default" } else { namespace }
}

/// Returns the name before the hash.
pub(super) fn current_name(resource: &Resource) -> &str {
    resource.history.previous.last().map_or(resource.name(), |last| &last.name)
}

/// Returns the name that an object was written with; of what makes a Secret otherwise called, that of the Secret.
pub(super) fn written(resource: &Resource) -> &str {
    if let Some(made) = secret_made(resource).filter(|made| *made != resource.name()) {
        return made;
    }
    resource.original_name()
}

/// Returns the name of the Secret that a custom resource makes.
pub(super) fn secret_made(resource: &Resource) -> Option<&str> {
    let says = |path: &[&str]| resource.node.get_path(path).and_then(Node::text);
    match resource.kind() {
        "Certificate" => says(&["spec", "secretName"]),
        "ExternalSecret" => Some(says(&["spec", "target", "name"]).unwrap_or(resource.name())),
        "SealedSecret" => Some(resource.name()),
        _ => None,
    }
}

/// Returns what was put before and after the name of an object.
pub(super) fn affixes(resource: &Resource) -> Option<(&str, &str)> {
    let former = &resource.history.previous.first()?.name;
    resource.name().split_once(former.as_str())
}

/// Returns `true` for what a generator made and gave a hash.
pub(super) fn is_generated(resource: &Resource) -> bool {
    resource.history.needs_hash && matches!(resource.kind(), "ConfigMap" | "Secret")
}

/// Returns `true` if vars or replacements copy what an object has: then nothing else need refer to it.
pub(super) fn feeds_others(resource: &Resource) -> bool {
    resource.history.is_source || !resource.history.vars.is_empty()
}

/// Returns `true` for objects of kinds that Kubernetes does not have itself.
pub(super) fn is_custom(resource: &Resource) -> bool {
    !resource.gvk_ref().is_kubernetes()
}

/// Returns `true` for custom resources that only watch or lead to others, or make nothing but a Secret.
pub(super) fn makes_nothing(resource: &Resource) -> bool {
    matches!(
        resource.kind(),
        "AuthorizationPolicy"
            | "Certificate"
            | "ClusterIssuer"
            | "DestinationRule"
            | "ExternalSecret"
            | "Issuer"
            | "PeerAuthentication"
            | "PodMonitor"
            | "PrometheusRule"
            | "SealedSecret"
            | "ServiceMonitor"
            | "VirtualService"
    )
}

/// Returns `true` for objects that can use a ConfigMap or Secret: those with Pods, and custom ones. If
/// there is none, whoever uses what is generated is not in this build.
pub(super) fn may_refer(resource: &Resource) -> bool {
    matches!(
        resource.kind(),
        "Pod"
            | "Deployment"
            | "StatefulSet"
            | "DaemonSet"
            | "ReplicaSet"
            | "ReplicationController"
            | "Job"
            | "CronJob"
    ) || is_custom(resource)
}
