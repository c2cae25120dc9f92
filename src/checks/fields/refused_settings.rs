//! What the API server or the kubelet refuses of Pods, Services, CronJobs and Ingresses, whatever else is in the build.

use rustc_hash::FxHashMap;

use crate::checks::finished::Workload;
use crate::checks::kubernetes::{containers, element_name, is_filled_in, list};
use crate::checks::outline::Outline;
use crate::checks::positions::place_of_value;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{GvkRef, Resource};
use crate::work;
use crate::yaml::Node;

/// The longest name of a CronJob: its Jobs add eleven letters to it.
const LONGEST_OF_CRON_JOB: usize = 52;

/// The longest name of a Service.
const LONGEST_OF_SERVICE: usize = 63;

/// The annotation that has been replaced by `ingressClassName`.
const INGRESS_CLASS: &str = "kubernetes.io/ingress.class";

/// Zones that have no slash in their names and are known everywhere.
const SHORT_ZONES: &[&str] = &[
    "CET", "CST6CDT", "EET", "EST", "EST5EDT", "GMT", "HST", "MET", "MST", "MST7MDT", "PST8PDT",
    "UTC", "WET",
];

/// How objects of a kind are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::checks) struct OfKind {
    own: Option<fn(&Lint, &Resource)>,
    /// Whether the kind may be a built-in one, so that its Pods are Pods.
    has_pods: bool,
}

impl OfKind {
    /// Looks a kind up.
    pub(in crate::checks) fn new(gvk: GvkRef<'_>) -> OfKind {
        let own: Option<fn(&Lint, &Resource)> = match (gvk.group, gvk.kind) {
            ("", "Service") => Some(service),
            ("batch", "CronJob") => Some(cron_job),
            ("networking.k8s.io", "Ingress") => Some(ingress),
            ("networking.k8s.io", "NetworkPolicy") => Some(policy),
            _ => None,
        };
        OfKind { own, has_pods: !gvk.group.contains('.') }
    }

    /// Looks at an object of a built-in kind.
    pub(in crate::checks) fn check(
        self,
        lint: &Lint,
        resource: &Resource,
        workload: Option<&Workload<'_>>,
    ) {
        if let Some(look) = self.own {
            look(lint, resource);
        }
        let workload = workload.filter(|_| self.has_pods);
        if let Some((workload, pod)) = workload.and_then(|of| Some((of, of.spec?))) {
            if workload.has.any(Outline::PROBES) {
                probes(lint, resource, pod);
            }
            if workload.has.any(Outline::MOUNTS) {
                mounts(lint, resource, pod);
            }
            if workload.has.any(Outline::SECURITY) {
                users(lint, resource, pod);
                capabilities(lint, resource, pod);
            }
        }
    }
}

fn say(
    lint: &Lint,
    kind: WarningKind,
    resource: &Resource,
    at: Option<&Node>,
    text: &str,
    hint: String,
) {
    let text = format!("{} {}: {text}", resource.kind(), resource.name());
    lint.add(Warning::new(kind, text, place_of_value(at, resource)).hint(hint));
}

fn name(resource: &Resource) -> Option<&Node> {
    resource.node.get_path(&["metadata", "name"])
}

fn service(lint: &Lint, resource: &Resource) {
    let own = resource.name();
    if is_filled_in(own) {
        return;
    }
    if own.len() > LONGEST_OF_SERVICE {
        let text = format!(
            "its name has {} letters, and the API server takes {LONGEST_OF_SERVICE}",
            own.len()
        );
        let hint = "make the name shorter, or the prefix or suffix that is added to it".to_owned();
        say(lint, WarningKind::InvalidName, resource, name(resource), &text, hint);
    } else if own.starts_with(|c: char| c.is_ascii_digit()) {
        let text =
            "the name of a Service starts with a letter, and the API server refuses this one";
        let hint = format!("call it `svc-{own}`, or let the prefix start with a letter");
        say(lint, WarningKind::InvalidName, resource, name(resource), text, hint);
    }
}

fn cron_job(lint: &Lint, resource: &Resource) {
    let own = resource.name();
    if own.len() > LONGEST_OF_CRON_JOB && !is_filled_in(own) {
        let text = format!(
            "its name has {} letters, and the API server takes {LONGEST_OF_CRON_JOB}, as its Jobs add some",
            own.len()
        );
        let hint = "make the name shorter, or the prefix or suffix that is added to it".to_owned();
        say(lint, WarningKind::InvalidName, resource, name(resource), &text, hint);
    }
    let zone = resource.node.get_path(&["spec", "timeZone"]);
    let given = zone.and_then(Node::text).filter(|zone| !zone.is_empty() && !is_filled_in(zone));
    let Some(given) = given else { return };
    let is_short = given.len() <= 5 && given.bytes().all(|b| b.is_ascii_uppercase());
    if is_short && !SHORT_ZONES.contains(&given) {
        let text = format!("`timeZone: {given}` is no time zone, and the API server refuses it");
        let hint =
            "write the name of a place, as in `timeZone: Europe/Berlin`, or `Etc/UTC`".to_owned();
        say(lint, WarningKind::InvalidValue, resource, zone, &text, hint);
    }
}

fn ingress(lint: &Lint, resource: &Resource) {
    let class =
        resource.node.get_path(&["spec", "ingressClassName"]).filter(|class| !class.is_null());
    let annotation = resource.node.get_path(&["metadata", "annotations", INGRESS_CLASS]);
    if class.is_some() && annotation.is_some() {
        let text = format!(
            "the annotation `{INGRESS_CLASS}` and `ingressClassName` are both set, and the API server refuses a new one"
        );
        let hint = "remove the annotation, such as with a patch that sets it to null".to_owned();
        say(lint, WarningKind::ConflictingFields, resource, annotation, &text, hint);
    }
}

/// Remarks on rules for a direction that a NetworkPolicy is not for.
fn policy(lint: &Lint, resource: &Resource) {
    let Some(spec) = resource.node.get("spec") else { return };
    let mut types = list(spec, "policyTypes").filter_map(Node::text).peekable();
    if types.peek().is_none() {
        return;
    }
    let types: Vec<&str> = types.collect();
    for (field, direction) in [("ingress", "Ingress"), ("egress", "Egress")] {
        let rules =
            spec.get(field).filter(|rules| rules.as_seq().is_some_and(|rules| !rules.is_empty()));
        if rules.is_some() && !types.contains(&direction) {
            let text = format!(
                "`policyTypes` does not have `{direction}`, so the rules under `{field}` do nothing"
            );
            let hint = format!("add `{direction}` to `policyTypes`, or remove `{field}`");
            say(lint, WarningKind::ConflictingFields, resource, rules, &text, hint);
        }
    }
}

fn probes(lint: &Lint, resource: &Resource, pod: &Node) {
    for container in list(pod, "initContainers") {
        let is_sidecar = container.get("restartPolicy").and_then(Node::text) == Some("Always");
        let mut kinds = ["livenessProbe", "readinessProbe", "startupProbe"].into_iter();
        let Some(kind) = kinds.find(|kind| container.get(kind).is_some()).filter(|_| !is_sidecar)
        else {
            continue;
        };
        let text = format!(
            "the init container `{}` has a `{kind}`, and the API server refuses that",
            element_name(container).unwrap_or_default()
        );
        let hint = format!("remove `{kind}`, or make it a sidecar with `restartPolicy: Always`");
        say(lint, WarningKind::InvalidValue, resource, container.get(kind), &text, hint);
    }
    for container in containers(pod) {
        for kind in ["livenessProbe", "startupProbe"] {
            let value = container.get_path(&[kind, "successThreshold"]);
            let Some(given) =
                value.and_then(Node::text).filter(|text| !matches!(*text, "1" | "0" | ""))
            else {
                continue;
            };
            if given.bytes().all(|byte| byte.is_ascii_digit()) {
                let text = format!(
                    "a `{kind}` takes no `successThreshold: {given}`, and the API server refuses it"
                );
                say(
                    lint,
                    WarningKind::InvalidValue,
                    resource,
                    value,
                    &text,
                    "write 1, or leave it out".to_owned(),
                );
            }
        }
    }
}

/// Remarks on two mounts at one place.
fn mounts(lint: &Lint, resource: &Resource, pod: &Node) {
    for container in containers(pod) {
        let mut there: FxHashMap<&str, &Node> = FxHashMap::default();
        for mount in list(container, "volumeMounts") {
            work::check();
            let Some(path) = mount.get("mountPath").and_then(Node::text) else { continue };
            let Some(other) = there.insert(path, mount) else { continue };
            let text = format!(
                "{} {}: the container `{}` mounts two volumes at `{path}`, and the API server refuses that",
                resource.kind(),
                resource.name(),
                element_name(container).unwrap_or_default()
            );
            lint.add(
                Warning::new(
                    WarningKind::DuplicateElement,
                    text,
                    place_of_value(Some(mount), resource),
                )
                .related("the other is at", other.pos())
                .hint("mount one of them elsewhere, or remove the other with `$patch: delete`"),
            );
        }
    }
}

/// Remarks on capabilities that are written as the kernel calls them.
fn capabilities(lint: &Lint, resource: &Resource, pod: &Node) {
    for container in containers(pod) {
        let of = container.get_path(&["securityContext", "capabilities"]);
        let lists = of.into_iter().flat_map(|of| list(of, "add").chain(list(of, "drop")));
        for value in lists {
            let Some((given, meant)) =
                value.text().and_then(|it| Some((it, it.strip_prefix("CAP_")?)))
            else {
                continue;
            };
            let text = format!(
                "the container `{}` names the capability `{given}`, with which it does not start on most runtimes",
                element_name(container).unwrap_or_default()
            );
            let hint = format!("write `{meant}`: in a manifest they have no `CAP_`");
            let at = format!("{} {}", resource.kind(), resource.name());
            lint.add(
                Warning::new(
                    WarningKind::InvalidValue,
                    format!("{at}: {text}"),
                    place_of_value(Some(value), resource),
                )
                .alike(&*hint)
                .hint(&*hint),
            );
        }
    }
}

/// Remarks on containers that run as root and must not.
fn users(lint: &Lint, resource: &Resource, pod: &Node) {
    for container in containers(pod) {
        let of = |field: &str| {
            let own =
                container.get_path(&["securityContext", field]).filter(|value| !value.is_null());
            own.or_else(|| pod.get_path(&["securityContext", field]))
        };
        let user = of("runAsUser");
        if of("runAsNonRoot").and_then(Node::text) == Some("true")
            && user.and_then(Node::text) == Some("0")
        {
            let text = format!(
                "the container `{}` has `runAsNonRoot: true` and `runAsUser: 0`, so that it does not start",
                element_name(container).unwrap_or_default()
            );
            let hint = "write another user, or set `runAsNonRoot` to false".to_owned();
            say(lint, WarningKind::ConflictingFields, resource, user, &text, hint);
        }
    }
}
