//! What routes want of the Gateways that they name: a listener, a host, and to be let in from their namespace; and
//! the subsets of hosts in a mesh.

use rustc_hash::FxHashMap;

use crate::checks::across::names::table::follow;
use crate::checks::across::roots::{Root, Suspect};
use crate::checks::kubernetes::{element_name, is_filled_in};
use crate::checks::objects::effective;
use crate::checks::positions::place_or;
use crate::checks::slips::meant;
use crate::diagnostics::{Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::Node;

/// Objects of a kind, by their namespace and name.
type Objects<'a> = FxHashMap<(&'a str, &'a str), Vec<&'a Resource>>;

/// Looks at all roots.
pub(super) fn check<'a>(roots: &'a [Root<'a>], suspects: &mut Vec<Suspect<'a>>) {
    let (mut gateways, mut rules) = (Objects::default(), Objects::default());
    for resource in roots.iter().flat_map(|root| root.resources) {
        let namespace = effective(resource.namespace());
        match resource.kind() {
            "Gateway" if resource.gvk_ref().group == "gateway.networking.k8s.io" => {
                gateways.entry((namespace, resource.name())).or_default().push(resource);
            }
            "DestinationRule" => {
                let host = resource.node.get_path(&["spec", "host"]).and_then(Node::text);
                let host = host.unwrap_or_default();
                rules.entry(full(host, namespace)).or_default().push(resource);
            }
            _ => {}
        }
    }
    if gateways.is_empty() && rules.is_empty() {
        return;
    }
    for root in roots {
        for by in root.resources {
            let warnings = match by.kind() {
                "HTTPRoute" | "GRPCRoute" | "TLSRoute" => of_route(by, &gateways),
                "VirtualService" => of_subsets(by, &rules),
                _ => continue,
            };
            work::check();
            suspects.extend(warnings.into_iter().map(|warning| Suspect {
                root: root.number,
                warning,
                missing: None,
            }));
        }
    }
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).and_then(Node::text).filter(|text| !text.is_empty())
}

fn listeners(gateway: &Resource) -> impl Iterator<Item = &Node> {
    let all = gateway.node.get_path(&["spec", "listeners"]).and_then(Node::as_seq);
    all.into_iter().flatten()
}

fn of_route(by: &Resource, gateways: &Objects<'_>) -> Vec<Warning> {
    let mut found = Vec::new();
    let own = effective(by.namespace());
    let (mut all, mut is_known) = (Vec::new(), true);
    follow(&by.node, &["spec", "parentRefs", "[]"], &mut |parent| {
        let is_gateway = text(parent, "kind").is_none_or(|kind| kind == "Gateway");
        let namespace = text(parent, "namespace").unwrap_or(own);
        let there = gateways.get(&(namespace, text(parent, "name").unwrap_or_default()));
        let Some(there) = there.filter(|_| is_gateway) else {
            is_known = false;
            return;
        };
        let section = parent.get("sectionName").filter(|node| !node.is_null());
        let wanted = section.and_then(Node::text);
        let meant: Vec<&Node> = there
            .iter()
            .flat_map(|gateway| listeners(gateway))
            .filter(|listener| wanted.is_none() || element_name(listener) == wanted)
            .collect();
        match (section, there.first()) {
            (Some(node), Some(gateway)) if meant.is_empty() => {
                found.extend(no_listener(by, node, gateway));
                is_known = false;
            }
            (_, Some(gateway)) if namespace != own && !by.namespace().is_empty() => {
                let lets_in =
                    meant.is_empty() || meant.iter().any(|listener| !is_for_own(listener));
                if !lets_in {
                    found.push(not_let_in(by, parent, gateway));
                }
            }
            _ => {}
        }
        all.extend(meant);
    });
    if is_known && !all.is_empty() {
        found.extend(no_host(by, &all));
    }
    found
}

/// Returns `true` if a listener takes routes of its own namespace alone.
fn is_for_own(listener: &Node) -> bool {
    let from = listener.get_path(&["allowedRoutes", "namespaces", "from"]).and_then(Node::text);
    from.is_none_or(|from| from == "Same")
}

fn no_listener(by: &Resource, node: &Node, gateway: &Resource) -> Option<Warning> {
    let given = node.text().filter(|given| !is_filled_in(given))?;
    let names: Vec<&str> = listeners(gateway).filter_map(element_name).collect();
    let text = format!(
        "{} {}: `sectionName` names the listener `{given}` of the Gateway `{}`, which has none such",
        by.kind(),
        by.name(),
        gateway.name()
    );
    let hint = match meant(names.iter().copied(), given) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", names.join(", ")),
    };
    Some(
        Warning::new(WarningKind::UnknownName, text, place_or(node.pos(), by))
            .related("the Gateway is at", gateway.node.pos())
            .hint(hint),
    )
}

fn not_let_in(by: &Resource, parent: &Node, gateway: &Resource) -> Warning {
    let pos = parent.get("name").map_or(parent.pos(), Node::pos);
    let text = format!(
        "{} {}: the Gateway `{}` takes routes of its own namespace `{}` alone, and this one is in another",
        by.kind(),
        by.name(),
        gateway.name(),
        gateway.namespace(),
    );
    Warning::new(WarningKind::NotPermitted, text, place_or(pos, by))
        .related("the Gateway is at", gateway.node.pos())
        .hint(
            "write `allowedRoutes: {namespaces: {from: All}}`, or a `Selector`, into the listener of the Gateway",
        )
}

/// Warns about the first host that no listener serves.
fn no_host(by: &Resource, listeners: &[&Node]) -> Option<Warning> {
    let served: Vec<&str> = listeners
        .iter()
        .map(|listener| text(listener, "hostname").filter(|host| !is_filled_in(host)))
        .collect::<Option<_>>()?;
    let hosts = by.node.get_path(&["spec", "hostnames"]).and_then(Node::as_seq)?;
    let node = hosts.iter().find(|host| {
        let host = host.text().filter(|host| !host.is_empty() && !is_filled_in(host));
        host.is_some_and(|host| !served.iter().any(|served| meet(served, host)))
    })?;
    let mut shown: Vec<String> = served.iter().map(|host| format!("`{host}`")).collect();
    shown.dedup();
    let text = format!(
        "{} {}: no listener of its Gateway serves the host `{}`",
        by.kind(),
        by.name(),
        node.text().unwrap_or_default()
    );
    let at = listeners.first().map(|listener| listener.pos())?;
    Some(
        Warning::new(WarningKind::NotPermitted, text, place_or(node.pos(), by))
            .related("the first listener is at", at)
            .hint(format!("they serve {}", shown.join(", "))),
    )
}

/// Returns `true` if two hosts have names in common.
fn meet(one: &str, other: &str) -> bool {
    let covers = |any: &str, host: &str| {
        any.strip_prefix("*.").is_some_and(|rest| {
            host.strip_suffix(rest).is_some_and(|first| first.ends_with('.') && first.len() > 1)
        })
    };
    one == other || covers(one, other) || covers(other, one)
}

/// Returns the namespace and name of the Service that a host of a mesh is.
fn full<'a>(host: &'a str, namespace: &'a str) -> (&'a str, &'a str) {
    let mut labels = host.split('.');
    match (labels.next(), labels.next(), labels.next()) {
        (Some(name), Some(other), Some("svc")) => (other, name),
        (_, None, _) => (namespace, host),
        _ => ("", host),
    }
}

fn of_subsets(by: &Resource, rules: &Objects<'_>) -> Vec<Warning> {
    let mut found = Vec::new();
    let own = effective(by.namespace());
    for kind in ["http", "tcp", "tls"] {
        follow(&by.node, &["spec", kind, "[]", "route", "[]", "destination"], &mut |destination| {
            found.extend(of_subset(by, destination, own, rules));
        });
    }
    found
}

fn of_subset(by: &Resource, to: &Node, own: &str, rules: &Objects<'_>) -> Option<Warning> {
    let node = to.get("subset")?;
    let (given, host) = (node.text().filter(|given| !is_filled_in(given))?, text(to, "host")?);
    let all = rules.get(&full(host, own))?;
    let subsets = |rule: &'_ Resource| -> Vec<String> {
        let all = rule.node.get_path(&["spec", "subsets"]).and_then(Node::as_seq);
        all.into_iter().flatten().filter_map(element_name).map(str::to_owned).collect()
    };
    let names: Vec<String> = all.iter().flat_map(|rule| subsets(rule)).collect();
    if names.iter().any(|name| name == given) {
        return None;
    }
    let text = format!(
        "VirtualService {}: the host `{host}` has no subset `{given}` in its DestinationRule",
        by.name()
    );
    let hint = match (meant(names.iter().map(String::as_str), given), names.is_empty()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, false) => format!("it has {}", names.join(", ")),
        (None, true) => "it has none: add it to `subsets` of the DestinationRule".to_owned(),
    };
    Some(
        Warning::new(WarningKind::UnknownName, text, place_or(node.pos(), by))
            .related("the DestinationRule is at", all.first()?.node.pos())
            .hint(hint),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_meet_where_one_covers_the_other() {
        assert!(meet("*.example.com", "a.example.com") && meet("a.b", "a.b"));
        assert!(meet("a.example.com", "*.example.com") && meet("*.a.com", "x.y.a.com"));
        assert!(!meet("*.example.com", "example.com") && !meet("a.b", "c.b"));
    }
}
