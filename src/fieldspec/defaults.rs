//! The default transformer configuration, as tables; every list is sorted as a merge would leave it.
//!
//! A row is group, version, kind, path and whether a missing field is created. An empty group,
//! version or kind means "any".

use super::path::{ConstPath, count, keys};

/// One field spec of a table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) kind: &'static str,
    /// The [`mark`] of the kind.
    pub(super) mark: u8,
    pub(super) path: ConstPath,
    pub(super) create: bool,
}

/// A kind that is referred to by name (group, version, kind), and the fields that do.
pub(super) type Referral = (&'static str, &'static str, &'static str, &'static [Row]);

/// Returns a number that hardly any two kinds share: most rows are told apart by it.
pub(super) const fn mark(kind: &str) -> u8 {
    match kind.as_bytes() {
        [first, .., last] => (kind.len() as u8).wrapping_mul(37) ^ first.wrapping_mul(5) ^ *last,
        _ => 0,
    }
}

const CREATE: bool = true;
const KEEP: bool = false;

/// A table of rows, their paths parsed. A path with an escaped slash has its names beside it.
macro_rules! rows {
    ($(($group:literal, $version:literal, $kind:literal, $path:tt, $create:expr)),* $(,)?) => {
        &[$(Row {
            group: $group,
            version: $version,
            kind: $kind,
            mark: mark($kind),
            path: path!($path),
            create: $create,
        }),*]
    };
}

macro_rules! path {
    ({ $text:literal: $names:literal }) => {
        ConstPath {
            text: $text,
            names: $names,
            parts: const { &keys::<{ count($names, b':') }>($names, b':') },
        }
    };
    ($text:literal) => {
        ConstPath {
            text: $text,
            names: $text,
            parts: const { &keys::<{ count($text, b'/') }>($text, b'/') },
        }
    };
}

/// Fields that a prefix changes; a suffix changes the same.
#[rustfmt::skip]
pub(super) const NAME_PREFIX: &[Row] = rows![
    ("", "", "", "metadata/name", KEEP),
];

/// Fields that the namespace is written to, beside `metadata.namespace` and the subjects of bindings.
#[rustfmt::skip]
pub(super) const NAMESPACE: &[Row] = rows![
    ("", "", "Namespace", "metadata/name", CREATE),
    ("apiextensions.k8s.io", "", "CustomResourceDefinition", "spec/conversion/webhook/clientConfig/service/namespace", KEEP),
    ("apiregistration.k8s.io", "", "APIService", "spec/service/namespace", CREATE),
];

/// Where `commonLabels`, and `labels` with `includeSelectors`, go.
#[rustfmt::skip]
pub(super) const COMMON_LABELS: &[Row] = rows![
    ("", "v1", "Service", "spec/selector", CREATE),
    ("apps", "", "Deployment", "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels", KEEP),
    ("apps", "", "Deployment", "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", KEEP),
    ("apps", "", "Deployment", "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels", KEEP),
    ("apps", "", "Deployment", "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", KEEP),
    ("apps", "", "Deployment", "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels", KEEP),
    ("", "", "Deployment", "spec/template/metadata/labels", CREATE),
    ("", "", "Deployment", "spec/selector/matchLabels", CREATE),
    ("apps", "", "StatefulSet", "spec/selector/matchLabels", CREATE),
    ("apps", "", "StatefulSet", "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels", KEEP),
    ("apps", "", "StatefulSet", "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", KEEP),
    ("apps", "", "StatefulSet", "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels", KEEP),
    ("apps", "", "StatefulSet", "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", KEEP),
    ("apps", "", "StatefulSet", "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels", KEEP),
    ("apps", "", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", CREATE),
    ("apps", "", "StatefulSet", "spec/template/metadata/labels", CREATE),
    ("batch", "", "CronJob", "spec/jobTemplate/metadata/labels", CREATE),
    ("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/labels", CREATE),
    ("batch", "", "CronJob", "spec/jobTemplate/spec/selector/matchLabels", KEEP),
    ("policy", "", "PodDisruptionBudget", "spec/selector/matchLabels", KEEP),
    ("batch", "", "Job", "spec/selector/matchLabels", KEEP),
    ("batch", "", "Job", "spec/template/metadata/labels", CREATE),
    ("networking.k8s.io", "", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels", KEEP),
    ("networking.k8s.io", "", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels", KEEP),
    ("networking.k8s.io", "", "NetworkPolicy", "spec/podSelector/matchLabels", KEEP),
    ("", "v1", "ReplicationController", "spec/template/metadata/labels", CREATE),
    ("", "v1", "ReplicationController", "spec/selector", CREATE),
    ("", "", "DaemonSet", "spec/template/metadata/labels", CREATE),
    ("", "", "DaemonSet", "spec/selector/matchLabels", CREATE),
    ("", "", "ReplicaSet", "spec/template/metadata/labels", CREATE),
    ("", "", "ReplicaSet", "spec/selector/matchLabels", CREATE),
    ("", "", "", "metadata/labels", CREATE),
];

/// Where `labels` with `includeTemplates` go.
#[rustfmt::skip]
pub(super) const TEMPLATE_LABELS: &[Row] = rows![
    ("", "", "Deployment", "spec/template/metadata/labels", CREATE),
    ("apps", "", "StatefulSet", "spec/template/metadata/labels", CREATE),
    ("batch", "", "CronJob", "spec/jobTemplate/metadata/labels", CREATE),
    ("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/labels", CREATE),
    ("batch", "", "Job", "spec/template/metadata/labels", CREATE),
    ("", "v1", "ReplicationController", "spec/template/metadata/labels", CREATE),
    ("", "", "DaemonSet", "spec/template/metadata/labels", CREATE),
    ("", "", "ReplicaSet", "spec/template/metadata/labels", CREATE),
    ("", "", "", "metadata/labels", CREATE),
];

/// Where `labels` with `includeVolumeClaimTemplates` go.
#[rustfmt::skip]
pub(super) const VOLUME_CLAIM_TEMPLATE_LABELS: &[Row] = rows![
    ("apps", "", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", CREATE),
];

/// Where annotations go.
#[rustfmt::skip]
pub(super) const COMMON_ANNOTATIONS: &[Row] = rows![
    ("", "", "Deployment", "spec/template/metadata/annotations", CREATE),
    ("", "", "StatefulSet", "spec/template/metadata/annotations", CREATE),
    ("batch", "", "CronJob", "spec/jobTemplate/metadata/annotations", CREATE),
    ("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/annotations", CREATE),
    ("batch", "", "Job", "spec/template/metadata/annotations", CREATE),
    ("", "v1", "ReplicationController", "spec/template/metadata/annotations", CREATE),
    ("", "", "DaemonSet", "spec/template/metadata/annotations", CREATE),
    ("", "", "ReplicaSet", "spec/template/metadata/annotations", CREATE),
    ("", "", "", "metadata/annotations", CREATE),
];

/// Where images are named, beside the containers found anywhere.
#[rustfmt::skip]
pub(super) const IMAGES: &[Row] = rows![
    ("", "", "", "spec/containers[]/image", CREATE),
    ("", "", "", "spec/initContainers[]/image", CREATE),
    ("", "", "", "spec/volumes[]/image/reference", CREATE),
    ("", "", "", "spec/template/spec/containers[]/image", CREATE),
    ("", "", "", "spec/template/spec/initContainers[]/image", CREATE),
    ("", "", "", "spec/template/spec/volumes[]/image/reference", CREATE),
    ("", "", "", "spec/jobTemplate/spec/template/spec/volumes[]/image/reference", CREATE),
];

/// Numbers of replicas.
#[rustfmt::skip]
pub(super) const REPLICAS: &[Row] = rows![
    ("", "", "Deployment", "spec/replicas", CREATE),
    ("", "", "StatefulSet", "spec/replicas", CREATE),
    ("", "", "ReplicaSet", "spec/replicas", CREATE),
    ("", "", "ReplicationController", "spec/replicas", CREATE),
];

/// Where `$(NAME)` of a var is replaced.
#[rustfmt::skip]
pub(super) const VAR_REFERENCE: &[Row] = rows![
    ("", "", "Service", "spec/ports/port", KEEP),
    ("", "", "Service", "spec/ports/targetPort", KEEP),
    ("", "", "PersistentVolume", "spec/nfs/server", KEEP),
    ("", "", "Deployment", "spec/template/spec/initContainers/volumeMounts/mountPath", KEEP),
    ("", "", "Deployment", "spec/template/spec/initContainers/env/value", KEEP),
    ("", "", "Deployment", "spec/template/spec/initContainers/command", KEEP),
    ("", "", "Deployment", "spec/template/spec/initContainers/args", KEEP),
    ("", "", "Deployment", "spec/template/spec/containers/volumeMounts/mountPath", KEEP),
    ("", "", "Deployment", "spec/template/spec/containers/env/value", KEEP),
    ("", "", "Deployment", "spec/template/spec/volumes/nfs/server", KEEP),
    ("", "", "Deployment", "spec/template/metadata/annotations", KEEP),
    ("", "", "Deployment", "spec/template/spec/containers/command", KEEP),
    ("", "", "Deployment", "spec/template/spec/containers/args", KEEP),
    ("", "", "StatefulSet", "spec/template/spec/containers/volumeMounts/mountPath", KEEP),
    ("", "", "StatefulSet", "spec/template/spec/containers/env/value", KEEP),
    ("", "", "StatefulSet", "spec/template/spec/initContainers/args", KEEP),
    ("", "", "StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server", KEEP),
    ("", "", "StatefulSet", "spec/template/spec/initContainers/command", KEEP),
    ("", "", "StatefulSet", "spec/template/spec/containers/command", KEEP),
    ("", "", "StatefulSet", "spec/template/spec/containers/args", KEEP),
    ("", "", "StatefulSet", "spec/template/spec/initContainers/volumeMounts/mountPath", KEEP),
    ("", "", "StatefulSet", "spec/template/spec/initContainers/env/value", KEEP),
    ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/env/value", KEEP),
    ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/command", KEEP),
    ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/args", KEEP),
    ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/volumeMounts/mountPath", KEEP),
    ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/env/value", KEEP),
    ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/command", KEEP),
    ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/volumeMounts/mountPath", KEEP),
    ("", "", "CronJob", "spec/jobTemplate/spec/template/volumes/nfs/server", KEEP),
    ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/args", KEEP),
    ("", "", "DaemonSet", "spec/template/spec/containers/command", KEEP),
    ("", "", "DaemonSet", "spec/template/spec/volumes/nfs/server", KEEP),
    ("", "", "DaemonSet", "spec/template/spec/initContainers/volumeMounts/mountPath", KEEP),
    ("", "", "DaemonSet", "spec/template/spec/initContainers/env/value", KEEP),
    ("", "", "DaemonSet", "spec/template/spec/initContainers/command", KEEP),
    ("", "", "DaemonSet", "spec/template/spec/initContainers/args", KEEP),
    ("", "", "DaemonSet", "spec/template/spec/containers/volumeMounts/mountPath", KEEP),
    ("", "", "DaemonSet", "spec/template/spec/containers/env/value", KEEP),
    ("", "", "DaemonSet", "spec/template/spec/containers/args", KEEP),
    ("", "", "Ingress", "spec/tls/secretName", KEEP),
    ("", "", "Ingress", "spec/tls/hosts", KEEP),
    ("", "", "Ingress", "spec/rules/host", KEEP),
    ("", "", "Job", "spec/template/spec/initContainers/command", KEEP),
    ("", "", "Job", "spec/template/spec/volumes/nfs/server", KEEP),
    ("", "", "Job", "spec/template/spec/containers/args", KEEP),
    ("", "", "Job", "spec/template/spec/containers/command", KEEP),
    ("", "", "Job", "spec/template/spec/containers/env/value", KEEP),
    ("", "", "Job", "spec/template/spec/containers/volumeMounts/mountPath", KEEP),
    ("", "", "Job", "spec/template/spec/initContainers/args", KEEP),
    ("", "", "Job", "spec/template/spec/initContainers/env/value", KEEP),
    ("", "", "Job", "spec/template/spec/initContainers/volumeMounts/mountPath", KEEP),
    ("", "", "Pod", "spec/containers/volumeMounts/mountPath", KEEP),
    ("", "", "Pod", "spec/containers/args", KEEP),
    ("", "", "Pod", "spec/initContainers/command", KEEP),
    ("", "", "Pod", "spec/initContainers/env/value", KEEP),
    ("", "", "Pod", "spec/initContainers/volumeMounts/mountPath", KEEP),
    ("", "", "Pod", "spec/volumes/nfs/server", KEEP),
    ("", "", "Pod", "spec/initContainers/args", KEEP),
    ("", "", "Pod", "spec/containers/env/value", KEEP),
    ("", "", "Pod", "spec/containers/command", KEEP),
    ("", "", "ReplicaSet", "spec/template/spec/volumes/nfs/server", KEEP),
    ("", "", "ReplicaSet", "spec/template/spec/containers/volumeMounts/mountPath", KEEP),
    ("", "", "ReplicaSet", "spec/template/spec/containers/env/value", KEEP),
    ("", "", "ReplicaSet", "spec/template/spec/containers/command", KEEP),
    ("", "", "ReplicaSet", "spec/template/spec/containers/args", KEEP),
    ("", "", "ReplicaSet", "spec/template/spec/initContainers/args", KEEP),
    ("", "", "ReplicaSet", "spec/template/spec/initContainers/volumeMounts/mountPath", KEEP),
    ("", "", "ReplicaSet", "spec/template/spec/initContainers/env/value", KEEP),
    ("", "", "ReplicaSet", "spec/template/spec/initContainers/command", KEEP),
    ("", "", "", "metadata/labels", KEEP),
    ("", "", "", "metadata/annotations", KEEP),
];

/// Where objects of a kind are referred to by name. The fields of one kind are in the order in which
/// they are followed.
#[rustfmt::skip]
pub(super) const NAME_REFERENCE: &[Referral] = &[
    ("storage.k8s.io", "v1", "StorageClass", rows![
        ("", "", "PersistentVolume", "spec/storageClassName", KEEP),
        ("", "", "PersistentVolumeClaim", "spec/storageClassName", KEEP),
        ("", "", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName", KEEP),
    ]),
    ("", "v1", "ServiceAccount", rows![
        ("rbac.authorization.k8s.io", "", "RoleBinding", "subjects", KEEP),
        ("rbac.authorization.k8s.io", "", "ClusterRoleBinding", "subjects", KEEP),
        ("", "", "Pod", "spec/serviceAccountName", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/serviceAccountName", KEEP),
        ("", "", "Deployment", "spec/template/spec/serviceAccountName", KEEP),
        ("", "", "ReplicationController", "spec/template/spec/serviceAccountName", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/serviceAccountName", KEEP),
        ("", "", "Job", "spec/template/spec/serviceAccountName", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/serviceAccountName", KEEP),
    ]),
    ("rbac.authorization.k8s.io", "", "Role", rows![
        ("rbac.authorization.k8s.io", "", "RoleBinding", "roleRef/name", KEEP),
    ]),
    ("rbac.authorization.k8s.io", "", "ClusterRole", rows![
        ("rbac.authorization.k8s.io", "", "RoleBinding", "roleRef/name", KEEP),
        ("rbac.authorization.k8s.io", "", "ClusterRoleBinding", "roleRef/name", KEEP),
    ]),
    ("", "v1", "ConfigMap", rows![
        ("", "v1", "Pod", "spec/volumes/configMap/name", KEEP),
        ("", "v1", "Pod", "spec/containers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "v1", "Pod", "spec/initContainers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "v1", "Pod", "spec/containers/envFrom/configMapRef/name", KEEP),
        ("", "v1", "Pod", "spec/initContainers/envFrom/configMapRef/name", KEEP),
        ("", "v1", "Pod", "spec/volumes/projected/sources/configMap/name", KEEP),
        ("", "", "PodTemplate", "template/spec/volumes/configMap/name", KEEP),
        ("", "", "PodTemplate", "template/spec/containers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "PodTemplate", "template/spec/initContainers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "PodTemplate", "template/spec/containers/envFrom/configMapRef/name", KEEP),
        ("", "", "PodTemplate", "template/spec/initContainers/envFrom/configMapRef/name", KEEP),
        ("", "", "PodTemplate", "template/spec/volumes/projected/sources/configMap/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/volumes/configMap/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/containers/envFrom/configMapRef/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/initContainers/envFrom/configMapRef/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/volumes/projected/sources/configMap/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/volumes/configMap/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/containers/envFrom/configMapRef/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/initContainers/envFrom/configMapRef/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/volumes/projected/sources/configMap/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/volumes/configMap/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/containers/envFrom/configMapRef/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/initContainers/envFrom/configMapRef/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/volumes/projected/sources/configMap/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/volumes/configMap/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/containers/envFrom/configMapRef/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/initContainers/envFrom/configMapRef/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/volumes/projected/sources/configMap/name", KEEP),
        ("", "", "Job", "spec/template/spec/volumes/configMap/name", KEEP),
        ("", "", "Job", "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "Job", "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "Job", "spec/template/spec/containers/envFrom/configMapRef/name", KEEP),
        ("", "", "Job", "spec/template/spec/initContainers/envFrom/configMapRef/name", KEEP),
        ("", "", "Job", "spec/template/spec/volumes/projected/sources/configMap/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/volumes/configMap/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/volumes/projected/sources/configMap/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/envFrom/configMapRef/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/envFrom/configMapRef/name", KEEP),
        ("", "", "Node", "spec/configSource/configMap", KEEP),
        ("", "", "Role", "rules/resourceNames", KEEP),
        ("", "", "ClusterRole", "rules/resourceNames", KEEP),
        ("", "", "Ingress", { r"metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap": "metadata:annotations:nginx.ingress.kubernetes.io/fastcgi-params-configmap" }, KEEP),
    ]),
    ("", "v1", "Secret", rows![
        ("", "v1", "Pod", "spec/volumes/secret/secretName", KEEP),
        ("", "v1", "Pod", "spec/containers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "v1", "Pod", "spec/initContainers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "v1", "Pod", "spec/containers/envFrom/secretRef/name", KEEP),
        ("", "v1", "Pod", "spec/initContainers/envFrom/secretRef/name", KEEP),
        ("", "v1", "Pod", "spec/imagePullSecrets/name", KEEP),
        ("", "v1", "Pod", "spec/volumes/projected/sources/secret/name", KEEP),
        ("", "", "PodTemplate", "template/spec/volumes/secret/secretName", KEEP),
        ("", "", "PodTemplate", "template/spec/containers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "PodTemplate", "template/spec/initContainers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "PodTemplate", "template/spec/containers/envFrom/secretRef/name", KEEP),
        ("", "", "PodTemplate", "template/spec/initContainers/envFrom/secretRef/name", KEEP),
        ("", "", "PodTemplate", "template/spec/imagePullSecrets/name", KEEP),
        ("", "", "PodTemplate", "template/spec/volumes/projected/sources/secret/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/volumes/secret/secretName", KEEP),
        ("", "", "Deployment", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/containers/envFrom/secretRef/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/initContainers/envFrom/secretRef/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/imagePullSecrets/name", KEEP),
        ("", "", "Deployment", "spec/template/spec/volumes/projected/sources/secret/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/volumes/secret/secretName", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/containers/envFrom/secretRef/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/initContainers/envFrom/secretRef/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/imagePullSecrets/name", KEEP),
        ("", "", "ReplicaSet", "spec/template/spec/volumes/projected/sources/secret/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/volumes/secret/secretName", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/containers/envFrom/secretRef/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/initContainers/envFrom/secretRef/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/imagePullSecrets/name", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/volumes/projected/sources/secret/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/volumes/secret/secretName", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/containers/envFrom/secretRef/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/initContainers/envFrom/secretRef/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/imagePullSecrets/name", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/volumes/projected/sources/secret/name", KEEP),
        ("", "", "Job", "spec/template/spec/volumes/secret/secretName", KEEP),
        ("", "", "Job", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "Job", "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "Job", "spec/template/spec/containers/envFrom/secretRef/name", KEEP),
        ("", "", "Job", "spec/template/spec/initContainers/envFrom/secretRef/name", KEEP),
        ("", "", "Job", "spec/template/spec/imagePullSecrets/name", KEEP),
        ("", "", "Job", "spec/template/spec/volumes/projected/sources/secret/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/volumes/secret/secretName", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/volumes/projected/sources/secret/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/envFrom/secretRef/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/envFrom/secretRef/name", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/imagePullSecrets/name", KEEP),
        ("", "", "Ingress", "spec/tls/secretName", KEEP),
        ("", "", "Ingress", { r"metadata/annotations/ingress.kubernetes.io\/auth-secret": "metadata:annotations:ingress.kubernetes.io/auth-secret" }, KEEP),
        ("", "", "Ingress", { r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret": "metadata:annotations:nginx.ingress.kubernetes.io/auth-secret" }, KEEP),
        ("", "", "Ingress", { r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret": "metadata:annotations:nginx.ingress.kubernetes.io/auth-tls-secret" }, KEEP),
        // Odd: twice, and followed twice.
        ("", "", "Ingress", "spec/tls/secretName", KEEP),
        ("", "", "ServiceAccount", "imagePullSecrets/name", KEEP),
        ("", "", "StorageClass", "parameters/secretName", KEEP),
        ("", "", "StorageClass", "parameters/adminSecretName", KEEP),
        ("", "", "StorageClass", "parameters/userSecretName", KEEP),
        ("", "", "StorageClass", "parameters/secretRef", KEEP),
        ("", "", "Role", "rules/resourceNames", KEEP),
        ("", "", "ClusterRole", "rules/resourceNames", KEEP),
        ("serving.knative.dev", "v1", "Service", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", KEEP),
        ("", "", "PersistentVolume", "spec/azureFile/secretName", KEEP),
    ]),
    ("", "v1", "Service", rows![
        ("apps", "", "StatefulSet", "spec/serviceName", KEEP),
        ("", "", "Ingress", "spec/rules/http/paths/backend/serviceName", KEEP),
        ("", "", "Ingress", "spec/backend/serviceName", KEEP),
        ("", "", "Ingress", "spec/rules/http/paths/backend/service/name", KEEP),
        ("", "", "Ingress", "spec/defaultBackend/service/name", KEEP),
        ("apiregistration.k8s.io", "", "APIService", "spec/service/name", KEEP),
        ("admissionregistration.k8s.io", "", "ValidatingWebhookConfiguration", "webhooks/clientConfig/service", KEEP),
        ("admissionregistration.k8s.io", "", "MutatingWebhookConfiguration", "webhooks/clientConfig/service", KEEP),
    ]),
    ("scheduling.k8s.io", "v1", "PriorityClass", rows![
        ("", "", "Pod", "spec/priorityClassName", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/priorityClassName", KEEP),
        ("", "", "Deployment", "spec/template/spec/priorityClassName", KEEP),
        ("", "", "ReplicationController", "spec/template/spec/priorityClassName", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/priorityClassName", KEEP),
        ("", "", "Job", "spec/template/spec/priorityClassName", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/priorityClassName", KEEP),
    ]),
    ("", "v1", "PersistentVolume", rows![
        ("", "", "PersistentVolumeClaim", "spec/volumeName", KEEP),
        ("", "", "ClusterRole", "rules/resourceNames", KEEP),
    ]),
    ("", "v1", "PersistentVolumeClaim", rows![
        ("", "", "Pod", "spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "Deployment", "spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "ReplicationController", "spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "Job", "spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
    ]),
    ("", "", "Deployment", rows![
        ("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", KEEP),
    ]),
    ("", "", "StatefulSet", rows![
        ("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", KEEP),
    ]),
    ("admissionregistration.k8s.io", "", "ValidatingAdmissionPolicy", rows![
        ("admissionregistration.k8s.io", "", "ValidatingAdmissionPolicyBinding", "spec/policyName", KEEP),
    ]),
    ("networking.k8s.io/v1", "v1", "IngressClass", rows![
        ("", "", "Ingress", "spec/ingressClassName", KEEP),
    ]),
    ("", "", "ReplicaSet", rows![
        ("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", KEEP),
    ]),
    ("", "", "ReplicationController", rows![
        ("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", KEEP),
    ]),
];
