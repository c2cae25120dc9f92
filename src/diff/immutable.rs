//! Fields that the API server refuses to change.

use serde_json::Value;

use super::model::ResourceDiff;

/// What follows the name of such a field.
pub(super) const WHY: &str = "cannot be changed: the server refuses it, or the object is made anew";

/// The kinds, and the start of the path. `[]` is an element of a list.
const FIXED: &[(&[&str], &[&str])] = &[
    (&["DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"], &["spec.selector"]),
    (
        &["StatefulSet"],
        &["spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"],
    ),
    (
        &["Job"],
        &[
            "spec.template",
            "spec.completions",
            "spec.completionMode",
            "spec.podFailurePolicy",
            "spec.successPolicy",
            "spec.backoffLimitPerIndex",
            "spec.managedBy",
        ],
    ),
    (&["ClusterRoleBinding", "RoleBinding"], &["roleRef"]),
    (&["Service"], &["spec.clusterIP", "spec.clusterIPs", "spec.loadBalancerClass"]),
    (&["Secret"], &["type"]),
    (&["StorageClass"], &["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"]),
    (
        &["PersistentVolumeClaim"],
        &[
            "spec.accessModes",
            "spec.dataSource",
            "spec.dataSourceRef",
            "spec.selector",
            "spec.storageClassName",
            "spec.volumeMode",
            "spec.volumeName",
        ],
    ),
    (
        &["PersistentVolume"],
        &[
            "spec.awsElasticBlockStore",
            "spec.azureDisk",
            "spec.azureFile",
            "spec.cephfs",
            "spec.csi",
            "spec.fc",
            "spec.gcePersistentDisk",
            "spec.hostPath",
            "spec.iscsi",
            "spec.local",
            "spec.nfs",
            "spec.rbd",
            "spec.volumeMode",
        ],
    ),
    (
        &["CustomResourceDefinition"],
        &["spec.group", "spec.names.kind", "spec.names.plural", "spec.scope"],
    ),
    (&["CSIDriver"], &["spec.attachRequired", "spec.volumeLifecycleModes"]),
    (&["EndpointSlice"], &["addressType"]),
    (&["GatewayClass"], &["spec.controllerName"]),
    (&["IngressClass"], &["spec.controller"]),
    (&["PriorityClass"], &["preemptionPolicy", "value"]),
    (&["RuntimeClass"], &["handler"]),
];

/// Fields that may be given to an object that has none.
const SET_ONCE: &[&str] = &["spec.clusterIP", "spec.clusterIPs", "spec.volumeName"];

/// What the server fills in: to write it out changes nothing.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("CSIDriver", "spec.attachRequired", "true"),
    ("Job", "spec.completionMode", "NonIndexed"),
    ("Job", "spec.completions", "1"),
    ("PersistentVolume", "spec.volumeMode", "Filesystem"),
    ("PersistentVolumeClaim", "spec.volumeMode", "Filesystem"),
    ("PriorityClass", "preemptionPolicy", "PreemptLowerPriority"),
    ("Secret", "type", "Opaque"),
    ("Service", "spec.clusterIP", ""),
    ("Service", "spec.type", "ClusterIP"),
    ("StatefulSet", "spec.podManagementPolicy", "OrderedReady"),
    ("StatefulSet", "spec.volumeClaimTemplates[].spec.volumeMode", "Filesystem"),
    ("StorageClass", "reclaimPolicy", "Delete"),
    ("StorageClass", "volumeBindingMode", "Immediate"),
    ("ClusterRoleBinding", "roleRef.apiGroup", "rbac.authorization.k8s.io"),
    ("RoleBinding", "roleRef.apiGroup", "rbac.authorization.k8s.io"),
];

/// Returns what the server takes a field of a kind for that is not there.
pub(super) fn default_of(kind: &str, path: &str) -> Option<&'static str> {
    let found = DEFAULTS.iter().find(|(of, field, _)| *of == kind && *field == path);
    found.map(|(_, _, value)| *value)
}

/// What of a Pod may be changed.
const OF_PODS: &[&str] = &[
    "spec.containers[].image",
    "spec.initContainers[].image",
    "spec.activeDeadlineSeconds",
    "spec.terminationGracePeriodSeconds",
    "spec.schedulingGates",
    "spec.tolerations",
    "spec.ephemeralContainers",
];

/// Returns the part of a path that cannot be changed in a kind, if it is there; `was_there` is whether the field had a
/// value, and `becomes` the one that it gets.
pub(super) fn fixed<'p>(
    kind: &str,
    path: &'p str,
    was_there: bool,
    becomes: Option<&Value>,
) -> Option<&'p str> {
    let starts_with = |start: &&&str| {
        let rest = path.strip_prefix(**start);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    if kind == "Pod" {
        let below = path.strip_prefix("spec.")?;
        let end = below.find(['.', '[']).unwrap_or(below.len());
        let may_change = OF_PODS.iter().any(|start| starts_with(&start));
        return path.get(.."spec.".len() + end).filter(|_| !may_change);
    }
    let of_kind = FIXED.iter().filter(|(kinds, _)| kinds.contains(&kind));
    let start = of_kind.flat_map(|(_, starts)| *starts).find(starts_with)?;
    // The server has given one to a Service that asks for none, and this is not it.
    let is_none = |value: &Value| value == "None" || value.get(0).is_some_and(|it| it == "None");
    // The server keeps one that is taken away.
    let is_kept = path == *start
        && matches!(*start, "spec.clusterIP" | "spec.clusterIPs")
        && becomes.is_none_or(|value| value.is_null() || value == "");
    let is_set = !was_there && SET_ONCE.contains(start) && !becomes.is_some_and(is_none);
    // Both say the same.
    let end = start.len() - usize::from(*start == "spec.clusterIPs");
    path.get(..end).filter(|_| !is_set && !is_kept)
}

/// Returns `true` for a ConfigMap or Secret whose data changes though it says of itself that it does not.
pub(super) fn is_sealed(resource: &ResourceDiff) -> bool {
    let (Some(before), Some(after)) = (&resource.before, &resource.after) else { return false };
    let is_one = matches!(after.kind.as_str(), "ConfigMap" | "Secret") && before.name == after.name;
    if !is_one {
        return false;
    }
    let mut has_data = false;
    for field in resource.own_fields() {
        let path = field.path.to_string();
        if path == "immutable" {
            return field.before == Some(Value::Bool(true));
        }
        has_data |= ["data", "binaryData", "stringData"].iter().any(|part| path.starts_with(part));
    }
    has_data && resource.whole.value().get("immutable") == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_fields_as_a_whole() {
        let is_fixed = |kind, path, was_there| fixed(kind, path, was_there, None);
        for (kind, path, part) in [
            ("Deployment", "spec.selector.matchLabels.app", "spec.selector"),
            (
                "StatefulSet",
                "spec.volumeClaimTemplates[].spec.accessModes",
                "spec.volumeClaimTemplates",
            ),
            ("Job", "spec.template", "spec.template"),
            ("PersistentVolume", "spec.nfs.server", "spec.nfs"),
            ("Pod", "spec.containers[].args[]", "spec.containers"),
        ] {
            for was_there in [true, false] {
                assert_eq!(is_fixed(kind, path, was_there), Some(part), "{kind}: {path}");
            }
        }
        for (kind, path) in [
            ("Service", "spec.selector.app"),
            ("StatefulSet", "spec.template.spec"),
            ("CronJob", "spec.jobTemplate.spec.template"),
            ("PersistentVolumeClaim", "spec.resources.requests.storage"),
            ("Pod", "spec.containers[].image"),
            ("Pod", "metadata.labels.app"),
            ("IngressClass", "spec.controllers"),
        ] {
            assert_eq!(is_fixed(kind, path, true), None, "{kind}: {path}");
        }
    }

    #[test]
    fn an_address_may_be_given_to_a_service_without_but_not_changed() {
        let part = Some("spec.clusterIP");
        // The server keeps what is taken away as a whole.
        assert_eq!(fixed("Service", "spec.clusterIP", true, None), None);
        assert_eq!(fixed("Service", "spec.clusterIPs", true, None), None);
        assert_eq!(fixed("Service", "spec.clusterIPs[]", true, None), part);
        for path in ["spec.clusterIP", "spec.clusterIPs", "spec.clusterIPs[]"] {
            assert_eq!(fixed("Service", path, true, Some(&"10.0.0.2".into())), part, "{path}");
            assert_eq!(fixed("Service", path, false, Some(&"10.0.0.1".into())), None, "{path}");
            assert_eq!(fixed("Service", path, false, Some(&"None".into())), part, "{path}");
        }
        let list = serde_json::json!(["None"]);
        assert_eq!(fixed("Service", "spec.clusterIPs", false, Some(&list)), part);
    }
}
