//! Field paths such as `spec.containers.[name=app].image`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use ecow::EcoString;

use crate::diagnostics::{Error, Result};
use crate::select::{Patterns, Program, is_dotted, is_dotted_in, is_special};

/// A parsed field path.
#[derive(Clone, Debug)]
pub(crate) struct FieldPath {
    /// The path as written.
    pub(crate) text: EcoString,
    /// Its parts, for targets: taken as they are.
    pub(crate) parts: Vec<Part>,
    /// The parts if they are all keys without blanks around them; else nothing.
    pub(crate) keys: Vec<EcoString>,
}

/// One part of a path.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// The key of a mapping.
    Key(EcoString),
    /// The index of an element, or a negative one, which sources refuse and targets take as a key.
    Index {
        /// The index.
        index: i64,
        /// The part as written.
        text: EcoString,
    },
    /// `*`: every element.
    Every,
    /// `[key=value]`, or `[=value]` with an empty key: the elements whose field has this value.
    Element {
        /// The field, empty for the element itself.
        key: EcoString,
        /// The value.
        value: EcoString,
        /// The value as a pattern, for targets.
        pattern: Search,
    },
    /// `[key]`, which is neither a key nor an element.
    Unclear,
}

/// A pattern that is searched for in the text of a field.
#[derive(Clone, Debug)]
pub(crate) enum Search {
    /// A pattern without special characters.
    Literal,
    /// A pattern in which nothing but dots is special.
    Dotted,
    /// Any other; what is wrong with it is said when it is first needed.
    Regex(std::result::Result<Arc<Program>, Error>),
}

impl FieldPath {
    /// Parses a path for targets.
    pub(crate) fn parse(text: &str, patterns: &Patterns) -> FieldPath {
        let parts = split(text);
        let parts = parts.iter().map(|part| Part::parse(part).with_pattern(patterns));
        FieldPath::new(text, parts.collect())
    }

    /// Parses a path for sources, which know no patterns.
    pub(crate) fn parse_source(text: &str) -> FieldPath {
        let parts = split(text);
        FieldPath::new(text, parts.iter().map(|part| Part::parse(part)).collect())
    }

    fn new(text: &str, parts: Vec<Part>) -> FieldPath {
        let key = |part: &Part| match part.trimmed()? {
            Cow::Borrowed(Part::Key(key)) => Some(key.clone()),
            _ => None,
        };
        let keys = parts.iter().map(key).collect::<Option<_>>().unwrap_or_default();
        FieldPath { text: text.into(), parts, keys }
    }
}

impl Part {
    /// Parses one part; a value is no pattern yet.
    pub(crate) fn parse(part: &str) -> Part {
        if part == "*" {
            return Part::Every;
        }
        if let Ok(index) = part.parse() {
            return Part::Index { index, text: part.into() };
        }
        let Some(inner) = part.strip_prefix('[').and_then(|p| p.strip_suffix(']')) else {
            return Part::Key(part.into());
        };
        let Some((key, value)) = inner.split_once('=') else { return Part::Unclear };
        Part::Element { key: key.into(), value: value.into(), pattern: Search::Literal }
    }

    fn with_pattern(mut self, patterns: &Patterns) -> Part {
        if let Part::Element { value, pattern, .. } = &mut self
            && value.contains(is_special)
        {
            *pattern = match is_dotted(value) {
                true => Search::Dotted,
                false => Search::Regex(patterns.read(value)),
            };
        }
        self
    }

    /// Returns this part as sources read it: without blanks around it, nothing for an empty one.
    pub(crate) fn trimmed(&self) -> Option<Cow<'_, Part>> {
        let Part::Key(key) = self else { return Some(Cow::Borrowed(self)) };
        // Hardly any key has blanks, which its ends tell.
        if let ([first, ..], [.., last]) = (key.as_bytes(), key.as_bytes())
            && first.is_ascii_graphic()
            && last.is_ascii_graphic()
        {
            return Some(Cow::Borrowed(self));
        }
        match key.trim() {
            "" => None,
            trimmed if trimmed.len() < key.len() => Some(Cow::Owned(Part::parse(trimmed))),
            _ => Some(Cow::Borrowed(self)),
        }
    }
}

impl Search {
    /// Returns `true` if `text` contains a match; `value` is the pattern as written.
    ///
    /// # Errors
    /// If the pattern is none.
    pub(crate) fn is_in(&self, value: &str, text: &str) -> Result<bool> {
        match self {
            // Preparing a search costs more than most texts need.
            Search::Literal => Ok(match text.len().cmp(&value.len()) {
                Ordering::Less => false,
                Ordering::Equal => text == value,
                Ordering::Greater => text.contains(value),
            }),
            Search::Dotted => Ok(is_dotted_in(value, text)),
            Search::Regex(Ok(regex)) => Ok(regex.is_match(text)),
            Search::Regex(Err(error)) => Err(error.clone()),
        }
    }
}

/// Splits a path at its dots, but not at `\.`, nor between brackets.
fn split(path: &str) -> Vec<EcoString> {
    let path = path.strip_prefix('.').unwrap_or(path);
    let mut parts = Vec::new();
    let mut pieces = pieces(path).into_iter();
    while let Some(piece) = pieces.next() {
        if !piece.starts_with('[') || piece.ends_with(']') {
            parts.push(piece);
            continue;
        }
        let mut bracketed = piece;
        for more in pieces.by_ref() {
            bracketed.push('.');
            bracketed.push_str(&more);
            if more.ends_with(']') {
                break;
            }
        }
        if bracketed.contains('=') {
            parts.push(bracketed);
        } else {
            parts.push(bracketed.trim_matches(['[', ']']).into());
        }
    }
    parts
}

/// Splits a path at every dot without a backslash before it; a backslash goes with its dot.
fn pieces(path: &str) -> Vec<EcoString> {
    let mut pieces = Vec::new();
    let mut piece = EcoString::new();
    let mut chunks = path.split('.').peekable();
    while let Some(chunk) = chunks.next() {
        match chunk.strip_suffix('\\') {
            Some(escaped) if chunks.peek().is_some() => {
                piece.push_str(escaped);
                piece.push('.');
            }
            _ => {
                piece.push_str(chunk);
                pieces.push(std::mem::take(&mut piece));
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_split_at_dots() {
        let cases: [(&str, &[&str]); 13] = [
            ("spec.a", &["spec", "a"]),
            (".spec.a", &["spec", "a"]),
            ("..a", &["", "a"]),
            ("", &[""]),
            ("a..b.", &["a", "", "b", ""]),
            (r"a.b\.c/d.e", &["a", "b.c/d", "e"]),
            (r"a\", &[r"a\"]),
            ("a.[b.c/d].e", &["a", "b.c/d", "e"]),
            ("a.[b=c.d].e", &["a", "[b=c.d]", "e"]),
            ("a.[b].c", &["a", "[b]", "c"]),
            ("a.[b.c", &["a", "b.c"]),
            ("a.[b=c", &["a", "[b=c"]),
            ("a.b[c.d]", &["a", "b[c", "d]"]),
        ];
        for (path, parts) in cases {
            assert_eq!(split(path), parts, "{path}");
        }
    }

    #[test]
    fn parts_are_told_apart() {
        assert!(matches!(Part::parse("+1"), Part::Index { index: 1, .. }));
        assert!(matches!(Part::parse("01"), Part::Index { index: 1, .. }));
        assert!(matches!(Part::parse("99999999999999999999"), Part::Key(_)));
        assert!(matches!(Part::parse("-"), Part::Key(_)));
        assert!(matches!(Part::parse("[a]"), Part::Unclear));
        assert!(matches!(Part::parse("[a=b"), Part::Key(_)));
        let Part::Element { key, value, .. } = Part::parse("[a=b=c]") else { panic!() };
        assert_eq!((key.as_str(), value.as_str()), ("a", "b=c"));
        assert!(Part::parse("  ").trimmed().is_none());
        assert!(matches!(
            Part::parse(" 1 ").trimmed().as_deref(),
            Some(Part::Index { index: 1, .. })
        ));
    }
}
