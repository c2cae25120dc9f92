//! The words that Secrets are defined and generated with, also misspelt.
//!
//! Which files may hold their values is told from the bytes: reading all as YAML takes as long as a build.

use memchr::memmem::{Finder, find, find_iter};

use crate::yaml::{fold, nearest};

/// Returns `true` for a key below which Secrets are generated, or the kind of what generates one.
pub(crate) fn is_generator(word: &str) -> bool {
    is_spelt(word, |plain| plain.contains("secretgen") || is_near(plain, &["secretGenerator"]))
}

/// Returns `true` for the kind of Secrets, and of lists of them.
pub(crate) fn is_secret(kind: &str) -> bool {
    is_spelt(kind, |plain| matches!(plain, "secret" | "secrets" | "secretlist"))
}

/// Returns `true` for the key that values of a Secret stand under.
pub(crate) fn is_data(key: &str) -> bool {
    is_spelt(key, |plain| is_near(plain, &["data", "stringData"]))
}

/// Returns `true` for a key that only Secrets have.
pub(crate) fn is_string_data(key: &str) -> bool {
    is_spelt(key, |plain| is_near(plain, &["stringData"]))
}

/// Returns `true` for a key of an entry of a generator that values or their files stand under.
pub(crate) fn is_source(key: &str) -> bool {
    is_data(key) || is_spelt(key, |plain| is_near(plain, &["literals", "files", "envs", "env"]))
}

fn is_near(plain: &str, names: &[&str]) -> bool {
    nearest(names.iter().copied(), plain).is_some()
}

/// Tells of a word as Go compares names, and without what stands between its parts.
fn is_spelt(word: &str, is: impl Fn(&str) -> bool) -> bool {
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return false;
    }
    is(&fold(word).filter(|c| c.is_alphanumeric()).collect::<String>())
}

/// Returns `true` if a file says something of Secrets; where none does, there are no values to hide.
pub(crate) fn mentions(content: &[u8]) -> bool {
    ["ecret", "ECRET", "stringData"].iter().any(|word| find(content, word.as_bytes()).is_some())
        || hides_words(content)
        || names_generator(content)
}

/// Returns `true` if a text may have a Secret in it or the generator of one.
pub(crate) fn may_hold(content: &[u8]) -> bool {
    !is_definition(content) && holds(content)
}

/// Returns `true` if YAML may have a Secret in it, a patch of one or the generator of one, and does not only
/// refer to Secrets or describe them.
pub(crate) fn may_define(content: &[u8]) -> bool {
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
    memchr::memchr3_iter(b'D', b'E', b'/', content).any(is_word) || holds(content)
}

fn holds(content: &[u8]) -> bool {
    find_iter(content, b"ecret").any(|at| is_kind_or_generator(content, at.saturating_sub(1)))
        || hides_words(content)
        || names_generator(content)
}

/// Returns `true` if a file has a word that may be meant for `secretGenerator`.
fn names_generator(content: &[u8]) -> bool {
    let finder = Finder::new(b"enera");
    let mut from = 0;
    while let Some(at) = content.get(from..).and_then(|rest| finder.find(rest)) {
        if is_generator(&word_around(content, from + at)) {
            return true;
        }
        from += at;
        from += content[from..].iter().take(LONGEST_PART).take_while(|byte| is_part(byte)).count();
    }
    false
}

/// How far from the place at which it is found a word is read.
const LONGEST_PART: usize = 32;

/// Returns `true` for what words are made of.
fn is_part(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | 128..)
}

/// Returns the word around a place.
fn word_around(content: &[u8], at: usize) -> String {
    let (before, after) = content.split_at(at);
    let start = before.iter().rev().take(LONGEST_PART).take_while(|byte| is_part(byte)).count();
    let end = after.iter().take(LONGEST_PART).take_while(|byte| is_part(byte)).count();
    String::from_utf8_lossy(&content[at - start..at + end]).into_owned()
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
    if content.get(end).is_some_and(u8::is_ascii_graphic)
        && is_generator(&word_around(content, start + 1))
    {
        return true;
    }
    let letters = content[start..].iter().take(LONGEST_PART);
    let word = letters.take_while(|byte| byte.is_ascii_alphanumeric()).count();
    if !str::from_utf8(&content[start..start + word]).is_ok_and(is_secret) {
        return false;
    }
    // A line may be as long as the file, and have the word as often as there is room.
    const NEAR: usize = 256;
    let near = &content[start.saturating_sub(NEAR)..start];
    let line_before = near.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let before = line_before.trim_ascii_end();
    if content.get(start) != Some(&b'S') {
        // In small letters it is nearly always something else.
        let is_mark = |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\' | b':' | b' ' | b'\t');
        let marks = before.iter().rev().take_while(|byte| is_mark(byte)).count();
        let key = &before[..before.len() - marks];
        return key.len() >= 4 && key[key.len() - 4..].eq_ignore_ascii_case(b"kind");
    }
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
            let rest = &content[end..content.len().min(end + NEAR)];
            let rest = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
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
            "secretgenerators: []",
            "secret_generator: {a: b}",
            "sercetGenerator: []",
            "# in general\nsercetGenerator: []",
            "ſecretGenerator: []",
            "kind: secret",
            "\"KIND\": \"secret\"",
            "kind: SecretList",
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
            "secret: {secretName: a}",
            "- secret:\n    name: a\n",
            "type: secret",
            "configMapGenerator: []\n# in general, generated",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\ndescription: kind: Secret\n",
        ] {
            assert!(!may_define(yaml.as_bytes()), "{yaml:?}");
        }
    }
}
