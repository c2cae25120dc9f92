//! Names of classes, issuers, stores, projects, sources and namespaces that no root knows.
//!
//! Much of that comes from elsewhere. So a name is told of only if a near one is known, or if the roots bring the
//! objects of its kind, and all others that are named are among them.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::roots::{Root, Suspect};
use super::slips::{is_slip, meant};
use super::table::{
    CLUSTER, IMAGE, PULL_SECRET, REGISTRY, Reference, is_named, is_of_cluster, is_said_only,
    kind_of, references,
};
use crate::checks::kubernetes::is_filled_in;
use crate::checks::values::place_or;
use crate::diagnostics::{Warning, WarningKind};
use crate::load::{FileKind, Files, KUSTOMIZATION_NAMES};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Node, Pos};

/// How many names a name is compared with; if there are more, nothing is said of it.
const MOST: usize = 500;

/// How often a name must be used for one that is nearly the same to be a slip.
const OFTEN: usize = 3;

/// How many other names must lead somewhere for one that leads nowhere to be wrong.
const OTHERS: usize = 3;

/// The kinds of which a repository that has some has mostly all.
const MOSTLY_ALL: &[&str] = &["AppProject", "ClusterIssuer", "ClusterSecretStore", "GatewayClass"];

/// What the roots have, by kind and name.
#[derive(Default)]
struct Known<'a> {
    objects: FxHashMap<&'a str, FxHashMap<&'a str, Vec<&'a Resource>>>,
    /// Former names, which other checks tell of.
    former: FxHashSet<(&'a str, &'a str)>,
    /// The namespaces that objects are in, each with the roots that they are of.
    namespaces: FxHashMap<&'a str, Vec<usize>>,
}

/// What uses a name: where it is written, and of which objects of which roots.
#[derive(Default)]
struct Uses<'a> {
    places: FxHashSet<Pos>,
    objects: FxHashSet<(usize, &'a str, &'a str)>,
}

/// All uses, by kind and name.
type AllUses<'a> = FxHashMap<&'a str, FxHashMap<&'a str, Uses<'a>>>;

/// A reference and the root that it is of.
type Found<'a> = (usize, Reference<'a>);

/// Looks at all roots.
pub(super) fn check<'a>(files: &Files, roots: &'a [Root<'a>], suspects: &mut Vec<Suspect<'a>>) {
    let (mut known, mut all) = (Known::default(), Vec::new());
    for root in roots {
        for resource in root.resources {
            work::check();
            known.add(root.number, resource);
            references(resource, &mut |reference| all.push((root.number, reference)));
        }
    }
    let uses = uses(&all);
    let folders: FxHashSet<&str> =
        roots.iter().flat_map(|root| root.folder.iter().filter_map(|name| name.to_str())).collect();
    let mut told: FxHashSet<Pos> = FxHashSet::default();
    let open: Vec<&Found<'a>> = all.iter().filter(|(_, found)| !known.has(found)).collect();
    let mut missing: FxHashMap<&str, FxHashSet<&str>> = FxHashMap::default();
    for (_, found) in &open {
        missing.entry(found.kind).or_default().insert(found.name);
    }
    for (root, found) in open {
        let place = place_or(found.node.pos(), found.by);
        if told.contains(&place) || is_filled_in(found.name) {
            continue;
        }
        let near = known
            .near(found)
            .or_else(|| known.in_another_namespace(found))
            .or_else(|| usual(found, &uses, &folders))
            .or_else(|| known.all_others(found, &uses, &missing));
        if let Some(Near { label, at, hint }) = near {
            let folder = roots.iter().find(|of| of.number == *root).map(|of| of.folder.as_path());
            let named = folder.and_then(|folder| named_by(files, folder, found));
            let (first, place) = (place, named.unwrap_or(place));
            if !told.insert(place) {
                continue;
            }
            told.insert(first);
            let is_elsewhere = label == IN_ANOTHER;
            let text = format!(
                "{} {}: `{}` names the {} `{}`, which is {}",
                found.by.kind(),
                found.by.name(),
                found.shown(),
                found.kind,
                found.name,
                match label {
                    IN_ANOTHER => "in another namespace",
                    _ if is_said_only(found.kind) => "nowhere else in the repository",
                    _ => "nowhere in the repository",
                }
            );
            let warning =
                Warning::new(WarningKind::UnknownName, text, place).related(label, at).hint(hint);
            let is_told = is_elsewhere || is_said_only(found.kind);
            let missing = (!is_told).then_some((found.kind, found.name));
            suspects.push(Suspect { root: *root, warning, missing });
        }
    }
    of_roots(files, roots, &known, suspects);
}

const NEARLY: &str = "nearly named at";
const IN_ANOTHER: &str = "it is at";
const USED: &str = "the others are called so, as at";

/// What was most likely meant.
struct Near {
    label: &'static str,
    at: Pos,
    hint: String,
}

fn uses<'a>(all: &[Found<'a>]) -> AllUses<'a> {
    let mut uses = AllUses::default();
    for (root, found) in all {
        let of = uses.entry(found.kind).or_default().entry(found.name).or_default();
        of.places.insert(found.node.pos());
        of.objects.insert((*root, found.by.kind(), found.by.name()));
    }
    uses
}

impl<'a> Known<'a> {
    fn add(&mut self, root: usize, resource: &'a Resource) {
        let kind = kind_of(resource);
        if is_named(kind) {
            let of_kind = self.objects.entry(kind).or_default();
            of_kind.entry(resource.name()).or_default().push(resource);
            let former = resource.history.previous.iter().map(|id| id.name.as_str());
            self.former.extend(former.map(|name| (kind, name)));
        }
        let namespace = resource.namespace();
        if !namespace.is_empty() {
            let roots = self.namespaces.entry(namespace).or_default();
            if roots.last() != Some(&root) {
                roots.push(root);
            }
        }
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = (&'a str, &Vec<&'a Resource>)> {
        self.objects.get(kind).into_iter().flatten().map(|(name, objects)| (*name, objects))
    }

    /// Returns `true` if what a reference names is there, or is in each cluster.
    fn has(&self, found: &Reference<'_>) -> bool {
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
        if name.is_empty() || is_built_in || self.former.contains(&(kind, name)) {
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
    fn near(&self, found: &Reference<'_>) -> Option<Near> {
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
        let written = object.history.previous.first().map_or(near, |first| first.name.as_str());
        let written = if object.history.needs_hash { written } else { near };
        let hint = format!("did you mean `{written}`?");
        Some(Near { label: NEARLY, at: object.node.pos(), hint })
    }

    /// Returns the object of the name that is in another namespace.
    fn in_another_namespace(&self, found: &Reference<'_>) -> Option<Near> {
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

    /// Answers if the roots have objects of the kind, and all other references to it are among them.
    fn all_others(
        &self,
        found: &Reference<'_>,
        uses: &AllUses<'_>,
        missing: &FxHashMap<&str, FxHashSet<&str>>,
    ) -> Option<Near> {
        if !MOSTLY_ALL.contains(&found.kind) {
            return None;
        }
        let objects = self.objects.get(found.kind)?;
        let mut names: Vec<&str> = objects.keys().copied().collect();
        names.sort_unstable();
        let is_alone = missing.get(found.kind).is_some_and(|names| names.len() == 1);
        let of_kind = uses.get(found.kind)?;
        let places = names.iter().filter_map(|name| of_kind.get(name));
        let places: usize = places.map(|uses| uses.objects.len()).sum();
        let is_once = of_kind.get(found.name).is_some_and(|own| own.places.len() == 1);
        let is_strong = match found.kind {
            "AppProject" => is_once && places > 1,
            _ => is_alone && places >= OTHERS,
        };
        if !is_strong {
            return None;
        }
        let first = objects.get(names.first()?)?.first()?;
        let shown: Vec<String> = names.iter().take(6).map(|name| format!("`{name}`")).collect();
        let more = if names.len() > 6 { ", …" } else { "" };
        let hint = format!("the repository has {}{more}", shown.join(", "));
        Some(Near { label: "the first of them is at", at: first.node.pos(), hint })
    }
}

/// Returns the name that many use where one use of one that is nearly the same is found.
fn usual(found: &Reference<'_>, uses: &AllUses<'_>, folders: &FxHashSet<&str>) -> Option<Near> {
    let of_kind = uses.get(found.kind).filter(|of_kind| of_kind.len() <= MOST)?;
    let own = of_kind.get(found.name)?;
    let is_once = own.places.len() == 1 || own.objects.len() == 1;
    if is_of_build(found.kind) || !is_once {
        return None;
    }
    work::check();
    let least = if found.kind == CLUSTER { 1 } else { OFTEN };
    let is_often = |name: &str, of: &Uses<'_>| {
        let same = |(_, kind, name): &&(usize, &str, &str)| {
            *kind == found.by.kind() && *name == found.by.name()
        };
        // Two images may be called nearly the same, those of an object in two roots hardly.
        let is_usual = found.kind != IMAGE
            && of.objects.len() >= least
            && of.objects.len() > own.objects.len() * (least - 1).max(1);
        // Of two clusters that are named as often, that is right which a folder is called after.
        let is_folder =
            found.kind == CLUSTER && folders.contains(name) && !folders.contains(found.name);
        is_usual || is_folder || of.objects.iter().filter(same).count() >= 2
    };
    let near = of_kind.iter().filter(|(name, _)| is_slip(name, found.name));
    let near = near.filter(|(name, of)| is_often(name, of)).map(|(name, _)| *name);
    let name = meant(near, found.name)?;
    let places = &of_kind.get(name)?.places;
    let at = places.iter().copied().filter(|pos| pos.is_some()).min()?;
    Some(Near { label: USED, at, hint: format!("did you mean `{name}`?") })
}

/// Looks at the namespaces of the roots themselves.
fn of_roots<'a>(
    files: &Files,
    roots: &'a [Root<'a>],
    known: &Known<'a>,
    suspects: &mut Vec<Suspect<'a>>,
) {
    let objects = known.objects.get("Namespace");
    let has_object = |name: &str| objects.is_some_and(|objects| objects.contains_key(name));
    if known.namespaces.len() > MOST {
        return;
    }
    for root in roots {
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        for resource in root.resources {
            let namespace = resource.namespace();
            let is_alone = known.namespaces.get(namespace).is_some_and(|roots| roots.len() == 1);
            if !is_alone
                || !seen.insert(namespace)
                || has_object(namespace)
                || is_in_each_cluster(namespace)
                || is_filled_in(namespace)
            {
                continue;
            }
            let with_objects = objects.into_iter().flatten().map(|(name, _)| *name);
            let often = known.namespaces.iter().filter(|(_, roots)| roots.len() > 1);
            let Some(near) = meant(with_objects.chain(often.map(|(name, _)| *name)), namespace)
            else {
                continue;
            };
            let Some(node) = resource.node.get_path(&["metadata", "namespace"]) else { continue };
            let said = said_by(files, &root.folder, namespace);
            let place = said.unwrap_or(place_or(node.pos(), resource));
            let (label, at) = match objects.and_then(|objects| objects.get(near)?.first()) {
                Some(object) => ("that Namespace is at", object.node.pos()),
                None => ("", Pos::NONE),
            };
            let text = format!(
                "the objects of this root are put into the namespace `{namespace}`, which nothing else in the \
                 repository has"
            );
            let warning = Warning::new(WarningKind::UnknownName, text, place)
                .related(label, at)
                .hint(format!("did you mean `{near}`?"));
            let missing = Some(("Namespace", namespace));
            suspects.push(Suspect { root: root.number, warning, missing });
        }
    }
}

/// Returns the kustomization of a folder.
fn kustomization(files: &Files, folder: &Path) -> Option<Node> {
    let is_there = |path: &PathBuf| files.fs().kind(path).ok() == Some(FileKind::File);
    let file = KUSTOMIZATION_NAMES.iter().map(|name| folder.join(name)).find(is_there)?;
    files.documents(&file).ok()?.first().cloned()
}

/// Returns where the kustomization of a folder says a namespace.
fn said_by(files: &Files, folder: &Path, namespace: &str) -> Option<Pos> {
    let root = kustomization(files, folder)?;
    let node = root.get("namespace")?;
    (node.text() == Some(namespace)).then_some(node.pos())
}

/// Returns where the kustomization of a folder gives an image its name.
fn named_by(files: &Files, folder: &Path, found: &Reference<'_>) -> Option<Pos> {
    let image = found.node.text().filter(|_| matches!(found.kind, IMAGE | REGISTRY))?;
    let root = kustomization(files, folder)?;
    let names = root.get("images")?.as_seq()?.iter().filter_map(|entry| entry.get("newName"));
    let is_it = |name: &&Node| {
        let name = name.text().filter(|name| !name.is_empty());
        let rest = name.and_then(|name| image.strip_prefix(name));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@']))
    };
    let name = names.into_iter().find(is_it)?;
    Some(name.pos())
}

/// Returns `true` for kinds that belong to the build which refers to them, which is looked at by itself.
fn is_of_build(kind: &str) -> bool {
    matches!(kind, "ConfigMap" | "Secret" | "ServiceAccount")
}

/// Returns `true` for kinds that are looked for in the namespace that is said, or in the own.
fn says_where(kind: &str) -> bool {
    !is_of_build(kind) && kind != "Kustomization"
}

fn is_in_each_cluster(namespace: &str) -> bool {
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
