//! The default transformer configuration, as tables; every list is sorted as a merge would leave it.
//!
//! A row is group, version, kind, path and whether a missing field is created. An empty group,
//! version or kind means "any".

use super::table::{Table, table};
use crate::resource::GvkRef;

/// A kind, and the fields in which others name it.
#[derive(Debug)]
pub(crate) struct Referral {
    pub(super) target: GvkRef<'static>,
    pub(super) fields: Table,
}

const fn to(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    fields: Table,
) -> Referral {
    Referral { target: GvkRef { group, version, kind }, fields }
}

const CREATE: bool = true;
const KEEP: bool = false;

/// Fields that a prefix changes; a suffix changes the same.
#[rustfmt::skip]
pub(super) static NAME_PREFIX: Table = table![
    ("", "", "", "metadata/name", KEEP),
];

/// Fields that the namespace is written to, beside `metadata.namespace` and the subjects of bindings.
#[rustfmt::skip]
pub(super) static NAMESPACE: Table = table![
    ("", "", "Namespace", "metadata/name", CREATE),
    ("apiextensions.k8s.io", "", "CustomResourceDefinition", "spec/conversion/webhook/clientConfig/service/namespace", KEEP),
    ("apiregistration.k8s.io", "", "APIService", "spec/service/namespace", CREATE),
];

/// Where `commonLabels`, and `labels` with `includeSelectors`, go.
#[rustfmt::skip]
pub(super) static COMMON_LABELS: Table = table![
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
pub(super) static TEMPLATE_LABELS: Table = table![
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
pub(super) static VOLUME_CLAIM_TEMPLATE_LABELS: Table = table![
    ("apps", "", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", CREATE),
];

/// Where annotations go.
#[rustfmt::skip]
pub(super) static COMMON_ANNOTATIONS: Table = table![
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
pub(super) static IMAGES: Table = table![
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
pub(super) static REPLICAS: Table = table![
    ("", "", "Deployment", "spec/replicas", CREATE),
    ("", "", "StatefulSet", "spec/replicas", CREATE),
    ("", "", "ReplicaSet", "spec/replicas", CREATE),
    ("", "", "ReplicationController", "spec/replicas", CREATE),
];

/// Where `$(NAME)` of a var is replaced.
#[rustfmt::skip]
pub(super) static VAR_REFERENCE: Table = table![
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
pub(super) static NAME_REFERENCE: &[Referral] = &[
    to("storage.k8s.io", "v1", "StorageClass", table![
        ("", "", "PersistentVolume", "spec/storageClassName", KEEP),
        ("", "", "PersistentVolumeClaim", "spec/storageClassName", KEEP),
        ("", "", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName", KEEP),
    ]),
    to("", "v1", "ServiceAccount", table![
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
    to("rbac.authorization.k8s.io", "", "Role", table![
        ("rbac.authorization.k8s.io", "", "RoleBinding", "roleRef/name", KEEP),
    ]),
    to("rbac.authorization.k8s.io", "", "ClusterRole", table![
        ("rbac.authorization.k8s.io", "", "RoleBinding", "roleRef/name", KEEP),
        ("rbac.authorization.k8s.io", "", "ClusterRoleBinding", "roleRef/name", KEEP),
    ]),
    to("", "v1", "ConfigMap", table![
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
    to("", "v1", "Secret", table![
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
    to("", "v1", "Service", table![
        ("apps", "", "StatefulSet", "spec/serviceName", KEEP),
        ("", "", "Ingress", "spec/rules/http/paths/backend/serviceName", KEEP),
        ("", "", "Ingress", "spec/backend/serviceName", KEEP),
        ("", "", "Ingress", "spec/rules/http/paths/backend/service/name", KEEP),
        ("", "", "Ingress", "spec/defaultBackend/service/name", KEEP),
        ("apiregistration.k8s.io", "", "APIService", "spec/service/name", KEEP),
        ("admissionregistration.k8s.io", "", "ValidatingWebhookConfiguration", "webhooks/clientConfig/service", KEEP),
        ("admissionregistration.k8s.io", "", "MutatingWebhookConfiguration", "webhooks/clientConfig/service", KEEP),
    ]),
    to("scheduling.k8s.io", "v1", "PriorityClass", table![
        ("", "", "Pod", "spec/priorityClassName", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/priorityClassName", KEEP),
        ("", "", "Deployment", "spec/template/spec/priorityClassName", KEEP),
        ("", "", "ReplicationController", "spec/template/spec/priorityClassName", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/priorityClassName", KEEP),
        ("", "", "Job", "spec/template/spec/priorityClassName", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/priorityClassName", KEEP),
    ]),
    to("", "v1", "PersistentVolume", table![
        ("", "", "PersistentVolumeClaim", "spec/volumeName", KEEP),
        ("", "", "ClusterRole", "rules/resourceNames", KEEP),
    ]),
    to("", "v1", "PersistentVolumeClaim", table![
        ("", "", "Pod", "spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "StatefulSet", "spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "Deployment", "spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "ReplicationController", "spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "CronJob", "spec/jobTemplate/spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "Job", "spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
        ("", "", "DaemonSet", "spec/template/spec/volumes/persistentVolumeClaim/claimName", KEEP),
    ]),
    to("", "", "Deployment", table![
        ("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", KEEP),
    ]),
    to("", "", "StatefulSet", table![
        ("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", KEEP),
    ]),
    to("admissionregistration.k8s.io", "", "ValidatingAdmissionPolicy", table![
        ("admissionregistration.k8s.io", "", "ValidatingAdmissionPolicyBinding", "spec/policyName", KEEP),
    ]),
    to("networking.k8s.io/v1", "v1", "IngressClass", table![
        ("", "", "Ingress", "spec/ingressClassName", KEEP),
    ]),
    to("", "", "ReplicaSet", table![
        ("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", KEEP),
    ]),
    to("", "", "ReplicationController", table![
        ("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", KEEP),
    ]),
];
