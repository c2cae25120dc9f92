//! Keeps the values of Secrets out of everything that is shown.
//!
//! Values are replaced *before* anything is compared: by a token that is the same for the same value
//! and else another, so that a change is found; and no later step has a secret that it could show.
//! In the result all tokens become [`MASK`].
//!
//! Replaced are
//! - all scalars below `data` and `stringData`, also misspelt, of any mapping of `kind: Secret`, at any depth, and
//!   below what no Secret has;
//! - the annotations of such a mapping that hold a copy of it, such as the last applied
//!   configuration;
//! - those values elsewhere, as they are, in base64 or with any escapes of JSON and YAML, because a replacement or a
//!   variable may have carried them there: of [`PART_FROM`] bytes or more wherever they are in a text,
//!   of [`WORD_FROM`] or more where they stand as a word of their own. Of a text only these parts are
//!   replaced; a number is if it has [`DIGITS_FROM`] digits.
//!
//! A value that takes the place of one with a secret in it, or the other way round, is replaced as a
//! whole.
//!
//! Left is what no output could do without or what everybody may know: values in fields that identify
//! something, values that are (words of) the name of an object or container on one of the sides, and
//! what is [common](is_common): ordinary words, `https://`.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use rustc_hash::FxHashSet;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::common::is_common;
use super::escapes;
use super::lines::single_values;
use super::path::PathStep;
use super::values::{DIGITS_FROM, PART_FROM, SHORTEST, Values};
use crate::secret_words::is_data;
use crate::work;
use crate::yaml::Node;

/// What stands in place of a value that must not be shown.
pub const MASK: &str = "***";
/// From this length on, a value is looked for as a word.
const WORD_FROM: usize = SHORTEST;
/// How tokens begin and end.
pub(super) const TOKEN: &str = "\0masked ";
pub(super) const TOKEN_END: char = '\0';
/// Fields whose value identifies something and is left.
const IDENTIFIERS: [&str; 9] = [
    "apiVersion",
    "kind",
    "name",
    "namespace",
    "key",
    "mountPath",
    "devicePath",
    "ip",
    "topologyKey",
];
/// Fields whose words everybody may know.
const PUBLIC: [&str; 4] = ["apiVersion", "kind", "name", "namespace"];

/// The values that must not be shown.
#[derive(Default)]
pub(super) struct Secrets {
    /// Those that are looked for: from [`PART_FROM`] on anywhere, shorter ones as words.
    values: Values,
    /// Whether there is a Secret, with values or without.
    is_any: bool,
}

/// What is known of the values so far.
#[derive(Default)]
pub(super) struct Collected {
    secret: FxHashSet<String>,
    /// Single values of files that a Secret keeps whole.
    parts: FxHashSet<String>,
    public: FxHashSet<String>,
    /// What runs in containers: a configuration in a Secret may name it too.
    images: FxHashSet<String>,
}

impl Secrets {
    /// Collects the values of all Secrets in these trees.
    pub(super) fn of<'n>(nodes: impl Iterator<Item = &'n Node> + Clone) -> Secrets {
        if !nodes.clone().any(holds_secret) {
            return Secrets::default();
        }
        let mut collected = Collected::default();
        nodes.for_each(|node| collected.add_tree(node));
        Secrets { is_any: true, ..collected.secrets() }
    }

    /// Returns `true` if there is a Secret; else there is nothing to hide.
    pub(super) fn is_any(&self) -> bool {
        self.is_any
    }

    /// Replaces in an object what must not be shown.
    pub(super) fn hide(&self, object: &mut Value) {
        self.hide_in(object, "");
    }

    /// As [`hide`](Self::hide), in what a field has.
    pub(super) fn hide_in(&self, value: &mut Value, field: &str) {
        self.walk(value, false, field);
    }

    fn walk(&self, value: &mut Value, hidden: bool, field: &str) {
        work::node();
        match value {
            Value::Object(map) => {
                let secret = map.get("kind").and_then(Value::as_str) == Some("Secret");
                let whole = map.contains_key("metadata");
                for (name, value) in map.iter_mut() {
                    if secret && name == "metadata" {
                        hide_copies(value);
                    }
                    self.walk(value, hidden || secret && holds_values(name, whole), name);
                }
            }
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.walk(item, hidden, field));
            }
            Value::Null => {}
            Value::String(text) if text.starts_with(TOKEN) => {}
            Value::String(text) if hidden => *text = token(text),
            Value::String(text) => {
                if !IDENTIFIERS.contains(&field)
                    && let Cow::Owned(hidden) = self.replace(text, token)
                {
                    *text = hidden;
                }
            }
            Value::Bool(_) | Value::Number(_) => {
                let text = value.to_string();
                if hidden || text.len() >= DIGITS_FROM && self.is_one(&text) {
                    *value = Value::String(token(&format!("\0{text}")));
                }
            }
        }
    }

    /// Returns a text with the mask in place of every value.
    pub(super) fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.replace(text, |_| MASK.to_owned())
    }

    fn is_one(&self, text: &str) -> bool {
        matches!(&self.find(text)[..], [all] if *all == (0..text.len()))
    }

    fn replace<'t>(&self, text: &'t str, with: impl Fn(&str) -> String) -> Cow<'t, str> {
        let found = self.find(text);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let (mut out, mut end) = (String::with_capacity(text.len()), 0);
        for range in found {
            out.push_str(&text[end..range.start]);
            out.push_str(&with(&text[range.clone()]));
            end = range.end;
        }
        out.push_str(&text[end..]);
        Cow::Owned(out)
    }

    /// Returns where values are in a text, as they are or escaped; those that overlap make one range.
    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = self.find_plain(text);
        let mut escaped = escapes::unescaped(text);
        // JSON may be a text in JSON.
        for _ in 0..2 {
            let Some(plain) = escaped else { break };
            found.extend(self.find_plain(&plain.text).into_iter().map(|range| plain.range(&range)));
            escaped = plain.unescaped();
        }
        found.sort_by_key(|range| (range.start, range.end));
        found.dedup_by(|next, last| {
            let overlap = next.start <= last.end;
            last.end = if overlap { last.end.max(next.end) } else { last.end };
            overlap
        });
        found
    }

    fn find_plain(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        if self.values.is_empty() {
            return found;
        }
        let mut from = 0;
        while let Some((at, length)) = self.values.find_at(text, from) {
            from = at + text[at..].chars().next().map_or(1, char::len_utf8);
            let range = match length {
                PART_FROM.. => at..at + length,
                // If it is no word, a shorter one may be.
                _ => match (at + WORD_FROM..=at + length)
                    .rev()
                    .find(|&end| is_word(text, at..end) && self.values.contains(&text[at..end]))
                {
                    Some(end) => at..end,
                    None => continue,
                },
            };
            match found.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => found.push(range),
            }
        }
        found
    }
}

impl Collected {
    /// Returns `true` if no value was added.
    pub(super) fn is_empty(&self) -> bool {
        self.secret.is_empty() && self.parts.is_empty()
    }

    /// Adds what a tree holds of Secrets, and what is public in it.
    pub(super) fn add_tree(&mut self, node: &Node) {
        let mut waiting: Vec<(&Node, bool, &str)> = vec![(node, false, "")];
        while let Some((node, hidden, field)) = waiting.pop() {
            work::node();
            match node {
                Node::Scalar { text, .. } if hidden => self.add(text),
                Node::Scalar { text, .. } if PUBLIC.contains(&field) => self.add_public(text),
                Node::Scalar { text, .. } if field == "image" && text.contains([':', '@']) => {
                    self.images.insert(text.to_string());
                }
                Node::Scalar { .. } => {}
                Node::Seq { items, .. } => {
                    // A name that is a list is none.
                    let is_list_of_none = PUBLIC.contains(&field) || field == "image";
                    let field = if is_list_of_none { "" } else { field };
                    waiting.extend(items.iter().map(|item| (item, hidden, field)));
                }
                Node::Map { map, .. } => {
                    let secret = map.get("kind").and_then(Node::text) == Some("Secret");
                    let whole = map.get("metadata").is_some();
                    for entry in map {
                        let name = entry.key.text().unwrap_or_default();
                        let hidden = hidden || secret && holds_values(name, whole);
                        waiting.push((&entry.value, hidden, name));
                    }
                }
            }
        }
    }

    /// Adds a text whose words everybody may know.
    pub(super) fn add_public(&mut self, text: &str) {
        if !self.public.contains(text) {
            self.public.insert(text.to_owned());
        }
    }

    /// Adds a value of a Secret in all forms in which it may be met.
    pub(super) fn add(&mut self, text: &str) {
        // In a file, base64 may be broken into lines.
        let lines: String = text.split_ascii_whitespace().collect();
        let decoded = STANDARD.decode(&lines).or_else(|_| STANDARD_NO_PAD.decode(&lines)).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        let insert = |into: &mut FxHashSet<String>, form: &str| {
            for form in [form, form.trim()] {
                if form.len() >= WORD_FROM && !is_common(form) {
                    into.insert(form.to_owned());
                }
            }
        };
        single_values(decoded.as_deref().unwrap_or(text))
            .for_each(|value| insert(&mut self.parts, &value));
        let mut add = |form: &str| insert(&mut self.secret, form);
        add(&lines);
        for plain in [Some(text), decoded.as_deref()].into_iter().flatten() {
            add(plain);
            for plain in [plain, plain.trim()] {
                add(&STANDARD.encode(plain));
                // JSON may be a text in JSON.
                let once = quoted(plain);
                add(&quoted(&once));
                add(&once);
            }
        }
    }

    /// Returns all values, also those that everybody may know.
    pub(super) fn with_public(self) -> Secrets {
        let (public, images) = Default::default();
        Collected { public, images, ..self }.secrets()
    }

    /// Returns the values but those that everybody may know.
    pub(super) fn secrets(self) -> Secrets {
        let Collected { mut secret, parts: singles, public, images } = self;
        // A text that is one line is a single value of itself.
        secret.extend(singles.into_iter().filter(|part| !images.contains(part)));
        if secret.is_empty() {
            return Secrets::default();
        }
        for text in &public {
            for part in parts(text) {
                secret.remove(part);
            }
        }
        Secrets { values: Values::new(secret), is_any: true }
    }
}

/// Returns `true` if a Secret is in a tree, at any depth.
pub(super) fn holds_secret(node: &Node) -> bool {
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        work::node();
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => {
                waiting.extend(items.iter().filter(|item| item.text().is_none()));
            }
            Node::Map { map, .. } => {
                for entry in map {
                    match entry.value.text() {
                        None => waiting.push(&entry.value),
                        Some("Secret") if entry.key.text() == Some("kind") => return true,
                        Some(_) => {}
                    }
                }
            }
        }
    }
    false
}

/// Returns `true` if no letter or digit stands beside a part of a text.
fn is_word(text: &str, range: Range<usize>) -> bool {
    let before = text.get(..range.start).and_then(|text| text.chars().next_back());
    let after = text.get(range.end..).map(|text| text.chars().next());
    after.is_some_and(|after| !before.into_iter().chain(after).any(char::is_alphanumeric))
}

/// Returns all parts of a name that begin and end where its words do, with what stands between words and without.
fn parts(name: &str) -> Vec<&str> {
    const MOST_WORDS: usize = 16;
    let is_word = |c: char| c.is_alphanumeric();
    let words = name.split(|c| !is_word(c)).filter(|word| !word.is_empty()).take(MOST_WORDS);
    let ranges: Vec<(usize, usize)> = words
        .map(|word| {
            let start = word.as_ptr() as usize - name.as_ptr() as usize;
            (start, start + word.len())
        })
        .collect();
    let mut parts = vec![name];
    for (i, &(start, _)) in ranges.iter().enumerate() {
        let before = i.checked_sub(1).map_or(0, |before| ranges[before].1);
        for (j, &(_, end)) in ranges.iter().enumerate().skip(i) {
            let after = ranges.get(j + 1).map_or(end, |after| after.0);
            parts.extend([&name[start..end], &name[before..end], &name[start..after]]);
            parts.push(&name[before..after]);
        }
    }
    parts
}

/// Hides a value whose other state holds a secret: it likely held one that no Secret has any more.
pub(super) fn hide_both(before: &mut Option<Value>, after: &mut Option<Value>) {
    if let (Some(Value::String(before)), Some(Value::String(after))) = (before, after) {
        match (before.contains(TOKEN), after.contains(TOKEN)) {
            (true, false) => *after = token(after),
            (false, true) => *before = token(before),
            _ => {}
        }
    }
}

/// Replaces all tokens in a value by the mask, and tells whether there were any.
pub(super) fn strip(value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.contains(TOKEN) => {
            let mut out = String::new();
            let mut rest = text.as_str();
            while let Some((before, token)) = rest.split_once(TOKEN) {
                out.push_str(before);
                out.push_str(MASK);
                rest = token.split_once(TOKEN_END).map_or("", |(_, after)| after);
            }
            out.push_str(rest);
            *text = out;
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| strip(item) | any),
        Value::Object(map) => map.iter_mut().fold(false, |any, (_, item)| strip(item) | any),
        _ => false,
    }
}

/// Replaces all tokens in the keys of a path.
pub(super) fn strip_path(path: &mut [PathStep]) {
    for step in path {
        if let PathStep::Key { key, .. } = step {
            key.iter_mut().for_each(|(_, value)| {
                strip(value);
            });
        }
    }
}

/// Returns `true` for a field of a Secret that values stand below; in a whole one, which is no reference, these
/// are also the fields that no Secret has.
fn holds_values(field: &str, whole: bool) -> bool {
    const OTHERS: [&str; 5] = ["apiVersion", "immutable", "kind", "metadata", "type"];
    is_data(field) || whole && !OTHERS.contains(&field)
}

/// Hides the annotations of a Secret that hold a copy of it.
fn hide_copies(metadata: &mut Value) {
    let annotations = metadata.get_mut("annotations").and_then(Value::as_object_mut);
    for (name, value) in annotations.into_iter().flatten() {
        if let Value::String(text) = value
            && (text.trim_start().starts_with('{')
                || ["applied", "original", "backup", "snapshot"].iter().any(|w| name.contains(w)))
        {
            *text = token(text);
        }
    }
}

/// Returns a text as in JSON, without the quotes.
fn quoted(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"')).unwrap_or(&quoted).to_owned()
}

fn token(text: &str) -> String {
    let digest = Sha256::digest(text);
    format!("{TOKEN}{}{TOKEN_END}", STANDARD.encode(digest))
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
