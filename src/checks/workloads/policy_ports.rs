//! Ports of a NetworkPolicy that are those of a Service, while a policy counts those of the Pods.

use rustc_hash::FxHashMap;

use crate::checks::kubernetes::{containers, list};
use crate::checks::positions::place_or;
use crate::checks::workloads::pods;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::Node;

/// A rule of a policy that lets through to Pods: its ports, and the workloads that make the Pods.
pub(in crate::checks) struct Opening<'a> {
    pub(in crate::checks) policy: &'a Resource,
    pub(in crate::checks) rule: &'a Node,
    pub(in crate::checks) to: Vec<&'a Resource>,
}

/// Looks at what policies open; `services` have the workloads that they select.
pub(in crate::checks) fn check<'a>(
    lint: &Lint,
    openings: &[Opening<'a>],
    services: &[(&'a Resource, Vec<&'a Resource>)],
) {
    if openings.is_empty() {
        return;
    }
    let mut before: FxHashMap<*const Resource, Vec<&Resource>> = FxHashMap::default();
    for (service, selected) in services {
        for workload in selected {
            before.entry(std::ptr::from_ref(*workload)).or_default().push(service);
        }
    }
    for Opening { policy, rule, to } in openings {
        let numbers = || list(rule, "ports").filter_map(|port| port.get("port")?.text());
        for port in list(rule, "ports").filter(|port| port.get("endPort").is_none()) {
            let Some((node, given)) = port.get("port").and_then(|node| Some((node, node.text()?)))
            else {
                continue;
            };
            work::check();
            if !given.bytes().all(|byte| byte.is_ascii_digit())
                || to.iter().any(|workload| has(workload, given))
            {
                continue;
            }
            let in_front =
                to.iter().filter_map(|workload| before.get(&std::ptr::from_ref(*workload)));
            let meant = in_front.flatten().find_map(|service| {
                let all = || list_of_ports(service);
                let is_target = all().any(|port| target(port) == Some(given));
                let port =
                    all().find(|port| port.get("port").and_then(Node::text) == Some(given))?;
                target(port)
                    .filter(|target| !is_target && *target != given)
                    .map(|target| (*service, target))
            });
            let Some((service, target)) = meant else { continue };
            let number = to.iter().find_map(|workload| number_of(workload, target));
            // What it should be is there as well.
            if numbers().any(|other| other == target || Some(other) == number) {
                continue;
            }
            let text = format!(
                "NetworkPolicy {} opens the port `{given}`, which is that of the Service {}: a NetworkPolicy counts the ports of \
                 the Pods, and they listen on {}",
                policy.name(),
                service.name(),
                match number {
                    Some(number) if number != target => format!("`{target}` ({number})"),
                    _ => format!("`{target}`"),
                }
            );
            let hint = match number {
                Some(number) if number != target => {
                    format!("write `port: {target}`, or `port: {number}`")
                }
                _ => format!("write `port: {target}`"),
            };
            lint.add(
                Warning::new(WarningKind::MissingPort, text, place_or(node.pos(), policy))
                    .related("the Service is at", service.node.pos())
                    .hint(hint),
            );
        }
    }
}

fn list_of_ports(service: &Resource) -> impl Iterator<Item = &Node> {
    service.node.get("spec").into_iter().flat_map(|spec| list(spec, "ports"))
}

/// Returns the port of the Pods that a port of a Service leads to, if it is another one.
fn target(port: &Node) -> Option<&str> {
    port.get("targetPort").and_then(Node::text)
}

fn ports_of(workload: &Resource) -> impl Iterator<Item = &Node> {
    let pod = pods::template(workload).and_then(|template| template.get("spec"));
    pod.into_iter().flat_map(|pod| containers(pod).flat_map(|container| list(container, "ports")))
}

/// Returns `true` if the Pods of a workload have a port of a number.
fn has(workload: &Resource, number: &str) -> bool {
    ports_of(workload).any(|port| port.get("containerPort").and_then(Node::text) == Some(number))
}

/// Returns the number of a port that has a name.
fn number_of<'a>(workload: &'a Resource, name: &str) -> Option<&'a str> {
    let port =
        ports_of(workload).find(|port| port.get("name").and_then(Node::text) == Some(name))?;
    port.get("containerPort")?.text()
}
