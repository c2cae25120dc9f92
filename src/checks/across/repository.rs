//! What the files of a repository have that no root of the call renders: objects of plain folders and charts.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::checks::across::roots::Root;
use crate::checks::files::gitops;
use crate::checks::files::listing::{list_with_hidden, peek};
use crate::load::{FileKind, Files, KUSTOMIZATION_NAMES, common_folder};
use crate::resource::GvkRef;
use crate::yaml::Node;

/// How many files and folders are looked at.
const MOST: usize = 20_000;

/// The repository that roots lie in.
pub(super) struct Repository<'a> {
    files: &'a Files,
    root: Option<PathBuf>,
    is_of_git: bool,
    /// Of what was looked for, what is there.
    there: FxHashSet<(String, String)>,
}

impl<'a> Repository<'a> {
    /// Returns the repository, which is not looked at yet.
    pub(super) fn new(files: &'a Files, roots: &[Root<'_>]) -> Repository<'a> {
        let folder = common_folder(roots.iter().map(|root| root.folder.as_path()));
        let is_root = |folder: &&Path| files.fs().kind(&folder.join(".git")).is_ok();
        let of_git = folder.as_deref().and_then(|folder| folder.ancestors().find(is_root));
        let is_of_git = of_git.is_some();
        let root = match (of_git.map(Path::to_path_buf), folder) {
            (Some(root), _) => Some(root),
            (None, Some(folder)) if roots.len() == 1 => Some(gitops::likely_root(files, &folder)),
            (None, folder) => folder,
        };
        Repository { files, root, is_of_git, there: FxHashSet::default() }
    }

    /// Returns its root, or the folder that all roots lie in.
    pub(super) fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// Returns its root, if git says which folder that is.
    pub(super) fn root_of_git(&self) -> Option<&Path> {
        self.root.as_deref().filter(|_| self.is_of_git)
    }

    /// Looks for objects of a kind and name in all files; reads none if no object is wanted.
    pub(super) fn look_for<'n>(&mut self, wanted: impl Iterator<Item = (&'n str, &'n str)>) {
        let mut wanted: Vec<(&str, &str)> = wanted.collect();
        wanted.sort_unstable();
        wanted.dedup();
        let Some(root) = self.root.clone().filter(|_| !wanted.is_empty()) else { return };
        let (mut left, mut looked_at) = (vec![root], 0);
        while let Some(folder) = left.pop() {
            for name in list_with_hidden(self.files, &folder) {
                looked_at += 1;
                if looked_at > MOST {
                    return;
                }
                let path = folder.join(&name);
                match self.files.fs().kind(&path) {
                    Ok(FileKind::Directory) => {
                        self.look_at_folder(&path, &name, &wanted);
                        left.push(path);
                    }
                    Ok(FileKind::File) if is_text(&name) => self.look_into(&path, &wanted),
                    _ => {}
                }
            }
        }
    }

    /// Takes a folder that is called after a namespace or project, and has a chart or kustomization, for what makes it.
    fn look_at_folder(&mut self, path: &Path, name: &str, wanted: &[(&str, &str)]) {
        for (kind, of) in wanted {
            let is_one = matches!(*kind, "Namespace" | "AppProject") && *of == name;
            // One that puts its objects elsewhere is only called so.
            let is_for_it = |file: &str| {
                let documents = peek(self.files, &path.join(file));
                let namespace = documents.first().and_then(|root| root.get("namespace"));
                namespace.is_none_or(|namespace| namespace.text() == Some(of))
            };
            let makes = |file: &str| {
                file == "Chart.yaml" || KUSTOMIZATION_NAMES.contains(&file) && is_for_it(file)
            };
            if is_one && list_with_hidden(self.files, path).iter().any(|file| makes(file)) {
                self.there.insert(((*kind).to_owned(), (*of).to_owned()));
            }
        }
    }

    fn look_into(&mut self, path: &Path, wanted: &[(&str, &str)]) {
        let text = self.files.text(path).unwrap_or_default();
        let mut documents: Option<Vec<Node>> = None;
        for (kind, name) in wanted {
            let kind_alone = kind.split(' ').next().unwrap_or_default();
            // Charts and operators call Services after what they are made for.
            let is_likely = match *kind {
                "Service" => {
                    may_have_chart(&text) || text.contains(name.split('-').next().unwrap_or(name))
                }
                _ => text.contains(name) && text.contains(kind_alone),
            };
            if !is_likely {
                continue;
            }
            let documents = documents.get_or_insert_with(|| peek(self.files, path));
            let says = |node: &Node, path: &[&str], value: &str| {
                node.get_path(path).and_then(Node::text) == Some(value)
            };
            let is_one = |node: &Node| match kind_alone {
                "Service" => may_make_service(node, name),
                _ => says(node, &["kind"], kind_alone) && says(node, &["metadata", "name"], name),
            };
            // Templates are not YAML, and what they render to is not known.
            if documents.iter().any(is_one)
                || (documents.is_empty() && has_definition(&text, kind_alone, name))
            {
                self.there.insert(((*kind).to_owned(), (*name).to_owned()));
            }
        }
    }

    /// Returns `true` if an object that was looked for is there.
    pub(super) fn has(&self, kind: &str, name: &str) -> bool {
        self.there.contains(&(kind.to_owned(), name.to_owned()))
    }
}

/// Returns `true` if a text may have a chart in it.
fn may_have_chart(text: &str) -> bool {
    ["helmCharts", "HelmRelease", "chart:", "releaseName", "verride:"]
        .iter()
        .any(|word| text.contains(word))
}

/// Returns `true` for a Service of a name, and for what may make one: custom resources and charts of the name, or
/// of a part of it.
fn may_make_service(node: &Node, name: &str) -> bool {
    let says = |path: &[&str]| node.get_path(path).and_then(Node::text).unwrap_or_default();
    let own = says(&["metadata", "name"]);
    let is_custom = !GvkRef::parse(says(&["apiVersion"]), "").is_kubernetes();
    if own == name && (says(&["kind"]) == "Service" || is_custom) {
        return true;
    }
    if is_custom && !own.is_empty() && name.starts_with(own) {
        return true;
    }
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items),
            Node::Map { map, .. } => {
                let is_chart = map.contains("chart") || map.contains("repo");
                for entry in map {
                    let key = entry.key.text().unwrap_or_default();
                    let is_release =
                        matches!(key, "releaseName" | "fullnameOverride" | "nameOverride")
                            || is_chart && key == "name";
                    match entry.value.text() {
                        Some(release)
                            if is_release && !release.is_empty() && name.contains(release) =>
                        {
                            return true;
                        }
                        Some(_) => {}
                        None => left.push(&entry.value),
                    }
                }
            }
        }
    }
    false
}

fn is_text(name: &str) -> bool {
    [".yaml", ".yml", ".json", ".tpl", ".jsonnet", ".libsonnet", ".tf"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Returns `true` if a text that is no YAML has the lines of an object.
fn has_definition(text: &str, kind: &str, name: &str) -> bool {
    let has = |key: &str, value: &str| {
        let mut lines = text.lines().filter_map(|line| line.trim().strip_prefix(key));
        lines.any(|rest| rest.trim_matches([' ', ':', '"', '\'', '=', ',']) == value)
    };
    has("kind", kind) && has("name", name)
}
