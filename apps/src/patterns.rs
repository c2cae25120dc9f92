//! What deserves attention in the patterns of git generators.

use serde_json::Value as Json;

use crate::boolean_keys;
use crate::document;
use crate::path_pattern::{self, BadPattern, Pathspec};
use crate::problem::Problem;
use crate::repository::Repository;

/// A remark, and the path of what it is about.
type Remark = (String, Problem);

/// Finds patterns of an ApplicationSet that are malformed, match less than it seems, or match nothing.
pub(crate) fn check(set: &Json, repository: &Repository) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let generators = set.pointer("/spec/generators").unwrap_or(&Json::Null);
    walk(generators, "spec.generators", repository, &mut remarks, 0);
    remarks
}

fn walk(
    generators: &Json,
    path: &str,
    repository: &Repository,
    remarks: &mut Vec<Remark>,
    depth: usize,
) {
    for (i, generator) in generators.as_array().into_iter().flatten().enumerate() {
        for kind in ["directories", "files"] {
            let items = generator.pointer(&format!("/git/{kind}")).and_then(Json::as_array);
            for (j, item) in items.into_iter().flatten().enumerate() {
                let remark = match kind {
                    "directories" => directories(item, repository),
                    _ => files(item, repository),
                };
                let place = format!("{path}.{i}.git.{kind}.{j}.path");
                remarks.extend(remark.map(|remark| (place, remark)));
                if kind == "files" {
                    remarks.extend(boolean_keys_of(item, repository));
                }
            }
        }
        for kind in ["matrix", "merge"] {
            let inner = generator.pointer(&format!("/{kind}/generators"));
            if let (Some(inner), true) = (inner, depth < 4) {
                let path = format!("{path}.{i}.{kind}.generators");
                walk(inner, &path, repository, remarks, depth + 1);
            }
        }
    }
}

fn pattern(item: &Json) -> &str {
    item.get("path").and_then(Json::as_str).unwrap_or_default()
}

fn directories(item: &Json, repository: &Repository) -> Option<Problem> {
    let pattern = pattern(item);
    if path_pattern::matches(pattern, "") == Err(BadPattern) {
        let message = format!("the pattern {pattern:?} is malformed, so it matches nothing");
        return Some(Problem::warning("malformed-pattern", message));
    }
    if pattern.split('/').any(|part| part == "**") {
        let message = format!("`**` in {pattern:?} is one level, as `*` is");
        let problem = Problem::warning("double-star", message);
        return Some(problem.hint("write a pattern for each depth"));
    }
    if pattern.starts_with("./") || pattern.ends_with('/') {
        let message =
            format!("{pattern:?} matches nothing: paths start with a name and end with one");
        return Some(Problem::warning("malformed-pattern", message));
    }
    let mut all = repository.directories().ok()?;
    let is_there = all.any(|path| path_pattern::matches(pattern, path) == Ok(true));
    unmatched(item, "directory", is_there)
}

fn files(item: &Json, repository: &Repository) -> Option<Problem> {
    let spec = Pathspec::new(pattern(item));
    let is_there = repository.files().ok()?.iter().any(|file| spec.takes(file));
    unmatched(item, "file", is_there)
}

/// Returns warnings about keys in the files of a pattern.
fn boolean_keys_of(item: &Json, repository: &Repository) -> Vec<Remark> {
    let spec = Pathspec::new(pattern(item));
    let files = repository.files().unwrap_or_default().iter().filter(|file| spec.takes(file));
    let of = |file: &String| {
        let bytes = repository.read(file).ok()?;
        if !boolean_keys::may_be_in(&String::from_utf8_lossy(&bytes)) {
            return None;
        }
        let documents = document::documents(&bytes).ok()?;
        let path = repository.root().join(file);
        let remarks = documents.iter().flat_map(boolean_keys::check);
        let at = remarks.map(|(line, problem)| (String::new(), problem.at(&path, line)));
        Some(at.collect::<Vec<_>>())
    };
    files.filter_map(of).flatten().collect()
}

/// Says that a pattern matches nothing, unless it is filled in by another generator first.
fn unmatched(item: &Json, thing: &str, is_there: bool) -> Option<Problem> {
    let pattern = pattern(item);
    if is_there || pattern.contains("{{") {
        return None;
    }
    let does = match item.get("exclude") {
        Some(Json::Bool(true)) => "excludes",
        _ => "matches",
    };
    let message = format!("the path {pattern:?} {does} no {thing}");
    Some(Problem::warning("unmatched-path", message))
}
