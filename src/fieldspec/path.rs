//! The path of a field, parsed once per build.

use ecow::{EcoString, EcoVec};

/// A `/`-separated path such as `spec/template/spec/containers[]/image`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldPath {
    /// The path as written: merging of configurations compares this text.
    pub(crate) text: EcoString,
    /// Its parts.
    pub(crate) parts: EcoVec<Part>,
}

/// One part of a path: what to look up in a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The name, without `[]` and the blanks around it, `\/` already a plain slash.
    pub(crate) name: EcoString,
    /// Whether it ends in `[]`: the value should be a list, and is never created.
    pub(crate) list: bool,
    /// How it is looked up.
    pub(crate) lookup: Lookup,
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
    /// Parses a path. Any text is one; some only fail when they are walked.
    pub(crate) fn parse(text: &str) -> FieldPath {
        let mut parts = EcoVec::new();
        let mut open = String::new();
        for piece in text.strip_prefix('/').unwrap_or(text).split_inclusive('/') {
            let Some(name) = piece.strip_suffix('/') else {
                open.push_str(piece);
                break;
            };
            match name.strip_suffix('\\') {
                Some(name) => {
                    open.push_str(name);
                    open.push('/');
                }
                None => {
                    open.push_str(name);
                    parts.push(Part::new(&open));
                    open.clear();
                }
            }
        }
        parts.push(Part::new(&open));
        FieldPath { text: text.into(), parts }
    }

    /// Tells whether a change of the field, or of a key inside of it, may change the id of the object.
    pub(crate) fn may_change_id(&self) -> bool {
        let mut names = self.parts.iter().filter(|p| p.lookup != Lookup::Here).map(|p| &*p.name);
        match names.next() {
            None | Some("apiVersion" | "kind") => true,
            Some("metadata") => matches!(names.next(), None | Some("name" | "namespace")),
            Some(_) => false,
        }
    }

    /// Tells whether the field is the annotations of the object or inside of them.
    pub(super) fn is_in_annotations(&self) -> bool {
        let mut names = self.parts.iter().map(|part| &*part.name);
        names.next() == Some("metadata") && names.next() == Some("annotations")
    }

    /// Shows the parts from `at` on, as messages do: `[l a]`.
    pub(super) fn rest(&self, at: usize) -> String {
        let show = |p: &Part| {
            if p.list { format!("{}[]", p.name) } else { p.name.to_string() }
        };
        format!("[{}]", self.parts.iter().skip(at).map(show).collect::<Vec<_>>().join(" "))
    }
}

impl Part {
    fn new(text: &str) -> Part {
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
        Part { name: trimmed.into(), list: name.len() < text.len(), lookup }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        FieldPath::parse(text).parts.iter().map(|p| p.name.to_string()).collect()
    }

    #[test]
    fn splits_at_slashes() {
        assert_eq!(names("spec/a"), ["spec", "a"]);
        assert_eq!(names("/spec/a"), ["spec", "a"]);
        assert_eq!(names("a//b/"), ["a", "", "b", ""]);
        assert_eq!(names(""), [""]);
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
            assert!(FieldPath::parse(path).may_change_id(), "{path}");
        }
        assert!(!FieldPath::parse("metadata/labels").may_change_id());
    }
}
