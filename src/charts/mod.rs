//! Charts: from an entry of `helmCharts` to resources (docs/spec/helm.md).
//!
//! | file | what |
//! |---|---|
//! | [`config`] | an entry with its defaults, checked |
//! | [`values`] | the values that a chart is given |
//! | [`folder`] | the files of a chart that the tree holds |
//! | [`request`] | all of it together: what helm is asked |
//! | [`renderings`] | what helm has answered in one call, each question asked once |

mod config;
mod folder;
mod ignored;
mod renderings;
mod request;
mod values;

pub(crate) use config::{Chart, folders, home};
pub(crate) use folder::Folders;
pub(crate) use renderings::Renderings;
pub(crate) use request::{Asker, chart_key, name_home};
pub(crate) use values::texts_if_fields;

use crate::diagnostics::hints::{CHARTS_NOT_ALLOWED, OUTSIDE_PROGRAM};
use crate::diagnostics::{Error, ErrorKind};
use crate::outside::{Failure, FailureKind};

/// Returns the error for charts that are not allowed.
pub(crate) fn not_enabled() -> Error {
    Error::new(ErrorKind::External, "must specify --enable-helm").hint(&CHARTS_NOT_ALLOWED)
}

/// Returns the error of a build for what helm did not do, of this kind if it tried.
fn refused(failure: &Failure, tried: ErrorKind, message: String) -> Error {
    let kind = match failure.kind() {
        FailureKind::Failed => tried,
        FailureKind::Limit => ErrorKind::Limit,
        FailureKind::Cancelled => ErrorKind::Cancelled,
        _ => ErrorKind::External,
    };
    let error = Error::new(kind, message);
    error.maybe_hint(failure.hint_text().map(|hint| OUTSIDE_PROGRAM.with(hint)))
}
