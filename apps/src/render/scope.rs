//! Which kinds have a namespace.

use std::collections::BTreeSet;

use kustom::document::NodeKind;

use super::manifest::Manifest;

/// What the objects themselves say of kinds: their CustomResourceDefinitions.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    /// Group and kind of those that are cluster-scoped.
    cluster: BTreeSet<(String, String)>,
}

impl Scopes {
    pub(crate) fn of<'m>(manifests: impl Iterator<Item = &'m Manifest>) -> Scopes {
        let mut scopes = Scopes::default();
        for manifest in manifests {
            let is_definition = manifest.text(&["kind"]) == "CustomResourceDefinition";
            if is_definition && manifest.text(&["spec", "scope"]) == "Cluster" {
                let group = manifest.text(&["spec", "group"]).to_owned();
                let kind = manifest.text(&["spec", "names", "kind"]).to_owned();
                scopes.cluster.insert((group, kind));
            }
        }
        scopes
    }

    /// Returns `true` unless the kind is known to be cluster-scoped.
    pub(crate) fn is_namespaced(&self, manifest: &Manifest) -> bool {
        let (api_version, kind) = (manifest.text(&["apiVersion"]), manifest.text(&["kind"]));
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let metadata = manifest.node().get("metadata");
        let is_object = metadata.is_some_and(|metadata| metadata.kind() == NodeKind::Mapping);
        is_object
            && !kustom::is_cluster_scoped(api_version, kind)
            && !self.cluster.contains(&(group.to_owned(), kind.to_owned()))
    }
}
