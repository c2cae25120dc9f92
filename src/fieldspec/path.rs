//! The path of a field, parsed once: by the compiler if it is one of the defaults.

use std::borrow::Cow;

/// The most parts of a path that are walked; each may create a level of the tree.
pub(super) const MAX_PARTS: usize = 100;

/// A `/`-separated path such as `spec/template/spec/containers[]/image`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldPath {
    /// The path as written: merging of configurations compares this text.
    pub(super) text: Cow<'static, str>,
    names: Cow<'static, str>,
    parts: Cow<'static, [Part]>,
}

/// A [`FieldPath`] without owning it, or one that the compiler has parsed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathRef<'a> {
    /// The path as written.
    pub(crate) text: &'a str,
    /// The names of the parts and what separates them, with `\/` already a plain slash.
    pub(super) names: &'a str,
    /// Its parts.
    pub(super) parts: &'a [Part],
}

/// One part of a path: what to look up in a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Where the name begins and ends, without `[]` and the blanks around it.
    name: (u32, u32),
    /// Whether it ends in `[]`: the value should be a list, and is never created.
    pub(super) list: bool,
    /// How it is looked up.
    pub(super) lookup: Lookup,
}

/// How a part is looked up in a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// As a key.
    Key,
    /// Not at all: a part of blanks stays where it is.
    Here,
    /// Refused, because the part is empty.
    Empty,
    /// Refused, because it means an element of a list: an index, `-` or `[key=value]`.
    Element,
    /// Refused, because it is an index below zero.
    Negative,
    /// Refused, because it is `*`.
    Wildcard,
}

impl FieldPath {
    /// Returns the path as written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Parses a path. Any text is one; some only fail when they are walked.
    pub(crate) fn parse(text: &str) -> FieldPath {
        let (mut names, mut parts) = (String::with_capacity(text.len()), Vec::new());
        // What comes before an escaped slash.
        let mut open = String::new();
        let mut pieces = text.strip_prefix('/').unwrap_or(text).split('/').peekable();
        while let Some(piece) = pieces.next() {
            if let Some(piece) = piece.strip_suffix('\\').filter(|_| pieces.peek().is_some()) {
                open.push_str(piece);
                open.push('/');
                continue;
            }
            open.push_str(piece);
            let (name, list, lookup) = part(&open);
            let start = names.len();
            names.push_str(name);
            parts.push(Part { name: (start as u32, names.len() as u32), list, lookup });
            open.clear();
        }
        FieldPath { text: text.to_owned().into(), names: names.into(), parts: parts.into() }
    }

    /// Returns the path without owning it.
    pub(crate) fn borrowed(&self) -> PathRef<'_> {
        PathRef { text: &self.text, names: &self.names, parts: &self.parts }
    }
}

impl<'a> PathRef<'a> {
    /// Returns the name of a part of this path.
    pub(super) const fn name(&self, part: &Part) -> &'a str {
        let (start, end) = (part.name.0 as usize, part.name.1 as usize);
        self.names.split_at(end).0.split_at(start).1
    }

    /// Returns `true` if all parts are plain keys, and not too many to be walked.
    pub(crate) fn is_keys(self) -> bool {
        self.parts.len() <= MAX_PARTS
            && self.parts.iter().all(|part| !part.list && part.lookup == Lookup::Key)
    }

    /// Returns `true` if a change of the field, or of a key inside of it, may change the id of the object.
    pub(crate) fn may_change_id(self) -> bool {
        let mut parts = self.parts;
        while let [Part { lookup: Lookup::Here, .. }, rest @ ..] = parts {
            parts = rest;
        }
        match parts.split_first().map(|(first, rest)| (self.name(first), rest)) {
            None | Some(("apiVersion" | "kind", _)) => true,
            Some(("metadata", rest)) => {
                let mut rest = rest.iter().filter(|p| p.lookup != Lookup::Here);
                rest.next().is_none_or(|part| matches!(self.name(part), "name" | "namespace"))
            }
            Some(_) => false,
        }
    }

    /// Returns `true` if the field is the annotations of the object or inside of them.
    pub(super) fn is_in_annotations(self) -> bool {
        let mut names = self.parts.iter().map(|part| self.name(part));
        names.next() == Some("metadata") && names.next() == Some("annotations")
    }

    /// Shows the parts from `at` on, as messages do: `[l a]`.
    pub(super) fn rest(self, at: usize) -> String {
        let show = |p: &Part| format!("{}{}", self.name(p), if p.list { "[]" } else { "" });
        format!("[{}]", self.parts.iter().skip(at).map(show).collect::<Vec<_>>().join(" "))
    }
}

impl From<PathRef<'static>> for FieldPath {
    fn from(PathRef { text, names, parts }: PathRef<'static>) -> Self {
        FieldPath { text: text.into(), names: names.into(), parts: parts.into() }
    }
}

/// Returns the name of a part, whether it ends in `[]`, and how it is looked up.
fn part(text: &str) -> (&str, bool, Lookup) {
    let name = text.strip_suffix("[]").unwrap_or(text);
    let trimmed = name.trim();
    let lookup = if name.is_empty() {
        Lookup::Empty
    } else if trimmed.is_empty() {
        Lookup::Here
    } else if let Ok(index) = trimmed.parse::<i64>() {
        if index < 0 { Lookup::Negative } else { Lookup::Element }
    } else if trimmed == "-" || (trimmed.starts_with('[') && trimmed.ends_with(']')) {
        Lookup::Element
    } else if trimmed == "*" {
        Lookup::Wildcard
    } else {
        Lookup::Key
    };
    (trimmed, name.len() < text.len(), lookup)
}

/// Returns the number of parts of names that a byte separates.
pub(super) const fn count(names: &str, separator: u8) -> usize {
    let bytes = names.as_bytes();
    let (mut count, mut at) = (1, 0);
    while at < bytes.len() {
        count += (bytes[at] == separator) as usize;
        at += 1;
    }
    count
}

/// Returns the parts of names that a byte separates; none of them may be other than a key or a key
/// with `[]`.
pub(super) const fn keys<const N: usize>(names: &str, separator: u8) -> [Part; N] {
    let bytes = names.as_bytes();
    let mut parts = [Part { name: (0, 0), list: false, lookup: Lookup::Key }; N];
    let (mut start, mut i) = (0, 0);
    while i < N {
        let mut end = start;
        while end < bytes.len() && bytes[end] != separator {
            end += 1;
        }
        assert!(bytes[start].is_ascii_alphabetic(), "not a key");
        let list = bytes[end - 1] == b']';
        parts[i].list = list;
        parts[i].name = (start as u32, if list { end - 2 } else { end } as u32);
        start = end + 1;
        i += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let path = FieldPath::parse(text);
        let path = path.borrowed();
        path.parts.iter().map(|p| path.name(p).to_string()).collect()
    }

    #[test]
    fn splits_at_slashes() {
        assert_eq!(names("spec/a"), ["spec", "a"]);
        assert_eq!(names("/spec/a"), ["spec", "a"]);
        assert_eq!(names("a//b/"), ["a", "", "b", ""]);
        assert_eq!(names(""), [""]);
        assert_eq!(names(r"a\/b\"), [r"a/b\"]);
        assert_eq!(names(r"a\/"), ["a/"]);
        assert_eq!(
            names(r"metadata/annotations/x.io\/y\z"),
            ["metadata", "annotations", r"x.io/y\z"]
        );
    }

    #[test]
    fn knows_what_is_no_key() {
        let lookup = |text: &str| FieldPath::parse(text).parts[0].lookup;
        assert_eq!(lookup("a[]"), Lookup::Key);
        assert_eq!(lookup("  "), Lookup::Here);
        assert_eq!(lookup("[]"), Lookup::Empty);
        assert_eq!(lookup("07"), Lookup::Element);
        assert_eq!(lookup("[a=b]"), Lookup::Element);
        assert_eq!(lookup("-1"), Lookup::Negative);
        assert_eq!(lookup("99999999999999999999"), Lookup::Key);
    }

    #[test]
    fn tells_which_fields_are_part_of_an_id() {
        for path in ["metadata/name", "metadata", " ", "kind", "/metadata/namespace"] {
            assert!(FieldPath::parse(path).borrowed().may_change_id(), "{path}");
        }
        assert!(!FieldPath::parse("metadata/labels").borrowed().may_change_id());
    }
}
