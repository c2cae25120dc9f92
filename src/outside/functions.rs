//! Functions: programs and containers that change or make resources.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostics::{Failure, FailureKind};
use crate::load::FileTree;

/// Runs functions.
///
/// What goes in and what comes out is text: a `ResourceList` for functions, documents for plugins.
/// Embedders can run functions inside their process: see `examples/functions.rs`.
pub trait FunctionRunner: Send + Sync + fmt::Debug {
    /// Runs a function.
    ///
    /// # Errors
    /// If it cannot be run, takes too long or prints too much. That it ran and failed is no error: see
    /// [`FunctionOutput::failure`].
    fn run(&self, call: &FunctionCall<'_>) -> Result<FunctionOutput, Failure>;

    /// Returns whether functions that are programs may run; upstream passes over them in silence
    /// unless `--enable-exec` is given.
    fn runs_programs(&self) -> bool {
        true
    }

    /// Returns whether a function is passed over: nothing comes of a generator, and others change nothing.
    fn passes_over(&self, function: &Function) -> bool {
        matches!(function, Function::Program(_)) && !self.runs_programs()
    }

    /// Returns what of the file system decides about what a function answers that is to run in a folder; of a folder
    /// all counts that lies below it.
    fn reads(&self, function: &Function, root: &Path) -> Vec<PathBuf> {
        function.reads(root)
    }

    /// Returns the program of a legacy plugin.
    ///
    /// # Errors
    /// If there is none.
    fn plugin(&self, plugin: &PluginKind) -> Result<PathBuf, Failure> {
        let PluginKind { kind, .. } = plugin;
        Err(Failure::new(FailureKind::Missing, format!("unable to find plugin root for '{kind}'")))
    }
}

impl<F: FunctionRunner + ?Sized> FunctionRunner for Arc<F> {
    fn run(&self, call: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        (**self).run(call)
    }

    fn runs_programs(&self) -> bool {
        (**self).runs_programs()
    }

    fn passes_over(&self, function: &Function) -> bool {
        (**self).passes_over(function)
    }

    fn reads(&self, function: &Function, root: &Path) -> Vec<PathBuf> {
        (**self).reads(function, root)
    }

    fn plugin(&self, plugin: &PluginKind) -> Result<PathBuf, Failure> {
        (**self).plugin(plugin)
    }
}

/// What runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Function {
    /// A container.
    Container(ContainerFunction),
    /// A program.
    Program(ProgramFunction),
    /// A legacy plugin.
    Plugin(PluginFunction),
}

impl Function {
    /// Returns the program of a function that is to run in a folder, and what it may read: that folder, or of it
    /// what a container sees.
    pub fn reads(&self, root: &Path) -> Vec<PathBuf> {
        match self {
            Function::Container(container) => {
                container.mounts.iter().map(|mount| root.join(&mount.src)).collect()
            }
            Function::Program(program) => {
                // A name is looked up in `PATH`, which is none of the tree.
                let path = program.path.contains('/').then(|| root.join(&program.path));
                path.into_iter().chain([root.to_path_buf()]).collect()
            }
            Function::Plugin(plugin) => vec![plugin.path.clone(), root.to_path_buf()],
        }
    }
}

/// A function in a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContainerFunction {
    /// The image.
    pub image: String,
    /// Whether it needs the network.
    pub network: bool,
    /// What of the kustomization's folder it sees.
    pub mounts: Vec<Mount>,
    /// Variables: `NAME=VALUE`, or `NAME` for the value it has here.
    pub envs: Vec<String>,
}

/// Something of the file system that a container sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mount {
    /// The kind, such as `bind`.
    pub mount_type: String,
    /// What is seen, below the kustomization's folder.
    pub src: String,
    /// Where the container sees it.
    pub dst: String,
    /// Whether the container may change it.
    pub rw: bool,
}

/// A function that is a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProgramFunction {
    /// The program, as the kustomization names it.
    pub path: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables: `NAME=VALUE`.
    pub envs: Vec<String>,
}

/// A legacy plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginFunction {
    /// The program, as [`FunctionRunner::plugin`] has found it.
    pub path: PathBuf,
    /// The configuration, which it is to find in a file named by its first argument.
    pub config: String,
    /// The arguments after that.
    pub args: Vec<String>,
}

impl PluginFunction {
    /// Returns a plugin without arguments.
    pub fn new(path: impl Into<PathBuf>, config: impl Into<String>) -> PluginFunction {
        PluginFunction { path: path.into(), config: config.into(), args: Vec::new() }
    }
}

/// The kind of a configuration that a legacy plugin is named after.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginKind {
    /// The group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
}

impl PluginKind {
    /// Returns the kind of a group and version.
    pub fn new(
        group: impl Into<String>,
        version: impl Into<String>,
        kind: impl Into<String>,
    ) -> PluginKind {
        PluginKind { group: group.into(), version: version.into(), kind: kind.into() }
    }
}

/// A function that is to run.
///
/// ```
/// use std::path::Path;
///
/// use kustom::outside::{
///     Failure, Function, FunctionCall, FunctionOutput, FunctionRunner, ProgramFunction,
/// };
///
/// #[derive(Debug)]
/// struct Echo;
///
/// impl FunctionRunner for Echo {
///     fn run(&self, call: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
///         Ok(FunctionOutput::new(call.input))
///     }
/// }
///
/// let function = Function::Program(ProgramFunction::default());
/// let call = FunctionCall::new(&function, Path::new("/app"), b"items: []");
/// assert_eq!(Echo.run(&call)?.output, b"items: []");
/// # Ok::<(), Failure>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FunctionCall<'a> {
    /// What runs.
    pub function: &'a Function,
    /// The kustomization's folder, which it is to run in.
    pub root: &'a Path,
    /// The tree from elsewhere that the folder lies in, fetched or a vendored copy. Others use it too, so it must not
    /// change: the function is to run in a copy of it.
    pub tree: Option<&'a Path>,
    /// The files of that tree where it is not on the disk, such as those of a chart that the build has fetched.
    pub tree_files: Option<&'a FileTree>,
    /// Its stdin.
    pub input: &'a [u8],
}

impl<'a> FunctionCall<'a> {
    /// Returns the call of a function that is to run in the folder `root` of the user's own tree.
    pub fn new(function: &'a Function, root: &'a Path, input: &'a [u8]) -> FunctionCall<'a> {
        FunctionCall { function, root, tree: None, tree_files: None, input }
    }
}

/// What a function came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionOutput {
    /// What it printed to stdout.
    pub output: Vec<u8>,
    /// How it failed, such as `exit status 3`, or `None` if it succeeded.
    pub failure: Option<String>,
    /// What it printed to stderr.
    pub messages: String,
}

impl FunctionOutput {
    /// Returns the output of a function that succeeded.
    pub fn new(output: impl Into<Vec<u8>>) -> FunctionOutput {
        FunctionOutput { output: output.into(), ..FunctionOutput::default() }
    }

    /// Returns it with how the function failed.
    #[must_use]
    pub fn failed(self, how: impl Into<String>) -> FunctionOutput {
        FunctionOutput { failure: Some(how.into()), ..self }
    }

    /// Returns it with what the function printed to stderr.
    #[must_use]
    pub fn messages(self, messages: impl Into<String>) -> FunctionOutput {
        FunctionOutput { messages: messages.into(), ..self }
    }
}
