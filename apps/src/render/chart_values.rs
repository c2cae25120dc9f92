//! The values of a chart: files, then `values` or `valuesObject`, then `parameters`.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::environment::{Environment, expand};
use crate::document;
use crate::path_pattern;
use crate::repository::Repository;

/// The longest list that a parameter may make, as helm has it.
const LONGEST_LIST: usize = 65_536;
/// The deepest that a parameter may reach.
const DEEPEST: usize = 30;

/// Returns the values that `source.helm` asks for.
///
/// `path` is the directory of the chart, if it is in the repository.
pub(super) fn of(
    helm: &Json,
    path: Option<&str>,
    sources: &[&Json],
    environment: &Environment,
    repository: &Repository,
) -> Result<Json, String> {
    let list = |key: &str| helm.get(key).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let files = Files { path, sources, environment, repository };
    let mut values = Json::Object(Map::new());
    let ignores = helm.get("ignoreMissingValueFiles") == Some(&Json::Bool(true));
    for (name, path) in files.named(list("valueFiles"), ignores)? {
        match repository.read(&path) {
            Ok(bytes) => merge(&mut values, parsed(&bytes, name)?),
            Err(_) if ignores => {}
            Err(e) => return Err(format!("the values file {name}: {e}")),
        }
    }
    match helm.get("valuesObject") {
        Some(object @ Json::Object(_)) => merge(&mut values, object.clone()),
        _ => {
            let text = helm.get("values").and_then(Json::as_str).unwrap_or_default();
            merge(&mut values, parsed(text.as_bytes(), "values")?);
        }
    }
    let text = |parameter: &Json, key: &str| {
        parameter.get(key).and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    for parameter in list("parameters") {
        let (name, value) = (text(parameter, "name"), text(parameter, "value"));
        let value = expand(&value, environment);
        let is_text = parameter.get("forceString") == Some(&Json::Bool(true));
        set(&mut values, &name, if is_text { value.into() } else { typed(&value) })
            .map_err(|e| format!("the parameter {name}: {e}"))?;
    }
    for parameter in list("fileParameters") {
        let (name, path) = (text(parameter, "name"), text(parameter, "path"));
        let found = files.find(&path)?;
        let content = found
            .first()
            .ok_or("no such file".to_owned())
            .and_then(|path| repository.read(path).map_err(|e| e.to_string()));
        let content = content.map_err(|e| format!("the file {path}: {e}"))?;
        set(&mut values, &name, String::from_utf8_lossy(&content).into())
            .map_err(|e| format!("the parameter {name}: {e}"))?;
    }
    Ok(values)
}

struct Files<'a> {
    path: Option<&'a str>,
    sources: &'a [&'a Json],
    environment: &'a Environment,
    repository: &'a Repository,
}

impl Files<'_> {
    /// Returns the paths, from the root of the repository, of what a name of a values file stands for.
    fn find(&self, name: &str) -> Result<Vec<String>, String> {
        let reference = name.strip_prefix('$').map(|name| name.split('/').next().unwrap_or(name));
        let is_reference = |reference: &str| {
            let mut references =
                self.sources.iter().filter_map(|source| source.get("ref")?.as_str());
            references.any(|known| known == reference)
        };
        let from_root = match reference {
            Some(reference) if is_reference(reference) => Some(&name[1 + reference.len()..]),
            Some(reference) if !self.environment.contains_key(reference) => {
                return Err(format!("no source has the `ref` {reference} of {name}"));
            }
            _ => None,
        };
        let name = expand(from_root.unwrap_or(name), self.environment);
        if name.contains("://") {
            return Err(format!("{name} comes from a server, which is not asked"));
        }
        let full = match (from_root.is_some() || name.starts_with('/'), self.path) {
            (true, _) => name.trim_start_matches('/').to_owned(),
            (_, Some(path)) => format!("{path}/{name}"),
            _ => return Err(format!("{name} lies in the chart, which comes from a server")),
        };
        if !full.contains(['*', '?', '[']) {
            return Ok(vec![full]);
        }
        let files = self.repository.files()?.iter();
        Ok(files.filter(|file| matches_at_any_depth(&full, file)).cloned().collect())
    }

    /// Returns the paths of values files in their order, each once, with the name that stands for it. What is named
    /// itself is taken there, and not where a pattern has it.
    fn named<'n>(
        &self,
        names: &'n [Json],
        ignores_missing: bool,
    ) -> Result<Vec<(&'n str, String)>, String> {
        let names = names.iter().map(|name| name.as_str().unwrap_or_default());
        let found = names.map(|name| Ok((name, self.find(name)?)));
        let found = found.collect::<Result<Vec<_>, String>>()?;
        let is_pattern = |name: &str| name.contains(['*', '?', '[']);
        let own: BTreeSet<&String> = found
            .iter()
            .filter(|(name, _)| !is_pattern(name))
            .flat_map(|(_, paths)| paths)
            .collect();
        let mut all: Vec<(&str, String)> = Vec::new();
        for (name, paths) in &found {
            if paths.is_empty() && !ignores_missing {
                return Err(format!("the values file {name} matches no file"));
            }
            for path in paths {
                let is_elsewhere = is_pattern(name) && own.contains(path);
                if !is_elsewhere && !all.iter().any(|(_, known)| known == path) {
                    all.push((*name, path.clone()));
                }
            }
        }
        Ok(all)
    }
}

/// Matches a path with a pattern in which `**` stands for any folders.
fn matches_at_any_depth(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let names: Vec<&str> = path.split('/').collect();
    // Which beginnings of the path the beginning of the pattern matches.
    let mut reached = vec![false; names.len() + 1];
    reached[0] = true;
    for part in pattern {
        let before = reached.clone();
        let mut is_open = false;
        for (i, was_reached) in before.iter().enumerate() {
            is_open |= *was_reached;
            reached[i] = match (part, i.checked_sub(1).and_then(|last| names.get(last))) {
                ("**", _) => is_open,
                (part, Some(name)) => {
                    before[i - 1] && path_pattern::matches(part, name) == Ok(true)
                }
                (_, None) => false,
            };
        }
    }
    reached.last() == Some(&true)
}

fn parsed(bytes: &[u8], name: &str) -> Result<Json, String> {
    match document::read(bytes).map_err(|e| format!("{name}: {e}"))? {
        Json::Null => Ok(Json::Object(Map::new())),
        map @ Json::Object(_) => Ok(map),
        _ => Err(format!("{name} is no map of values")),
    }
}

/// Puts values over others: maps are joined, all else is replaced. A null is kept, for it takes out what the
/// chart says.
fn merge(values: &mut Json, over: Json) {
    match (values, over) {
        (Json::Object(values), Json::Object(over)) => {
            for (key, value) in over {
                match values.get_mut(&key) {
                    Some(old) if old.is_object() && value.is_object() => merge(old, value),
                    _ => drop(values.insert(key, value)),
                }
            }
        }
        (values, over) => *values = over,
    }
}

/// Returns what a parameter says: a list, a boolean, null, a whole number, or else a text.
fn typed(text: &str) -> Json {
    if let Some(inside) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let items = inside.split(',').filter(|item| !item.is_empty());
        return items.map(typed).collect();
    }
    match text {
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        "null" => Json::Null,
        // A leading zero is kept, as in a zip code.
        "0" => 0.into(),
        text if text.starts_with('0') => text.into(),
        text => text.parse::<i64>().map_or_else(|_| text.replace("\\,", ",").into(), Json::from),
    }
}

/// Sets what a path such as `a.b[0].c` leads to; a backslash makes a dot part of a name.
fn set(values: &mut Json, path: &str, value: Json) -> Result<(), String> {
    let steps = steps(path)?;
    let mut at = values;
    for step in steps {
        at = match step {
            Step::Key(key) => {
                if !at.is_object() {
                    *at = Json::Object(Map::new());
                }
                let map = at.as_object_mut().ok_or("not a map")?;
                map.entry(key).or_insert(Json::Null)
            }
            Step::Index(index) => {
                if !at.is_array() {
                    *at = Json::Array(Vec::new());
                }
                let list = at.as_array_mut().ok_or("not a list")?;
                if list.len() <= index {
                    list.resize(index + 1, Json::Null);
                }
                &mut list[index]
            }
        };
    }
    *at = value;
    Ok(())
}

enum Step {
    Key(String),
    Index(usize),
}

fn steps(path: &str) -> Result<Vec<Step>, String> {
    let (mut steps, mut key) = (Vec::new(), String::new());
    let mut chars = path.chars();
    // A list's element ends a key that is then empty.
    let mut is_open = true;
    while let Some(c) = chars.next() {
        match c {
            '\\' => key.extend(chars.next()),
            '.' | '[' => {
                if is_open || !key.is_empty() {
                    steps.push(Step::Key(std::mem::take(&mut key)));
                }
                is_open = c == '.';
                if c == '[' {
                    let number: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    let index = number.parse().ok().filter(|index| *index <= LONGEST_LIST);
                    steps.push(Step::Index(index.ok_or_else(|| format!("no index {number:?}"))?));
                }
            }
            c => key.push(c),
        }
    }
    if is_open || !key.is_empty() {
        steps.push(Step::Key(key));
    }
    let is_empty = |step: &Step| matches!(step, Step::Key(key) if key.is_empty());
    if steps.iter().any(is_empty) || steps.len() > DEEPEST {
        return Err("not a path of values".to_owned());
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_of_values_files_reach_into_folders() {
        for (pattern, path, wanted) in [
            ("values/*.yaml", "values/a.yaml", true),
            ("values/*.yaml", "values/b/a.yaml", false),
            ("values/**/*.yaml", "values/a.yaml", true),
            ("values/**/*.yaml", "values/b/c/a.yaml", true),
            ("**/a.yaml", "b/a.yaml", true),
            ("values/**", "values/b/a.yaml", true),
            ("values/**/x/*.yaml", "values/b/a.yaml", false),
            ("a?.yaml", "ab.yaml", true),
        ] {
            assert_eq!(matches_at_any_depth(pattern, path), wanted, "{pattern} {path}");
        }
    }

    #[test]
    fn parameters_are_set_as_helm_sets_them() {
        let mut values = json!({"a": {"b": 1}, "list": ["x"]});
        for (path, text) in [
            ("a.c", "2"),
            ("list[1].name", "y"),
            ("matrix[0][1]", "true"),
            ("note\\.dotted", "007"),
            ("hosts", "{a,b}"),
            ("gone", "null"),
        ] {
            set(&mut values, path, typed(text)).unwrap();
        }
        assert_eq!(
            values,
            json!({
                "a": {"b": 1, "c": 2}, "list": ["x", {"name": "y"}], "matrix": [[null, true]],
                "note.dotted": "007", "hosts": ["a", "b"], "gone": null,
            })
        );
        for path in ["", "a..b", "a[x]", "a[99999999]"] {
            assert!(set(&mut values, path, Json::Null).is_err(), "{path}");
        }
    }
}
