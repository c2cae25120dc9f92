//! Fields that an object must have: a patch or an edit has mostly dropped one.

use crate::checks::finished::Workload;
use crate::checks::path::{Path, Step};
use crate::checks::positions::{place_or, was_read};
use crate::checks::workloads::labels::{labels_of_pods, texts};
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::load::{Files, KUSTOMIZATION_NAMES};
use crate::resource::{GvkRef, Resource};
use crate::work;
use crate::yaml::Node;

/// A field that stands at a path of objects of a group and of some kinds; `*` is each element of a list.
#[derive(Debug)]
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
static TABLE: Rows<{ ROWS.len() }> = Rows::of(ROWS);

const ROWS: &[Required; 16] = &[
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

/// Required fields of what a Pod has; paths with a common start stand together.
static OF_PODS: Rows<{ ROWS_OF_PODS.len() }> = Rows::of(ROWS_OF_PODS);

const ROWS_OF_PODS: &[Required; 13] = &[
    row("", &[], &["containers", "*"], "name", "NAME"),
    row("", &[], &["containers", "*"], "image", "registry.example.com/web:1.0"),
    row("", &[], &["containers", "*", "env", "*"], "name", "NAME"),
    row("", &[], &["containers", "*", "env", "*", "valueFrom", "secretKeyRef"], "key", "KEY"),
    row("", &[], &["containers", "*", "env", "*", "valueFrom", "configMapKeyRef"], "key", "KEY"),
    row("", &[], &["containers", "*", "ports", "*"], "containerPort", "8080"),
    row("", &[], &["containers", "*", "volumeMounts", "*"], "mountPath", "/PATH"),
    row("", &[], &["initContainers", "*"], "name", "NAME"),
    row("", &[], &["initContainers", "*"], "image", "registry.example.com/web:1.0"),
    row("", &[], &["topologySpreadConstraints", "*"], "maxSkew", "1"),
    row("", &[], &["topologySpreadConstraints", "*"], "topologyKey", "kubernetes.io/hostname"),
    row("", &[], &["topologySpreadConstraints", "*"], "whenUnsatisfiable", "ScheduleAnyway"),
    row("", &[], &["volumes", "*"], "name", "NAME"),
];

/// Rows, and how many of them go on alike.
struct Rows<const N: usize> {
    rows: &'static [Required; N],
    /// Of each row and each part of its path, or the end of it, how many rows from this on have the same there.
    same: [[u8; DEPTH]; N],
}

/// How many parts a path has at most, and its end.
const DEPTH: usize = 7;

impl<const N: usize> Rows<N> {
    const fn of(rows: &'static [Required; N]) -> Rows<N> {
        let mut same = [[0; DEPTH]; N];
        let mut i = 0;
        while i < N {
            let mut depth = 0;
            while depth <= rows[i].path.len() {
                let mut end = i;
                while end < N && is_alike(rows[i].path, rows[end].path, depth) {
                    end += 1;
                }
                same[i][depth] = (end - i) as u8;
                depth += 1;
            }
            i += 1;
        }
        Rows { rows, same }
    }

    fn all(&'static self) -> Part {
        Part { rows: self.rows, same: &self.same }
    }
}

/// Returns `true` if two paths have the same part at a depth, or end there.
const fn is_alike(one: &[&str], other: &[&str], depth: usize) -> bool {
    if depth >= one.len() || depth >= other.len() {
        return one.len() == depth && other.len() == depth;
    }
    let (one, other) = (one[depth].as_bytes(), other[depth].as_bytes());
    let mut i = 0;
    while i < one.len() && i < other.len() && one[i] == other[i] {
        i += 1;
    }
    i == one.len() && i == other.len()
}

/// Some rows that stand together.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    rows: &'static [Required],
    same: &'static [[u8; DEPTH]],
}

impl Part {
    fn split_at(self, at: usize) -> (Part, Part) {
        let at = at.min(self.rows.len());
        let ((rows, others), (same, rest)) = (self.rows.split_at(at), self.same.split_at(at));
        (Part { rows, same }, Part { rows: others, same: rest })
    }

    /// Looks for what the rows say of the values at and below a node; mostly nothing is missing.
    fn check(self, lint: &Lint, resource: &Resource, node: &Node) {
        if self.lacks_any(0, node) {
            let mut path = Path::default();
            for required in self.rows {
                follow(lint, resource, required, node, required.path, &mut path);
            }
        }
    }

    /// Returns `true` if one of the rows misses its field; `node` is what so many parts of their paths lead to.
    fn lacks_any(self, depth: usize, node: &Node) -> bool {
        let mut left = self;
        while let Some((first, same)) = left.rows.first().zip(left.same.first()) {
            let (alike, rest) = left.split_at(same.get(depth).map_or(1, |same| usize::from(*same)));
            left = rest;
            work::check();
            let lacks = match first.path.get(depth) {
                None => alike.lack(node),
                Some(&"*") => {
                    let mut items = node.as_seq().into_iter().flatten();
                    items.any(|item| alike.lacks_any(depth + 1, item))
                }
                Some(key) => node.get(key).is_some_and(|inner| alike.lacks_any(depth + 1, inner)),
            };
            if lacks {
                return true;
            }
        }
        false
    }

    /// Returns `true` if a mapping misses a field.
    fn lack(self, node: &Node) -> bool {
        let Some(map) = node.as_map() else { return false };
        self.rows.iter().any(|row| map.get(row.field).is_none_or(Node::is_null))
    }
}

/// What objects of a kind must have.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::checks) struct OfKind {
    rows: Part,
    is_role: bool,
    is_workload: bool,
}

impl OfKind {
    /// Looks a kind up.
    pub(in crate::checks) fn new(gvk: GvkRef<'_>) -> OfKind {
        // In `v1beta1` of an Ingress a path needs no type.
        let is_old = gvk.group == "networking.k8s.io" && gvk.version != "v1";
        let is_one =
            |row: &Required| !is_old && row.group == gvk.group && row.kinds.contains(&gvk.kind);
        let start = ROWS.iter().position(is_one).unwrap_or(ROWS.len());
        let (_, rows) = TABLE.all().split_at(start);
        let count = rows.rows.iter().position(|row| !is_one(row)).unwrap_or(rows.rows.len());
        OfKind {
            rows: rows.split_at(count).0,
            is_role: gvk.group == RBAC && ROLES.contains(&gvk.kind),
            is_workload: gvk.group == "apps"
                && gvk.version == "v1"
                && WORKLOADS.contains(&gvk.kind),
        }
    }

    /// Looks for required fields of an object that are not there.
    pub(in crate::checks) fn check(
        self,
        lint: &Lint,
        files: &Files,
        resource: &Resource,
        workload: Option<&Workload<'_>>,
    ) {
        self.rows.check(lint, resource, &resource.node);
        if self.is_role {
            rules_without_group(lint, resource);
        }
        if self.is_workload {
            of_workload(lint, files, resource);
        }
        if let Some(pod) = workload.and_then(|workload| workload.spec) {
            OF_PODS.all().check(lint, resource, pod);
        }
    }
}

/// Warns about a workload without `selector`, or without `template`.
fn of_workload(lint: &Lint, files: &Files, resource: &Resource) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_kind_and_of_one_start_stand_together() {
        for (i, row) in ROWS.iter().enumerate() {
            for (later, other) in ROWS.iter().enumerate().skip(i) {
                let shares = other.kinds == row.kinds && other.group == row.group;
                let between = &ROWS[i..later];
                assert!(!shares || between.iter().all(|it| it.kinds == row.kinds), "{}", row.field);
            }
        }
        assert_eq!(OF_PODS.same[0], [7, 13, 2, 0, 0, 0, 0]);
    }
}
