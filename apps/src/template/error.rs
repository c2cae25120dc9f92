//! What can be wrong with a template.

use std::fmt;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateErrorKind {
    /// The text is no template.
    Parse,
    /// The template cannot be executed with these values.
    Execute,
    /// The template does too much.
    Limit,
}

/// An error in a template: what and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    kind: TemplateErrorKind,
    message: String,
    /// From 1; 0 is nowhere.
    line: usize,
    column: usize,
    /// What was being evaluated.
    at: Option<String>,
}

impl TemplateError {
    pub(super) fn new(kind: TemplateErrorKind, message: impl Into<String>) -> TemplateError {
        TemplateError { kind, message: message.into(), line: 0, column: 0, at: None }
    }

    /// Adds the place, unless there is one.
    pub(super) fn at(mut self, source: &str, offset: usize, end: usize) -> TemplateError {
        if self.line == 0 {
            let before = source.get(..offset).unwrap_or(source);
            self.line = 1 + before.matches('\n').count();
            self.column = 1 + before.len() - before.rfind('\n').map_or(0, |i| i + 1);
            let text = source.get(offset..end).unwrap_or_default().trim();
            self.at = (!text.is_empty()).then(|| shortened(text));
        }
        self
    }

    /// Returns what went wrong, for programs.
    pub fn kind(&self) -> TemplateErrorKind {
        self.kind
    }

    /// Returns what went wrong, for people, in the words of Go's `text/template` where it has some.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns line and column in the template, from 1.
    pub fn place(&self) -> Option<(usize, usize)> {
        (self.line > 0).then_some((self.line, self.column))
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((i, _)) => format!("{}...", &line[..i]),
        None if line.len() < text.len() => format!("{line}..."),
        None => line.to_owned(),
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "template:{}:{}: ", self.line, self.column)?;
        }
        if let (Some(at), TemplateErrorKind::Execute) = (&self.at, self.kind) {
            write!(f, "at <{at}>: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for TemplateError {}
