//! Artifacts that Flux assembles: which folder of the repository a folder of one is a copy of.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// Where the files of a `Kustomization` of Flux are in the repository.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Folder {
    /// Where its path says: nothing says anything else.
    Own,
    /// There, for an `ArtifactGenerator` copies that.
    At(Copied),
    /// Nobody knows, for an `ArtifactGenerator` does more than to copy folders of one repository.
    Unknown,
}

/// A folder of the repository that a folder of an artifact is a copy of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Copied {
    pub(crate) path: String,
    /// The folders of which the artifact has all files, and it has no others.
    pub(crate) folders: Vec<String>,
}

/// Returns `true` if an object is an `ArtifactGenerator`.
pub(crate) fn is_generator(object: &Json) -> bool {
    text(object, "/kind") == "ArtifactGenerator"
        && text(object, "/apiVersion").starts_with("source.extensions.fluxcd.io/")
}

/// Returns where the files of a `Kustomization` are that reads a path of an artifact; of several generators, for each
/// cluster may have files of its own, those count that lie nearest to its file.
pub(crate) fn folder_of(
    object: &Json,
    path: &str,
    file: &Path,
    generators: &[(PathBuf, Json)],
) -> Folder {
    if text(object, "/spec/sourceRef/kind") != "ExternalArtifact" {
        return Folder::Own;
    }
    let namespace = match text(object, "/spec/sourceRef/namespace") {
        "" => text(object, "/metadata/namespace"),
        namespace => namespace,
    };
    let name = text(object, "/spec/sourceRef/name");
    let common = |other: &Path| file.iter().zip(other).take_while(|(a, b)| a == b).count();
    let mut nearest = 0;
    let mut found: Vec<Option<Copied>> = Vec::new();
    let own = generators.iter().filter(|(_, it)| text(it, "/metadata/namespace") == namespace);
    for (file, generator) in own {
        let artifacts = list(generator, "/spec/artifacts").iter();
        for artifact in artifacts.filter(|artifact| text(artifact, "/name") == name) {
            let near = common(file);
            if near > nearest {
                found.clear();
                nearest = near;
            }
            if near == nearest {
                found.push(copied(generator, artifact, path));
            }
        }
    }
    match found.split_first() {
        None => Folder::Own,
        Some((Some(first), others)) if others.iter().all(|it| it.as_ref() == Some(first)) => {
            Folder::At(first.clone())
        }
        Some(_) => Folder::Unknown,
    }
}

/// Returns the folder of the repository that a folder of an artifact is a copy of, if the artifact has one folder of
/// it, or several that lie to each other as they do there.
fn copied(generator: &Json, artifact: &Json, path: &str) -> Option<Copied> {
    let rules = list(artifact, "/copy").iter().map(|rule| Rule::of(rule, generator));
    let rules: Vec<Rule<'_>> = rules.collect::<Option<_>>()?;
    let path = plain(path)?;
    let rest = rules.iter().find_map(|rule| below(path, rule.to).map(|rest| (rule, rest)));
    let (rule, rest) = rest?;
    let folders = rules.iter().map(|rule| rule.from.to_owned()).collect();
    if rules.len() == 1 {
        return Some(Copied { path: joined(rule.from, rest), folders });
    }
    let top = rule.top()?;
    let is_like = |other: &Rule<'_>| other.alias == rule.alias && other.top() == Some(top);
    rules.iter().all(is_like).then(|| Copied { path: joined(top, path), folders })
}

/// A folder of a repository, and the folder of the artifact that it is copied to; empty for the top of either.
struct Rule<'j> {
    alias: &'j str,
    from: &'j str,
    to: &'j str,
}

impl<'j> Rule<'j> {
    /// Reads a rule, if it copies all of a folder of a git repository and no more is said of it.
    fn of(rule: &'j Json, generator: &Json) -> Option<Rule<'j>> {
        let is_known = |key: &String| ["from", "to", "strategy"].contains(&key.as_str());
        let is_plain = rule.as_object()?.keys().all(is_known);
        if !is_plain || !["", "Overwrite"].contains(&text(rule, "/strategy")) {
            return None;
        }
        let (alias, from) = text(rule, "/from").strip_prefix('@')?.split_once('/')?;
        let from = if from == "**" { "" } else { from.strip_suffix("/**")? };
        let to = text(rule, "/to").strip_prefix("@artifact/")?;
        let to = if to.is_empty() { to } else { to.strip_suffix('/')? };
        let mut sources = list(generator, "/spec/sources").iter();
        let source = sources.find(|source| text(source, "/alias") == alias)?;
        let is_git = text(source, "/kind") == "GitRepository";
        Some(Rule { alias, from: plain(from)?, to: plain(to)? }).filter(|_| is_git)
    }

    /// Returns the folder of the repository that the top of the artifact stands for.
    fn top(&self) -> Option<&'j str> {
        match (self.from, self.to) {
            (from, "") => Some(from),
            (from, to) if from == to => Some(""),
            (from, to) => from.strip_suffix(to)?.strip_suffix('/'),
        }
    }
}

/// Returns a path as names with slashes between them, if it is one.
fn plain(path: &str) -> Option<&str> {
    let path = if path == "." { "" } else { path };
    let is_name = |name: &str| {
        !["", ".", ".."].contains(&name) && !name.contains(['*', '?', '[', ']', '{', '}', '\\'])
    };
    (path.is_empty() || path.split('/').all(is_name)).then_some(path)
}

/// Returns what a path has below a folder.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    match path.strip_prefix(folder)? {
        rest if folder.is_empty() || rest.is_empty() => Some(rest),
        rest => rest.strip_prefix('/'),
    }
}

fn joined(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", "") => ".".to_owned(),
        ("", path) => path.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

fn text<'j>(json: &'j Json, pointer: &str) -> &'j str {
    json.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
}

fn list<'j>(json: &'j Json, pointer: &str) -> &'j [Json] {
    json.pointer(pointer).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(path: &str, copy: &Json) -> Option<String> {
        let sources = json!([
            {"alias": "repo", "kind": "GitRepository", "name": "a"},
            {"alias": "more", "kind": "GitRepository", "name": "b"},
            {"alias": "oci", "kind": "OCIRepository", "name": "c"},
        ]);
        copied(&json!({"spec": {"sources": sources}}), &json!({"copy": copy}), path)
            .map(|copied| copied.path)
    }

    #[test]
    fn one_rule_is_followed() {
        for (from, to, path, wanted) in [
            ("@repo/apps/**", "@artifact/", "prod", Some("apps/prod")),
            ("@repo/apps/**", "@artifact/", ".", Some("apps")),
            ("@repo/**", "@artifact/", ".", Some(".")),
            ("@repo/**", "@artifact/", "a/b", Some("a/b")),
            ("@repo/apps/prod/**", "@artifact/x/y/", "x/y/z", Some("apps/prod/z")),
            ("@repo/apps/prod/**", "@artifact/x/", "x", Some("apps/prod")),
            ("@repo/apps/prod/**", "@artifact/x/", "xy", None),
            ("@repo/apps/prod/**", "@artifact/x/", ".", None),
            ("@repo/apps/**", "@artifact/", "../a", None),
            ("@repo/apps/", "@artifact/", "prod", None),
            ("@repo/apps/*", "@artifact/", "prod", None),
            ("@repo/*/**", "@artifact/", "prod", None),
            ("@repo/apps/**", "@artifact/x", "x", None),
            ("@repo/apps/**", "@other/", "x", None),
            ("@oci/apps/**", "@artifact/", "prod", None),
            ("@gone/apps/**", "@artifact/", "prod", None),
        ] {
            let copy = json!([{"from": from, "to": to}]);
            assert_eq!(found(path, &copy).as_deref(), wanted, "{from} {to} {path}");
        }
        for more in [json!({"exclude": ["*.md"]}), json!({"strategy": "Merge"})] {
            let mut rule = json!({"from": "@repo/apps/**", "to": "@artifact/"});
            let of_more = more.as_object().into_iter().flatten();
            of_more.for_each(|(key, value)| rule[key.as_str()] = value.clone());
            assert_eq!(found("prod", &json!([rule])), None, "{rule}");
        }
        assert_eq!(found("prod", &json!([])), None);
    }

    #[test]
    fn several_rules_are_followed_if_what_they_copy_stays_side_by_side() {
        let two = |from: &str, to: &str| json!([{"from": "@repo/apps/base/**", "to": "@artifact/base/"}, {"from": from, "to": to}]);
        for (from, to, wanted) in [
            ("@repo/apps/prod/**", "@artifact/prod/", Some("apps/prod")),
            ("@repo/other/prod/**", "@artifact/prod/", None),
            ("@more/apps/prod/**", "@artifact/prod/", None),
            ("@repo/apps/production/**", "@artifact/prod/", None),
            ("@repo/apps/other/**", "@artifact/other/", None),
        ] {
            assert_eq!(found("prod", &two(from, to)).as_deref(), wanted, "{from} {to}");
        }
    }
}
