//! Services that texts name, and that no root of the repository has: of another name, in another namespace, or
//! nowhere; and ports that they do not have.

use std::collections::BTreeSet;
use std::fmt;
use std::iter;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::across::hosts::in_texts::{Host, each};
use crate::checks::across::names::known::is_in_each_cluster;
use crate::checks::across::names::table::follow;
use crate::checks::across::roots::{Root, Suspect};
use crate::checks::kubernetes::element_name;
use crate::checks::objects::{effective, is_custom, makes_nothing, written};
use crate::checks::positions::place_or;
use crate::checks::slips::meant;
use crate::checks::workloads::pods;
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
    of_name: FxHashMap<&'a str, BTreeSet<&'a str>>,
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
pub(in crate::checks::across) fn check<'a>(
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

/// All ends of the folders of roots, each from a part of the path on.
type Folders<'a> = FxHashSet<&'a Path>;

/// Returns all ends of a path, the empty one too.
fn ends(path: &Path) -> impl Iterator<Item = &Path> {
    let mut parts = path.components();
    let ends = iter::from_fn(move || {
        let rest = parts.as_path();
        parts.next().map(|_| rest)
    });
    ends.chain([Path::new("")])
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
        let folders: Folders<'_> = roots.iter().flat_map(|root| ends(&root.folder)).collect();
        for resource in roots.iter().flat_map(|root| root.resources) {
            services.add(resource, &folders);
        }
        services
    }

    fn add(&mut self, resource: &'a Resource, folders: &Folders<'_>) {
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
                self.of_name.entry(name).or_default().insert(namespace);
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

    /// Returns what is wrong with a host that a text of `by` names: the first case that fits.
    fn judge(&self, by: &Resource, host: &Host<'_>) -> Option<Finding> {
        let wanted = Wanted::new(by, host);
        let name = host.name;
        if OF_OTHERS.contains(&name) || by.kind() == "Service" && by.name() == name {
            return None;
        }
        let there = self.there.get(wanted.namespace);
        // `example.com` has two words as well.
        if host.namespace.is_some() && !host.is_full && there.is_none() {
            return None;
        }
        if let Some(services) = there.and_then(|there| there.get(name)) {
            return port(services, host);
        }
        if self.former.contains(name) || self.in_no_namespace(name) {
            return None;
        }
        if let Some(found) = there.and_then(|there| misspelled(&wanted, there)) {
            return Some(found);
        }
        if host.is_full && !self.namespaces.contains(wanted.namespace) {
            return self.of_unknown_namespace(&wanted);
        }
        let there = there.filter(|_| !self.open.contains(wanted.namespace))?;
        match self.only_namespace(name) {
            Some(other) => self.of_other_namespace(&wanted, other),
            None => self.of_no_service(&wanted, there),
        }
    }

    /// Returns the finding for a host in a namespace in which nothing is: that has a slip, or is not the one
    /// namespace which has the Service.
    fn of_unknown_namespace(&self, wanted: &Wanted<'_>) -> Option<Finding> {
        let (name, namespace) = (wanted.host.name, wanted.namespace);
        let what =
            format!("the host `{wanted}`, and nothing in the repository is in `{namespace}`");
        let namespaces = self.of_name.get(name)?;
        if let Some(near) = meant(namespaces.iter().copied(), namespace) {
            let hint = format!("did you mean `{name}.{near}`?");
            return Some(self.elsewhere(what, "the Service is at", (name, near), hint));
        }
        let only = self.only_namespace(name)?;
        let may_be_there = !self.all_are_there
            || self.open.contains(namespace)
            || is_in_each_cluster(namespace)
            || is_of_platform(namespace)
            || is_common(name);
        if may_be_there {
            return None;
        }
        let hint = format!(
            "the Service `{name}` is in `{only}`: write `{name}.{only}.svc.cluster.local` if that is meant"
        );
        let found = self.elsewhere(what, "the Service is at", (name, only), hint);
        Some(Finding { is_nowhere: Some("Namespace"), ..found })
    }

    /// Returns the finding for a host whose Service is in one other namespace.
    fn of_other_namespace(&self, wanted: &Wanted<'_>, other: &str) -> Option<Finding> {
        let name = wanted.host.name;
        // Whatever has no namespace gets one later.
        if other == "default" || wanted.by.namespace().is_empty() && wanted.host.namespace.is_none()
        {
            return None;
        }
        let hint = format!(
            "the Service `{name}` is in another namespace: write `{name}.{other}.svc.cluster.local`"
        );
        Some(self.elsewhere(wanted.of_no_service(), "it is at", (name, other), hint))
    }

    /// Returns the finding for a host that nothing is called like; `there` are the Services of its namespace.
    fn of_no_service(
        &self,
        wanted: &Wanted<'_>,
        there: &FxHashMap<&str, Vec<&Resource>>,
    ) -> Option<Finding> {
        let Wanted { by, host, namespace } = *wanted;
        let name = host.name;
        let is_numbered = name.rsplit('-').next().is_some_and(|last| last.parse::<u32>().is_ok());
        let is_alone = there.len() < 2 && !host.is_full;
        let may_have_more = !self.all_are_there || is_of_platform(namespace);
        if may_have_more
            || is_alone
            || self.of_name.contains_key(name)
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
        Some(Finding {
            kind: WarningKind::UnknownHost,
            what: format!(
                "the host `{wanted}`, and nothing in the repository is a Service of this name"
            ),
            label: "",
            at: Pos::NONE,
            hint: format!("its namespace has {}{more}", shown.join(", ")),
            is_nowhere: Some("Service"),
        })
    }

    /// Returns the finding that points to the Service of a name in a namespace.
    fn elsewhere(
        &self,
        what: String,
        label: &'static str,
        (name, namespace): (&str, &str),
        hint: String,
    ) -> Finding {
        let services = self.there.get(namespace).and_then(|there| there.get(name));
        Finding {
            kind: WarningKind::UnknownHost,
            what,
            label,
            at: place_of_first(services),
            hint,
            is_nowhere: None,
        }
    }

    /// Returns the one namespace that has a Service of the name.
    fn only_namespace(&self, name: &str) -> Option<&'a str> {
        let mut namespaces = self.of_name.get(name)?.iter().copied();
        namespaces.next().filter(|_| namespaces.next().is_none())
    }

    /// Returns `true` if a Service of the name gets its namespace later.
    fn in_no_namespace(&self, name: &str) -> bool {
        self.of_name.get(name).is_some_and(|namespaces| namespaces.contains("default"))
    }
}

/// A host that a text of an object names.
struct Wanted<'w> {
    by: &'w Resource,
    host: &'w Host<'w>,
    /// The namespace in which it is looked for.
    namespace: &'w str,
}

impl<'w> Wanted<'w> {
    fn new(by: &'w Resource, host: &'w Host<'w>) -> Wanted<'w> {
        let namespace = host.namespace.unwrap_or(effective(by.namespace()));
        Wanted { by, host, namespace }
    }

    /// Returns what is wrong if its namespace has no Service of the name.
    fn of_no_service(&self) -> String {
        format!("the host `{self}`, and no Service of this name is in its namespace")
    }
}

/// Shows the host as the text has it.
impl fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.namespace {
            Some(namespace) => write!(f, "{}.{namespace}", self.host.name),
            None => f.write_str(self.host.name),
        }
    }
}

/// Returns the finding for a host with a slip, of which `there` are the Services of its namespace.
fn misspelled(wanted: &Wanted<'_>, there: &FxHashMap<&str, Vec<&Resource>>) -> Option<Finding> {
    if there.len() > MOST {
        return None;
    }
    let near = meant(there.keys().copied(), wanted.host.name)?;
    let suffix = wanted.host.namespace.map(|n| format!(".{n}")).unwrap_or_default();
    Some(Finding {
        kind: WarningKind::UnknownHost,
        what: wanted.of_no_service(),
        label: "nearly named at",
        at: place_of_first(there.get(near)),
        hint: format!("did you mean `{near}{suffix}`?"),
        is_nowhere: Some("Service"),
    })
}

/// Returns the place of the first of some Services.
fn place_of_first(services: Option<&Vec<&Resource>>) -> Pos {
    services.and_then(|all| all.first()).map_or(Pos::NONE, |service| service.node.pos())
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
fn filled_by<'a>(application: &'a Resource, folders: &Folders<'_>) -> Option<&'a str> {
    let spec = match application.kind() {
        "Application" => application.node.get("spec")?,
        _ => application.node.get_path(&["spec", "template", "spec"])?,
    };
    let several = spec.get("sources").and_then(Node::as_seq);
    let mut sources = spec.get("source").into_iter().chain(several.into_iter().flatten());
    let is_root = |source: &Node| {
        let path = source.get("path").and_then(Node::text);
        path.is_some_and(|path| folders.contains(Path::new(path)))
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
