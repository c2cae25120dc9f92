//! What is told of a build: errors, warnings, and the remarks that a lint gathers. Knows no Kubernetes.

mod error;
mod error_kind;
mod failure;
mod lint;
mod place;
mod warning;
mod warning_filter;
mod warning_kind;

pub use error::{Error, Result};
pub use error_kind::ErrorKind;
pub(crate) use error_kind::parse_name;
pub use failure::{Failure, FailureKind};
pub(crate) use lint::Lint;
pub(crate) use place::Sources;
pub use place::{Excerpt, Location};
pub use warning::Warning;
pub use warning_filter::WarningFilter;
pub use warning_kind::WarningKind;
