//! Images that become older, or others than was said.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Add, plain};
use crate::diff::MASK;
use crate::diff::images::split;
use crate::diff::model::ResourceDiff;

/// Reports what is dangerous in the new images of an object.
pub(super) fn changed(resource: &ResourceDiff, add: Add<'_>) {
    // A container that gets another name still runs what it ran.
    let mut known = BTreeSet::new();
    let holds_others = |value: &&Value| value.is_object() || value.is_array();
    for field in resource.own_fields() {
        let Some(before) = field.before.as_ref().filter(holds_others) else { continue };
        images(before, &plain(&field.path), &mut |image| {
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
            None => images(after, &plain(&field.path), &mut |image| {
                if !known.contains(image) {
                    one(None, image, add);
                }
            }),
        }
    }
    if let (None, Some(object)) = (&resource.before, &resource.object) {
        images(&object.value(), "", &mut |image| one(None, image, add));
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
    // Of what is hidden nothing is known.
    if before.into_iter().chain([after]).any(|image| image.contains(MASK)) {
        return;
    }
    let (name, tag) = split(after);
    let name = without_hub(name);
    let is_latest = |tag: &str| matches!(tag, "" | "latest");
    let digest = |image: &str| image.contains('@');
    let old = before.map(split).map(|(name, tag)| (without_hub(name), tag));
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

/// Returns the name of an image without what stands for Docker Hub, which may be left out.
fn without_hub(name: &str) -> &str {
    let hub = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"];
    let below = hub.iter().find_map(|host| name.strip_prefix(host)).unwrap_or(name);
    below.strip_prefix("library/").unwrap_or(below)
}

/// What comes before a version, in this order.
const EARLY: [&str; 4] = ["alpha", "beta", "pre", "rc"];

/// What may stand in front of a version, and has to be the same in both.
const PREFIXES: [&str; 3] = ["version-", "release-", "release."];

/// The version in a tag such as `v1.14.2`, `16-alpine`, `1.2.0-rc1`, `v1.2.3-4-gabc1234`, `8.0.30-debian-11-r12`
/// or `2023-10-01`.
struct Version<'t> {
    prefix: Option<&'static str>,
    parts: Vec<Part<'t>>,
    /// How many commits after the version, as `git describe` counts them.
    commits: u64,
}

/// A piece of a tag.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part<'t> {
    /// A number that counts.
    Number(u64),
    /// Letters, or a sign between two words.
    Word(&'t str),
    /// What may be a commit, of which no order is known.
    Hash(&'t str),
}

impl<'t> Version<'t> {
    /// Reads a tag; `None` if it begins with no number, as words and commits do.
    fn of(tag: &'t str) -> Option<Version<'t>> {
        let tag = tag.split(['@', '+']).next().unwrap_or_default();
        let (tag, commits) = described(tag);
        let is_prefix = |prefix: &&&str| {
            tag.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        let prefix = PREFIXES.iter().find(is_prefix).copied();
        let rest = tag.get(prefix.map_or(0, str::len)..).unwrap_or_default();
        let parts = parts(rest.strip_prefix('v').unwrap_or(rest));
        let is_version = matches!(parts.first(), Some(Part::Number(_)));
        is_version.then_some(Version { prefix, parts, commits })
    }

    /// Returns `true` if a version is known to come before another. `1` is any `1.2`.
    fn is_before(&self, other: &Version<'_>) -> bool {
        if self.prefix != other.prefix || self.era() != other.era() {
            return false;
        }
        match self.parts.iter().zip(&other.parts).find(|(a, b)| a != b) {
            Some((Part::Number(a), Part::Number(b))) => a < b,
            Some((Part::Word(a), Part::Word(b))) => {
                matches!((early(a), early(b)), (Some(a), Some(b)) if a < b)
            }
            Some(_) => false,
            None if self.parts.len() == other.parts.len() => self.commits < other.commits,
            None => {
                let more = self.parts.get(other.parts.len()..).unwrap_or_default();
                let word = more.iter().find(|part| !matches!(part, Part::Word("-" | "." | "_")));
                matches!(word, Some(Part::Word(word)) if early(word).is_some())
            }
        }
    }

    /// Returns what the first number counts: releases, years or days. Those of two kinds have no order.
    fn era(&self) -> u8 {
        match self.parts.first() {
            Some(Part::Number(1970..=2199)) => 1,
            Some(Part::Number(19_700_000..)) => 2,
            _ => 0,
        }
    }
}

/// Returns the place of a word in [`EARLY`].
fn early(word: &str) -> Option<usize> {
    EARLY.iter().position(|early| early.eq_ignore_ascii_case(word))
}

/// Splits a tag into numbers, words and the signs between them.
fn parts(tag: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for piece in tag.split_inclusive(['-', '.', '_']) {
        let word = piece.trim_end_matches(['-', '.', '_']);
        if is_hash(word) {
            parts.push(Part::Hash(word));
        } else {
            let mut rest = word;
            while let Some(first) = rest.chars().next() {
                let is_digit = first.is_ascii_digit();
                let end = rest.find(|c: char| c.is_ascii_digit() != is_digit);
                let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
                parts.push(match run.parse() {
                    Ok(number) if is_digit => Part::Number(number),
                    _ => Part::Word(run),
                });
                rest = after;
            }
        }
        if let Some(sign @ 1..) = piece.len().checked_sub(word.len()) {
            parts.push(Part::Word(&piece[piece.len() - sign..]));
        }
    }
    parts
}

/// Returns `true` for what may be a part of a commit: letters of hexadecimal numbers among digits, or many digits
/// that are no time.
fn is_hash(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == word.len() {
        return digits > 6 && !is_time(word);
    }
    digits > 0 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns `true` for digits that are a day, `20231001`, with or without the time of day.
fn is_time(digits: &str) -> bool {
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse().ok());
    matches!(digits.len(), 8 | 10 | 12 | 14)
        && matches!(
            (number(0, 4), number(4, 6), number(6, 8)),
            (Some(1970..=2199), Some(1..=12), Some(1..=31))
        )
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
            ("16-alpine", "15-alpine"),
            ("8-jre", "7-jre"),
            ("20-bullseye", "18-bullseye"),
            ("16.1-bookworm", "15-alpine"),
            ("1.2.3-alpine3.18", "1.2.3-alpine3.17"),
            ("1.2.3-2", "1.2.3-1"),
            ("8.0.30-debian-11-r12", "8.0.30-debian-11-r2"),
            ("RELEASE.2023-02-02T09-51-19Z", "RELEASE.2022-12-12T19-27-27Z"),
            ("4.13.0-202301010000", "4.13.0-202212010000"),
            ("version-1.3", "version-1.2"),
            ("release-v1.3", "release-v1.2"),
            ("1.2.0", "1.2.0rc1"),
            ("17.0.5_8-jre", "17.0.5_7-jre"),
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
            ("1.2.3-1a2b3c4", "1.2.3-0a2b3c4"),
            ("1.2.3-9234567", "1.2.3-1234567"),
            ("2023-10-01", "1.2.3"),
            ("20231001", "2.0"),
            ("version-1.3", "1.2"),
            ("16-alpine", "16-bookworm"),
            ("alpine3.18", "alpine3.17"),
            ("1.2.0-alpine-2-gabc1234", "1.2.0-slim-1-gabc1234"),
        ] {
            assert!(!goes_back(one, other) && !goes_back(other, one), "{one}, {other}");
        }
    }
}
