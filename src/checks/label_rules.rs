//! Which keys and values Kubernetes takes in labels.

/// What keys and values of labels may have.
pub(super) const LABEL_HINT: &str = "letters, digits, `-`, `_` and `.`, at most 63 of them, starting and ending with a letter or digit; \
     a key may have a DNS name and `/` before it. Free text fits into an annotation";

/// Returns `true` for a name with letters or digits at both ends.
fn is_name(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63
        && ends(text.chars().next())
        && ends(text.chars().next_back())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Returns `true` if Kubernetes takes the key of a label.
pub(super) fn is_label_key(key: &str) -> bool {
    match key.split_once('/') {
        None => is_name(key),
        Some((domain, name)) => {
            !domain.is_empty()
                && domain.len() <= 253
                && domain.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
                && is_name(name)
        }
    }
}

/// Returns `true` if Kubernetes takes the value of a label.
pub(super) fn is_label_value(value: &str) -> bool {
    value.is_empty() || is_name(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_those_of_kubernetes() {
        for key in ["app", "app.kubernetes.io/name", "a_b.C-1"] {
            assert!(is_label_key(key), "{key}");
        }
        for key in ["", "bad key!", "/name", "example.com/", "-a", "a/b/c"] {
            assert!(!is_label_key(key), "{key}");
        }
        assert!(is_label_value("") && is_label_value("v1.2"));
        assert!(!is_label_value("two words") && !is_label_value("https://x"));
    }
}
