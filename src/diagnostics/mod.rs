//! What is told of a build: errors, warnings, and the remarks that a lint gathers. Knows no Kubernetes.

mod error;
mod lint;
mod warning;

pub(crate) use error::Sources;
pub use error::{Error, ErrorKind, Excerpt, Location, Result};
pub(crate) use lint::Lint;
pub use warning::{Warning, WarningKind};
