//! What one side of a comparison has for one root.

use kustom::diff::{self, Trouble};
use kustom::{Build, Error, Resource};

/// What a side has for one root.
pub(crate) enum Set {
    Built(Box<Build>),
    Read(Vec<Resource>),
    /// A root that is new or gone.
    Nothing,
    /// The same as on the other side, whatever it is.
    Same,
    /// It could not be rendered.
    Refused(Box<Refusal>),
}

/// Why a root could not be rendered.
pub(crate) struct Refusal {
    /// What there is to tell; no values of Secrets are in there.
    pub(crate) trouble: Trouble,
    /// Whether what the root reads has changed, while the other side lacks something from elsewhere, too.
    pub(crate) may_differ: bool,
    /// What the build said, and the values of Secrets that must not be told.
    pub(crate) error: Error,
    pub(crate) secrets: Vec<(std::path::PathBuf, Vec<u8>)>,
}

impl Set {
    /// Returns it in the form that is compared, or why there is none.
    pub(crate) fn resources(&self) -> Result<diff::Side<'_>, &Refusal> {
        match self {
            Set::Built(build) => Ok((&**build).into()),
            Set::Read(resources) => Ok(resources.into()),
            Set::Nothing | Set::Same => Ok([].as_slice().into()),
            Set::Refused(refusal) => Err(refusal),
        }
    }
}
