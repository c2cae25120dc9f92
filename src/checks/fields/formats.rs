//! Values of built-in kinds that their fields take and the API server refuses, or that mean something else.

use crate::checks::argo::application_sets;
use crate::checks::argo::revisions;
use crate::checks::fields::rbac;
use crate::checks::fields::refused_settings;
use crate::checks::kubernetes::is_filled_in;
use crate::checks::network::host_names;
use crate::checks::network::services;
use crate::checks::positions::place_or;
use crate::checks::workloads::pods;
use crate::checks::workloads::rollouts;
use crate::checks::workloads::schedules;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::Node;

/// The largest mode of a file, `0777`.
const MOST_MODE: i64 = 0o777;

/// Looks at the values of an object.
pub(in crate::checks) fn check(lint: &Lint, resource: &Resource) {
    let spec = |path: &[&str]| resource.node.get_path(path);
    let kind = resource.kind();
    refused_settings::check(lint, resource);
    match (resource.gvk_ref().group, kind) {
        ("argoproj.io", "ApplicationSet") => {
            application_sets::check(lint, resource);
            revisions::check(lint, resource);
        }
        ("autoscaling", "HorizontalPodAutoscaler") => {
            range(lint, resource, ["minReplicas", "maxReplicas"]);
        }
        ("keda.sh", "ScaledObject") => {
            range(lint, resource, ["minReplicaCount", "maxReplicaCount"]);
        }
        ("batch", "Job" | "CronJob") => {
            if let Some(schedule) = spec(&["spec", "schedule"]).filter(|_| kind == "CronJob") {
                schedules::check(lint, resource, schedule);
            }
            restarts(lint, resource);
        }
        ("networking.k8s.io", "NetworkPolicy") => blocks(lint, resource),
        ("networking.k8s.io", "Ingress") => host_names::of_ingress(lint, resource),
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TLSRoute") => {
            host_names::of_route(lint, resource);
        }
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => rbac::check(lint, resource),
        ("apps", "Deployment" | "DaemonSet" | "StatefulSet") => {
            rollouts::of_workload(lint, resource);
        }
        ("policy", "PodDisruptionBudget") => rollouts::of_budget(lint, resource),
        ("", "Service") => services::ports(lint, resource),
        _ => {}
    }
    if let Some(pod) = pods::template(resource).and_then(|template| template.get("spec")) {
        modes(lint, resource, pod);
        services::of_pod(lint, resource);
    }
}

fn refused(lint: &Lint, resource: &Resource, value: &Node, why: &str, hint: String) {
    let text =
        format!("{} {}: {why}, and the API server refuses it", resource.kind(), resource.name());
    let pos = place_or(value.pos(), resource);
    lint.add(Warning::new(WarningKind::InvalidValue, text, pos).hint(hint));
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
            refused(lint, resource, pod, why, hint);
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
