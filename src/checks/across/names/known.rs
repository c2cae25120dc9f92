//! What the roots have, and what a name that is not among it was meant to be.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::across::names::table::{
    PULL_SECRET, Reference, is_named, is_of_cluster, kind_of,
};
use crate::checks::kubernetes::is_filled_in;
use crate::checks::slips::meant;
use crate::resource::Resource;
use crate::yaml::{Node, Pos};

/// How many names a name is compared with; if there are more, nothing is said of it.
pub(in crate::checks) const MOST: usize = 500;

pub(in crate::checks) const NEARLY: &str = "nearly named at";
pub(in crate::checks) const OF_OTHER_KIND: &str = "what is called so is at";
pub(in crate::checks) const IN_ANOTHER: &str = "it is at";

/// What was most likely meant.
pub(in crate::checks) struct Near {
    pub(in crate::checks) label: &'static str,
    pub(in crate::checks) at: Pos,
    pub(in crate::checks) hint: String,
}

/// What the roots have, by kind and name.
#[derive(Default)]
pub(in crate::checks) struct Known<'a> {
    pub(in crate::checks) objects: FxHashMap<&'a str, FxHashMap<&'a str, Vec<&'a Resource>>>,
    /// Former names, which other checks report.
    pub(in crate::checks) former: FxHashSet<(&'a str, &'a str)>,
    /// The namespaces that objects are in, each with the roots that they are of.
    pub(in crate::checks) namespaces: FxHashMap<&'a str, Vec<usize>>,
    /// Namespaces that are made with what is put into them.
    made: FxHashSet<&'a str>,
}

impl<'a> Known<'a> {
    pub(in crate::checks) fn add(&mut self, root: usize, resource: &'a Resource) {
        let kind = kind_of(resource);
        if is_named(kind) {
            let of_kind = self.objects.entry(kind).or_default();
            of_kind.entry(resource.name()).or_default().push(resource);
            let former = resource.history.previous.iter().map(|id| id.name.as_str());
            self.former.extend(former.map(|name| (kind, name)));
        }
        let target: &[&str] = match resource.kind() {
            "Application" => &["spec", "destination", "namespace"],
            "ApplicationSet" => &["spec", "template", "spec", "destination", "namespace"],
            "HelmRelease" => &["spec", "targetNamespace"],
            _ => &[],
        };
        if !target.is_empty() {
            self.made.extend(resource.node.get_path(target).and_then(Node::text));
        }
        let namespace = resource.namespace();
        if !namespace.is_empty() {
            let roots = self.namespaces.entry(namespace).or_default();
            if roots.last() != Some(&root) {
                roots.push(root);
            }
        }
    }

    pub(in crate::checks) fn of_kind(
        &self,
        kind: &str,
    ) -> impl Iterator<Item = (&'a str, &Vec<&'a Resource>)> {
        self.objects.get(kind).into_iter().flatten().map(|(name, objects)| (*name, objects))
    }

    /// Returns `true` if what a reference names is there, or is in each cluster.
    pub(in crate::checks) fn has(&self, found: &Reference<'_>) -> bool {
        let (kind, name) = (found.kind, found.name);
        let is_built_in = match kind {
            "AppProject" => name == "default",
            "PriorityClass" => name.starts_with("system-"),
            "Namespace" => is_in_each_cluster(name) || self.namespaces.contains_key(name),
            "Gateway of Istio" => name == "mesh",
            "ServiceAccount" => name == "default",
            PULL_SECRET => self.objects.get("Secret").is_some_and(|all| all.contains_key(name)),
            _ => false,
        };
        let is_pattern = name.contains(['*', '!', '?']);
        if name.is_empty() || is_pattern || is_built_in || self.former.contains(&(kind, name)) {
            return true;
        }
        let Some(objects) = self.objects.get(kind).and_then(|of_kind| of_kind.get(name)) else {
            return false;
        };
        if is_of_cluster(kind) || !says_where(kind) {
            return true;
        }
        let wanted = found.namespace.unwrap_or(found.by.namespace());
        let is_there =
            |object: &&Resource| object.namespace().is_empty() || object.namespace() == wanted;
        wanted.is_empty() || is_filled_in(wanted) || objects.iter().any(is_there)
    }

    /// Returns the object that is called nearly so.
    pub(in crate::checks) fn near(&self, found: &Reference<'_>) -> Option<Near> {
        if found.kind == "Namespace" && self.namespaces.len() <= MOST {
            let used = self.namespaces.iter().filter(|(_, roots)| roots.len() > 1);
            let used = used.map(|(name, _)| *name);
            let objects = || self.of_kind("Namespace").map(|(name, _)| name);
            let near = meant(used.chain(objects()), found.name).or_else(|| {
                let all = self.namespaces.keys().copied().chain(objects());
                let is_one = |name: &&str| are_same_words(name, found.name);
                all.filter(is_one).min().filter(|_| !self.made.contains(found.name))
            })?;
            let object = self.objects.get("Namespace").and_then(|all| all.get(near)?.first());
            let at = object.map_or(Pos::NONE, |object| object.node.pos());
            return Some(Near { label: NEARLY, at, hint: format!("did you mean `{near}`?") });
        }
        if self.objects.get(found.kind)?.len() > MOST {
            return None;
        }
        let is_free = |objects: &Vec<&Resource>| {
            is_of_cluster(found.kind)
                || found.kind != "ServiceAccount" && !is_of_build(found.kind)
                || objects.iter().any(|object| {
                    object.namespace() == found.namespace.unwrap_or(found.by.namespace())
                })
        };
        let names = self.of_kind(found.kind).filter(|(_, o)| is_free(o)).map(|(name, _)| name);
        let near = meant(names, found.name)?;
        let object = self.objects.get(found.kind)?.get(near)?.first()?;
        // What is generated has a hash, which nobody writes.
        let written = object.original_name();
        let written = if object.history.needs_hash { written } else { near };
        let hint = format!("did you mean `{written}`?");
        Some(Near { label: NEARLY, at: object.node.pos(), hint })
    }

    /// Returns the object of the name that is of the other one of two kinds.
    pub(in crate::checks) fn of_other_kind(&self, found: &Reference<'_>) -> Option<Near> {
        let (_, other) = [
            ("Issuer", "ClusterIssuer"),
            ("ClusterIssuer", "Issuer"),
            ("SecretStore", "ClusterSecretStore"),
            ("ClusterSecretStore", "SecretStore"),
            ("TriggerAuthentication", "ClusterTriggerAuthentication"),
            ("HelmRepository", "OCIRepository"),
            ("OCIRepository", "HelmRepository"),
        ]
        .into_iter()
        .find(|(kind, _)| *kind == found.kind)?;
        let object = self.objects.get(other)?.get(found.name)?.first()?;
        let path = found.shown();
        let hint = match path.contains("cert-manager.io/") {
            true if other == "Issuer" => {
                "write `cert-manager.io/issuer`, which is for those".to_owned()
            }
            true => "write `cert-manager.io/cluster-issuer`, which is for those".to_owned(),
            false => format!("write `kind: {other}` beside the name"),
        };
        Some(Near { label: OF_OTHER_KIND, at: object.node.pos(), hint })
    }

    /// Returns the object of the name that is in another namespace.
    pub(in crate::checks) fn in_another_namespace(&self, found: &Reference<'_>) -> Option<Near> {
        let objects = self.objects.get(found.kind)?.get(found.name)?;
        let own = found.namespace.unwrap_or(found.by.namespace());
        let mut namespaces: Vec<&str> = objects.iter().map(|object| object.namespace()).collect();
        namespaces.sort_unstable();
        namespaces.dedup();
        let [namespace] = namespaces[..] else { return None };
        let object = objects.first()?;
        let hint = match found.kind {
            "Issuer" | "SecretStore" | "TriggerAuthentication" => format!(
                "it is in the namespace `{namespace}`, and serves that alone: use a Cluster{} for several, or put \
                 one into `{own}`",
                found.kind
            ),
            "Gateway of Istio" => format!("write `{namespace}/{}`", found.name),
            _ => format!(
                "it is in another namespace: write `namespace: {namespace}` beside the name"
            ),
        };
        Some(Near { label: IN_ANOTHER, at: object.node.pos(), hint })
    }
}

/// Returns `true` if two names have the same words in another order.
fn are_same_words(one: &str, other: &str) -> bool {
    let words = |name: &'_ str| {
        let mut words: Vec<String> = name.split('-').map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    one != other && one.len() == other.len() && one.contains('-') && words(one) == words(other)
}

/// Returns `true` for kinds that belong to the build which refers to them, which is looked at by itself.
pub(in crate::checks) fn is_of_build(kind: &str) -> bool {
    matches!(kind, "ConfigMap" | "Secret" | "ServiceAccount")
}

/// Returns `true` for kinds that are looked for in the namespace that is said, or in the own.
pub(in crate::checks) fn says_where(kind: &str) -> bool {
    !is_of_build(kind) && kind != "Kustomization"
}

pub(in crate::checks) fn is_in_each_cluster(namespace: &str) -> bool {
    namespace == "default" || namespace.starts_with("kube-") || namespace.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_of_kubernetes_are_everywhere() {
        assert!(is_in_each_cluster("kube-system") && is_in_each_cluster("default"));
        assert!(!is_in_each_cluster("shop"));
    }
}
