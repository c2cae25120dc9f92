//! Applications of one side of which nobody knows whether the other side has them.

use kustom::Location;
use kustom::diff::{RootFailure, RootReport, SideError};
use kustom_apps::{Application, Preview, Problem};

/// Returns an Application that is not seen any more, if it may be there all the same.
pub(super) fn after(
    (title, application): (&str, &Application),
    old: &Preview,
    new: &Preview,
) -> Option<RootReport> {
    let why = new.hides(application, old)?;
    let failure = RootFailure::new(None, Some(SideError::new("application", why.clone())));
    Some(told(title, failure, &format!("it may still be there, for {why}")))
}

/// Returns an Application that was not seen before, if it may have been there all the same.
pub(super) fn before(
    (title, application): (&str, &Application),
    old: &Preview,
    new: &Preview,
) -> Option<RootReport> {
    if let Some(problem) = old.not_generated(application, new) {
        let why = match &problem.about {
            Some(set) => format!("it may be there already: before, {set} could not be generated"),
            None => "it may be there already: before, its file could not be read".to_owned(),
        };
        return Some(told(title, RootFailure::new(Some(trouble(problem)), None), &why));
    }
    let why = old.hides(application, new)?;
    let failure = RootFailure::new(Some(SideError::new("application", why.clone())), None);
    Some(told(title, failure, &format!("it may be there already: before, {why}")))
}

fn told(title: &str, failure: RootFailure, why: &str) -> RootReport {
    RootReport::failed(title, failure).noting(format!("cannot be compared: {why}"))
}

/// Returns a problem as what went wrong on a side.
pub(super) fn trouble(problem: &Problem) -> SideError {
    // Lines move, and are no part of what tells one error from another.
    let about = problem.about.as_ref().map(|about| format!("{about}: ")).unwrap_or_default();
    let mut trouble = SideError::new("application", format!("{about}{}", problem.message));
    trouble.place = problem.file.as_ref().map(|file| {
        let line = problem.line.and_then(|line| line.try_into().ok()).unwrap_or_default();
        Location::new(file, line, 0)
    });
    trouble
}
