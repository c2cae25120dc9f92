//! What is to be done for a source of an Application.

use std::sync::Arc;

use serde_json::Value as Json;

use kustom::FileKind;
use kustom::edit::Edit;

use super::work::{Stage, Work, existing};
use super::{chart, directory, environment, overrides};
use crate::application::Application;
use crate::preview::KUSTOMIZATIONS;
use crate::repository::Repository;

/// Returns what is to be done for a source; none for one that others only refer to.
pub(crate) fn work(
    application: &Application,
    source: &Json,
    repository: &Repository,
) -> Option<Work> {
    let text = |key: &str| source.get(key).and_then(Json::as_str).unwrap_or_default();
    let (path, chart) = (text("path"), text("chart"));
    let work = match (path, chart) {
        ("", "") if text("ref").is_empty() => {
            Err("the source has neither a path nor a chart".to_owned())
        }
        ("", "") => return None,
        (_, chart) if !chart.is_empty() => chart::from_server(application, source, repository),
        (path, _) => in_repository(application, source, path, repository),
    };
    Some(work.unwrap_or_else(Work::Refused))
}

/// Returns the name of the kustomization in a directory.
pub(super) fn kustomization(path: &str, repository: &Repository) -> Option<&'static str> {
    KUSTOMIZATIONS.iter().copied().find(|name| is_file(path, name, repository))
}

fn is_file(path: &str, name: &str, repository: &Repository) -> bool {
    matches!(repository.kind(&format!("{path}/{name}")), Some(FileKind::File))
}

/// Returns `true` for a tool that a source names without a word about it: Argo CD drops it. What is said of plugins
/// stays.
fn is_zero(tool: &str, own: &Json) -> bool {
    let is_off = |value: &Json| match value {
        Json::Null | Json::Bool(false) => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    };
    match own {
        Json::Null => true,
        Json::Object(members) => tool != "plugin" && members.values().all(is_off),
        _ => false,
    }
}

fn objects(path: &str, source: &Json, repository: &Repository) -> Result<Work, String> {
    let (objects, warnings) = directory::objects(path, source, repository)?;
    Ok(Work::Objects(objects, warnings))
}

fn in_repository(
    application: &Application,
    source: &Json,
    path: &str,
    repository: &Repository,
) -> Result<Work, String> {
    if path.starts_with('/') {
        return Err(format!(
            "the path {path} is absolute, which Argo CD refuses: it begins at the root of the repository, so without `/`"
        ));
    }
    let directory = existing(path, repository)?;
    let says = |tool: &str| source.get(tool).is_some_and(|own| !is_zero(tool, own));
    let tools: Vec<&str> = ["kustomize", "helm", "directory", "plugin"]
        .into_iter()
        .filter(|tool| says(tool))
        .collect();
    if tools.len() > 1 {
        return Err(format!("the source of {path} is of more than one kind: {}", tools.join(", ")));
    }
    if says("plugin") {
        return Err(format!("{path} is rendered by a plugin, which is not run"));
    }
    // What the Application says decides, then what lies there.
    match kustomization(path, repository) {
        _ if says("helm") => chart::in_tree(application, source, path, repository),
        _ if says("directory") => objects(path, source, repository),
        Some(name) => {
            let Some(own) = source.get("kustomize").filter(|own| !own.is_null()) else {
                return Ok(Work::Kustomization(directory));
            };
            let shown = format!("{path}/{name}");
            let files = Arc::clone(repository.file_system());
            let root = format!("{}/", repository.root().display());
            let mut edit =
                Edit::open(files, &directory).map_err(|e| e.to_string().replace(&root, ""))?;
            let environment = environment::of(application, source);
            let exists =
                |component: &str| repository.kind(&format!("{path}/{component}")).is_some();
            overrides::apply(&mut edit, own, &environment, &exists)
                .map_err(|fault| fault.told(&shown))?;
            if edit.is_unchanged() {
                return Ok(Work::Kustomization(directory));
            }
            let title = format!("{shown} with what the Application says");
            let text = edit.to_yaml().map_err(|e| format!("{title}: {}", e.message()))?;
            Ok(Work::Staged(Stage::new(directory, text.into_bytes(), title)))
        }
        None if says("kustomize") => Err(format!("{path} has no kustomization")),
        None if is_file(path, "Chart.yaml", repository) => {
            chart::in_tree(application, source, path, repository)
        }
        None => objects(path, source, repository),
    }
}
