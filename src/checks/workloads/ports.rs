//! Ports that are meant by their names: those of Services and NetworkPolicies in the Pods that they select, and
//! those of probes in their container.

use crate::checks::kubernetes::{element_name, is_container_list, is_filled_in};
use crate::checks::positions::place_or;
use crate::checks::workloads::pods;
use crate::diagnostics::{Lint, Removed, Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Mapping, Node, nearest};

/// What asks a container on one of its ports.
const ASKING: &[&[&str]] = &[
    &["livenessProbe", "httpGet", "port"],
    &["livenessProbe", "tcpSocket", "port"],
    &["readinessProbe", "httpGet", "port"],
    &["readinessProbe", "tcpSocket", "port"],
    &["startupProbe", "httpGet", "port"],
    &["startupProbe", "tcpSocket", "port"],
    &["lifecycle", "postStart", "httpGet", "port"],
    &["lifecycle", "preStop", "httpGet", "port"],
];

/// Warns about target ports of a Service that no container of the Pods has that it selects, which `workloads`
/// make.
pub(in crate::checks) fn of_service(lint: &Lint, service: &Resource, workloads: &[&Resource]) {
    let targets = list(&service.node, &["spec", "ports"]).filter_map(|port| port.get("targetPort"));
    of_pods(lint, service, workloads, "leads to", targets);
}

/// Warns about ports that a NetworkPolicy lets in, and no container of the Pods has that it selects.
pub(in crate::checks) fn of_policy(lint: &Lint, policy: &Resource, workloads: &[&Resource]) {
    let rules = list(&policy.node, &["spec", "ingress"]);
    let ports = rules.flat_map(|rule| list(rule, &["ports"])).filter_map(|port| port.get("port"));
    of_pods(lint, policy, workloads, "opens", ports);
}

/// Warns about a port that a monitor asks on and no container of the Pods has that it selects.
pub(in crate::checks) fn of_monitor(
    lint: &Lint,
    monitor: &Resource,
    workloads: &[&Resource],
    port: Option<&Node>,
) {
    of_pods(lint, monitor, workloads, "asks on", port.into_iter());
}

/// Warns about those of some ports that are names which no container of the Pods has.
fn of_pods<'n>(
    lint: &Lint,
    by: &Resource,
    workloads: &[&Resource],
    verb: &str,
    wanted: impl Iterator<Item = &'n Node>,
) {
    let Some(workload) = workloads.first() else { return };
    let pods = || workloads.iter().filter_map(|workload| pods::template(workload)?.get("spec"));
    for (target, name) in wanted.filter_map(named) {
        work::check();
        let maps = pods().filter_map(Node::as_map);
        let ports: Vec<&Node> = maps.flat_map(containers).flat_map(ports).collect();
        if ports.iter().any(|port| element_name(port) == Some(name)) {
            continue;
        }
        let gone = workloads.iter().find_map(|workload| {
            let has_port = |removed: &Removed| removed.ports.iter().any(|port| port == name);
            lint.removed(Some(workload.node.pos()), has_port)
        });
        if let Some(gone) = gone.filter(|gone| gone.at.is_some()) {
            went_with(lint, by, verb, (target, name), workload, &gone);
            continue;
        }
        let text = format!(
            "{} {} {verb} the port `{name}` of its Pods, and no container of {} {} has a port of this name",
            by.kind(),
            by.name(),
            workload.kind(),
            workload.name()
        );
        lint.add(
            Warning::new(WarningKind::MissingPort, text, place_or(target.pos(), by))
                .related("the Pods are at", workload.node.pos())
                .hint(hint(&ports, name)),
        );
    }
}

/// Warns about a port that a patch has taken out with its container, or renamed.
fn went_with(
    lint: &Lint,
    by: &Resource,
    verb: &str,
    (target, name): (&Node, &str),
    workload: &Resource,
    gone: &Removed,
) {
    let of = format!("{} {}", workload.kind(), workload.name());
    let what = match &gone.renamed_to {
        Some(now) => {
            format!("renames the port `{name}` of the container `{}` of {of} to `{now}`", gone.name)
        }
        None => format!("removes the container `{}` of {of} with its port `{name}`", gone.name),
    };
    let text = format!("the patch {what}, and {} {} {verb} that port still", by.kind(), by.name());
    if gone.renamed_to.is_some() {
        let hint = format!(
            "keep the name, or change it in the {} as well, with a patch of this overlay",
            by.kind()
        );
        lint.add(
            Warning::new(WarningKind::MissingPort, text, gone.at)
                .related("the port is meant at", place_or(target.pos(), by))
                .hint(hint),
        );
        return;
    }
    lint.add(
        Warning::new(WarningKind::MissingPort, text, gone.at)
            .related("the port is meant at", place_or(target.pos(), by))
            .hint(format!(
                "take the port out of the {} with a patch of this overlay as well; the base is right without this patch",
                by.kind()
            )),
    );
}

fn list<'n>(node: &'n Node, path: &[&str]) -> impl Iterator<Item = &'n Node> {
    node.get_path(path).and_then(Node::as_seq).into_iter().flatten()
}

/// Warns about probes and hooks of a Pod that ask on a port that their container does not have.
pub(in crate::checks) fn of_probes(lint: &Lint, resource: &Resource, pod: &Mapping) {
    for container in containers(pod) {
        for path in ASKING {
            let Some((node, name)) = container.get_path(path).and_then(named) else { continue };
            let ports: Vec<&Node> = ports(container).collect();
            if ports.iter().any(|port| element_name(port) == Some(name)) {
                continue;
            }
            let has_port = |removed: &Removed| removed.ports.iter().any(|port| port == name);
            let gone = lint.removed(Some(resource.node.pos()), has_port);
            if let Some(gone) = gone.filter(|gone| gone.at.is_some() && gone.renamed_to.is_some()) {
                let probe = path.first().copied().unwrap_or_default();
                let verb = format!("asks by its `{probe}` on");
                went_with(lint, resource, &verb, (node, name), resource, &gone);
                continue;
            }
            let text = format!(
                "{} {}: the `{}` of the container `{}` asks on the port `{name}`, and the container has no port of \
                 this name",
                resource.kind(),
                resource.name(),
                path.iter().rev().nth(2).copied().unwrap_or_default(),
                element_name(container).unwrap_or_default()
            );
            lint.add(
                Warning::new(WarningKind::MissingPort, text, place_or(node.pos(), resource))
                    .hint(hint(&ports, name)),
            );
        }
    }
}

/// Returns how one of two elements of one name is taken out of the list at a path.
///
/// Ports are merged by their numbers and protocols if an element of a patch has one, else by their numbers.
pub(in crate::checks) fn removal(kind: &str, path: &str, element: &Node) -> String {
    let number = match (kind, path.ends_with("ports")) {
        ("Service", true) => "port",
        (_, true) => "containerPort",
        _ => "",
    };
    let Some(port) = element.get(number).and_then(Node::text) else {
        return "delete one with `$patch: delete`, or change it with a JSON patch".to_owned();
    };
    match element.get("protocol").and_then(Node::text) {
        Some(protocol) => format!(
            "to delete it, add it to the list of the patch with all that the list is merged by: \
             `- {{{number}: {port}, protocol: {protocol}, $patch: delete}}`"
        ),
        None => format!(
            "to delete it, add `- {{{number}: {port}, $patch: delete}}` to the list of the patch, where no \
             port may have a `protocol` as this one has none"
        ),
    }
}

/// Returns a port that is meant by its name, and the name.
fn named(port: &Node) -> Option<(&Node, &str)> {
    let name = port.text().filter(|_| !port.is_null())?;
    let is_name = !name.is_empty() && name.parse::<u32>().is_err() && !is_filled_in(name);
    is_name.then_some((port, name))
}

fn containers(pod: &Mapping) -> impl Iterator<Item = &Node> {
    let lists = pod.iter().filter(|entry| entry.key.text().is_some_and(is_container_list));
    lists.flat_map(|entry| entry.value.as_seq().into_iter().flatten())
}

fn ports(container: &Node) -> impl Iterator<Item = &Node> {
    container.get("ports").and_then(Node::as_seq).into_iter().flatten()
}

/// Returns what to do about a name that none of some ports has.
fn hint(ports: &[&Node], name: &str) -> String {
    let names = || ports.iter().copied().filter_map(element_name);
    if let Some(near) = nearest(names(), name) {
        return format!("did you mean `{near}`?");
    }
    let shown: Vec<String> = names().map(|name| format!("`{name}`")).collect();
    let number = |port: &&Node| port.get("containerPort")?.text().map(str::to_owned);
    match (shown.is_empty(), ports.first().and_then(number)) {
        (false, _) => format!(
            "there is {}: write one of them, or give a port of the container this name",
            shown.join(", ")
        ),
        (true, Some(number)) => {
            format!(
                "give the port a name in the container, `- {{name: {name}, containerPort: {number}}}`, or write its number"
            )
        }
        (true, None) => {
            format!(
                "add the port to the container, as in `- {{name: {name}, containerPort: 8080}}`, or write its number"
            )
        }
    }
}
