//! Kustomizations that could not be built.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::read_on::{ReadOn, What, is_about_remotes, read_on};
use crate::build::cache::Cache;
use crate::builder::Builder;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::remote::ChartKey;

/// What is known of kustomizations that could not be built.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// What comes from elsewhere and could not be had, each thing once.
    pub(super) missing: Vec<Error>,
    /// The entries as written that it is about.
    pub(super) entries: FxHashSet<String>,
    /// The charts among it.
    pub(super) charts: BTreeSet<ChartKey>,
    /// Whether some of it would name more.
    pub(super) lack_trees: bool,
    /// Whether some of it is a chart.
    pub(super) lack_charts: bool,
    /// Whether a copy lacks files that functions may read.
    pub(super) lack_files: bool,
    /// Those of which not all could be read, and why; one may come several times.
    pub(super) unread: Vec<(PathBuf, Error)>,
    /// Those that were read to the end and failed for other reasons, and why.
    pub(super) others: Vec<(PathBuf, Error)>,
    /// Whether some of these have charts.
    pub(super) have_charts: bool,
    /// Whether some of these have functions.
    pub(super) have_functions: bool,
}

impl Failures {
    /// Reads on in what could not be built; what is still to be fetched is.
    pub(super) fn of<P: AsRef<Path>, T>(
        builder: &Builder,
        cache: &Cache,
        paths: &[P],
        results: Vec<Result<T>>,
    ) -> Failures {
        let mut failures = Failures::default();
        let mut known = BTreeSet::new();
        for (path, result) in paths.iter().zip(results) {
            let Err(error) = result else { continue };
            let path = path.as_ref();
            let ReadOn { missing, unread, is_component, has_charts, has_functions, .. } =
                read_on(cache, path, builder.restriction());
            let is_read = unread.is_empty();
            let is_told = !missing.is_empty();
            for missing in missing {
                match missing.what {
                    What::Tree => failures.lack_trees = true,
                    What::Program => failures.lack_files = true,
                    What::File => {}
                    What::Chart(key) => {
                        failures.lack_charts = true;
                        failures.charts.insert(key);
                    }
                }
                failures.entries.insert(missing.entry);
                if known.insert(missing.key) {
                    failures.missing.push(missing.error);
                }
            }
            let named = |error: Error| (path.to_path_buf(), error);
            failures.unread.extend(unread.into_iter().map(named));
            // What is not allowed may be a function if nothing is missing.
            let may_be_function = !is_told && error.kind() == ErrorKind::External;
            if is_about_remotes(&error) && !may_be_function {
                if !is_told && known.insert((String::new(), error.message().to_owned())) {
                    failures.missing.push(error);
                }
            } else if is_read && !is_component {
                // A component serves others, and need not come to anything alone.
                failures.others.push(named(error));
            }
            if !is_told {
                failures.have_charts |= has_charts;
                failures.have_functions |= has_functions;
            }
        }
        failures.missing = builder.call(cache).redact_errors(failures.missing);
        for list in [&mut failures.unread, &mut failures.others] {
            let (paths, errors): (Vec<_>, Vec<_>) = list.drain(..).unzip();
            list.extend(paths.into_iter().zip(builder.call(cache).redact_errors(errors)));
        }
        failures
    }

    /// Returns the error of who was stopped before the end, after which nothing is known for certain.
    pub(super) fn stopped(&self) -> Option<&Error> {
        let named = self.unread.iter().chain(&self.others).map(|(_, error)| error);
        self.missing.iter().chain(named).find(|error| error.kind() == ErrorKind::Cancelled)
    }

    /// Returns `true` if all that names something from elsewhere was read, so that what nobody was seen to use is not
    /// used.
    pub(super) fn are_complete(&self) -> bool {
        self.unread.is_empty() && self.others.is_empty() && !self.lack_trees
    }

    /// Returns `true` if all could be built.
    pub(super) fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unread.is_empty() && self.others.is_empty()
    }
}
