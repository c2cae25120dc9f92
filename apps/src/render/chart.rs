//! Charts: `source.chart`, and directories with a `Chart.yaml`.
//!
//! A chart is rendered as the only entry of `helmCharts` of a kustomization that is made up for it, so by
//! whatever renders the charts of kustomizations.

use serde_json::{Map, Value as Json, json};

use super::chart_values;
use super::environment;
use super::work::{Stage, Work, existing};
use crate::application::Application;
use crate::repository::Repository;

/// The file with the values, in the twin.
const VALUES: &str = "values-of-the-application.yaml";

/// Returns what is to be done for a chart that lies in the repository.
pub(super) fn in_tree(
    application: &Application,
    source: &Json,
    path: &str,
    repository: &Repository,
) -> Result<Work, String> {
    let directory = existing(path, repository)?;
    let (Some(parent), Some(name)) = (directory.parent(), directory.file_name()) else {
        return Err(format!("{path} is no directory that a chart can lie in"));
    };
    if directory == repository.root() {
        let message =
            "the root of the repository is a chart, which is not rendered: move it into a folder";
        return Err(message.to_owned());
    }
    let entry = json!({"name": name.to_string_lossy()});
    let title = format!("the chart {path}");
    stage(application, source, Some(path), entry, repository, (parent.to_path_buf(), title))
}

/// Returns what is to be done for a chart of a server.
pub(super) fn from_server(
    application: &Application,
    source: &Json,
    repository: &Repository,
) -> Result<Work, String> {
    let text = |key: &str| source.get(key).and_then(Json::as_str).unwrap_or_default();
    let (chart, repo) = (text("chart"), text("repoURL"));
    // A registry is named by its host alone.
    let repo = if repo.contains("://") { repo.to_owned() } else { format!("oci://{repo}") };
    let entry = json!({"name": chart, "repo": repo, "version": text("targetRevision")});
    let title = format!("the chart {chart} of {repo}");
    let root = repository.root().to_path_buf();
    stage(application, source, None, entry, repository, (root, title))
}

fn stage(
    application: &Application,
    source: &Json,
    path: Option<&str>,
    entry: Json,
    repository: &Repository,
    (directory, title): (std::path::PathBuf, String),
) -> Result<Work, String> {
    let nothing = Json::Object(Map::new());
    let helm = source.get("helm").filter(|helm| helm.is_object()).unwrap_or(&nothing);
    let text = |key: &str| helm.get(key).and_then(Json::as_str).unwrap_or_default();
    let is_on = |key: &str| helm.get(key) == Some(&Json::Bool(true));
    let or = |given: &str, other: &str| if given.is_empty() { other } else { given }.to_owned();
    let environment = environment::of(application, source);
    let values = chart_values::of(helm, path, &application.sources(), &environment, repository)
        .map_err(|e| format!("{title}: {e}"))?;
    let mut entry = entry;
    for (key, value) in [
        ("releaseName", json!(or(text("releaseName"), application.name()))),
        ("namespace", json!(or(text("namespace"), application.destination_namespace()))),
        ("includeCRDs", json!(!is_on("skipCrds"))),
        ("skipTests", json!(is_on("skipTests"))),
        ("kubeVersion", json!(text("kubeVersion"))),
        ("apiVersions", helm.get("apiVersions").cloned().unwrap_or_else(|| json!([]))),
        ("valuesFile", json!(VALUES)),
    ] {
        entry[key] = value;
    }
    let mut kustomization = json!({"helmCharts": [entry]});
    if path.is_some() {
        kustomization["helmGlobals"] = json!({"chartHome": "."});
    }
    let mut stage = Stage::new(directory, kustomization.to_string().into_bytes(), title);
    stage.is_chart = true;
    stage.files.insert(VALUES.to_owned(), Some(values.to_string().into_bytes()));
    Ok(Work::Staged(stage))
}
