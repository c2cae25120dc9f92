//! What went wrong, where, and which kustomizations led there (docs/spec/errors.md).
//!
//! One public type, boxed, so that a `Result` stays one word: a kind for programs, a message for
//! people (with the reference's key phrase inside, so that scripts that search for it still work),
//! the place in the file, the chain of kustomizations, and a hint where one is known.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::yaml::{Pos, RenderError, SyntaxError};

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
    related: Vec<(&'static str, Pos, Option<Location>)>,
    hint: Option<String>,
    /// The entry of the table of hints that it is from, if it is from there.
    hint_id: Option<&'static str>,
    excerpt: Option<Excerpt>,
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
    /// Something that is elsewhere could not be fetched.
    Fetch,
    /// `kustom.lock` cannot be read, does not list what is used, or lists a copy that is missing or was
    /// changed.
    Lock,
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

/// Some lines of a file around a place, for showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The lines, each with its line break.
    pub text: String,
    /// The number of the first of them, from 1.
    pub first_line: u32,
    /// The bytes of `text` that are at fault.
    pub span: Range<usize>,
}

impl ErrorKind {
    /// Returns the name of the class, for programs; it does not change between versions.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Load => "load",
            ErrorKind::Restricted => "restricted",
            ErrorKind::Cycle => "cycle",
            ErrorKind::Syntax => "syntax",
            ErrorKind::Kustomization => "kustomization",
            ErrorKind::Resource => "resource",
            ErrorKind::Conflict => "conflict",
            ErrorKind::Generator => "generator",
            ErrorKind::Patch => "patch",
            ErrorKind::Transformer => "transformer",
            ErrorKind::Reference => "reference",
            ErrorKind::Render => "render",
            ErrorKind::External => "external",
            ErrorKind::Fetch => "fetch",
            ErrorKind::Lock => "lock",
            ErrorKind::Limit => "limit",
            ErrorKind::Option => "option",
        }
    }
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
            related: Vec::new(),
            hint: None,
            hint_id: None,
            excerpt: None,
        }))
    }

    /// Returns the error for text that is not YAML; `at` is the position of the text's first byte.
    pub(crate) fn syntax(error: &SyntaxError, at: Pos) -> Error {
        let kind = if error.limit { ErrorKind::Limit } else { ErrorKind::Syntax };
        Error::new(kind, format!("MalformedYAMLError: {}", error.message))
            .at(at.offset(error.offset))
            .maybe_hint(error.hint())
    }

    /// Adds the file at fault, unless a place is known.
    #[must_use]
    pub(crate) fn located_in(self, file: &Path) -> Error {
        if self.0.pos.is_some() {
            return self;
        }
        self.located(Location { file: file.to_path_buf(), line: 0, column: 0 })
    }

    /// Replaces the message and keeps everything else.
    #[must_use]
    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Error {
        self.0.message = message.into();
        self
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

    /// Adds the field of the kustomization at fault, unless a more exact one is known, or the fault
    /// lies in another kustomization further in.
    #[must_use]
    pub(crate) fn in_field(mut self, field: impl Into<String>) -> Error {
        if self.0.chain.is_empty() {
            self.0.field.get_or_insert_with(|| field.into());
        }
        self
    }

    /// Puts the name of the list entry before the field, which counts from there.
    #[must_use]
    pub(crate) fn in_entry(mut self, entry: impl fmt::Display) -> Error {
        if self.0.chain.is_empty() {
            self.0.field = Some(match self.0.field.take() {
                Some(index) if index.starts_with('[') => format!("{entry}{index}"),
                Some(field) => format!("{entry}.{field}"),
                None => entry.to_string(),
            });
        }
        self
    }

    /// Adds another place that plays a part, such as `first defined at` one.
    #[must_use]
    pub(crate) fn related(mut self, what: &'static str, pos: Pos) -> Error {
        if pos.is_some() {
            self.0.related.push((what, pos, None));
        }
        self
    }

    /// Moves the fault to the entry that brought in the value at the place known so far.
    #[must_use]
    pub(crate) fn brought_by(self, entry: Pos) -> Error {
        let mut error = self;
        let pos = std::mem::replace(&mut error.0.pos, entry);
        error.related("defined at", pos)
    }

    /// Adds one sentence on what to do, unless one is there.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// Adds the sentence on what to do that is known, if one is.
    #[must_use]
    pub(crate) fn maybe_hint(self, hint: Option<impl Into<String>>) -> Error {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// Puts words before the message, as `prefix: message`.
    #[must_use]
    pub(crate) fn context(mut self, prefix: impl fmt::Display) -> Error {
        self.0.message = format!("{prefix}: {}", self.0.message);
        self
    }

    /// As [`context`](Self::context), unless the fault is in another kustomization further in.
    #[must_use]
    pub(crate) fn outside(self, prefix: impl fmt::Display) -> Error {
        if self.0.chain.is_empty() { self.context(prefix) } else { self }
    }

    /// Notes a kustomization that led here; called from the innermost to the outermost. Without a
    /// place, the fault is in that file.
    #[must_use]
    pub(crate) fn through(self, kustomization: PathBuf) -> Error {
        let mut error = self.located_in(&kustomization);
        error.0.chain.insert(0, kustomization);
        error
    }

    /// Tells whether neither a place nor a kustomization is known.
    pub(crate) fn is_nowhere(&self) -> bool {
        !self.0.pos.is_some() && self.0.location.is_none() && self.0.chain.is_empty()
    }

    /// Turns positions into locations, and paths into those that the user would type.
    #[must_use]
    pub(crate) fn resolve(mut self, sources: &dyn Sources) -> Error {
        let repr = &mut *self.0;
        if let Some(message) = sources.reworded(&repr.message) {
            repr.message = message;
        }
        if repr.location.is_none() && repr.pos.is_some() {
            repr.location = sources.locate(repr.pos);
        }
        if repr.excerpt.is_none() {
            repr.excerpt = repr.location.as_ref().and_then(|place| sources.excerpt(place));
        }
        for (_, pos, location) in &mut repr.related {
            if location.is_none() {
                *location = sources.locate(*pos);
            }
        }
        for location in
            repr.location.iter_mut().chain(repr.related.iter_mut().flat_map(|r| &mut r.2))
        {
            location.file = sources.shown(&location.file);
        }
        for file in &mut repr.chain {
            *file = sources.shown(file);
        }
        self
    }

    /// Returns the position of the value at fault.
    pub(crate) fn position(&self) -> Pos {
        self.0.pos
    }

    /// Returns the position of another place that plays a part.
    pub(crate) fn related_position(&self, what: &str) -> Option<Pos> {
        self.0.related.iter().find(|(other, ..)| *other == what).map(|(_, pos, _)| *pos)
    }

    /// Replaces the place by a better one.
    #[must_use]
    pub(crate) fn moved_to(mut self, place: Location) -> Error {
        (self.0.pos, self.0.location) = (Pos::NONE, Some(place));
        self
    }

    /// Replaces the field by a better one.
    #[must_use]
    pub(crate) fn with_field(mut self, field: String) -> Error {
        self.0.field = Some(field);
        self
    }

    /// Adds another place that plays a part, which is known already.
    #[must_use]
    pub(crate) fn also(mut self, what: &'static str, place: Location) -> Error {
        self.0.related.push((what, Pos::NONE, Some(place)));
        self
    }

    /// Replaces the hint by one of the table of hints.
    #[must_use]
    pub(crate) fn advised(mut self, id: &'static str, hint: String) -> Error {
        (self.0.hint_id, self.0.hint) = (Some(id), Some(hint));
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

    /// Returns other places that play a part, each with words such as `first defined at`.
    pub fn related_places(&self) -> impl Iterator<Item = (&'static str, &Location)> {
        self.0.related.iter().filter_map(|(what, _, place)| Some((*what, place.as_ref()?)))
    }

    /// Returns the lines of the file around the fault.
    pub fn excerpt(&self) -> Option<&Excerpt> {
        self.0.excerpt.as_ref()
    }

    /// Returns the identifier of the hint in the table [`hints`](crate::hints), if it is from there.
    pub fn hint_id(&self) -> Option<&'static str> {
        self.0.hint_id
    }

    /// Returns one sentence on what to do.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

/// What turns positions into what people read; see [`Files`](crate::load::Files).
pub(crate) trait Sources {
    /// Returns file, line and column of a position.
    fn locate(&self, pos: Pos) -> Option<Location>;
    /// Returns the lines around a place.
    fn excerpt(&self, place: &Location) -> Option<Excerpt>;
    /// Returns a path as the user would type it.
    fn shown(&self, path: &Path) -> PathBuf;
    /// Returns a message with other words for paths that the user does not know, if there are any.
    fn reworded(&self, message: &str) -> Option<String> {
        let _ = message;
        None
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
        for (what, place) in self.related_places() {
            write!(f, "\n  {what} {place}")?;
        }
        for (i, file) in self.0.chain.iter().rev().enumerate() {
            // The location says so already.
            if i == 0 && self.0.location.as_ref().is_some_and(|place| place.file == *file) {
                continue;
            }
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

impl From<RenderError> for Error {
    fn from(error: RenderError) -> Error {
        Error::new(ErrorKind::Render, error.message).at(error.pos)
    }
}
