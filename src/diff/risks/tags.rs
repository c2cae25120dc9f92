//! Images that become older, or others than was said.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Add, plain};
use crate::diff::images::split;
use crate::diff::model::ResourceDiff;

/// Reports what is dangerous in the new images of an object.
pub(super) fn changed(resource: &ResourceDiff, add: Add<'_>) {
    // A container that gets another name still runs what it ran.
    let mut known = BTreeSet::new();
    let holds_others = |value: &&Value| value.is_object() || value.is_array();
    for field in resource.own_fields() {
        let Some(before) = field.before.as_ref().filter(holds_others) else { continue };
        images(before, &plain(field), &mut |image| {
            known.insert(image);
        });
    }
    for field in resource.own_fields() {
        let Some(after) = &field.after else { continue };
        match after.as_str() {
            Some(image) if !field.masked && field.path.last_field() == Some("image") => {
                one(field.before.as_ref().and_then(Value::as_str), image, add);
            }
            Some(_) => {}
            None => images(after, &plain(field), &mut |image| {
                if !known.contains(image) {
                    one(None, image, add);
                }
            }),
        }
    }
    if let (None, Some(object)) = (&resource.before, &resource.object) {
        images(object, "", &mut |image| one(None, image, add));
    }
}

/// Calls `look` for the images of the containers in the value at a path.
fn images<'v>(value: &'v Value, path: &str, look: &mut dyn FnMut(&'v str)) {
    match value {
        Value::Array(items) if path.ends_with("ontainers") => {
            items.iter().for_each(|item| images(item, "ontainers[]", look));
        }
        Value::Array(items) => items.iter().for_each(|item| images(item, "", look)),
        Value::Object(map) if path.ends_with("ontainers[]") => {
            look(map.get("image").and_then(Value::as_str).unwrap_or_default());
        }
        Value::Object(map) => map.iter().for_each(|(name, value)| images(value, name, look)),
        _ => {}
    }
}

fn one(before: Option<&str>, after: &str, add: Add<'_>) {
    let (name, tag) = split(after);
    let is_latest = |tag: &str| matches!(tag, "" | "latest");
    let digest = |image: &str| image.contains('@');
    let old = before.map(split);
    let was_latest = old.is_some_and(|(old_name, old)| old_name == name && is_latest(old));
    if is_latest(tag) && !after.is_empty() && !was_latest {
        let said = if tag.is_empty() { "no tag, which means latest" } else { "the tag latest" };
        add("image-latest", format!("{after} has {said}: nobody knows what runs"));
    }
    let (Some(before), Some((old_name, old_tag))) = (before, old) else { return };
    if digest(before) && !digest(after) {
        add("image-unpinned", format!("{before} → {after}: no digest any more"));
    } else if name == old_name
        && let (Some(old), Some(new)) = (Version::of(old_tag), Version::of(tag))
        && new.is_before(&old)
    {
        add("image-backwards", format!("{name}: {old_tag} → {tag} goes backwards"));
    }
}

/// What comes before a version, in this order.
const BEFORE: [&str; 4] = ["alpha", "beta", "pre", "rc"];

/// The version in a tag such as `v1.14.2`, `1.14.2-alpine`, `1.2.0-rc1`, `v1.2.3-4-gabc1234` or `2023-10-01`.
struct Version {
    numbers: Vec<u64>,
    /// The place in [`BEFORE`] and the number of what comes before the version.
    early: Option<(usize, u64)>,
    rest: String,
    /// How many commits after the version, as `git describe` counts them.
    commits: u64,
}

impl Version {
    /// Reads a tag; nothing if no order is known, as of words and commits.
    fn of(tag: &str) -> Option<Version> {
        let tag = tag.split('@').next().unwrap_or_default();
        if let Some(numbers) = date(tag) {
            return Some(Version { numbers, early: None, rest: String::new(), commits: 0 });
        }
        let (tag, commits) = described(tag.strip_prefix('v').unwrap_or(tag));
        let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
        let (start, rest) = tag.split_at(end);
        let numbers: Option<Vec<u64>> = start.split('.').map(|part| part.parse().ok()).collect();
        let is_suffix = rest.is_empty() || rest.starts_with(['-', '+']);
        // `1a2b3c`, `1-2` and `9234567` may be commits, or anything.
        let is_order = |numbers: &Vec<u64>| numbers.len() > 1 || rest.is_empty() && start.len() < 7;
        let numbers = numbers.filter(|numbers| is_suffix && is_order(numbers))?;
        let word = rest.trim_start_matches('-').to_ascii_lowercase();
        let early = BEFORE.iter().enumerate().find_map(|(place, before)| {
            let number = word.strip_prefix(before)?.trim_start_matches(['.', '-']);
            Some((place, if number.is_empty() { 0 } else { number.parse().ok()? }))
        });
        Some(Version { numbers, early, rest: rest.to_owned(), commits })
    }

    /// Returns `true` if a version is known to come before another. `1` is any `1.2`.
    fn is_before(&self, other: &Version) -> bool {
        let differing = self.numbers.iter().zip(&other.numbers).find(|(a, b)| a != b);
        if let Some((a, b)) = differing {
            return a < b;
        }
        let is_same = self.numbers.len() == other.numbers.len();
        is_same
            && match (self.early, other.early) {
                (Some(early), Some(late)) if early != late => early < late,
                (Some(_), None) => other.rest.is_empty(),
                _ => self.rest == other.rest && self.commits < other.commits,
            }
    }
}

/// Splits what `git describe` says of a commit: `1.2.3-4-gabc1234` is four commits after `1.2.3`.
fn described(tag: &str) -> (&str, u64) {
    let clean = tag.strip_suffix("-dirty").unwrap_or(tag);
    let parts = clean.rsplit_once("-g").and_then(|(start, commit)| {
        let is_commit = (4..=64).contains(&commit.len())
            && commit.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let (version, count) = start.rsplit_once('-').filter(|_| is_commit)?;
        let is_count = count.bytes().all(|b| b.is_ascii_digit());
        Some((version, count.parse().ok().filter(|_| is_count)?))
    });
    parts.unwrap_or((tag, 0))
}

/// Returns the numbers of `2023-10-01` or `20231001`.
fn date(tag: &str) -> Option<Vec<u64>> {
    let parts: Vec<&str> = match tag.len() {
        8 if tag.is_ascii() => vec![&tag[..4], &tag[4..6], &tag[6..]],
        10 => tag.split('-').collect(),
        _ => return None,
    };
    let is_like = parts.iter().map(|part| part.len()).eq([4, 2, 2])
        && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let numbers: Vec<u64> = parts.iter().map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let in_range = matches!(numbers[..], [1970..=2199, 1..=12, 1..=31]);
    (is_like && in_range).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn only_what_has_an_order_goes_backwards() {
        let goes_back = |old: &str, new: &str| matches!((Version::of(old), Version::of(new)), (Some(old), Some(new)) if new.is_before(&old));
        for (old, new) in [
            ("1.10.0", "1.9.0"),
            ("v1.2.0", "1.1.0"),
            ("2", "1"),
            ("2.0", "1"),
            ("1.2.1-alpine", "1.2.0-alpine"),
            ("1.2.0", "1.2.0-rc1"),
            ("1.2.0-rc10", "1.2.0-rc9"),
            ("1.2.0-rc.2", "1.2.0-beta.3"),
            ("2023-10-01", "2023-09-01"),
            ("20231001", "20230901"),
            ("v1.2.3-5-gabc1234", "v1.2.3-4-gdef5678"),
            ("v1.2.3-10-gabc1234", "v1.2.3-9-gdef5678"),
            ("v1.2.3-4-gabc1234", "v1.2.3"),
            ("v1.2.4", "v1.2.3-4-gabc1234"),
            ("1.2.0-rc1-4-gabc1234", "1.2.0-rc1-3-gabc1234"),
            ("1.2.0-rc2", "1.2.0-rc1-4-gabc1234"),
            ("1.2.0", "1.2.0-rc1-4-gabc1234"),
            ("1.2.0-alpine-2-gabc1234", "1.2.0-alpine-1-gabc1234"),
            ("v1.2.3-5-gabc1234-dirty", "v1.2.3-4-gdef5678"),
        ] {
            assert!(goes_back(old, new), "{old} → {new}");
            assert!(!goes_back(new, old), "{new} → {old}");
        }
        for (one, other) in [
            ("1.2", "1"),
            ("3", "3.1"),
            ("9234567", "1234567"),
            ("99999999", "12345678"),
            ("1e5", "1e4"),
            ("1.2.0", "1.2.0-alpine"),
            ("1.2.0-alpine", "1.2.0-rc1"),
            ("1.0.0+b1", "1.0.0+b2"),
            ("main-100", "main-99"),
            ("main-2-gabc1234", "main-1-gabc1234"),
            ("1.2.3-4-gabc1234", "1.2.3-4-gdef5678"),
            ("1.2.3-4-gnothex", "1.2.3-3-gnothex"),
            ("1.2.0-alpine-2-gabc1234", "1.2.0-slim-1-gabc1234"),
        ] {
            assert!(!goes_back(one, other) && !goes_back(other, one), "{one}, {other}");
        }
    }
}
