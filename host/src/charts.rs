//! Charts, rendered by helm.
//!
//! helm gets copies: the chart that the library has read, values, a configuration of its own. So it
//! sees nothing of the tree that the build may not read, and works for trees that are not on the disk,
//! such as revisions. Plugins of helm are those of the user's `HELM_PLUGINS` or none.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use kustom::Cancel;
use kustom::outside::{
    ChartDefaults, ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileTree,
};

use crate::cache::Cache;
use crate::folders;
use crate::process::{Finished, Limits, ProcessError, Program};
use crate::scratch::{Folder, Scratch};
use crate::watch::Progress;

mod packed;
mod repeatable;
mod schemas;
mod surroundings;
mod templates_of_texts;
mod unread;
mod untarred;

/// The most bytes that a fetched chart and what helm needs to fetch it may have.
const MOST_FETCHED: u64 = 256 << 20;
/// The most files and folders that it may consist of.
const MOST_ENTRIES: usize = 20_000;

/// Renders charts with the program helm, version 3 or 4.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use kustom_host::charts::Helm;
///
/// let builder = kustom::Builder::new().charts(Arc::new(Helm::new("helm")));
/// print!("{}", builder.build("platform/ingress")?);
/// # Ok::<(), kustom::Error>(())
/// ```
pub struct Helm {
    command: OsString,
    defaults: ChartDefaults,
    limits: Limits,
    cancel: Cancel,
    cache: Option<Cache>,
    writes_charts: bool,
    progress: Option<Arc<dyn Progress>>,
    scratch: Scratch,
    version: OnceLock<Result<String, Failure>>,
    /// The folder of all charts.
    folder: OnceLock<Result<Folder, Failure>>,
    /// The folders of charts in it, and whether the chart lies there: each is written once, and several at a time.
    placed: Mutex<BTreeMap<PathBuf, Arc<Mutex<bool>>>>,
}

impl Helm {
    /// Returns what starts this program: a path, or a name that is looked up in `PATH`.
    ///
    /// The name must come from the user, never from a tree.
    pub fn new(command: impl AsRef<OsStr>) -> Helm {
        Helm {
            command: command.as_ref().to_owned(),
            defaults: ChartDefaults::default(),
            limits: Limits::default(),
            cancel: Cancel::default(),
            cache: None,
            writes_charts: false,
            progress: None,
            scratch: Scratch::new(),
            version: OnceLock::new(),
            folder: OnceLock::new(),
            placed: Mutex::default(),
        }
    }

    /// Sets what holds for charts that do not say otherwise.
    #[must_use]
    pub fn defaults(self, defaults: ChartDefaults) -> Helm {
        Helm { defaults, ..self }
    }

    /// Sets who hears of charts that are being fetched.
    #[must_use]
    pub fn progress(self, progress: impl Progress + 'static) -> Helm {
        Helm { progress: Some(Arc::new(progress)), ..self }
    }

    /// Sets the limits of each call of helm.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Helm {
        Helm { limits, ..self }
    }

    /// Sets what stops helm before its time.
    #[must_use]
    pub fn cancel(self, cancel: &Cancel) -> Helm {
        Helm { cancel: cancel.clone(), ..self }
    }

    /// Sets the temporary folder, for who has to be able to remove it.
    #[must_use]
    pub fn scratch(self, scratch: &Scratch) -> Helm {
        Helm { scratch: scratch.clone(), ..self }
    }

    /// Sets a folder that keeps fetched charts of exact versions, and renderings.
    #[must_use]
    pub fn cache(self, cache: Cache) -> Helm {
        Helm { cache: Some(cache), ..self }
    }

    /// Sets whether fetched charts are written into the tree, as upstream does.
    #[must_use]
    pub fn write_charts(self, on: bool) -> Helm {
        Helm { writes_charts: on, ..self }
    }

    /// Returns helm with an environment of its own below `folder`.
    fn program(&self, folder: &Path, config: Option<&FileTree>) -> Result<Program, Failure> {
        let home = folder.join("helm");
        if let Some(config) = config {
            folders::write(config, &home).map_err(|e| unwritable(&home, &e))?;
        }
        // As upstream: where the caller is, for variables such as `KUBECONFIG` name files from there.
        let program = Program::new(&self.command)
            .cancel(&self.cancel)
            .env("HELM_CONFIG_HOME", &home)
            .env("HELM_CACHE_HOME", home.join(".cache"))
            .env("HELM_DATA_HOME", home.join(".data"));
        // Whatever the tree holds, it brings no plugins.
        Ok(match std::env::var_os("HELM_PLUGINS") {
            Some(_) => program,
            None => program.env("HELM_PLUGINS", folder.join("no-plugins")),
        })
    }

    /// Returns what decides about results besides requests, if they are kept and that can be told.
    fn surroundings(&self) -> Option<String> {
        self.cache.as_ref().and_then(|_| surroundings::digest(&self.command))
    }

    /// Runs helm and returns what it printed.
    fn run(&self, program: Program) -> Result<Vec<u8>, Failure> {
        self.printed(program.run(b"", &self.limits))
    }

    fn printed(&self, run: Result<Finished, ProcessError>) -> Result<Vec<u8>, Failure> {
        let finished = run.map_err(|e| not_run(&e, &self.command))?;
        if finished.status.success() { Ok(finished.stdout) } else { Err(failed(&finished)) }
    }

    fn folder(&self) -> Result<&Path, Failure> {
        let make = || self.scratch.folder("charts-");
        self.folder.get_or_init(make).as_ref().map(Folder::path).map_err(Clone::clone)
    }

    /// Returns a new folder for one call, which vanishes with it.
    fn run_folder(&self) -> Result<Folder, Failure> {
        self.scratch.folder("kustomize-helm-")
    }

    /// Puts a chart where helm can read it, once.
    fn place(&self, template: &ChartTemplate) -> Result<PathBuf, Failure> {
        let folder = self.folder()?.join(template.chart_digest());
        let folder = folder.join(template.folder_name());
        let is_placed = Arc::clone(locked(&self.placed).entry(folder.clone()).or_default());
        let mut is_placed = locked(&is_placed);
        if !*is_placed {
            folders::write(&template.chart, &folder).map_err(|e| unwritable(&folder, &e))?;
            *is_placed = true;
        }
        Ok(folder)
    }

    fn render(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        let chart = self.place(template)?;
        let folder = self.run_folder()?;
        let mut values = Vec::with_capacity(template.values.len());
        for (i, file) in template.values.iter().enumerate() {
            let name = Path::new(&file.name).file_name().unwrap_or(OsStr::new("values.yaml"));
            let below = folder.path().join(i.to_string());
            let path = below.join(name);
            std::fs::create_dir(&below)
                .and_then(|()| std::fs::write(&path, &file.content))
                .map_err(|e| unwritable(&path, &e))?;
            values.push(path);
        }
        let program = self
            .program(folder.path(), template.config.as_deref())?
            .args(template.arguments(&chart, &values));
        // Who reads of an error knows the chart's place in the tree, not that of the copy.
        let run = program.run(b"", &self.limits);
        // What helm has made of the templates says more than a line number in it.
        let made = run.as_ref().ok().filter(|_| template.debug);
        let made = made.and_then(|finished| unread::shown(&finished.stdout));
        self.printed(run).map_err(|failure| {
            let failure = match made {
                Some(made) => {
                    let message = format!("{}\n\nHelm template:\n{made}", failure.message());
                    failure.with_message(message)
                }
                None => failure,
            };
            let mut message = failure.message().to_owned();
            let shown = values.iter().zip(template.values.iter().map(|file| file.shown.clone()));
            let chart = (&chart, template.shown_chart.display().to_string());
            for (path, shown) in shown.chain([chart]) {
                message = message.replace(&path.display().to_string(), &shown);
            }
            failure.with_message(message)
        })
    }

    fn fetch(&self, pull: &ChartPull) -> Result<FileTree, Failure> {
        let name = untarred::name(pull)?;
        let folder = self.run_folder()?;
        let target = folder.path().join("pulled");
        let program = self.program(folder.path(), pull.config.as_deref())?;
        let mut goes_on = || !folders::exceeds(folder.path(), MOST_FETCHED, MOST_ENTRIES);
        let program = program.args(pull.arguments(&target));
        let what = || format!("{} of {}", pull.name, pull.repo);
        let _fetching = self.progress.as_ref().map(|progress| progress.start(&what()));
        let finished = program.run_while(b"", &self.limits, &mut goes_on);
        if !goes_on() {
            let message = format!(
                "what helm fetches has more than {MOST_FETCHED} bytes or {MOST_ENTRIES} files"
            );
            return Err(Failure::new(FailureKind::Limit, message));
        }
        self.printed(finished)?;
        let chart = target.join(name);
        // A link could lead to anything of this machine.
        if !chart.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            let message = format!("what was fetched is no chart '{}'", pull.name);
            return Err(Failure::new(FailureKind::Failed, message));
        }
        folders::read(&chart).map_err(|e| {
            Failure::new(FailureKind::Failed, format!("reading the chart '{}': {e}", pull.name))
        })
    }
}

impl fmt::Debug for Helm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Helm").field("command", &self.command).finish_non_exhaustive()
    }
}

impl ChartRenderer for Helm {
    fn version(&self) -> Result<String, Failure> {
        let ask = || {
            let folder = self.run_folder()?;
            let program = self.program(folder.path(), None)?.args(["version", "--short"]);
            let said = self.run(program)?;
            Ok(String::from_utf8_lossy(&said).into_owned())
        };
        self.version.get_or_init(ask).clone()
    }

    fn pull(&self, pull: &ChartPull) -> Result<FileTree, Failure> {
        let surroundings = self.surroundings().filter(|_| pull.is_exact());
        let cache = self.cache.as_ref().filter(|_| surroundings.is_some());
        let surroundings = surroundings.unwrap_or_default();
        let config = pull.config.as_ref().map_or_else(String::new, |config| config.digest());
        let version = pull.version.clone().unwrap_or_default();
        let key = [&pull.repo, &pull.name, &version, &config, &surroundings];
        let key = key.map(String::as_bytes);
        let kept = cache.filter(|_| !pull.is_fresh).and_then(|cache| cache.tree("charts", &key));
        let tree = match kept {
            Some(tree) => tree,
            None => {
                let tree = self.fetch(pull)?;
                if let Some(cache) = cache {
                    cache.keep_tree("charts", &key, &tree);
                }
                tree
            }
        };
        Ok(tree)
    }

    fn check(&self, pull: &ChartPull) -> Result<(), Failure> {
        if self.writes_charts { untarred::check(pull) } else { Ok(()) }
    }

    fn keep(&self, pull: &ChartPull, chart: &FileTree) -> Result<(), Failure> {
        if self.writes_charts {
            // A link may have been made meanwhile.
            untarred::check(pull)?;
            let folder = untarred::folder(pull, chart)?;
            folders::write(chart, &folder).map_err(|e| unwritable(&folder, &e))?;
        }
        Ok(())
    }

    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        schemas::check(&template.chart)?;
        let Some(Ok(version)) = self.version.get() else { return self.render(template) };
        let surroundings = self.surroundings().filter(|_| repeatable::is_repeatable(template));
        let cache = self.cache.as_ref().filter(|_| surroundings.is_some());
        let surroundings = surroundings.unwrap_or_default();
        let digest = template.digest();
        let clusters = match template.namespace {
            None => surroundings::clusters(),
            Some(_) => String::new(),
        };
        let key = [version.trim(), &digest, &surroundings, &clusters].map(str::as_bytes);
        if let Some(printed) = cache.and_then(|cache| cache.file("rendered", &key)) {
            return Ok(printed);
        }
        let printed = self.render(template)?;
        if let Some(cache) = cache {
            cache.keep_file("rendered", &key, &printed);
        }
        Ok(printed)
    }

    fn defaults(&self) -> ChartDefaults {
        self.defaults.clone()
    }

    fn command(&self) -> String {
        self.command.to_string_lossy().into_owned()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Failed, format!("writing {}: {error}", path.display()))
}

fn not_run(error: &ProcessError, command: &OsStr) -> Failure {
    let (failure, command) = (error.failure(), command.to_string_lossy());
    match failure.kind() {
        FailureKind::Missing => {
            failure.hint(format!("is '{command}' installed? --helm-command names another one"))
        }
        _ => failure,
    }
}

/// What helm 3.x and 4.x say of a repository that asks for credentials. helm has no exit status for it, so this is
/// best effort: with other words only the hint is missing.
const PRIVATE: [&str; 3] = ["401 Unauthorized", "403 Forbidden", "basic credential not found"];

fn failed(finished: &Finished) -> Failure {
    let said = finished.stderr_text();
    let message = match said.trim_end() {
        "" => finished.ending(),
        said => format!("{said}: {}", finished.ending()),
    };
    let is_private = PRIVATE.iter().any(|words| message.contains(words));
    let failure = Failure::new(FailureKind::Failed, message);
    match is_private {
        true => failure.hint(
            "a private repository needs credentials: for `oci://` HELM_REGISTRY_CONFIG names the file that `helm \
             registry login` has written; for `https://` a program of yours that --helm-command names may add \
             `--username` and `--password`",
        ),
        false => failure,
    }
}
