//! What helm has answered in one call: each question is asked once, however many roots and layers have
//! it, and by several threads at once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ecow::EcoVec;
use rustc_hash::FxHashSet;

use super::refused;
use crate::diagnostics::hints::{CHART_NOT_THERE, HELM_VERSION};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::{Account, Limit};
use crate::load::{Folder, Looks, Part};
use crate::once_map::OnceMap;
use crate::outside::{
    ChartDefaults, ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileTree,
};
use crate::resource::{Resource, stream};
use crate::schema::Schema;
use crate::yaml::{self, Limits, Pos};

/// The answers of one renderer.
#[derive(Debug)]
pub(crate) struct Renderings {
    renderer: Arc<dyn ChartRenderer>,
    /// How deep the answers are read that are kept.
    depth: usize,
    version: OnceLock<Result<()>>,
    pulled: OnceMap<ChartPull, std::result::Result<Folder, NotPulled>>,
    kept: OnceMap<ChartPull, Result<()>>,
    copied: OnceMap<PathBuf, (Result<Folder>, Part)>,
    printed: OnceMap<String, std::result::Result<Arc<[u8]>, NotPrinted>>,
    rendered: OnceMap<String, Result<Arc<[Resource]>>>,
}

/// Why a chart was not fetched.
#[derive(Clone, Debug)]
enum NotPulled {
    Failed(Failure),
    Empty,
}

/// Why a chart was not rendered, and what the message calls the values and the chart that were tried.
#[derive(Clone, Debug)]
struct NotPrinted {
    failure: Failure,
    shown: Vec<String>,
}

/// What is given where no chart is rendered.
#[derive(Debug)]
struct NoHelm;

impl NoHelm {
    fn failure() -> Failure {
        Failure::new(FailureKind::Refused, "helm is not asked")
    }
}

impl ChartRenderer for NoHelm {
    fn version(&self) -> std::result::Result<String, Failure> {
        Err(NoHelm::failure())
    }

    fn pull(&self, _: &ChartPull) -> std::result::Result<FileTree, Failure> {
        Err(NoHelm::failure())
    }

    fn template(&self, _: &ChartTemplate) -> std::result::Result<Vec<u8>, Failure> {
        Err(NoHelm::failure())
    }
}

impl Renderings {
    /// Returns those of a run that names the files of charts and renders none.
    pub(crate) fn none() -> Renderings {
        Renderings::new(Arc::new(NoHelm), 0)
    }

    /// Returns answers of which none has been given yet.
    pub(crate) fn new(renderer: Arc<dyn ChartRenderer>, depth: usize) -> Renderings {
        Renderings {
            renderer,
            depth,
            version: OnceLock::new(),
            pulled: OnceMap::default(),
            kept: OnceMap::default(),
            copied: OnceMap::default(),
            printed: OnceMap::default(),
            rendered: OnceMap::default(),
        }
    }

    /// Returns what holds for charts that do not say otherwise.
    pub(crate) fn defaults(&self) -> ChartDefaults {
        self.renderer.defaults()
    }

    /// Checks that helm is one whose words are known.
    ///
    /// # Errors
    /// If it is not, or there is none.
    pub(super) fn check_version(&self) -> Result<()> {
        let ask = || {
            let arguments = ["version", "--short"].map(OsString::from);
            let said = self.renderer.version();
            let said = said.map_err(|e| self.failed(&e, ErrorKind::External, &arguments))?;
            check_version(&said)
        };
        self.version.get_or_init(ask).clone()
    }

    /// Fetches a chart.
    ///
    /// # Errors
    /// If it cannot be fetched.
    pub(super) fn pull(&self, pull: &ChartPull) -> Result<Folder> {
        let fetch = || match self.renderer.pull(pull) {
            Ok(tree) if tree.is_empty() => Err(NotPulled::Empty),
            Ok(tree) => Ok(Folder::new(tree)),
            Err(failure) => Err(NotPulled::Failed(failure)),
        };
        let refuse = |failure: &Failure| {
            self.failed(failure, ErrorKind::Fetch, &pull.arguments(&pull.shown_folder))
        };
        self.renderer.check(pull).map_err(|failure| refuse(&failure))?;
        let folder = self.pulled.get(pull.shared(), fetch).map_err(|why| match why {
            NotPulled::Failed(failure) => refuse(&failure),
            // Some archives hold a chart of another name, of which helm says nothing.
            NotPulled::Empty => {
                let message = format!("{}: the archive holds no chart `{}`", pull.repo, pull.name);
                Error::new(ErrorKind::Fetch, message).hint(CHART_NOT_THERE.with(
                    "the directory in the archive, and `name` in its Chart.yaml, have to be the `name` of the entry",
                ))
            }
        })?;
        let keep = || self.renderer.keep(pull, &folder.tree).map_err(|failure| refuse(&failure));
        self.kept.get(pull.clone(), keep)?;
        Ok(folder)
    }

    /// Returns the chart that lies in a directory of vendored copies, read once.
    ///
    /// # Errors
    /// If `read` fails.
    pub(super) fn copied(
        &self,
        looks: Looks<'_>,
        root: &Path,
        read: impl FnOnce() -> Result<Folder>,
    ) -> Result<Folder> {
        looks.once(&self.copied, root.to_path_buf(), read)
    }

    /// Renders a chart, and charges what has come as what is read from files.
    ///
    /// # Errors
    /// If helm fails, or what it prints are no resources or too much.
    pub(crate) fn render(
        &self,
        template: &ChartTemplate,
        account: &Account,
    ) -> Result<Arc<[Resource]>> {
        let printed = self.printed(template)?;
        account.charge(Limit::ReadBytes, printed.len() as u64)?;
        let resources = self.rendered(template, &printed, &Limits::of(account))?;
        account.charge(Limit::Documents, resources.len() as u64)?;
        yaml::charge_copies(&printed, resources.iter().map(|resource| &resource.node), account)?;
        Ok(resources)
    }

    /// Renders a chart that a build will ask for; what is wrong is told then.
    pub(crate) fn prepare(&self, template: &ChartTemplate, limits: &Limits) {
        if let Ok(printed) = self.printed(template) {
            drop(self.rendered(template, &printed, limits));
        }
    }

    fn printed(&self, template: &ChartTemplate) -> Result<Arc<[u8]>> {
        let print = || {
            self.renderer
                .template(template)
                .map(Arc::from)
                .map_err(|failure| NotPrinted { failure, shown: shown(template) })
        };
        self.printed.get(template.digest(), print).map_err(
            |NotPrinted { failure, shown: tried }| {
                // What comes to the same may lie elsewhere.
                let mut message = failure.message().to_owned();
                let all = tried.iter().zip(shown(template));
                for (tried, own) in all.filter(|(tried, _)| !tried.is_empty()) {
                    message = message.replace(&**tried, &own);
                }
                let values: Vec<PathBuf> =
                    template.values.iter().map(|file| PathBuf::from(&file.shown)).collect();
                let arguments = template.arguments(&template.shown_chart, &values);
                self.failed(&failure.with_message(message), ErrorKind::Generator, &arguments)
            },
        )
    }

    /// Returns the error for a call of helm, in upstream's words.
    fn failed(&self, failure: &Failure, tried: ErrorKind, arguments: &[OsString]) -> Error {
        if failure.kind() == FailureKind::Cancelled {
            return refused(failure, tried, failure.message().to_owned());
        }
        let (helm, said) = (self.renderer.command(), failure.message().trim_end());
        let words: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
        refused(failure, tried, format!("unable to run: '{helm} {}': {said}", words.join(" ")))
    }

    fn rendered(
        &self,
        template: &ChartTemplate,
        printed: &[u8],
        limits: &Limits,
    ) -> Result<Arc<[Resource]>> {
        let read = || read(printed, limits);
        if limits.depth == self.depth { self.rendered.get(template.digest(), read) } else { read() }
    }
}

/// Reads what helm has printed.
fn read(printed: &[u8], limits: &Limits) -> Result<Arc<[Resource]>> {
    let documents = yaml::read_stream(printed, Pos::NONE, limits)
        .map_err(|e| Error::syntax(&e, Pos::NONE).context("error reading helm output"))?;
    let documents = EcoVec::from(documents);
    let opened = stream::resources(documents.clone());
    let has_lists = |opened: &Vec<Resource>| opened.len() != documents.len();
    let resources = match opened {
        Ok(opened) if !has_lists(&opened) || !has_doubles(&opened) => Ok(opened),
        // As upstream, which then reads all of it once more and opens no list (`tests/charts.rs`).
        _ => stream::closed(documents),
    };
    resources.map(Arc::from).map_err(|e| e.context("could not parse rnode slice into resource map"))
}

/// Returns `true` if two resources have one id.
fn has_doubles(resources: &[Resource]) -> bool {
    let schema = Schema::builtin();
    let mut seen = FxHashSet::default();
    resources.iter().any(|resource| {
        let id = resource.id_ref(&schema);
        !seen.insert([id.group, id.version, id.kind, id.name, id.namespace])
    })
}

/// Returns what messages call the values and the chart.
fn shown(template: &ChartTemplate) -> Vec<String> {
    let values = template.values.iter().map(|file| file.shown.clone());
    values.chain([template.shown_chart.display().to_string()]).collect()
}

/// Checks what `helm version --short` prints.
fn check_version(said: &str) -> Result<()> {
    let refuse = |message| Err(Error::new(ErrorKind::External, message).hint(&HELM_VERSION));
    let Some(version) = find_version(said) else {
        return refuse(format!("cannot find version string in {}", said.trim_end()));
    };
    match version.trim_start_matches('v').split('.').next() {
        Some("3" | "4") => Ok(()),
        _ => refuse(format!("this plugin requires helm V3 or V4 but got {version}")),
    }
}

/// Returns the first thing in a text that looks like `v1.2` or `1.2.3`.
fn find_version(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let digits =
        |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    (0..bytes.len()).find_map(|start| {
        let number = start + usize::from(bytes[start] == b'v');
        let first = digits(number);
        if first == number {
            return None;
        }
        let mut end = first;
        while bytes.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
            end = digits(end + 1);
        }
        (end > first).then(|| &text[start..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_versions() {
        for (said, version) in [
            ("v4.3.1+g0f2a1d5", Some("v4.3.1")),
            ("version.BuildInfo{Version:\"v3.12.1\", Go:1.20}", Some("v3.12.1")),
            ("Client: v2.9.0+g2e55dbe", Some("v2.9.0")),
            ("3.1", Some("3.1")),
            ("v4", None),
            ("", None),
            ("v.1 v1. x", None),
        ] {
            assert_eq!(find_version(said), version, "{said}");
        }
    }

    #[test]
    fn other_versions_are_refused() {
        assert!(check_version("v3.18.4").is_ok() && check_version("v4.0.0\n").is_ok());
        let message = |said: &str| check_version(said).map_err(|e| e.message().to_owned());
        assert_eq!(
            message("v2.9.0"),
            Err("this plugin requires helm V3 or V4 but got v2.9.0".to_owned())
        );
        assert_eq!(message("hello\n"), Err("cannot find version string in hello".to_owned()));
    }
}
