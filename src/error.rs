//! What went wrong, where, and which kustomizations led there.
//!
//! One public type, boxed, so that a `Result` stays one word: a kind for programs, a message for
//! people (with the reference's key phrase inside, so that scripts that search for it still work),
//! the place in the file, the chain of kustomizations, and a hint where one is known.

use std::fmt;
use std::path::PathBuf;

use crate::yaml::Pos;

/// The result of anything that can be refused.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a build was refused.
#[derive(Clone)]
pub struct Error(Box<Repr>);

#[derive(Clone, Debug)]
struct Repr {
    kind: ErrorKind,
    message: String,
    field: Option<String>,
    pos: Pos,
    location: Option<Location>,
    chain: Vec<PathBuf>,
    hint: Option<String>,
}

/// The class of an [`Error`]. More kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file or directory is missing or cannot be read.
    Load,
    /// A file lies outside of the directory that it may be loaded from.
    Restricted,
    /// Kustomizations refer to each other in a circle.
    Cycle,
    /// Text that is not YAML or JSON.
    Syntax,
    /// A kustomization file has an unknown field, a wrong type, kind or version.
    Kustomization,
    /// A document is not a Kubernetes object.
    Resource,
    /// Two resources have the same id.
    Conflict,
    /// A generator is wrong or does not fit what it merges with.
    Generator,
    /// A patch is wrong or does not find its target.
    Patch,
    /// A transformer is wrong or cannot do its work on a resource.
    Transformer,
    /// A reference has several possible referrals, or a replacement or var none.
    Reference,
    /// A value that cannot be printed.
    Render,
    /// Something that needs the network, helm or a foreign program, which was not allowed.
    External,
    /// A limit on nesting, size or number was reached.
    Limit,
    /// An option has a value that is not known.
    Option,
}

/// A place in a file; line and column count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file, as the build named it.
    pub file: PathBuf,
    /// The line, from 1; 0 if only the file is known.
    pub line: u32,
    /// The column, from 1; 0 if only the line is known.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if self.column > 0 {
            write!(f, ":{}", self.column)?;
        }
        Ok(())
    }
}

impl Error {
    /// Returns an error without a place.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Repr {
            kind,
            message: message.into(),
            field: None,
            pos: Pos::NONE,
            location: None,
            chain: Vec::new(),
            hint: None,
        }))
    }

    /// Adds the place of the value at fault, unless a more exact one is known.
    #[must_use]
    pub(crate) fn at(mut self, pos: Pos) -> Error {
        if !self.0.pos.is_some() && self.0.location.is_none() {
            self.0.pos = pos;
        }
        self
    }

    /// Adds the place itself, unless one is known.
    #[must_use]
    pub(crate) fn located(mut self, location: Location) -> Error {
        self.0.location.get_or_insert(location);
        self
    }

    /// Adds the field of the kustomization at fault, unless a more exact one is known.
    #[must_use]
    pub(crate) fn in_field(mut self, field: impl Into<String>) -> Error {
        self.0.field.get_or_insert_with(|| field.into());
        self
    }

    /// Adds one sentence on what to do, unless one is there.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// Puts words before the message, as `prefix: message`.
    #[must_use]
    pub(crate) fn context(mut self, prefix: impl fmt::Display) -> Error {
        self.0.message = format!("{prefix}: {}", self.0.message);
        self
    }

    /// Notes a kustomization that led here; called from the innermost to the outermost.
    #[must_use]
    pub(crate) fn through(mut self, kustomization: PathBuf) -> Error {
        self.0.chain.insert(0, kustomization);
        self
    }

    /// Turns the position into a location.
    #[must_use]
    pub(crate) fn resolve(mut self, locate: impl FnOnce(Pos) -> Option<Location>) -> Error {
        if self.0.location.is_none() && self.0.pos.is_some() {
            self.0.location = locate(self.0.pos);
        }
        self
    }

    /// Returns the class of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the message alone, without place, chain and hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the field of the kustomization that is at fault, such as `patches[2].target`.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Returns the place of the fault.
    pub fn location(&self) -> Option<&Location> {
        self.0.location.as_ref()
    }

    /// Returns the kustomization files that led to the fault, the one that was built first.
    pub fn chain(&self) -> &[PathBuf] {
        &self.0.chain
    }

    /// Returns one sentence on what to do.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.0.location {
            write!(f, "{location}: ")?;
        }
        if let Some(field) = &self.0.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(self.0.message.trim_end())?;
        for (i, file) in self.0.chain.iter().rev().enumerate() {
            write!(f, "\n  {} {}", if i == 0 { "in" } else { "from" }, file.display())?;
        }
        if let Some(hint) = &self.0.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {}
