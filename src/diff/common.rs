//! Values that many texts have though they know nothing of a Secret: to hide these would spoil the texts, and tell by
//! the gap what the Secret has.

use std::sync::OnceLock;

use rustc_hash::FxHashSet;

use super::values::{DIGITS_FROM, PART_FROM};

/// Words of messages and of configurations.
const WORDS: &str = include_str!("common_words.txt");

/// Returns `true` for a value that is looked for nowhere but in the Secret itself: an ordinary word, the beginning of
/// a URL, a number with few digits, a line such as `=======`, and a few punctuation marks.
pub(super) fn is_common(value: &str) -> bool {
    let is_short_number = value.len() < DIGITS_FROM && value.bytes().all(|b| b.is_ascii_digit());
    let is_short_mark = value.len() < PART_FROM && !value.chars().any(char::is_alphanumeric);
    is_short_number || is_short_mark || is_rule(value) || is_scheme(value) || is_word(value)
}

/// Returns `true` for a line such as `=======`.
fn is_rule(value: &str) -> bool {
    let first = value.chars().next().filter(|first| !first.is_alphanumeric());
    first.is_some_and(|first| value.chars().all(|c| c == first))
}

/// Returns `true` for the beginning of a URL: `https://`, with quotes around it or not.
fn is_scheme(value: &str) -> bool {
    let bare = value.trim_matches('"').trim_end_matches('/');
    let is_part = |c: char| c.is_ascii_lowercase() || matches!(c, '+' | '-' | '.');
    bare.len() < value.len()
        && bare.strip_suffix(':').is_some_and(|scheme| {
            let scheme = scheme.trim_end_matches(|c: char| c.is_ascii_digit());
            !scheme.is_empty() && scheme.len() < DIGITS_FROM * 2 && scheme.chars().all(is_part)
        })
}

/// Returns `true` for one of the words, in any case and with quotes around it or not.
fn is_word(value: &str) -> bool {
    static KNOWN: OnceLock<FxHashSet<&str>> = OnceLock::new();
    // As in `${NAME:-default}`.
    let bare = value.trim_matches('"').trim_matches('-');
    let known = KNOWN.get_or_init(|| WORDS.split_ascii_whitespace().collect());
    known.contains(bare) || known.contains(bare.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::super::values::SHORTEST;
    use super::*;

    #[test]
    fn what_many_texts_have_is_told_from_what_may_be_secret() {
        for value in [
            "https://",
            "postgres://",
            "git+ssh://",
            "s3://",
            "\"https://\"",
            "5432",
            "://",
            "-----",
            "production",
            "Production",
            "\"default\"",
            "-default",
            "kustomization",
            "true",
            "None",
        ] {
            assert!(is_common(value), "{value}");
        }
        for value in [
            "https://a",
            "hunter",
            "123456",
            "pin1",
            "!@#$%^&*",
            "correcthorse",
            "password",
            "token",
            "changeme",
            "production1",
            "x:",
            "-hunter-",
            "!default!",
            "averyveryverylongpassphrase://",
        ] {
            assert!(!is_common(value), "{value}");
        }
    }

    #[test]
    fn the_words_are_in_order_and_long_enough_to_be_looked_for() {
        let words: Vec<&str> = WORDS.split_ascii_whitespace().collect();
        assert!(words.is_sorted());
        for word in words {
            let is_plain = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            assert!(is_plain && word.len() >= SHORTEST, "{word}");
        }
    }
}
