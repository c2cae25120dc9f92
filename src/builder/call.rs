//! One call of a builder: it runs the builds, and concludes what their results say.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::{Builder, KnownSecrets};
use crate::build::cache::Cache;
use crate::build::charts::render_ahead;
use crate::build::recorder::Recorder;
use crate::build::{self as pipeline, Build, Rendered, deep_stack, prefetch};
use crate::diagnostics::{Error, Result};
use crate::limits::{Account, Limit, Limits};
use crate::load::{Part, PathSet};
use crate::parallel::on_large_stack;
use crate::trace::Trace;

/// Into how many parts the roots of one call are cut, to be handed to threads.
const BLOCKS: usize = 16;

/// The builds of one call, with what they share.
///
/// Results are not for the caller before they are concluded: their messages may show secrets, and several
/// may have the same warning.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    builder: &'a Builder,
    cache: &'a Cache,
    secrets: Arc<KnownSecrets>,
    /// Whether other builds with the same cache may follow.
    has_successors: bool,
    /// What the builds of several roots share that are too deep for the stack of a caller.
    deep: OnceLock<Cache>,
}

impl Builder {
    /// Returns a call, with whose builds nobody needs the cache any more.
    pub(crate) fn call<'a>(&'a self, cache: &'a Cache) -> Call<'a> {
        Call {
            builder: self,
            cache,
            secrets: Arc::default(),
            has_successors: false,
            deep: OnceLock::new(),
        }
    }

    /// Returns one of several calls that share a cache, and the secrets in its files.
    pub(crate) fn call_of_several<'a>(
        &'a self,
        cache: &'a Cache,
        secrets: &Arc<KnownSecrets>,
    ) -> Call<'a> {
        let (secrets, deep) = (Arc::clone(secrets), OnceLock::new());
        Call { builder: self, cache, secrets, has_successors: true, deep }
    }
}

impl Call<'_> {
    /// Builds several kustomizations side by side, and returns with each what it looked at if the cache
    /// notes that.
    pub(super) fn run(&self, paths: &[&Path]) -> Vec<(Result<Rendered>, Part)> {
        self.cache.files.account().admit(paths.len().saturating_sub(1));
        self.prefetch(paths);
        // Neighbours share bases, which two threads at once would both make.
        let block = paths.len().div_ceil(BLOCKS);
        let is_alone = paths.len() == 1;
        self.builder.threads.map(paths, block, |path| self.render(path, is_alone))
    }

    /// As [`run`](Self::run), for one.
    pub(super) fn run_one(&self, path: &Path) -> (Result<Rendered>, Part) {
        self.prefetch(&[path]);
        self.render(path, true)
    }

    /// Concludes the results of `paths`: without secrets, and with each warning once. `read` is what was
    /// read, if the files do not know it.
    pub(super) fn conclude(
        &self,
        paths: &[&Path],
        read: Option<PathSet>,
        mut results: Vec<Result<Rendered>>,
    ) -> Vec<Result<Build>> {
        self.conclude_messages(paths, read, &mut results);
        results.into_iter().map(|result| result.map(|rendered| rendered.build)).collect()
    }

    /// As [`conclude`](Self::conclude), for one.
    pub(super) fn conclude_one(
        &self,
        path: &Path,
        read: Option<PathSet>,
        result: Result<Rendered>,
    ) -> Result<Build> {
        let mut results = [result];
        self.conclude_messages(&[path], read, &mut results);
        let [result] = results;
        result.map(|rendered| rendered.build)
    }

    /// Builds several kustomizations, and notes in the cache what was looked at.
    pub(crate) fn build_all<P: AsRef<Path>>(&self, paths: &[P]) -> Vec<Result<Build>> {
        let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
        let (results, parts): (Vec<_>, Vec<_>) = self.run(&paths).into_iter().unzip();
        let builds = self.conclude(&paths, None, results);
        parts.iter().for_each(|part| self.cache.files.log().take_over(part));
        builds
    }

    /// Builds a kustomization.
    pub(crate) fn build(&self, path: &Path) -> Result<Build> {
        let (result, _) = self.run_one(path);
        self.conclude_one(path, None, result)
    }

    /// Builds a kustomization and remembers where every value came from.
    pub(super) fn explain(&self, path: &Path) -> Result<Trace> {
        let builder = self.builder;
        let trace = |cache: Cache| {
            render_ahead(&cache, &[path], builder.options.load_restriction, builder.threads);
            let mut recorder = Recorder::new(cache.files.shared_account());
            let build = pipeline::build(&cache, &builder.options, path, Some(&mut recorder));
            let build = self.redact_one(build)?.build;
            Ok(Trace::new(build, recorder, cache.files, path.to_path_buf()))
        };
        trace(self.cache.view()).or_else(|error: Error| {
            if !matches!(error.limit(), Some(Limit::Nesting | Limit::Layers)) {
                return Err(error);
            }
            // Traces are looked at on the stack of the caller, so they are not as deep as builds.
            let nesting = builder.limits.nesting.min(deep_stack::EXPLAINED);
            let limits = Limits { nesting, ..builder.limits };
            let files = self.cache.files.anew(Account::new(limits, builder.cancel.clone()));
            let deep = || trace(Cache::new(files, self.cache.charts.clone()));
            on_large_stack(deep).unwrap_or(Err(error))
        })
    }

    /// Takes the values of Secrets out of errors, as is done with those of builds.
    pub(crate) fn redact_errors(&self, errors: Vec<Error>) -> Vec<Error> {
        let mut results: Vec<_> = errors.into_iter().map(Err).collect();
        self.redact(&mut results);
        results.into_iter().filter_map(Result::err).collect()
    }

    /// Takes the values of Secrets out of what a result says.
    pub(super) fn redact_one(&self, result: Result<Rendered>) -> Result<Rendered> {
        let mut results = [result];
        self.redact(&mut results);
        let [result] = results;
        result
    }

    fn conclude_messages(
        &self,
        paths: &[&Path],
        read: Option<PathSet>,
        results: &mut [Result<Rendered>],
    ) {
        refuse_all(results);
        self.redact(results);
        if let Some(filter) = &self.builder.options.lint {
            let files = &self.cache.files;
            let read = read.unwrap_or_else(|| files.read_so_far());
            if pipeline::lint_across(files, paths, filter, read, results) {
                self.redact(results);
            }
        }
    }

    /// Takes the values of Secrets out of what results say, which ends up in logs, and shortens it. The
    /// files are looked at once, after all builds, so that the order of threads makes no difference.
    fn redact(&self, results: &mut [Result<Rendered>]) {
        let has_words = |result: &Result<Rendered>| {
            result.as_ref().map_or(true, |rendered| !rendered.build.warnings().is_empty())
        };
        if !results.iter().any(has_words) {
            return;
        }
        let secrets = self.secrets.of(&self.cache.files, results.iter().all(Result::is_ok));
        let redact = |text: &str| secrets.redact(text);
        let most = self.builder.limits.message_bytes;
        for result in results {
            match result {
                Ok(rendered) => {
                    let warnings = rendered.build.warnings_mut();
                    warnings.iter_mut().for_each(|warning| warning.redact(&redact));
                }
                Err(e) => *e = e.clone().concealed(&redact).shortened(most),
            }
        }
    }

    fn prefetch(&self, paths: &[&Path]) {
        let Builder { threads, ref options, .. } = *self.builder;
        let restriction = options.load_restriction;
        // Calls run side by side, and a log is written by one thread at a time.
        let cache = &self.cache.view();
        prefetch::read_ahead(cache, paths, restriction, threads, !self.has_successors);
        render_ahead(cache, paths, restriction, threads);
    }

    /// Builds a kustomization of any depth, and returns what it looked at if that is noted.
    fn render(&self, path: &Path, is_alone: bool) -> (Result<Rendered>, Part) {
        let cache = self.cache.view();
        let rendered = pipeline::build(&cache, &self.builder.options, path, None);
        let rendered = rendered.or_else(|e| self.render_deep(&cache, path, is_alone, e));
        (rendered, cache.files.log().all())
    }

    /// Builds on a large stack what was too deep for that of the caller; returns other errors.
    fn render_deep(
        &self,
        cache: &Cache,
        path: &Path,
        is_alone: bool,
        error: Error,
    ) -> Result<Rendered> {
        let builder = self.builder;
        let is_of_the_stack = matches!(error.limit(), Some(Limit::Nesting | Limit::Layers));
        if !is_of_the_stack || *cache.files.account().limits() == builder.limits {
            return Err(error);
        }
        let rendered = on_large_stack(|| {
            let new = |cache: &Cache| {
                let account = Account::new(builder.limits, builder.cancel.clone());
                Cache::new(cache.files.anew(account), cache.charts.clone())
            };
            let deep = if is_alone {
                new(cache)
            } else {
                // Roots that lie below each other share what is below them.
                let mut is_first = false;
                let shared = self.deep.get_or_init(|| {
                    is_first = true;
                    new(self.cache)
                });
                shared.files.account().admit(usize::from(!is_first));
                shared.view()
            };
            let call = builder.call(&deep);
            if is_alone {
                call.prefetch(&[path]);
            }
            let rendered = pipeline::build(&deep, &builder.options, path, None);
            if !is_alone {
                cache.files.log().take_over(&deep.files.log().all());
            }
            let mut rendered = call.redact_one(rendered)?;
            rendered.note_read(&deep.files);
            // A schema of any depth is dropped here.
            rendered.build.flatten();
            Ok(rendered)
        });
        rendered.unwrap_or(Err(error))
    }
}

/// Refuses all results if there was no room for one: which one came too late is a matter of threads.
fn refuse_all(results: &mut [Result<Rendered>]) {
    let is_too_much = |error: &&Error| error.limit() == Some(Limit::CallBytes);
    let Some(error) = results.iter().filter_map(|result| result.as_ref().err()).find(is_too_much)
    else {
        return;
    };
    let error = error.clone();
    results.iter_mut().for_each(|result| *result = Err(error.clone()));
}
