//! Errors and warnings of a build, and the lint that gathers warnings. Knows no Kubernetes.

mod doubts;
mod error;
mod error_kind;
mod failure;
mod gist;
pub(crate) mod hints;
mod lint;
mod names;
mod place;
mod warning;
mod warning_facts;
mod warning_filter;
mod warning_kind;

pub(crate) use doubts::NoChange;
pub(crate) use error::Detail;
pub use error::{Error, Result};
pub use error_kind::ErrorKind;
pub use failure::{Failure, FailureKind};
pub use hints::Hint;
pub(crate) use lint::{Lint, Removed};
pub(crate) use names::parse_name;
pub(crate) use place::Sources;
pub use place::{Excerpt, Location};
pub use warning::Warning;
pub use warning_filter::WarningFilter;
pub use warning_kind::WarningKind;
