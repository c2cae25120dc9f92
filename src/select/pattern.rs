//! A pattern that must match a whole text, as selectors use them.

use std::fmt::Write;
use std::sync::Arc;

use ecow::EcoString;

use super::{Patterns, Program, re2, wildcard};
use crate::diagnostics::Result;

/// A compiled pattern `^(?:…)$`; the empty one matches everything.
#[derive(Clone, Debug, Default)]
pub(crate) enum Pattern {
    /// The empty pattern.
    #[default]
    Any,
    /// A pattern without special characters, which matches only itself.
    Literal(EcoString),
    /// A pattern of plain characters, `.` and `.*`.
    Wildcard(EcoString),
    /// `.*` and plain characters, which are kept.
    Ending(EcoString),
    /// Any other, and what texts that match begin with: each with one of these.
    Regex(Arc<Program>, Arc<[EcoString]>),
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// With upstream's words if it is no RE2 pattern.
    pub(crate) fn new(text: &str, patterns: &Patterns) -> Result<Pattern> {
        if text.is_empty() {
            return Ok(Pattern::Any);
        }
        if !text.contains(re2::is_special) {
            return Ok(Pattern::Literal(text.into()));
        }
        if let Some(ending) = text.strip_prefix(".*").filter(|rest| !rest.contains(re2::is_special))
        {
            return Ok(Pattern::Ending(ending.into()));
        }
        if wildcard::is_wildcard(text) {
            return Ok(Pattern::Wildcard(text.into()));
        }
        let mut anchored = String::with_capacity(text.len() + 6);
        // Writing into a string cannot fail.
        let _ = write!(anchored, "^(?:{text})$");
        patterns.read(&anchored).map(|program| Pattern::Regex(program, prefixes(text)))
    }

    /// Returns `true` if the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Literal(literal) => literal == text,
            Pattern::Wildcard(pattern) => wildcard::is_whole(pattern, text),
            Pattern::Ending(ending) => {
                text.strip_suffix(ending.as_str()).is_some_and(|start| !start.contains('\n'))
            }
            Pattern::Regex(program, _) => program.is_match(text),
        }
    }

    /// Returns `true` if texts are compared with this quickly, and without work that is counted.
    pub(crate) fn is_quick(&self) -> bool {
        matches!(self, Pattern::Literal(_) | Pattern::Wildcard(_) | Pattern::Ending(_))
    }

    /// Returns `true` if this was empty.
    pub(crate) fn is_any(&self) -> bool {
        matches!(self, Pattern::Any)
    }

    /// Returns the only text that matches, where that is known: what an index can look up.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self {
            Pattern::Literal(literal) => Some(literal),
            _ => None,
        }
    }

    /// Returns what texts that match begin with, each with one of these, as far as that is easily seen.
    pub(crate) fn prefixes(&self) -> Vec<&str> {
        match self {
            Pattern::Any | Pattern::Ending(_) => vec![""],
            Pattern::Literal(literal) => vec![literal],
            Pattern::Wildcard(pattern) => vec![pattern.split('.').next().unwrap_or_default()],
            Pattern::Regex(_, prefixes) => prefixes.iter().map(EcoString::as_str).collect(),
        }
    }

    /// Returns `true` if what texts that match begin with is known.
    pub(crate) fn begins_literally(&self) -> bool {
        self.prefixes().iter().all(|prefix| !prefix.is_empty())
    }
}

/// Returns what texts begin with that match a pattern, each with one of these, as far as that is easily seen.
fn prefixes(pattern: &str) -> Arc<[EcoString]> {
    // One pair of parentheses around all of it makes no difference.
    let inner = pattern.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let alternatives = inner.unwrap_or(pattern);
    if alternatives.contains(['(', ')', '[', '\\']) {
        return [prefix(pattern).into()].into();
    }
    alternatives.split('|').map(|alternative| prefix(alternative).into()).collect()
}

/// Returns what all texts begin with that match a pattern, as far as that is easily seen.
fn prefix(pattern: &str) -> &str {
    if pattern.contains('|') {
        return "";
    }
    let pattern = pattern.trim_start_matches('^');
    let plain = pattern.find(re2::is_special).unwrap_or(pattern.len());
    let (prefix, rest) = pattern.split_at(plain);
    match rest.starts_with(['*', '?', '{']) {
        // What is repeated may be missing.
        true => prefix.char_indices().next_back().map_or("", |(last, _)| &prefix[..last]),
        false => prefix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(pattern: &str) -> Pattern {
        Pattern::new(pattern, &Patterns::default()).unwrap()
    }

    #[test]
    fn the_whole_text_must_match() {
        for (pattern, text, expected) in [
            ("", "anything", true),
            ("cm", "cm-a", false),
            ("cm-.*", "cm-a", true),
            ("cm-a|d-a", "d-a", true),
            ("cm|d", "cmd", false),
            ("(?i)CM-A", "cm-a", true),
            ("cm.a", "cm\na", false),
            (".*-a", "cm-a", true),
            (".*-a", "-a", true),
            (".*-a", "cm-ab", false),
            (".*-a", "c\nm-a", false),
            (".*", "", true),
            (".*\n", "a\n", true),
        ] {
            assert_eq!(new(pattern).matches(text), expected, "{pattern} on {text}");
        }
        assert_eq!(new("cm-a").literal(), Some("cm-a"));
        assert!(new("cm.a").literal().is_none());
    }

    #[test]
    fn what_matches_begins_with_the_prefix() {
        for (pattern, expected) in [
            ("cm-a", &["cm-a"][..]),
            ("cm.a", &["cm"]),
            ("cm-.*", &["cm-"]),
            (".*-a", &[""]),
            ("^cm-[0-9]+$", &["cm-"]),
            ("cm+-a", &["cm"]),
            ("cmm*-a", &["cm"]),
            ("cm?", &["c"]),
            ("c{0}m", &[""]),
            ("cm-a|d", &["cm-a", "d"]),
            ("(cm-a|^d.*)", &["cm-a", "d"]),
            ("cm-a|d?", &["cm-a", ""]),
            ("(cm)-a|(d)", &[""]),
            ("(cm-a|d)?", &[""]),
            (r"cm\||d", &[""]),
            ("[cm|]|d", &[""]),
            ("(?i)cm", &[""]),
            (r"cm\.a", &["cm"]),
        ] {
            assert_eq!(new(pattern).prefixes(), expected, "{pattern}");
        }
    }
}
