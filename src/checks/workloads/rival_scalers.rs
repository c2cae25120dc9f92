//! Scalers that work against each other on one workload.

use rustc_hash::FxHashMap;

use crate::checks::objects::effective;
use crate::checks::positions::place_or;
use crate::checks::workloads::scalers::{RESOURCES, measured};
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::Node;

/// How many scalers of one workload are compared with another.
const MOST: usize = 8;

/// What scales.
const KINDS: [&str; 3] = ["HorizontalPodAutoscaler", "ScaledObject", "VerticalPodAutoscaler"];

/// The annotation by which KEDA takes a HorizontalPodAutoscaler over.
const TAKES_OVER: &str = "scaledobject.keda.sh/transfer-hpa-ownership";

/// Looks at what scales the workloads of a build.
pub(in crate::checks) fn check(lint: &Lint, set: &ResourceSet) {
    let mut by_target: FxHashMap<(&str, &str, &str), Vec<&Resource>> = FxHashMap::default();
    let mut vertical = Vec::new();
    for resource in set.of_kinds(&KINDS) {
        let is_keda = is_scaled_object(resource);
        let is_own = resource.kind() == "HorizontalPodAutoscaler";
        if is_keda || is_own && resource.gvk_ref().group == "autoscaling" {
            let Some(target) = target(resource, "scaleTargetRef") else { continue };
            let known = by_target.entry(target).or_default();
            let other =
                known.iter().take(MOST).copied().find(|other| !is_taken_over(other, resource));
            if let Some(other) = other {
                twice(lint, other, resource, target);
            }
            known.push(resource);
        } else if resource.kind() == "VerticalPodAutoscaler" && changes_requests(resource) {
            vertical.push(resource);
        }
    }
    for resource in vertical {
        let Some(target) = target(resource, "targetRef") else { continue };
        let scalers = by_target.get(&target).map(Vec::as_slice).unwrap_or_default();
        for scaler in scalers.iter().take(MOST).filter(|scaler| !is_fixed(scaler)) {
            let what = measured(scaler).into_iter().map(|measured| measured.what);
            let mut what = what.filter(|what| RESOURCES.contains(what) && controls(resource, what));
            if let Some(what) = what.next() {
                requests(lint, scaler, resource, target, what);
            }
        }
    }
}

/// Returns `true` for a HorizontalPodAutoscaler that has nothing to choose.
fn is_fixed(scaler: &Resource) -> bool {
    let number = |field: &str| scaler.node.get_path(&["spec", field]).and_then(Node::text);
    number("minReplicas").is_some() && number("minReplicas") == number("maxReplicas")
}

fn is_scaled_object(resource: &Resource) -> bool {
    resource.kind() == "ScaledObject" && resource.gvk_ref().group == "keda.sh"
}

/// Returns the namespace, kind and name of what an object scales.
fn target<'a>(resource: &'a Resource, field: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let target = resource.node.get_path(&["spec", field])?;
    let text = |field| target.get(field).and_then(Node::text);
    let name = text("name").filter(|name| !name.is_empty())?;
    Some((effective(resource.namespace()), text("kind").unwrap_or("Deployment"), name))
}

/// Returns `true` if one of two is a ScaledObject that takes the other over.
fn is_taken_over(one: &Resource, other: &Resource) -> bool {
    let takes = |resource: &Resource| {
        let value = resource.node.get_path(&["metadata", "annotations", TAKES_OVER]);
        is_scaled_object(resource) && value.and_then(Node::text) == Some("true")
    };
    takes(one) || takes(other)
}

/// Warns about two that set the number of Pods.
fn twice(lint: &Lint, first: &Resource, second: &Resource, (_, kind, name): (&str, &str, &str)) {
    // That of Kubernetes is the one to go.
    let (keda, own) = match (is_scaled_object(first), is_scaled_object(second)) {
        (true, false) => (Some(first), second),
        (false, true) => (Some(second), first),
        _ => (None, second),
    };
    let other = if std::ptr::eq(own, second) { first } else { second };
    let makes = match is_scaled_object(other) {
        true => ", for which KEDA makes a HorizontalPodAutoscaler of its own",
        false => "",
    };
    let text = format!(
        "{} {} scales the {kind} {name}, which the {} {} scales too{makes}: each sets the number of Pods by its own \
         metrics, against the other",
        own.kind(),
        own.name(),
        other.kind(),
        other.name()
    );
    let hint = match keda {
        Some(keda) => format!(
            "remove it and give the ScaledObject {} its metrics as triggers, or let KEDA take it over with the \
             annotation `{TAKES_OVER}: \"true\"` and `spec.advanced.horizontalPodAutoscalerConfig.name: {}`",
            keda.name(),
            own.name()
        ),
        None => format!(
            "keep one of them with the {} of both: the highest number that any of them asks for counts",
            if is_scaled_object(own) { "triggers" } else { "metrics" }
        ),
    };
    let place = own.node.get_path(&["spec", "scaleTargetRef", "name"]).map(Node::pos);
    let place = place.map_or(own.node.pos(), |pos| place_or(pos, own));
    lint.add(
        Warning::new(WarningKind::CompetingScalers, text, place)
            .related("the other is at", other.node.pos())
            .hint(hint),
    );
}

/// Returns `true` for a VerticalPodAutoscaler that changes Pods by itself.
fn changes_requests(resource: &Resource) -> bool {
    let mode = resource.node.get_path(&["spec", "updatePolicy", "updateMode"]);
    let mode = mode.filter(|mode| !mode.is_null()).and_then(Node::text).unwrap_or("Auto");
    matches!(mode, "Auto" | "Recreate" | "InPlaceOrRecreate")
}

/// Returns `true` unless a VerticalPodAutoscaler says that it leaves cpu or memory alone.
fn controls(resource: &Resource, what: &str) -> bool {
    let policies = resource.node.get_path(&["spec", "resourcePolicy", "containerPolicies"]);
    let policies = policies.and_then(Node::as_seq).map_or(&[][..], |policies| policies);
    let may_change = |policy: &Node| {
        let is_off = policy.get("mode").and_then(Node::text) == Some("Off");
        let resources = policy.get("controlledResources").and_then(Node::as_seq);
        let has = resources.is_none_or(|all| all.iter().any(|it| it.text() == Some(what)));
        let values = policy.get("controlledValues").and_then(Node::text);
        !is_off && has && values != Some("None")
    };
    policies.is_empty() || policies.iter().any(may_change)
}

/// Warns about one that scales by the use of requests which another one changes.
fn requests(
    lint: &Lint,
    scaler: &Resource,
    vertical: &Resource,
    (_, kind, name): (&str, &str, &str),
    what: &str,
) {
    let text = format!(
        "VerticalPodAutoscaler {} changes the requests of the {kind} {name}, by whose use of `{what}` the {} {} scales: \
         each undoes what the other does",
        vertical.name(),
        scaler.kind(),
        scaler.name()
    );
    let hint = format!(
        "leave `{what}` out of its `controlledResources`, let it advise only with `updateMode: \"Off\"`, or scale by \
         another metric"
    );
    let place = vertical.node.get_path(&["spec", "targetRef", "name"]).map(Node::pos);
    let place = place.map_or(vertical.node.pos(), |pos| place_or(pos, vertical));
    lint.add(
        Warning::new(WarningKind::CompetingScalers, text, place)
            .related("the other is at", scaler.node.pos())
            .hint(hint),
    );
}
