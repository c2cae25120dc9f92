//! Ports of Services and containers: their names and numbers.

use rustc_hash::FxHashMap;

use crate::checks::kubernetes::{element_name, is_container_list, is_filled_in};
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::{Node, ScalarType, scalar_type};

/// The ports of nodes that Services may have, unless the API server is told otherwise.
const NODE_PORTS: std::ops::RangeInclusive<u16> = 30_000..=32_767;

/// The longest name of a port.
const LONGEST: usize = 15;

/// Looks at the ports of a Service.
pub(in crate::checks) fn ports(lint: &Lint, resource: &Resource) {
    let Some(spec) = resource.node.get("spec") else { return };
    let ports: &[Node] = spec.get("ports").and_then(Node::as_seq).map_or(&[], |ports| ports);
    if ports.len() > 1
        && let Some(port) = ports.iter().find(|port| element_name(port).is_none())
    {
        let number = port.get("port").and_then(Node::text).unwrap_or("80");
        let text = format!("has {} ports, and one of them has no `name`", ports.len());
        let hint = format!("give each port a name, as in `- {{name: http, port: {number}}}`");
        refused(lint, resource, port, &text, hint);
    }
    let mut seen: FxHashMap<(&str, &str), &Node> = FxHashMap::default();
    for port in ports {
        let text = |field| port.get(field).and_then(Node::text);
        let Some(number) = text("port").filter(|number| !is_filled_in(number)) else { continue };
        if seen.insert((number, text("protocol").unwrap_or("TCP")), port).is_some() {
            let what = format!("has the port {number} twice");
            let hint =
                "give each port another number or protocol; containers are meant by `targetPort`";
            refused(lint, resource, port, &what, hint.to_owned());
        }
    }
    let kind = spec.get("type").and_then(Node::text).unwrap_or("ClusterIP");
    for port in ports {
        for field in ["port", "targetPort", "nodePort"] {
            number(lint, resource, field, port);
        }
        let node_port =
            port.get("nodePort").filter(|port| port.text() != Some("0") && !port.is_null());
        if let Some(node_port) = node_port.filter(|_| kind == "ClusterIP") {
            let text = "has a `nodePort`, and its type is `ClusterIP`";
            let hint = "write `type: NodePort` or `type: LoadBalancer`, or remove the `nodePort`";
            refused(lint, resource, node_port, text, hint.to_owned());
        }
        let number = node_port.and_then(Node::text).and_then(|text| text.parse::<u16>().ok());
        if let (Some(node_port), Some(number)) = (node_port, number)
            && kind != "ClusterIP"
            && !NODE_PORTS.contains(&number)
        {
            let text = format!(
                "{} {} has the `nodePort` {number}, and the API server takes 30000 to 32767 by default",
                resource.kind(),
                resource.name()
            );
            let pos = place_or(node_port.pos(), resource);
            lint.add(Warning::new(WarningKind::InvalidValue, text, pos).hint(
                "write a number of that range, or none, unless the API server has another `--service-node-port-range`",
            ));
        }
        if let Some(target) = port.get("targetPort") {
            let is_text = scalar_type(target) == Some(ScalarType::Str);
            if let Some(number) =
                target.text().filter(|text| is_text && text.parse::<u16>().is_ok())
            {
                let what = format!(
                    "has the text `{number}` as its `targetPort`, which is no name of a port"
                );
                refused(
                    lint,
                    resource,
                    target,
                    &what,
                    format!("leave the quotes out: `targetPort: {number}`"),
                );
            }
            name(lint, resource, target);
        }
    }
}

/// Looks at the ports of the containers of a Pod.
pub(in crate::checks) fn of_pod(lint: &Lint, resource: &Resource, pod: &Node) {
    let lists = pod.as_map().into_iter().flatten();
    let lists = lists.filter(|entry| entry.key.text().is_some_and(is_container_list));
    for container in lists.flat_map(|entry| entry.value.as_seq().into_iter().flatten()) {
        let ports = container.get("ports").and_then(Node::as_seq).into_iter().flatten();
        for port in ports {
            number(lint, resource, "containerPort", port);
            number(lint, resource, "hostPort", port);
            if let Some(value) = port.get("name") {
                name(lint, resource, value);
            }
        }
    }
}

/// Warns about a number that no port has.
fn number(lint: &Lint, resource: &Resource, field: &str, port: &Node) {
    let Some(value) = port.get(field) else { return };
    let number = value.text().and_then(|text| text.parse::<i64>().ok());
    let Some(number) = number.filter(|number| !(0..=65_535).contains(number)) else { return };
    let text = format!("has `{field}: {number}`, which is no port");
    refused(lint, resource, value, &text, "write a number from 1 to 65535".to_owned());
}

/// Warns about a name that no port may have.
fn name(lint: &Lint, resource: &Resource, value: &Node) {
    let given = value.text().filter(|text| text.parse::<i64>().is_err() && !is_filled_in(text));
    let Some(given) = given.filter(|text| !text.is_empty() && !value.is_null()) else { return };
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let has_letter = given.contains(|c: char| c.is_ascii_lowercase());
    let what = if given.len() > LONGEST {
        format!("which is longer than {LONGEST} letters")
    } else if !given.chars().all(is_part) || !has_letter {
        "which has other characters than such a name".to_owned()
    } else {
        return;
    };
    let hint = format!(
        "write at most {LONGEST} lowercase letters, digits and `-`, in the Service and the container alike"
    );
    let text = format!("calls a port `{given}`, {what}");
    refused(lint, resource, value, &text, hint);
}

fn refused(lint: &Lint, resource: &Resource, value: &Node, what: &str, hint: String) {
    let text =
        format!("{} {} {what}, and the API server refuses it", resource.kind(), resource.name());
    lint.add(
        Warning::new(WarningKind::InvalidValue, text, place_or(value.pos(), resource)).hint(hint),
    );
}
