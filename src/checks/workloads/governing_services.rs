//! The Services by which the Pods of StatefulSets get names of their own.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::kubernetes::is_filled_in;
use crate::checks::objects::effective;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::{Node, nearest};

/// Looks at the `serviceName` of all StatefulSets; `selecting` are Services, each with one whose Pods it selects.
pub(in crate::checks) fn check<'a>(
    lint: &Lint,
    set: &'a ResourceSet,
    selecting: &[(&'a Resource, &'a Resource)],
) {
    if selecting.is_empty() {
        return;
    }
    let mut names: FxHashSet<(&str, &str)> = FxHashSet::default();
    for service in set.of_kind("Service") {
        let former = service.history.previous.iter().map(|former| former.name.as_str());
        let namespace = effective(service.namespace());
        names.extend(former.chain([service.name()]).map(|name| (namespace, name)));
    }
    let mut of: FxHashMap<(&str, &str), Vec<&Resource>> = FxHashMap::default();
    for (service, stateful) in selecting {
        of.entry((effective(stateful.namespace()), stateful.name())).or_default().push(service);
    }
    for stateful in set.of_kind("StatefulSet") {
        let namespace = effective(stateful.namespace());
        let Some(services) = of.get(&(namespace, stateful.name())) else { continue };
        let Some(node) = stateful.node.get_path(&["spec", "serviceName"]) else { continue };
        let name = node.text().filter(|name| !node.is_null() && !name.is_empty());
        let Some(name) = name.filter(|name| !is_filled_in(name)) else { continue };
        if names.contains(&(namespace, name))
            || lint.has(WarningKind::DanglingReference, node.pos())
            || lint.has(WarningKind::WrongReference, node.pos())
        {
            continue;
        }
        let Some((meant, is_headless)) = meant(services) else { continue };
        let is_slip = nearest([meant.name()].into_iter(), name).is_some();
        if !is_slip && !is_used(set, stateful, name) {
            continue;
        }
        let text = format!(
            "StatefulSet {} refers to the Service `{name}`, which is not in the build: its Pods get no names of \
             their own",
            stateful.name()
        );
        lint.add(
            Warning::new(WarningKind::DanglingReference, text, node.pos())
                .related("its Pods are selected at", meant.node.pos())
                .hint(match is_headless {
                    true => format!(
                        "write `serviceName: {}`, or add a Service `{name}` with `clusterIP: None`",
                        meant.name()
                    ),
                    false if is_slip => format!(
                        "did you mean `{}`? It is not headless: its Pods get names only with `clusterIP: None`",
                        meant.name()
                    ),
                    // That one has an address of its own, and gives its Pods no names.
                    false => format!(
                        "add a Service `{name}` with `clusterIP: None` and the selector of the Service {0}: `{0}` itself \
                         is not headless, so it gives its Pods no names",
                        meant.name()
                    ),
                }),
        );
    }
}

/// Returns `true` if Pods of a StatefulSet may be asked by the names that a Service gives them: there are several, or a
/// text has a name that ends in that of the Service.
fn is_used(set: &ResourceSet, stateful: &Resource, name: &str) -> bool {
    let spec = |field: &str| stateful.node.get_path(&["spec", field]);
    let replicas = spec("replicas").and_then(Node::text);
    // A name such as `web-headless` says what it is for.
    let is_said = name.split('-').any(|word| word == "headless");
    if is_said || replicas.is_some_and(|all| all.parse().is_ok_and(|all: u32| all > 1)) {
        return true;
    }
    // Each Pod is called so, behind its own name.
    let host = format!(".{name}");
    let mut left: Vec<&Node> = set.iter().map(|resource| &resource.node).collect();
    while let Some(node) = left.pop() {
        match node {
            Node::Scalar { text, .. } if text.contains(&host) => return true,
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items),
            Node::Map { map, .. } => left.extend(map.iter().map(|entry| &entry.value)),
        }
    }
    false
}

/// Returns the one Service that is most likely meant, and whether it is headless: a headless one comes first.
fn meant<'a>(services: &[&'a Resource]) -> Option<(&'a Resource, bool)> {
    let is_headless = |service: &&&Resource| {
        service.node.get_path(&["spec", "clusterIP"]).and_then(Node::text) == Some("None")
    };
    let mut headless = services.iter().filter(is_headless);
    match (headless.next(), headless.next(), services) {
        (Some(one), None, _) => Some((one, true)),
        (None, None, [one]) => Some((one, false)),
        _ => None,
    }
}
