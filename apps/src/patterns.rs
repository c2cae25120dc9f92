//! What deserves attention in the patterns of git generators.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::boolean_keys;
use crate::document;
use crate::path_pattern::{self, BadPattern, PathPattern};
use crate::problem::Problem;
use crate::repository::Repository;

/// A remark, and the path of what it is about.
type Remark = (String, Problem);

/// Finds patterns of an ApplicationSet that are malformed, match less than it seems, or match nothing.
/// `seen` are the numbers of the files that were looked into, each once.
pub(crate) fn check(
    set: &Json,
    repository: &Repository,
    seen: &mut BTreeSet<usize>,
) -> Vec<Remark> {
    let mut found = Found { repository, remarks: Vec::new(), seen };
    let generators = set.pointer("/spec/generators").unwrap_or(&Json::Null);
    walk(generators, "spec.generators", &mut found, 0);
    found.remarks
}

/// What was found so far, and where.
struct Found<'a> {
    repository: &'a Repository,
    remarks: Vec<Remark>,
    seen: &'a mut BTreeSet<usize>,
}

fn walk(generators: &Json, path: &str, found: &mut Found<'_>, depth: usize) {
    let repository = found.repository;
    for (i, generator) in generators.as_array().into_iter().flatten().enumerate() {
        for kind in ["directories", "files"] {
            let items = generator.pointer(&format!("/git/{kind}")).and_then(Json::as_array);
            for (j, item) in items.into_iter().flatten().enumerate() {
                let remark = match kind {
                    "directories" => directories(item, repository),
                    _ => files(item, repository),
                };
                let place = format!("{path}.{i}.git.{kind}.{j}.path");
                found.remarks.extend(remark.map(|remark| (place, remark)));
                if kind == "files" {
                    found.remarks.extend(boolean_keys_of(item, repository, found.seen));
                }
            }
        }
        for kind in ["matrix", "merge"] {
            let inner = generator.pointer(&format!("/{kind}/generators"));
            if let (Some(inner), true) = (inner, depth < 4) {
                let path = format!("{path}.{i}.{kind}.generators");
                walk(inner, &path, found, depth + 1);
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
    let compiled = PathPattern::new(pattern).ok()?;
    let work = repository.work();
    let is_there = repository.directories().ok()?.any(|path| compiled.takes(path, work));
    // Without work left nobody knows, which the generator says.
    if work.is_spent() { None } else { unmatched(item, "directory", is_there) }
}

fn files(item: &Json, repository: &Repository) -> Option<Problem> {
    unmatched(item, "file", !repository.taken(pattern(item)).ok()?.is_empty())
}

/// Returns warnings about keys in the files of a pattern, of each file once.
fn boolean_keys_of(
    item: &Json,
    repository: &Repository,
    seen: &mut BTreeSet<usize>,
) -> Vec<Remark> {
    let taken = repository.taken(pattern(item)).unwrap_or_default();
    let all = repository.files().unwrap_or_default();
    let new = taken.iter().filter(|i| seen.insert(**i)).filter_map(|i| all.get(*i));
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
    new.filter_map(of).flatten().collect()
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
