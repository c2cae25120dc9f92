//! Secrets that controllers name after the object that they make them of, and the object has another name now; and
//! sealed ones, which only open under the name that they were sealed for.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::finished::Finished;
use crate::checks::objects::effective;
use crate::checks::references::dangling::Referred;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::{Resource, ResourceSet};
use crate::work;
use crate::yaml::{Mapping, Node};

/// Kinds of which a Secret is made: the group, the kind, the field with another name for it, and what stands behind
/// the name of the object otherwise.
const MAKERS: &[(&str, &str, &[&str], &str)] = &[
    ("external-secrets.io", "ExternalSecret", &["spec", "target", "name"], ""),
    ("bitnami.com", "SealedSecret", &["spec", "template", "metadata", "name"], ""),
    ("kafka.strimzi.io", "KafkaUser", &[], ""),
    ("kafka.strimzi.io", "Kafka", &[], "-cluster-ca-cert"),
    ("onepassword.com", "OnePasswordItem", &[], ""),
    ("postgresql.cnpg.io", "Cluster", &[], "-app"),
    ("postgresql.cnpg.io", "Cluster", &[], "-superuser"),
    ("rabbitmq.com", "RabbitmqCluster", &[], "-default-user"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch", &[], "-es-elastic-user"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch", &[], "-es-http-certs-public"),
];

/// Annotations of a SealedSecret that opens under other names or in other namespaces too.
const WIDE: &[&str] =
    &["sealedsecrets.bitnami.com/cluster-wide", "sealedsecrets.bitnami.com/namespace-wide"];

/// Looks at all objects that were renamed and make a Secret; `all` is what is referred to.
pub(in crate::checks) fn check(lint: &Lint, set: &Finished<'_>, all: &[Referred<'_>]) {
    let mut former: FxHashMap<(&str, String), (&Resource, &str, &[&str])> = FxHashMap::default();
    for &resource in &set.of_groups {
        let group = resource.gvk_ref().group;
        if resource.history.previous.is_empty() {
            continue;
        }
        if resource.kind() == "SealedSecret" {
            sealed(lint, resource);
        }
        for (_, _, field, end) in
            MAKERS.iter().filter(|(of, kind, ..)| *of == group && *kind == resource.kind())
        {
            if !field.is_empty()
                && resource.node.get_path(field).is_some_and(|name| !name.is_null())
            {
                continue;
            }
            for previous in resource.history.previous.iter().filter(|p| p.name != resource.name()) {
                let key = (effective(resource.namespace()), format!("{}{end}", previous.name));
                former.entry(key).or_insert((resource, end, field));
            }
        }
    }
    if former.is_empty() {
        return;
    }
    let there = there(set);
    let mut told: FxHashSet<(&str, &str)> = FxHashSet::default();
    for Referred { kind, name: node, by, is_optional, .. } in all {
        let (Some(name), false) = (node.text(), *is_optional || *kind != "Secret") else {
            continue;
        };
        let namespace = effective(by.namespace());
        let Some((maker, end, field)) = former.get(&(namespace, name.to_owned())) else { continue };
        work::check();
        if there.contains(&(namespace, name.to_owned())) || !told.insert((namespace, name)) {
            continue;
        }
        let text = format!(
            "{} {} wants the Secret `{name}`: the {} that makes it is called `{}` now, and makes the Secret `{}{end}`",
            by.kind(),
            by.name(),
            maker.kind(),
            maker.name(),
            maker.name()
        );
        let hint = match (maker.kind(), field.is_empty()) {
            ("ExternalSecret", _) => format!(
                "write the name of the Secret into the ExternalSecret: `target: {{name: {name}}}`"
            ),
            (_, false) => format!(
                "write the name of the Secret into the {}: `{}: {name}`",
                maker.kind(),
                field.join(".")
            ),
            (_, true) => format!(
                "write `{}{end}` here in this overlay, or let a replacement copy the name of the {}: kustomize does not know \
                 that a Secret is called after it",
                maker.name(),
                maker.kind()
            ),
        };
        lint.add(
            Warning::new(WarningKind::DanglingReference, text, node.pos())
                .related("it is made of", maker.node.pos())
                .hint(hint),
        );
    }
}

/// Returns the namespaces and names of the Secrets that are in the build or made of what is.
fn there(set: &ResourceSet) -> FxHashSet<(&str, String)> {
    let mut there = FxHashSet::default();
    for resource in set.iter() {
        let namespace = effective(resource.namespace());
        if resource.kind() == "Secret" {
            there.insert((namespace, resource.name().to_owned()));
        }
        let (group, kind) = (resource.gvk_ref().group, resource.kind());
        for (_, _, field, end) in MAKERS.iter().filter(|(of, by, ..)| *of == group && *by == kind) {
            let given = resource.node.get_path(field).filter(|_| !field.is_empty());
            let name = match given.and_then(Node::text) {
                Some(given) => given.to_owned(),
                None => format!("{}{end}", resource.name()),
            };
            there.insert((namespace, name));
        }
    }
    there
}

/// Remarks on a SealedSecret that was sealed for another name or namespace.
fn sealed(lint: &Lint, resource: &Resource) {
    let is_wide = |path: &[&str]| {
        let annotations = resource.node.get_path(path);
        annotations.is_some_and(|all| {
            WIDE.iter().any(|key| all.get(key).and_then(Node::text) == Some("true"))
        })
    };
    if is_wide(&["metadata", "annotations"])
        || is_wide(&["spec", "template", "metadata", "annotations"])
        || resource
            .node
            .get_path(&["spec", "encryptedData"])
            .and_then(Node::as_map)
            .is_none_or(Mapping::is_empty)
    {
        return;
    }
    let Some(first) = resource.history.previous.first() else { return };
    let is_moved = !matches!(first.namespace.as_str(), "default" | "")
        && first.namespace != effective(resource.namespace());
    let template = resource.node.get_path(&["spec", "template", "metadata", "name"]);
    let is_renamed = first.name != resource.name() && template.is_none_or(Node::is_null);
    let what = match (is_renamed, is_moved) {
        (true, _) => format!("for the name `{}`", first.name),
        (_, true) => format!("for the namespace `{}`", first.namespace),
        _ => return,
    };
    let text = format!(
        "SealedSecret {}: it was sealed {what}, and the build has changed that: it does not open under another one",
        resource.name()
    );
    lint.add(Warning::new(WarningKind::DanglingReference, text, resource.node.pos()).hint(
        "seal it for the name and namespace that it has in the output, list it in the overlay without prefix and suffix, or seal \
         it with `--scope cluster-wide`",
    ));
}
