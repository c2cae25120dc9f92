//! Which files may hold values of Secrets, told from their bytes: reading all as YAML takes as long as a build.

use memchr::memmem::{find, find_iter};

/// Returns `true` if a file says something of Secrets; where none does, there are no values to hide.
pub(super) fn mentions(content: &[u8]) -> bool {
    ["ecret", "ECRET", "stringData"].iter().any(|word| find(content, word.as_bytes()).is_some())
        || hides_words(content)
}

/// Returns `true` if YAML may have a Secret in it, a patch of one or the generator of one, and does not only
/// refer to Secrets or describe them.
pub(super) fn may_define(content: &[u8]) -> bool {
    if is_definition(content) {
        return false;
    }
    let has = |at: usize, word: &str| content[at..].starts_with(word.as_bytes());
    // All three in one go.
    let is_word = |at: usize| match content[at] {
        b'D' => has(at, "Data") && content[..at].ends_with(b"string"),
        b'E' => has(at, "ECRET"),
        _ => has(at, "/data") && !is_letter(content, at.checked_sub(1)),
    };
    memchr::memchr3_iter(b'D', b'E', b'/', content).any(is_word)
        || find_iter(content, b"ecret")
            .any(|at| is_kind_or_generator(content, at.saturating_sub(1)))
        || hides_words(content)
}

/// Returns `true` for a file that has the definition of a custom resource and no other object: these are the largest
/// files of most repositories, and describe Secrets at length.
fn is_definition(content: &[u8]) -> bool {
    let starts = content
        .starts_with(b"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n");
    starts && find(content, b"---").is_none()
}

/// Returns `true` if a file is in UTF-16 or has escapes that can stand for any letter.
fn hides_words(content: &[u8]) -> bool {
    let hides = |at: usize| match content.get(at + 1) {
        _ if content[at] == 0 => true,
        Some(escape) => matches!(escape, b'x' | b'u' | b'U' | b'\n' | b'\r'),
        None => false,
    };
    memchr::memchr2_iter(b'\\', 0, content).any(hides)
}

/// Returns `true` if the word `Secret` at a place may be the value of `kind`, or has to do with generators.
fn is_kind_or_generator(content: &[u8], start: usize) -> bool {
    let end = start + "secret".len();
    if content.get(end..end + 4).is_some_and(|rest| rest.eq_ignore_ascii_case(b"Gene")) {
        return true;
    }
    if content.get(start) != Some(&b'S') || is_letter(content, Some(end)) {
        return false;
    }
    let line_before = content[..start].rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let before = line_before.trim_ascii_end();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    let before = before.strip_suffix(b"\\").unwrap_or(before).trim_ascii_end();
    let last_word = before.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    // After a key, an anchor or a tag; or the line begins with it, and then it stands alone.
    match before.last() {
        Some(b':' | b'?') => true,
        Some(_) if matches!(last_word.first(), Some(b'&' | b'!')) => true,
        // A line break that is written as an escape.
        Some(b'n' | b'r' | b't') => before.len() >= 2 && before[before.len() - 2] == b'\\',
        Some(_) => false,
        None => {
            let rest = content[end..].split(|byte| *byte == b'\n').next().unwrap_or_default();
            let rest = rest.trim_ascii_start();
            rest.first().is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'.')
        }
    }
}

/// Returns `true` if a letter or digit stands at a place.
fn is_letter(content: &[u8], at: Option<usize>) -> bool {
    at.and_then(|at| content.get(at)).is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_secret_is_seen() {
        for yaml in [
            "kind: Secret",
            "{\"kind\":\"Secret\"}",
            "kind: 'Secret'",
            "kind:\n  Secret # a comment\n",
            "kind: # a Secret of ours\n  Secret\n",
            "? kind\n: Secret",
            "kind: !!str Secret",
            "kind: &kind Secret",
            "kind: >-\n  Secret\n",
            "patch: \"kind: Secret\\ndata:\\n\"",
            "patch: \"kind:\\n  Secret\\ndata:\\n\"",
            "patch: '{\\\"kind\\\": \\\"Secret\\\"}'",
            "kind: \"\\u0053ecret\"",
            "kind: \"Sec\\\n  ret\"",
            "secretGenerator:\n- name: a\n",
            "SecretGenerator: []",
            "kind: SecretGenerator",
            "- {op: add, path: /data/a, value: b}",
            "path: \"/stringData/a\"",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n---\nkind: Secret\n",
            "k\0i\0n\0d\0:\0 \0S\0e\0c\0r\0e\0t\0",
        ] {
            assert!(may_define(yaml.as_bytes()), "{yaml:?}");
        }
        for yaml in [
            "secretName: a",
            "secretRef: {name: Secretive}",
            "description: |-\n  The name of a Secret\n  in the namespace, a 'Secret'.\n",
            "kind: SecretStore",
            "kind: SealedSecret",
            "mountPath: /var/data",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\ndescription: kind: Secret\n",
        ] {
            assert!(!may_define(yaml.as_bytes()), "{yaml:?}");
        }
    }
}
