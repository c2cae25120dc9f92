//! Changes that are dangerous: what the server refuses, what loses data, what opens doors.
//!
//! Each rule follows one of Kubernetes' own; docs/review.md says which.

// Circle: kinds, mod, privileges, rights, tags: each adds to what is found here.
mod kinds;
mod privileges;
mod rights;
mod tags;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::immutable;
use super::model::{ChangeKind, Diff, FieldChange, ObjectId, ResourceDiff};
use super::path::PathStep;

/// A dangerous change.
///
/// ```json
/// {"rule": "replicas-zero", "message": "spec.replicas becomes 0: nothing runs any more",
///  "object": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}, "roots": ["prod"]}
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Risk {
    /// The name of the rule, which does not change between versions.
    pub rule: String,
    /// What happens.
    pub message: String,
    /// The object.
    pub object: ObjectId,
    /// The roots that have the change.
    pub roots: Vec<String>,
}

/// What becomes of objects that a root no longer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Removals {
    /// They are deleted, unless they say themselves that they stay.
    #[default]
    Open,
    /// They stay where they are.
    Stay,
    /// They are deleted, whatever they say.
    Delete,
}

impl Removals {
    pub(super) fn is_open(&self) -> bool {
        *self == Removals::Open
    }
}

/// Finds what is dangerous in the changes of some roots, each danger once for all roots.
pub(super) fn risks<'r>(
    roots: impl IntoIterator<Item = (&'r str, &'r Diff, Removals)>,
) -> Vec<Risk> {
    let mut found: Vec<Risk> = Vec::new();
    let mut places = rustc_hash::FxHashMap::default();
    for (root, diff, removals) in roots {
        let kinds = kinds::changed(diff, removals);
        for resource in &diff.resources {
            let Some(object) = resource.id() else { continue };
            let mut add = |rule: &'static str, message: String| {
                let key = (rule, message.clone(), object.clone());
                let place = *places.entry(key).or_insert(found.len());
                match found.get_mut(place) {
                    Some(risk) if !risk.roots.iter().any(|known| known == root) => {
                        risk.roots.push(root.to_owned());
                    }
                    Some(_) => {}
                    None => found.push(Risk {
                        rule: rule.to_owned(),
                        message,
                        object: object.clone(),
                        roots: vec![root.to_owned()],
                    }),
                }
            };
            match resource.change {
                ChangeKind::Removed => removed(resource, object, removals, &mut add),
                _ => {
                    if let Some(before) = kinds.get(object) {
                        let becomes = format!("{before} becomes {}", object.kind);
                        add(
                            "kind-change",
                            format!("{becomes}: the old object goes, with its Pods"),
                        );
                    }
                    of_resource(resource, object, &mut add);
                }
            }
        }
    }
    found
}

/// Kinds with whose removal something is lost that does not come back.
const KEEPERS: [(&str, &str); 4] = [
    ("Namespace", "everything in it goes with it"),
    ("CustomResourceDefinition", "all objects of its kind go with it"),
    ("PersistentVolumeClaim", "its data may go with it"),
    ("StatefulSet", "its Pods stop, and nothing owns their volumes any more"),
];

type Add<'a> = &'a mut dyn FnMut(&'static str, String);

fn of_resource(resource: &ResourceDiff, id: &ObjectId, add: Add<'_>) {
    if immutable::is_sealed(resource) {
        let what = "its data cannot be changed as long as it has `immutable: true`";
        add("immutable", format!("{what}: the server refuses it, or the object is made anew"));
    }
    resource.own_fields().for_each(|field| changed(field, id, add));
    if is_builtin(id) {
        rights::grown(resource, id, add);
    }
    privileges::grown(resource, add);
    tags::changed(resource, add);
}

fn removed(resource: &ResourceDiff, id: &ObjectId, removals: Removals, add: Add<'_>) {
    if removals == Removals::Stay {
        return;
    }
    if let Some(kept) = kept(resource, removals) {
        return add("removal-of-kept", format!("is removed here, but {kept}"));
    }
    let mut keepers = KEEPERS.iter().filter(|_| is_builtin(id));
    if let Some((_, why)) = keepers.find(|(kind, _)| *kind == id.kind) {
        add("removal", format!("the {} is removed: {why}", id.kind));
    }
}

/// Returns `true` for the kinds of Kubernetes itself: others have the same names, and other rules.
fn is_builtin(id: &ObjectId) -> bool {
    let group = id.api_version.split_once('/').map_or("", |(group, _)| group);
    !group.contains('.') || group.ends_with(".k8s.io") && !group.ends_with(".x-k8s.io")
}

/// Says why an object stays in the cluster, if it says so itself and is heard.
fn kept(resource: &ResourceDiff, removals: Removals) -> Option<&'static str> {
    if removals == Removals::Delete {
        return None;
    }
    let annotations = resource.object.as_ref()?.pointer("/metadata/annotations")?;
    let annotation = |name: &str| annotations.get(name).and_then(Value::as_str).unwrap_or_default();
    let options = annotation("argocd.argoproj.io/sync-options");
    if options.split(',').any(|option| option.trim() == "Prune=false") {
        return Some("Prune=false leaves it in the cluster");
    }
    if annotation("kustomize.toolkit.fluxcd.io/prune") == "disabled" {
        return Some("Flux is told to leave it in the cluster");
    }
    (annotation("helm.sh/resource-policy") == "keep").then_some("its resource-policy is keep")
}

fn changed(field: &FieldChange, id: &ObjectId, add: Add<'_>) {
    let path = field.path.to_string();
    let plain = plain(field);
    let (before, after) = (field.before.as_ref(), field.after.as_ref());
    if is_builtin(id) && !means_the_same(field, &id.kind, &plain) {
        let was_there = before.is_some_and(|value| value != "");
        if immutable::is_fixed(&id.kind, &plain, was_there) {
            add("immutable", format!("{path} {}", immutable::WHY));
        }
        if id.kind == "Service" && plain == "spec.type" {
            let [old, new] = [before, after]
                .map(|value| value.and_then(Value::as_str).unwrap_or("ClusterIP").to_owned());
            add("service-type", format!("{path}: {old} → {new} gives the Service other addresses"));
        }
    }
    if plain.ends_with("resources.requests.storage")
        && let (Some(old), Some(new)) = (before.and_then(size), after.and_then(size))
        && new < old
    {
        add("storage-shrunk", format!("{path} shrinks, which no volume can"));
    }
    if plain == "spec.replicas" && number(after) == Some(0) && number(before) != Some(0) {
        add("replicas-zero", format!("{path} becomes 0: nothing runs any more"));
    }
}

/// Returns `true` if both values are one for the server: a default, or a quantity written in another way.
fn means_the_same(field: &FieldChange, kind: &str, plain: &str) -> bool {
    if field.masked {
        return false;
    }
    let (before, after) = (field.before.as_ref(), field.after.as_ref());
    if let Some(default) = immutable::default_of(kind, plain) {
        let text = |value: Option<&Value>| match value {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Bool(value)) => Some(value.to_string()),
            None | Some(Value::Null) => Some(default.to_owned()),
            Some(_) => None,
        };
        return text(before).is_some() && text(before) == text(after);
    }
    let is_quantity =
        plain.contains(".resources.requests.") || plain.contains(".resources.limits.");
    let sizes = (before.and_then(size), after.and_then(size));
    is_quantity && sizes.0.is_some() && sizes.0 == sizes.1
}

/// Returns a path without what tells elements of lists apart: `rules[].verbs[]`.
fn plain(field: &FieldChange) -> String {
    let mut out = String::new();
    for step in &field.path.0 {
        match step {
            PathStep::Field(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            PathStep::Key { .. } | PathStep::Index { .. } => out.push_str("[]"),
        }
    }
    out
}

fn number(value: Option<&Value>) -> Option<i64> {
    value.and_then(Value::as_i64)
}

fn size(value: &Value) -> Option<i128> {
    match value {
        Value::String(text) => super::live::quantity(text),
        Value::Number(number) => super::live::quantity(&number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::diff::{Options, Removals, Report, RootReport, compare, read};

    pub(super) fn found(before: &str, after: &str) -> Vec<String> {
        let set = |text: &str| read(text.as_bytes()).unwrap();
        let diff = compare(&set(before), &set(after), &Options::new()).unwrap();
        let report = Report::new(vec![RootReport::new("prod", diff)]);
        report.risks().into_iter().map(|risk| risk.rule).collect()
    }

    #[test]
    fn what_the_server_refuses_is_a_risk() {
        let deploy = |label: &str| {
            format!(
                "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, spec: {{selector: \
                 {{matchLabels: {{app: {label}}}}}}}}}"
            )
        };
        assert_eq!(found(&deploy("x"), &deploy("y")), ["immutable"]);
        let map = |name: &str, value: &str, sealed: &str| {
            format!(
                "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}, immutable: {sealed}, data: {{a: {value}}}}}"
            )
        };
        assert_eq!(found(&map("a", "x", "true"), &map("a", "y", "true")), ["immutable"]);
        assert_eq!(found(&map("a", "x", "true"), &map("a", "x", "false")), ["immutable"]);
        assert!(found(&map("a", "x", "false"), &map("a", "y", "true")).is_empty());
        // Under another name it is another object.
        let hashed = |hash: &str, value: &str| map(&format!("a-{hash}"), value, "true");
        assert!(found(&hashed("2bc5dbt62m", "x"), &hashed("f9g8h7k6t5", "y")).is_empty());
        let claim = |size: &str| {
            format!(
                "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: a}}, spec: \
                 {{resources: {{requests: {{storage: {size}}}}}}}}}"
            )
        };
        assert_eq!(found(&claim("2Gi"), &claim("1Gi")), ["storage-shrunk"]);
        assert!(found(&claim("1Gi"), &claim("2Gi")).is_empty());
        assert_eq!(found(&claim("1Gi"), ""), ["removal"]);
        let namespace =
            |api: &str| format!("{{apiVersion: {api}, kind: Namespace, metadata: {{name: a}}}}");
        assert_eq!(found(&namespace("v1"), ""), ["removal"]);
        assert!(found(&namespace("example.com/v1"), "").is_empty());
        // What stays is not lost as well.
        let kept = claim("1Gi")
            .replace("name: a", "name: a, annotations: {helm.sh/resource-policy: keep}");
        assert_eq!(found(&kept, ""), ["removal-of-kept"]);
        let of = |removals| {
            let set = read(kept.as_bytes()).unwrap();
            let diff = compare(&set, &Vec::new(), &Options::new()).unwrap();
            let report = Report::new(vec![RootReport::new("prod", diff).removing(removals)]);
            report.risks().into_iter().map(|risk| risk.rule).collect::<Vec<_>>()
        };
        assert_eq!(of(Removals::Delete), ["removal"]);
        assert!(of(Removals::Stay).is_empty());
    }

    #[test]
    fn what_opens_doors_is_a_risk() {
        let pod = |container: &str| {
            format!(
                "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, spec: {{template: {{spec: \
                 {{containers: [{{name: c, {container}}}]}}}}}}}}"
            )
        };
        let image = |image: &str| pod(&format!("image: '{image}'"));
        assert_eq!(found(&image("a@sha256:0"), &image("a:1")), ["image-unpinned"]);
        assert_eq!(found(&image("a:1.10"), &image("a:1.9")), ["image-backwards"]);
        assert!(found(&image("a:1.9"), &image("a:1.10")).is_empty());
        assert_eq!(found(&image("a:1"), &image("a:latest")), ["image-latest"]);
        assert_eq!(found(&image("a:1"), &image("a")), ["image-latest"]);
        for (same, other) in
            [("a", "a:latest"), ("a:latest", "a"), ("a:latest", "a:latest@sha256:0")]
        {
            assert!(found(&image(same), &image(other)).is_empty(), "{same} → {other}");
        }
        let latest = pod("image: 'a:latest'");
        assert_eq!(found("", &latest), ["image-latest"]);
        let more = latest.replace("[{name: c", "[{name: b, image: 'b:latest'}, {name: c");
        assert_eq!(found(&latest, &more), ["image-latest"]);
        assert!(found(&latest, &latest.replace("name: c", "name: d")).is_empty());
        let open = pod("securityContext: {privileged: true}");
        assert_eq!(found(&pod("securityContext: {privileged: false}"), &open), ["privileged"]);
        assert_eq!(found("", &open), ["privileged"]);
        // A container is no other one under another name.
        let named = |name: &str, image: &str| {
            open.replace("name: c,", &format!("name: {name}, image: '{image}',"))
        };
        assert!(found(&named("c", "a:1"), &named("d", "a:2")).is_empty());
        assert_eq!(found(&named("c", "a:1"), &named("d", "b:1")), ["privileged"]);
        let role = |verbs: &str| {
            format!(
                "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: a}}, \
                 rules: [{{apiGroups: [''], resources: [pods], verbs: [{verbs}]}}]}}"
            )
        };
        assert_eq!(found(&role("get"), &role("get, '*'")), ["rbac-grown"]);
        assert!(found(&role("get"), &role("get, list")).is_empty());
    }
    #[test]
    fn what_opens_doors_is_found_wherever_it_comes_from() {
        let deploy = |pod: &str| {
            format!(
                "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, spec: {{template: {{spec: \
                 {{{pod}}}}}}}}}"
            )
        };
        let c = "containers: [{name: c, image: 'a:1'";
        let caps = |add: &str| {
            deploy(&format!("{c}, securityContext: {{capabilities: {{add: [{add}]}}}}}}]"))
        };
        let mounts = |path: &str| {
            deploy(&format!("{c}}}], volumes: [{{name: v, hostPath: {{path: {path}}}}}]"))
        };
        let plain = deploy(&format!("{c}}}]"));
        let second = "volumes: [{name: v, emptyDir: {}}, {name: w, hostPath: {path: /}}]";
        let first = "volumes: [{name: v, emptyDir: {}}]";
        let with = |more: &str| deploy(&format!("{c}}}], {more}"));
        let bare =
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: 1}}";
        for before in ["", bare, &plain] {
            for after in [&caps("SYS_ADMIN"), &mounts("/var"), &with("hostNetwork: true")] {
                assert_eq!(found(before, after), ["privileged"], "{before} → {after}");
            }
            assert!(found(before, &caps("NET_BIND_SERVICE")).is_empty());
        }
        for context in ["{runAsUser: 1}", "{capabilities: {drop: [ALL]}}"] {
            let before = deploy(&format!("{c}, securityContext: {context}}}]"));
            assert_eq!(found(&before, &caps("SYS_ADMIN")), ["privileged"], "{context}");
        }
        assert_eq!(found(&with(first), &with(second)), ["privileged"]);
        assert_eq!(found(&caps("A"), &caps("A, B")), ["privileged"]);
        assert!(found(&caps("A, B"), &caps("B, A")).is_empty());
        assert!(found(&caps("A, B"), &caps("B")).is_empty());
        assert_eq!(found(&mounts("/var/log"), &mounts("/var")), ["privileged"]);
        assert_eq!(found(&mounts("/var/log"), &mounts("/")), ["privileged"]);
        assert_eq!(found(&mounts("/var/log"), &mounts("/var/logs")), ["privileged"]);
        assert!(found(&mounts("/var"), &mounts("/var/log")).is_empty());
        // The schema of a custom resource mounts nothing.
        let crd = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a}, \
                   spec: {properties: {volumes: {items: {properties: {hostPath: {type: object}}}}, \
                   hostNetwork: {type: boolean}}}}";
        assert!(found("", crd).is_empty());
    }
    #[test]
    fn another_kind_of_workload_under_the_same_name_is_a_risk() {
        let object = |kind: &str, more: &str| {
            format!("{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: a{more}}}}}")
        };
        for (before, after) in [
            ("Deployment", "StatefulSet"),
            ("Deployment", "DaemonSet"),
            ("DaemonSet", "StatefulSet"),
        ] {
            assert_eq!(found(&object(before, ""), &object(after, "")), ["kind-change"]);
            let elsewhere = object(after, ", namespace: b");
            assert!(found(&object(before, ""), &elsewhere).is_empty());
        }
        let both = found(&object("StatefulSet", ""), &object("Deployment", ""));
        assert_eq!(both, ["kind-change", "removal"]);
        assert!(found(&object("Deployment", ""), &object("Widget", "")).is_empty());
        let keep = ", annotations: {argocd.argoproj.io/sync-options: Prune=false}";
        let kept = found(&object("Deployment", keep), &object("DaemonSet", keep));
        assert_eq!(kept, ["removal-of-kept"]);
    }
    #[test]
    fn what_is_written_in_another_way_is_no_risk() {
        let object = |api: &str, kind: &str, rest: &str| {
            format!("{{apiVersion: {api}, kind: {kind}, metadata: {{name: a}}, {rest}}}")
        };
        let service = |spec: &str| object("v1", "Service", &format!("spec: {{a: b{spec}}}"));
        let set = |spec: &str| object("apps/v1", "StatefulSet", &format!("spec: {{a: b{spec}}}"));
        let class = |more: &str| {
            object("storage.k8s.io/v1", "StorageClass", &format!("provisioner: p{more}"))
        };
        let claims = |size: &str| {
            let spec = format!("{{resources: {{requests: {{storage: {size}}}}}}}");
            set(&format!(", volumeClaimTemplates: [{{metadata: {{name: d}}, spec: {spec}}}]"))
        };
        for (one, other) in [
            (service(""), service(", type: ClusterIP")),
            (service(""), service(", clusterIP: ''")),
            (set(""), set(", podManagementPolicy: OrderedReady")),
            (class(""), class(", reclaimPolicy: Delete, volumeBindingMode: Immediate")),
            (claims("1Gi"), claims("1024Mi")),
        ] {
            assert!(found(&one, &other).is_empty(), "{one} → {other}");
            assert!(found(&other, &one).is_empty(), "{other} → {one}");
        }
        assert_eq!(found(&service(""), &service(", type: NodePort")), ["service-type"]);
        assert_eq!(found(&set(""), &set(", podManagementPolicy: Parallel")), ["immutable"]);
        assert_eq!(found(&claims("1Gi"), &claims("2Gi")), ["immutable"]);
        assert_eq!(found(&class(", reclaimPolicy: Retain"), &class("")), ["immutable"]);
        // Others have kinds of the same name.
        let other = |spec: &str| {
            object("serving.example.dev/v1", "Service", &format!("spec: {{type: {spec}}}"))
        };
        assert!(found(&other("a"), &other("b")).is_empty());
    }
}
