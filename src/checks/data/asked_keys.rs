//! Keys of ConfigMaps and Secrets that custom resources want, such as the values of a HelmRelease.

use crate::checks::data::data_maps::Maps;
use crate::checks::data::made_keys::{called, keys, shown};
use crate::checks::finished::Finished;
use crate::checks::kubernetes::{has_blank, list, referred_kind};
use crate::checks::objects::effective;
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::work;
use crate::yaml::{Mapping, Node, Pos, nearest};

/// The key of the values of a HelmRelease, if it names none.
const VALUES: &str = "values.yaml";

/// Looks at all custom resources.
pub(in crate::checks) fn check(lint: &Lint, set: &Finished<'_>, maps: &Maps<'_>) {
    for &by in &set.of_groups {
        let group = by.gvk_ref().group;
        if group.ends_with(".k8s.io") && by.kind() != "Gateway" {
            continue;
        }
        if group == "helm.toolkit.fluxcd.io" {
            of_release(lint, by, maps);
        }
        let mut left: Vec<(&str, &Node)> =
            by.node.get("spec").map(|spec| ("spec", spec)).into_iter().collect();
        while let Some((key, node)) = left.pop() {
            work::check();
            match node {
                Node::Scalar { .. } => {}
                Node::Seq { items, .. } => left.extend(items.iter().map(|item| (key, item))),
                Node::Map { map, .. } => {
                    reference(lint, by, key, map, maps);
                    left.extend(
                        map.iter().filter_map(|entry| Some((entry.key.text()?, &entry.value))),
                    );
                }
            }
        }
    }
}

/// Looks at a mapping that may name an object and a key of it.
fn reference(lint: &Lint, by: &Resource, field: &str, map: &Mapping, maps: &Maps<'_>) {
    let (Some(name), Some(key)) = (map.get("name").and_then(Node::text), map.get("key")) else {
        return;
    };
    let kind = match map.get("kind").and_then(Node::text) {
        Some("Secret") => "Secret",
        Some("ConfigMap") => "ConfigMap",
        Some(_) => return,
        None if matches!(field, "secretTargetRef" | "bearerTokenSecret" | "keySecret") => "Secret",
        None => match referred_kind(field) {
            Some("Secret") => "Secret",
            Some("ConfigMap") => "ConfigMap",
            _ => return,
        },
    };
    // Of those for another namespace nothing is known.
    if map.get("optional").and_then(Node::text) == Some("true") || map.get("namespace").is_some() {
        return;
    }
    if let (Some(wanted), Some(there)) =
        (key.text(), maps.get(&(kind, effective(by.namespace()), name)))
    {
        missing(lint, by, there, wanted, key.pos());
    }
}

/// Looks at the values of a HelmRelease.
fn of_release(lint: &Lint, by: &Resource, maps: &Maps<'_>) {
    let Some(spec) = by.node.get("spec") else { return };
    for from in list(spec, "valuesFrom") {
        let text = |field| from.get(field).and_then(Node::text);
        let kind = match text("kind") {
            Some("Secret") => "Secret",
            Some("ConfigMap") => "ConfigMap",
            _ => continue,
        };
        let Some(name) = text("name").filter(|_| text("optional") != Some("true")) else {
            continue;
        };
        let Some(there) = maps.get(&(kind, effective(by.namespace()), name)) else { continue };
        let (wanted, pos) = match from.get("valuesKey") {
            Some(key) => (key.text().unwrap_or(VALUES), key.pos()),
            None => (VALUES, from.pos()),
        };
        missing(lint, by, there, wanted, pos);
    }
}

fn missing(lint: &Lint, by: &Resource, map: &Resource, key: &str, pos: Pos) {
    let there = keys(map);
    if there.is_empty() || key.is_empty() || has_blank(key) || there.contains(&key) {
        return;
    }
    let text = format!(
        "{} {} wants the key `{key}` of the {}, which does not have it",
        by.kind(),
        by.name(),
        called(map)
    );
    let near = nearest(there.iter().copied(), key);
    let hint = match (near, &there[..]) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, [only]) if key == VALUES => format!(
            "it has `{only}` alone: write `valuesKey: {only}`, or call the key `{VALUES}` with `files: [{VALUES}={only}]` in the \
             generator"
        ),
        _ => format!("it has {}", shown(&there)),
    };
    lint.add(
        Warning::new(WarningKind::MissingKey, text, place_or(pos, by))
            .related("the keys are at", map.node.pos())
            .hint(hint),
    );
}
