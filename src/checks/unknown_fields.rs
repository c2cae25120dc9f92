//! Fields that their type does not have, and where they belong.

use super::kubernetes::is_newer;
use super::path::Path;
use super::values::place_of;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::schema::{Schema, TypeRef};
use crate::yaml::{Entry, ScalarType, nearest, scalar_type};

/// Fields that have what a kind is about.
const PLACES: &[(&str, &[&str])] = &[
    ("spec", &["spec"]),
    ("spec.template.spec", &["spec", "template", "spec"]),
    ("spec.jobTemplate.spec.template.spec", &["spec", "jobTemplate", "spec", "template", "spec"]),
    ("metadata", &["metadata"]),
];

/// Versions that the schema is too old to know, and one with the same fields that it knows.
const SAME_FIELDS: &[(&str, &str)] = &[("autoscaling/v2", "autoscaling/v2beta2")];

/// Returns what is known of the fields of a kind.
pub(super) fn type_of<'s>(
    schema: &'s Schema,
    api_version: &str,
    kind: &str,
) -> Option<TypeRef<'s>> {
    let other = || SAME_FIELDS.iter().find(|(new, _)| *new == api_version);
    schema
        .resource(api_version, kind)
        .or_else(|| other().and_then(|(_, old)| schema.resource(old, kind)))
}

/// Remarks on a field at a path that the type `of` does not have, if it is nearly one or belongs elsewhere.
pub(super) fn remark<'s>(
    lint: &Lint,
    resource: &Resource,
    of: Option<TypeRef<'_>>,
    top: impl Fn() -> Option<TypeRef<'s>>,
    entry: &Entry,
    path: &Path<'_>,
) {
    let (Some(of), Some(key)) = (of, entry.key.text()) else { return };
    let Some(hint) = hint(of, top, entry, key, &path.keys()) else { return };
    let place = match path.steps() {
        [] => "at the top".to_owned(),
        _ => format!("in `{}`", path.shown()),
    };
    let kind = resource.kind();
    let text = format!(
        "{kind} {} has the field `{key}` {place}, which {kind} does not know",
        resource.name()
    );
    lint.add(Warning::new(WarningKind::UnknownField, text, place_of(entry)).hint(hint));
}

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

/// Returns what to do about a field that the type `of` does not have; nothing if it may be a newer one.
///
/// `top` is the type of the object, and `way` leads from there to the mapping, with nothing for an element of
/// a list.
fn hint<'s>(
    of: TypeRef<'_>,
    top: impl Fn() -> Option<TypeRef<'s>>,
    entry: &Entry,
    key: &str,
    way: &[Option<&str>],
) -> Option<String> {
    // What SOPS has encrypted is decrypted before the API server sees it.
    if key.starts_with('$') || is_newer(key) || way.is_empty() && key == "sops" {
        return None;
    }
    if let Some(near) = nearest(of.field_names(), key) {
        return Some(format!("did you mean `{near}`?"));
    }
    renamed(of, entry, key)
        .or_else(|| amount(of, entry, key))
        .or_else(|| belongs(top()?, of, key, way))
        // The schema is that of an older Kubernetes: further in, a field may be a new one.
        .or_else(|| way.is_empty().then(|| "check the indentation".to_owned()))
}

/// Returns where a field belongs that stands in a mapping of the type `of`, in an object of the type `top`;
/// `way` leads from the object to the mapping, with nothing for an element of a list.
fn belongs(top: TypeRef<'_>, of: TypeRef<'_>, key: &str, way: &[Option<&str>]) -> Option<String> {
    let near_top = way.len() < 2;
    let at = |path: &[&str]| path.iter().try_fold(top, |of, step| of.field(step));
    let has = |of: TypeRef<'_>| of.has_fields() && of.field(key).is_some();
    let inner = PLACES.iter().find(|(_, path)| near_top && at(path).is_some_and(has));
    if let Some((place, _)) = inner {
        return Some(format!("it belongs to `{place}`: indent it"));
    }
    let container = of.field("containers").and_then(TypeRef::element);
    if container.is_some_and(has) {
        return Some(
            "it belongs to a container: put it into its element of `containers`".to_owned(),
        );
    }
    let is_container = of.field("imagePullPolicy").is_some();
    let pods = PLACES.iter().filter_map(|(_, path)| at(path));
    let pod = pods.filter(|of| of.field("containers").is_some()).find(|of| has(*of));
    if is_container && pod.is_some() {
        return Some("it belongs to the pod: put it beside `containers`".to_owned());
    }
    // A mapping around this one, or one right in it, may have such a field.
    let mut around = vec![top];
    for step in way {
        let inner = match step {
            Some(key) => around.last()?.field(key)?,
            None => around.last()?.element()?,
        };
        around.push(inner);
    }
    let outer = (0..way.len()).rev().find(|i| around.get(*i).is_some_and(|of| has(*of)));
    if let Some(i) = outer {
        let name = way.get(..i).unwrap_or_default().iter().rev().find_map(|step| *step);
        return Some(match name {
            Some(name) => format!("it belongs to `{name}`, further out: indent it less"),
            None => "it belongs to the top of the object: indent it less".to_owned(),
        });
    }
    let mut inner: Vec<&str> =
        of.field_names().filter(|name| of.field(name).is_some_and(has)).collect();
    inner.sort_unstable();
    match inner[..] {
        [name] => return Some(format!("it belongs to `{name}`: put it there")),
        [one, other] => {
            return Some(format!("it belongs to `{one}` or `{other}`: put it under one of them"));
        }
        _ => {}
    }
    let mut deeper = of.field_names().flat_map(|name| {
        let of = of.field(name);
        let names = of.into_iter().flat_map(TypeRef::field_names);
        names.filter_map(move |inner| Some((name, inner, of?.field(inner)?)))
    });
    let mut deeper = deeper.by_ref().filter(|(_, _, of)| has(*of));
    if let (Some((name, inner, _)), None) = (deeper.next(), deeper.next()) {
        return Some(format!("it belongs to `{name}.{inner}`: put it there"));
    }
    None
}
