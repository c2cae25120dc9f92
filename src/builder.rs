//! The public face: what to build with.

mod call;
mod known_secrets;
mod session;

use std::path::Path;
use std::sync::Arc;

use crate::build::cache::Cache;
use crate::build::options::Options;
use crate::build::{Build, deep_stack};
use crate::charts::Renderings;
use crate::diagnostics::{Result, WarningFilter};
use crate::finish::Reorder;
use crate::limits::{Account, Cancel, Limits};
use crate::load::remote::{Mode, RemoteSource};
use crate::load::{DiskFs, FileSystem, Files, Inputs, LoadRestriction};
use crate::outside::{ChartRenderer, FunctionRunner};
use crate::parallel::Threads;
use crate::trace::Trace;
pub(crate) use known_secrets::KnownSecrets;
pub use session::Session;

/// Builds the kustomization in the directory `path` from disk, with default options.
///
/// Returns the resources in order, and the text that `kustomize build` prints for them.
///
/// # Errors
/// If upstream refuses the kustomization, or a limit is reached; see [`Error`](crate::Error).
///
/// ```
/// let build = kustom::build("testdata/infra-config/apps/payments-api/overlays/prod")?;
/// for resource in build.resources() {
///     println!("{} {}", resource.kind(), resource.name());
/// }
/// print!("{build}");
/// # Ok::<(), kustom::Error>(())
/// ```
pub fn build(path: impl AsRef<Path>) -> Result<Build> {
    Builder::new().build(path)
}

/// Builds the kustomizations in several directories from disk, with default options; see
/// [`Builder::build_all`].
pub fn build_all<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Vec<Result<Build>> {
    Builder::new().build_all(paths)
}

/// The options of a build; cheap to clone and to share between threads.
///
/// What it gets from outside (a file system, a renderer of charts and the like) is taken by value. Pass an
/// [`Arc`] to keep a share of it; the methods that begin with `get_` return what was set.
///
/// ```
/// use kustom::{Builder, LoadRestriction};
///
/// let builder = Builder::new().load_restriction(LoadRestriction::None);
/// let build = builder.build("testdata/infra-config/apps/payments-api/overlays/dev")?;
/// assert!(build.warnings().is_empty());
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    fs: Arc<dyn FileSystem>,
    remotes: Option<Arc<dyn RemoteSource>>,
    limits: Limits,
    cancel: Cancel,
    threads: Threads,
    options: Options,
}

impl Default for Builder {
    fn default() -> Self {
        Builder {
            fs: Arc::new(DiskFs),
            remotes: None,
            limits: Limits::default(),
            cancel: Cancel::default(),
            threads: Threads::available(),
            options: Options::default(),
        }
    }
}

impl Builder {
    /// Returns the defaults of `kustomize build`.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Sets where files come from; the disk by default.
    #[must_use]
    pub fn file_system(mut self, fs: impl FileSystem + 'static) -> Builder {
        self.fs = Arc::new(fs);
        self
    }

    /// Returns where files come from, for a file system that lies over it.
    pub fn get_file_system(&self) -> &Arc<dyn FileSystem> {
        &self.fs
    }

    /// Sets from where trees of git repositories and files behind web addresses come; by default from
    /// nowhere, and a build that needs one is refused.
    ///
    /// Where there is a `kustom.lock` at or above a kustomization, the copies that it lists are taken
    /// instead, and what it does not list is refused; a source is then asked only for trees and files
    /// whose copies are not there, at the commits and with the hashes of the lock.
    #[must_use]
    pub fn remotes(mut self, source: impl RemoteSource + 'static) -> Builder {
        self.remotes = Some(Arc::new(source));
        self
    }

    /// Sets from where files may be loaded; by default only from below the kustomization that names
    /// them.
    #[must_use]
    pub fn load_restriction(mut self, restriction: LoadRestriction) -> Builder {
        self.options.load_restriction = restriction;
        self
    }

    /// Sets the order of the output, as the flag `--reorder` does; `sortOptions` of the kustomization
    /// wins over it.
    #[must_use]
    pub fn reorder(mut self, reorder: Reorder) -> Builder {
        self.options.reorder = reorder;
        self
    }

    /// Labels every resource with `app.kubernetes.io/managed-by`, as `buildMetadata:
    /// [managedByLabel]` does.
    #[must_use]
    pub fn managed_by_label(mut self, on: bool) -> Builder {
        self.options.managed_by_label = on;
        self
    }

    /// Sets the value of that label; `kustomize-v5.8.2` by default.
    #[must_use]
    pub fn managed_by(mut self, value: impl Into<String>) -> Builder {
        self.options.managed_by = value.into();
        self
    }

    /// Sets what renders charts; without, a kustomization with `helmCharts` is refused.
    ///
    /// The crate `kustom-host` has one that starts helm. Charts of one call are rendered side by side,
    /// and those that come to the same are rendered once.
    #[must_use]
    pub fn charts(mut self, renderer: impl ChartRenderer + 'static) -> Builder {
        self.options.outside.charts = Some(Arc::new(renderer));
        self
    }

    /// Returns what renders charts, if anything does.
    pub fn get_charts(&self) -> Option<&Arc<dyn ChartRenderer>> {
        self.options.outside.charts.as_ref()
    }

    /// Sets what runs functions and legacy plugins; without, a config of one is refused.
    ///
    /// The crate `kustom-host` has one that starts programs and containers; `examples/functions.rs`
    /// runs functions inside of the process.
    #[must_use]
    pub fn functions(mut self, runner: impl FunctionRunner + 'static) -> Builder {
        self.options.outside.functions = Some(Arc::new(runner));
        self
    }

    /// Returns what runs functions and legacy plugins, if anything does.
    pub fn get_functions(&self) -> Option<&Arc<dyn FunctionRunner>> {
        self.options.outside.functions.as_ref()
    }

    /// Adds [warnings](Build::warnings) about what does nothing or was hardly meant; see the kinds of
    /// warning for which [`WarningKind::is_lint`](crate::WarningKind::is_lint) holds.
    ///
    /// This is short for [`warnings`](Self::warnings) with all kinds, or none: the last call of the two
    /// counts.
    ///
    /// ```
    /// let mut files = kustom::MemoryFs::new();
    /// files.insert("/app/kustomization.yaml", "images: [{name: ngnix, newTag: '2'}]\n");
    /// let builder = kustom::Builder::new().file_system(files).lint(true);
    /// let build = builder.build("app")?;
    /// assert_eq!(build.warnings()[0].kind(), kustom::WarningKind::UnusedImage);
    /// # Ok::<(), kustom::Error>(())
    /// ```
    #[must_use]
    pub fn lint(mut self, on: bool) -> Builder {
        self.options.lint = on.then(WarningFilter::all);
        self
    }

    /// As [`lint`](Self::lint), for some kinds of warnings only; replaces what an earlier call of either has
    /// set.
    ///
    /// ```
    /// let builder = kustom::Builder::new().warnings("-unused-file,-no-op-patch".parse()?);
    /// # let _ = builder;
    /// # Ok::<(), kustom::Error>(())
    /// ```
    #[must_use]
    pub fn warnings(mut self, filter: WarningFilter) -> Builder {
        self.options.lint = Some(filter);
        self
    }

    /// Sets how much a build may take; see [`Limits`]. They hold for each build of its own.
    ///
    /// ```
    /// let mut limits = kustom::Limits::untrusted();
    /// limits.output_bytes = 100;
    /// let builder = kustom::Builder::new().limits(limits);
    /// let error = builder.build("testdata/infra-config/apps/payments-api/overlays/dev").unwrap_err();
    /// assert_eq!(error.limit(), Some(kustom::Limit::OutputBytes));
    /// ```
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Builder {
        self.limits = limits;
        self
    }

    /// Returns how much a build may take.
    pub fn get_limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns `true` if a build reaches nothing outside: no charts, functions or remote trees.
    pub fn is_offline(&self) -> bool {
        let outside = &self.options.outside;
        self.remotes.is_none() && outside.charts.is_none() && outside.functions.is_none()
    }

    /// Lets a caller stop the builds; see [`Cancel`].
    #[must_use]
    pub fn cancel(mut self, cancel: &Cancel) -> Builder {
        self.cancel = cancel.clone();
        self
    }

    /// Sets the most threads that are used; by default as many as the machine runs at once. What is
    /// built is the same for any number.
    #[cfg(feature = "parallel")]
    #[must_use]
    pub fn threads(mut self, threads: std::num::NonZeroUsize) -> Builder {
        self.threads = Threads::at_most(threads);
        self
    }

    /// Builds the kustomization in the directory `path`.
    ///
    /// # Errors
    /// If upstream refuses the kustomization, or a limit is reached; see [`Error`](crate::Error).
    pub fn build(&self, path: impl AsRef<Path>) -> Result<Build> {
        self.call(&self.cache()).build(path.as_ref())
    }

    /// Builds the kustomizations in several directories and returns their results in the same order;
    /// one that fails does not stop the others.
    ///
    /// Files and bases that they share are read and accumulated once, and they are built side by side.
    ///
    /// ```
    /// let apps = "testdata/infra-config/apps/payments-api/overlays";
    /// let builds = kustom::build_all(["dev", "prod", "none"].map(|e| format!("{apps}/{e}")));
    /// assert!(builds[0].is_ok() && builds[1].is_ok() && builds[2].is_err());
    /// ```
    pub fn build_all<P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Vec<Result<Build>> {
        let paths: Vec<P> = paths.into_iter().collect();
        self.call(&self.cache()).build_all(&paths)
    }

    /// Builds the kustomization in the directory `path` and also returns all that was looked at,
    /// which is known even if the kustomization is refused.
    ///
    /// ```
    /// let dir = "testdata/infra-config/apps/payments-api/overlays/prod";
    /// let (build, inputs) = kustom::Builder::new().build_with_inputs(dir);
    /// assert!(build.is_ok());
    /// assert!(inputs.files().any(|file| file.ends_with("payments-api/base/deployment.yaml")));
    /// ```
    pub fn build_with_inputs(&self, path: impl AsRef<Path>) -> (Result<Build>, Inputs) {
        let path = path.as_ref();
        let cache = self.noting_cache();
        let call = self.call(&cache);
        let (result, part) = call.run_one(path);
        (call.conclude_one(path, None, result), part.inputs(cache.files.remotes()))
    }

    /// Builds the kustomizations in several directories as [`build_all`](Self::build_all) does, and also returns
    /// what each looked at.
    pub fn build_all_with_inputs<P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Vec<(Result<Build>, Inputs)> {
        let paths: Vec<P> = paths.into_iter().collect();
        let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
        let cache = self.noting_cache();
        let call = self.call(&cache);
        let (results, parts): (Vec<_>, Vec<_>) = call.run(&paths).into_iter().unzip();
        let builds = call.conclude(&paths, None, results);
        let inputs = parts.iter().map(|part| part.inputs(cache.files.remotes()));
        builds.into_iter().zip(inputs).collect()
    }

    /// Returns what builds of the kustomizations in several directories look at, and whether they are refused.
    ///
    /// Costs less than [`build_all_with_inputs`](Self::build_all_with_inputs), for the output is not printed; so what is
    /// refused only then, such as a key that comes twice in a mapping, is no error here.
    ///
    /// ```
    /// let dir = "testdata/infra-config/apps/payments-api/overlays/prod";
    /// let [(refused, inputs)] = &kustom::Builder::new().inputs_of_all([dir])[..] else { panic!() };
    /// assert!(refused.is_ok());
    /// assert!(inputs.files().any(|file| file.ends_with("payments-api/base/deployment.yaml")));
    /// ```
    pub fn inputs_of_all<P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Vec<(Result<()>, Inputs)> {
        let options = Options { is_printed: false, ..self.options.clone() };
        let builder = Builder { options, ..self.clone() };
        let all = builder.build_all_with_inputs(paths).into_iter();
        all.map(|(build, inputs)| (build.map(drop), inputs)).collect()
    }

    /// Builds the kustomization in the directory `path` and remembers where every value came from.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn explain(&self, path: impl AsRef<Path>) -> Result<Trace> {
        let cache = self.cache();
        self.call(&cache).explain(path.as_ref())
    }

    fn cache(&self) -> Cache {
        Cache::new(self.files(Mode::Build), self.renderings())
    }

    /// Returns a cache that notes what is looked at.
    fn noting_cache(&self) -> Cache {
        Cache::new(self.files(Mode::Build).recorded(), self.renderings())
    }

    /// Returns `true` if functions run.
    pub(crate) fn runs_functions(&self) -> bool {
        self.options.outside.functions.is_some()
    }

    /// Returns what keeps the answers of helm in one call, or `None` if it may not be asked.
    pub(crate) fn renderings(&self) -> Option<Arc<Renderings>> {
        let renderer = self.options.outside.charts.clone()?;
        let depth = usize::try_from(deep_stack::shallow(self.limits).nesting).unwrap_or(usize::MAX);
        Some(Arc::new(Renderings::new(renderer, depth)))
    }

    /// Returns the files of a call of which nothing has been read.
    pub(crate) fn files(&self, mode: Mode) -> Files {
        let account = Account::new(deep_stack::shallow(self.limits), self.cancel.clone());
        Files::with_source(Arc::clone(&self.fs), self.remotes.clone(), mode, account)
    }

    /// Returns `true` if builds look at nothing outside of the folders of their kustomizations.
    pub(crate) fn stays_inside(&self) -> bool {
        let outside = &self.options.outside;
        let asks =
            self.remotes.is_some() || outside.charts.is_some() || outside.functions.is_some();
        self.options.load_restriction == LoadRestriction::RootOnly && !asks
    }

    /// Returns from where files may be loaded.
    pub(crate) fn restriction(&self) -> LoadRestriction {
        self.options.load_restriction
    }

    /// Returns a builder that fetches nothing.
    pub(crate) fn without_remotes(self) -> Builder {
        Builder { remotes: None, ..self }
    }
}
