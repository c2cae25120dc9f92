//! A pattern that must match a whole text, as selectors use them.

use std::fmt::Write;
use std::sync::Arc;

use ecow::EcoString;

use super::{Patterns, Program, dotted, re2};
use crate::diagnostics::Result;

/// A compiled pattern `^(?:…)$`; the empty one matches everything.
#[derive(Clone, Debug, Default)]
pub(crate) enum Pattern {
    /// The empty pattern.
    #[default]
    Any,
    /// A pattern without special characters, which matches only itself.
    Literal(EcoString),
    /// A pattern in which nothing but dots is special.
    Dotted(EcoString),
    /// Any other.
    Regex(Arc<Program>),
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// With the reference's words if it is no RE2 pattern.
    pub(crate) fn new(text: &str, patterns: &Patterns) -> Result<Pattern> {
        if text.is_empty() {
            return Ok(Pattern::Any);
        }
        if !text.contains(re2::is_special) {
            return Ok(Pattern::Literal(text.into()));
        }
        if dotted::is_dotted(text) {
            return Ok(Pattern::Dotted(text.into()));
        }
        let mut anchored = String::with_capacity(text.len() + 6);
        // Writing into a string cannot fail.
        let _ = write!(anchored, "^(?:{text})$");
        patterns.read(&anchored).map(Pattern::Regex)
    }

    /// Tells whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Literal(literal) => literal == text,
            Pattern::Dotted(pattern) => dotted::is_whole(pattern, text),
            Pattern::Regex(program) => program.is_match(text),
        }
    }

    /// Tells whether this was empty.
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
        ] {
            assert_eq!(new(pattern).matches(text), expected, "{pattern} on {text}");
        }
        assert_eq!(new("cm-a").literal(), Some("cm-a"));
        assert!(new("cm.a").literal().is_none());
    }
}
