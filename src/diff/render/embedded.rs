//! Texts that hold JSON or YAML: compared as what they are.
//!
//! Whoever reads a text may see more in it than its data: comments, tags, how a number is written, a key that stands
//! twice. So a text counts as data only if its data is certain to be all that differs, or if nothing does but spacing
//! and the order of keys.

use std::fmt;

use rustc_hash::FxHashSet;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::diff::apply;
use crate::diff::budget::Budget;
use crate::diff::fields;
use crate::diff::model::FieldChange;
use crate::yaml::{self, Entry, Limits, Mapping, Node, Pos, duplicate_key};

/// What two texts differ in, read as data.
pub(super) struct Embedded {
    /// `JSON` or `YAML`.
    pub(super) format: &'static str,
    /// What differs; nothing if only spacing and the order of keys do.
    pub(super) changes: Vec<FieldChange>,
}

/// Longer texts are not read.
const LONGEST: usize = 256 * 1024;
/// How deep texts may be that are read, and for how many values their aliases may stand: more is for the eyes.
const READ: Limits = Limits { depth: 64, nodes: 1_000 };
/// What each byte of a text costs that is read as data, in comparisons.
const READ_BYTE: u64 = 8;

/// Reads both sides of a change, if they are texts in one format that holds maps or lists.
///
/// Of YAML, lines say more than fields do; so there it counts only if the data is the same.
pub(super) fn embedded(change: &FieldChange, budget: &Budget) -> Option<Embedded> {
    let (Some(Value::String(before)), Some(Value::String(after))) = (&change.before, &change.after)
    else {
        return None;
    };
    if change.masked || before.len().max(after.len()) > LONGEST {
        return None;
    }
    // Other line ends are another text.
    if before.contains('\r') != after.contains('\r') {
        return None;
    }
    // To read a text takes far more than to look at it.
    let may_be_data = |text: &str| text.contains(['-', ':', '{', '[', '?']);
    if may_be_data(before)
        && may_be_data(after)
        && !budget.work(READ_BYTE.saturating_mul((before.len() + after.len()) as u64))
    {
        return None;
    }
    if let (Some(before), Some(after)) = (json(before), json(after)) {
        let budget = budget.again();
        let changes = fields::compare(&before, &after, None, &budget);
        if budget.is_exceeded() {
            return None;
        }
        let is_all = match changes.as_slice() {
            [] => before == after,
            changes => apply::fields(&before, changes).is_ok_and(|applied| applied == after),
        };
        return is_all.then_some(Embedded { format: "JSON", changes });
    }
    is_same_yaml(before, after).then(|| Embedded { format: "YAML", changes: Vec::new() })
}

/// Reads JSON of which no reader sees more than its data.
fn json(text: &str) -> Option<Value> {
    let text = text.trim();
    let holds = text.starts_with(['{', '[']);
    let value: Value = holds.then(|| serde_json::from_str(text).ok())??;
    let is_certain = serde_json::from_str::<WithoutTwins>(text).is_ok() && has_plain_numbers(text);
    is_certain.then_some(value)
}

/// Any JSON in which no key stands twice in an object.
struct WithoutTwins;

impl<'de> Deserialize<'de> for WithoutTwins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WithoutTwins)
    }
}

impl<'de> Visitor<'de> for WithoutTwins {
    type Value = WithoutTwins;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value without twin keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WithoutTwins, A::Error> {
        let mut seen = FxHashSet::default();
        while let Some((key, _)) = map.next_entry::<String, WithoutTwins>()? {
            if !seen.insert(key) {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<WithoutTwins, A::Error> {
        while items.next_element::<WithoutTwins>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<WithoutTwins, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<WithoutTwins, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<WithoutTwins, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<WithoutTwins, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<WithoutTwins, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<WithoutTwins, E> {
        Ok(self)
    }
}

/// Returns `true` if each number of JSON is written as it is printed.
fn has_plain_numbers(text: &str) -> bool {
    let outside = outside_strings(text);
    let mut words = outside.split(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
    let is_plain = |word: &str| {
        let printed = serde_json::from_str(word).map(|number: Value| number.to_string());
        printed.is_ok_and(|printed| printed == word)
    };
    words.all(|word| !word.contains(|c: char| c.is_ascii_digit()) || is_plain(word))
}

/// Returns JSON with a blank in the place of each string.
fn outside_strings(text: &str) -> String {
    let (mut out, mut is_inside, mut chars) = (String::new(), false, text.chars());
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                is_inside = !is_inside;
                out.push(' ');
            }
            '\\' if is_inside => drop(chars.next()),
            _ if is_inside => {}
            _ => out.push(c),
        }
    }
    out
}

/// Returns `true` if two texts are the same YAML but for spacing and the order of keys.
fn is_same_yaml(before: &str, after: &str) -> bool {
    // Neither a list nor a map is written without one of these; most texts have none, and are not read.
    let may_hold = |text: &str| text.contains(['-', ':', '{', '[', '?']);
    if !may_hold(before) || !may_hold(after) || before.contains('\r') {
        return false;
    }
    // What follows a value in brackets, as the lines of JSON do, or an end, is read by some and not by others.
    let may_go_on = |text: &str| {
        text.trim_start().starts_with(['{', '['])
            || text.lines().any(|line| line.starts_with("..."))
    };
    if may_go_on(before) || may_go_on(after) || marks(before) != marks(after) {
        return false;
    }
    let read = |text: &str| {
        let documents = yaml::read_stream(text.as_bytes(), Pos::NONE, &READ).ok()?;
        let holds = documents.iter().all(|it| it.text().is_none() && duplicate_key(it).is_none());
        (holds && !documents.is_empty()).then_some(documents)
    };
    let (Some(one), Some(other)) = (read(before), read(after)) else { return false };
    one.len() == other.len() && one.iter().zip(other.iter()).all(|(one, other)| is_same(one, other))
}

/// Returns what a text has beside its data, in order: comments, marks of documents, tags, anchors and aliases. What
/// only looks like one of them, as `#` in quotes does, counts too.
fn marks(text: &str) -> Vec<&str> {
    let mut marks = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if ["---", "%"].iter().any(|mark| line.starts_with(mark)) {
            marks.push(line);
        }
        let comment = line.char_indices().find(|(at, c)| {
            *c == '#'
                && line.get(..*at).is_none_or(|before| before.trim_end().len() < *at || *at == 0)
        });
        let (data, comment) = line.split_at(comment.map_or(line.len(), |(at, _)| at));
        let starts = |word: &&str| {
            word.trim_start_matches(['[', '{', '(', '"']).starts_with(['&', '*', '!'])
        };
        marks.extend(data.split([' ', '\t', ',']).filter(starts));
        if !comment.is_empty() {
            // A first line such as `#cloud-config` says what the text is.
            marks.extend((i == 0).then_some("first"));
            marks.push(comment.trim_end());
        }
    }
    marks
}

/// Compares two values, written in the same way but for the spacing between them and the order of keys.
fn is_same(one: &Node, other: &Node) -> bool {
    match (one, other) {
        (
            Node::Scalar { style, tag, text, .. },
            Node::Scalar { style: s, tag: t, text: other, .. },
        ) => (style, tag, text) == (s, t, other),
        (Node::Seq { items, .. }, Node::Seq { items: others, .. }) => {
            items.len() == others.len()
                && items.iter().zip(others).all(|(one, other)| is_same(one, other))
        }
        (Node::Map { map, .. }, Node::Map { map: others, .. }) => {
            let sorted = |map: &Mapping| {
                let mut entries: Vec<Entry> = map.iter().cloned().collect();
                entries.sort_by(|one, other| one.key.text().cmp(&other.key.text()));
                entries
            };
            let (entries, others) = (sorted(map), sorted(others));
            let is_same = |(one, other): (&Entry, &Entry)| {
                is_same(&one.key, &other.key) && is_same(&one.value, &other.value)
            };
            entries.len() == others.len() && entries.iter().zip(&others).all(is_same)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is said of two texts: the format, and how many fields differ.
    fn said(before: &str, after: &str) -> Option<(&'static str, usize)> {
        let value = |text: &str| Some(Value::from(text));
        let change = FieldChange::new(Vec::new(), value(before), value(after));
        embedded(&change, &Budget::new(&crate::limits::Limits::default()))
            .map(|found| (found.format, found.changes.len()))
    }

    /// Returns a list in lists.
    fn deep(levels: usize, blank: &str) -> String {
        format!("a:{blank} {}{}\n", "[".repeat(levels), "]".repeat(levels))
    }

    /// Returns lists of aliases of lists of aliases.
    fn bomb(levels: usize, blank: &str) -> String {
        let line = |i: usize| {
            format!("a{}: &a{} [{}]\n", i + 1, i + 1, vec![format!("*a{i}"); 9].join(", "))
        };
        let all: String = (0..levels).map(line).collect();
        format!("a0: &a0 {blank}[x]\n{all}")
    }

    #[test]
    fn texts_are_data_only_if_that_is_certain() {
        for (before, after, found) in [
            ("{\"a\": 1, \"b\": [2]}", "{\"b\":[2],\"a\":1}\n", Some(("JSON", 0))),
            ("{\"a\": 1, \"b\": [2]}", "{\"b\":[3],\"a\":1}\n", Some(("JSON", 1))),
            ("{\"a\":\"x/y\"}", "{\"a\":\"x\\/y\"}", Some(("JSON", 0))),
            ("{\"a\":1,\"a\":2}", "{\"a\":3,\"a\":2}", None),
            ("{\"a\":1.10}", "{\"a\":1.1}", None),
            ("{\"a\":1.0}", "{\"a\":1}", Some(("JSON", 1))),
            ("{\"a\":1e2}", "{\"a\":100}", None),
            ("{\"a\":12345678901234567890123}", "{\"a\":12345678901234567890124}", None),
            ("{\"a\":1}\n{\"b\":1}\n", "{\"a\":1}\n{\"b\":2}\n", None),
            ("a: 1\nb:\n- c\n", "b:\n  -   c\na:   1\n", Some(("YAML", 0))),
            ("a: 1\n# x\nb: 2\n", "a: 1\n\n  # x\nb: 2\n", Some(("YAML", 0))),
            ("a: 1\n---\nb: 1\n", "a: 1\n---\nb:  1\n", Some(("YAML", 0))),
            ("a: 1\n---\nb: 1\n", "a: 1\n---\nb: 2\n", None),
            ("a: 1\n---\nb: 1\n", "a: 1\n", None),
            ("a: 1\n...\nfree: text\n", "a: 1\n...\nother: text\n", None),
            ("a: !Ref x\n", "a: x\n", None),
            ("a: &x 1\nb: *x\n", "a: 1\nb: 1\n", None),
            ("password: abc #1\n", "password: abc #2\n", None),
            ("#cloud-config\na: b\n", "a: b\n", None),
            ("#cloud-config\na: b\n", "\n#cloud-config\na: b\n", None),
            ("version: 1.10\n", "version: 1.1\n", None),
            ("mode: 0644\n", "mode: 420\n", None),
            ("a: \"1\"\n", "a: 1\n", None),
            ("a: yes\n", "a: true\n", None),
            ("a: b\nc: d\n", "a: b\r\nc: d\r\n", None),
            ("a: 1\na: 2\n", "a:  1\na:  2\n", None),
            ("- a: 1\n- b: 1\n", "- b: 1\n- a: 1\n", None),
            (&deep(10, " "), &deep(10, ""), Some(("YAML", 0))),
            (&deep(20_000, " "), &deep(20_000, ""), None),
            (&bomb(2, " "), &bomb(2, ""), Some(("YAML", 0))),
            (&bomb(6, " "), &bomb(6, ""), None),
            ("one: text", "another text", None),
        ] {
            assert_eq!(said(before, after), found, "{before} → {after}");
            let turned = said(after, before).map(|(format, _)| format);
            assert_eq!(turned, found.map(|(format, _)| format), "{after} → {before}");
        }
    }
}
