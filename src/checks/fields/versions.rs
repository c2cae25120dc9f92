//! Kinds of Kubernetes under an `apiVersion` that does not have them, or no longer has them.

use crate::checks::positions::place_of_entry;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::nearest;

const ADMISSION: &[&str] = &["admissionregistration.k8s.io/v1"];
const POLICIES: &[&str] = &[
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
];
const APPS: &[&str] = &["apps/v1"];
const CORE: &[&str] = &["v1"];
const NETWORKING: &[&str] = &["networking.k8s.io/v1"];
const RBAC: &[&str] = &["rbac.authorization.k8s.io/v1"];
const STORAGE: &[&str] = &["storage.k8s.io/v1"];

/// Kinds, and the versions that have them, the one to write first.
const TABLE: &[(&str, &[&str])] = &[
    ("APIService", &["apiregistration.k8s.io/v1"]),
    ("CSIDriver", STORAGE),
    ("CSINode", STORAGE),
    ("CSIStorageCapacity", STORAGE),
    ("CertificateSigningRequest", &["certificates.k8s.io/v1"]),
    ("ClusterRole", RBAC),
    ("ClusterRoleBinding", RBAC),
    ("ConfigMap", CORE),
    ("ControllerRevision", APPS),
    ("CronJob", &["batch/v1"]),
    ("CustomResourceDefinition", &["apiextensions.k8s.io/v1"]),
    ("DaemonSet", APPS),
    ("Deployment", APPS),
    ("EndpointSlice", &["discovery.k8s.io/v1"]),
    ("Endpoints", CORE),
    ("Event", &["v1", "events.k8s.io/v1"]),
    ("HorizontalPodAutoscaler", &["autoscaling/v2", "autoscaling/v1"]),
    ("Ingress", NETWORKING),
    ("IngressClass", NETWORKING),
    ("Job", &["batch/v1"]),
    ("Lease", &["coordination.k8s.io/v1"]),
    ("LimitRange", CORE),
    ("MutatingAdmissionPolicy", POLICIES),
    ("MutatingAdmissionPolicyBinding", POLICIES),
    ("MutatingWebhookConfiguration", ADMISSION),
    ("Namespace", CORE),
    ("NetworkPolicy", NETWORKING),
    ("Node", CORE),
    ("PersistentVolume", CORE),
    ("PersistentVolumeClaim", CORE),
    ("Pod", CORE),
    ("PodDisruptionBudget", &["policy/v1"]),
    ("PodTemplate", CORE),
    ("PriorityClass", &["scheduling.k8s.io/v1"]),
    ("ReplicaSet", APPS),
    ("ReplicationController", CORE),
    ("ResourceQuota", CORE),
    ("Role", RBAC),
    ("RoleBinding", RBAC),
    ("RuntimeClass", &["node.k8s.io/v1"]),
    ("Secret", CORE),
    ("Service", CORE),
    ("ServiceAccount", CORE),
    ("StatefulSet", APPS),
    ("StorageClass", STORAGE),
    ("ValidatingAdmissionPolicy", POLICIES),
    ("ValidatingAdmissionPolicyBinding", POLICIES),
    ("ValidatingWebhookConfiguration", ADMISSION),
    ("VolumeAttachment", STORAGE),
];

/// Warns about an object whose `apiVersion` does not have its kind; returns `true` if it is one.
pub(in crate::checks) fn check(lint: &Lint, resource: &Resource) -> bool {
    let (version, kind) = (resource.api_version(), resource.kind());
    if version.is_empty() {
        return false;
    }
    let (field, why, hint) = if let Some(right) = meant(version, kind) {
        let was = version.contains("beta") || version.starts_with("extensions/");
        let why = match was {
            true => format!("the API server has no {kind} of `{version}` any more"),
            false => format!("`{version}` has no kind {kind}, and the API server refuses it"),
        };
        ("apiVersion", why, format!("write `apiVersion: {right}`"))
    } else if let Some(right) = kind_meant(version, kind) {
        let why = format!("`{version}` has no kind {kind}, and the API server refuses it");
        ("kind", why, format!("did you mean `kind: {right}`?"))
    } else {
        return false;
    };
    let entry = resource.node.as_map().into_iter().flatten();
    let entry = entry.into_iter().find(|entry| entry.key.text() == Some(field));
    let pos = entry.map_or(resource.node.pos(), place_of_entry);
    let text = format!("{kind} {}: {why}", resource.name());
    lint.add(Warning::new(WarningKind::WrongVersion, text, pos).alike(version).hint(hint));
    true
}

/// Returns `true` if there is something to say of objects of a kind and version.
pub(in crate::checks) fn is_wrong(version: &str, kind: &str) -> bool {
    !version.is_empty() && (meant(version, kind).is_some() || kind_meant(version, kind).is_some())
}

/// Returns the version that has a kind, if another one is given that hardly has it.
pub(in crate::checks) fn meant(version: &str, kind: &str) -> Option<&'static str> {
    let i = TABLE.binary_search_by_key(&kind, |(kind, _)| kind).ok()?;
    let (_, versions) = TABLE.get(i)?;
    if versions.contains(&version) {
        return None;
    }
    let group = group(version);
    // The groups of others have a dot.
    let is_own = !group.contains('.') || is_built_in(group);
    let is_near = || nearest(versions.iter().copied(), version).is_some();
    (is_own || is_near()).then(|| versions.first().copied())?
}

/// Returns the kind that is meant by one that a version does not have, if they are nearly the same.
fn kind_meant(version: &str, kind: &str) -> Option<&'static str> {
    if TABLE.binary_search_by_key(&kind, |(kind, _)| kind).is_ok() || !is_built_in(group(version)) {
        return None;
    }
    let of_version = TABLE.iter().filter(|(_, versions)| versions.contains(&version));
    nearest(of_version.map(|(kind, _)| *kind), kind)
}

fn group(version: &str) -> &str {
    version.split_once('/').map_or("", |(group, _)| group)
}

fn is_built_in(own: &str) -> bool {
    // Most groups are those of others.
    if own.contains('.') && !own.ends_with(".k8s.io") {
        return false;
    }
    TABLE.iter().any(|(_, versions)| versions.iter().any(|version| group(version) == own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_that_have_the_kind() {
        assert!(TABLE.is_sorted());
        assert_eq!(meant("v1", "Deployment"), Some("apps/v1"));
        assert_eq!(meant("app/v1", "Deployment"), Some("apps/v1"));
        assert_eq!(meant("networking.k8.io/v1", "Ingress"), Some("networking.k8s.io/v1"));
        assert_eq!(meant("serving.knative.dev/v1", "Service"), None);
        assert_eq!(meant("autoscaling/v1", "HorizontalPodAutoscaler"), None);
        assert_eq!(kind_meant("v1", "service"), Some("Service"));
        assert_eq!(kind_meant("example.com/v1", "service"), None);
        assert_eq!(kind_meant("v1", "List"), None);
    }
}
