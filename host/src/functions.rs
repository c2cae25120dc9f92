//! Functions and plugins: programs and containers.
//!
//! Nothing of it is a sandbox but the container: a program runs as the user, with the user's
//! environment, in the kustomization's folder.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kustom::Cancel;
use kustom::outside::{
    ContainerFunction, Failure, FailureKind, Function, FunctionCall, FunctionOutput,
    FunctionRunner, Mount, PluginFunction, PluginKind, ProgramFunction,
};

use crate::folders;
use crate::process::{Finished, Limits, ProcessError, Program};
use crate::scratch::Scratch;

/// Runs functions: containers and legacy plugins, and programs where that is allowed.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use kustom_host::functions::Functions;
///
/// let functions = Functions::new("docker").programs(true);
/// let builder = kustom::Builder::new().functions(Arc::new(functions));
/// print!("{}", builder.build("apps/web")?);
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Debug)]
pub struct Functions {
    /// The program that runs containers, with what comes before the image.
    command: OsString,
    runs_programs: bool,
    network: bool,
    as_current_user: bool,
    mounts: Vec<Mount>,
    envs: Vec<String>,
    limits: Limits,
    cancel: Cancel,
    scratch: Scratch,
    show: Show,
}

/// What is told of what functions print to stderr.
struct Show(Arc<dyn Fn(&str) + Send + Sync>);

impl fmt::Debug for Show {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Show")
    }
}

impl Functions {
    /// Returns a runner that has containers run by `command`: docker, podman or nerdctl, or a path.
    pub fn new(command: impl AsRef<OsStr>) -> Functions {
        Functions {
            command: command.as_ref().to_owned(),
            runs_programs: false,
            network: false,
            as_current_user: false,
            mounts: Vec::new(),
            envs: Vec::new(),
            limits: Limits::default(),
            cancel: Cancel::default(),
            scratch: Scratch::new(),
            show: Show(Arc::new(|_| {})),
        }
    }

    /// Sets whether functions that are programs run.
    #[must_use]
    pub fn programs(self, on: bool) -> Functions {
        Functions { runs_programs: on, ..self }
    }

    /// Sets whether containers that ask for the network get it.
    #[must_use]
    pub fn network(self, on: bool) -> Functions {
        Functions { network: on, ..self }
    }

    /// Sets whether containers run as the current user instead of nobody.
    #[must_use]
    pub fn as_current_user(self, on: bool) -> Functions {
        Functions { as_current_user: on, ..self }
    }

    /// Adds what all containers see; a source that is relative counts from the kustomization.
    #[must_use]
    pub fn mounts(mut self, mounts: impl IntoIterator<Item = Mount>) -> Functions {
        self.mounts.extend(mounts);
        self
    }

    /// Adds variables that all functions have: `NAME=VALUE`, or `NAME` for the value it has here.
    #[must_use]
    pub fn envs(mut self, envs: impl IntoIterator<Item = String>) -> Functions {
        self.envs.extend(envs);
        self
    }

    /// Sets the limits of each function.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Functions {
        Functions { limits, ..self }
    }

    /// Sets what stops functions before their time.
    #[must_use]
    pub fn cancel(self, cancel: &Cancel) -> Functions {
        Functions { cancel: cancel.clone(), ..self }
    }

    /// Sets the temporary folder, for who has to be able to remove it.
    #[must_use]
    pub fn scratch(self, scratch: &Scratch) -> Functions {
        Functions { scratch: scratch.clone(), ..self }
    }

    /// Sets what is told of what functions print to stderr.
    #[must_use]
    pub fn show(self, show: impl Fn(&str) + Send + Sync + 'static) -> Functions {
        Functions { show: Show(Arc::new(show)), ..self }
    }

    fn container(&self, container: &ContainerFunction, root: &Path) -> Result<Program, Failure> {
        if container.network && !self.network {
            let message = "network required but not enabled with --network";
            return Err(Failure::new(FailureKind::Refused, message)
                .hint("--network allows it, to functions that ask for it"));
        }
        if container.image.starts_with('-') {
            let message = format!("the image '{}' starts with '-'", container.image);
            return Err(Failure::new(FailureKind::Refused, message));
        }
        let mut program = Program::new(&self.command).directory(root).args([
            "run",
            "--rm",
            "-i",
            "-a",
            "STDIN",
            "-a",
            "STDOUT",
            "-a",
            "STDERR",
            "--network",
        ]);
        program = program.arg(if container.network { "host" } else { "none" });
        program = program.arg("--user").arg(self.user());
        program = program.arg("--security-opt=no-new-privileges");
        container.mounts.iter().try_for_each(|mount| check_mount(mount, root))?;
        for mount in container.mounts.iter().chain(&self.mounts) {
            program = program.arg("--mount").arg(mount_option(mount, root)?);
        }
        let mut variables: BTreeMap<&str, &str> = BTreeMap::new();
        let mut passed_on: Vec<&str> = Vec::new();
        // As upstream: whatever the config says of these, but not the flags.
        let fixed = ["LOG_TO_STDERR=true", "STRUCTURED_RESULTS=true"];
        let (own, flags) = (container.envs.iter(), self.envs.iter());
        for env in own.map(String::as_str).chain(fixed).chain(flags.map(String::as_str)) {
            match env.split_once('=') {
                Some((name, value)) => _ = variables.insert(name, value),
                None if passed_on.contains(&env) => {}
                None => passed_on.push(env),
            }
        }
        for (name, value) in variables {
            program = program.arg("-e").arg(format!("{name}={value}"));
        }
        for name in passed_on {
            program = program.arg("-e").arg(name);
        }
        Ok(program.arg(&container.image))
    }

    fn user(&self) -> String {
        #[cfg(unix)]
        if self.as_current_user {
            let user = rustix::process::getuid().as_raw();
            let group = rustix::process::getgid().as_raw();
            return format!("{user}:{group}");
        }
        "nobody".to_owned()
    }

    fn program(&self, function: &ProgramFunction, root: &Path) -> Program {
        // A path counts from the kustomization, a name is looked up.
        let path = Path::new(&function.path);
        let is_name = !function.path.contains('/');
        let path =
            if is_name { path.to_path_buf() } else { kustom::text::clean_path(&root.join(path)) };
        let variables = function.envs.iter().chain(&self.envs);
        let mut program = Program::new(path).args(&function.args).directory(root);
        for env in variables.filter(|env| env.matches('=').count() == 1) {
            if let Some((name, value)) = env.split_once('=') {
                program = program.env(name, value);
            }
        }
        program
    }

    /// Returns why a function did not come to an end of its own, with what may help.
    fn not_run(&self, error: &ProcessError, function: &Function) -> Failure {
        let failure = error.failure();
        if failure.kind() != FailureKind::Missing {
            return failure;
        }
        match function {
            Function::Container(_) => failure.hint(format!(
                "is '{}' installed? --container-command names another one",
                self.command.to_string_lossy()
            )),
            _ if error.is_missing() => failure.hint(
                "a path with `/` counts from the folder of the kustomization, a name is looked up in PATH",
            ),
            _ => failure.hint(
                "it has to be executable, and a script to begin with a line such as `#!/bin/sh`",
            ),
        }
    }

    fn run_plugin(&self, plugin: &PluginFunction, call: &FunctionCall<'_>) -> Run {
        let config = self.scratch.make(|folder| {
            let new = tempfile::Builder::new().prefix("kust-plugin-config-").tempfile_in(folder);
            new.and_then(|mut file| {
                file.write_all(plugin.config.as_bytes())?;
                file.flush()?;
                Ok(file)
            })
        })?;
        let mut program = Program::new(&plugin.path)
            .arg(config.path())
            .args(&plugin.args)
            .directory(call.root)
            .env("KUSTOMIZE_PLUGIN_CONFIG_ROOT", call.root);
        // Odd: what would be too long for the environment is left out.
        if "KUSTOMIZE_PLUGIN_CONFIG_STRING=".len() + plugin.config.len() <= LONGEST_VARIABLE {
            program = program.env("KUSTOMIZE_PLUGIN_CONFIG_STRING", &plugin.config);
        }
        self.finish(program, call)
    }

    fn run_here(&self, call: &FunctionCall<'_>) -> Run {
        match call.function {
            Function::Container(container) => {
                self.finish(self.container(container, call.root)?.grace(CONTAINER_GRACE), call)
            }
            Function::Program(function) if function.path.is_empty() => {
                Err(Failure::new(FailureKind::Failed, "exec: no command")
                    .hint("`exec` names its program in `path`"))
            }
            Function::Program(function) => self.finish(self.program(function, call.root), call),
            Function::Plugin(plugin) => self.run_plugin(plugin, call),
            _ => Err(Failure::new(FailureKind::Refused, "an unknown kind of function")),
        }
    }

    /// Returns `true` if a function can read and change what lies around it.
    fn lets_see_files(&self, function: &Function) -> bool {
        match function {
            Function::Container(container) => {
                !container.mounts.is_empty() || !self.mounts.is_empty()
            }
            _ => true,
        }
    }

    fn finish(&self, program: Program, call: &FunctionCall<'_>) -> Run {
        let program = program.cancel(&self.cancel);
        let run = program.run(call.input, &self.limits);
        let finished = run.map_err(|e| self.not_run(&e, call.function))?;
        let Finished { status, stdout, .. } = &finished;
        let messages = finished.stderr_text();
        if status.success() {
            if !messages.trim().is_empty() && !matches!(call.function, Function::Plugin(_)) {
                (self.show.0)(messages.trim_end());
            }
            return Ok(FunctionOutput::new(stdout.clone()));
        }
        Ok(FunctionOutput::new(stdout.clone()).failed(finished.ending()).messages(messages))
    }
}

/// How long the program that runs containers may take to stop one, which is none of its own processes: twice, and
/// within the second that an interrupted command has.
const CONTAINER_GRACE: Duration = Duration::from_millis(400);

type Run = Result<FunctionOutput, Failure>;

/// The longest variable with its name that upstream passes on, in bytes.
const LONGEST_VARIABLE: usize = 131_071;

impl FunctionRunner for Functions {
    fn run(&self, call: &FunctionCall<'_>) -> Run {
        // Any function has to start in a folder that is there.
        let is_needed = call.tree_files.is_some() || self.lets_see_files(call.function);
        let Some(tree) = call.tree.filter(|_| is_needed) else {
            return self.run_here(call);
        };
        let folder = self.scratch.folder("copy-")?;
        let copied = match call.tree_files {
            Some(files) => folders::write(files, folder.path()),
            None => folders::duplicate(tree, folder.path()),
        };
        let top = copied.and_then(|()| folder.path().canonicalize());
        let top = top.map_err(|e| {
            let message = format!("{}, in a copy of which the function runs: {e}", tree.display());
            Failure::new(FailureKind::Failed, message)
        })?;
        let root = call.root.strip_prefix(tree).map_or(top.clone(), |below| top.join(below));
        let mut moved = *call;
        (moved.root, moved.tree, moved.tree_files) = (&root, None, None);
        self.run_here(&moved)
    }

    fn runs_programs(&self) -> bool {
        self.runs_programs
    }

    fn reads(&self, function: &Function, root: &Path) -> Vec<PathBuf> {
        let mut paths = function.reads(root);
        if matches!(function, Function::Container(_)) {
            paths.extend(self.mounts.iter().map(|mount| root.join(&mount.src)));
        }
        paths
    }

    fn plugin(&self, plugin: &PluginKind) -> Result<PathBuf, Failure> {
        let home = plugin_home()?;
        let PluginKind { group, version, kind, .. } = plugin;
        let path = home.join(group).join(version).join(kind.to_lowercase()).join(kind);
        let missing = |message| Err(Failure::new(FailureKind::Missing, message));
        match fs::metadata(&path) {
            Ok(metadata) if may_run(&metadata) => Ok(path),
            Ok(_) => missing(format!("unexecutable plugin at: {}", path.display())),
            Err(_) => {
                missing(format!("expected file with Go object code at: {}.so", path.display()))
                    .map_err(|e| {
                        e.hint("plugins written in Go are not supported, only programs are")
                    })
            }
        }
    }
}

fn may_run(metadata: &fs::Metadata) -> bool {
    #[cfg(unix)]
    let is_allowed = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let is_allowed = true;
    metadata.is_file() && is_allowed
}

/// Returns the folder of legacy plugins, the first that there is.
fn plugin_home() -> Result<PathBuf, Failure> {
    let of = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = of("HOME").unwrap_or_default();
    let places = [
        (of("KUSTOMIZE_PLUGIN_HOME"), "homed in $KUSTOMIZE_PLUGIN_HOME"),
        (
            of("XDG_CONFIG_HOME").map(|path| path.join("kustomize/plugin")),
            "homed in $XDG_CONFIG_HOME",
        ),
        (Some(home.join(".config/kustomize/plugin")), "homed in default value of $XDG_CONFIG_HOME"),
        (Some(home.join("kustomize/plugin")), "homed in home directory"),
    ];
    let found = places.iter().find_map(|(path, _)| path.as_ref().filter(|path| path.is_dir()));
    found.cloned().ok_or_else(|| {
        let tried: Vec<String> = places
            .iter()
            .map(|(path, why)| {
                let shown = path.as_ref().map(|path| path.display().to_string());
                format!("('{}'; {why})", shown.unwrap_or_else(|| "<no value>".to_owned()))
            })
            .collect();
        let message = format!("unable to find plugin root - tried: {}", tried.join(", "));
        Failure::new(FailureKind::Missing, message)
    })
}

/// Checks that no link leads a mount of a tree out of the folder: the library has looked, but this may be a copy.
fn check_mount(mount: &Mount, root: &Path) -> Result<(), Failure> {
    match (root.canonicalize(), root.join(&mount.src).canonicalize()) {
        (Ok(top), Ok(real)) if !real.starts_with(&top) => {
            let message = format!("the mount of '{}' leads to {}", mount.src, real.display());
            Err(Failure::new(FailureKind::Refused, message))
        }
        _ => Ok(()),
    }
}

/// Returns the option of a mount.
fn mount_option(mount: &Mount, root: &Path) -> Result<String, Failure> {
    let source = kustom::text::clean_path(&root.join(&mount.src));
    let parts = [mount.mount_type.as_str(), &source.to_string_lossy(), &mount.dst];
    if parts.iter().any(|part| part.contains([',', '"', '\n'])) {
        let message = format!("the mount of '{}' has a comma or a quote", mount.src);
        return Err(Failure::new(FailureKind::Refused, message));
    }
    let [mount_type, source, target] = parts;
    let end = if mount.rw { "" } else { ",readonly" };
    Ok(format!("type={mount_type},source={source},target={target}{end}"))
}

/// Reads a mount as upstream's flag has it: `type=bind,src=PATH,dst=PATH[,rw=true]`.
///
/// # Errors
/// If something else stands there.
pub fn parse_mount(text: &str) -> Result<Mount, String> {
    let mut mount = Mount::default();
    for part in text.split(',') {
        match part.split_once('=') {
            Some(("type", value)) => mount.mount_type = value.to_owned(),
            Some(("src" | "source", value)) => mount.src = value.to_owned(),
            Some(("dst" | "target", value)) => mount.dst = value.to_owned(),
            Some(("rw", value)) => mount.rw = value == "true",
            _ => return Err(format!("'{part}' is none of type=, src=, dst=, rw=true")),
        }
    }
    Ok(mount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(program: &Program) -> String {
        let arguments = program.arguments().iter().map(|argument| argument.to_string_lossy());
        arguments.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn containers_are_run_as_upstream_does() {
        let mut container = ContainerFunction::default();
        container.image = "ex.io/fn".to_owned();
        container.envs =
            ["B=2", "HOME", "A=1", "LOG_TO_STDERR=no", "HOME"].map(str::to_owned).to_vec();
        container.mounts = vec![parse_mount("type=bind,src=data,dst=/x").unwrap()];
        let functions = Functions::new("docker")
            .envs(["A=9", "HOME", "STRUCTURED_RESULTS=no"].map(str::to_owned))
            .mounts([parse_mount("type=bind,source=/etc,target=/y,rw=true").unwrap()]);
        let program = functions.container(&container, Path::new("/app")).unwrap();
        assert_eq!(
            shown(&program),
            "run --rm -i -a STDIN -a STDOUT -a STDERR --network none --user nobody \
             --security-opt=no-new-privileges --mount type=bind,source=/app/data,target=/x,readonly \
             --mount type=bind,source=/etc,target=/y -e A=9 -e B=2 -e LOG_TO_STDERR=true \
             -e STRUCTURED_RESULTS=no -e HOME ex.io/fn"
        );
        container.network = true;
        let refused = functions.container(&container, Path::new("/app")).unwrap_err();
        assert_eq!(refused.message(), "network required but not enabled with --network");
        let functions = functions.network(true);
        let program = functions.container(&container, Path::new("/app")).unwrap();
        assert!(shown(&program).contains("--network host"));
    }

    #[test]
    fn nothing_of_a_tree_becomes_an_option() {
        let functions = Functions::new("docker");
        let mut container = ContainerFunction::default();
        container.image = "--privileged".to_owned();
        assert!(functions.container(&container, Path::new("/app")).is_err());
        container.image = "fn".to_owned();
        container.mounts = vec![Mount::default()];
        container.mounts[0].src = "a,source=/".to_owned();
        assert!(functions.container(&container, Path::new("/app")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_a_mount_out() {
        let functions = Functions::new("docker");
        let mut container = ContainerFunction::default();
        container.image = "fn".to_owned();
        container.mounts = vec![Mount::default()];
        let top = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/", top.path().join("link")).expect("a link");
        fs::create_dir(top.path().join("data")).expect("a folder");
        for (src, is_refused) in [("link", true), ("link/etc", true), ("data", false)] {
            container.mounts[0].src = src.to_owned();
            assert_eq!(functions.container(&container, top.path()).is_err(), is_refused, "{src}");
        }
    }

    #[test]
    fn mounts_are_read() {
        assert!(parse_mount("type=bind,src=a,dst=/b,rw=true").unwrap().rw);
        assert!(parse_mount("nonsense").is_err());
    }
}
