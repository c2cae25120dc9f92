//! Services that texts name, and that no root of the repository has: of another name, in another namespace, or
//! nowhere; and ports that they do not have.

use std::fmt;

use rustc_hash::{FxHashMap, FxHashSet};

use super::in_texts::{Host, each};
use super::services::Services;
use crate::checks::across::names::known::is_in_each_cluster;
use crate::checks::across::roots::{Root, Suspect};
use crate::checks::kubernetes::element_name;
use crate::checks::objects::written;
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

/// Looks at all roots; `all_are_there` is whether none of the call was refused.
pub(in crate::checks) fn check<'a>(
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
                let found = services.judge(root, by, &host);
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

impl Services<'_> {
    /// Returns what is wrong with a host that a text of `by` names: the first case that fits.
    fn judge(&self, root: &Root<'_>, by: &Resource, host: &Host<'_>) -> Option<Finding> {
        let name = host.name;
        let own = || root.home.of(by.namespace());
        let is_there =
            |own: &&str| self.there.get(own).is_some_and(|there| there.contains_key(name));
        let namespace = match host.namespace {
            Some(namespace) => namespace,
            None => own().find(is_there).or_else(|| own().next())?,
        };
        let wanted = Wanted { by, host, namespace };
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
}

/// A host that a text of an object names.
struct Wanted<'w> {
    by: &'w Resource,
    host: &'w Host<'w>,
    /// The namespace in which it is looked for.
    namespace: &'w str,
}

impl Wanted<'_> {
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
