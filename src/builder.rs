//! The public face: what to build with, and what comes out.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::build::{self as pipeline, Outcome};
use crate::error::{Error, ErrorKind, Result};
use crate::filenames;
use crate::load::{DiskFs, FileSystem, Files, Inputs, LoadRestriction, ShownFiles};
use crate::order::Reorder;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::trace::{Recorder, Trace};
use crate::warning::Warning;
use crate::yaml::{self, Limits};

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
    options: Options,
}

/// What a build depends on besides its files.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) load_restriction: LoadRestriction,
    pub(crate) reorder: Reorder,
    pub(crate) managed_by_label: bool,
    pub(crate) managed_by: String,
    /// Whether every change is recorded.
    pub(crate) trace: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Builder {
            fs: Arc::new(DiskFs),
            limits: Limits::default(),
            options: Options {
                load_restriction: LoadRestriction::default(),
                reorder: Reorder::default(),
                managed_by_label: false,
                managed_by: format!("kustomize-{REFERENCE_VERSION}"),
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

    /// Sets the limits on what is read.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Builder {
        self.limits = limits;
        self
    }

    /// Builds the kustomization in the directory `path`.
    ///
    /// # Errors
    /// If the reference refuses the kustomization, or a limit is reached; see [`Error`].
    pub fn build(&self, path: impl AsRef<Path>) -> Result<Build> {
        self.build_from(&Files::new(Arc::clone(&self.fs), self.limits), path.as_ref())
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
        let (files, record) = Files::recorded(Arc::clone(&self.fs), self.limits);
        let build = self.build_from(&files, path.as_ref());
        (build, record.inputs())
    }

    /// Builds the kustomization in the directory `path` and remembers where every value came from.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn explain(&self, path: impl AsRef<Path>) -> Result<Trace> {
        let path = path.as_ref();
        let files = Files::new(Arc::clone(&self.fs), self.limits);
        let options = Options { trace: true, ..self.options.clone() };
        let (build, recorder) = render(&files, &options, path)?;
        Ok(Trace::new(build, recorder.unwrap_or_default(), files, path.to_path_buf()))
    }

    fn build_from(&self, files: &Files, path: &Path) -> Result<Build> {
        render(files, &self.options, path).map(|(build, _)| build)
    }
}

fn render(files: &Files, options: &Options, path: &Path) -> Result<(Build, Option<Recorder>)> {
    let shown = ShownFiles::new(files, path);
    let located = |e: Error| e.resolve(&shown);
    let mut outcome = pipeline::run(files, options, path).map_err(located)?;
    let recorder = outcome.recorder.take();
    let resolve = |w: Warning| w.resolve(&shown);
    outcome.warnings = outcome.warnings.into_iter().map(resolve).collect();
    let build = Build::print(outcome).map_err(located)?;
    Ok((build, recorder))
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
    ranges: Vec<std::ops::Range<usize>>,
}

impl Build {
    fn print(outcome: Outcome) -> Result<Build> {
        let mut text = String::new();
        let mut ranges = Vec::with_capacity(outcome.resources.len());
        for resource in &outcome.resources {
            if !text.is_empty() {
                text.push_str("---\n");
            }
            let start = text.len();
            yaml::print(&resource.node, &mut text).map_err(|e| {
                Error::new(ErrorKind::Render, e.message).at(e.pos).context(format_args!(
                    "{} {}",
                    resource.kind(),
                    resource.name()
                ))
            })?;
            ranges.push(start..text.len());
        }
        Ok(Build {
            resources: outcome.resources,
            warnings: outcome.warnings,
            schema: outcome.schema,
            text,
            ranges,
        })
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

    /// Returns the names of the files that `kustomize build -o DIR` writes, one per resource, in
    /// order; two resources may have the same.
    pub fn file_names(&self) -> Vec<String> {
        filenames::file_names(&self.schema, &self.resources)
    }

    /// Returns each resource with its own YAML document, in order.
    pub fn documents(&self) -> impl Iterator<Item = (&Resource, &str)> {
        self.resources.iter().zip(self.ranges.iter().map(|range| &self.text[range.clone()]))
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
