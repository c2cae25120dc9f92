//! What results have to say, without the values of Secrets.

use super::{Builder, KnownSecrets};
use crate::build::Build;
use crate::build::cache::Cache;
use crate::diagnostics::{Error, Result};

impl Builder {
    /// Takes the values of Secrets out of what the results of a call have to say, which ends up in logs, and
    /// shortens it. The files are looked at once, after all builds, so that no order of threads shows.
    pub(super) fn conceal(
        &self,
        cache: &Cache,
        known: &KnownSecrets,
        results: &mut [Result<Build>],
    ) {
        let has_words =
            |result: &Result<Build>| result.as_ref().map_or(true, |b| !b.warnings().is_empty());
        if !results.iter().any(has_words) {
            return;
        }
        let secrets = known.of(&cache.files, results.iter().all(Result::is_ok));
        let redact = |text: &str| secrets.redact(text);
        for result in results {
            match result {
                Ok(build) => {
                    build.warnings_mut().iter_mut().for_each(|warning| warning.redact(&redact));
                }
                Err(e) => *e = e.clone().concealed(&redact).shortened(self.limits.message_bytes),
            }
        }
    }

    /// As [`conceal`](Self::conceal), of one result.
    pub(super) fn concealed(&self, cache: &Cache, result: Result<Build>) -> Result<Build> {
        let mut results = [result];
        self.conceal(cache, &KnownSecrets::default(), &mut results);
        let [result] = results;
        result
    }

    /// Makes errors fit to be told, as those of builds are.
    pub(crate) fn told(&self, cache: &Cache, errors: Vec<Error>) -> Vec<Error> {
        let mut results: Vec<_> = errors.into_iter().map(Err).collect();
        self.conceal(cache, &KnownSecrets::default(), &mut results);
        results.into_iter().filter_map(Result::err).collect()
    }
}
