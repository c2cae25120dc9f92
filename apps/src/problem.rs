//! What is wrong, or deserves attention: what, why, and where.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Something that works, but hardly as it was meant.
    Warning,
    /// Something that does not work.
    Error,
}

/// A remark on a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Its name for programs and for switches, such as `duplicate-application`.
    pub code: &'static str,
    /// What is wrong, for people.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The file at fault.
    pub file: Option<PathBuf>,
    /// The line there, from 1.
    pub line: Option<usize>,
    /// The ApplicationSet or Application it is about.
    pub about: Option<String>,
}

impl Problem {
    pub(crate) fn error(code: &'static str, message: impl Into<String>) -> Problem {
        Problem::new(Severity::Error, code, message)
    }

    pub(crate) fn warning(code: &'static str, message: impl Into<String>) -> Problem {
        Problem::new(Severity::Warning, code, message)
    }

    fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Problem {
        Problem {
            severity,
            code,
            message: message.into(),
            hint: None,
            file: None,
            line: None,
            about: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(hint.into());
        self
    }

    /// Says where; what is known already stays.
    pub(crate) fn at(mut self, file: &Path, line: Option<usize>) -> Problem {
        if self.file.is_none() {
            self.file = Some(file.to_path_buf());
            self.line = line;
        }
        self
    }

    pub(crate) fn about(mut self, about: impl Into<String>) -> Problem {
        self.about.get_or_insert_with(|| about.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{}:{line}: ", file.display())?,
            (Some(file), None) => write!(f, "{}: ", file.display())?,
            (None, _) => {}
        }
        if let Some(about) = &self.about {
            write!(f, "{about}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Returns a text without its end if it has more bytes than `most`.
pub(crate) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    Cow::Owned(format!("{}…", &text[..end]))
}

/// Names a few of many.
pub(crate) fn few(names: &[String]) -> String {
    const FEW: usize = 5;
    let shown = names.iter().take(FEW).cloned().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(FEW) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}
