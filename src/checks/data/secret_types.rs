//! Types of Secrets, and the keys that each wants.
//!
//! Warnings show the names of keys alone, never values.

use crate::checks::data::made_keys::{keys, shown};
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::load::Files;
use crate::resource::Resource;
use crate::yaml::{Node, nearest};

/// The types of Secrets that Kubernetes knows.
const TYPES: &[&str] = &[
    "kubernetes.io/basic-auth",
    "kubernetes.io/dockercfg",
    "kubernetes.io/dockerconfigjson",
    "kubernetes.io/service-account-token",
    "kubernetes.io/ssh-auth",
    "kubernetes.io/tls",
];

/// Warns about a type that is nearly one of Kubernetes: those of others have another name before the slash.
fn unknown_type(lint: &Lint, secret: &Resource, kind: &str) {
    let is_own = kind.starts_with("kubernetes.io/") && !TYPES.contains(&kind);
    let Some(near) = nearest(TYPES.iter().copied(), kind).filter(|_| is_own) else { return };
    let text = format!(
        "Secret {} has the type {kind}, which is none of Kubernetes: what looks for `{near}` does not take it",
        secret.name()
    );
    let pos = secret.node.get("type").map_or(secret.node.pos(), Node::pos);
    lint.add(
        Warning::new(WarningKind::InvalidValue, text, place_or(pos, secret))
            .hint(format!("did you mean `{near}`?")),
    );
}

/// Warns about a Secret without the keys that its type wants.
pub(in crate::checks) fn check(lint: &Lint, files: &Files, secret: &Resource) {
    let Some(kind) = secret.node.get("type").and_then(Node::text) else { return };
    let (wants, needs_all): (&[&str], bool) = match kind {
        "kubernetes.io/tls" => (&["tls.crt", "tls.key"], true),
        "kubernetes.io/dockerconfigjson" => (&[".dockerconfigjson"], true),
        "kubernetes.io/dockercfg" => (&[".dockercfg"], true),
        "kubernetes.io/ssh-auth" => (&["ssh-privatekey"], true),
        "kubernetes.io/basic-auth" => (&["username", "password"], false),
        _ => return unknown_type(lint, secret, kind),
    };
    let there = keys(secret);
    let lacks: Vec<&str> = wants.iter().copied().filter(|key| !there.contains(key)).collect();
    let is_refused = if needs_all { !lacks.is_empty() } else { lacks.len() == wants.len() };
    if !is_refused {
        return;
    }
    let between = if needs_all { "`, `" } else { "` or `" };
    let text = format!(
        "Secret {} has the type {kind} and no key `{}`, so the API server refuses it",
        secret.name(),
        lacks.join(between)
    );
    let has = if there.is_empty() { String::new() } else { format!("it has {}; ", shown(&there)) };
    let lines: Vec<String> = lacks
        .iter()
        .map(|key| match file_meant(files, secret, key, (&lacks, wants)) {
            Some(file) => format!("{key}={file}"),
            None => format!("{key}=FILE"),
        })
        .collect();
    let lines = lines.join(", ");
    let hint = match lines.contains("=FILE") {
        true => format!("{has}a key is given to a file of a generator as in `files: [{lines}]`"),
        false => format!("{has}write `files: [{lines}]` in the generator"),
    };
    let pos = secret.node.get("type").map_or(secret.node.pos(), Node::pos);
    lint.add(Warning::new(WarningKind::IncompleteSecret, text, place_or(pos, secret)).hint(hint));
}

/// Returns the file of the generator that most likely has what belongs under a key, as the generator names it.
fn file_meant(
    files: &Files,
    secret: &Resource,
    key: &str,
    (lacks, wants): (&[&str], &[&str]),
) -> Option<String> {
    let own = files.locate(secret.node.pos()).filter(|_| secret.history.is_generated)?;
    let data = secret.node.get("data")?.as_map()?;
    let spare = data.iter().filter(|entry| !wants.iter().any(|key| entry.key.text() == Some(key)));
    let is_key = |name: &str| name.contains("key") || name.starts_with("id_");
    let fits = |name: &str| match key {
        "tls.crt" => !is_key(name),
        "tls.key" | "ssh-privatekey" => is_key(name) && !name.ends_with(".pub"),
        "username" => name.contains("user"),
        "password" => name.contains("pass"),
        _ => true,
    };
    let all: Vec<_> = spare.collect();
    let named = all.iter().filter(|entry| entry.key.text().is_some_and(fits));
    let mut named = named.chain(all.iter().filter(|_| all.len() == 1 && lacks.len() == 1));
    let first = named.next()?;
    if named.next().is_some_and(|other| !std::ptr::eq(*other, *first)) {
        return None;
    }
    let file = files.locate(first.value.pos())?.file;
    // What stands in the kustomization itself is no file.
    let below = file.strip_prefix(own.file.parent()?).ok().filter(|_| file != own.file)?;
    Some(below.to_string_lossy().replace('\\', "/"))
}
