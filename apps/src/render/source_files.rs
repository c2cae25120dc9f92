//! `.argocd-source.yaml` and `.argocd-source-NAME.yaml`: what lies beside the manifests goes over the source of the
//! Application, as what updates images writes it.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use kustom::FileKind;

use crate::application::Application;
use crate::document;
use crate::functions::kind;
use crate::repository::Repository;

/// What no such file changes.
const FIXED: [&str; 4] = ["chart", "path", "repoURL", "targetRevision"];

/// The members of a source as Argo CD has them; it reads them in whatever case.
const NAMES: &[&str] = &[
    "kustomize",
    "helm",
    "directory",
    "plugin",
    "images",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "replicas",
    "count",
    "commonLabels",
    "commonAnnotations",
    "commonAnnotationsEnvsubst",
    "forceCommonLabels",
    "forceCommonAnnotations",
    "labelWithoutSelector",
    "labelIncludeTemplates",
    "patches",
    "components",
    "ignoreMissingComponents",
    "version",
    "kubeVersion",
    "apiVersions",
    "parameters",
    "name",
    "value",
    "forceString",
    "fileParameters",
    "path",
    "values",
    "valuesObject",
    "valueFiles",
    "ignoreMissingValueFiles",
    "releaseName",
    "passCredentials",
    "skipCrds",
    "skipTests",
    "skipSchemaValidation",
    "recurse",
    "include",
    "exclude",
    "jsonnet",
    "disableExtensionFilter",
];

/// What holds keys of others, which stay as they are.
const FREE: [&str; 4] = ["valuesObject", "commonLabels", "commonAnnotations", "patches"];

/// Returns a source with what the files beside its manifests say.
///
/// # Errors
/// If such a file is no map.
pub(crate) fn effective<'s>(
    application: &Application,
    source: &'s Json,
    repository: &Repository,
) -> Result<Cow<'s, Json>, String> {
    let text = |key: &str| source.get(key).and_then(Json::as_str).unwrap_or_default();
    let path = text("path");
    if path.is_empty() || !text("chart").is_empty() || application.is_flux() {
        return Ok(Cow::Borrowed(source));
    }
    let mut merged = Cow::Borrowed(source);
    for name in names(application, path, repository) {
        let file = format!("{path}/{name}");
        let bytes = repository.read(&file).map_err(|e| format!("{file}: {e}"))?;
        let patch = document::read(&bytes).map_err(|e| format!("{file}: {e}"))?;
        match patch {
            Json::Null => {}
            Json::Object(_) => merge(merged.to_mut(), named(patch)),
            other => return Err(format!("{file} is {}, not a map", kind(&other))),
        }
    }
    if let (Cow::Owned(Json::Object(merged)), Some(source)) = (&mut merged, source.as_object()) {
        for key in FIXED {
            match source.get(key) {
                Some(value) => merged.insert(key.to_owned(), value.clone()),
                None => merged.remove(key),
            };
        }
    }
    Ok(merged)
}

/// Returns the names of such files that are there: that for all Applications, then that for this one. One of a
/// namespace other than that of Argo CD is known by both.
fn names(application: &Application, path: &str, repository: &Repository) -> Vec<String> {
    let is_there =
        |name: &String| matches!(repository.kind(&format!("{path}/{name}")), Some(FileKind::File));
    let (name, namespace) = (application.name(), application.namespace());
    let own =
        [format!(".argocd-source-{name}.yaml"), format!(".argocd-source-{namespace}_{name}.yaml")];
    let own = own.into_iter().find(|name| is_there(name));
    [".argocd-source.yaml".to_owned()].into_iter().filter(is_there).chain(own).collect()
}

/// Returns a value with the names of members as Argo CD has them.
fn named(value: Json) -> Json {
    match value {
        Json::Object(members) => {
            let member = |(key, value): (String, Json)| {
                let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(&key));
                let key = known.map_or(key, |known| (*known).to_owned());
                let value = if FREE.contains(&key.as_str()) { value } else { named(value) };
                (key, value)
            };
            Json::Object(members.into_iter().map(member).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(named).collect()),
        other => other,
    }
}

/// Merges as RFC 7386 has it: maps by key, null removes, all else replaces.
fn merge(target: &mut Json, patch: Json) {
    let Json::Object(members) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Json::Object(Map::new());
    }
    for (key, value) in members {
        if value.is_null() {
            target.as_object_mut().map(|target| target.remove(&key));
        } else {
            merge(&mut target[&key], value);
        }
    }
}
