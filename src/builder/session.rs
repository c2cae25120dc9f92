//! Builds that share what they have in common, over several calls.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::{Builder, KnownSecrets};
use crate::build::Build;
use crate::build::cache::Cache;
use crate::diagnostics::{ErrorKind, Result};
use crate::load::remote::Mode;
use crate::load::{Change, Inputs, Part, physical};

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
    secrets: KnownSecrets,
    /// The roots by the names they were given, in the order in which they were first built.
    roots: Mutex<Roots>,
}

type Roots = IndexMap<PathBuf, Root, FxBuildHasher>;

/// What is known of one root.
#[derive(Debug, Default)]
struct Root {
    /// What came of it, before several are looked at together; nothing if it must be built again.
    result: Option<Result<Build>>,
    /// What was looked at.
    part: Part,
}

impl Builder {
    /// Returns a session: builds of which each finds what the former ones have read and accumulated.
    pub fn session(&self) -> Session {
        Session {
            builder: self.clone(),
            cache: self.noting_cache(),
            secrets: KnownSecrets::default(),
            roots: Mutex::default(),
        }
    }

    fn noting_cache(&self) -> Cache {
        Cache::new(self.files(Mode::Build).recorded(), self.renderings())
    }
}

impl Session {
    /// Builds the kustomization in the directory `path`.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn build(&self, path: impl AsRef<Path>) -> Result<Build> {
        let path = path.as_ref();
        match self.build_all([path]).pop() {
            Some(result) => result,
            None => self.builder.build(path),
        }
    }

    /// Builds the kustomizations in several directories, as [`Builder::build_all`] does.
    pub fn build_all<P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Vec<Result<Build>> {
        let paths: Vec<P> = paths.into_iter().collect();
        let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
        let _running = self.cache.files.account().begin();
        let mut new: Vec<&Path> = Vec::new();
        {
            let (roots, mut seen) = (self.roots(), FxHashSet::default());
            let is_known = |path| roots.get(path).is_some_and(|root| root.result.is_some());
            new.extend(paths.iter().filter(|path| !is_known(**path) && seen.insert(**path)));
        }
        let built = self.builder.side_by_side_noted(&self.cache, &new, false);
        let mut results = self.taken_in(&paths, new, built);
        let read = self.builder.options.lint.is_some().then(|| self.read());
        self.builder.finish(&self.cache, &self.secrets, &paths, read, &mut results);
        results
    }

    /// Keeps new results, and returns those of all paths.
    fn taken_in(
        &self,
        paths: &[&Path],
        new: Vec<&Path>,
        built: Vec<(Result<Build>, Part)>,
    ) -> Vec<Result<Build>> {
        let mut roots = self.roots();
        let mut passing = IndexMap::<&Path, Result<Build>, FxBuildHasher>::default();
        for (path, (result, part)) in new.into_iter().zip(built) {
            let lasts = |kind| !matches!(kind, ErrorKind::Limit | ErrorKind::Cancelled);
            let result = match result {
                Err(e) if !lasts(e.kind()) => {
                    passing.insert(path, Err(e));
                    None
                }
                result => Some(result),
            };
            // What another thread has built meanwhile is as good.
            let root = roots.entry(path.to_path_buf()).or_default();
            if root.result.is_none() {
                *root = Root { result, part };
            }
        }
        let result = |path: &&Path| {
            let known = roots.get(*path).and_then(|root| root.result.as_ref());
            known.or_else(|| passing.get(path)).cloned()
        };
        paths.iter().filter_map(result).collect()
    }

    /// Takes in that files or links were added, changed or removed, and returns the roots whose result may
    /// differ now, by the names they were given and in the order in which they were first built.
    ///
    /// Only these are built again when they are asked for, with what they have in common with others; of all
    /// other roots the last result is at hand. Paths need not exist any more; a directory stands for all below
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
        let files = self.builder.files_of_user();
        let paths = paths.into_iter().map(|path| physical(files, path.as_ref()));
        let mut change = Change::new(paths);
        if change.is_empty() {
            return Vec::new();
        }
        self.secrets = KnownSecrets::default();
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

    /// Returns the files that the last builds have read.
    fn read(&self) -> FxHashSet<PathBuf> {
        let mut read = FxHashSet::default();
        self.roots().values().for_each(|root| root.part.add_files(&mut read));
        read
    }

    fn roots(&self) -> MutexGuard<'_, Roots> {
        self.roots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
