//! Fields that Kubernetes has gained since the version of the built-in schema.

use crate::schema::TypeRef;

/// The version of Kubernetes up to which they are known.
pub(in crate::checks) const LATEST: &str = "1.37";

/// By the name of the definition, in any version.
const NEWER: &[(&str, &[&str])] = &[
    (
        "CSIDriverSpec",
        &[
            "nodeAllocatableUpdatePeriodSeconds",
            "preventPodSchedulingIfMissing",
            "seLinuxMount",
            "serviceAccountTokenInSecrets",
        ],
    ),
    ("CSINode", &["status"]),
    ("CSIPersistentVolumeSource", &["nodeExpandSecretRef"]),
    ("CertificateSigningRequestSpec", &["expirationSeconds"]),
    ("ConfigMapVolumeSource", &["defaultUser"]),
    ("Container", &["resizePolicy", "restartPolicy", "restartPolicyRules"]),
    ("CronJobSpec", &["timeZone"]),
    ("CustomResourceDefinitionVersion", &["selectableFields"]),
    ("DownwardAPIVolumeFile", &["user"]),
    ("DownwardAPIVolumeSource", &["defaultUser"]),
    ("EmptyDirVolumeSource", &["mode"]),
    ("EnvVarSource", &["fileKeyRef"]),
    ("EphemeralContainer", &["resizePolicy", "restartPolicy", "restartPolicyRules"]),
    ("HPAScalingRules", &["tolerance"]),
    ("HTTPGetAction", &["protocol"]),
    ("Handler", &["sleep"]),
    (
        "JobSpec",
        &[
            "backoffLimitPerIndex",
            "managedBy",
            "maxFailedIndexes",
            "podFailurePolicy",
            "podReplacementPolicy",
            "scheduling",
            "successPolicy",
        ],
    ),
    ("KeyToPath", &["user"]),
    ("LeaseSpec", &["preferredHolder", "strategy"]),
    ("Lifecycle", &["stopSignal"]),
    ("MutatingWebhook", &["matchConditions"]),
    ("NodeSpec", &["podPreemptionPolicy"]),
    ("PersistentVolumeClaimSpec", &["dataSourceRef", "volumeAttributesClassName"]),
    ("PersistentVolumeSpec", &["volumeAttributesClassName"]),
    ("PodAffinityTerm", &["matchLabelKeys", "mismatchLabelKeys"]),
    ("PodDisruptionBudgetSpec", &["unhealthyPodEvictionPolicy"]),
    ("PodSecurityContext", &["appArmorProfile", "seLinuxChangePolicy", "supplementalGroupsPolicy"]),
    (
        "PodSpec",
        &[
            "evictionResponders",
            "hostUsers",
            "hostnameOverride",
            "os",
            "resourceClaims",
            "resources",
            "schedulingGates",
            "schedulingGroup",
            "workloadRef",
        ],
    ),
    ("Probe", &["grpc"]),
    ("ProjectedVolumeSource", &["defaultUser"]),
    ("ResourceAttributes", &["fieldSelector", "labelSelector"]),
    ("ResourceRequirements", &["claims"]),
    ("RollingUpdateStatefulSetStrategy", &["maxUnavailable"]),
    ("SecretVolumeSource", &["defaultUser"]),
    ("SecurityContext", &["appArmorProfile"]),
    ("ServiceAccountTokenProjection", &["user"]),
    ("ServiceSpec", &["trafficDistribution"]),
    ("StatefulSetSpec", &["minReadySeconds", "ordinals", "persistentVolumeClaimRetentionPolicy"]),
    ("TokenRequestSpec", &["attestations"]),
    (
        "TopologySpreadConstraint",
        &["matchLabelKeys", "minDomains", "nodeAffinityPolicy", "nodeTaintsPolicy"],
    ),
    ("ValidatingWebhook", &["matchConditions"]),
    ("Volume", &["image"]),
    ("VolumeMount", &["bindMountOptions", "recursiveReadOnly"]),
    ("VolumeProjection", &["clusterTrustBundle", "podCertificate"]),
    ("WindowsSecurityContextOptions", &["hostProcess"]),
];

/// Returns `true` for a field of a type that the schema is too old to know.
pub(in crate::checks) fn is_newer(of: TypeRef<'_>, field: &str) -> bool {
    newer(of).contains(&field)
}

/// Returns the fields of a type that the schema is too old to know.
pub(in crate::checks) fn newer(of: TypeRef<'_>) -> &'static [&'static str] {
    let name = of.name().unwrap_or_default();
    let found = NEWER.binary_search_by(|(definition, _)| (*definition).cmp(name));
    found.ok().and_then(|i| NEWER.get(i)).map_or(&[], |(_, fields)| fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;

    #[test]
    fn newer_fields_are_those_of_their_type() {
        assert!(NEWER.is_sorted());
        let schema = Schema::builtin();
        let pod = schema.resource("v1", "Pod").and_then(|of| of.field("spec")).expect("a type");
        assert!(is_newer(pod, "hostUsers"));
        assert!(!is_newer(pod, "image"));
    }
}
