//! What is told of a build: errors, warnings, and the remarks that a lint gathers. Knows no Kubernetes.

mod error;
mod failure;
mod lint;
mod warning;
mod warning_filter;
mod warning_kind;

pub(crate) use error::Sources;
pub use error::{Error, ErrorKind, Excerpt, Location, Result};
pub use failure::{Failure, FailureKind};
pub(crate) use lint::Lint;
pub use warning::Warning;
pub use warning_filter::WarningFilter;
pub use warning_kind::WarningKind;
