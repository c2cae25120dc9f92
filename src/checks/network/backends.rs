//! The targets of Ingresses and routes: Services of the build, and their ports.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::kubernetes::is_filled_in;
use crate::checks::objects::{effective, is_custom, makes_nothing, written};
use crate::checks::slips::differ_beyond_digits;
use crate::checks::workloads::pods;
use crate::diagnostics::{Lint, Removed, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::work;
use crate::yaml::{Node, nearest};

/// How many Services a name is compared with; if there are more in its namespace, nothing is said of it.
const MOST: usize = 200;

/// Words in the names of what stands before an application, and is mostly in a build of its own.
const BEFORE_OTHERS: &[&str] = &["auth", "cache", "default", "gateway", "oauth2", "proxy", "sso"];

/// A Service that something leads to.
struct Backend<'a> {
    namespace: &'a str,
    name: &'a Node,
    port: Option<&'a Node>,
}

/// Looks at all Ingresses and routes of a build.
pub(in crate::checks) fn check(lint: &Lint, set: &ResourceSet) {
    let mut services: FxHashMap<&str, FxHashMap<&str, &Resource>> = FxHashMap::default();
    let is_core = |service: &&Resource| service.gvk_ref().group.is_empty();
    for service in set.of_kind("Service").filter(is_core) {
        services.entry(effective(service.namespace())).or_default().insert(service.name(), service);
    }
    if services.is_empty() || !set.iter().any(leads) {
        return;
    }
    let workloads: FxHashSet<(&str, &str)> = set
        .iter()
        .filter(|resource| pods::template(resource).is_some())
        .map(|workload| (effective(workload.namespace()), workload.name()))
        .collect();
    let alone = alone(set, &services);
    let releases: Vec<&str> = set
        .iter()
        .filter(|resource| resource.kind() == "HelmRelease")
        .flat_map(|release| {
            let said = release.node.get_path(&["spec", "releaseName"]).and_then(Node::text);
            said.into_iter().chain([release.original_name(), release.name()])
        })
        .collect();
    // Charts call Services after their release.
    let is_of_chart = |name: &str| {
        releases.iter().any(|release| !release.is_empty() && name.starts_with(release))
    };
    for resource in set.iter() {
        let only = alone.get(effective(resource.namespace())).copied();
        for backend in backends(resource) {
            let Some(there) = services.get(effective(backend.namespace)) else { continue };
            let Some(name) = backend.name.text().filter(|name| !is_filled_in(name)) else {
                continue;
            };
            work::check();
            match there.get(name) {
                Some(service) => port(lint, resource, service, &backend),
                None if is_of_chart(name) => {}
                None => {
                    let has_pods = workloads.contains(&(effective(backend.namespace), name));
                    missing(lint, resource, there, &backend, name, has_pods);
                    if let Some(only) = only.filter(|_| is_of_application(resource, &backend, name))
                    {
                        other_than_the_only(lint, resource, &backend, name, only);
                    }
                }
            }
        }
    }
}

/// Returns, by namespace, the one Service that is there, if Pods of the build are behind it and nothing leads to
/// it: what leads to a Service that is not there then means this one.
///
/// Custom resources may make other Services.
fn alone<'a>(
    set: &'a ResourceSet,
    services: &FxHashMap<&'a str, FxHashMap<&'a str, &'a Resource>>,
) -> FxHashMap<&'a str, &'a Resource> {
    let single = services.iter().filter(|(_, there)| there.len() == 1);
    let mut alone: FxHashMap<&str, &Resource> = single
        .flat_map(|(namespace, there)| there.values().map(|only| (*namespace, *only)))
        .collect();
    let mut with_pods: FxHashSet<&str> = FxHashSet::default();
    for resource in set.iter() {
        let namespace = effective(resource.namespace());
        if let Some(only) = alone.get(namespace)
            && selects(only, resource)
        {
            with_pods.insert(namespace);
        }
        let has_pods = pods::template(resource).is_some();
        if is_custom(resource) && !makes_nothing(resource) && !has_pods {
            alone.remove(namespace);
        }
        for backend in backends(resource) {
            let namespace = effective(backend.namespace);
            let name = alone.get(namespace).map(|only| only.name());
            if name.is_some() && name == backend.name.text() {
                alone.remove(namespace);
            }
        }
    }
    alone.retain(|namespace, _| with_pods.contains(namespace));
    alone
}

/// Returns `true` if a Service selects the Pods that an object makes.
pub(in crate::checks) fn selects(service: &Resource, resource: &Resource) -> bool {
    let labels = || pods::template(resource)?.get_path(&["metadata", "labels"])?.as_map();
    let selector = service.node.get_path(&["spec", "selector"]).and_then(Node::as_map);
    let Some((selector, labels)) = selector.zip(labels()) else { return false };
    let has = |key: &Node, value: &Node| {
        let label = key.text().and_then(|key| labels.get(key)?.text());
        label.is_some() && label == value.text()
    };
    !selector.is_empty() && selector.iter().all(|pair| has(&pair.key, &pair.value))
}

/// Returns `true` if a backend that is not there is likely the application of the build itself.
fn is_of_application(resource: &Resource, backend: &Backend<'_>, name: &str) -> bool {
    let is_before_others = name.split('-').any(|word| BEFORE_OTHERS.contains(&word));
    let port = backend.port.and_then(Node::text);
    !is_before_others
        && port != Some("use-annotation")
        && effective(backend.namespace) == effective(resource.namespace())
}

/// Returns `true` for the kinds that lead to Services.
fn leads(resource: &Resource) -> bool {
    matches!(
        resource.kind(),
        "Ingress" | "HTTPRoute" | "GRPCRoute" | "TCPRoute" | "TLSRoute" | "UDPRoute"
    )
}

/// Returns what an object leads to.
fn backends(resource: &Resource) -> Vec<Backend<'_>> {
    let Some(spec) = resource.node.get("spec").filter(|_| leads(resource)) else {
        return Vec::new();
    };
    let namespace = resource.namespace();
    match resource.kind() {
        "Ingress" => {
            let paths = list(spec, &["rules"]).flat_map(|rule| list(rule, &["http", "paths"]));
            let whole = ["defaultBackend", "backend"].into_iter().filter_map(|key| spec.get(key));
            let backends = paths.filter_map(|path| path.get("backend")).chain(whole);
            backends.filter_map(|backend| of_ingress(backend, namespace)).collect()
        }
        _ => list(spec, &["rules"])
            .flat_map(|rule| list(rule, &["backendRefs"]))
            .filter_map(|backend| of_route(backend, namespace))
            .collect(),
    }
}

fn list<'n>(node: &'n Node, path: &[&str]) -> impl Iterator<Item = &'n Node> {
    node.get_path(path).and_then(Node::as_seq).into_iter().flatten()
}

/// Returns the Service of a backend, in the form of today or that of `v1beta1`.
fn of_ingress<'n>(backend: &'n Node, namespace: &'n str) -> Option<Backend<'n>> {
    let Some(service) = backend.get("service") else {
        let name = backend.get("serviceName")?;
        return Some(Backend { namespace, name, port: backend.get("servicePort") });
    };
    let port = ["number", "name"].into_iter().find_map(|key| service.get_path(&["port", key]));
    Some(Backend { namespace, name: service.get("name")?, port })
}

fn of_route<'n>(backend: &'n Node, namespace: &'n str) -> Option<Backend<'n>> {
    let is_service = backend.get("kind").is_none_or(|kind| kind.text() == Some("Service"))
        && backend.get("group").and_then(Node::text).is_none_or(str::is_empty);
    let namespace = backend.get("namespace").and_then(Node::text).unwrap_or(namespace);
    let port = backend.get("port");
    is_service.then(|| Some(Backend { namespace, name: backend.get("name")?, port }))?
}

/// Warns about a port that the Service does not have.
fn port(lint: &Lint, resource: &Resource, service: &Resource, backend: &Backend<'_>) {
    let Some((node, port)) = backend.port.and_then(|node| Some((node, node.text()?))) else {
        return;
    };
    let ports: Vec<&Node> = list(&service.node, &["spec", "ports"]).collect();
    let texts =
        |key: &str| ports.iter().filter_map(|port| port.get(key)?.text()).collect::<Vec<_>>();
    let (numbers, names) = (texts("port"), texts("name"));
    // Annotations may stand for a port, as `use-annotation` does.
    if ports.is_empty()
        || is_filled_in(port)
        || numbers.contains(&port)
        || names.contains(&port)
        || port == "use-annotation"
    {
        return;
    }
    let text = format!(
        "{} {} leads to the port `{port}` of the Service {}, which has none such",
        resource.kind(),
        resource.name(),
        service.name()
    );
    let targets =
        ports.iter().find(|other| other.get("targetPort").and_then(Node::text) == Some(port));
    let hint = match targets.and_then(|port| port.get("port")?.text()) {
        Some(own) => {
            format!("`{port}` is the `targetPort`: write the port of the Service itself, `{own}`")
        }
        None => format!("it has {}", shown(&ports)),
    };
    let is_it = |removed: &Removed| removed.ports.iter().any(|name| name == port);
    let renamed = lint.removed(Some(service.node.pos()), is_it);
    if let Some((now, at)) = renamed.and_then(|it| Some((it.renamed_to?, it.at)))
        && at.is_some()
    {
        let text = format!(
            "the patch renames the port `{port}` of the Service {} to `{now}`, and {} {} leads to that port still",
            service.name(),
            resource.kind(),
            resource.name()
        );
        lint.add(
            Warning::new(WarningKind::WrongBackend, text, at)
                .related("the port is meant at", node.pos())
                .hint("keep the name, or change it there as well, with a patch of this overlay"),
        );
        return;
    }
    lint.add(
        Warning::new(WarningKind::WrongBackend, text, node.pos())
            .related("the Service is at", service.node.pos())
            .hint(hint),
    );
}

/// Returns ports of a Service as a message shows them.
fn shown(ports: &[&Node]) -> String {
    let one = |port: &&Node| {
        let text = |key: &str| port.get(key).and_then(Node::text);
        match (text("port"), text("name")) {
            (Some(number), Some(name)) => Some(format!("{number} (`{name}`)")),
            (Some(number), None) => Some(number.to_owned()),
            _ => None,
        }
    };
    ports.iter().filter_map(one).collect::<Vec<_>>().join(", ")
}

/// Warns about a Service that is not there but nearly; `has_pods` is whether a workload has its name.
fn missing(
    lint: &Lint,
    resource: &Resource,
    there: &FxHashMap<&str, &Resource>,
    backend: &Backend<'_>,
    name: &str,
    has_pods: bool,
) {
    // What was renamed is reported as a dangling reference.
    if there.len() > MOST || lint.has(WarningKind::DanglingReference, backend.name.pos()) {
        return;
    }
    let mut names: Vec<&str> = there.keys().copied().collect();
    names.sort_unstable();
    let near = nearest(names.iter().copied(), name).filter(|near| differ_beyond_digits(near, name));
    let (near, label) = match (near, &names[..]) {
        (Some(near), _) => (near, "nearly named at"),
        // The only Service beside the workload of the name is that of the workload.
        (None, [only]) if has_pods => (*only, "the only one is at"),
        _ => return,
    };
    let Some(service) = there.get(near) else { return };
    let text = format!(
        "{} {} leads to the Service `{name}`, which is not in the build",
        resource.kind(),
        resource.name()
    );
    lint.add(
        Warning::new(WarningKind::WrongBackend, text, backend.name.pos())
            .related(label, service.node.pos())
            .hint(format!("did you mean `{near}`?")),
    );
}

/// Warns about a Service that is not there, where the build has but one and nothing leads to that.
fn other_than_the_only(
    lint: &Lint,
    resource: &Resource,
    backend: &Backend<'_>,
    name: &str,
    only: &Resource,
) {
    let pos = backend.name.pos();
    if lint.has(WarningKind::DanglingReference, pos) || lint.has(WarningKind::WrongBackend, pos) {
        return;
    }
    let text = format!(
        "{} {} leads to the Service `{name}`, which is not in the build",
        resource.kind(),
        resource.name()
    );
    lint.add(Warning::new(WarningKind::WrongBackend, text, pos)
        .related("the only one is at", only.node.pos())
        .hint(format!(
            "did you mean `{}`? It is the only Service here, and no Ingress or route leads to it",
            written(only)
        )));
}
