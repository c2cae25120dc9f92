//! The git generator: a set for each directory, or for each object of some files.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::functions::{kind, normalize};
use crate::params::{self, Params};
use crate::path_pattern::PathPattern;
use crate::pattern_work::PatternWork;
use crate::substitute::Unfilled;
use crate::template::Value;

use super::sets::Sets;
use super::{Context, fault, values};

pub(super) fn sets(generator: &Json, context: &Context<'_>) -> Result<Vec<Params>, Unfilled> {
    let items = |key: &str| {
        let items = generator.get(key).and_then(Json::as_array);
        items.filter(|items| !items.is_empty()).map(Vec::as_slice)
    };
    if let Some(items) = items("directories") {
        directories(generator, items, context)
    } else if let Some(items) = items("files") {
        files(generator, items, context)
    } else {
        Err(fault("", "the git generator has neither `directories` nor `files`"))
    }
}

/// The patterns of a generator: what is taken, and what is not.
fn patterns(items: &[Json]) -> (Vec<&str>, Vec<&str>) {
    let (mut include, mut exclude) = (Vec::new(), Vec::new());
    for item in items {
        let path = item.get("path").and_then(Json::as_str).unwrap_or_default();
        match item.get("exclude") {
            Some(Json::Bool(true)) => exclude.push(path),
            _ => include.push(path),
        }
    }
    (include, exclude)
}

fn directories(
    generator: &Json,
    items: &[Json],
    context: &Context<'_>,
) -> Result<Vec<Params>, Unfilled> {
    let (include, exclude) = patterns(items);
    // A malformed pattern matches nothing; `warnings` speaks of it.
    let read = |patterns: Vec<&str>| -> Vec<PathPattern> {
        let distinct: BTreeSet<&str> = patterns.into_iter().collect();
        distinct.into_iter().filter_map(|pattern| PathPattern::new(pattern).ok()).collect()
    };
    let (include, exclude) = (read(include), read(exclude));
    let work = context.repository.work();
    let any = |patterns: &[PathPattern], path: &str| patterns.iter().any(|it| it.takes(path, work));
    let all = context.repository.directories().map_err(|message| fault("", message))?;
    let all: Vec<&str> = all.filter(|path| any(&include, path) && !any(&exclude, path)).collect();
    if work.is_spent() {
        return Err(fault("directories", PatternWork::told()));
    }
    let mut sets = Sets::new(&context.substitution.budget);
    for path in all {
        let mut params = Params::new();
        path_params(generator, path, None, context.substitution.go, &mut params);
        values::add(generator, &mut params, context.substitution)?;
        sets.push(params)?;
    }
    Ok(sets.into_all())
}

fn files(generator: &Json, items: &[Json], context: &Context<'_>) -> Result<Vec<Params>, Unfilled> {
    let (include, exclude) = patterns(items);
    let repository = context.repository;
    let taken = |patterns: Vec<&str>| -> Result<BTreeSet<usize>, Unfilled> {
        let mut all = BTreeSet::new();
        for pattern in patterns.into_iter().collect::<BTreeSet<_>>() {
            let taken = repository.taken(pattern).map_err(|message| fault("files", message))?;
            repository.work().spend(taken.len().saturating_mul(16));
            all.extend(taken.iter());
        }
        Ok(all)
    };
    let all = repository.files().map_err(|message| fault("", message))?;
    let (include, exclude) = (taken(include)?, taken(exclude)?);
    let mut sets = Sets::new(&context.substitution.budget);
    for file in include.difference(&exclude).filter_map(|i| all.get(*i)) {
        let invalid =
            |what: String| fault("files", format!("unable to process file {file}: {what}"));
        let read = context.file(file).map_err(&invalid)?;
        let objects = match &*read {
            Json::Array(items) => items.as_slice(),
            other => std::slice::from_ref(other),
        };
        for object in objects {
            let members = match object {
                Json::Object(members) => Some(members),
                Json::Null => None,
                other => {
                    let kind = kind(other);
                    return Err(invalid(format!("{kind} is neither a map nor a list of maps")));
                }
            };
            let own: Params = members
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.as_str().into(), Value::from(value)))
                .collect();
            let go = context.substitution.go;
            let mut params = if go {
                own
            } else {
                let flat = params::flattened(&own, &context.substitution.budget);
                let flat = flat.map_err(|e| invalid(e.to_string()))?;
                flat.into_iter().map(|(key, text)| (key.into(), Value::str(text))).collect()
            };
            let directory = file.rsplit_once('/').map_or(".", |(directory, _)| directory);
            path_params(generator, directory, Some(file), go, &mut params);
            values::add(generator, &mut params, context.substitution)?;
            sets.push(params)?;
        }
    }
    Ok(sets.into_all())
}

/// Adds what a path says: itself, its last part, its parts.
fn path_params(
    generator: &Json,
    directory: &str,
    file: Option<&str>,
    go: bool,
    params: &mut Params,
) {
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let basename = last(directory);
    let normalized = normalize(&basename);
    let mut members = vec![("basename", basename), ("basenameNormalized", normalized)];
    if let Some(file) = file {
        let filename = last(file);
        let normalized = normalize(&filename);
        members.extend([("filename", filename), ("filenameNormalized", normalized)]);
    }
    let prefix = generator.get("pathParamPrefix").and_then(Json::as_str).unwrap_or_default();
    let members = members.into_iter().map(|(name, text)| (name, Value::str(text)));
    if go {
        let path = Value::map(members.chain([
            ("path", Value::str(directory)),
            ("segments", Value::strings(directory.split('/'))),
        ]));
        if prefix.is_empty() {
            params.insert("path".into(), path);
        } else {
            params.insert(prefix.into(), Value::map([("path", path)]));
        }
        return;
    }
    let name = if prefix.is_empty() { "path".to_owned() } else { format!("{prefix}.path") };
    for (member, value) in members {
        params.insert(format!("{name}.{member}").into(), value);
    }
    for (i, part) in directory.split('/').enumerate().filter(|(_, part)| !part.is_empty()) {
        params.insert(format!("{name}[{i}]").into(), Value::str(part));
    }
    params.insert(name.into(), Value::str(directory));
}
