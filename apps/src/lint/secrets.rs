//! Secrets in the repository.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kustom::document::{Document, NodeView};

use super::open_values::{ENCRYPTED, is_open, is_plain};
use crate::application::{Application, remark};
use crate::clusters::SECRET_TYPE;
use crate::problem::Problem;
use crate::render::Rendered;
use crate::repository::Repository;

/// Files larger than that are not looked into.
const LARGEST: usize = 1 << 20;

/// What is no secret in the Secrets of clusters and repositories that Argo CD reads.
const OPEN: [&str; 9] =
    ["enableOCI", "insecure", "name", "namespaces", "project", "server", "shard", "type", "url"];

/// Folders of which the Secrets are for tests, or no objects yet.
const ASIDE: [&str; 8] =
    ["e2e", "example", "examples", "fixtures", "templates", "test", "testdata", "tests"];

/// Returns `true` if a Secret has a value that is neither empty nor encrypted, and no placeholder.
fn has_plain_values(secret: &NodeView) -> bool {
    let is_plain = |field: &str, value: NodeView| {
        let text = value.text().unwrap_or_default();
        let decoded = STANDARD.decode(text.split_whitespace().collect::<String>()).ok();
        let decoded = decoded.filter(|_| field == "data");
        let decoded = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        // Whole files are encrypted with a comment before, say.
        let is_none = |text: &str| text.contains(ENCRYPTED) || is_open(text);
        let is_filled = !text.starts_with(ENCRYPTED) && !is_open(text);
        !text.is_empty() && is_filled && !decoded.is_some_and(|text| is_none(&text))
    };
    let is_of_argo_cd = secret.get_path(&["metadata", "labels", SECRET_TYPE]).is_some();
    ["data", "stringData"].into_iter().any(|field| {
        let values = secret.get(field);
        values.is_some_and(|values| {
            values.entries().any(|(key, value)| {
                let key = key.text().unwrap_or_default().to_owned();
                !(is_of_argo_cd && OPEN.contains(&key.as_str())) && is_plain(field, value)
            })
        })
    })
}

pub(super) fn check(
    rendered: &[Rendered],
    applications: &[Application],
    repository: &Repository,
    problems: &mut Vec<Problem>,
) {
    let mut told = BTreeSet::new();
    for (application, rendered) in applications.iter().zip(rendered) {
        for manifest in &rendered.manifests {
            if manifest.text(&["kind"]) == "Secret" && has_plain_values(manifest.node()) {
                told.insert(manifest.text(&["metadata", "name"]));
                let message = format!("{} has its values in the repository", manifest.title());
                problems.push(
                    remark("plain-secret", message, application)
                        .hint("let an ExternalSecret fetch them"),
                );
            }
        }
    }
    let texts = [".yaml", ".yml", ".json", ".env", ".ini", "/Kustomization"];
    let files = repository.files().unwrap_or_default();
    for file in files.iter().filter(|file| texts.iter().any(|end| file.ends_with(end))) {
        let Ok(bytes) = repository.read(file) else { continue };
        if bytes.len() > LARGEST {
            continue;
        }
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
        let mut say = |code, line, message: String| {
            let problem = Problem::warning(code, message);
            let problem = problem.at(&repository.root().join(file), line);
            problems.push(problem.hint("let an ExternalSecret fetch them"));
        };
        if let Some(at) = text.find(ENCRYPTED) {
            let line = 1 + text[..at].matches('\n').count();
            let message = "values that SOPS encrypted are in the repository";
            say("sops-file", Some(line), message.to_owned());
        }
        if file.split('/').any(|folder| ASIDE.contains(&folder)) {
            continue;
        }
        let written = plain_secrets(&text).into_iter().map(|found| ("Secret", found));
        let generated = plain_generators(file, &text, repository).into_iter();
        for (what, (line, name)) in written.chain(generated.map(|found| ("secretGenerator", found)))
        {
            // What is rendered may have got something before or behind its name.
            if !told.iter().any(|told| told.contains(name.as_str())) {
                let message = format!("{what} {name} has its values in the repository");
                say("plain-secret", line, message);
            }
        }
    }
}

/// What has plain values: its line and name.
type Found = (Option<usize>, String);

/// Returns the Secrets in a text that have a plain value. What is a template or broken has none.
fn plain_secrets(text: &str) -> Vec<Found> {
    let bare = |text: &str| text.trim_end_matches(['"', '\'', ' ']).len();
    let is_kind = |(at, _): (usize, &str)| {
        let before = text[..bare(&text[..at])].strip_suffix(':');
        before.is_some_and(|before| before[..bare(before)].ends_with("kind"))
    };
    if !text.match_indices("Secret").any(is_kind) {
        return Vec::new();
    }
    let documents = Document::read_all(text.as_bytes()).unwrap_or_default();
    let mut found = Vec::new();
    for document in &documents {
        secrets_of(document, &document.root(), &mut Vec::new(), &mut found);
    }
    found
}

/// Adds the Secrets of an object, which may be a list of objects; `path` leads to it.
fn secrets_of(
    document: &Document,
    object: &NodeView,
    path: &mut Vec<String>,
    found: &mut Vec<Found>,
) {
    let text = |field: &str| object.text_at(&[field]).map(str::to_owned).unwrap_or_default();
    let kind = text("kind");
    if kind.ends_with("List")
        && let Some(items) = object.get("items")
    {
        path.push("items".to_owned());
        for (i, item) in items.items().enumerate() {
            path.push(i.to_string());
            secrets_of(document, &item, path, found);
            path.pop();
        }
        path.pop();
    }
    if kind != "Secret" || text("apiVersion") != "v1" || !has_plain_values(object) {
        return;
    }
    let name = object.text_at(&["metadata", "name"]).unwrap_or_default();
    let field = ["data", "stringData"].into_iter().find(|field| object.get(field).is_some());
    let line = document.line(path.iter().map(String::as_str).chain(field));
    found.push((line, name.to_owned()));
}

/// Returns the entries of `secretGenerator` in a kustomization file that have a plain value.
fn plain_generators(file: &str, text: &str, repository: &Repository) -> Vec<Found> {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    if !["kustomization.yaml", "kustomization.yml", "Kustomization"].contains(&name)
        || !text.contains("secretGenerator")
    {
        return Vec::new();
    }
    let Ok(document) = Document::read(text.as_bytes()) else { return Vec::new() };
    let Some(generators) = document.root().get("secretGenerator") else { return Vec::new() };
    let read = |path: &str| {
        let bytes = repository.read(&format!("{folder}/{path}")).ok()?;
        (bytes.len() <= LARGEST).then(|| String::from_utf8_lossy(&bytes).into_owned())
    };
    let value = |pair: &str| pair.split_once('=').is_some_and(|(_, value)| is_plain(value.trim()));
    let of_env = |path: &str| {
        let text = read(path).unwrap_or_default();
        text.lines().any(|line| !line.trim_start().starts_with('#') && value(line))
    };
    let of_file = |path: &str| {
        let path = path.split_once('=').map_or(path, |(_, path)| path);
        read(path).is_some_and(|text| is_plain(&text))
    };
    let mut found = Vec::new();
    for (i, generator) in generators.items().enumerate() {
        let any = |field: &str, is_plain: &dyn Fn(&str) -> bool| {
            let list = generator.get(field);
            list.is_some_and(|list| list.items().any(|item| item.text().is_some_and(is_plain)))
        };
        let env = generator.text_at(&["env"]).is_some_and(of_env);
        if any("literals", &value) || any("envs", &of_env) || env || any("files", &of_file) {
            let name = generator.text_at(&["name"]).unwrap_or_default();
            let line = document.line(["secretGenerator", &i.to_string()]);
            found.push((line, name.to_owned()));
        }
    }
    found
}
