//! Scalers that go by the usage of requests, where a container requests nothing.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::kubernetes::element_name;
use crate::checks::objects::effective;
use crate::checks::positions::place_or;
use crate::checks::workloads::pods;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::work;
use crate::yaml::{Node, Pos, nearest};

/// What a scaler measures.
pub(in crate::checks) struct Measured<'a> {
    /// `cpu` or `memory`.
    pub(in crate::checks) what: &'a str,
    /// The one container that counts; all of them if there is none.
    container: Option<&'a str>,
    pos: Pos,
}

/// What can be measured of each container.
pub(in crate::checks) const RESOURCES: [&str; 2] = ["cpu", "memory"];

/// Looks at all scalers of a build.
pub(in crate::checks) fn check(lint: &Lint, set: &ResourceSet) {
    let scalers: Vec<(&Resource, Vec<Measured<'_>>)> = set
        .of_kinds(&["HorizontalPodAutoscaler", "ScaledObject"])
        .into_iter()
        .map(|resource| (resource, measured(resource)))
        .filter(|(_, measured)| !measured.is_empty())
        .collect();
    if scalers.is_empty() {
        return;
    }
    let mut workloads: FxHashMap<(&str, &str), Vec<&Resource>> = FxHashMap::default();
    let mut have_defaults: FxHashSet<&str> = FxHashSet::default();
    for resource in set.iter() {
        let namespace = effective(resource.namespace());
        match resource.kind() {
            // These give requests to containers that have none.
            "LimitRange" | "VerticalPodAutoscaler" => {
                have_defaults.insert(namespace);
            }
            _ if pods::template(resource).is_some() => {
                workloads.entry((namespace, resource.name())).or_default().push(resource);
            }
            _ => {}
        }
    }
    for (scaler, measured) in scalers {
        for measured in measured.iter().filter(|measured| !RESOURCES.contains(&measured.what)) {
            misspelt(lint, scaler, measured);
        }
        let namespace = effective(scaler.namespace());
        let Some(target) = scaler.node.get_path(&["spec", "scaleTargetRef"]) else { continue };
        let text = |field| target.get(field).and_then(Node::text);
        let (kind, name) = (text("kind").unwrap_or("Deployment"), text("name").unwrap_or_default());
        let named = workloads.get(&(namespace, name)).into_iter().flatten();
        let Some(workload) = named.copied().find(|workload| workload.kind() == kind) else {
            continue;
        };
        if have_defaults.contains(namespace) {
            continue;
        }
        work::check();
        for measured in measured.iter().filter(|measured| RESOURCES.contains(&measured.what)) {
            lacks(lint, scaler, workload, measured);
        }
    }
}

/// Returns what an object measures against requests.
pub(in crate::checks) fn measured(resource: &Resource) -> Vec<Measured<'_>> {
    let list = |field: &str| resource.node.get_path(&["spec", field]).and_then(Node::as_seq);
    match resource.kind() {
        "HorizontalPodAutoscaler" if resource.gvk_ref().group == "autoscaling" => {
            let old = resource.node.get_path(&["spec", "targetCPUUtilizationPercentage"]);
            let old = old.filter(|value| !value.is_null());
            let old = old.map(|value| Measured { what: "cpu", container: None, pos: value.pos() });
            list("metrics").into_iter().flatten().filter_map(of_metric).chain(old).collect()
        }
        "ScaledObject" if resource.gvk_ref().group == "keda.sh" => {
            list("triggers").into_iter().flatten().filter_map(of_trigger).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns what a metric of a HorizontalPodAutoscaler measures against requests.
fn of_metric(metric: &Node) -> Option<Measured<'_>> {
    let (source, is_of_one) = match metric.get("type")?.text()? {
        "Resource" => (metric.get("resource")?, false),
        "ContainerResource" => (metric.get("containerResource")?, true),
        _ => return None,
    };
    let target = source.get("target");
    let is_set = |node: Option<&Node>| node.is_some_and(|node| !node.is_null());
    let is_utilization = is_set(target.and_then(|target| target.get("averageUtilization")))
        || is_set(source.get("targetAverageUtilization"));
    let name = source.get("name")?;
    let what = name.text().filter(|what| is_nearly_one(what))?;
    let container = source.get("container").filter(|_| is_of_one).and_then(Node::text);
    is_utilization.then_some(Measured { what, container, pos: name.pos() })
}

/// Returns `true` for the name of what is measured of each container, with a slip or not.
fn is_nearly_one(what: &str) -> bool {
    RESOURCES.contains(&what) || nearest(RESOURCES.into_iter(), what).is_some()
}

/// Warns about a resource that no container has.
fn misspelt(lint: &Lint, scaler: &Resource, measured: &Measured<'_>) {
    let Some(near) = nearest(RESOURCES.into_iter(), measured.what) else { return };
    let text = format!(
        "{} {} goes by the resource `{}`, which no container has: nothing is scaled",
        scaler.kind(),
        scaler.name(),
        measured.what
    );
    lint.add(
        Warning::new(WarningKind::InvalidValue, text, place_or(measured.pos, scaler))
            .hint(format!("did you mean `{near}`?")),
    );
}

/// Returns what a trigger of a ScaledObject measures against requests.
fn of_trigger(trigger: &Node) -> Option<Measured<'_>> {
    let kind = trigger.get("type")?;
    let what = kind.text().filter(|what| RESOURCES.contains(what))?;
    let metadata = trigger.get("metadata");
    let by = trigger.get("metricType").or_else(|| metadata?.get("type")).and_then(Node::text);
    let container = metadata.and_then(|it| it.get("containerName")).and_then(Node::text);
    (by == Some("Utilization")).then_some(Measured { what, container, pos: kind.pos() })
}

/// Warns about the first container of a workload that requests none of what is measured.
fn lacks(lint: &Lint, scaler: &Resource, workload: &Resource, measured: &Measured<'_>) {
    let Some(pod) = pods::template(workload).and_then(|template| template.get("spec")) else {
        return;
    };
    let what = measured.what;
    // A limit without a request is the request as well.
    let asks = |of: &Node| {
        let amount = |field| of.get_path(&["resources", field, what]);
        [amount("requests"), amount("limits")].into_iter().flatten().any(|it| !it.is_null())
    };
    let counts = |name: Option<&str>| measured.container.is_none_or(|one| name == Some(one));
    let containers = pod.get("containers").and_then(Node::as_seq).into_iter().flatten();
    let mut lacking = containers.filter(|it| counts(element_name(it)) && !asks(it));
    let Some(container) = lacking.next().filter(|_| !asks(pod)) else { return };
    let text = format!(
        "{} {} goes by the utilization of `{what}`, and the container `{}` of {} {} requests none: there is nothing to \
         compare with, and nothing is scaled",
        scaler.kind(),
        scaler.name(),
        element_name(container).unwrap_or_default(),
        workload.kind(),
        workload.name()
    );
    let hint = format!(
        "give the container a `resources.requests.{what}`, or measure by an amount, with `averageValue`"
    );
    lint.add(
        Warning::new(WarningKind::MissingRequest, text, place_or(measured.pos, scaler))
            .related("the container is at", place_or(container.pos(), workload))
            .hint(hint),
    );
}
