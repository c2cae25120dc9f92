//! Directories of plain manifests: `source.directory`.
//!
//! Argo CD takes what looks like an object: a document with a `kind`. A file whose first document is none is left
//! out as a whole, unless it has the words of a manifest in it, for then somebody meant it to be one.

use std::io::ErrorKind;

use serde_json::Value as Json;

use kustom::FileKind;
use kustom::document::{Document, NodeKind, NodeView};

use crate::document;
use crate::pattern_work::PatternWork;
use crate::repository::Repository;

/// The comment by which a file is left out.
const SKIP: &str = "+argocd:skip-file-rendering";

/// The words that make a file a manifest, though not a right one.
const WORDS: [&str; 3] = ["apiVersion:", "kind:", "metadata:"];

/// Reads the objects of a directory, and says what of the source has no effect.
pub(super) fn objects(
    path: &str,
    source: &Json,
    repository: &Repository,
) -> Result<(Vec<NodeView>, Vec<String>), String> {
    let mut nodes = Vec::new();
    let files = files(path, source, repository)?;
    let unmatched = if files.is_empty() { unmatched(path, source) } else { None };
    for file in files {
        read(file, repository, &mut nodes)?;
    }
    Ok((nodes, unmatched.into_iter().collect()))
}

/// Returns the files of a directory that are looked into, from the root of the repository.
pub(crate) fn files<'r>(
    path: &str,
    source: &Json,
    repository: &'r Repository,
) -> Result<Vec<&'r str>, String> {
    let own = source.get("directory").unwrap_or(&Json::Null);
    let is_on = |key: &str| own.get(key) == Some(&Json::Bool(true));
    let (globs, work) = (repository.globs(), repository.work());
    let glob = |key: &str| own.get(key).and_then(Json::as_str).filter(|glob| !glob.is_empty());
    let (include, exclude) = (glob("include"), glob("exclude"));
    let is_taken = |below: &str| {
        let name = below.rsplit('/').next().unwrap_or_default();
        let is_manifest = ["yaml", "yml", "json", "jsonnet"]
            .iter()
            .any(|end| name.rsplit_once('.').is_some_and(|(_, own)| own == *end));
        (is_on("recurse") || !below.contains('/'))
            && (is_manifest || is_on("disableExtensionFilter"))
            && include.is_none_or(|glob| globs.takes(glob, below))
            && !exclude.is_some_and(|glob| globs.takes(glob, below))
    };
    let all = below(path, repository)?.into_iter();
    let files = all.filter(|(below, _)| is_taken(below)).map(|(_, file)| file).collect();
    if work.is_spent() { Err(format!("{path}: {}", PatternWork::told())) } else { Ok(files) }
}

/// Says that the `include` of a source matches none of its files, where none is left.
fn unmatched(path: &str, source: &Json) -> Option<String> {
    let include = source.pointer("/directory/include").and_then(Json::as_str);
    let include = include.filter(|include| !include.is_empty())?;
    let recurses = source.pointer("/directory/recurse") == Some(&Json::Bool(true));
    Some(match include.contains('/') && !recurses {
        true => format!(
            "the include {include:?} leaves no file: without `recurse: true` only those of {path} itself are looked at"
        ),
        false => format!("the include {include:?} leaves no file of {path}"),
    })
}

/// Returns the files at and below a directory as a walk meets them, each as seen from there and from the root.
fn below<'r>(path: &str, repository: &'r Repository) -> Result<Vec<(&'r str, &'r str)>, String> {
    let top = path.trim_matches('/').trim_start_matches("./");
    let below = |file: &'r str| match top {
        "" | "." => Some(file),
        top => file.strip_prefix(top)?.strip_prefix('/'),
    };
    let files = repository.files()?.iter();
    let mut found: Vec<_> = files.filter_map(|file| Some((below(file)?, file.as_str()))).collect();
    found.sort_by(|(a, _), (b, _)| a.split('/').cmp(b.split('/')));
    Ok(found)
}

fn read(file: &str, repository: &Repository, nodes: &mut Vec<NodeView>) -> Result<(), String> {
    let bytes = match (repository.kind(file), repository.read(file)) {
        // A link that leads to a directory, or to nothing.
        (Some(kind), _) if kind != FileKind::File => return Ok(()),
        (None, Err(e)) if e.kind() == ErrorKind::NotFound => return Ok(()),
        (_, read) => read.map_err(|e| format!("{file}: {e}"))?,
    };
    let text = String::from_utf8_lossy(&bytes);
    if text.contains(SKIP) {
        return Ok(());
    }
    if file.ends_with(".jsonnet") {
        return Err(format!("{file} is a program in Jsonnet, which is not run"));
    }
    let found = match file.ends_with(".json") {
        true => json(&bytes, file)?,
        false => yaml(&bytes, &text, file)?,
    };
    found.into_iter().try_for_each(|node| add(node, file, nodes))
}

/// Returns the one object of a file in JSON; none if it is something else that Argo CD lets pass.
fn json(bytes: &[u8], file: &str) -> Result<Vec<NodeView>, String> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<Json>();
    let value = match values.next() {
        None => return Err(format!("{file}: the file is empty, which is no JSON")),
        Some(value) => value.map_err(|e| format!("{file}: {e}"))?,
    };
    match (&value, values.next()) {
        (_, Some(_)) => Err(format!(
            "{file} has more than one object: Argo CD takes only one from a file in JSON"
        )),
        (value, None) if has_kind(value) => Ok(vec![NodeView::from_value(value)]),
        (value, None) if is_like_an_image(value) => Ok(Vec::new()),
        _ => Err(format!("{file} is no Kubernetes object: it has no `kind`")),
    }
}

fn has_kind(value: &Json) -> bool {
    value.get("kind").and_then(Json::as_str).is_some_and(|kind| !kind.is_empty())
}

/// Returns `true` for what could be the manifest of an image, which Argo CD lets pass: any object but one that has
/// a member of such a name that is of another type.
fn is_like_an_image(value: &Json) -> bool {
    let fits = |(key, value): (&String, &Json)| {
        value.is_null()
            || match key.to_ascii_lowercase().as_str() {
                "schemaversion" => value.is_i64(),
                "mediatype" | "artifacttype" => value.is_string(),
                "config" | "subject" => value.is_object(),
                "layers" => value.as_array().is_some_and(|all| all.iter().all(Json::is_object)),
                "annotations" => {
                    value.as_object().is_some_and(|all| all.values().all(Json::is_string))
                }
                _ => true,
            }
    };
    value.is_null() || value.as_object().is_some_and(|members| members.iter().all(fits))
}

/// Returns the objects of a file in YAML; none if the first document is no object and nothing says that it was
/// meant to be one.
fn yaml(bytes: &[u8], text: &str, file: &str) -> Result<Vec<NodeView>, String> {
    let (documents, fault) = match Document::read_all(bytes) {
        Ok(documents) => (documents, None),
        Err(e) => (readable(text), Some(e.message().to_owned())),
    };
    let mut objects = Vec::new();
    let mut fault = fault;
    for document in documents {
        if has_kind(document.value()) {
            objects.push(document::object(&document));
        } else if !document.value().is_null() {
            fault = Some("it holds something that is no Kubernetes object".to_owned());
            break;
        }
    }
    match fault {
        Some(fault) if !objects.is_empty() || WORDS.iter().all(|word| text.contains(word)) => {
            Err(format!("{file}: {fault}"))
        }
        Some(_) => Ok(Vec::new()),
        None => Ok(objects),
    }
}

/// Returns the documents before the one that cannot be read.
fn readable(text: &str) -> Vec<Document> {
    let mut all = Vec::new();
    for part in text.split("\n---") {
        match Document::read_all(part.as_bytes()) {
            Ok(documents) => all.extend(documents),
            Err(_) => break,
        }
    }
    all
}

/// Adds an object, or those of a list, which is whatever has `items`.
fn add(node: NodeView, file: &str, nodes: &mut Vec<NodeView>) -> Result<(), String> {
    let has = |key: &str| node.get(key).is_some();
    let is_null = |node: &NodeView| node.to_value().is_ok_and(|value| value.is_null());
    match node.get("items").map(|items| (items.kind(), items)) {
        Some((NodeKind::Sequence, items)) => {
            return items.items().try_for_each(|item| add(item, file, nodes));
        }
        Some((_, items)) if is_null(&items) && !has("spec") && !has("status") => return Ok(()),
        _ => {}
    }
    let kind = node.text_at(&["kind"]).unwrap_or_default();
    if kind.is_empty() {
        return Err(format!("{file} holds something that is no Kubernetes object"));
    }
    if node.text_at(&["apiVersion"]).is_none_or(str::is_empty) {
        return Err(format!("{file}: an object of kind {kind} has no apiVersion"));
    }
    nodes.push(node);
    Ok(())
}
