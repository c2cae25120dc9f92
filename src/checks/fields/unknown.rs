//! Fields that their type does not have, and where they belong.

use std::cell::OnceCell;

use crate::checks::fields::field_places::Stray;
use crate::checks::fields::newer::{LATEST, is_newer, newer};
use crate::checks::kubernetes::is_filled_in;
use crate::checks::path::{Path, Step};
use crate::checks::positions::place_of_entry;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::schema::{Schema, TypeRef};
use crate::yaml::{Entry, ScalarType, nearest, scalar_type};

/// Versions that the schema is too old to know, and one with the same fields that it knows.
const SAME_FIELDS: &[(&str, &str)] = &[("autoscaling/v2", "autoscaling/v2beta2")];

/// Returns what is known of the fields of a kind.
pub(in crate::checks) fn type_of<'s>(
    schema: &'s Schema,
    api_version: &str,
    kind: &str,
) -> Option<TypeRef<'s>> {
    let other = || SAME_FIELDS.iter().find(|(new, _)| *new == api_version);
    schema
        .resource(api_version, kind)
        .or_else(|| other().and_then(|(_, old)| schema.resource(old, kind)))
}

/// Warns about a field at a path that the type `of` does not have; returns `true` if it has.
pub(in crate::checks) fn remark(
    lint: &Lint,
    resource: &Resource,
    of: Option<TypeRef<'_>>,
    top: Option<TypeRef<'_>>,
    entry: &Entry,
    path: &Path<'_>,
) -> bool {
    let (Some(of), Some(top), Some(key)) = (of, top, entry.key.text()) else { return false };
    let is_top = path.steps().is_empty();
    // What SOPS has encrypted is decrypted before the API server sees it, and what a status is only it says.
    let is_of_others = is_top && key == "sops" || matches!(path.steps(), [Step::Key("status"), ..]);
    // Bundles of operators say there which port of the Deployment is meant.
    let steps = path.steps();
    let is_for_bundles = key == "containerPort"
        && matches!(
            steps,
            [Step::Key("webhooks"), _, Step::Key("clientConfig"), Step::Key("service")]
        );
    if is_of_others
        || is_for_bundles
        || key.starts_with('$')
        || is_filled_in(key)
        || is_newer(of, key)
    {
        return false;
    }
    let place = if is_top { "at the top".to_owned() } else { format!("in `{}`", path.shown()) };
    let kind = resource.kind();
    let text = format!(
        "{kind} {} has the field `{key}` {place}, which {kind} does not know",
        resource.name()
    );
    let holders = OnceCell::new();
    let hint = hint(&Stray { resource, top, of, key, path, holders }, entry);
    // Several fields that slipped into one mapping are one mistake, and so is one field in several elements.
    let shown = path.shown();
    let way = shown.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest));
    let gist = format!("{kind} {} {hint}", way.collect::<String>());
    let warning = Warning::new(WarningKind::UnknownField, text, place_of_entry(entry));
    lint.add(warning.hint(hint).alike(gist));
    true
}

/// What people write for a field of a type, and what to do.
const MEANT: &[(&str, &str, &str)] = &[
    ("CronJobSpec", "template", "it belongs to `jobTemplate.spec`: put it there"),
    ("Container", "volume", "a container has `volumeMounts`, and its Pod the `volumes`"),
    ("EnvFromSource", "configMap", "did you mean `configMapRef`?"),
    (
        "EnvFromSource",
        "configMapKeyRef",
        "for a whole ConfigMap write `configMapRef`; one key stands under `env`, in `valueFrom`",
    ),
    ("EnvFromSource", "name", "put it under `configMapRef` or `secretRef`"),
    ("EnvFromSource", "secret", "did you mean `secretRef`?"),
    (
        "EnvFromSource",
        "secretKeyRef",
        "for a whole Secret write `secretRef`; one key stands under `env`, in `valueFrom`",
    ),
    ("EnvVar", "key", "did you mean `name`?"),
    ("HTTPGetAction", "url", "write the `path` and the `port` of the URL"),
    ("LocalObjectReference", "secretName", "did you mean `name`?"),
    ("ConfigMapKeySelector", "configMapName", "did you mean `name`?"),
    ("ConfigMapVolumeSource", "configMapName", "did you mean `name`?"),
    ("ConfigMapEnvSource", "configMapName", "did you mean `name`?"),
    ("SecretKeySelector", "secretName", "did you mean `name`?"),
    ("SecretEnvSource", "secretName", "did you mean `name`?"),
    ("RoleRef", "apiVersion", "write the group alone: `apiGroup: rbac.authorization.k8s.io`"),
    (
        "RoleRef",
        "namespace",
        "remove it: a binding refers to a Role of its own namespace, or to a ClusterRole",
    ),
    ("ServicePort", "containerPort", "did you mean `targetPort`?"),
    ("StorageClass", "fsType", "put it under `parameters`"),
    (
        "Subject",
        "apiVersion",
        "write the group alone: `apiGroup: rbac.authorization.k8s.io`, or none for a ServiceAccount",
    ),
];

/// Returns what to do about an unknown field.
fn hint(stray: &Stray<'_, '_>, entry: &Entry) -> String {
    let (of, key) = (stray.of, stray.key);
    let name = of.name().unwrap_or_default();
    let meant = MEANT.iter().find(|(definition, field, _)| *definition == name && *field == key);
    meant
        .map(|(_, _, hint)| (*hint).to_owned())
        .or_else(|| Some(format!("did you mean `{}`?", nearest(fields(of), key)?)))
        .or_else(|| renamed(of, entry, key))
        .or_else(|| amount(of, entry, key))
        .or_else(|| own_key(name, entry, key))
        .or_else(|| longer(of, key))
        .or_else(|| stray.belongs())
        .or_else(|| shorter(of, key))
        .unwrap_or_else(|| known(of, key))
}

/// Returns all fields of a type, those of newer versions as well.
fn fields(of: TypeRef<'_>) -> impl Iterator<Item = &'static str> {
    of.field_names().chain(newer(of).iter().copied())
}

/// Returns what to do about a label or the like that stands beside `labels`, or where `matchLabels` do.
fn own_key(name: &str, entry: &Entry, key: &str) -> Option<String> {
    let value = entry.value.text()?;
    match name {
        "LabelSelector" => {
            Some(format!("labels stand under it: `matchLabels: {{{key}: {value}}}`"))
        }
        "ObjectMeta" => Some(format!(
            "put it under `labels` or `annotations`, as in `labels: {{{key}: {value}}}`"
        )),
        _ => None,
    }
}

/// Returns the one or two fields whose names end in this one, such as `claimName` in `name`.
fn longer(of: TypeRef<'_>, key: &str) -> Option<String> {
    let is_longer = |field: &&str| {
        let rest = field.len().checked_sub(key.len()).filter(|rest| *rest > 0);
        let end = rest.and_then(|rest| field.get(rest..));
        end.is_some_and(|end| {
            end.starts_with(|c: char| c.is_ascii_uppercase()) && end.eq_ignore_ascii_case(key)
        })
    };
    let longer: Vec<&str> = fields(of).filter(is_longer).collect();
    match longer[..] {
        [field] => Some(format!("did you mean `{field}`?")),
        [one, other] => Some(format!("did you mean `{one}` or `{other}`?")),
        _ => None,
    }
}

/// Returns the one field that ends the name of this one, such as `port` of `containerPort`.
fn shorter(of: TypeRef<'_>, key: &str) -> Option<String> {
    let ends_it = |field: &&str| {
        let start = key.len().checked_sub(field.len()).and_then(|start| key.get(start..));
        start.is_some_and(|end| {
            end.starts_with(|c: char| c.is_ascii_uppercase()) && end.eq_ignore_ascii_case(field)
        })
    };
    Some(format!("did you mean `{}`?", fields(of).find(ends_it)?))
}

/// Returns what is left to say: what there is instead, if that is little.
fn known(of: TypeRef<'_>, key: &str) -> String {
    let mut names: Vec<&str> = fields(of).collect();
    names.sort_unstable();
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => format!("remove it; the only field here is {last}"),
        Some((last, rest)) if names.len() <= FEW => {
            format!("remove it; the fields here are {} and {last}", rest.join(", "))
        }
        _ => format!(
            "remove `{key}`, or check its spelling and indentation; Kubernetes {LATEST} has no such field here"
        ),
    }
}

/// How many fields of a mapping are listed.
const FEW: usize = 8;

/// Fields of former versions of an API, a field that stands beside what they have become, and that.
const RENAMED: &[(&str, &str, &str)] = &[
    ("serviceName", "service", "service.name"),
    ("servicePort", "service", "service.port.number"),
    ("targetCPUUtilizationPercentage", "metrics", "metrics"),
];

/// Returns what a field of a former version is called in this one.
fn renamed(of: TypeRef<'_>, entry: &Entry, key: &str) -> Option<String> {
    let is_it = |(old, beside, _): &&(&str, &str, &str)| *old == key && of.field(beside).is_some();
    let (_, _, new) = RENAMED.iter().find(is_it)?;
    // A port has a number or a name.
    let is_name = key == "servicePort" && scalar_type(&entry.value) == Some(ScalarType::Str);
    let new = if is_name { "service.port.name" } else { new };
    Some(format!("in this version of the API it is `{new}`"))
}

/// Returns where an amount belongs that stands beside `requests` and `limits`.
fn amount(of: TypeRef<'_>, entry: &Entry, key: &str) -> Option<String> {
    let is_amount = matches!(key, "cpu" | "memory" | "storage" | "ephemeral-storage");
    let has_both = of.field("requests").is_some() && of.field("limits").is_some();
    let value = entry.value.text().filter(|_| is_amount && has_both)?;
    let or = if key == "storage" { "" } else { ", or under `limits`" };
    Some(format!("put it under `requests`, as in `requests: {{{key}: {value}}}`{or}"))
}
