//! Builds that share what they have in common, over several calls.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::call::Call;
use super::{Builder, KnownSecrets};
use crate::build::cache::Cache;
use crate::build::{Build, Rendered};
use crate::diagnostics::{ErrorKind, Result};
use crate::load::{Change, Inputs, Part, PathSet, physical};
use crate::trace::Trace;

/// Builds that share what they have in common, over several calls.
///
/// What was read, accumulated or built once is not looked at again until the session is told that it has
/// [changed](Self::changed). It keeps all of that in memory until it is dropped; for roots that are known at
/// once, [`Builder::build_all`] needs less.
///
/// ```
/// let session = kustom::Builder::new().session();
/// let apps = "testdata/infra-config/apps/payments-api/overlays";
/// let (dev, prod) = (session.build(format!("{apps}/dev"))?, session.build(format!("{apps}/prod"))?);
/// assert_ne!(dev.as_yaml(), prod.as_yaml());
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Debug)]
pub struct Session {
    builder: Builder,
    cache: Cache,
    secrets: Arc<KnownSecrets>,
    /// The roots by the names they were given, in the order in which they were first built.
    roots: Mutex<Roots>,
}

type Roots = IndexMap<PathBuf, Root, FxBuildHasher>;

/// What is known of one root.
#[derive(Debug, Default)]
struct Root {
    /// Its result before it is concluded, or `None` if it must be built again.
    result: Option<Result<Rendered>>,
    /// What was looked at.
    part: Part,
}

impl Builder {
    /// Returns a session: builds of which each finds what the former ones have read and accumulated.
    pub fn session(&self) -> Session {
        Session {
            builder: self.clone(),
            cache: self.noting_cache(),
            secrets: Arc::default(),
            roots: Mutex::default(),
        }
    }
}

impl Session {
    /// Builds the kustomization in the directory `path`.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn build(&self, path: impl AsRef<Path>) -> Result<Build> {
        let path = path.as_ref();
        let _running = self.cache.files.account().begin();
        let call = self.call();
        let kept = self.roots().get(path).and_then(|root| root.result.clone());
        let result = kept.unwrap_or_else(|| {
            let (result, part) = call.run_one(path);
            self.keep(path, &result, part);
            result
        });
        call.conclude_one(path, self.read(), result)
    }

    /// Builds the kustomizations in several directories, as [`Builder::build_all`] does.
    pub fn build_all<P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Vec<Result<Build>> {
        let paths: Vec<P> = paths.into_iter().collect();
        let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
        let _running = self.cache.files.account().begin();
        // Each position in `paths` goes to one of these.
        let mut results: Vec<(usize, Result<Rendered>)> = Vec::with_capacity(paths.len());
        let mut new: IndexMap<&Path, Vec<usize>, FxBuildHasher> = IndexMap::default();
        {
            let roots = self.roots();
            for (i, path) in paths.iter().enumerate() {
                match roots.get(*path).and_then(|root| root.result.clone()) {
                    Some(kept) => results.push((i, kept)),
                    None => new.entry(path).or_default().push(i),
                }
            }
        }
        let call = self.call();
        let distinct: Vec<&Path> = new.keys().copied().collect();
        for ((path, positions), (result, part)) in new.into_iter().zip(call.run(&distinct)) {
            self.keep(path, &result, part);
            let copies = std::iter::repeat_n(result, positions.len());
            results.extend(positions.into_iter().zip(copies));
        }
        results.sort_unstable_by_key(|(i, _)| *i);
        let results = results.into_iter().map(|(_, result)| result).collect();
        call.conclude(&paths, self.read(), results)
    }

    /// Builds the kustomization in the directory `path` and remembers where every value came from, as
    /// [`Builder::explain`] does.
    ///
    /// Files that other builds of the session have read are not read again. The trace itself is not kept; its
    /// [`contents`](Trace::contents) are those of all files that the session has read.
    ///
    /// ```
    /// let session = kustom::Builder::new().session();
    /// let apps = "testdata/infra-config/apps/payments-api/overlays";
    /// for (stage, replicas) in [("dev", "1"), ("prod", "6")] {
    ///     let trace = session.explain(format!("{apps}/{stage}"))?;
    ///     let deployment = trace.object("deployment/payments-api", None)?;
    ///     let field = deployment.field("spec.replicas")?;
    ///     assert_eq!(deployment.value(&field).and_then(|it| it.text().map(str::to_owned)).as_deref(), Some(replicas));
    /// }
    /// # Ok::<(), kustom::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn explain(&self, path: impl AsRef<Path>) -> Result<Trace> {
        let _running = self.cache.files.account().begin();
        self.call().explain(path.as_ref())
    }

    fn call(&self) -> Call<'_> {
        self.builder.call_of_several(&self.cache, &self.secrets)
    }

    /// Keeps a new result, unless it might be another one if it were built again.
    fn keep(&self, path: &Path, result: &Result<Rendered>, part: Part) {
        let passes = |kind| matches!(kind, ErrorKind::Limit | ErrorKind::Cancelled);
        let lasts = !result.as_ref().is_err_and(|e| passes(e.kind()));
        let mut roots = self.roots();
        let root = roots.entry(path.to_path_buf()).or_default();
        // What another thread has built meanwhile is as good.
        if root.result.is_none() {
            *root = Root { result: lasts.then(|| result.clone()), part };
        }
    }

    /// Takes in that files or links were added, changed or removed, and returns the roots whose result may
    /// differ now, by the names they were given and in the order in which they were first built.
    ///
    /// Only these are built again when they are asked for, with what they have in common with others; of all
    /// other roots the last result is kept. Paths need not exist any more; a directory stands for all below
    /// it. All that has changed since the last call must be told before anything is built again.
    ///
    /// ```
    /// let apps = "testdata/infra-config/apps/payments-api/overlays";
    /// let roots = ["dev", "prod"].map(|stage| format!("{apps}/{stage}"));
    /// let mut session = kustom::Builder::new().session();
    /// session.build_all(&roots);
    /// let stale = session.changed([format!("{apps}/dev/kustomization.yaml")]);
    /// assert_eq!(stale, [std::path::PathBuf::from(&roots[0])]);
    /// ```
    pub fn changed<P: AsRef<Path>>(&mut self, paths: impl IntoIterator<Item = P>) -> Vec<PathBuf> {
        let files = self.builder.get_file_system();
        let paths = paths.into_iter().map(|path| physical(files, path.as_ref()));
        let mut change = Change::new(paths);
        if change.is_empty() {
            return Vec::new();
        }
        self.secrets = Arc::default();
        if !self.cache.forget(&mut change) {
            self.cache = self.builder.noting_cache();
        }
        let mut stale = Vec::new();
        for (path, root) in &mut *self.roots() {
            let is_stale = change.touches(&root.part);
            if is_stale {
                stale.push(path.clone());
            }
            // Names that lie near one that is wrong are in a hint, and may be others now.
            root.result = root.result.take().filter(|result| !is_stale && result.is_ok());
        }
        stale
    }

    /// Returns what the last build of a root looked at, by the name that the root was given.
    pub fn inputs(&self, path: impl AsRef<Path>) -> Option<Inputs> {
        let roots = self.roots();
        Some(roots.get(path.as_ref())?.part.inputs(self.cache.files.remotes()))
    }

    /// Returns the files that the last builds have read, if there is a lint.
    fn read(&self) -> Option<PathSet> {
        self.builder.options.lint.as_ref()?;
        let mut read = PathSet::default();
        self.roots().values().for_each(|root| root.part.add_files(&mut read));
        Some(read)
    }

    fn roots(&self) -> MutexGuard<'_, Roots> {
        self.roots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
