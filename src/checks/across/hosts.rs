//! Services that texts name, and that no root of the repository has: of another name, in another namespace, or
//! nowhere; and ports that they do not have.

use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::known::is_in_each_cluster;
use super::roots::{Root, Suspect};
use super::table::follow;
use super::texts::{Host, each};
use crate::checks::kubernetes::element_name;
use crate::checks::objects::{effective, is_custom, makes_nothing, written};
use crate::checks::pods;
use crate::checks::positions::place_or;
use crate::checks::slips::meant;
use crate::diagnostics::{Warning, WarningFilter, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Node, Pos};

/// How many Services of a namespace a name is compared with.
const MOST: usize = 500;

/// Names that are no Services of a namespace.
const OF_OTHERS: &[&str] = &["example", "host", "kubernetes", "localhost", "metadata"];

/// Names of Services that are about what each application has.
const COMMON: &[&str] = &[
    "admin", "api", "app", "auth", "backend", "broker", "cache", "database", "db", "frontend",
    "gateway", "ingress", "proxy", "queue", "search", "server", "service", "ui", "web", "worker",
];

/// Words in the names of Services of programs that are installed many times.
const SERVERS: &[&str] = &[
    "alertmanager",
    "collector",
    "elasticsearch",
    "etcd",
    "grafana",
    "jaeger",
    "kafka",
    "keycloak",
    "loki",
    "mariadb",
    "memcached",
    "minio",
    "mongo",
    "mongodb",
    "mysql",
    "nats",
    "nginx",
    "opensearch",
    "otel",
    "postgres",
    "postgresql",
    "prometheus",
    "rabbitmq",
    "redis",
    "tempo",
    "valkey",
    "vault",
    "zookeeper",
];

/// The way to the namespaces of an AppProject.
const DESTINATIONS: &[&str] = &["spec", "destinations", "[]", "namespace"];

/// More custom resources that make no Services.
const MAKE_NO_SERVICES: &[&str] = &[
    "AppProject",
    "AuthorizationPolicy",
    "CiliumNetworkPolicy",
    "ClusterPolicy",
    "ClusterSecretStore",
    "EnvoyFilter",
    "Gateway",
    "IngressRoute",
    "Middleware",
    "Policy",
    "RequestAuthentication",
    "ScaledJob",
    "ScaledObject",
    "SecretProviderClass",
    "SecretStore",
    "ServiceEntry",
    "Sidecar",
    "Telemetry",
    "TriggerAuthentication",
];

/// The Services of all roots.
#[derive(Default)]
struct Services<'a> {
    /// By namespace and name; the same in several clusters may have other ports.
    there: FxHashMap<&'a str, FxHashMap<&'a str, Vec<&'a Resource>>>,
    /// The namespaces of each name.
    of_name: FxHashMap<&'a str, Vec<&'a str>>,
    /// Former names, with what an address has of them.
    former: FxHashSet<&'a str>,
    /// Namespaces in which others than the roots make Services.
    open: FxHashSet<&'a str>,
    /// All namespaces that the roots have.
    namespaces: FxHashSet<&'a str>,
    /// Whether no root was refused, which may have more.
    all_are_there: bool,
}

/// Looks at all roots; `all_are_there` is whether none of the call was refused.
pub(super) fn check<'a>(
    roots: &'a [Root<'a>],
    all_are_there: bool,
    filter: &WarningFilter,
    suspects: &mut Vec<Suspect<'a>>,
) {
    let services = Services { all_are_there, ..Services::new(roots) };
    if services.there.is_empty() {
        return;
    }
    let mut told: FxHashSet<(usize, &str, &str, String)> = FxHashSet::default();
    for root in roots {
        for by in root.resources {
            work::check();
            each(by, &mut |host, node, way| {
                let found = services.judge(by, &host);
                let Some(Finding { kind, what, label, at, hint, is_nowhere }) = found else {
                    return;
                };
                let place = place_or(node.pos(), by);
                let first = (root.number, by.kind(), by.name(), what.clone());
                if !filter.has(kind) || !told.insert(first) {
                    return;
                }
                let text = format!("{} {}: `{}` names {what}", by.kind(), written(by), way());
                let warning = Warning::new(kind, text, place).related(label, at).hint(hint);
                let missing = is_nowhere.and_then(|kind| match kind {
                    "Namespace" => Some((kind, host.namespace?)),
                    _ => Some((kind, host.name)),
                });
                suspects.push(Suspect { root: root.number, warning, missing });
            });
        }
    }
}

/// What is wrong with a host.
struct Finding {
    kind: WarningKind,
    what: String,
    label: &'static str,
    at: Pos,
    hint: String,
    /// The kind of which the rest of the repository must not have such an object either.
    is_nowhere: Option<&'static str>,
}

impl<'a> Services<'a> {
    fn new(roots: &'a [Root<'a>]) -> Services<'a> {
        let mut services = Services::default();
        let folders: Vec<&Path> = roots.iter().map(|root| root.folder.as_path()).collect();
        for resource in roots.iter().flat_map(|root| root.resources) {
            services.add(resource, &folders);
        }
        services
    }

    fn add(&mut self, resource: &'a Resource, folders: &[&Path]) {
        let namespace = effective(resource.namespace());
        let is_cluster_wide = resource.namespace().is_empty();
        if !is_cluster_wide {
            self.namespaces.insert(namespace);
        }
        match resource.kind() {
            "Namespace" => {
                self.namespaces.insert(resource.name());
            }
            "Service" if resource.gvk_ref().group.is_empty() => {
                let name = resource.name();
                let there = self.there.entry(namespace).or_default();
                there.entry(name).or_default().push(resource);
                let of_name = self.of_name.entry(name).or_default();
                if !of_name.contains(&namespace) {
                    of_name.push(namespace);
                }
                let previous = resource.history.previous.iter().map(|id| id.name.as_str());
                self.former.extend(previous.filter(|former| *former != name));
            }
            "Application" | "ApplicationSet" => self.open.extend(filled_by(resource, folders)),
            // What may be put there need not be of this repository.
            "AppProject" => follow(&resource.node, DESTINATIONS, &mut |node| {
                self.open.extend(node.text());
            }),
            "HelmRelease" => {
                let target = resource.node.get_path(&["spec", "targetNamespace"]);
                self.open.extend(target.and_then(Node::text).or(Some(namespace)));
            }
            // Their objects may well be made of what is elsewhere.
            _ if is_custom(resource)
                && !makes_nothing(resource)
                && !MAKE_NO_SERVICES.contains(&resource.kind())
                && pods::template(resource).is_none() =>
            {
                self.open.insert(namespace);
            }
            _ => {}
        }
    }

    fn judge(&self, by: &Resource, host: &Host<'_>) -> Option<Finding> {
        let name = host.name;
        let own = effective(by.namespace());
        let namespace = host.namespace.unwrap_or(own);
        if OF_OTHERS.contains(&name) || by.kind() == "Service" && by.name() == name {
            return None;
        }
        // `example.com` has two words as well.
        if host.namespace.is_some() && !host.is_full && !self.there.contains_key(namespace) {
            return None;
        }
        let there = self.there.get(namespace);
        if let Some(services) = there.and_then(|there| there.get(name)) {
            return port(services, host);
        }
        if self.former.contains(name) || self.in_no_namespace(name) {
            return None;
        }
        let suffix = host.namespace.map(|n| format!(".{n}")).unwrap_or_default();
        let finding = |what: String, label, at, hint, is_nowhere| {
            let kind = WarningKind::UnknownHost;
            Some(Finding { kind, what, label, at, hint, is_nowhere })
        };
        let what =
            format!("the host `{name}{suffix}`, and no Service of this name is in its namespace");
        if let Some(there) = there.filter(|there| there.len() <= MOST)
            && let Some(near) = meant(there.keys().copied(), name)
        {
            let at = there.get(near).and_then(|all| all.first()).map(|one| one.node.pos());
            let hint = format!("did you mean `{near}{suffix}`?");
            return finding(
                what,
                "nearly named at",
                at.unwrap_or(Pos::NONE),
                hint,
                Some("Service"),
            );
        }
        let elsewhere = self.of_name.get(name).map(Vec::as_slice).unwrap_or_default();
        let at = |namespace: &str| {
            let service = self.there.get(namespace)?.get(name)?.first()?;
            Some(service.node.pos())
        };
        if host.is_full && !self.namespaces.contains(namespace) {
            let what = format!(
                "the host `{name}{suffix}`, and nothing in the repository is in `{namespace}`"
            );
            let label = "the Service is at";
            if let Some(near) = meant(elsewhere.iter().copied(), namespace) {
                let hint = format!("did you mean `{name}.{near}`?");
                return finding(what, label, at(near).unwrap_or(Pos::NONE), hint, None);
            }
            let [only] = elsewhere else { return None };
            if !self.all_are_there
                || self.open.contains(namespace)
                || is_in_each_cluster(namespace)
                || is_of_platform(namespace)
                || is_common(name)
            {
                return None;
            }
            let hint = format!(
                "the Service `{name}` is in `{only}`: write `{name}.{only}.svc.cluster.local` if that is meant"
            );
            return finding(what, label, at(only).unwrap_or(Pos::NONE), hint, Some("Namespace"));
        }
        let there = there.filter(|_| !self.open.contains(namespace))?;
        if let [other] = elsewhere {
            // Whatever has no namespace gets one later.
            if *other == "default" || by.namespace().is_empty() && host.namespace.is_none() {
                return None;
            }
            let hint = format!(
                "the Service `{name}` is in another namespace: write `{name}.{other}.svc.cluster.local`"
            );
            return finding(what, "it is at", at(other).unwrap_or(Pos::NONE), hint, None);
        }
        let is_numbered = name.rsplit('-').next().is_some_and(|last| last.parse::<u32>().is_ok());
        let is_alone = there.len() < 2 && !host.is_full;
        let may_have_more = !self.all_are_there || is_of_platform(namespace);
        if may_have_more
            || is_alone
            || !elsewhere.is_empty()
            || is_numbered
            || host.is_in_file
            || by.namespace().is_empty()
        {
            return None;
        }
        let mut names: Vec<&str> = there.keys().copied().collect();
        names.sort_unstable();
        let more = if names.len() > 6 { ", …" } else { "" };
        let shown: Vec<String> = names.iter().take(6).map(|name| format!("`{name}`")).collect();
        let hint = format!("its namespace has {}{more}", shown.join(", "));
        let what = format!(
            "the host `{name}{suffix}`, and nothing in the repository is a Service of this name"
        );
        finding(what, "", Pos::NONE, hint, Some("Service"))
    }

    /// Returns `true` if a Service of the name gets its namespace later.
    fn in_no_namespace(&self, name: &str) -> bool {
        self.of_name.get(name).is_some_and(|namespaces| namespaces.contains(&"default"))
    }
}

/// Returns `true` for names of Services that many have, each in a namespace of its own.
fn is_common(name: &str) -> bool {
    COMMON.contains(&name) || name.split('-').any(|word| SERVERS.contains(&word))
}

/// Returns `true` for namespaces in which much comes from elsewhere.
fn is_of_platform(namespace: &str) -> bool {
    namespace.ends_with("-system")
        || matches!(namespace, "logging" | "monitoring" | "observability")
}

/// Returns the namespace that an Application fills with something else than a root.
fn filled_by<'a>(application: &'a Resource, folders: &[&Path]) -> Option<&'a str> {
    let spec = match application.kind() {
        "Application" => application.node.get("spec")?,
        _ => application.node.get_path(&["spec", "template", "spec"])?,
    };
    let several = spec.get("sources").and_then(Node::as_seq);
    let mut sources = spec.get("source").into_iter().chain(several.into_iter().flatten());
    let is_root = |source: &Node| {
        let path = source.get("path").and_then(Node::text);
        path.is_some_and(|path| folders.iter().any(|folder| folder.ends_with(path)))
    };
    if sources.all(is_root) {
        return None;
    }
    spec.get_path(&["destination", "namespace"])?.text()
}

/// Looks at the port of a host, whose Service is there.
fn port(services: &[&Resource], host: &Host<'_>) -> Option<Finding> {
    let port = host.port?;
    let ports = |service: &'_ Resource| -> Vec<String> {
        let ports = service.node.get_path(&["spec", "ports"]).and_then(Node::as_seq);
        let ports = ports.into_iter().flatten().filter_map(|port| port.get("port")?.text());
        ports.map(str::to_owned).collect()
    };
    let takes = |service: &&Resource| {
        let says = |key: &str| service.node.get_path(&["spec", key]).and_then(Node::text);
        // The Pods of a headless Service are asked themselves.
        let is_direct = says("clusterIP") == Some("None") || says("type") == Some("ExternalName");
        let ports = ports(service);
        is_direct || ports.is_empty() || ports.iter().any(|own| own == port)
    };
    let service = services.first().filter(|_| !services.iter().any(takes))?;
    let all = service.node.get_path(&["spec", "ports"]).and_then(Node::as_seq)?;
    let target = all.iter().find(|one| one.get("targetPort").and_then(Node::text) == Some(port));
    let own = |one: &Node| one.get("port").and_then(Node::text).map(str::to_owned);
    let hint = match target.and_then(own) {
        Some(own) => {
            format!("`{port}` is the `targetPort`: write the port of the Service itself, `{own}`")
        }
        None => {
            let shown = |one: &Node| {
                let port = own(one)?;
                Some(element_name(one).map_or(port.clone(), |name| format!("{port} ({name})")))
            };
            format!("it has {}", all.iter().filter_map(shown).collect::<Vec<_>>().join(", "))
        }
    };
    Some(Finding {
        kind: WarningKind::MissingPort,
        what: format!("the port `{port}` of the Service `{}`, which has none such", host.name),
        label: "the Service is at",
        at: service.node.pos(),
        hint,
        is_nowhere: None,
    })
}
