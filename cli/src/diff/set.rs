//! What one side of a comparison has for one root.

use kustom::{Build, Resource, diff};

/// What a side has for one root.
pub(crate) enum Set {
    Built(Box<Build>),
    Read(Vec<Resource>),
    /// A root that is new or gone.
    Nothing,
    /// It could not be rendered, and why; no values of Secrets are in there.
    Refused(String),
}

impl Set {
    /// Returns it in the form that is compared, or why there is none.
    pub(crate) fn resources(&self) -> Result<diff::Side<'_>, &str> {
        match self {
            Set::Built(build) => Ok((&**build).into()),
            Set::Read(resources) => Ok(resources.into()),
            Set::Nothing => Ok([].as_slice().into()),
            Set::Refused(message) => Err(message),
        }
    }
}
