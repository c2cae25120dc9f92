//! Kustomizations that could not be built.

use std::path::{Path, PathBuf};

use crate::diagnostics::{Error, ErrorKind, Result};

/// Returns the kustomizations that could not be built, and why.
pub(super) fn failures<P: AsRef<Path>, T>(
    paths: &[P],
    results: Vec<Result<T>>,
) -> Vec<(PathBuf, Error)> {
    let failure = |(path, result): (&P, Result<T>)| Some((path.as_ref().into(), result.err()?));
    paths.iter().zip(results).filter_map(failure).collect()
}

/// Returns `true` if an error is about something elsewhere.
pub(super) fn is_about_remotes(error: &Error, has_refused: bool) -> bool {
    // What is not allowed may be a chart or a function as well.
    let is_refusal = has_refused && error.kind() == ErrorKind::External;
    is_refusal || matches!(error.kind(), ErrorKind::Lock | ErrorKind::Fetch)
}
