//! What others name: folders that objects of Flux and Argo CD build, and files and folders that other
//! kustomizations of the repository list.

use std::path::{Component, Path, PathBuf};

use crate::checks::files::deployed::Deployed;
use crate::checks::files::listing::{list_with_hidden, peek};
use crate::checks::files::path_parts::{matches, parts_of};
use crate::load::{FileKind, Files, KUSTOMIZATION_NAMES, PathSet, join};
use crate::yaml::Node;

/// How many files of a repository are looked at.
const MOST: usize = 10_000;

/// How many levels above a folder without a repository are looked at, and how much may lie in each.
const LEVELS_ABOVE: usize = 4;
const MOST_ABOVE: usize = 64;

/// Paths of folders as the objects write them: from the root of their repository, which may be another
/// one, so they are compared from their end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    /// The parts of each; `*` in a part stands for anything.
    paths: Vec<Vec<String>>,
    /// The root of the repository, once it was asked: what lies above it is nobody's path.
    root: PathBuf,
    /// Whether Flux, or a plugin of Argo CD, fills in variables somewhere.
    fills_in: bool,
    /// What kustomizations of the repository name, as far as they were looked at.
    listed: PathSet,
    /// The namespaces that they give to the folders.
    deployed: Deployed,
}

impl Named {
    /// Adds what one object names.
    pub(crate) fn add(&mut self, object: &Node) {
        let text = |path: &[&str]| object.get_path(path).and_then(Node::text);
        let api_version = object.get("apiVersion").and_then(Node::text).unwrap_or_default();
        // Hardly any object is one of these.
        if !api_version.starts_with("argoproj.io") && !api_version.starts_with("kustomize.") {
            return;
        }
        let group = api_version.split('/').next().unwrap_or_default();
        match (group, text(&["kind"]).unwrap_or_default()) {
            ("kustomize.toolkit.fluxcd.io", "Kustomization") => {
                // Without a path it is the root of the repository.
                if let Some(path) = text(&["spec", "path"]) {
                    self.add_path(path);
                }
                self.deployed.add_flux(object);
                self.fills_in = self.fills_in || fills_in(object);
            }
            ("argoproj.io", "Application") => {
                if let Some(spec) = object.get("spec") {
                    self.add_sources(spec);
                }
            }
            ("argoproj.io", "ConfigManagementPlugin") => {
                self.fills_in = self.fills_in || substitutes(object);
            }
            ("argoproj.io", "ApplicationSet") => {
                if let Some(spec) = object.get_path(&["spec", "template", "spec"]) {
                    self.add_sources(spec);
                }
                if let Some(generators) = object.get_path(&["spec", "generators"]) {
                    self.add_generators(generators);
                }
            }
            _ => {}
        }
    }

    /// Adds all that another set has.
    pub(crate) fn merge(&mut self, other: Named) {
        self.paths.extend(other.paths);
        self.fills_in |= other.fills_in;
        self.deployed.merge(&other.deployed);
        self.listed.extend(other.listed);
    }

    /// Adds what other files of the repository name, in which `folder` lies; without a repository, those
    /// below `otherwise`.
    pub(crate) fn add_repository(&mut self, files: &Files, folder: &Path, otherwise: &Path) {
        let is_root = |folder: &&Path| files.fs().kind(&folder.join(".git")).is_ok();
        let repository = folder.ancestors().find(is_root);
        if let Some(root) = repository {
            self.root = root.to_path_buf();
        }
        let root = repository.unwrap_or(otherwise);
        let (mut left, mut looked_at) = (vec![root.to_path_buf()], 0);
        while let Some(folder) = left.pop() {
            for name in list_with_hidden(files, &folder) {
                looked_at += 1;
                if looked_at > MOST {
                    return;
                }
                let path = folder.join(&name);
                match files.fs().kind(&path) {
                    Ok(FileKind::Directory) => left.push(path),
                    Ok(FileKind::File) if KUSTOMIZATION_NAMES.contains(&name.as_str()) => {
                        for root in peek(files, &path) {
                            self.add_listed(&folder, &root);
                        }
                    }
                    Ok(FileKind::File) if name.ends_with(".yaml") || name.ends_with(".yml") => {
                        let text = files.text(&path).unwrap_or_default();
                        if text.contains("kustomize.toolkit.fluxcd.io/")
                            || text.contains("argoproj.io/")
                        {
                            let documents = peek(files, &path);
                            documents.iter().for_each(|document| self.add(document));
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Returns `true` if a folder, or one that it lies in, is named.
    pub(in crate::checks) fn has(&self, folder: &Path) -> bool {
        let below = folder.strip_prefix(&self.root).unwrap_or(folder);
        let parts: Vec<&str> = below
            .components()
            .filter_map(|part| match part {
                Component::Normal(name) => name.to_str(),
                _ => None,
            })
            .collect();
        self.paths.iter().any(|path| {
            let mut windows = parts.windows(path.len());
            windows
                .any(|window| window.iter().zip(path).all(|(part, pattern)| matches(part, pattern)))
        })
    }

    /// Returns `true` if variables are filled in somewhere after the build: where that is so is mostly decided far away, by objects that
    /// make others, components and webhooks.
    pub(crate) fn fills_in(&self) -> bool {
        self.fills_in
    }

    /// Returns what is known of the namespaces of the folders.
    pub(crate) fn deployed(&self) -> &Deployed {
        &self.deployed
    }

    /// Returns `true` if a kustomization lists a file or folder.
    pub(in crate::checks) fn lists(&self, path: &Path) -> bool {
        self.listed.contains(path)
    }

    /// Adds what a kustomization lists, and returns it.
    pub(in crate::checks) fn add_listed(&mut self, folder: &Path, root: &Node) -> Vec<PathBuf> {
        let mut listed = Vec::new();
        let mut left = vec![root];
        while let Some(node) = left.pop() {
            match node {
                Node::Scalar { text, .. } => listed.extend(may_be_path(folder, text)),
                Node::Seq { items, .. } => left.extend(items),
                Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
            }
        }
        self.listed.extend(listed.iter().cloned());
        listed
    }

    /// Adds what the text of an unreadable kustomization may list, and returns it.
    pub(in crate::checks) fn add_words(&mut self, folder: &Path, text: &str) -> Vec<PathBuf> {
        let words = text.split(|c: char| c.is_whitespace() || "\"'[]{},".contains(c));
        let listed: Vec<PathBuf> = words
            .filter(|word| !word.is_empty())
            .filter_map(|word| may_be_path(folder, word))
            .collect();
        self.listed.extend(listed.iter().cloned());
        listed
    }

    fn add_sources(&mut self, spec: &Node) {
        self.deployed.add_application(spec);
        let several = spec.get("sources").and_then(Node::as_seq);
        for source in spec.get("source").into_iter().chain(several.into_iter().flatten()) {
            if let Some(path) = source.get("path").and_then(Node::text) {
                self.add_path(path);
            }
        }
    }

    /// Adds the folders that generators look for, at any depth of matrix and merge.
    fn add_generators(&mut self, generators: &Node) {
        let mut left = vec![generators];
        while let Some(node) = left.pop() {
            match node {
                Node::Scalar { .. } => {}
                Node::Seq { items, .. } => left.extend(items),
                Node::Map { map, .. } => {
                    for entry in map {
                        match entry.key.text() {
                            Some("directories") => {
                                let paths = entry.value.as_seq().into_iter().flatten();
                                let paths =
                                    paths.filter_map(|e| e.get("path").and_then(Node::text));
                                paths.for_each(|path| self.add_path(path));
                            }
                            _ => left.push(&entry.value),
                        }
                    }
                }
            }
        }
    }

    fn add_path(&mut self, path: &str) {
        self.paths.extend(parts_of(path));
    }
}

/// Returns the path that a text in a kustomization stands for, if it may be one.
fn may_be_path(folder: &Path, text: &str) -> Option<PathBuf> {
    // A file of a generator may have its key before it.
    let file = text.split_once('=').map_or(text, |(_, file)| file);
    (text.len() <= 255 && !text.contains(['\n', ' '])).then(|| join(folder, file))
}

/// Returns `true` if an object of Flux has variables filled in, itself or by a patch of those that it makes.
fn fills_in(object: &Node) -> bool {
    let mut left = vec![object];
    while let Some(node) = left.pop() {
        match node {
            Node::Scalar { text, .. } if text.contains("postBuild") => return true,
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items),
            Node::Map { map, .. } if map.contains("postBuild") => return true,
            Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
        }
    }
    false
}

/// Returns `true` if a plugin of Argo CD fills in variables after the build.
fn substitutes(object: &Node) -> bool {
    let mut left = vec![object];
    while let Some(node) = left.pop() {
        match node {
            Node::Scalar { text, .. } if text.contains("envsub") => return true,
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items),
            Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
        }
    }
    false
}

/// Returns the folder that most likely is the root of the repository of a folder, if nothing says so: one a few
/// levels above, as long as there is little in it.
pub(crate) fn likely_root(files: &Files, folder: &Path) -> PathBuf {
    let has_little = |folder: &&Path| {
        folder.parent().is_some() && list_with_hidden(files, folder).len() <= MOST_ABOVE
    };
    let above = folder.ancestors().skip(1).take(LEVELS_ABOVE).take_while(has_little).last();
    above.unwrap_or(folder).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_from_their_end_and_with_templates() {
        let mut named = Named::default();
        for path in ["./apps/web/app", "gitops/overlays/{{env}}", "{{path}}", "clusters/*"] {
            named.add_path(path);
        }
        let has = |folder: &str| named.has(Path::new(folder));
        assert!(has("/repo/apps/web/app"));
        assert!(has("/repo/apps/web/app/base"));
        assert!(has("/repo/gitops/overlays/prod"));
        assert!(has("/repo/clusters/a"));
        assert!(!has("/repo/apps/web"));
        assert!(!has("/repo/gitops/overlays"));
    }
}
