//! Names that differ by a slip of the hand, and not as two things of a kind do.

use std::iter;

use crate::checks::references::differ_beyond_digits;
use crate::yaml::nearest;

/// Returns the one of some names that was most likely meant.
pub(super) fn meant<'a>(names: impl Iterator<Item = &'a str>, given: &str) -> Option<&'a str> {
    nearest(names.filter(|name| is_slip(name, given)), given)
}

/// Returns `true` if two names differ by a letter or two that are missing, doubled or changed their places, or by
/// one that is another: not as `east` and `west`, `internal` and `external`, `web-1` and `web-2`, `a` and `b` do.
pub(super) fn is_slip(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
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
        // A letter of its own tells two apart, as in `team-a`.
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
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
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

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(is_slip(one, other), other != "letsencrypt-prod", "{one} {other}");
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
            assert!(!is_slip(one, other), "{one} {other}");
        }
    }
}
