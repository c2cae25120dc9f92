//! What the AppProject that an Application names does not permit: its repository, its cluster or its namespace.

use rustc_hash::FxHashMap;

use crate::checks::across::names::table::follow;
use crate::checks::across::roots::{Root, Suspect};
use crate::checks::files::path_parts;
use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_or;
use crate::diagnostics::{Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::Node;

/// The cluster that Argo CD itself is in, by its name and its address.
const OWN: (&str, &str) = ("in-cluster", "https://kubernetes.default.svc");

/// How many entries a hint has.
const SHOWN: usize = 6;

/// Looks at all roots.
pub(super) fn check<'a>(roots: &'a [Root<'a>], suspects: &mut Vec<Suspect<'a>>) {
    let projects = Projects::of(roots);
    if projects.is_empty() {
        return;
    }
    for root in roots {
        for by in root.resources.iter().filter(|by| by.gvk_ref().group == "argoproj.io") {
            work::check();
            let spec = match by.kind() {
                "Application" => by.node.get("spec"),
                "ApplicationSet" => by.node.get_path(&["spec", "template", "spec"]),
                _ => None,
            };
            if let Some(spec) = spec
                && let Some(project) = projects.named(spec)
            {
                for warning in of_application(by, spec, project) {
                    suspects.push(Suspect { root: root.number, warning, missing: None });
                }
            }
        }
    }
}

/// The AppProjects of all roots, by name.
pub(super) struct Projects<'a>(FxHashMap<&'a str, Vec<&'a Resource>>);

impl<'a> Projects<'a> {
    pub(super) fn of(roots: &'a [Root<'a>]) -> Projects<'a> {
        let mut projects: FxHashMap<&str, Vec<&Resource>> = FxHashMap::default();
        for resource in roots.iter().flat_map(|root| root.resources) {
            if resource.kind() == "AppProject" {
                projects.entry(resource.name()).or_default().push(resource);
            }
        }
        Projects(projects)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the project that the `spec` of an Application names.
    pub(super) fn named(&self, spec: &Node) -> Option<&'a Resource> {
        // The same project may permit other things in another cluster.
        match self.0.get(spec.get("project")?.text()?)?[..] {
            [project] => Some(project),
            _ => None,
        }
    }
}

fn of_application(by: &Resource, spec: &Node, project: &Resource) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut urls: Vec<&Node> = Vec::new();
    follow(spec, &["source", "repoURL"], &mut |url| urls.push(url));
    follow(spec, &["sources", "[]", "repoURL"], &mut |url| urls.push(url));
    let patterns = texts(project, "sourceRepos");
    let is_denying = |pattern: &&str| pattern.starts_with('!');
    if !patterns.is_empty() && !patterns.iter().any(is_denying) {
        for node in urls {
            let Some(url) = node.text().filter(|url| is_literal(url)) else { continue };
            if !patterns.iter().any(|pattern| fits(&bare(url), &bare(pattern))) {
                let what = format!("the repository `{url}`");
                let hint = one_of("sourceRepos", &patterns);
                found.push(remark(by, node, &what, project, &hint));
                break;
            }
        }
    }
    if let Some(destination) = spec.get("destination") {
        found.extend(of_destination(by, destination, project));
    }
    found
}

/// Returns what a project permits instead, if it does not permit the namespace of a destination, which is `namespace`.
pub(super) fn forbids(
    destination: &Node,
    namespace: Option<&str>,
    project: &Resource,
) -> Option<String> {
    match of_namespace(destination, namespace, project)? {
        Forbidden::Namespace(hint) => Some(hint),
        Forbidden::Cluster(..) => None,
    }
}

/// What a project does not permit of a destination, and what it does.
enum Forbidden<'n> {
    Cluster(&'n Node, String),
    Namespace(String),
}

fn of_destination(by: &Resource, destination: &Node, project: &Resource) -> Option<Warning> {
    let namespace = destination.get("namespace").and_then(Node::text).filter(|t| !t.is_empty());
    let (node, what, hint) = match of_namespace(destination, namespace, project)? {
        Forbidden::Cluster(node, hint) => (node, format!("the cluster `{}`", node.text()?), hint),
        Forbidden::Namespace(hint) => {
            let node = destination.get("namespace")?;
            (node, format!("the namespace `{}`", node.text()?), hint)
        }
    };
    Some(remark(by, node, &what, project, &hint))
}

fn of_namespace<'n>(
    destination: &'n Node,
    namespace: Option<&str>,
    project: &Resource,
) -> Option<Forbidden<'n>> {
    let says =
        |key: &str| destination.get(key).and_then(Node::text).filter(|text| !text.is_empty());
    let (mut name, mut server) = (says("name"), says("server"));
    if name == Some(OWN.0) || server == Some(OWN.1) {
        (name, server) = (Some(OWN.0), Some(OWN.1));
    }
    let entries = project.node.get_path(&["spec", "destinations"])?.as_seq()?;
    let text = |entry: &Node, key: &str| -> Option<String> {
        Some(entry.get(key)?.text()?.to_owned()).filter(|text| !text.is_empty())
    };
    let entry = |entry: &Node| {
        let mut texts = ["name", "server", "namespace"].map(|key| text(entry, key));
        if let [name @ None, Some(server), _] = &mut texts
            && server == OWN.1
        {
            *name = Some(OWN.0.to_owned());
        }
        texts
    };
    let all: Vec<[Option<String>; 3]> = entries.iter().map(entry).collect();
    if all.is_empty() || all.iter().flatten().flatten().any(|pattern| pattern.starts_with('!')) {
        return None;
    }
    // What is not known may be permitted.
    let may_fit = |given: Option<&str>, pattern: &Option<String>| match (given, pattern) {
        (Some(given), Some(pattern)) => !is_literal(given) || fits(given, pattern),
        _ => true,
    };
    let is_of_cluster = |[by_name, by_server, _]: &[Option<String>; 3]| {
        let (is_named, is_addressed) = (may_fit(name, by_name), may_fit(server, by_server));
        match (by_name, by_server) {
            (Some(_), Some(_)) => {
                (is_named && name.is_some()) || (is_addressed && server.is_some())
            }
            _ => is_named && is_addressed,
        }
    };
    let in_cluster: Vec<&[Option<String>; 3]> = all.iter().filter(|e| is_of_cluster(e)).collect();
    if in_cluster.is_empty() {
        let key = if destination.get("server").is_some() { "server" } else { "name" };
        let node = destination.get(key)?;
        let index = usize::from(key == "server");
        let patterns: Vec<&str> = all.iter().filter_map(|e| e.get(index)?.as_deref()).collect();
        let hint = one_of("destinations", &patterns);
        return Some(Forbidden::Cluster(node, hint));
    }
    if in_cluster.iter().any(|[_, _, pattern]| may_fit(namespace, pattern)) {
        return None;
    }
    let patterns: Vec<&str> = in_cluster.iter().filter_map(|e| e.get(2)?.as_deref()).collect();
    Some(Forbidden::Namespace(one_of("destinations", &patterns)))
}

fn remark(by: &Resource, node: &Node, what: &str, project: &Resource, hint: &str) -> Warning {
    let text = format!(
        "{} {}: its project `{}` does not permit {what}",
        by.kind(),
        by.name(),
        project.name()
    );
    Warning::new(WarningKind::NotPermitted, text, place_or(node.pos(), by))
        .related("the project is at", project.node.pos())
        .hint(hint)
}

fn one_of(field: &str, patterns: &[&str]) -> String {
    let mut patterns = patterns.to_vec();
    patterns.sort_unstable();
    patterns.dedup();
    let shown: Vec<String> = patterns.iter().take(SHOWN).map(|p| format!("`{p}`")).collect();
    let more = if patterns.len() > SHOWN { ", …" } else { "" };
    format!(
        "it permits {}{more}: correct it here, or add it to `{field}` of the project",
        shown.join(", ")
    )
}

fn texts<'a>(project: &'a Resource, field: &str) -> Vec<&'a str> {
    let list = project.node.get_path(&["spec", field]).and_then(Node::as_seq);
    list.into_iter().flatten().filter_map(Node::text).collect()
}

fn is_literal(text: &str) -> bool {
    !is_filled_in(text)
}

/// Returns an address as Argo CD compares it.
fn bare(url: &str) -> String {
    let url = url.trim().to_lowercase();
    url.trim_end_matches('/').trim_end_matches(".git").to_owned()
}

/// Returns `true` if a text may fit a pattern, in which `*` stands for anything; what has more than that does.
fn fits(text: &str, pattern: &str) -> bool {
    pattern.contains(['?', '[', '{']) || path_parts::matches(text, pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_without_their_ends() {
        let fits = |url: &str, pattern: &str| fits(&bare(url), &bare(pattern));
        assert!(fits("https://git.example.com/A.git", "https://git.example.com/a"));
        assert!(fits("https://git.example.com/a/b", "https://git.example.com/*"));
        assert!(fits("anything", "*") && !fits("https://x/a", "https://y/*"));
    }
}
