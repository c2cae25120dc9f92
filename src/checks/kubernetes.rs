//! What the checks know of Kubernetes beside the schema: which fields refer to what.

use crate::yaml::Node;

/// Returns the name of an element of a list.
pub(super) fn element_name(element: &Node) -> Option<&str> {
    element.get("name").filter(|name| !name.is_null()).and_then(Node::text)
}

/// Returns `true` if a field holds containers.
pub(super) fn is_container_list(field: &str) -> bool {
    matches!(field, "containers" | "initContainers" | "ephemeralContainers")
}

/// Returns the containers of a Pod.
pub(super) fn containers(pod: &Node) -> impl Iterator<Item = &Node> {
    let lists = pod.as_map().into_iter().flatten();
    let lists = lists.filter(|entry| entry.key.text().is_some_and(is_container_list));
    lists.flat_map(|entry| entry.value.as_seq().into_iter().flatten())
}

/// Returns the elements of the list that a mapping has under a key.
pub(super) fn list<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = &'n Node> {
    node.get(key).and_then(Node::as_seq).into_iter().flatten()
}

/// Ends of fields that refer to an object, and its kind, as in `nodePublishSecretRef` or `tlsSecretName`.
const REFERENCE_ENDS: &[(&str, &str)] = &[
    ("configMapRef", "ConfigMap"),
    ("ConfigMapRef", "ConfigMap"),
    ("configMapKeyRef", "ConfigMap"),
    ("ConfigMapKeyRef", "ConfigMap"),
    ("configMapName", "ConfigMap"),
    ("ConfigMapName", "ConfigMap"),
    ("secretRef", "Secret"),
    ("SecretRef", "Secret"),
    ("secretKeyRef", "Secret"),
    ("SecretKeyRef", "Secret"),
    ("secretName", "Secret"),
    ("SecretName", "Secret"),
];

/// Returns the kind of object that a field refers to by its value or by the `name` in it, if no `kind`
/// beside says otherwise.
pub(super) fn referred_kind(field: &str) -> Option<&'static str> {
    let kind = match field {
        "configMap" => Some("ConfigMap"),
        "scaleTargetRef" => Some("Deployment"),
        "parentRefs" => Some("Gateway"),
        "volumeName" => Some("PersistentVolume"),
        "claimName" => Some("PersistentVolumeClaim"),
        "priorityClassName" => Some("PriorityClass"),
        "runtimeClassName" => Some("RuntimeClass"),
        "certificateRefs" | "credentialName" | "imagePullSecrets" | "secret" | "secrets" => {
            Some("Secret")
        }
        "backendRef" | "backendRefs" | "service" | "serviceName" => Some("Service"),
        "serviceAccount" | "serviceAccountName" | "serviceAccountRef" => Some("ServiceAccount"),
        "storageClassName" => Some("StorageClass"),
        _ => None,
    };
    if kind.is_some() || !(field.ends_with("Ref") || field.ends_with("Name")) {
        return kind;
    }
    REFERENCE_ENDS.iter().find(|(end, _)| field.ends_with(end)).map(|(_, kind)| *kind)
}

/// The lists of a Pod and of a Service in which a name may stand once.
pub(super) fn has_unique_names(field: &str) -> bool {
    is_container_list(field) || matches!(field, "env" | "ports" | "volumes")
}

/// Words that stand for a name until somebody writes it.
const PLACEHOLDERS: &[&str] =
    &["change-me", "changeme", "placeholder", "replace-me", "replaceme", "tbd", "todo", "unknown"];

/// Returns `true` for a text that is filled in later, such as `${NAME}`, `<name>`, `VAR_NAME` or `placeholder`.
pub(super) fn is_filled_in(text: &str) -> bool {
    let is_variable = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    has_blank(text)
        || (text.contains('_') && text.bytes().all(is_variable))
        || PLACEHOLDERS.contains(&text)
}

/// Returns `true` for a text with a part that is filled in later, such as `${NAME}` or `<name>`. Keys of
/// ConfigMaps are often written as `VAR_NAME`, and are just that.
pub(super) fn has_blank(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'$' | b'<' | b'{' | b'%'))
}

/// Returns `true` for labels that have the name of an application; others are also those of operators, for what they
/// make.
pub(super) fn is_label_of_names(key: &str) -> bool {
    matches!(key, "app" | "app.kubernetes.io/name" | "component" | "k8s-app" | "name")
}

/// Returns `true` if one of two names has all words of the other, in their order, and one more.
pub(crate) fn differ_by_a_word(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    let (short, long): (Vec<&str>, Vec<&str>) =
        (short.split('-').collect(), long.split('-').collect());
    let mut words = long.iter();
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    short.len() + 1 == long.len()
        && short.iter().all(|word| words.any(|other| other == word))
        && !long.iter().filter(|word| !short.contains(word)).any(is_number)
}

/// Returns `true` unless a value of a Secret is surely not base64: what is filled in or decrypted later, such
/// as `${PASSWORD}` or `ENC[...]`, may become so.
pub(super) fn may_be_base64(value: &str) -> bool {
    let is_filled_in = value.contains(['$', '<', '{', '[', '(']);
    let digits = value.bytes().filter(|b| !b.is_ascii_whitespace());
    let is_digit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    // Such as `ref+op://vault/item`, which vals replaces.
    let is_address = value.contains("://");
    is_filled_in || is_address || (digits.clone().all(is_digit) && digits.count() % 4 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_by_the_name_of_the_field() {
        assert_eq!(referred_kind("nodePublishSecretRef"), Some("Secret"));
        assert_eq!(referred_kind("configMap"), Some("ConfigMap"));
        assert_eq!(referred_kind("volumeName"), Some("PersistentVolume"));
        assert_eq!(referred_kind("name"), None);
        assert_eq!(referred_kind("hostName"), None);
    }
}
