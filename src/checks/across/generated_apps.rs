//! Applications of ApplicationSets that their AppProject does not permit: one for each folder of the repository, where
//! the namespace is made of the way to the folder.

use super::projects::{self, Projects};
use super::repository::Repository;
use super::roots::{Root, Suspect};
use super::source_folders;
use crate::checks::positions::place_or;
use crate::diagnostics::{Warning, WarningKind};
use crate::load::Files;
use crate::resource::Resource;
use crate::work;
use crate::yaml::Node;

/// How many folders a message names.
const SHOWN: usize = 3;

/// Looks at all roots.
pub(super) fn check<'a>(
    files: &Files,
    repository: &Repository<'_>,
    roots: &'a [Root<'a>],
    suspects: &mut Vec<Suspect<'a>>,
) {
    let projects = Projects::of(roots);
    if projects.is_empty() {
        return;
    }
    for root in roots {
        let is_set =
            |by: &&Resource| by.kind() == "ApplicationSet" && by.gvk_ref().group == "argoproj.io";
        for by in root.resources.iter().filter(is_set) {
            work::check();
            let found = of_set(files, repository, root, by, &projects);
            suspects.extend(found.map(|warning| Suspect {
                root: root.number,
                warning,
                missing: None,
            }));
        }
    }
}

fn of_set(
    files: &Files,
    repository: &Repository<'_>,
    root: &Root<'_>,
    by: &Resource,
    projects: &Projects<'_>,
) -> Option<Warning> {
    let spec = by.node.get("spec")?;
    let template = spec.get_path(&["template", "spec"])?;
    let project = projects.named(template)?;
    let destination = template.get("destination")?;
    let node = destination.get("namespace")?;
    let given = node.text().filter(|text| text.contains("{{"))?;
    if spec.get("templatePatch").is_some() {
        return None;
    }
    let folders = folders(spec.get("generators")?)?;
    let (mut forbidden, mut hint) = (Vec::new(), String::new());
    for path in source_folders::folders_of(files, repository, &root.folder, folders) {
        work::check();
        let namespace = filled_in(given, &path)?;
        if let Some(permitted) = projects::forbids(destination, Some(&namespace), project) {
            hint = permitted;
            forbidden.push(format!("`{namespace}` of the folder `{path}`"));
        }
    }
    if forbidden.is_empty() {
        return None;
    }
    let more = if forbidden.len() > SHOWN { " and of others" } else { "" };
    forbidden.truncate(SHOWN);
    let text = format!(
        "ApplicationSet {}: its project `{}` does not permit the namespace {}{more}",
        by.name(),
        project.name(),
        forbidden.join(", ")
    );
    Some(
        Warning::new(WarningKind::NotPermitted, text, place_or(node.pos(), by))
            .related("the project is at", project.node.pos())
            .hint(hint),
    )
}

/// Returns the patterns of the only git generator of a set, if nothing else decides which folders it finds: each with
/// whether it leaves folders out.
fn folders(generators: &Node) -> Option<Vec<(&str, bool)>> {
    let (mut left, mut found) = (vec![generators], Vec::new());
    while let Some(node) = left.pop() {
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items),
            Node::Map { map, .. } => {
                if map.contains("selector") || map.contains("merge") || map.contains("template") {
                    return None;
                }
                for entry in map {
                    match entry.key.text() {
                        Some("git") => found.push(&entry.value),
                        Some("matrix" | "generators") => left.push(&entry.value),
                        _ => {}
                    }
                }
            }
        }
    }
    let [git] = found[..] else { return None };
    if git.get("pathParamPrefix").is_some() || git.get("files").is_some() {
        return None;
    }
    let patterns = git.get("directories")?.as_seq()?.iter().map(|folder| {
        let is_excluded = folder.get("exclude").and_then(Node::text) == Some("true");
        Some((folder.get("path")?.text()?, is_excluded))
    });
    patterns.collect()
}

/// Returns a text with its parameters filled in for a folder, or `None` if it has others than those of the folder.
fn filled_in(text: &str, path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').collect();
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let (inner, after) = after.split_once("}}")?;
        out.push_str(before);
        out.push_str(parameter(inner.trim().trim_matches('-').trim(), path, &segments)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

fn parameter<'p>(inner: &str, path: &'p str, segments: &[&'p str]) -> Option<&'p str> {
    let words: Vec<&str> = inner.split_whitespace().collect();
    match words[..] {
        [".path.basename" | "path.basename"] => segments.last().copied(),
        [".path.path" | "path"] => Some(path),
        ["index", ".path.segments", number] => segments.get(number.parse::<usize>().ok()?).copied(),
        [indexed] => {
            let number = indexed.strip_prefix("path[")?.strip_suffix(']')?;
            segments.get(number.parse::<usize>().ok()?).copied()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_folders_are_filled_in() {
        let path = "apps/shop/overlays/prod";
        for (text, expected) in [
            ("{{ index .path.segments 1 }}", Some("shop")),
            ("team-{{path[1]}}", Some("team-shop")),
            ("{{.path.basename}}-{{ path.basename }}", Some("prod-prod")),
            ("{{ .name }}", None),
            ("{{ index .path.segments 9 }}", None),
            ("{{ .path.basename | upper }}", None),
        ] {
            assert_eq!(filled_in(text, path).as_deref(), expected, "{text}");
        }
    }
}
