//! The rank of kinds: it orders the output, and the specs of every configuration.

use crate::resource::GvkRef;

/// Kinds that come before all others, in order.
pub(crate) const ORDER_FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that come after all others, in order.
pub(crate) const ORDER_LAST: &[&str] =
    &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Returns the rank of a kind, whatever its group: lower comes first, 0 is in neither list.
pub(crate) fn kind_rank(kind: &str) -> i32 {
    let at = |list: &[&str]| list.iter().position(|k| *k == kind).map(|i| i as i32);
    match (at(ORDER_LAST), at(ORDER_FIRST)) {
        (Some(i), _) => 1 + i,
        (None, Some(i)) => i - ORDER_FIRST.len() as i32,
        (None, None) => 0,
    }
}

/// Returns the text by which kinds of one rank are sorted, as bytes.
pub(crate) fn kind_text(gvk: GvkRef<'_>) -> impl Iterator<Item = u8> {
    let GvkRef { group, version, kind } = gvk;
    let parts = [(group, "~G"), ("_", ""), (version, "~V"), ("_", ""), (kind, "~K")];
    parts.into_iter().flat_map(|(part, none)| if part.is_empty() { none } else { part }.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_kinds() {
        let kinds = ["Namespace", "PodDisruptionBudget", "Foo", "ValidatingWebhookConfiguration"];
        assert_eq!(kinds.map(kind_rank), [-22, -1, 0, 2]);
    }
}
