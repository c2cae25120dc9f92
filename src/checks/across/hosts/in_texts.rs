//! The hosts of the cluster that texts of objects name.

use crate::checks::across::names::table::follow;
use crate::checks::kubernetes::{element_name, is_filled_in};
use crate::checks::objects::is_custom;
use crate::checks::workloads::pods;
use crate::resource::Resource;
use crate::yaml::Node;

/// Schemes of addresses at which servers of a cluster are asked.
const SCHEMES: &[&str] = &[
    "amqp",
    "amqps",
    "clickhouse",
    "grpc",
    "grpcs",
    "http",
    "https",
    "kafka",
    "ldap",
    "ldaps",
    "mariadb",
    "memcached",
    "mongodb",
    "mysql",
    "nats",
    "postgres",
    "postgresql",
    "redis",
    "rediss",
    "smtp",
    "tcp",
    "udp",
    "ws",
    "wss",
];

/// Ends of the names of variables and keys whose value is a host, alone or with a port.
const HOST_ENDS: &[&str] = &[
    "ADDR", "ADDRESS", "BROKER", "BROKERS", "ENDPOINT", "HOST", "HOSTNAME", "SERVER", "SERVERS",
    "URL", "URI",
];

/// How deep objects are looked into.
const DEEPEST: usize = 40;

/// A host that a text names.
pub(in crate::checks) struct Host<'a> {
    pub(in crate::checks) name: &'a str,
    /// The namespace, if it says one.
    pub(in crate::checks) namespace: Option<&'a str>,
    /// Whether it is surely one of the cluster, as `svc` behind the namespace says.
    pub(in crate::checks) is_full: bool,
    pub(in crate::checks) port: Option<&'a str>,
    /// Whether the text is a file of many lines.
    pub(in crate::checks) is_in_file: bool,
}

/// What takes a host, the text that it stands in, and what people call the place.
pub(in crate::checks) type Each<'a, 'e> = dyn FnMut(Host<'a>, &'a Node, &dyn Fn() -> String) + 'e;

/// Hands out the hosts of an object, each with its text and with what people call the place.
pub(in crate::checks) fn each<'a>(by: &'a Resource, found: &mut Each<'a, '_>) {
    if by.kind() == "ConfigMap" {
        for entry in by.node.get("data").and_then(Node::as_map).into_iter().flatten() {
            let key = entry.key.text().unwrap_or_default();
            of_text(key, &entry.value, &|| format!("data.{key}"), found);
        }
        return;
    }
    for entry in
        by.node.get_path(&["metadata", "annotations"]).and_then(Node::as_map).into_iter().flatten()
    {
        let key = entry.key.text().unwrap_or_default();
        of_text("", &entry.value, &|| format!("metadata.annotations[{key}]"), found);
    }
    if let Some(name) = by.node.get_path(&["spec", "externalName"]) {
        of_text("", name, &|| "spec.externalName".to_owned(), found);
    }
    let pod = pods::template(by);
    for list in ["initContainers", "containers"] {
        let Some(pod) = pod else { break };
        follow(pod, &["spec", list, "[]"], &mut |container| of_container(container, found));
    }
    let is_asked = pod.is_none() && is_custom(by) && by.kind() != "Certificate";
    if let Some(spec) = by.node.get("spec").filter(|_| is_asked) {
        of_tree("spec", "", spec, 0, found);
    }
}

fn of_container<'a>(container: &'a Node, found: &mut Each<'a, '_>) {
    let of = element_name(container).unwrap_or_default();
    follow(container, &["env", "[]"], &mut |variable| {
        let name = element_name(variable).unwrap_or_default();
        if let Some(value) = variable.get("value") {
            of_text(name, value, &|| format!("containers[{of}].env[{name}]"), found);
        }
    });
    for key in ["args", "command"] {
        follow(container, &[key, "[]"], &mut |value| {
            let text = value.text().unwrap_or_default();
            // Such as `--redis-addr=redis:6379`.
            let flag = text.split_once('=').map_or("", |(flag, _)| flag.trim_start_matches('-'));
            of_text(flag, value, &|| format!("containers[{of}].{key}"), found);
        });
    }
}

fn of_tree<'a>(way: &str, key: &str, node: &'a Node, depth: usize, found: &mut Each<'a, '_>) {
    if depth > DEEPEST {
        return;
    }
    match node {
        Node::Scalar { .. } => of_text(key, node, &|| way.to_owned(), found),
        Node::Seq { items, .. } => {
            let way = format!("{way}[]");
            items.iter().for_each(|item| of_tree(&way, key, item, depth + 1, found));
        }
        Node::Map { map, .. } => {
            for entry in map {
                let key = entry.key.text().unwrap_or_default();
                if key != "openAPIV3Schema" {
                    of_tree(&format!("{way}.{key}"), "", &entry.value, depth + 1, found);
                }
            }
        }
    }
}

fn of_text<'a>(key: &str, node: &'a Node, way: &dyn Fn() -> String, found: &mut Each<'a, '_>) {
    let Some(text) = node.text().filter(|text| text.len() > 3 && text.len() < 100_000) else {
        return;
    };
    let is_address = text.contains("://") || text.contains(".svc");
    let is_host = is_of_host(key);
    if !is_address && !is_host {
        return;
    }
    let is_in_file = text.contains('\n');
    let is_gap = |c: char| c.is_whitespace() || "\"'`,;()=<>|[]".contains(c);
    for word in text.split(is_gap) {
        let has_sign = word.contains("://") || word.contains(".svc");
        // Behind an address stand its parameters.
        if (has_sign || (is_host && !is_in_file && !is_address))
            && let Some(host) = host(word, is_in_file)
        {
            found(host, node, way);
        }
    }
}

/// Returns `true` if the name of a variable or key says that its value is a host.
fn is_of_host(key: &str) -> bool {
    let key = key.to_ascii_uppercase().replace(['-', '.'], "_");
    key.rsplit('_').next().is_some_and(|last| HOST_ENDS.contains(&last))
}

/// Returns the host of the cluster that a word is.
fn host(word: &str, is_in_file: bool) -> Option<Host<'_>> {
    let (scheme, rest) = match word.split_once("://") {
        Some((scheme, rest)) => (Some(scheme.rsplit(':').next().unwrap_or(scheme)), rest),
        None => (None, word),
    };
    if scheme.is_some_and(|scheme| !SCHEMES.contains(&scheme)) || is_filled_in(rest) {
        return None;
    }
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err())
        || (scheme.is_none() && rest != authority)
    {
        return None;
    }
    let mut labels = host.split('.');
    let (name, namespace, svc) = (labels.next()?, labels.next(), labels.next());
    let is_label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_lowercase())
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let is_full = svc == Some("svc");
    if !is_label(name) || namespace.is_some_and(|n| !is_label(n)) || (svc.is_some() && !is_full) {
        return None;
    }
    Some(Host { name, namespace, is_full, port, is_in_file })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(word: &str) -> Option<(&str, Option<&str>, Option<&str>)> {
        host(word, false).map(|host| (host.name, host.namespace, host.port))
    }

    #[test]
    fn hosts_of_the_cluster_are_told_from_others() {
        assert_eq!(parts("http://api:8080/x"), Some(("api", None, Some("8080"))));
        assert_eq!(parts("jdbc:postgresql://db/main"), Some(("db", None, None)));
        assert_eq!(parts("redis-cart:6379"), Some(("redis-cart", None, Some("6379"))));
        let full = "catalog.shop.svc.cluster.local:80";
        assert_eq!(parts(full), Some(("catalog", Some("shop"), Some("80"))));
        for other in ["https://www.example.com", "s3://bucket", "10.0.0.1:80", "a/b", "http://$X"] {
            assert_eq!(parts(other), None, "{other}");
        }
        assert!(is_of_host("CATALOG_SERVICE_ADDR") && is_of_host("redis-host"));
        assert!(!is_of_host("HOST_IP_MODE") && !is_of_host("LEVEL"));
    }
}
