//! References to objects that are not in the build, where one of the same kind is nearly named so.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::kubernetes::{containers, differ_by_a_word, is_filled_in, list};
use crate::checks::objects::{
    effective, is_custom, is_generated, makes_nothing, secret_made, written,
};
use crate::checks::references::dangling::{Referred, dangling};
use crate::checks::slips::differ_beyond_digits;
use crate::checks::workloads::pods;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::work;
use crate::yaml::{Entry, Node, nearest};

/// The kinds that are mostly in the build that refers to them.
const KINDS: &[&str] = &[
    "ClusterRole",
    "ConfigMap",
    "DaemonSet",
    "Deployment",
    "PersistentVolumeClaim",
    "Role",
    "Secret",
    "ServiceAccount",
    "StatefulSet",
];

/// ClusterRoles that OpenShift brings, and those of the control plane begin with `system:`.
const ROLES_OF_OPENSHIFT: &[&str] = &[
    "basic-user",
    "cluster-monitoring-edit",
    "cluster-monitoring-view",
    "cluster-reader",
    "cluster-status",
    "monitoring-edit",
    "monitoring-rules-edit",
    "monitoring-rules-view",
    "registry-admin",
    "registry-editor",
    "registry-viewer",
    "self-access-reviewer",
    "self-provisioner",
    "storage-admin",
];

/// The ClusterRoles that each cluster has for people.
const BUILT_IN_ROLES: &[&str] = &["admin", "cluster-admin", "edit", "view"];

/// How many objects a name is compared with; if there are more, nothing is said of it.
const MOST: usize = 200;

/// Looks at all references of a build.
pub(in crate::checks) fn check(lint: &Lint, set: &ResourceSet, all: &[Referred<'_>]) {
    if all_are_there(set, all) {
        return;
    }
    let mut there: FxHashMap<(&str, &str), Vec<&Resource>> = FxHashMap::default();
    let mut known: FxHashSet<&str> = FxHashSet::default();
    let mut known_of_kind: FxHashSet<(&str, &str)> = FxHashSet::default();
    let mut siblings: FxHashSet<(&str, &str)> = FxHashSet::default();
    for resource in set.iter() {
        let secret = secret_made(resource);
        let kind = if secret.is_some() { "Secret" } else { resource.kind() };
        let is_one = KINDS.contains(&kind);
        let names = || {
            let former = resource.history.previous.iter().map(|former| former.name.as_str());
            former.chain([resource.name()]).chain(secret)
        };
        // What a custom resource makes is mostly called as that is, or as it says.
        if !is_one && is_custom(resource) && !makes_nothing(resource) {
            known.extend(names());
        }
        known.extend(secrets_asked_for(resource));
        known.extend(secrets_of_certificates(resource));
        known.extend(named_in_arguments(resource));
        if is_one || kind == "Service" {
            let namespace = effective(resource.namespace());
            siblings.extend(names().map(|name| (namespace, name)));
        }
        if is_one {
            known_of_kind.extend(names().map(|name| (kind, name)));
            let place = (kind, effective(resource.namespace()));
            there.entry(place).or_default().push(resource);
        }
    }
    let made = all.iter().filter(|reference| is_custom(reference.by));
    known.extend(made.filter_map(|reference| reference.name.text()));
    let used: FxHashSet<(&str, &str)> =
        all.iter().filter_map(|reference| Some((reference.kind, reference.name.text()?))).collect();
    let is_used = |resource: &Resource| {
        let former = resource.history.previous.iter().map(|former| former.name.as_str());
        former.chain([resource.name()]).any(|name| used.contains(&(resource.kind(), name)))
    };
    for reference in all.iter().filter(|reference| !reference.is_optional) {
        let is_known =
            |name: &&str| known.contains(name) || known_of_kind.contains(&(reference.kind, *name));
        let Some(name) = reference.name.text().filter(|name| !is_known(name)) else { continue };
        if reference.kind == "ClusterRole"
            && (BUILT_IN_ROLES.contains(&name)
                || ROLES_OF_OPENSHIFT.contains(&name)
                || name.starts_with("system:"))
        {
            continue;
        }
        if reference.kind == "Role" && BUILT_IN_ROLES.contains(&name) {
            built_in_role(lint, reference, name);
            continue;
        }
        let namespace = match reference.kind {
            "ClusterRole" => "",
            _ => reference.namespace.unwrap_or(reference.by.namespace()),
        };
        let others = there.get(&(reference.kind, effective(namespace)));
        let Some(others) = others.filter(|others| others.len() <= MOST) else { continue };
        // What an object needs of its own kind is another one, however it is called.
        let is_own = others.iter().any(|other| std::ptr::eq(*other, reference.by));
        let but_own: Vec<&Resource>;
        let others = match is_own {
            true => {
                let all = others.iter().filter(|other| !std::ptr::eq(**other, reference.by));
                but_own = all.copied().collect();
                &but_own
            }
            false => others,
        };
        let is_told = |kind| lint.has(kind, reference.name.pos());
        if is_filled_in(name)
            || is_told(WarningKind::DanglingReference)
            || is_told(WarningKind::WrongReference)
        {
            continue;
        }
        work::check();
        if let Some(meant) = others.iter().find(|other| is_copy_with_hash(name, other)) {
            copied(lint, reference, name, meant);
        } else if let Some(near) = near(reference.kind, name, others, is_used) {
            remark(lint, reference, name, near);
        } else if siblings.contains(&(effective(namespace), name))
            && let Some(only) = only(reference.kind, others, is_used)
        {
            of_siblings(lint, reference, name, only);
        }
    }
}

/// Returns `true` if every object of these kinds that is referred to is there by its name, or none of its kind is.
fn all_are_there(set: &ResourceSet, all: &[Referred<'_>]) -> bool {
    let wanted =
        all.iter().filter(|reference| !reference.is_optional && KINDS.contains(&reference.kind));
    let mut open: FxHashSet<(&str, &str)> =
        wanted.filter_map(|reference| Some((reference.kind, reference.name.text()?))).collect();
    let mut kinds: Vec<&str> = Vec::new();
    for resource in set.iter() {
        if open.is_empty() {
            return true;
        }
        let (kind, name) = match secret_made(resource) {
            Some(made) => ("Secret", made),
            None => (resource.kind(), resource.name()),
        };
        open.remove(&(kind, name));
        if KINDS.contains(&kind) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    !open.iter().any(|(kind, _)| kinds.contains(kind))
}

/// Returns the object that is most likely meant; of what is generated more is said elsewhere.
fn near<'a>(
    kind: &str,
    name: &str,
    others: &[&'a Resource],
    is_used: impl Fn(&Resource) -> bool,
) -> Option<&'a Resource> {
    let plain = || others.iter().copied().filter(|other| !is_generated(other));
    let near = nearest(plain().map(written), name).filter(|near| differ_beyond_digits(near, name));
    if let Some(near) = near {
        let near = plain().find(|other| written(other) == near);
        // What others use and is called otherwise by a whole word is another one, and no slip.
        let near = near.filter(|near| !(differ_by_a_word(written(near), name) && is_used(near)));
        if near.is_some() {
            return near;
        }
    }
    // Many a Secret is made by hand.
    if kind == "Secret" {
        return None;
    }
    let mut longer =
        plain().filter(|other| differ_by_a_word(written(other), name) && !is_used(other));
    let found = longer.next().filter(|_| longer.next().is_none());
    if found.is_some() || kind != "ConfigMap" {
        return found;
    }
    // A ConfigMap is hardly made by hand: a word may be left out of the name of one that others use as well.
    let lacks_a_word = |other: &&Resource| {
        written(other).len() > name.len()
            && differ_by_a_word(written(other), name)
            && is_used(other)
    };
    let mut longer = others.iter().copied().filter(lacks_a_word);
    longer.next().filter(|_| longer.next().is_none())
}

/// Returns the one object of a kind if nothing refers to it: where others of its application have the name that
/// is wanted, it is meant.
fn only<'a>(
    kind: &str,
    others: &[&'a Resource],
    is_used: impl Fn(&Resource) -> bool,
) -> Option<&'a Resource> {
    let [only] = others else { return None };
    let is_own =
        matches!(kind, "DaemonSet" | "Deployment" | "Role" | "ServiceAccount" | "StatefulSet");
    (is_own && !is_used(only)).then_some(only)
}

/// Returns `true` if a name is that of an object with a hash behind it, as a cluster shows it.
fn is_copy_with_hash(name: &str, object: &Resource) -> bool {
    // The letters and digits that hashes are written with, and how many they are.
    let is_digit = |c: char| "2456789bcdfghkmt".contains(c);
    let Some((stem, hash)) = name.rsplit_once('-') else { return false };
    let mut former = object.history.previous.iter().map(|former| former.name.as_str());
    hash.len() == 10
        && hash.chars().all(is_digit)
        && (object.name() == stem || former.any(|former| former == stem))
}

/// Warns about a name that was copied from a cluster.
fn copied(lint: &Lint, reference: &Referred<'_>, name: &str, meant: &Resource) {
    let what = format!(
        "`{name}`, which is not in the build: it ends in a hash, as if copied from a cluster"
    );
    let hint = format!("write `{}`: the hash of its content is added by itself", written(meant));
    dangling(lint, reference, &what, ("the object is at", meant), &hint);
}

fn remark(lint: &Lint, reference: &Referred<'_>, name: &str, near: &Resource) {
    let what = format!("`{name}`, which is not in the build");
    let hint = format!("did you mean `{}`?", written(near));
    dangling(lint, reference, &what, ("nearly named at", near), &hint);
}

/// Warns about a Role that is not in the build and called as a ClusterRole that each cluster has.
fn built_in_role(lint: &Lint, reference: &Referred<'_>, name: &str) {
    let pos = reference.name.pos();
    if lint.has(WarningKind::DanglingReference, pos) || lint.has(WarningKind::WrongReference, pos) {
        return;
    }
    let text = format!(
        "{} {} refers to the Role `{name}`, which is not in the build; the `{name}` that each cluster has is a ClusterRole",
        reference.by.kind(),
        reference.by.name(),
    );
    lint.add(
        Warning::new(WarningKind::WrongReference, text, pos)
            .hint("write `kind: ClusterRole`; in a RoleBinding it is for its namespace alone"),
    );
}

/// Warns about a reference to an object that is called otherwise than the others of its application.
fn of_siblings(lint: &Lint, reference: &Referred<'_>, name: &str, only: &Resource) {
    let kind = reference.kind;
    let text = format!(
        "{} {} refers to the {kind} `{name}`, which is not in the build",
        reference.by.kind(),
        reference.by.name(),
    );
    let now = written(only);
    lint.add(
        Warning::new(WarningKind::DanglingReference, text, reference.name.pos())
            .related("the only one is at", only.node.pos())
            .hint(format!(
                "did you mean `{now}`? It is the only {kind} here, and nothing refers to it"
            )),
    );
}

/// Returns the names that arguments of a workload give, as its program may make what is called so.
fn named_in_arguments(resource: &Resource) -> impl Iterator<Item = &str> {
    let pod = pods::template(resource).and_then(|template| template.get("spec"));
    let containers = pod.into_iter().flat_map(containers);
    let arguments = containers.flat_map(|it| list(it, "command").chain(list(it, "args")));
    arguments.filter_map(|argument| {
        let text = argument.text()?;
        Some(text.rsplit_once('=').map_or(text, |(_, value)| value))
    })
}

/// Returns the names of Secrets that cert-manager makes for an Ingress, as its annotations ask for.
fn secrets_of_certificates(resource: &Resource) -> impl Iterator<Item = &str> {
    let annotations = resource.node.get_path(&["metadata", "annotations"]).and_then(Node::as_map);
    let asks = annotations
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.key.text())
        .any(|key| key.starts_with("cert-manager.io/") || key == "kubernetes.io/tls-acme");
    let tls = resource.node.get_path(&["spec", "tls"]).and_then(Node::as_seq).filter(|_| asks);
    tls.into_iter().flatten().filter_map(|entry| entry.get("secretName")?.text())
}

/// Returns the names of Secrets that annotations of an object have others make, as OpenShift does the certificates of
/// Services.
fn secrets_asked_for(resource: &Resource) -> impl Iterator<Item = &str> {
    let annotations = resource.node.get_path(&["metadata", "annotations"]).and_then(Node::as_map);
    let entries = annotations.into_iter().flatten();
    let asks = |entry: &&Entry| entry.key.text().is_some_and(|key| key.ends_with("secret-name"));
    entries.filter(asks).filter_map(|entry| entry.value.text())
}
