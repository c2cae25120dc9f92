//! What an Application would sync: its sources rendered, with its own overrides.
//!
//! ```text
//! source ── work: kustomization (with `overrides` put in) | directory | refused ── build, all at once
//!        ── namespace of the destination ── manifests
//! ```

mod directory;
mod environment;
mod overrides;
mod scope;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value as Json;

use kustom::yaml::Node;
use kustom::{Build, Builder, FileKind, WarningKind};

use crate::application::Application;
use crate::overlay::Overlay;
use crate::preview::KUSTOMIZATIONS;
use crate::problem::{Problem, Severity};
use crate::repository::Repository;
use scope::Scopes;

/// What one Application would sync.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Rendered {
    /// Its objects, in the order of its sources.
    pub manifests: Vec<Manifest>,
    /// What could not be rendered, and warnings of builds.
    pub problems: Vec<Problem>,
}

/// An object, as it would be applied.
#[derive(Clone, Debug)]
pub struct Manifest {
    node: Node,
    text: String,
}

impl Manifest {
    pub(crate) fn new(node: Node) -> Result<Manifest, String> {
        let mut text = String::new();
        kustom::yaml::print(&node, &mut text).map_err(|e| e.to_string())?;
        Ok(Manifest { node, text })
    }

    /// Returns its YAML document.
    pub fn as_yaml(&self) -> &str {
        &self.text
    }

    /// Returns what a path of keys leads to, if that is a text.
    pub(crate) fn text(&self, path: &[&str]) -> &str {
        self.node.get_path(path).and_then(Node::text).unwrap_or_default()
    }

    pub(crate) fn node(&self) -> &Node {
        &self.node
    }

    /// Returns `KIND NAMESPACE/NAME`, for people.
    pub(crate) fn title(&self) -> String {
        let (kind, name) = (self.text(&["kind"]), self.text(&["metadata", "name"]));
        match self.text(&["metadata", "namespace"]) {
            "" => format!("{kind} {name}"),
            namespace => format!("{kind} {namespace}/{name}"),
        }
    }
}

impl Rendered {
    /// Returns `true` if something could not be rendered.
    pub fn failed(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Returns all objects as one stream of YAML documents.
    pub fn to_yaml(&self) -> String {
        let texts: Vec<&str> = self.manifests.iter().map(Manifest::as_yaml).collect();
        texts.join("---\n")
    }
}

/// What is to be done for one source.
enum Work {
    /// A kustomization; with other text in place of its file if the Application says so.
    Kustomization {
        directory: PathBuf,
        text: Option<(PathBuf, Vec<u8>)>,
    },
    /// Objects that were read already.
    Objects(Vec<Node>),
    Refused(String),
}

/// Renders what Applications would sync; what they share is read and built once.
///
/// `builder` says how kustomizations are built; its file system is replaced by that of `repository`.
pub fn render(
    applications: &[Application],
    repository: &Repository,
    builder: &Builder,
) -> Vec<Rendered> {
    let work: Vec<Vec<Work>> = applications
        .iter()
        .map(|application| {
            let sources = application.sources();
            sources.iter().filter_map(|source| work(application, source, repository)).collect()
        })
        .collect();
    let plain: Vec<&PathBuf> = work
        .iter()
        .flatten()
        .filter_map(|work| match work {
            Work::Kustomization { directory, text: None } => Some(directory),
            _ => None,
        })
        .collect();
    let fs = repository.file_system();
    let shared = builder.clone().file_system(Overlay::new(Arc::clone(fs), None));
    let mut builds = shared.build_all(plain).into_iter();
    let mut all = Vec::with_capacity(applications.len());
    for (application, work) in applications.iter().zip(work) {
        let mut rendered = Rendered::default();
        for work in work {
            let result = match work {
                Work::Kustomization { text: None, .. } => builds.next().map(told),
                Work::Kustomization { directory, text } => {
                    let fs = Overlay::new(Arc::clone(fs), text);
                    Some(told(builder.clone().file_system(fs).build(directory)))
                }
                Work::Objects(nodes) => Some(Ok((nodes, Vec::new()))),
                Work::Refused(message) => Some(Err(message)),
            };
            let added =
                result.unwrap_or_else(|| Ok(Default::default())).and_then(|(nodes, warnings)| {
                    let problems = warnings.into_iter().map(|w| Problem::warning("build", w));
                    rendered.problems.extend(problems);
                    nodes.into_iter().map(Manifest::new).collect::<Result<Vec<_>, _>>()
                });
            match added {
                Ok(manifests) => rendered.manifests.extend(manifests),
                Err(message) => rendered.problems.push(Problem::error("render", message)),
            }
        }
        let origin = application.origin();
        let about = format!("Application {}", application.name());
        let place = |problem: Problem| problem.at(&origin.file, origin.line).about(&about);
        rendered.problems = rendered.problems.into_iter().map(place).collect();
        all.push(rendered);
    }
    fill_namespaces(applications, &mut all);
    all
}

/// Returns the objects of a build and its warnings, or why there are none.
fn told(result: kustom::Result<Build>) -> Result<(Vec<Node>, Vec<String>), String> {
    let build = result.map_err(|e| e.to_string())?;
    let nodes = build.resources().iter().map(|resource| resource.node().clone()).collect();
    // Argo CD itself writes deprecated fields, which nobody can mend in the repository.
    let warnings = build.warnings().iter().filter(|w| w.kind() != WarningKind::DeprecatedField);
    Ok((nodes, warnings.map(ToString::to_string).collect()))
}

/// Returns what is to be done for a source; none for one that others only refer to.
fn work(application: &Application, source: &Json, repository: &Repository) -> Option<Work> {
    let text = |key: &str| source.get(key).and_then(Json::as_str).unwrap_or_default();
    let (path, chart) = (text("path"), text("chart"));
    if path.is_empty() && chart.is_empty() {
        return match text("ref") {
            "" => Some(Work::Refused("the source has neither a path nor a chart".to_owned())),
            _ => None,
        };
    }
    if !chart.is_empty() {
        let message = format!("the chart {chart} comes from a server, so it is not rendered");
        return Some(Work::Refused(message));
    }
    Some(match in_repository(application, source, path, repository) {
        Ok(work) => work,
        Err(message) => Work::Refused(message),
    })
}

fn in_repository(
    application: &Application,
    source: &Json,
    path: &str,
    repository: &Repository,
) -> Result<Work, String> {
    let directory = repository
        .path(path)
        .ok_or_else(|| format!("the path {path} leads out of the repository"))?;
    if repository.kind(path) != Some(FileKind::Directory) {
        return Err(format!("there is no directory {path}"));
    }
    let has =
        |name: &str| matches!(repository.kind(&format!("{path}/{name}")), Some(FileKind::File));
    let says = |tool: &str| source.get(tool).is_some_and(|own| !own.is_null());
    if says("plugin") {
        return Err(format!("{path} is rendered by a plugin, which is not run"));
    }
    let kustomization = KUSTOMIZATIONS.iter().find(|name| has(name));
    match kustomization {
        _ if says("helm") || !says("kustomize") && !says("directory") && has("Chart.yaml") => {
            Err(format!("{path} is a chart, which is not rendered"))
        }
        Some(name) if !says("directory") => {
            let file = directory.join(name);
            let own = source.get("kustomize").filter(|own| !own.is_null());
            let text = match own {
                None => None,
                Some(own) => {
                    let bytes = repository.file_system().read(&file);
                    let bytes = bytes.map_err(|e| format!("{path}/{name}: {e}"))?;
                    let environment = environment::of(application, source);
                    let exists = |component: &str| {
                        repository.kind(&format!("{path}/{component}")) == Some(FileKind::Directory)
                    };
                    overrides::apply(&bytes, own, &environment, &exists)
                        .map_err(|e| format!("{path}/{name}: {e}"))?
                        .map(|text| (file, text))
                }
            };
            Ok(Work::Kustomization { directory, text })
        }
        None if says("kustomize") => Err(format!("{path} has no kustomization")),
        _ => directory::objects(path, source, repository).map(Work::Objects),
    }
}

/// Puts the namespace of the destination where an object has none, as the sync does.
fn fill_namespaces(applications: &[Application], all: &mut [Rendered]) {
    let scopes = Scopes::of(all.iter().flat_map(|rendered| &rendered.manifests));
    for (application, rendered) in applications.iter().zip(all) {
        let namespace = application.destination_namespace();
        if namespace.is_empty() {
            continue;
        }
        for manifest in &mut rendered.manifests {
            let has = !manifest.text(&["metadata", "namespace"]).is_empty();
            if has || !scopes.is_namespaced(manifest) {
                continue;
            }
            let mut node = manifest.node.clone();
            if let Some(metadata) = node.get_mut("metadata").and_then(Node::as_map_mut) {
                metadata.set("namespace", Node::str(namespace));
                if let Ok(filled) = Manifest::new(node) {
                    *manifest = filled;
                }
            }
        }
    }
}
