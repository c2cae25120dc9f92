//! References of bindings, webhooks and APIServices that name the wrong namespace, or no Service of it.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::kubernetes::{differ_by_a_word, is_filled_in};
use crate::checks::network::backends::selects;
use crate::checks::objects::effective;
use crate::checks::references::dangling::{Referred, dangling_at};
use crate::checks::workloads::pods;
use crate::diagnostics::{Lint, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::{Node, Pos, nearest};

/// How many Services of a namespace a name is compared with; if there are more, nothing is said of it.
const MOST: usize = 200;

/// Looks at the ServiceAccounts of bindings and the Services of webhooks.
pub(in crate::checks) fn check(lint: &Lint, set: &ResourceSet, all: &[Referred<'_>]) {
    let all: Vec<&Referred<'_>> =
        all.iter().filter(|reference| says_namespace(reference)).collect();
    if all.is_empty() {
        return;
    }
    let mut there: FxHashMap<(&str, &str), Vec<&Resource>> = FxHashMap::default();
    let mut services: FxHashMap<&str, Vec<&Resource>> = FxHashMap::default();
    let mut workloads: FxHashMap<&str, Vec<&Resource>> = FxHashMap::default();
    let mut namespaces: FxHashSet<&str> = FxHashSet::default();
    for resource in set.iter() {
        namespaces.insert(resource.namespace());
        if pods::template(resource).is_some() {
            workloads.entry(effective(resource.namespace())).or_default().push(resource);
        }
        match resource.kind() {
            "Namespace" => {
                namespaces.insert(resource.name());
            }
            "Service" => {
                services.entry(effective(resource.namespace())).or_default().push(resource);
            }
            _ => {}
        }
        if matches!(resource.kind(), "Service" | "ServiceAccount") {
            there.entry((resource.kind(), resource.name())).or_default().push(resource);
        }
    }
    let mut alone: FxHashMap<&str, bool> = FxHashMap::default();
    let asked: FxHashSet<&str> = all
        .iter()
        .filter(|reference| reference.kind == "Service")
        .filter_map(|reference| reference.name.text())
        .collect();
    for reference in all {
        let (Some(name), Some(said)) = (reference.name.text(), reference.namespace) else {
            continue;
        };
        // Some tools fill in what is called so.
        if is_filled_in(name)
            || is_filled_in(said)
            || said == "placeholder"
            || lint.has(WarningKind::DanglingReference, reference.name.pos())
        {
            continue;
        }
        let found = there.get(&(reference.kind, name)).map(Vec::as_slice).unwrap_or_default();
        let is_there = |object: &&Resource| effective(object.namespace()) == said;
        let mut label = "nearly the same at";
        let mut pos = reference.name.pos();
        let mut elsewhere = None;
        let (meant, hint) = match found {
            _ if found.iter().any(is_there) => continue,
            // What has no namespace yet gets one later.
            [other, ..] if !namespaces.contains(said) && !other.namespace().is_empty() => {
                pos = place_of_namespace(reference, said).unwrap_or(pos);
                elsewhere = Some(said);
                (*other, format!("did you mean `namespace: {}`?", other.namespace()))
            }
            [] if reference.kind == "Service" => {
                let Some(own) = services.get(said).filter(|own| own.len() <= MOST) else {
                    continue;
                };
                let mut has_pods = |only: &Resource| {
                    let beside = workloads.get(said).map(Vec::as_slice).unwrap_or_default();
                    *alone.entry(said).or_insert_with(|| serves(only, beside))
                };
                match (near(name, own), &own[..]) {
                    (Some(near), _) => (near, format!("did you mean `{}`?", near.name())),
                    // One that others refer to is no mistaken one: there is another that is elsewhere.
                    (None, [only]) if !asked.contains(only.name()) && has_pods(only) => {
                        label = "the only one is at";
                        let name = only.name();
                        (*only, format!("did you mean `{name}`? It is the only Service here"))
                    }
                    _ => continue,
                }
            }
            _ => continue,
        };
        let what = format!("`{name}` in the namespace `{said}`, which is not in the build");
        dangling_at(lint, (reference, pos), &what, (label, meant), &hint, elsewhere);
    }
}

/// Returns where the namespace stands beside the name of a reference.
fn place_of_namespace(reference: &Referred<'_>, said: &str) -> Option<Pos> {
    let mut left = vec![&reference.by.node];
    while let Some(node) = left.pop() {
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items),
            Node::Map { map, .. } => {
                if map.get("name").is_some_and(|name| std::ptr::eq(name, reference.name)) {
                    let namespace = map.get("namespace").filter(|node| node.text() == Some(said));
                    return namespace.map(Node::pos).filter(|pos| pos.is_some());
                }
                left.extend(map.iter().map(|entry| &entry.value));
            }
        }
    }
    None
}

/// Returns `true` if Pods of the workloads beside a Service are behind it, and not only to be measured.
fn serves(service: &Resource, workloads: &[&Resource]) -> bool {
    let is_for_metrics = service.name().contains("metrics");
    !is_for_metrics && workloads.iter().any(|workload| selects(service, workload))
}

/// Returns `true` for the ServiceAccount of a binding and the Service of a webhook or an APIService, which are
/// mostly in the build.
fn says_namespace(reference: &Referred<'_>) -> bool {
    let by = reference.by.kind();
    reference.namespace.is_some()
        && match reference.kind {
            "ServiceAccount" => matches!(by, "RoleBinding" | "ClusterRoleBinding"),
            "Service" => {
                by.ends_with("WebhookConfiguration")
                    || matches!(by, "APIService" | "CustomResourceDefinition")
            }
            _ => false,
        }
}

/// Returns the one Service that is nearly named so.
fn near<'a>(name: &str, services: &[&'a Resource]) -> Option<&'a Resource> {
    if let Some(near) = nearest(services.iter().map(|service| service.name()), name) {
        return services.iter().copied().find(|service| service.name() == near);
    }
    let mut longer = services.iter().filter(|service| differ_by_a_word(service.name(), name));
    longer.next().copied().filter(|_| longer.next().is_none())
}
