//! What a build has to say although it succeeds.

use std::fmt;

use crate::error::{Excerpt, Location, Sources};
use crate::yaml::Pos;

/// A remark on the input; a build that has any still gives its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    kind: WarningKind,
    text: String,
    pos: Pos,
    location: Option<Location>,
    excerpt: Option<Excerpt>,
}

/// The class of a [`Warning`]. More kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningKind {
    /// A field of a kustomization file is deprecated.
    DeprecatedField,
    /// A var is not used, or cannot be put where it is used.
    Vars,
    /// An option is ignored because the kustomization says otherwise.
    Ignored,
}

impl Warning {
    /// Returns a warning about the value at `pos`.
    pub(crate) fn new(kind: WarningKind, text: impl Into<String>, pos: Pos) -> Warning {
        Warning { kind, text: text.into(), pos, location: None, excerpt: None }
    }

    /// Turns the position into a location that shows the path as the user would type it.
    #[must_use]
    pub(crate) fn resolve(mut self, sources: &dyn Sources) -> Warning {
        if self.location.is_none() && self.pos.is_some() {
            self.location = sources.locate(self.pos);
            self.excerpt = self.location.as_ref().and_then(|place| sources.excerpt(place));
        }
        if let Some(location) = &mut self.location {
            location.file = sources.shown(&location.file);
        }
        self
    }

    /// Returns the class of the warning.
    pub fn kind(&self) -> WarningKind {
        self.kind
    }

    /// Returns the lines of the file around that place.
    pub fn excerpt(&self) -> Option<&Excerpt> {
        self.excerpt.as_ref()
    }

    /// Returns the place that the warning is about.
    pub fn location(&self) -> Option<&Location> {
        self.location.as_ref()
    }
}

/// Writes the line that the reference prints, without a line break.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
