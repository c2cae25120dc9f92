//! What went wrong, where, and which kustomizations led there (docs/spec/errors.md).
//!
//! One public type, boxed, so that a `Result` stays one word: a kind for programs, a message for
//! people (with upstream's key phrase inside, so that scripts that search for it still work),
//! the place in the file, the chain of kustomizations, and a hint where one is known.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error_kind::ErrorKind;
use super::hints::{self, Advice};
use super::place::{Excerpt, Location, Sources};
use crate::limits::{Limit, Stop};
use crate::masked::mask;
use crate::yaml::{Kind, Pos, RenderError, SyntaxError};

/// The result of anything that can be refused.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a build was refused.
///
/// `Display` and `Debug` write the message with its place, the kustomizations that led there and the hint.
/// [`source`](std::error::Error::source) gives the [`io::Error`] of the [`FileSystem`](crate::FileSystem),
/// if the build was refused because of one: a caller can tell a file that is missing from a server that
/// asks to wait.
#[derive(Clone)]
pub struct Error(Box<Repr>);

#[derive(Clone)]
struct Repr {
    kind: ErrorKind,
    limit: Option<Limit>,
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
    source: Option<Arc<io::Error>>,
    detail: Option<Detail>,
}

/// What exactly is wrong, for code that acts on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// A value is of another kind than a field spec wants.
    WrongNodeKind,
    /// A map or list of JSON ends where a key or value should begin.
    UnexpectedEnd(Kind),
    /// A path leads nowhere.
    Unresolved(PathBuf),
}

impl Error {
    /// Returns an error without a place.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Repr {
            kind,
            limit: None,
            message: mask(message.into()),
            field: None,
            pos: Pos::NONE,
            location: None,
            chain: Vec::new(),
            related: Vec::new(),
            hint: None,
            hint_id: None,
            excerpt: None,
            source: None,
            detail: None,
        }))
    }

    /// Returns the error for text that is not YAML; `at` is the position of the text's first byte.
    pub(crate) fn syntax(error: &SyntaxError, at: Pos) -> Error {
        Error::of_syntax(error, format!("MalformedYAMLError: {}", error.message))
            .at(at.offset(error.offset))
    }

    /// Returns the error for text that is not YAML, or more of it than may be read, without a place.
    pub(crate) fn of_syntax(error: &SyntaxError, message: String) -> Error {
        let out = Error::new(ErrorKind::Syntax, message);
        match error.limit {
            Some(limit) => out.of_limit(limit),
            None => out,
        }
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
        self.0.message = mask(message.into());
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
    pub(crate) fn hint(mut self, hint: impl Into<Advice>) -> Error {
        if self.0.hint.is_none() {
            let Advice { id, text } = hint.into();
            (self.0.hint_id, self.0.hint) = (Some(id), Some(mask(text)));
        }
        self
    }

    /// Adds the sentence on what to do that is known, if one is.
    #[must_use]
    pub(crate) fn maybe_hint(self, hint: Option<impl Into<Advice>>) -> Error {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// Takes away a sentence on what to do that names something which is nearly called so.
    #[must_use]
    pub(crate) fn without_near_name(mut self) -> Error {
        self.0.hint = self.0.hint.take().filter(|hint| !hint.starts_with("did you mean"));
        self
    }

    /// Puts words before the message, as `prefix: message`.
    #[must_use]
    pub(crate) fn context(mut self, prefix: impl fmt::Display) -> Error {
        self.0.message = mask(format!("{prefix}: {}", self.0.message));
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

    /// Returns `true` if neither a place nor a kustomization is known.
    pub(crate) fn is_nowhere(&self) -> bool {
        !self.0.pos.is_some() && self.0.location.is_none() && self.0.chain.is_empty()
    }

    /// Puts other words in the place of all texts that may hold values, for which `redact`
    /// returns `None` if it has nothing to hide.
    #[must_use]
    pub(crate) fn concealed(mut self, redact: &dyn Fn(&str) -> Option<String>) -> Error {
        let repr = &mut *self.0;
        let texts = std::iter::once(&mut repr.message).chain(&mut repr.hint).chain(&mut repr.field);
        for text in texts {
            if let Some(concealed) = redact(text) {
                *text = concealed;
            }
        }
        // What is marked there may be the value.
        if repr.excerpt.as_ref().is_some_and(|excerpt| redact(&excerpt.text).is_some()) {
            repr.excerpt = None;
        }
        self
    }

    /// Cuts what is too long to be read.
    #[must_use]
    pub(crate) fn shortened(mut self, most: u64) -> Error {
        let repr = &mut *self.0;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        shorten(&mut repr.message, most);
        repr.hint.iter_mut().chain(&mut repr.field).for_each(|text| shorten(text, most));
        self
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
        if repr.chain.len() > MOST_CHAINED {
            // The ends say most.
            repr.chain.drain(MOST_CHAINED / 2..repr.chain.len() - MOST_CHAINED / 2);
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

    /// Takes out the other places that play a part.
    #[must_use]
    pub(crate) fn without_related(mut self) -> Error {
        self.0.related.clear();
        self
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

    /// Replaces the hint by a better one.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: Advice) -> Error {
        (self.0.hint_id, self.0.hint) = (Some(hint.id), Some(mask(hint.text)));
        self
    }

    /// Adds the error of the file system that this one is about.
    #[must_use]
    pub(crate) fn caused_by(mut self, source: io::Error) -> Error {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Adds what exactly is wrong.
    #[must_use]
    pub(crate) fn of_detail(mut self, detail: Detail) -> Error {
        self.0.detail = Some(detail);
        self
    }

    /// Returns what exactly is wrong, where code acts on it.
    pub(crate) fn detail(&self) -> Option<&Detail> {
        self.0.detail.as_ref()
    }

    /// Returns the class of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the limit that was reached, for an error of the kind [`ErrorKind::Limit`], or
    /// `None` for the few that cannot be set.
    pub fn limit(&self) -> Option<Limit> {
        self.0.limit
    }

    /// Names the limit that was reached.
    #[must_use]
    pub(crate) fn of_limit(mut self, limit: Limit) -> Error {
        self.0.kind = ErrorKind::Limit;
        self.0.limit = Some(limit);
        match limit {
            // Upstream ends there as well.
            Limit::Nesting => self,
            Limit::CallBytes => self.hint(&hints::LIMIT_OF_CALL),
            _ => self.hint(&hints::LIMIT),
        }
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

/// The most kustomizations that an error names.
const MOST_CHAINED: usize = 64;

/// Takes so much out of the middle of a text that it has at most so many bytes.
fn shorten(text: &mut String, most: usize) {
    const GAP: &str = " … ";
    if text.len() <= most {
        return;
    }
    let room = most.saturating_sub(GAP.len());
    let (start, end) = (room / 3 * 2, text.len() - room / 3);
    let start = (0..=start).rev().find(|&i| text.is_char_boundary(i)).unwrap_or_default();
    let end = (end..text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len());
    text.replace_range(start..end, GAP);
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
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<RenderError> for Error {
    fn from(error: RenderError) -> Error {
        let out = Error::new(ErrorKind::Render, error.message).at(error.pos);
        if error.limit { out.of_limit(Limit::OutputBytes) } else { out }
    }
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Error {
        match stop {
            Stop::Cancelled(_) => Error::new(ErrorKind::Cancelled, stop.to_string()),
            Stop::Exceeded(limit, _) => {
                Error::new(ErrorKind::Limit, format!("{stop} (limit `{}`)", limit.as_str()))
                    .of_limit(limit)
            }
        }
    }
}
