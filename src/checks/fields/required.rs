//! Fields that an object must have: a patch or an edit has mostly dropped one.

use crate::checks::path::{Path, Step};
use crate::checks::positions::{place_or, was_read};
use crate::checks::workloads::labels::{labels_of_pods, texts};
use crate::checks::workloads::pods;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::load::{Files, KUSTOMIZATION_NAMES};
use crate::resource::Resource;
use crate::work;
use crate::yaml::Node;

/// A field that stands at a path of objects of a group and of some kinds; `*` is each element of a list.
struct Required {
    group: &'static str,
    kinds: &'static [&'static str],
    path: &'static [&'static str],
    field: &'static str,
    /// What to write, behind the name of the field.
    example: &'static str,
}

/// Makes the table shorter.
const fn row(
    group: &'static str,
    kinds: &'static [&'static str],
    path: &'static [&'static str],
    field: &'static str,
    example: &'static str,
) -> Required {
    Required { group, kinds, path, field, example }
}

const ROLES: &[&str] = &["Role", "ClusterRole"];
const BINDINGS: &[&str] = &["RoleBinding", "ClusterRoleBinding"];
const HPA: &[&str] = &["HorizontalPodAutoscaler"];
const RBAC: &str = "rbac.authorization.k8s.io";

const WORKLOADS: &[&str] = &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];

/// The required fields that are lost most.
const TABLE: &[Required] = &[
    row("", &["Service"], &["spec", "ports", "*"], "port", "80"),
    row("", &["PersistentVolumeClaim"], &["spec"], "accessModes", "[ReadWriteOnce]"),
    row("", &["PersistentVolumeClaim"], &["spec"], "resources", "{requests: {storage: 1Gi}}"),
    row("autoscaling", &["HorizontalPodAutoscaler"], &["spec"], "maxReplicas", "3"),
    row(
        "autoscaling",
        &["HorizontalPodAutoscaler"],
        &["spec"],
        "scaleTargetRef",
        "{apiVersion: apps/v1, kind: Deployment, name: NAME}",
    ),
    row("autoscaling", HPA, &["spec", "metrics", "*"], "type", "Resource"),
    row("autoscaling", HPA, &["spec", "metrics", "*", "resource", "target"], "type", "Utilization"),
    row("batch", &["CronJob"], &["spec"], "schedule", "\"0 3 * * *\""),
    row("batch", &["CronJob"], &["spec"], "jobTemplate", "{...}"),
    row(
        "networking.k8s.io",
        &["Ingress"],
        &["spec", "rules", "*", "http", "paths", "*"],
        "pathType",
        "Prefix",
    ),
    row(
        "networking.k8s.io",
        &["Ingress"],
        &["spec", "rules", "*", "http", "paths", "*"],
        "backend",
        "{...}",
    ),
    row(RBAC, ROLES, &["rules", "*"], "verbs", "[get, list, watch]"),
    row(
        RBAC,
        BINDINGS,
        &[],
        "roleRef",
        "{apiGroup: rbac.authorization.k8s.io, kind: Role, name: NAME}",
    ),
    row(RBAC, BINDINGS, &["roleRef"], "kind", "Role"),
    row(RBAC, BINDINGS, &["roleRef"], "name", "NAME"),
    row(RBAC, BINDINGS, &["subjects", "*"], "kind", "ServiceAccount"),
];

/// Required fields of what a Pod has.
const OF_PODS: &[Required] = &[
    row("", &[], &["containers", "*"], "name", "NAME"),
    row("", &[], &["containers", "*"], "image", "registry.example.com/web:1.0"),
    row("", &[], &["initContainers", "*"], "name", "NAME"),
    row("", &[], &["initContainers", "*"], "image", "registry.example.com/web:1.0"),
    row("", &[], &["containers", "*", "env", "*"], "name", "NAME"),
    row("", &[], &["containers", "*", "ports", "*"], "containerPort", "8080"),
    row("", &[], &["containers", "*", "volumeMounts", "*"], "mountPath", "/PATH"),
    row("", &[], &["containers", "*", "env", "*", "valueFrom", "secretKeyRef"], "key", "KEY"),
    row("", &[], &["containers", "*", "env", "*", "valueFrom", "configMapKeyRef"], "key", "KEY"),
    row("", &[], &["topologySpreadConstraints", "*"], "maxSkew", "1"),
    row("", &[], &["topologySpreadConstraints", "*"], "topologyKey", "kubernetes.io/hostname"),
    row("", &[], &["topologySpreadConstraints", "*"], "whenUnsatisfiable", "ScheduleAnyway"),
    row("", &[], &["volumes", "*"], "name", "NAME"),
];

/// Looks for required fields of an object that are not there.
pub(in crate::checks) fn check(lint: &Lint, files: &Files, resource: &Resource) {
    let gvk = resource.gvk_ref();
    // In `v1beta1` of an Ingress a path needs no type.
    let is_old = gvk.group == "networking.k8s.io" && gvk.version != "v1";
    let mut path = Path::default();
    let kind = resource.kind();
    for required in TABLE {
        if !is_old && required.group == gvk.group && required.kinds.contains(&kind) {
            follow(lint, resource, required, &resource.node, required.path, &mut path);
        }
    }
    if gvk.group == RBAC && ROLES.contains(&resource.kind()) {
        rules_without_group(lint, resource);
    }
    if gvk.group == RBAC && BINDINGS.contains(&resource.kind()) {
        subjects_without_namespace(lint, resource);
    }
    if gvk.group == "apps" && gvk.version == "v1" && WORKLOADS.contains(&kind) {
        workload(lint, files, resource);
    }
    if let Some(pod) = pods::template(resource).and_then(|template| template.get("spec")) {
        for required in OF_PODS {
            follow(lint, resource, required, pod, required.path, &mut path);
        }
    }
}

/// Warns about a workload without `selector`, or without `template`.
fn workload(lint: &Lint, files: &Files, resource: &Resource) {
    let Some(spec) = resource.node.get("spec").filter(|spec| spec.as_map().is_some()) else {
        return;
    };
    let lacks = |field: &str| spec.get(field).is_none_or(Node::is_null);
    match (lacks("template"), lacks("selector")) {
        (true, false) => {
            missing(lint, resource, spec, "spec", "template", "{metadata: {...}, spec: {...}}");
        }
        (false, true) => no_selector(lint, files, resource, spec),
        // With neither it is only a part of a workload.
        _ => {}
    }
}

/// Warns about a workload whose Pods nothing selects: mostly a kustomization gave it its selector. One without any
/// labels is a sketch.
fn no_selector(lint: &Lint, files: &Files, resource: &Resource, spec: &Node) {
    let labels = resource.node.get_path(&["metadata", "labels"]).and_then(Node::as_map);
    let own = labels_of_pods(resource).flatten();
    if labels.or(own).is_none() {
        return;
    }
    // What several objects have in common was made by a step, of which no more is known.
    let of_step = labels.into_iter().flatten().find(|label| {
        let location = files.locate(label.value.pos()).filter(|_| was_read(&label.value));
        location.is_none_or(|location| {
            let name = location.file.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| KUSTOMIZATION_NAMES.contains(&name))
        })
    });
    let text = format!(
        "{} {} has no `selector` in `spec`, and the API server refuses it without",
        resource.kind(),
        resource.name()
    );
    let warning = Warning::new(WarningKind::MissingField, text, place_or(spec.pos(), resource));
    let selector = "selector: {matchLabels: {...}}";
    let step = of_step.and_then(|label| Some((label.key.text()?, &label.value)));
    lint.add(match step {
        Some((key, value)) if was_read(value) => {
            warning.related("its labels are from", value.pos()).hint(format!(
                "write `includeSelectors: true` beside `pairs` of the `labels` entry with `{key}`, or `{selector}` \
                 in the {}",
                resource.kind()
            ))
        }
        Some((key, _)) => warning.hint(format!(
            "write it, as in `{selector}`; if an entry of `labels` gives it `{key}`, `includeSelectors: true` there \
             does it"
        )),
        None => warning.hint(match own.and_then(|own| own.iter().find_map(texts)) {
            Some((key, value)) => format!(
                "write it with labels of its Pods, as in `selector: {{matchLabels: {{{key}: {value}}}}}`"
            ),
            None => format!("write it, and the labels of its Pods, as in `{selector}`"),
        }),
    });
}

/// Goes along the rest of a path, and remarks where the field is not at its end.
fn follow<'a>(
    lint: &Lint,
    resource: &Resource,
    required: &Required,
    node: &'a Node,
    rest: &[&'a str],
    path: &mut Path<'a>,
) {
    work::check();
    let Some((first, rest)) = rest.split_first() else {
        if node.as_map().is_some() && node.get(required.field).is_none_or(Node::is_null) {
            missing(lint, resource, node, &path.shown(), required.field, required.example);
        }
        return;
    };
    if *first == "*" {
        for (i, item) in node.as_seq().into_iter().flatten().enumerate() {
            path.push(Step::Element(item, i));
            follow(lint, resource, required, item, rest, path);
            path.pop();
        }
    } else if let Some(inner) = node.get(first) {
        path.push(Step::Key(first));
        follow(lint, resource, required, inner, rest, path);
        path.pop();
    }
}

/// Warns about ServiceAccounts of no namespace to which a binding is for.
fn subjects_without_namespace(lint: &Lint, resource: &Resource) {
    let subjects = resource.node.get("subjects").and_then(Node::as_seq);
    for (i, subject) in subjects.into_iter().flatten().enumerate() {
        let text = |field| subject.get(field).and_then(Node::text).unwrap_or_default();
        let lacks = subject.get("namespace").is_none_or(|it| it.is_null() || it.text() == Some(""));
        if text("kind") == "ServiceAccount" && !text("name").is_empty() && lacks {
            missing(lint, resource, subject, &format!("subjects[{i}]"), "namespace", "NAMESPACE");
        }
    }
}

/// Warns about rules of roles about resources of no group.
fn rules_without_group(lint: &Lint, resource: &Resource) {
    let rules = resource.node.get("rules").and_then(Node::as_seq);
    for (i, rule) in rules.into_iter().flatten().enumerate() {
        if rule.get("resources").is_some() && rule.get("apiGroups").is_none_or(Node::is_null) {
            let example = "[\"\"]` for what has the version `v1`, or `apiGroups: [apps]";
            missing(lint, resource, rule, &format!("rules[{i}]"), "apiGroups", example);
        }
    }
}

fn missing(lint: &Lint, resource: &Resource, at: &Node, path: &str, field: &str, example: &str) {
    // A container that a patch has added by mistake has that warning instead.
    if field == "image" && lint.has(WarningKind::NewElement, at.pos()) {
        return;
    }
    let place = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
    let text = format!(
        "{} {} has no `{field}`{place}, and the API server refuses it without",
        resource.kind(),
        resource.name()
    );
    lint.add(
        Warning::new(WarningKind::MissingField, text, place_or(at.pos(), resource))
            .hint(format!("write it, as in `{field}: {example}`")),
    );
}
