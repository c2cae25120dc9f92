//! Which of two names is most likely a slip of the other, by how much they may differ.
//!
//! - [`is_slip_in_word`]: keys, where the two may well be two things, such as `HTTP_PROXY` and `HTTPS_PROXY`. Letters that
//!   changed places, or one too many in the middle.
//! - [`are_near`]: what leads nowhere, such as the value of a label that no Pods have. A slip in a word, another way
//!   to write the same, or a letter more at any place.
//! - [`is_slip_in_name`]: names of objects among those of all roots, of which many are alike. A letter or two, but
//!   neither digits nor whole words.

use std::iter;

use crate::yaml::nearest;

/// Returns `true` if two words differ by a slip of the fingers: two letters that changed places, or one that
/// is missing or doubled in the middle, or that makes a plural of a long word. Words such as `HTTP_PROXY` and
/// `HTTPS_PROXY` do not.
pub(super) fn is_slip_in_word(a: &str, b: &str) -> bool {
    let (short, long) = by_length(a, b);
    let same = common_start(a, b);
    let (short, long) = (short.as_bytes(), long.as_bytes());
    let (Some(short), Some(long), true) = (short.get(same..), long.get(same..), short.len() > 5)
    else {
        return false;
    };
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
    match (short, long) {
        ([a, b, rest @ ..], [c, d, other @ ..]) if short.len() == long.len() => {
            a == d && b == c && rest == other && is_letter(a) && is_letter(b)
        }
        (_, [extra, rest @ ..]) if long.len() == short.len() + 1 => {
            let is_inside = rest.first().is_some_and(is_letter) && !matches!(extra, b'S' | b's');
            rest == short
                && is_letter(extra)
                && same > 0
                && (is_inside || is_plural(a.as_bytes().get(..same), extra, rest))
        }
        _ => false,
    }
}

/// Returns `true` if a letter makes a plural of a long word, of which more words follow.
fn is_plural(before: Option<&[u8]>, extra: &u8, after: &[u8]) -> bool {
    let word = before.into_iter().flatten().rev().take_while(|byte| byte.is_ascii_alphabetic());
    matches!(extra, b'S' | b's') && word.count() > 5 && matches!(after, [b'_' | b'-' | b'.', _, ..])
}

/// Returns `true` if two names are written otherwise and read the same: with other capitals, or other signs
/// between their words, or `.yml` for `.yaml`.
pub(super) fn are_one_name(a: &str, b: &str) -> bool {
    a != b && bare(a).eq(bare(b))
}

/// Returns the letters and digits of a name, in lowercase.
fn bare(name: &str) -> impl Iterator<Item = u8> {
    let (stem, end) = match name.strip_suffix(".yml") {
        Some(stem) => (stem, ".yaml"),
        None => (name, ""),
    };
    let bytes = stem.bytes().chain(end.bytes());
    bytes.filter(|byte| !matches!(byte, b'-' | b'_' | b'.')).map(|byte| byte.to_ascii_lowercase())
}

/// Returns `true` if two names are hardly meant to be two where one of them leads nowhere: they differ by a slip, or
/// by one letter more, at the end as well.
pub(super) fn are_near(a: &str, b: &str) -> bool {
    is_slip_in_word(a, b) || are_one_name(a, b) || has_one_more(a, b) || has_one_more(b, a)
}

/// Returns `true` if a name has all letters of a longer one but one.
fn has_one_more(short: &str, long: &str) -> bool {
    let same = common_start(short, long);
    let (short, long) = (short.as_bytes(), long.as_bytes());
    let extra = long.get(same).is_some_and(u8::is_ascii_alphabetic);
    short.len() > 4
        && long.len() == short.len() + 1
        && extra
        && short.get(same..) == long.get(same + 1..)
}

/// Returns a text that names have in common that [`are_one_name`].
pub(super) fn folded(name: &str) -> Vec<u8> {
    bare(name).collect()
}

/// Returns the one of some names that was most likely meant.
pub(super) fn meant<'a>(names: impl Iterator<Item = &'a str>, given: &str) -> Option<&'a str> {
    nearest(names.filter(|name| is_slip_in_name(name, given)), given)
}

/// Returns `true` if two names differ by a letter or two that are missing, doubled or changed their places, or by
/// one that is another: not as `east` and `west`, `internal` and `external`, `web-1` and `web-2`, `a` and `b` do.
pub(super) fn is_slip_in_name(one: &str, other: &str) -> bool {
    let (short, long) = by_length(one, other);
    if one == other || short.len() < 3 || long.len() < 4 || long.len() - short.len() > 2 {
        return false;
    }
    // Most names differ in all of it, and how near they are takes long to say.
    let (first, last) = (|name: &str| name.bytes().next(), |name: &str| name.bytes().next_back());
    if first(one) != first(other) && last(one) != last(other) || has_other_digits(one, other) {
        return false;
    }
    let is_one = match short.len() < long.len() {
        true => !is_a_part(short, long),
        false => is_one_slip(one, other),
    };
    is_one
        && nearest(iter::once(one), other).is_some()
        && (short.len() <= 3 || differ_beyond_digits(one, other))
}

/// Returns `true` if two names of one length differ by one slip.
fn is_one_slip(one: &str, other: &str) -> bool {
    let mut differing = one.bytes().zip(other.bytes()).enumerate().filter(|(_, (a, b))| a != b);
    match (differing.next(), differing.next(), differing.next()) {
        // A single letter distinguishes two names, as in `team-a`.
        (Some((at, _)), None, _) => word_at(one, at).len() > 3,
        (Some((first, (a, b))), Some((second, (c, d))), None) => {
            second == first + 1 && a == d && b == c
        }
        // Missing here and doubled there.
        (_, _, third) => third.is_some() && is_shifted(one, other),
    }
}

/// Returns `true` if the digits of two names are not the same.
fn has_other_digits(one: &str, other: &str) -> bool {
    !digits(one).eq(digits(other))
}

fn digits(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_digit)
}

/// Returns `true` if the longer name is the other and a word of one or two letters.
fn is_a_part(short: &str, long: &str) -> bool {
    let rest = long.strip_prefix(short).or_else(|| long.strip_suffix(short));
    rest.is_some_and(|rest| rest.starts_with('-') || rest.ends_with('-'))
}

/// Returns the word of a name that has the letter at a place.
fn word_at(name: &str, at: usize) -> &str {
    let start = name.get(..at).and_then(|before| before.rfind(['-', '.'])).map_or(0, |i| i + 1);
    let rest = name.get(start..).unwrap_or_default();
    rest.split(['-', '.']).next().unwrap_or_default()
}

/// Returns `true` if one name is the other with a letter taken out of one place and put into another.
fn is_shifted(one: &str, other: &str) -> bool {
    let start = common_start(one, other);
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let end = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    let middle = |name: &'_ [u8]| -> Vec<u8> {
        name.get(start..name.len().saturating_sub(end)).unwrap_or_default().to_vec()
    };
    let (one, other) = (middle(one), middle(other));
    let ends = |one: &[u8], other: &[u8]| match (one, other) {
        ([_, one @ ..], [other @ .., _]) => one == other,
        _ => false,
    };
    ends(&one, &other) || ends(&other, &one)
}

/// Returns `true` if two names differ in more than digits. Those of two of a kind, `web-1` and `web-2`, do not.
pub(super) fn differ_beyond_digits(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "");
    one.len().min(other.len()) > 3 && bare(one) != bare(other)
}

/// Returns the shorter of two names, and the longer.
fn by_length<'n>(one: &'n str, other: &'n str) -> (&'n str, &'n str) {
    if one.len() <= other.len() { (one, other) } else { (other, one) }
}

/// Returns the number of bytes that two names have in common at the start.
fn common_start(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_in_words_are_few() {
        assert!(is_slip_in_word("QUEUE_PREFTECH", "QUEUE_PREFETCH"));
        assert!(is_slip_in_word("payment-api", "payyment-api"));
        assert!(is_slip_in_word("NOTIFICATION_URL", "NOTIFICATIONS_URL"));
        assert!(!is_slip_in_word("HTTP_PROXY", "HTTPS_PROXY"));
        assert!(!is_slip_in_word("ALLOWED_SOURCE", "ALLOWED_SOURCES"));
        assert!(!is_slip_in_word("web-1-api", "web-2-api"));
    }

    #[test]
    fn near_names_differ_by_a_letter() {
        assert!(are_near("payment-api", "payments-api"));
        assert!(are_near("notifications", "notification"));
        assert!(!are_near("cart", "card") && !are_near("web", "webs"));
        assert!(!are_near("worker-1", "worker-12"));
    }

    #[test]
    fn names_are_one_but_for_signs_and_capitals() {
        assert!(are_one_name("DATABASE_POOLSIZE", "DATABASE_POOL_SIZE"));
        assert!(are_one_name("log-level", "LOG_LEVEL"));
        assert!(are_one_name("app.yml", "app.yaml"));
        assert!(!are_one_name("LOG_LEVEL", "LOG_LEVEL"));
        assert!(!are_one_name("LOG_LEVEL", "LOG_LEVELS"));
    }

    #[test]
    fn slips_are_told_from_names_of_two_things() {
        for (one, other) in [
            ("nginx", "ngnix"),
            ("letsencrypt", "letsencrypt-prod"),
            ("production", "prodution"),
            ("letsencrypt-prod", "letsencypt-prod"),
            ("payments", "payment"),
            ("apps", "app"),
            ("business-critical", "busines-critcal"),
            ("platform", "platfrom"),
            ("catalog", "catlaog"),
        ] {
            assert_eq!(is_slip_in_name(one, other), other != "letsencrypt-prod", "{one} {other}");
        }
        for (one, other) in [
            ("nginx-internal", "nginx-external"),
            ("prod-us-east", "prod-us-west"),
            ("web-1", "web-2"),
            ("team-a", "team-b"),
            ("gp2", "gp3"),
            ("shop", "shop-x"),
            ("prod", "prod"),
            ("cache", "queue"),
            ("cluster1-eu", "cluster12-eu"),
        ] {
            assert!(!is_slip_in_name(one, other), "{one} {other}");
        }
    }
}
