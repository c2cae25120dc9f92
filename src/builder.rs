//! The public face: what to build with, and what comes out.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::build::cache::Shared;
use crate::build::deep_stack;
use crate::build::prefetch;
use crate::build::{self as pipeline, Outcome};
use crate::diagnostics::{Error, ErrorKind, Result, Warning, lint};
use crate::finish;
use crate::finish::Reorder;
use crate::finish::comment_check;
use crate::load::{DiskFs, FileSystem, Files, Inputs, LoadRestriction, ReadLooks, ShownFiles};
use crate::parallel::Threads;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::trace::{Recorder, Trace};
use crate::yaml::{Documents, Limits};

/// The version that the managed-by label names.
const REFERENCE_VERSION: &str = "v5.8.2";

/// Builds the kustomization in the directory `path` from disk, with default options.
///
/// Returns the resources in order, and the text that `kustomize build` prints for them.
///
/// # Errors
/// If the reference refuses the kustomization, or a limit is reached; see [`Error`].
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
    limits: Limits,
    threads: Threads,
    options: Options,
}

/// What a build depends on besides its files.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) load_restriction: LoadRestriction,
    pub(crate) reorder: Reorder,
    pub(crate) managed_by_label: bool,
    pub(crate) managed_by: String,
    pub(crate) lint: bool,
    /// Whether every change is recorded.
    pub(crate) trace: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Builder {
            fs: Arc::new(DiskFs),
            limits: Limits::default(),
            threads: Threads::available(),
            options: Options {
                load_restriction: LoadRestriction::default(),
                reorder: Reorder::default(),
                managed_by_label: false,
                managed_by: format!("kustomize-{REFERENCE_VERSION}"),
                lint: false,
                trace: false,
            },
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

    /// Adds [warnings](Build::warnings) about what does nothing or was hardly meant; see the kinds of
    /// warning for which [`WarningKind::is_lint`](crate::WarningKind::is_lint) holds.
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
        self.options.lint = on;
        self
    }

    /// Sets the limits on what is read.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Builder {
        self.limits = limits;
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
    /// If the reference refuses the kustomization, or a limit is reached; see [`Error`].
    pub fn build(&self, path: impl AsRef<Path>) -> Result<Build> {
        let shared = self.shared();
        let path = path.as_ref();
        self.read_ahead(&shared, &[path], true);
        self.build_one(&shared, path)
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
        self.build_several(&self.shared(), &paths, true)
    }

    /// Returns a session: builds of which each finds what the former ones have read and accumulated.
    pub fn session(&self) -> Session {
        Session { builder: self.clone(), shared: self.shared() }
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
        let (files, record) =
            Files::recorded(Arc::clone(&self.fs), deep_stack::shallow(self.limits));
        let build = self.build_one(&Shared::new(files), path.as_ref());
        (build, record.inputs())
    }

    /// Builds the kustomization in the directory `path` and remembers where every value came from.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn explain(&self, path: impl AsRef<Path>) -> Result<Trace> {
        let (shared, path) = (self.shared(), path.as_ref());
        let options = Options { trace: true, ..self.options.clone() };
        let (build, recorder) = render(&shared, &options, path)?;
        Ok(Trace::new(build, recorder.unwrap_or_default(), shared.files, path.to_path_buf()))
    }

    fn shared(&self) -> Shared {
        Shared::new(Files::new(Arc::clone(&self.fs), deep_stack::shallow(self.limits)))
    }

    fn read_ahead(&self, shared: &Shared, paths: &[&Path], no_others: bool) {
        // A lint is told of all that is looked at, which nothing shared is a second time.
        if !self.options.lint {
            let restriction = self.options.load_restriction;
            prefetch::read_ahead(shared, paths, restriction, self.threads, no_others);
        }
    }

    fn build_several<P: AsRef<Path>>(
        &self,
        shared: &Shared,
        paths: &[P],
        no_others: bool,
    ) -> Vec<Result<Build>> {
        let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
        if self.options.lint {
            // What a build has to say must not depend on what others have read and made before.
            let mut results =
                self.threads.map(&paths, 1, |path| self.build_one(&self.shared(), path));
            lint::settle(&mut results);
            return results;
        }
        self.read_ahead(shared, &paths, no_others);
        // Neighbours share bases, which two threads at once would both make.
        let block = paths.len().div_ceil(BLOCKS);
        self.threads.map(&paths, block, |path| self.build_one(shared, path))
    }

    fn build_one(&self, shared: &Shared, path: &Path) -> Result<Build> {
        match self.attempt(shared, path) {
            Err(e) if e.kind() == ErrorKind::Limit && *shared.files.limits() != self.limits => {
                self.build_deep(&shared.files, path).unwrap_or(Err(e))
            }
            result => result,
        }
    }

    /// Builds what is too deep for the stack of a caller.
    fn build_deep(&self, files: &Files, path: &Path) -> io::Result<Result<Build>> {
        deep_stack::on_large_stack(|| {
            let shared = Shared::new(files.anew(self.limits));
            let mut build = self.attempt(&shared, path)?;
            // A schema of any depth is dropped here.
            build.file_names = Some(build.file_names());
            build.schema = Schema::builtin();
            Ok(build)
        })
    }

    fn attempt(&self, shared: &Shared, path: &Path) -> Result<Build> {
        render(shared, &self.options, path).map(|(build, _)| build)
    }
}

fn render(shared: &Shared, options: &Options, path: &Path) -> Result<(Build, Option<Recorder>)> {
    let shown = ShownFiles::new(&shared.files, path);
    let located = |e: Error| e.resolve(&shown);
    let mut outcome = pipeline::run(shared, options, path).map_err(located)?;
    let recorder = outcome.recorder.take();
    let resolve = |w: Warning| w.resolve(&shown);
    outcome.warnings = outcome.warnings.into_iter().map(resolve).collect();
    let build = Build::print(outcome, &shared.files).map_err(located)?;
    Ok((build, recorder))
}

/// Into how many parts the roots of one call are cut, to be handed to threads.
const BLOCKS: usize = 16;

/// Builds that share what they have in common, over several calls.
///
/// Files and bases that were read and accumulated once are not looked at again, so a session is for
/// files that do not change. It keeps all of them in memory until it is dropped; for roots that are
/// known at once, [`Builder::build_all`] needs less.
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
    shared: Shared,
}

impl Session {
    /// Builds the kustomization in the directory `path`.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn build(&self, path: impl AsRef<Path>) -> Result<Build> {
        if self.builder.options.lint {
            return self.builder.build(path);
        }
        let path = path.as_ref();
        self.builder.read_ahead(&self.shared, &[path], false);
        self.builder.build_one(&self.shared, path)
    }

    /// Builds the kustomizations in several directories, as [`Builder::build_all`] does.
    pub fn build_all<P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Vec<Result<Build>> {
        let paths: Vec<P> = paths.into_iter().collect();
        self.builder.build_several(&self.shared, &paths, false)
    }
}

/// The result of a build: the resources in order, and their text.
///
/// `Display` writes the bytes that `kustomize build` prints.
#[derive(Clone, Debug)]
pub struct Build {
    resources: Vec<Resource>,
    warnings: Vec<Warning>,
    schema: Schema,
    text: String,
    /// Where the text of each resource starts and ends.
    ranges: Vec<Range<usize>>,
    /// The names of the files, if they are known already: the trees may be deep then.
    file_names: Option<Vec<String>>,
    /// The files that were read, if there was a lint and nobody has taken them.
    read: FxHashSet<PathBuf>,
}

impl Build {
    /// Prints a result.
    fn print(outcome: Outcome, files: &Files) -> Result<Build> {
        let Outcome { resources, warnings, schema, read, file, .. } = outcome;
        let mut text = files.take_room();
        let mut looks = ReadLooks::new(Some(files));
        let ranges = print(&resources, &mut text, &mut |bracketed| {
            comment_check::check(bracketed, &mut looks).map_err(|e| e.through(file.to_path_buf()))
        })?;
        Ok(Build { resources, warnings, schema, text, ranges, file_names: None, read })
    }

    /// Returns the resources, in the order of the output.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Returns what deserves attention but is no error, such as deprecated fields.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Returns the whole output: YAML documents separated by `---`.
    pub fn as_yaml(&self) -> &str {
        &self.text
    }

    /// Returns the whole output as a text of its own, as [`as_yaml`](Self::as_yaml) shows it.
    pub fn to_yaml(&self) -> String {
        self.text.clone()
    }

    /// Takes out the files that were read; there are none without a lint.
    pub(crate) fn take_read(&mut self) -> FxHashSet<PathBuf> {
        std::mem::take(&mut self.read)
    }

    /// Keeps those warnings only.
    pub(crate) fn retain_warnings(&mut self, keep: impl FnMut(&Warning) -> bool) {
        self.warnings.retain(keep);
    }

    /// Returns what was known of kinds at the end.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns the names of the files that `kustomize build -o DIR` writes, one per resource, in
    /// order.
    ///
    /// Each is one component of a path, whatever the objects are named: it has no separators and no
    /// control characters, at most 255 bytes, and no two are the same. Names that do no harm are
    /// upstream's.
    pub fn file_names(&self) -> Vec<String> {
        match &self.file_names {
            Some(names) => names.clone(),
            None => finish::file_names(&self.schema, &self.resources),
        }
    }

    /// Returns each resource with its own YAML document, in order.
    pub fn documents(&self) -> impl Iterator<Item = (&Resource, &str)> {
        self.resources.iter().zip(self.ranges.iter().map(|range| &self.text[range.clone()]))
    }
}

impl Drop for Build {
    fn drop(&mut self) {
        if self.file_names.is_some() {
            deep_stack::take_apart(&mut self.resources);
        }
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Prints resources into an empty text; answers where the document of each starts and ends.
///
/// `check` is handed the resources that have a collection between brackets.
fn print(
    resources: &[Resource],
    text: &mut String,
    check: &mut dyn FnMut(&Resource) -> Result<()>,
) -> Result<Vec<Range<usize>>> {
    let mut ranges = Vec::with_capacity(resources.len());
    let mut documents = Documents::new(text);
    for resource in resources {
        if !ranges.is_empty() {
            documents.separate();
        }
        ranges.push(documents.print(&resource.node).map_err(|e| {
            let (kind, name) = (resource.kind(), resource.name());
            let hint = e.hint();
            Error::from(e).maybe_hint(hint).context(format_args!("{kind} {name}"))
        })?);
        if documents.take_bracketed() {
            check(resource)?;
        }
    }
    // What stays empty is given back.
    if text.len() < text.capacity() / 2 {
        text.shrink_to_fit();
    }
    Ok(ranges)
}
