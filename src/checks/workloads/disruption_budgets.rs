//! PodDisruptionBudgets that let nothing be evicted, so that no node can be drained.

use rustc_hash::FxHashMap;

use crate::checks::objects::effective;
use crate::checks::positions::place_of_value;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::yaml::{Node, ScalarType, scalar_type};

/// A number of Pods, or so many of a hundred.
#[derive(Clone, Copy)]
enum Amount {
    Of(u64),
    Percent(u64),
}

impl Amount {
    fn read(node: &Node) -> Option<Amount> {
        let text = node.text()?;
        match text.strip_suffix('%') {
            Some(percent) => percent.parse().ok().map(Amount::Percent),
            None if scalar_type(node) == Some(ScalarType::Int) => text.parse().ok().map(Amount::Of),
            None => None,
        }
    }

    /// Returns how many of some Pods that is; Kubernetes rounds up.
    fn of(self, all: u64) -> u64 {
        match self {
            Amount::Of(number) => number,
            Amount::Percent(percent) => percent.saturating_mul(all).div_ceil(100),
        }
    }
}

/// What decides how many Pods run, by namespace, kind and name of the workload.
pub(in crate::checks) type Scaled<'a> = FxHashMap<(&'a str, &'a str, &'a str), &'a Resource>;

/// Returns what scales the workloads of a build.
pub(in crate::checks) fn scaled(set: &ResourceSet) -> Scaled<'_> {
    let mut scaled = Scaled::default();
    for by in set.of_kinds(&["HorizontalPodAutoscaler", "ScaledObject"]) {
        let Some(target) = by.node.get_path(&["spec", "scaleTargetRef"]) else { continue };
        let text = |field| target.get(field).and_then(Node::text);
        let kind = text("kind").unwrap_or("Deployment");
        let Some(name) = text("name") else { continue };
        scaled.insert((effective(by.namespace()), kind, name), by);
    }
    scaled
}

/// Looks at a budget and the workloads whose Pods it selects.
pub(in crate::checks) fn check(
    lint: &Lint,
    budget: &Resource,
    selected: &[&Resource],
    scaled: &Scaled<'_>,
) {
    let spec = |field: &str| budget.node.get_path(&["spec", field]).filter(|node| !node.is_null());
    let [workload] = selected else { return };
    if !matches!(workload.kind(), "Deployment" | "StatefulSet") {
        return;
    }
    if let Some((node, most)) = spec("maxUnavailable").and_then(|n| Some((n, Amount::read(n)?))) {
        // One that is alone is kept so on purpose, as the documentation of Kubernetes tells: somebody is asked first.
        let replicas = workload.node.get_path(&["spec", "replicas"]).and_then(Node::text);
        let is_alone = workload.kind() == "StatefulSet" && replicas.is_none_or(|all| all == "1");
        if matches!(most, Amount::Of(0) | Amount::Percent(0)) && !is_alone {
            let what = format!("`maxUnavailable: {}`", node.text().unwrap_or_default());
            remark(lint, budget, node, workload, &what, "let it be 1 or more");
        }
        return;
    }
    let Some((node, least)) = spec("minAvailable").and_then(|n| Some((n, Amount::read(n)?))) else {
        return;
    };
    let what = format!("`minAvailable: {}`", node.text().unwrap_or_default());
    if matches!(least, Amount::Percent(100)) {
        return remark(
            lint,
            budget,
            node,
            workload,
            &what,
            "write less than all, or `maxUnavailable: 1`",
        );
    }
    let place = (effective(budget.namespace()), workload.kind(), workload.name());
    let (all, said) = match scaled.get(&place) {
        // As many as there are at most: with more, some may be evicted.
        Some(by) => {
            let field = match by.kind() {
                "ScaledObject" => "maxReplicaCount",
                _ => "maxReplicas",
            };
            let most = by.node.get_path(&["spec", field]).and_then(Node::text);
            let Some(most) = most.and_then(|most| most.parse().ok()) else { return };
            (most, format!("{field}: {most}"))
        }
        None => {
            let replicas = workload.node.get_path(&["spec", "replicas"]).and_then(Node::text);
            let Ok(all) = replicas.unwrap_or("1").parse() else { return };
            // Without a number something else may scale it.
            if replicas.is_none() && all == least.of(all) {
                return;
            }
            (all, format!("replicas: {all}"))
        }
    };
    let wanted = least.of(all);
    if all > 0 && wanted >= all {
        let what = format!("{what} with `{said}`");
        remark(
            lint,
            budget,
            node,
            workload,
            &what,
            match all {
                1 => {
                    "run two Pods or more, or write `maxUnavailable: 1`, with which the one is away while it moves"
                }
                _ => "write less than there are, or `maxUnavailable: 1`",
            },
        );
    }
}

fn remark(
    lint: &Lint,
    budget: &Resource,
    node: &Node,
    workload: &Resource,
    what: &str,
    hint: &str,
) {
    let text = format!(
        "PodDisruptionBudget {}: {what}: no Pod of {} {} may ever be evicted, so that no node that has one can be \
         drained",
        budget.name(),
        workload.kind(),
        workload.name()
    );
    lint.add(
        Warning::new(WarningKind::BlockedEviction, text, place_of_value(Some(node), budget))
            .related("the Pods are at", workload.node.pos())
            .hint(hint),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_pods_are_rounded_up() {
        assert_eq!(Amount::Percent(50).of(3), 2);
        assert_eq!(Amount::Percent(100).of(3), 3);
        assert_eq!(Amount::Of(2).of(3), 2);
    }
}
