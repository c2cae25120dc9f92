//! What a build has to say although it succeeds.

use std::fmt;

use crate::error::Location;
use crate::yaml::Pos;

/// A remark on the input; a build that has any still gives its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    kind: WarningKind,
    text: String,
    pos: Pos,
    location: Option<Location>,
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
        Warning { kind, text: text.into(), pos, location: None }
    }

    /// Turns the position into a location.
    #[must_use]
    pub(crate) fn resolve(mut self, locate: impl FnOnce(Pos) -> Option<Location>) -> Warning {
        if self.location.is_none() && self.pos.is_some() {
            self.location = locate(self.pos);
        }
        self
    }

    /// Returns the class of the warning.
    pub fn kind(&self) -> WarningKind {
        self.kind
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
