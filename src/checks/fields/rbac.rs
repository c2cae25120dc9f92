//! Rules of roles that allow nothing, as they name no resource or no group.

use rustc_hash::FxHashSet;

use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{GvkRef, Resource};
use crate::yaml::Node;

/// What a rule may ask for beside an object, under its wrong name and its right one.
const PARTS: &[(&str, &str)] = &[
    ("pods/attaches", "pods/attach"),
    ("pods/evictions", "pods/eviction"),
    ("pods/execs", "pods/exec"),
    ("pods/logs", "pods/log"),
    ("pods/portforwards", "pods/portforward"),
    ("pods/port-forward", "pods/portforward"),
];

/// The built-in resources: their names, those of their kinds in lowercase, and the groups that have them.
const RESOURCES: &[(&str, &str, &[&str])] = &[
    ("apiservices", "apiservice", &["apiregistration.k8s.io"]),
    ("certificatesigningrequests", "certificatesigningrequest", &["certificates.k8s.io"]),
    ("clusterrolebindings", "clusterrolebinding", &["rbac.authorization.k8s.io"]),
    ("clusterroles", "clusterrole", &["rbac.authorization.k8s.io"]),
    ("componentstatuses", "componentstatus", &[""]),
    ("configmaps", "configmap", &[""]),
    ("controllerrevisions", "controllerrevision", &["apps"]),
    ("cronjobs", "cronjob", &["batch"]),
    ("csidrivers", "csidriver", &["storage.k8s.io"]),
    ("csinodes", "csinode", &["storage.k8s.io"]),
    ("csistoragecapacities", "csistoragecapacity", &["storage.k8s.io"]),
    ("customresourcedefinitions", "customresourcedefinition", &["apiextensions.k8s.io"]),
    ("daemonsets", "daemonset", &["apps", "extensions"]),
    ("deployments", "deployment", &["apps", "extensions"]),
    ("endpoints", "endpoints", &[""]),
    ("endpointslices", "endpointslice", &["discovery.k8s.io"]),
    ("events", "event", &["", "events.k8s.io"]),
    ("flowschemas", "flowschema", &["flowcontrol.apiserver.k8s.io"]),
    ("horizontalpodautoscalers", "horizontalpodautoscaler", &["autoscaling"]),
    ("ingressclasses", "ingressclass", &["networking.k8s.io"]),
    ("ingresses", "ingress", &["extensions", "networking.k8s.io"]),
    ("jobs", "job", &["batch"]),
    ("leases", "lease", &["coordination.k8s.io"]),
    ("limitranges", "limitrange", &[""]),
    ("localsubjectaccessreviews", "localsubjectaccessreview", &["authorization.k8s.io"]),
    (
        "mutatingwebhookconfigurations",
        "mutatingwebhookconfiguration",
        &["admissionregistration.k8s.io"],
    ),
    ("namespaces", "namespace", &[""]),
    ("networkpolicies", "networkpolicy", &["extensions", "networking.k8s.io"]),
    ("nodes", "node", &[""]),
    ("persistentvolumeclaims", "persistentvolumeclaim", &[""]),
    ("persistentvolumes", "persistentvolume", &[""]),
    ("poddisruptionbudgets", "poddisruptionbudget", &["policy"]),
    ("pods", "pod", &[""]),
    ("podsecuritypolicies", "podsecuritypolicy", &["extensions", "policy"]),
    ("podtemplates", "podtemplate", &[""]),
    ("priorityclasses", "priorityclass", &["scheduling.k8s.io"]),
    (
        "prioritylevelconfigurations",
        "prioritylevelconfiguration",
        &["flowcontrol.apiserver.k8s.io"],
    ),
    ("replicasets", "replicaset", &["apps", "extensions"]),
    ("replicationcontrollers", "replicationcontroller", &[""]),
    ("resourcequotas", "resourcequota", &[""]),
    ("rolebindings", "rolebinding", &["rbac.authorization.k8s.io"]),
    ("roles", "role", &["rbac.authorization.k8s.io"]),
    ("runtimeclasses", "runtimeclass", &["node.k8s.io"]),
    ("secrets", "secret", &[""]),
    ("selfsubjectaccessreviews", "selfsubjectaccessreview", &["authorization.k8s.io"]),
    ("selfsubjectrulesreviews", "selfsubjectrulesreview", &["authorization.k8s.io"]),
    ("serviceaccounts", "serviceaccount", &[""]),
    ("services", "service", &[""]),
    ("statefulsets", "statefulset", &["apps"]),
    ("storageclasses", "storageclass", &["storage.k8s.io"]),
    ("subjectaccessreviews", "subjectaccessreview", &["authorization.k8s.io"]),
    ("tokenreviews", "tokenreview", &["authentication.k8s.io"]),
    ("validatingadmissionpolicies", "validatingadmissionpolicy", &["admissionregistration.k8s.io"]),
    (
        "validatingadmissionpolicybindings",
        "validatingadmissionpolicybinding",
        &["admissionregistration.k8s.io"],
    ),
    (
        "validatingwebhookconfigurations",
        "validatingwebhookconfiguration",
        &["admissionregistration.k8s.io"],
    ),
    ("volumeattachments", "volumeattachment", &["storage.k8s.io"]),
];

/// Looks at the rules of a role.
pub(in crate::checks) fn check(lint: &Lint, resource: &Resource) {
    let rules = resource.node.get("rules").and_then(Node::as_seq);
    let granted = granted(rules);
    for rule in rules.into_iter().flatten() {
        let list = |key| rule.get(key).and_then(Node::as_seq).into_iter().flatten();
        let groups: Vec<&str> = list("apiGroups").filter_map(Node::text).collect();
        for value in list("apiGroups") {
            group(lint, resource, value, groups.len() > 1);
        }
        // What others define may be called as they like.
        let is_of_others = |group: &&str| !GvkRef::is_kubernetes_group(group);
        if groups.iter().any(is_of_others) {
            continue;
        }
        let has_others = list("resources").nth(1).is_some();
        for value in list("resources") {
            of_rule(lint, resource, value, &groups, has_others, &granted);
        }
    }
}

/// Returns the resources that rules name, each with a group of theirs: what one rule has wrong and another one right
/// works all the same.
fn granted(rules: Option<&ecow::EcoVec<Node>>) -> FxHashSet<(&str, &str)> {
    let mut granted = FxHashSet::default();
    for rule in rules.into_iter().flatten() {
        let texts = |key| {
            let list = rule.get(key).and_then(Node::as_seq).into_iter().flatten();
            list.filter_map(Node::text)
        };
        for group in texts("apiGroups") {
            granted.extend(texts("resources").map(|resource| (group, resource)));
        }
    }
    granted
}

/// Warns about a group that is a version.
fn group(lint: &Lint, resource: &Resource, value: &Node, has_others: bool) {
    let Some(given) = value.text().filter(|text| !is_filled_in(text)) else { return };
    let meant = match given.split_once('/') {
        Some((group, _)) => group,
        None if is_version(given) || given == "core" => "",
        None => return,
    };
    let shown = if meant.is_empty() { "\"\"" } else { meant };
    let hint = match meant {
        "" => "write `\"\"`: the group of what has the version `v1` alone has no name".to_owned(),
        _ => format!("write `{shown}`: a group stands there without its version"),
    };
    remark(
        lint,
        resource,
        value,
        &format!("the API group `{given}`, which there is none of"),
        (given, has_others),
        hint,
    );
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Warns about a resource that is a kind, or is in another group.
fn of_rule(
    lint: &Lint,
    resource: &Resource,
    value: &Node,
    groups: &[&str],
    has_others: bool,
    granted: &FxHashSet<(&str, &str)>,
) {
    let Some(given) = value.text().filter(|text| !is_filled_in(text)) else { return };
    if let Some((_, right)) = PARTS.iter().find(|(wrong, _)| *wrong == given) {
        let hint = format!("write `{right}`");
        remark(
            lint,
            resource,
            value,
            &format!("the resource `{given}`, which there is none of"),
            (given, has_others),
            hint,
        );
        return;
    }
    let (name, part) = given.split_once('/').map_or((given, ""), |(name, part)| (name, part));
    if let Ok(i) = RESOURCES.binary_search_by_key(&name, |(resource, ..)| resource) {
        let known = RESOURCES.get(i).map_or(&[][..], |(.., groups)| groups);
        if known.iter().any(|group| granted.contains(&(*group, given))) {
            return;
        }
        of_other_group(lint, resource, value, (given, has_others), groups, known);
        return;
    }
    let is_meant = |(plural, singular, _): &&(&str, &str, &[&str])| {
        name.eq_ignore_ascii_case(singular) || name.eq_ignore_ascii_case(plural)
    };
    let Some((right, _, known)) = RESOURCES.iter().find(is_meant) else { return };
    let right = if part.is_empty() { (*right).to_owned() } else { format!("{right}/{part}") };
    if known.iter().any(|group| granted.contains(&(*group, right.as_str()))) {
        return;
    }
    let what = format!("the resource `{given}`, which there is none of");
    let hint = format!("resources are written in lowercase and plural: `{right}`");
    remark(lint, resource, value, &what, (given, has_others), hint);
}

/// Warns about a resource that none of the groups of a rule has, if all of these are built in.
fn of_other_group(
    lint: &Lint,
    resource: &Resource,
    value: &Node,
    (given, has_others): (&str, bool),
    groups: &[&str],
    known: &[&str],
) {
    let is_built_in = |group: &&str| RESOURCES.iter().any(|(.., known)| known.contains(group));
    if groups.is_empty()
        || groups.iter().any(|group| known.contains(group))
        || !groups.iter().all(is_built_in)
    {
        return;
    }
    let current = known.iter().filter(|group| **group != "extensions");
    let shown: Vec<String> = current.map(|group| format!("\"{group}\"")).collect();
    let what = format!("`{given}` of a group that does not have them");
    let hint = format!(
        "they belong to the group {}: write it under `apiGroups` of the rule",
        shown.join(" or ")
    );
    remark(lint, resource, value, &what, (given, has_others), hint);
}

/// `given` is what stands there, and whether others do beside it, which the rule does allow.
fn remark(
    lint: &Lint,
    resource: &Resource,
    value: &Node,
    what: &str,
    (given, has_others): (&str, bool),
    hint: String,
) {
    let alone = if has_others { format!(" for `{given}`") } else { String::new() };
    let text = format!(
        "{} {}: a rule is for {what}, so it allows nothing{alone}",
        resource.kind(),
        resource.name()
    );
    lint.add(
        Warning::new(WarningKind::InvalidValue, text, place_or(value.pos(), resource)).hint(hint),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_sorted() {
        assert!(RESOURCES.is_sorted());
    }
}
