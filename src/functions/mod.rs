//! Functions and legacy plugins: what goes in, and what becomes of the answer (docs/spec/plugins.md,
//! sections 3 to 5).
//!
//! | file | what |
//! |---|---|
//! | [`spec`] | which function a config names |
//! | [`legacy`] | the arguments of a legacy plugin |
//! | [`list`] | resources as the text that goes in, and back |
//! | [`aliases`] | aliases in it that upstream refuses |
//! | [`kinds`] | values in it that are of another kind than before |
//! | [`sharing`] | annotations in it for which there are aliases |
//! | [`layout`] | where everything lies in the answer |
//! | [`places`] | the annotations in it that have two spellings |
//! | [`answer`] | what the answer does to the resources |

mod aliases;
mod answer;
mod kinds;
pub(crate) mod layout;
mod legacy;
mod list;
mod places;
mod sharing;
mod spec;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use answer::{Key, key};
use places::Place;
pub(crate) use spec::is_named_in;

use crate::build_context::Context;
use crate::diagnostics::hints::{OUTSIDE_PROGRAM, PLUGINS_NOT_ALLOWED};
use crate::diagnostics::{Error, ErrorKind, Result, Warning, WarningKind};
use crate::limits::Account;
use crate::load::{Files, Loader, clean};
use crate::outside::{
    Failure, FailureKind, FileTree, Function, FunctionCall, FunctionOutput, FunctionRunner,
    PluginFunction, PluginKind,
};
use crate::resource::{Resource, ResourceSet, annotations};
use crate::schema::Schema;
use crate::yaml::{self, Node, Pos};

/// A function that a config names, ready to run.
#[derive(Clone, Debug)]
pub(crate) struct External {
    runner: Arc<dyn FunctionRunner>,
    function: Function,
    /// The config, as it is printed.
    config: Node,
    /// The config in messages.
    name: String,
    pos: Pos,
    root: PathBuf,
    /// The tree from elsewhere that it lies in.
    tree: Option<PathBuf>,
    /// The files of that one, if it is a chart that was fetched and is not on the disk.
    tree_files: Option<Arc<FileTree>>,
    /// What is read of files, and of what comes back.
    account: Arc<Account>,
}

impl External {
    /// Finds out which function a config names.
    ///
    /// # Errors
    /// If it names none, or what it says of it is wrong or not allowed.
    pub(crate) fn new(
        runner: &Arc<dyn FunctionRunner>,
        config: &Resource,
        files: &Files,
        loader: &Loader,
    ) -> Result<External> {
        let function = match spec::of(config, &files.limits())? {
            Some(function) => {
                check_mounts(&function, config, files, loader)?;
                function
            }
            None => Function::Plugin(plugin(&**runner, config, files, loader)?),
        };
        if !runner.passes_over(&function) {
            for path in runner.reads(&function, loader.root()) {
                files.note_all_of(&clean(&path));
            }
        }
        let (api_version, kind) = (config.api_version(), config.kind());
        let fetched = loader.tree().filter(|tree| files.is_added(tree));
        let tree_files = fetched.map(|tree| Arc::new(files.added().files_in(tree)));
        Ok(External {
            runner: Arc::clone(runner),
            function,
            config: annotations::materialize(config),
            name: format!("api: {api_version}, kind: {kind}, name: {}", config.name()),
            pos: config.node.pos(),
            root: loader.root().to_path_buf(),
            tree: loader.tree().map(Path::to_path_buf),
            tree_files,
            account: files.shared_account(),
        })
    }

    /// Makes resources.
    ///
    /// # Errors
    /// If the function fails, or its answer are no resources.
    pub(crate) fn generate(&self, cx: &Context) -> Result<Vec<Resource>> {
        let (input, places) = match &self.function {
            Function::Plugin(_) => (String::new(), Vec::new()),
            _ => list::write(&[], &self.config).map_err(|e| self.failed(e))?,
        };
        let Some(output) = self.run(cx, &input)? else { return Ok(Vec::new()) };
        // As upstream: what went in was the config.
        let given = std::slice::from_ref(&self.config);
        answer::generated(self.read(cx, &output, (given, &places), ErrorKind::Generator)?)
    }

    /// Changes resources.
    ///
    /// # Errors
    /// If the function fails, or its answer are no resources or two of one id.
    pub(crate) fn transform(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        let items = list::items(resources, &cx.schema);
        let (input, places) = match &self.function {
            Function::Plugin(_) => (list::write_documents(&items)?, Vec::new()),
            _ => list::write(&items, &self.config).map_err(|e| self.failed(e))?,
        };
        let Some(output) = self.run(cx, &input)? else { return Ok(()) };
        let name = match &self.function {
            Function::Plugin(plugin) => plugin.path.display().to_string(),
            _ => self.name.clone(),
        };
        let mut answer = self.read(cx, &output, (&items, &places), ErrorKind::Transformer)?;
        answer.iter_mut().for_each(list::remove_id);
        answer::apply(answer, resources, &cx.schema, &name).map_err(|e| e.at(self.pos))
    }

    /// Returns what a function has answered, or an error of this kind if it has failed.
    fn read(
        &self,
        cx: &Context,
        output: &FunctionOutput,
        (items, places): (&[Node], &[Place]),
        kind: ErrorKind,
    ) -> Result<Vec<Resource>> {
        let is_plugin = matches!(self.function, Function::Plugin(_));
        let resources = match is_plugin {
            true => list::read_plain(&output.output, &self.account),
            false => list::read(&output.output, &self.account, items, places, &cx.schema),
        };
        // As upstream: what cannot be read counts before how it ended.
        let resources = resources.map_err(|e| self.failed(e));
        match &output.failure {
            None if is_plugin => resources,
            None => {
                match resources.is_ok().then(|| aliases::leaving_item(&output.output)).flatten() {
                    None => resources,
                    Some(name) => {
                        let message = format!(
                            "MalformedYAMLError: yaml: unknown anchor '{name}' referenced: an item of an answer \
                         knows the anchors in itself only"
                        );
                        Err(Error::new(kind, message).at(self.pos))
                    }
                }
            }
            Some(how) if is_plugin => Err(self.stopped(output, how, kind)),
            Some(how) => resources.and_then(|_| Err(self.stopped(output, how, kind))),
        }
    }

    /// Runs the function; nothing comes of one that is a program if programs are not allowed.
    fn run(&self, cx: &Context, input: &str) -> Result<Option<FunctionOutput>> {
        if self.runner.passes_over(&self.function) {
            self.remark(cx);
            return Ok(None);
        }
        if matches!(self.function, Function::Program(_)) && self.root == Path::new("/") {
            let message = "root working directory '/' not allowed";
            return Err(self.failed(Error::new(ErrorKind::External, message)));
        }
        let call = FunctionCall {
            function: &self.function,
            root: &self.root,
            tree: self.tree.as_deref(),
            tree_files: self.tree_files.as_deref(),
            input: input.as_bytes(),
        };
        self.runner.run(&call).map(Some).map_err(|failure| match failure.kind() {
            FailureKind::Cancelled => refused(&failure).at(self.pos),
            _ => self.failed(refused(&failure)),
        })
    }

    /// Remarks on a function that is passed over.
    fn remark(&self, cx: &Context) {
        let Some(lint) = &cx.lint else { return };
        let text = format!("the function ({}) is a program and was not run", self.name);
        let warning = Warning::new(WarningKind::SkippedFunction, text, self.pos);
        lint.add(warning.hint("--enable-exec runs functions that are programs"));
    }

    fn failed(&self, error: Error) -> Error {
        match self.function {
            Function::Plugin(_) => error,
            _ => error.context("couldn't execute function"),
        }
        .at(self.pos)
    }

    /// Returns the error for a function that ended badly.
    fn stopped(&self, output: &FunctionOutput, how: &str, kind: ErrorKind) -> Error {
        let said = output.messages.trim_end();
        let message = match (&self.function, said) {
            (Function::Plugin(_), "") => {
                format!("failure in plugin configured via {}; {how}", self.name)
            }
            (Function::Plugin(_), _) => {
                format!("{said}: failure in plugin configured via {}; {how}", self.name)
            }
            (_, "") => how.to_owned(),
            _ => format!("{how}: {said}"),
        };
        self.failed(Error::new(kind, message))
    }
}

/// Returns the error for functions and plugins that are not allowed.
pub(crate) fn not_enabled(kind: &str) -> Error {
    let message = format!("external plugins disabled; unable to load external plugin '{kind}'");
    Error::new(ErrorKind::External, message).hint(&PLUGINS_NOT_ALLOWED)
}

/// Checks that no link leads a mount of a container out of the kustomization's folder: it would show the container
/// anything of the machine.
fn check_mounts(
    function: &Function,
    config: &Resource,
    files: &Files,
    loader: &Loader,
) -> Result<()> {
    let Function::Container(container) = function else { return Ok(()) };
    for mount in &container.mounts {
        // What is not there leads nowhere.
        let Ok(real) = files.fs().canonicalize(&loader.root().join(&mount.src)) else { continue };
        if !real.starts_with(loader.root()) {
            let (id, src, real) = (config.id(&Schema::builtin()), &mount.src, real.display());
            let message = format!(
                "plugin {id} with mount path '{src}' is not permitted; by a link it leads to {real}, and mount \
                 paths must be under the current kustomization directory"
            );
            return Err(Error::new(ErrorKind::Restricted, message).at(config.node.pos()));
        }
    }
    Ok(())
}

/// Finds the legacy plugin of a config's kind.
fn plugin(
    runner: &dyn FunctionRunner,
    config: &Resource,
    files: &Files,
    loader: &Loader,
) -> Result<PluginFunction> {
    let gvk = config.gvk();
    let kind = PluginKind {
        group: gvk.group.as_str().to_owned(),
        version: gvk.version.as_str().to_owned(),
        kind: gvk.kind.as_str().to_owned(),
    };
    // Each names a folder, so none may lead elsewhere.
    let is_name = |name: &str| !name.contains(['/', '\\']) && name != ".." && name != ".";
    if !is_name(&kind.group) || !is_name(&kind.version) || !is_name(&kind.kind) {
        let message = format!("no plugin can be named after {}", config.id(&Schema::builtin()));
        return Err(Error::new(ErrorKind::External, message).at(config.node.pos()));
    }
    let path = runner.plugin(&kind).map_err(|e| refused(&e).at(config.node.pos()))?;
    let mut text = String::new();
    yaml::print(&annotations::materialize(config), &mut text)?;
    let args = legacy::arguments(config, &mut |path| loader.read(files, path))?;
    Ok(PluginFunction { path, config: text, args })
}

fn refused(failure: &Failure) -> Error {
    let kind = match failure.kind() {
        FailureKind::Limit => ErrorKind::Limit,
        FailureKind::Cancelled => ErrorKind::Cancelled,
        _ => ErrorKind::External,
    };
    let error = Error::new(kind, failure.message().trim_end());
    error.maybe_hint(failure.hint_text().map(|hint| OUTSIDE_PROGRAM.with(hint)))
}
