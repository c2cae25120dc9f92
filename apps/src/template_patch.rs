//! `templatePatch`: a strategic merge patch over an Application.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::document;
use crate::functions::kind;
use crate::template::{Budget, Failure};

/// Lists of an Application that a patch adds to; it replaces all others.
const ADDED_TO: &str = "finalizers";

/// Applies a patch in YAML or JSON; an empty one changes nothing, and none changes the project.
pub(crate) fn apply(application: &Json, patch: &str, budget: &Budget) -> Result<Json, String> {
    budget.begin();
    let patch = document::read_made(patch, budget);
    let patch = patch.map_err(Failure::into_message)?;
    let patch = match patch {
        Json::Null => return Ok(application.clone()),
        Json::Object(patch) => patch,
        other => return Err(format!("the patch is {}, not a map", kind(&other))),
    };
    check(&patch)?;
    let mut patched = application.clone();
    if let Json::Object(target) = &mut patched {
        merge(target, patch);
    }
    // The project says what an Application may do, which no parameter shall decide.
    match application.pointer("/spec/project") {
        Some(project) => {
            if !patched.get("spec").is_some_and(Json::is_object) {
                patched["spec"] = Json::Object(Map::new());
            }
            patched["spec"]["project"] = project.clone();
        }
        None => {
            if let Some(Json::Object(spec)) = patched.get_mut("spec") {
                spec.remove("project");
            }
        }
    }
    Ok(patched)
}

/// Checks what every Application has to be.
fn check(patch: &Map<String, Json>) -> Result<(), String> {
    for key in ["metadata", "spec"] {
        match patch.get(key) {
            None | Some(Json::Null | Json::Object(_)) => {}
            Some(other) => {
                return Err(format!("`{key}` of the patch is {}, not a map", kind(other)));
            }
        }
    }
    Ok(())
}

fn merge(target: &mut Map<String, Json>, patch: Map<String, Json>) {
    match patch.get("$patch").and_then(Json::as_str) {
        Some("delete") => {
            target.clear();
            return;
        }
        Some("replace") => target.clear(),
        _ => {}
    }
    for (key, value) in patch {
        if let Some(list) = key.strip_prefix("$deleteFromPrimitiveList/") {
            if let (Some(Json::Array(items)), Json::Array(gone)) = (target.get_mut(list), value) {
                let gone: BTreeSet<String> = gone.iter().map(Json::to_string).collect();
                items.retain(|item| !gone.contains(&item.to_string()));
            }
            continue;
        }
        if key.starts_with('$') {
            continue;
        }
        match (target.get_mut(&key), value) {
            (_, Json::Null) => {
                target.remove(&key);
            }
            (Some(Json::Object(old)), Json::Object(new)) => merge(old, new),
            (Some(Json::Array(old)), Json::Array(new)) if key == ADDED_TO => {
                let mut known: BTreeSet<String> = old.iter().map(Json::to_string).collect();
                old.extend(new.into_iter().filter(|item| known.insert(item.to_string())));
            }
            (_, Json::Object(new)) => {
                let mut made = Map::new();
                merge(&mut made, new);
                target.insert(key, Json::Object(made));
            }
            (_, new) => {
                target.insert(key, new);
            }
        }
    }
}
