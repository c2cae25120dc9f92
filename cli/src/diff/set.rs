//! What one side of a comparison has for one root.

use std::sync::Arc;

use kustom::diff::{
    self, Options, Report, RootFailure, RootReport, SecretValues, SideError, Standing,
};
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
    pub(crate) trouble: SideError,
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

    /// Returns the objects that it has, if it could be rendered.
    fn objects(&self) -> &[Resource] {
        match self {
            Set::Built(build) => build.resources(),
            Set::Read(resources) => resources,
            Set::Nothing | Set::Same | Set::Refused(_) => &[],
        }
    }

    /// Returns the files in which values of Secrets may be, of one that could not be rendered.
    fn files(&self) -> &[(std::path::PathBuf, Vec<u8>)] {
        match self {
            Set::Refused(refusal) => &refusal.secrets,
            _ => &[],
        }
    }
}

/// Hides what the Secrets of some roots have from what was found of the others: a value may be copied from one into
/// another. Only those that differ or fail count, so that it does not matter which others were rendered.
pub(crate) fn hide_from_each_other<'s>(
    report: &mut Report,
    sets: impl Iterator<Item = [&'s Set; 2]> + Clone,
) {
    let counts = |root: &RootReport| match &root.failure {
        Some(failure) => failure.standing() != Standing::AsBefore,
        None => !root.diff.is_empty(),
    };
    if report.roots.iter().filter(|root| counts(root)).count() < 2 {
        return;
    }
    let differing = report.roots.iter().zip(sets).filter(|(root, _)| counts(root));
    let (mut differing, after): (Vec<&Set>, Vec<&Set>) =
        differing.map(|(_, [before, after])| (before, after)).unzip();
    // All roots have one and the same cluster.
    differing.dedup_by(|one, other| std::ptr::eq(*one, *other));
    differing.extend(after);
    let files = differing.iter().flat_map(|set| set.files());
    let files = files.map(|(path, content)| (path, content));
    let objects = differing.iter().flat_map(|set| set.objects());
    let values = Arc::new(SecretValues::with_resources(files, objects));
    report.roots.iter_mut().for_each(|root| root.diff.hide(&values));
}

/// Puts in the place of everything that was found that there was no room for all of it, if so: which came too late is a
/// matter of threads.
pub(crate) fn refuse_too_much(roots: &mut [RootReport], options: &Options) {
    let Err(error) = options.check() else { return };
    for root in roots.iter_mut().filter(|root| root.failure.is_none()) {
        let trouble = SideError::of(&error, str::to_owned);
        let failure = RootFailure::new(None, Some(trouble));
        *root = RootReport::failed(std::mem::take(&mut root.root), failure);
    }
}
