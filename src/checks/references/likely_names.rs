//! Texts that are most likely names of objects, though their fields do not say so for sure.

use std::borrow::Cow;

use crate::checks::objects::{effective, is_custom};
use crate::checks::path::{Path, Step};
use crate::checks::references::renamed::Names;
use crate::resource::Resource;
use crate::yaml::{Mapping, Node};

/// What a text most likely names.
pub(in crate::checks) struct Guess<'a> {
    pub(in crate::checks) kind: &'a str,
    pub(in crate::checks) name: &'a str,
    pub(in crate::checks) namespace: Option<&'a str>,
    pub(in crate::checks) is_annotation: bool,
}

/// Looks at the text at a path of an object.
pub(in crate::checks) fn of<'a>(
    path: &Path<'a>,
    names: &Names<'a>,
    by: &Resource,
    value: &'a Node,
) -> Option<Guess<'a>> {
    let (text, steps) = (value.text()?, path.steps());
    let [.., Step::Key(key)] = steps else { return None };
    let is_label =
        matches!(steps, [.., Step::Key("labels" | "matchLabels" | "selector" | "data"), _]);
    if *key == "name" || is_label || (*key == "namespace" && !path.is_own("namespace")) {
        return None;
    }
    if !matches!(steps, [Step::Key("metadata"), Step::Key("annotations"), _]) {
        let kind = kind_meant(names, key, text)?;
        return Some(Guess { kind, name: text, namespace: None, is_annotation: false });
    }
    // Such as `cert-manager.io/inject-ca-from: NAMESPACE/NAME`.
    let (group, key) = key.rsplit_once('/')?;
    if group == "traefik.ingress.kubernetes.io" {
        return of_traefik(names, by, text);
    }
    let (namespace, name) = match text.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, text),
    };
    let key = if key == "inject-ca-from" { "certificate" } else { key };
    let kind = kind_meant(names, key.trim_end_matches("-from"), name)?;
    Some(Guess { kind, name, namespace, is_annotation: true })
}

/// Looks at an annotation such as `traefik.ingress.kubernetes.io/router.middlewares:
/// NAMESPACE-NAME@kubernetescrd`. The namespace ends at any of the dashes.
fn of_traefik<'a>(names: &Names<'a>, by: &Resource, text: &'a str) -> Option<Guess<'a>> {
    let parts = text.split(',').filter_map(|part| part.trim().strip_suffix("@kubernetescrd"));
    let mut ends =
        parts.flat_map(|part| part.match_indices('-').map(move |(i, _)| part.split_at(i)));
    ends.find_map(|(namespace, name)| {
        let name = name.trim_start_matches('-');
        let is_meant = |object: &&&Resource| {
            let previous = object.history.previous.iter();
            let mut namespaces = previous.map(|former| effective(&former.namespace));
            is_of_traefik(object)
                && object.name() != name
                && (namespaces.any(|former| former == namespace)
                    || effective(object.namespace()) == namespace
                    || namespace == effective(by.namespace()))
        };
        let kind = names.formerly(name).iter().find(is_meant)?.kind();
        Some(Guess { kind, name, namespace: Some(namespace), is_annotation: true })
    })
}

fn is_of_traefik(object: &Resource) -> bool {
    object.gvk_ref().group.starts_with("traefik.")
}

/// Returns the kind of an object that had this name and that a field called `field` is about, such as `policyName`
/// about a ValidatingAdmissionPolicy.
fn kind_meant<'a>(names: &Names<'a>, field: &str, name: &str) -> Option<&'a str> {
    let former = Some(names.formerly(name)).filter(|former| !former.is_empty())?;
    let ends = ["Refs", "Ref", "Reference", "Name"];
    let base = ends.iter().find_map(|end| field.strip_suffix(end)).unwrap_or(field);
    let base = Cow::from(base);
    let base = if base.contains('-') { base.replace('-', "").into() } else { base };
    let is_about = |kind: &str| {
        (kind.len() > 3 && ends_with(&base, kind)) || (base.len() > 4 && ends_with(kind, &base))
    };
    former.iter().map(|resource| resource.kind()).find(|kind| is_about(kind))
}

/// Returns the kind of the object that a mapping under `field` has the `name` of, if an object had the name of which the field or
/// what stands beside the name is.
pub(in crate::checks) fn of_mapping<'a>(
    names: &Names<'a>,
    by: &Resource,
    field: &str,
    name: &Node,
    map: &Mapping,
) -> Option<&'a str> {
    let name = name.text()?;
    let former = Some(names.formerly(name)).filter(|former| !former.is_empty())?;
    let of_field = kind_meant(names, field, name);
    if of_field.is_some() || !is_custom(by) {
        return of_field;
    }
    let is_beside = |object: &&&Resource| {
        let namespace = match map.get("namespace").and_then(Node::text) {
            Some(namespace) => effective(namespace),
            None => effective(by.namespace()),
        };
        let previous = object.history.previous.iter();
        let mut all = previous.map(|former| effective(&former.namespace));
        effective(object.namespace()) == namespace
            || all.any(|former| former == namespace)
            || by.kind().starts_with("Cluster")
    };
    let beside = former.iter().filter(|object| object.name() != name && is_beside(object));
    let kinds: Vec<&str> = beside.map(|object| object.kind()).collect();
    let find = |wanted: &dyn Fn(&str) -> bool| kinds.iter().copied().find(|kind| wanted(kind));
    find(&|kind| is_list_of(field, kind))
        .or_else(|| find(&|kind| has_data(kind) && is_inside(field, kind)))
        .or_else(|| {
            // Such as `{name: credentials, key: password}`.
            let has_key = map.contains("key");
            find(&|kind| has_key && kind == "Secret")
                .or_else(|| find(&|kind| has_key && kind == "ConfigMap"))
        })
        .or_else(|| {
            // Such as `{namespace: monitoring, name: alertmanager, port: web}`.
            let has_port = map.contains("port") && map.contains("namespace");
            find(&|kind| has_port && kind == "Service")
        })
}

fn has_data(kind: &str) -> bool {
    matches!(kind, "ConfigMap" | "Secret")
}

/// Returns `true` if a field is called as several of a kind are, as `middlewares` is.
fn is_list_of(field: &str, kind: &str) -> bool {
    let stem = field.strip_suffix("es").filter(|stem| stem.eq_ignore_ascii_case(kind));
    let stem = stem.or_else(|| field.strip_suffix('s'));
    let is_many = stem.is_some_and(|stem| stem.eq_ignore_ascii_case(kind));
    let is_policies = kind.strip_suffix('y').zip(field.strip_suffix("ies"));
    is_many
        || is_policies.is_some_and(|(kind, stem)| stem.eq_ignore_ascii_case(kind))
        // Those of Traefik for TLS.
        || (field, kind) == ("options", "TLSOption")
}

/// Returns `true` if a field refers to a kind that it has among its words, as `secretTargetRef` does.
fn is_inside(field: &str, kind: &str) -> bool {
    let (first, rest) = kind.split_at(1);
    let small = format!("{}{rest}", first.to_ascii_lowercase());
    let refers = ["Ref", "Refs", "Reference", "Selector"].iter().any(|end| field.ends_with(end));
    refers && (field.starts_with(&small) || field.contains(kind))
}

/// Returns `true` if a text ends with another, but for capitals.
fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.is_some_and(|start| text.as_bytes()[start..].eq_ignore_ascii_case(end.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_about_kinds() {
        assert!(is_list_of("middlewares", "Middleware"));
        assert!(is_list_of("services", "Service"));
        assert!(is_list_of("policies", "Policy"));
        assert!(!is_list_of("volumes", "PersistentVolume"));
        assert!(is_inside("secretTargetRef", "Secret"));
        assert!(is_inside("writeConnectionSecretToRef", "Secret"));
        assert!(!is_inside("secretName", "Secret"));
    }
}
