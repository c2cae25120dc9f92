//! Rules for what is no difference.

use std::str::FromStr;

use serde_json::Value;

use super::model::ObjectId;
use super::path::{ChangePath, PathStep};

use crate::diagnostics::hints::IGNORE_RULE;
use crate::diagnostics::{Error, ErrorKind, Result};

/// A rule for what is not to be compared: a kind, a field, or a field of a kind.
///
/// | rule | what it ignores |
/// | --- | --- |
/// | `Job` | all objects of this kind |
/// | `Job/migrate-*` | those with such a name |
/// | `metadata.labels` | this field of all objects, with all that is below |
/// | `Deployment:spec.replicas` | this field of the objects of this kind |
/// | `Deployment/api:spec.template.spec.containers[name=proxy]` | an element of a list, by its key |
/// | `metadata.annotations["checksum/config"]` | a field whose name has other characters |
/// | `spec.ports[*].nodePort`, `**.image` | any element or field; any way to a field |
///
/// `*` in a name stands for any characters. What stands before a colon is a kind, in any case; without
/// a colon, a rule that starts with a capital letter is for a kind.
///
/// ```
/// let rule: kustom::diff::Ignore = "Deployment:**.containers[*].image".parse()?;
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ignore {
    kind: String,
    name: String,
    path: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq)]
enum Pattern {
    /// A field whose name matches; any element too if it is `*`.
    Field(String),
    /// A field of exactly this name.
    Exact(String),
    /// An element: by position, by keys, or any.
    Element(Vec<(String, String)>),
    /// Any number of steps.
    Deep,
}

impl FromStr for Ignore {
    type Err = Error;

    fn from_str(rule: &str) -> Result<Ignore> {
        let is_object =
            |text: &str| text.chars().all(|c| c.is_alphanumeric() || matches!(c, '*' | '/' | '-'));
        let (object, path) = match rule.split_once(':') {
            Some((object, path)) if is_object(object.split('/').next().unwrap_or_default()) => {
                (object, Some(path))
            }
            _ if rule.starts_with(|c: char| c.is_ascii_uppercase()) || rule.starts_with("*/") => {
                (rule, None)
            }
            _ => ("*", Some(rule)),
        };
        let (kind, name) = object.split_once('/').unwrap_or((object, "*"));
        let wrong = |what: &str| {
            Err(Error::new(ErrorKind::Option, format!("the rule '{rule}' {what}"))
                .hint(&IGNORE_RULE))
        };
        if kind.is_empty() || name.is_empty() {
            return wrong("has an empty kind or name");
        }
        let path = match path.map(parse) {
            None => Vec::new(),
            Some(Some(path)) if !path.is_empty() => path,
            Some(_) => return wrong("has a path that is empty or malformed"),
        };
        Ok(Ignore { kind: kind.to_owned(), name: name.to_owned(), path })
    }
}

impl Ignore {
    fn concerns(&self, id: &ObjectId) -> bool {
        glob(&self.kind.to_lowercase(), &id.kind.to_lowercase()) && glob(&self.name, &id.name)
    }
}

/// Returns `true` if an object is ignored as a whole.
pub(super) fn ignores_object(rules: &[Ignore], id: &ObjectId) -> bool {
    rules.iter().any(|rule| rule.path.is_empty() && rule.concerns(id))
}

/// Returns `true` if a field of an object, or something above it, is ignored.
pub(super) fn ignores_field(rules: &[Ignore], id: &ObjectId, path: &ChangePath) -> bool {
    let mut rules = rules.iter().filter(|rule| !rule.path.is_empty());
    rules.any(|rule| rule.concerns(id) && matches(&rule.path, &path.0))
}

/// Removes from a value what is ignored below it, and tells whether there was anything.
pub(super) fn prune(
    rules: &[Ignore],
    id: &ObjectId,
    path: &mut ChangePath,
    value: &mut Value,
) -> bool {
    let mut any = false;
    match value {
        Value::Object(map) => map.retain(|name, value| {
            path.0.push(PathStep::Field(name.clone()));
            let ignored = ignores_field(rules, id, path);
            any |= ignored || prune(rules, id, path, value);
            path.0.pop();
            !ignored
        }),
        Value::Array(items) => {
            for (i, item) in items.iter_mut().enumerate() {
                path.0.push(PathStep::Index { before: Some(i), after: Some(i) });
                any |= prune(rules, id, path, item);
                path.0.pop();
            }
        }
        _ => {}
    }
    any
}

/// Returns `true` if a pattern leads to the end of the path or to something above it.
fn matches(pattern: &[Pattern], path: &[PathStep]) -> bool {
    let (mut pattern, mut path) = (pattern, path);
    // What to go on with if the way ends: the last `**` may stand for one step more. Earlier ones need
    // not be tried again, for the last can stand for whatever they would leave.
    let mut deeper = None;
    loop {
        let Some((first, rest)) = pattern.split_first() else { return true };
        if *first == Pattern::Deep {
            deeper = Some((rest, path));
            pattern = rest;
            continue;
        }
        let Some((step, below)) = path.split_first() else { return false };
        if fits(first, step) {
            (pattern, path) = (rest, below);
            continue;
        }
        let Some((behind, from)) = deeper else { return false };
        let Some((_, from)) = from.split_first() else { return false };
        deeper = Some((behind, from));
        (pattern, path) = (behind, from);
    }
}

/// Returns `true` if one part of a pattern that is not `**` stands for a step.
fn fits(part: &Pattern, step: &PathStep) -> bool {
    match (part, step) {
        (Pattern::Exact(name), PathStep::Field(field)) => name == field,
        (Pattern::Field(name), PathStep::Field(field)) => glob(name, field),
        (Pattern::Field(name), _) => name == "*",
        (Pattern::Element(keys), PathStep::Key { key, .. }) => keys.iter().all(|(name, wanted)| {
            key.get(name).is_some_and(|value| match value {
                Value::String(text) => glob(wanted, text),
                other => glob(wanted, &other.to_string()),
            })
        }),
        (Pattern::Element(keys), PathStep::Index { before, after }) => {
            keys.iter().all(|(name, i)| {
                let is_place = |place: &Option<usize>| place.is_some_and(|p| *i == p.to_string());
                let is_both = || match i.split_once('→') {
                    Some((one, other)) => {
                        *before == one.parse().ok() && *after == other.parse().ok()
                    }
                    None => false,
                };
                name.is_empty()
                    && (is_place(after) || after.is_none() && is_place(before) || is_both())
            })
        }
        _ => false,
    }
}

/// Reads the path of a rule; nothing if it is malformed.
fn parse(text: &str) -> Option<Vec<Pattern>> {
    let mut pattern = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let quote = inside.chars().next().filter(|c| matches!(c, '"' | '\''));
            if let Some(quote) = quote {
                let (name, after) = inside[1..].split_once(&format!("{quote}]"))?;
                pattern.push(Pattern::Exact(name.replace("\\\"", "\"")));
                rest = after;
            } else {
                let (keys, after) = inside.split_once(']')?;
                let key = |part: &str| {
                    let (name, value) = part.split_once('=').unwrap_or(("", part));
                    (name.trim().to_owned(), value.trim().trim_matches('"').to_owned())
                };
                let keys =
                    keys.split(',').map(key).filter(|(name, v)| !name.is_empty() || v != "*");
                pattern.push(Pattern::Element(keys.collect()));
                rest = after;
            }
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            match name {
                "" => return None,
                // A JSON pointer, or a name that needs quotes.
                name if name.contains('/') => return None,
                "**" => pattern.push(Pattern::Deep),
                name => pattern.push(Pattern::Field(name.to_owned())),
            }
            rest = after;
        }
        if let Some(after) = rest.strip_prefix('.') {
            if after.is_empty() {
                return None;
            }
            rest = after;
        }
    }
    Some(pattern)
}

/// Matches `*` with any characters.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(i) => rest = &rest[i + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn any_way_takes_steps_once() {
        let field = |name: &str| PathStep::Field(name.to_owned());
        let path: Vec<PathStep> = (0..60).map(|_| field("a")).collect();
        let is_match =
            |pattern: &str, path: &[PathStep]| matches(&parse(pattern).unwrap_or_default(), path);
        // Trying all ways would never end.
        assert!(!is_match(&format!("{}x", "**.a.".repeat(30)), &path));
        assert!(is_match("**.a.".repeat(30).trim_end_matches('.'), &path));
        let path = ["a", "b", "a", "c", "d"].map(field);
        for (pattern, expected) in [
            ("a.b", true),
            ("a.c", false),
            ("a.**.c", true),
            ("**.a.c", true),
            ("**.b.**.d", true),
            ("**.c.**.b", false),
            ("a.**", true),
            ("**.a.**.a.d", false),
        ] {
            assert_eq!(is_match(pattern, &path), expected, "{pattern}");
        }
    }

    #[test]
    fn rules_match_kinds_names_and_paths() {
        let id = ObjectId {
            namespace: String::new(),
            kind: "Deployment".into(),
            name: "api-v1".into(),
            api_version: "apps/v1".into(),
        };
        let path: ChangePath = serde_json::from_value(json!([
            "spec", "containers", {"key": {"name": "api", "port": 80}}, "a.b/c", {"before": 3}, "x"
        ]))
        .unwrap();
        let ignored = |rule: &str| {
            let rules = [rule.parse().unwrap()];
            ignores_object(&rules, &id) || ignores_field(&rules, &id, &path)
        };
        for rule in [
            "Deployment",
            "Deployment/api*",
            "deployment:spec",
            "deployment/api-*:spec",
            "*/api-v1",
            "spec",
            "spec.containers",
            "**.x",
            "**",
            "Deployment:spec.*.*",
            "spec.containers[name=api]",
            "spec.containers[port=80,name=a*]",
            "spec.containers[*]",
            "spec.containers[*][\"a.b/c\"][3]",
            "s*c.containers[*].*[*].x",
            "spec.**.x",
            "**[name=api]",
            &path.to_string(),
        ] {
            assert!(ignored(rule), "{rule}");
        }
        for rule in [
            "Deploy",
            "Deployment/api",
            "Job:spec",
            "containers",
            "spec.containers[name=b]",
            "spec.containers[1]",
            "**.y",
            "spec.x",
            "Deployment:spec.containers[*].z",
        ] {
            assert!(!ignored(rule), "{rule}");
        }
        for rule in ["", "/x", "Job/", "Job:", "a..b", "a.", "a[b", "a['b]"] {
            assert!(rule.parse::<Ignore>().is_err(), "{rule}");
        }
    }
}
