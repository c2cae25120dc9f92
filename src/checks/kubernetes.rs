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

/// Fields whose value, or whose `name`, is the name of an object, and its kind.
const REFERENCES: &[(&str, &str)] = &[
    ("backendRef", "Service"),
    ("backendRefs", "Service"),
    ("certificateRefs", "Secret"),
    ("claimName", "PersistentVolumeClaim"),
    ("configMap", "ConfigMap"),
    ("imagePullSecrets", "Secret"),
    ("parentRefs", "Gateway"),
    ("priorityClassName", "PriorityClass"),
    ("runtimeClassName", "RuntimeClass"),
    ("scaleTargetRef", "Deployment"),
    ("secret", "Secret"),
    ("secrets", "Secret"),
    ("service", "Service"),
    ("serviceAccount", "ServiceAccount"),
    ("serviceAccountName", "ServiceAccount"),
    ("serviceAccountRef", "ServiceAccount"),
    ("serviceName", "Service"),
    ("storageClassName", "StorageClass"),
    ("volumeName", "PersistentVolume"),
];

/// Ends of such fields, as in `nodePublishSecretRef` or `tlsSecretName`.
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
    if let Ok(i) = REFERENCES.binary_search_by(|(name, _)| name.cmp(&field)) {
        return REFERENCES.get(i).map(|(_, kind)| *kind);
    }
    if !field.ends_with("Ref") && !field.ends_with("Name") {
        return None;
    }
    REFERENCE_ENDS.iter().find(|(end, _)| field.ends_with(end)).map(|(_, kind)| *kind)
}

/// The lists of a Pod and of a Service in which a name may stand once.
pub(super) fn has_unique_names(field: &str) -> bool {
    is_container_list(field) || matches!(field, "env" | "ports" | "volumes")
}

/// Returns `true` for a text that is filled in later, such as `${NAME}`, `<name>` or `VAR_NAME`.
pub(super) fn is_filled_in(text: &str) -> bool {
    let is_variable = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.contains(['$', '<', '{', '%']) || (text.contains('_') && text.chars().all(is_variable))
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
    is_filled_in || (digits.clone().all(is_digit) && digits.count() % 4 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_by_the_name_of_the_field() {
        assert!(REFERENCES.is_sorted());
        assert_eq!(referred_kind("nodePublishSecretRef"), Some("Secret"));
        assert_eq!(referred_kind("configMap"), Some("ConfigMap"));
        assert_eq!(referred_kind("volumeName"), Some("PersistentVolume"));
        assert_eq!(referred_kind("name"), None);
        assert_eq!(referred_kind("hostName"), None);
    }
}
