//! Fields of built-in kinds that take one of a few values.

use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::schema::TypeRef;
use crate::yaml::{Node, nearest};

/// A field, the definitions that have it so, and its values.
#[derive(Debug)]
pub(in crate::checks) struct Enumerated {
    field: &'static str,
    of: &'static [&'static str],
    values: &'static [&'static str],
    /// Whether there may be other values, so that only what is nearly one of these is wrong.
    is_open: bool,
}

/// Makes the table shorter.
const fn row(
    field: &'static str,
    of: &'static [&'static str],
    values: &'static [&'static str],
) -> Enumerated {
    Enumerated { field, of, values, is_open: false }
}

const MODES: &[&str] = &["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];
const VOLUMES: &[&str] = &["PersistentVolumeSpec", "PersistentVolumeClaimSpec"];
const CONTAINERS: &[&str] = &["Container", "EphemeralContainer"];
const WEBHOOKS: &[&str] = &["MutatingWebhook", "ValidatingWebhook"];
const CLAIMS: &[&str] = &["Delete", "Retain", "Recycle"];
const PARTS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.labels",
    "metadata.annotations",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
const AMOUNTS: &[&str] = &[
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
];
const PATHS: &[&str] = &[
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
    "CharDevice",
    "BlockDevice",
];
const QUOTA_SCOPES: &[&str] = &[
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];
const VERBS: &[&str] = &[
    "approve",
    "attest",
    "bind",
    "create",
    "delete",
    "deletecollection",
    "escalate",
    "get",
    "impersonate",
    "list",
    "patch",
    "sign",
    "update",
    "use",
    "watch",
];

/// By the name of the field.
const TABLE: &[Enumerated] = &[
    row("accessModes", VOLUMES, MODES),
    row("apiGroup", &["RoleRef", "Subject"], &["rbac.authorization.k8s.io"]),
    Enumerated { field: "clusterIP", of: &["ServiceSpec"], values: &["None"], is_open: true },
    row("completionMode", &["JobSpec"], &["NonIndexed", "Indexed"]),
    row("concurrencyPolicy", &["CronJobSpec"], &["Allow", "Forbid", "Replace"]),
    row("dnsPolicy", &["PodSpec"], &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]),
    row("effect", &["Taint", "Toleration"], &["NoSchedule", "PreferNoSchedule", "NoExecute"]),
    row("externalTrafficPolicy", &["ServiceSpec"], &["Cluster", "Local"]),
    row("failurePolicy", WEBHOOKS, &["Fail", "Ignore"]),
    row("fieldPath", &["ObjectFieldSelector"], PARTS),
    row("imagePullPolicy", CONTAINERS, &["Always", "IfNotPresent", "Never"]),
    row("internalTrafficPolicy", &["ServiceSpec"], &["Cluster", "Local"]),
    row("ipFamilies", &["ServiceSpec"], &["IPv4", "IPv6"]),
    row(
        "ipFamilyPolicy",
        &["ServiceSpec"],
        &["SingleStack", "PreferDualStack", "RequireDualStack"],
    ),
    row("kind", &["RoleRef"], &["Role", "ClusterRole"]),
    row("kind", &["Subject"], &["User", "Group", "ServiceAccount"]),
    row("matchPolicy", WEBHOOKS, &["Exact", "Equivalent"]),
    row("mountPropagation", &["VolumeMount"], &["None", "HostToContainer", "Bidirectional"]),
    row("operations", &["RuleWithOperations"], &["CREATE", "UPDATE", "DELETE", "CONNECT", "*"]),
    row("operator", &["LabelSelectorRequirement"], &["In", "NotIn", "Exists", "DoesNotExist"]),
    row(
        "operator",
        &["NodeSelectorRequirement"],
        &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"],
    ),
    row("operator", &["Toleration"], &["Equal", "Exists", "Gt", "Lt"]),
    row("pathType", &["HTTPIngressPath"], &["Prefix", "Exact", "ImplementationSpecific"]),
    row("persistentVolumeReclaimPolicy", &["PersistentVolumeSpec"], CLAIMS),
    row("podManagementPolicy", &["StatefulSetSpec"], &["OrderedReady", "Parallel"]),
    row("policyTypes", &["NetworkPolicySpec"], &["Ingress", "Egress"]),
    row("preemptionPolicy", &["PodSpec", "PriorityClass"], &["Never", "PreemptLowerPriority"]),
    row(
        "protocol",
        &["ContainerPort", "EndpointPort", "NetworkPolicyPort", "ServicePort"],
        &["TCP", "UDP", "SCTP"],
    ),
    row("reclaimPolicy", &["StorageClass"], CLAIMS),
    row("reinvocationPolicy", WEBHOOKS, &["Never", "IfNeeded"]),
    row("resource", &["ResourceFieldSelector"], AMOUNTS),
    row("restartPolicy", &["PodSpec"], &["Always", "OnFailure", "Never"]),
    row("scheme", &["HTTPGetAction"], &["HTTP", "HTTPS"]),
    row("scope", &["CustomResourceDefinitionSpec"], &["Cluster", "Namespaced"]),
    row("scope", &["RuleWithOperations"], &["Cluster", "Namespaced", "*"]),
    row("scopes", &["ResourceQuotaSpec"], QUOTA_SCOPES),
    row("selectPolicy", &["HPAScalingRules"], &["Max", "Min", "Disabled"]),
    row("sessionAffinity", &["ServiceSpec"], &["None", "ClientIP"]),
    row("sideEffects", WEBHOOKS, &["None", "NoneOnDryRun", "Some", "Unknown"]),
    row("strategy", &["CustomResourceConversion"], &["None", "Webhook"]),
    row("terminationMessagePolicy", CONTAINERS, &["File", "FallbackToLogsOnError"]),
    row(
        "type",
        &["DaemonSetUpdateStrategy", "StatefulSetUpdateStrategy"],
        &["RollingUpdate", "OnDelete"],
    ),
    row("type", &["DeploymentStrategy"], &["RollingUpdate", "Recreate"]),
    row("type", &["HPAScalingPolicy"], &["Pods", "Percent"]),
    row("type", &["HostPathVolumeSource"], PATHS),
    Enumerated {
        field: "type",
        of: &["LimitRangeItem"],
        values: &["Container", "Pod", "PersistentVolumeClaim"],
        is_open: true,
    },
    row("type", &["MetricSpec"], &["Resource", "ContainerResource", "Pods", "Object", "External"]),
    row("type", &["MetricTarget"], &["Utilization", "Value", "AverageValue"]),
    row("type", &["SeccompProfile"], &["RuntimeDefault", "Localhost", "Unconfined"]),
    row("type", &["ServiceSpec"], &["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]),
    row(
        "unhealthyPodEvictionPolicy",
        &["PodDisruptionBudgetSpec"],
        &["IfHealthyBudget", "AlwaysAllow"],
    ),
    Enumerated { field: "verbs", of: &["PolicyRule"], values: VERBS, is_open: true },
    row("volumeBindingMode", &["StorageClass"], &["Immediate", "WaitForFirstConsumer"]),
    row("volumeMode", VOLUMES, &["Filesystem", "Block"]),
    row("whenUnsatisfiable", &["TopologySpreadConstraint"], &["DoNotSchedule", "ScheduleAnyway"]),
];

/// Returns what is known of the values of a field of a type.
pub(in crate::checks) fn of(of: TypeRef<'_>, field: &str) -> Option<&'static Enumerated> {
    let letter = usize::from(field.bytes().next()?.checked_sub(b'a')?);
    let of_letter = *STARTS.get(letter)?..*STARTS.get(letter + 1)?;
    let mut rows = TABLE.get(of_letter)?.iter().filter(|row| row.field == field).peekable();
    rows.peek()?;
    let name = of.name()?;
    rows.find(|row| row.of.contains(&name))
}

/// Where in the table the rows of each first letter start.
const STARTS: [usize; 27] = {
    let mut starts = [0; 27];
    let (mut letter, mut row) = (0, 0);
    while letter < starts.len() {
        while row < TABLE.len() && TABLE[row].field.as_bytes()[0] < b'a' + letter as u8 {
            row += 1;
        }
        starts[letter] = row;
        letter += 1;
    }
    starts
};

impl Enumerated {
    /// Warns about a value that is none of them.
    pub(in crate::checks) fn check(
        &self,
        lint: &Lint,
        resource: &Resource,
        value: &Node,
        path: impl FnOnce() -> String,
    ) {
        let given = value.text().unwrap_or_default();
        let is_other = given.is_empty() || value.is_null() || self.values.contains(&given);
        // Such as `metadata.labels['app']` and `limits.hugepages-2Mi`.
        if is_other || is_filled_in(given) || given.contains(['[', '*']) || given.contains(".huge")
        {
            return;
        }
        let near = nearest(self.values.iter().copied(), given);
        if self.is_open && near.is_none() {
            return;
        }
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write {}", shown(self.values)),
        };
        let text = format!(
            "{} {}: `{}` is `{given}`, which is none of its values, and the API server refuses it",
            resource.kind(),
            resource.name(),
            path()
        );
        lint.add(
            Warning::new(WarningKind::InvalidValue, text, place_or(value.pos(), resource))
                .hint(hint),
        );
    }
}

/// Returns values as people list them.
fn shown(values: &[&str]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    match values.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => values.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_sorted() {
        assert!(TABLE.is_sorted_by_key(|row| row.field));
    }
}
