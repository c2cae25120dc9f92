//! What Flux makes of a `Kustomization`: its own fields over the kustomization, a kustomization where there is
//! none, and variables after the build.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use kustom::FileKind;
use kustom::document::Document;

use super::envsubst;
use super::kept::Kept;
use super::manifest::Manifest;
use super::source::kustomization;
use super::source_ignore::SourceIgnore;
use super::work::{Stage, Work, existing};
use crate::application::Application;
use crate::document;
use crate::flux::Flux;
use crate::functions::kind;
use crate::repository::Repository;

/// By this label or annotation an object says that its variables stay.
const SUBSTITUTE: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// Files of YAML that are for other programs.
const LEFT_OUT: [&str; 10] = [
    ".travis.yml",
    ".gitlab-ci.yml",
    "appveyor.yml",
    ".drone.yml",
    "cloudbuild.yaml",
    "codeship-services.yml",
    "codeship-steps.yml",
    ".goreleaser.yml",
    ".sops.yaml",
    ".flux.yaml",
];

/// Returns what is to be done for a `Kustomization`.
pub(super) fn work(application: &Application, repository: &Repository) -> Work {
    let made = application.flux().ok_or_else(String::new).and_then(|flux| {
        let path = flux.path();
        if let Some(elsewhere) = flux.elsewhere(|path| existing(path, repository).is_ok()) {
            return Err(format!("{elsewhere}\nhint: {}", flux.elsewhere_hint()));
        }
        let directory = existing(path, repository)?;
        let (shown, mut file) = match kustomization(path, repository) {
            Some(name) => {
                let bytes = repository.file_system().read(&directory.join(name));
                let bytes = bytes.map_err(|e| format!("{path}/{name}: {e}"))?;
                (format!("{path}/{name}"), read(&bytes).map_err(|e| format!("{path}/{name}: {e}"))?)
            }
            None => (path.to_owned(), generated(path, repository)?),
        };
        let before = file.clone();
        change(&mut file, flux, path, repository)?;
        if file == before && kustomization(path, repository).is_some() {
            return Ok(Work::Kustomization(directory));
        }
        let title = format!("{shown} with what the Kustomization says");
        let text = Json::Object(file).to_string().into_bytes();
        Ok(Work::Staged(Stage::new(directory, text, title)))
    });
    made.unwrap_or_else(Work::Refused)
}

fn read(bytes: &[u8]) -> Result<Map<String, Json>, String> {
    match document::read(bytes)? {
        Json::Object(file) => Ok(file),
        Json::Null => Ok(Map::new()),
        other => Err(format!("the kustomization is {}, not a map", kind(&other))),
    }
}

/// Returns the kustomization of a directory without one: all files with manifests, and the folders below that
/// have kustomizations.
fn generated(path: &str, repository: &Repository) -> Result<Map<String, Json>, String> {
    let top = path.trim_matches('/').trim_start_matches("./");
    let below = |file: &str| -> Option<String> {
        match top {
            "" | "." => Some(file.to_owned()),
            top => Some(file.strip_prefix(top)?.strip_prefix('/')?.to_owned()),
        }
    };
    let mut resources: Vec<String> = Vec::new();
    let mut known = BTreeSet::new();
    let ignored = SourceIgnore::of(repository)?;
    let is_kept = |file: &&String| !is_left_out(file) && !ignored.takes(file);
    let files = repository.files()?.iter().filter(is_kept);
    for file in files.filter_map(|file| below(file)) {
        let folders = file.match_indices('/').map(|(i, _)| &file[..i]);
        let layer = folders
            .into_iter()
            .find(|folder| kustomization(&format!("{path}/{folder}"), repository).is_some());
        let resource = match layer {
            Some(folder) => folder,
            None if file.ends_with(".yaml") || file.ends_with(".yml") => &file,
            None => continue,
        };
        if known.insert(resource.to_owned()) {
            resources.push(resource.to_owned());
        }
    }
    let mut file = Map::new();
    file.insert("resources".to_owned(), json!(resources));
    Ok(file)
}

/// Returns `true` for what Flux leaves out of its copy of a repository, unless it is told otherwise.
fn is_left_out(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or_default();
    LEFT_OUT.contains(&name)
        || file.split('/').any(|folder| [".github", ".circleci"].contains(&folder))
}

/// Puts the fields of the `Kustomization` into the kustomization.
fn change(
    file: &mut Map<String, Json>,
    flux: &Flux,
    path: &str,
    repository: &Repository,
) -> Result<(), String> {
    for (from, to) in [
        ("targetNamespace", "namespace"),
        ("namePrefix", "namePrefix"),
        ("nameSuffix", "nameSuffix"),
    ] {
        if let Some(text) = flux.text(from) {
            file.insert(to.to_owned(), text.into());
        }
    }
    for image in flux.list("images") {
        let mut fields = image.as_object().into_iter().flatten();
        if let Some((field, value)) = fields.find(|(_, value)| value.is_boolean()) {
            return Err(format!(
                "images: {field} is {value}, not a text: so YAML 1.1 reads y, n, yes, no, on and off; put quotes around it"
            ));
        }
        let mut fields = image.as_object().into_iter().flatten();
        if let Some((field, value)) = fields.find(|(_, it)| !it.is_string() && !it.is_null()) {
            let (value, remedy) = match value {
                Json::Number(number) => (number.to_string(), "; put quotes around it"),
                other => (kind(other).to_owned(), ""),
            };
            return Err(format!("images: {field} is {value}, not a text{remedy}"));
        }
        let images = list(file, "images")?;
        match images.iter_mut().find(|old| old.get("name") == image.get("name")) {
            Some(old) => merge_image(old, image),
            None => images.push(image.clone()),
        }
    }
    for key in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
        let more: Vec<Json> = flux.list(key).iter().map(|patch| as_patch(key, patch)).collect();
        if !more.is_empty() {
            list(file, key)?.extend(more);
        }
    }
    for component in flux.list("components") {
        let at = component.as_str().unwrap_or_default();
        if at.is_empty() || at.starts_with('/') || at.contains("://") {
            return Err(format!("the component {component} is no path beside the kustomization"));
        }
        let is_there = repository.kind(&format!("{path}/{at}")) == Some(FileKind::Directory);
        if is_there || !flux.is_on("ignoreMissingComponents") {
            list(file, "components")?.push(component.clone());
        }
    }
    if !flux.list("buildMetadata").is_empty() {
        file.insert("buildMetadata".to_owned(), json!(flux.list("buildMetadata")));
    } else if file.get("resources").and_then(Json::as_array).is_none_or(Vec::is_empty) {
        // Odd: so that a kustomization without resources is no error.
        file.insert("buildMetadata".to_owned(), json!(["originAnnotations"]));
    }
    Ok(())
}

/// Puts what an image says over an entry of that name. Tag and digest are one: either replaces both.
fn merge_image(old: &mut Json, image: &Json) {
    let has =
        |key: &str| image.get(key).and_then(Json::as_str).is_some_and(|text| !text.is_empty());
    let put = |old: &mut Json, key: &str| old[key] = image.get(key).cloned().unwrap_or_default();
    if has("newName") {
        put(old, "newName");
    }
    if has("newTag") || has("digest") {
        put(old, "newTag");
        put(old, "digest");
    }
}

/// Returns a patch as the kustomization has it: what is an object or a list in Flux is a text there.
fn as_patch(key: &str, patch: &Json) -> Json {
    match (key, patch) {
        ("patchesStrategicMerge", Json::Object(_)) => patch.to_string().into(),
        ("patchesJson6902", Json::Object(members)) => {
            let mut members = members.clone();
            if let Some(operations) = members.get_mut("patch").filter(|patch| patch.is_array()) {
                *operations = operations.to_string().into();
            }
            Json::Object(members)
        }
        _ => patch.clone(),
    }
}

fn list<'a>(file: &'a mut Map<String, Json>, key: &str) -> Result<&'a mut Vec<Json>, String> {
    let value = file.entry(key).or_insert_with(|| json!([]));
    if value.is_null() {
        *value = json!([]);
    }
    value.as_array_mut().ok_or_else(|| format!("`{key}` is not a list"))
}

/// Does what comes after the build: variables, and the labels and annotations of all objects.
pub(super) fn finished(
    application: &Application,
    manifests: Vec<Manifest>,
    kept: &Kept,
) -> Result<Vec<Manifest>, String> {
    let Some(flux) = application.flux() else { return Ok(manifests) };
    let variables = flux.variables(|bytes| kept.read_variable(bytes))?;
    let how = (flux.always_substitutes(), flux.has_secrets());
    let mut all = Vec::with_capacity(manifests.len());
    for manifest in manifests {
        let manifest = match replaced(&manifest, &variables, how) {
            Ok(Some(replaced)) => replaced,
            Ok(None) => manifest,
            Err(e) => return Err(format!("{}: {e}", manifest.title())),
        };
        all.push(with_common(manifest, flux)?);
    }
    Ok(all)
}

fn replaced(
    manifest: &Manifest,
    variables: &BTreeMap<String, String>,
    (always, is_secret): (bool, bool),
) -> Result<Option<Manifest>, String> {
    let is_off = |kind: &str| manifest.text(&["metadata", kind, SUBSTITUTE]) == "disabled";
    if (variables.is_empty() && !always)
        || is_off("labels")
        || is_off("annotations")
        || !envsubst::has_variables(manifest.as_yaml())
    {
        return Ok(None);
    }
    let text = envsubst::replaced(manifest.as_yaml(), variables)?;
    let read = Document::read_all(text.as_bytes());
    // An error may quote a part of a value.
    let wrong = |e: kustom::Error| match is_secret {
        true => {
            "with its variables replaced it is no YAML; why is not shown, for they are of a Secret"
                .to_owned()
        }
        false => format!("with its variables replaced: {}", e.message()),
    };
    match read.map_err(wrong)?.as_slice() {
        [document] => Manifest::new(document.root()).map(Some),
        _ => Err("with its variables replaced it is not one object".to_owned()),
    }
}

fn with_common(manifest: Manifest, flux: &Flux) -> Result<Manifest, String> {
    let common = flux.common_metadata();
    if common.is_empty() {
        return Ok(manifest);
    }
    let changed = manifest.with_metadata(|metadata| {
        for (field, pairs) in common {
            let own = metadata.entry(field).or_insert(Json::Null);
            if !own.is_object() {
                *own = Json::Object(Map::new());
            }
            for (key, value) in pairs {
                own[key.as_str()] = value.as_str().unwrap_or_default().into();
            }
        }
    });
    changed.unwrap_or(Ok(manifest))
}
