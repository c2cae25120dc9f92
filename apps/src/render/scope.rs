//! Which kinds have a namespace. Argo CD asks the cluster; here it is decided by what somebody says, by
//! CustomResourceDefinitions, by what Kubernetes has, and by a table of kinds that many clusters have.

use std::collections::{BTreeMap, BTreeSet};

use kustom::document::{Document, NodeKind};

use super::manifest::Manifest;
use crate::repository::Repository;

/// Custom kinds that are cluster-scoped, by group; the others of these groups have namespaces. Kinds that Kubernetes
/// has had only since the version that is built in are there too.
const WELL_KNOWN: &str = include_str!("scopes.txt");

/// Files larger than that are not looked into.
const LARGEST: usize = 1 << 23;

/// Group and kind.
pub(crate) type Kind = (String, String);

/// What is known of kinds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scopes {
    /// Whether a kind is cluster-scoped, as definitions and people say.
    said: BTreeMap<Kind, bool>,
    well_known: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Scopes {
    /// Returns what is known without a look at any object: what the repository says of its kinds.
    pub(super) fn new(repository: &Repository) -> Scopes {
        let said = repository.cluster_scoped().iter().cloned().map(|kind| (kind, true)).collect();
        let groups = WELL_KNOWN.lines().filter_map(|line| line.split_once(':'));
        let well_known = groups.map(|(group, kinds)| (group, kinds.split_whitespace().collect()));
        Scopes { said, well_known: well_known.collect() }
    }

    /// Returns what is known of the kinds of some objects; definitions are among them, or in files of the repository.
    pub(crate) fn of<'m>(
        manifests: impl Iterator<Item = &'m Manifest> + Clone,
        repository: &Repository,
    ) -> Scopes {
        let mut scopes = Scopes::new(repository);
        scopes.learn(manifests.clone());
        let open: BTreeSet<Kind> = manifests.filter_map(|own| scopes.unknown(own)).collect();
        scopes.look_up(&open, repository);
        scopes
    }

    /// Takes over what definitions among some objects say. What is known already stays.
    pub(super) fn learn<'m>(&mut self, manifests: impl Iterator<Item = &'m Manifest>) {
        for manifest in manifests.filter(|own| own.text(&["kind"]) == "CustomResourceDefinition") {
            self.define(|path| manifest.text(path));
        }
    }

    /// Takes over what definitions in the files of a repository say of some kinds.
    pub(super) fn look_up(&mut self, open: &BTreeSet<Kind>, repository: &Repository) {
        if open.is_empty() {
            return;
        }
        let is_yaml = |file: &&String| [".yaml", ".yml"].iter().any(|end| file.ends_with(end));
        for file in repository.files().unwrap_or_default().iter().filter(is_yaml) {
            let Ok(bytes) = repository.read(file) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            if bytes.len() > LARGEST || !text.contains("kind: CustomResourceDefinition") {
                continue;
            }
            let is_wanted = |part: &&str| {
                part.contains("kind: CustomResourceDefinition")
                    && open.iter().any(|(group, kind)| part.contains(group) && part.contains(kind))
            };
            for part in text.split("\n---").filter(is_wanted) {
                // What is a template, or broken, says nothing.
                for document in Document::read_all(part.as_bytes()).unwrap_or_default() {
                    let root = document.root();
                    self.define(|path| root.text_at(path).unwrap_or_default());
                }
            }
        }
    }

    fn define<'t>(&mut self, text: impl Fn(&[&str]) -> &'t str) {
        let scope = text(&["spec", "scope"]);
        if scope == "Cluster" || scope == "Namespaced" {
            let kind = (text(&["spec", "group"]), text(&["spec", "names", "kind"]));
            let kind = (kind.0.to_owned(), kind.1.to_owned());
            self.said.entry(kind).or_insert(scope == "Cluster");
        }
    }

    /// Says whether the kind of an object is cluster-scoped, if that is known.
    fn is_cluster_scoped(&self, manifest: &Manifest) -> Option<bool> {
        let (group, kind) = kind_of(manifest);
        if let Some(said) = self.said.get(&(group.to_owned(), kind.to_owned())) {
            return Some(*said);
        }
        if kustom::is_cluster_scoped(manifest.text(&["apiVersion"]), kind) {
            return Some(true);
        }
        match self.well_known.get(group) {
            Some(kinds) => Some(kinds.contains(&kind) || kinds.contains(&"*")),
            // The groups of Kubernetes that are not in the table are those without a dot.
            None => (!group.contains('.')).then_some(false),
        }
    }

    /// Returns `true` for an object that has a namespace, unless its kind is known to be cluster-scoped.
    pub(crate) fn is_namespaced(&self, manifest: &Manifest) -> bool {
        let metadata = manifest.node().get("metadata");
        let is_object = metadata.is_some_and(|metadata| metadata.kind() == NodeKind::Mapping);
        is_object && self.is_cluster_scoped(manifest) != Some(true)
    }

    /// Returns `true` for an object of a kind that is known to have a namespace.
    pub(crate) fn is_certainly_namespaced(&self, manifest: &Manifest) -> bool {
        self.is_namespaced(manifest) && self.is_cluster_scoped(manifest) == Some(false)
    }

    /// Returns `true` if definitions or people say whether a kind has a namespace.
    pub(super) fn knows(&self, kind: &Kind) -> bool {
        self.said.contains_key(kind)
    }

    /// Returns the kind of an object if nothing says whether it has a namespace.
    pub(super) fn unknown(&self, manifest: &Manifest) -> Option<Kind> {
        let (group, kind) = kind_of(manifest);
        let is_unknown = self.is_cluster_scoped(manifest).is_none();
        is_unknown.then(|| (group.to_owned(), kind.to_owned()))
    }
}

fn kind_of(manifest: &Manifest) -> (&str, &str) {
    let api_version = manifest.text(&["apiVersion"]);
    (api_version.split_once('/').map_or("", |(group, _)| group), manifest.text(&["kind"]))
}

#[cfg(test)]
mod tests {
    use super::WELL_KNOWN;

    #[test]
    fn the_table_is_sorted_and_has_each_group_once() {
        let groups: Vec<_> =
            WELL_KNOWN.lines().map(|line| line.split_once(':').expect("a group").0).collect();
        assert!(groups.is_sorted_by(|a, b| a < b), "{groups:?}");
    }
}
