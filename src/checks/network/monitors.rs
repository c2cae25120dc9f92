//! ServiceMonitors and PodMonitors of the Prometheus operator: what they select, and the ports that they ask on.

use rustc_hash::FxHashMap;

use crate::checks::kubernetes::{element_name, is_filled_in, is_label_of_names};
use crate::checks::objects::effective;
use crate::checks::positions::place_or;
use crate::checks::slips::are_near;
use crate::checks::workloads::labels::{has_all, labels_of_pods};
use crate::checks::workloads::pods;
use crate::checks::workloads::ports;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::work;
use crate::yaml::{Mapping, Node, nearest};

/// How many objects of a namespace are compared with one selector; if there are more, nothing is said of it.
const MOST: usize = 64;

/// What a monitor is about: the kind of objects that it selects, and its list of ports.
struct About {
    kind: &'static str,
    endpoints: &'static str,
}

/// Looks at all monitors of a build.
pub(in crate::checks) fn check(lint: &Lint, set: &ResourceSet) {
    let monitors = set.of_kinds(&["PodMonitor", "ServiceMonitor"]);
    let monitors: Vec<(&Resource, About)> =
        monitors.into_iter().filter_map(|resource| Some((resource, about(resource)?))).collect();
    if monitors.is_empty() {
        return;
    }
    let mut services: FxHashMap<&str, Vec<&Resource>> = FxHashMap::default();
    let mut workloads: FxHashMap<&str, Vec<&Resource>> = FxHashMap::default();
    for resource in set.iter() {
        let namespace = effective(resource.namespace());
        if resource.kind() == "Service" {
            services.entry(namespace).or_default().push(resource);
        }
        if pods::template(resource).is_some() {
            workloads.entry(namespace).or_default().push(resource);
        }
    }
    for (monitor, about) in monitors {
        let Some(namespaces) = namespaces(monitor) else { continue };
        let all = if about.kind == "Service" { &services } else { &workloads };
        let there = in_namespaces(all, &namespaces);
        let selector = monitor.node.get_path(&["spec", "selector"]);
        let Some(labels) = selector.and_then(|selector| selector.get("matchLabels")?.as_map())
        else {
            continue;
        };
        let has_more = selector.is_some_and(|selector| selector.get("matchExpressions").is_some());
        if labels.is_empty() || has_more || there.len() > MOST {
            continue;
        }
        work::check();
        let selected: Vec<&Resource> = there
            .iter()
            .copied()
            .filter(|object| has_all(own_labels(object, &about), labels))
            .collect();
        match selected.is_empty() {
            true => missed(lint, monitor, &about, labels, &there),
            false => {
                asked(lint, monitor, &about, &selected, &in_namespaces(&workloads, &namespaces));
            }
        }
    }
}

/// Returns the objects of some namespaces.
fn in_namespaces<'a>(
    all: &FxHashMap<&str, Vec<&'a Resource>>,
    namespaces: &[&str],
) -> Vec<&'a Resource> {
    namespaces.iter().filter_map(|namespace| all.get(namespace)).flatten().copied().collect()
}

fn about(resource: &Resource) -> Option<About> {
    let (kind, endpoints) = match resource.kind() {
        "ServiceMonitor" => ("Service", "endpoints"),
        "PodMonitor" => ("Pod", "podMetricsEndpoints"),
        _ => return None,
    };
    let group = resource.gvk_ref().group;
    matches!(group, "monitoring.coreos.com" | "azmonitoring.coreos.com" | "monitoring.rhobs")
        .then_some(About { kind, endpoints })
}

/// Returns the namespaces that a monitor looks at, or `None` if it looks at all of them.
fn namespaces(monitor: &Resource) -> Option<Vec<&str>> {
    let own = vec![effective(monitor.namespace())];
    let Some(selector) = monitor.node.get_path(&["spec", "namespaceSelector"]) else {
        return Some(own);
    };
    if selector.get("any").and_then(Node::text) == Some("true") {
        return None;
    }
    match selector.get("matchNames").and_then(Node::as_seq) {
        Some(names) if !names.is_empty() => Some(names.iter().filter_map(Node::text).collect()),
        _ => Some(own),
    }
}

fn own_labels<'n>(object: &'n Resource, about: &About) -> Option<&'n Mapping> {
    match about.kind {
        "Service" => object.node.get_path(&["metadata", "labels"])?.as_map(),
        _ => labels_of_pods(object)?,
    }
}

/// Warns about a monitor that selects nothing, if one of the objects there is surely meant: it has its name, or
/// the Pods that it selects have the labels, or it is called as a label says.
fn missed(lint: &Lint, monitor: &Resource, about: &About, labels: &Mapping, there: &[&Resource]) {
    let texts = || labels.iter().filter_map(|pair| Some((pair.key.text()?, pair.value.text()?)));
    if texts().any(|(_, value)| is_filled_in(value)) {
        return;
    }
    let of_pods = |object: &&&Resource| {
        let selector = || object.node.get_path(&["spec", "selector"])?.as_map();
        about.kind == "Service" && has_all(selector(), labels)
    };
    let is_called = |object: &&&Resource| {
        let has_name =
            |(key, value): (&str, &str)| is_label_of_names(key) && value == object.name();
        object.name() == monitor.name() || texts().any(has_name)
    };
    let with_slip = |object: &&&Resource| {
        let own = own_labels(object, about);
        let mut missed = texts().filter(|(key, value)| {
            own.and_then(|own| own.get(key)).and_then(Node::text) != Some(value)
        });
        let (first, None) = (missed.next(), missed.next()) else { return false };
        first.is_some_and(|(key, value)| {
            let own = own.and_then(|own| own.get(key)).and_then(Node::text);
            own.is_some_and(|own| are_near(own, value))
        })
    };
    let by_pods = there.iter().find(of_pods);
    let by_name = || there.iter().find(is_called);
    let Some(meant) = by_pods.or_else(by_name).or_else(|| there.iter().find(with_slip)) else {
        return;
    };
    let own = own_labels(meant, about);
    let lacks = |(key, value): &(&str, &str)| {
        own.and_then(|own| own.get(key)).and_then(Node::text) != Some(value)
    };
    // Operators give their Pods labels of their own domain, as `cnpg.io/poolerName` of `postgresql.cnpg.io`.
    let group = meant.gvk_ref().group;
    let is_of_operator = |key: &str| {
        key.split_once('/').is_some_and(|(domain, _)| {
            group == domain || group.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
        })
    };
    let lacking = || texts().filter(lacks);
    if lacking().any(|(key, _)| is_of_operator(key)) {
        return;
    }
    let Some((key, value)) = lacking().next() else { return };
    let is_other = |text: &str| is_filled_in(text);
    let given = own.and_then(|own| own.get(key)).and_then(Node::text);
    if given.is_some_and(is_other) {
        return;
    }
    let has = match given {
        Some(given) => format!("has `{key}: {given}`"),
        None => format!("has no `{key}`"),
    };
    let whose = match about.kind {
        "Service" => format!("the Service {}", meant.name()),
        _ => format!("what {} {} makes", meant.kind(), meant.name()),
    };
    let text = format!(
        "{} {} selects no {}s: it wants the label `{key}: {value}`, and {whose} {has}",
        monitor.kind(),
        monitor.name(),
        about.kind
    );
    let pos = labels.get(key).map_or(monitor.node.pos(), Node::pos);
    let hint = match (about.kind, given) {
        ("Service", None) => format!(
            "a ServiceMonitor goes by the labels of the Service itself: write `{key}: {value}` under its \
             `metadata.labels`, where `spec.selector` is for Pods"
        ),
        _ => "write the same labels in both places".to_owned(),
    };
    lint.add(
        Warning::new(WarningKind::SelectsNothing, text, place_or(pos, monitor))
            .related("it is at", meant.node.pos())
            .hint(hint),
    );
}

/// Warns about ports that none of the selected objects has.
fn asked(
    lint: &Lint,
    monitor: &Resource,
    about: &About,
    selected: &[&Resource],
    workloads: &[&Resource],
) {
    let endpoints = monitor.node.get_path(&["spec", about.endpoints]).and_then(Node::as_seq);
    for endpoint in endpoints.into_iter().flatten() {
        if about.kind == "Pod" {
            ports::of_monitor(lint, monitor, selected, endpoint.get("port"));
            continue;
        }
        if let Some(port) = endpoint.get("port") {
            port_of_service(lint, monitor, selected, port);
        }
        let is_behind = |workload: &&Resource| {
            let labels = labels_of_pods(workload).flatten();
            let selects = |service: &&Resource| {
                let selector = service.node.get_path(&["spec", "selector"]);
                let selector = selector.and_then(Node::as_map).filter(|labels| !labels.is_empty());
                selector.is_some_and(|selector| has_all(labels, selector))
            };
            selected.iter().any(selects)
        };
        if let Some(port) = endpoint.get("targetPort") {
            let behind: Vec<&Resource> = workloads.iter().copied().filter(is_behind).collect();
            ports::of_monitor(lint, monitor, &behind, Some(port));
        }
    }
}

/// Warns about a port that none of the selected Services calls so.
fn port_of_service(lint: &Lint, monitor: &Resource, services: &[&Resource], port: &Node) {
    let Some(name) = port.text().filter(|name| !name.is_empty() && !is_filled_in(name)) else {
        return;
    };
    let all =
        services.iter().filter_map(|service| service.node.get_path(&["spec", "ports"])?.as_seq());
    let all: Vec<&Node> = all.flatten().collect();
    let names = || all.iter().copied().filter_map(element_name);
    let Some(service) = services.first().filter(|_| !names().any(|other| other == name)) else {
        return;
    };
    let text = format!(
        "{} {} asks on the port `{name}` of the Service {}, which calls none of its ports so",
        monitor.kind(),
        monitor.name(),
        service.name()
    );
    let is_it = |key: &str, port: &&&Node| port.get(key).and_then(Node::text) == Some(name);
    let by_number = all.iter().find(|port| is_it("port", port) || is_it("targetPort", port));
    let hint = match (by_number.copied().map(element_name), nearest(names(), name)) {
        (Some(Some(own)), _) => format!("a monitor goes by the name of the port: write `{own}`"),
        (Some(None), _) => {
            "a monitor goes by the name of the port: give it a `name` in the Service".to_owned()
        }
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => match names().next() {
            Some(_) => format!("it has {}", names().collect::<Vec<_>>().join(", ")),
            None => format!("give the port a name in the Service: `name: {name}`"),
        },
    };
    lint.add(
        Warning::new(WarningKind::MissingPort, text, place_or(port.pos(), monitor))
            .related("the Service is at", service.node.pos())
            .hint(hint),
    );
}
