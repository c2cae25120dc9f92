//! Values of built-in kinds that their fields take and the API server refuses, or that mean something else.

use crate::checks::argo::application_sets;
use crate::checks::argo::revisions;
use crate::checks::fields::rbac;
use crate::checks::fields::refused_settings;
use crate::checks::finished::Workload;
use crate::checks::kubernetes::is_filled_in;
use crate::checks::network::host_names;
use crate::checks::network::services;
use crate::checks::outline::Outline;
use crate::checks::positions::place_or;
use crate::checks::workloads::pods;
use crate::checks::workloads::rollouts;
use crate::checks::workloads::schedules;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{GvkRef, Resource};
use crate::work;
use crate::yaml::Node;

/// The largest mode of a file, `0777`.
const MOST_MODE: i64 = 0o777;

/// Looks at the values of one object.
type Look = fn(&Lint, &Resource);

/// How the values of objects of a kind are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::checks) struct OfKind {
    settings: refused_settings::OfKind,
    own: Option<Look>,
}

impl OfKind {
    /// Looks a kind up.
    pub(in crate::checks) fn new(gvk: GvkRef<'_>) -> OfKind {
        let own: Look = match (gvk.group, gvk.kind) {
            ("argoproj.io", "ApplicationSet") => |lint, resource| {
                application_sets::check(lint, resource);
                revisions::check(lint, resource);
            },
            ("autoscaling", "HorizontalPodAutoscaler") => |lint, resource| {
                range(lint, resource, ["minReplicas", "maxReplicas"]);
            },
            ("keda.sh", "ScaledObject") => |lint, resource| {
                range(lint, resource, ["minReplicaCount", "maxReplicaCount"]);
            },
            ("batch", "CronJob") => |lint, resource| {
                if let Some(schedule) = resource.node.get_path(&["spec", "schedule"]) {
                    schedules::check(lint, resource, schedule);
                }
                restarts(lint, resource);
            },
            ("batch", "Job") => restarts,
            ("networking.k8s.io", "NetworkPolicy") => blocks,
            ("networking.k8s.io", "Ingress") => host_names::of_ingress,
            ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TLSRoute") => {
                host_names::of_route
            }
            ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => rbac::check,
            ("apps", "Deployment" | "DaemonSet" | "StatefulSet") => rollouts::of_workload,
            ("policy", "PodDisruptionBudget") => rollouts::of_budget,
            ("", "Service") => services::ports,
            _ => return OfKind { settings: refused_settings::OfKind::new(gvk), own: None },
        };
        OfKind { settings: refused_settings::OfKind::new(gvk), own: Some(own) }
    }

    /// Looks at the values of an object.
    pub(in crate::checks) fn check(
        self,
        lint: &Lint,
        resource: &Resource,
        workload: Option<&Workload<'_>>,
    ) {
        self.settings.check(lint, resource, workload);
        if let Some(look) = self.own {
            look(lint, resource);
        }
        if let Some((workload, pod)) = workload.and_then(|of| Some((of, of.spec?))) {
            if workload.has.any(Outline::VOLUMES) {
                modes(lint, resource, pod);
            }
            if workload.has.any(Outline::PORTS) {
                services::of_pod(lint, resource, pod);
            }
        }
    }
}

fn refused(lint: &Lint, resource: &Resource, value: &Node, why: &str, hint: String) {
    lint.add(refusal(resource, value, why, hint));
}

fn refusal(resource: &Resource, value: &Node, why: &str, hint: String) -> Warning {
    let text =
        format!("{} {}: {why}, and the API server refuses it", resource.kind(), resource.name());
    let pos = place_or(value.pos(), resource);
    Warning::new(WarningKind::InvalidValue, text, pos).hint(hint)
}

fn list<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = &'n Node> {
    node.get(key).and_then(Node::as_seq).into_iter().flatten()
}

/// Warns about a least number that is above the largest.
fn range(lint: &Lint, resource: &Resource, [least, most]: [&str; 2]) {
    let field = |name: &str| {
        let value = resource.node.get_path(&["spec", name])?;
        Some((value, value.text()?.parse::<i64>().ok()?))
    };
    let (Some((from, min)), Some((to, max))) = (field(least), field(most)) else { return };
    if min <= max {
        return;
    }
    let text = format!(
        "{} {}: `{least}: {min}` is more than `{most}: {max}`, and it is refused",
        resource.kind(),
        resource.name()
    );
    // Both may be right by themselves: a patch mostly brought one of them.
    lint.add(
        Warning::new(WarningKind::InvalidValue, text, place_or(from.pos(), resource))
            .related("the largest number is at", to.pos())
            .hint(format!(
                "raise `{most}` or lower `{least}`; a patch of one leaves the other as it is"
            )),
    );
}

/// Warns about Pods of a Job that restart whatever their exit code.
fn restarts(lint: &Lint, resource: &Resource) {
    let Some(pod) = pods::template(resource).and_then(|template| template.get("spec")) else {
        return;
    };
    let hint = "write `restartPolicy: Never` or `restartPolicy: OnFailure`".to_owned();
    match pod.get("restartPolicy") {
        Some(value) if value.text() == Some("Always") => {
            let why = "the Pods of a Job do not take `restartPolicy: Always`";
            refused(lint, resource, value, why, hint);
        }
        None if pod.get("containers").is_some() => {
            let why = "the Pods of a Job have no `restartPolicy`, which means `Always`";
            lint.add(refusal(resource, pod, why, hint).unless_misplaced("restartPolicy"));
        }
        _ => {}
    }
}

/// Warns about blocks of addresses without the length of their prefix.
fn blocks(lint: &Lint, resource: &Resource) {
    let Some(spec) = resource.node.get("spec") else { return };
    let rules = [("ingress", "from"), ("egress", "to")].into_iter();
    let peers =
        rules.flat_map(|(rules, peers)| list(spec, rules).flat_map(move |rule| list(rule, peers)));
    for block in peers.filter_map(|peer| peer.get("ipBlock")) {
        work::check();
        for value in block.get("cidr").into_iter().chain(list(block, "except")) {
            let given = value.text().unwrap_or_default();
            if given.is_empty() || given.contains('/') || is_filled_in(given) {
                continue;
            }
            let length = if given.contains(':') { 128 } else { 32 };
            let hint = format!("a single address is `{given}/{length}`");
            refused(
                lint,
                resource,
                value,
                &format!("the block `{given}` has no length such as `/24`"),
                hint,
            );
        }
    }
}

/// Warns about modes of files that are above the largest, mostly as they lack the zero before them.
fn modes(lint: &Lint, resource: &Resource, pod: &Node) {
    for volume in list(pod, "volumes") {
        let projected = volume.get("projected");
        let sources = projected.into_iter().flat_map(|projected| list(projected, "sources"));
        for source in sources.chain([volume]) {
            let kinds = ["configMap", "secret", "downwardAPI", "projected"];
            for source in kinds.into_iter().filter_map(|kind| source.get(kind)) {
                let own = source.get("defaultMode").into_iter();
                let values = own.chain(list(source, "items").filter_map(|item| item.get("mode")));
                values.for_each(|value| mode(lint, resource, value));
            }
        }
    }
}

fn mode(lint: &Lint, resource: &Resource, value: &Node) {
    let given = value.text().unwrap_or_default();
    let Some(number) = given.parse::<i64>().ok().filter(|number| *number > MOST_MODE) else {
        return;
    };
    if given.starts_with('0') {
        return;
    }
    let is_octal = given.len() == 3 && given.bytes().all(|digit| digit < b'8');
    let hint = match is_octal {
        true => format!("write the zero before it: `0{given}`"),
        false => "write it with a zero before its three digits, as in `0644`".to_owned(),
    };
    refused(
        lint,
        resource,
        value,
        &format!("the mode {number} is more than 511, which is `0777`"),
        hint,
    );
}
