//! Changes that the server refuses, or that it makes in another way than is meant.

use indexmap::IndexMap;
use serde_json::Value;

use super::{Add, is_builtin, plain};
use crate::diff::immutable;
use crate::diff::live::quantity;
use crate::diff::model::{FieldChange, ObjectId, ResourceDiff};

/// Reports the fields of an object that the server does not change, each once however much of it differs, and those
/// in which little is a lot.
pub(super) fn changed(resource: &ResourceDiff, id: &ObjectId, add: Add<'_>) {
    resource.own_fields().for_each(|field| field_changed(field, id, add));
    let is_sealed = immutable::is_sealed(resource);
    let mut fixed: IndexMap<String, (String, usize)> = IndexMap::new();
    // To the server, a field that follows a new name is as new as any other; of two overlays the objects are two.
    let is_one = |name: fn(&ObjectId) -> &String| {
        resource.before.as_ref().map(name) == resource.after.as_ref().map(name)
    };
    let is_one = is_one(|id| &id.name) && is_one(|id| &id.namespace);
    for field in resource.fields.iter().filter(|field| is_one || !field.follows) {
        let plain = plain(&field.path);
        let may_be_fixed = is_builtin(id) && !means_the_same(field, &id.kind, &plain);
        let was_there = field.before.as_ref().is_some_and(|value| value != "");
        let becomes = field.after.as_ref();
        if may_be_fixed && let Some(part) = immutable::fixed(&id.kind, &plain, was_there, becomes) {
            let (_, count) =
                fixed.entry(part.to_owned()).or_insert_with(|| (field.path.to_string(), 0));
            *count += 1;
        }
    }
    if !is_sealed && fixed.is_empty() {
        return;
    }
    let object = resource.whole.value();
    if is_recreated(&object) {
        return;
    }
    if is_sealed {
        let what = "its data cannot be changed as long as it has `immutable: true`";
        add("immutable", format!("{what}: the server refuses it, or the object is made anew"));
    }
    if id.kind == "Service" && !stays_load_balancer(resource, &object) {
        // A Service of another type may lose its class, and one that becomes a load balancer may be given one.
        fixed.shift_remove("spec.loadBalancerClass");
    }
    if id.kind == "Job" && object.pointer("/spec/completionMode") == Some(&"Indexed".into()) {
        // Such a Job may grow and shrink.
        fixed.shift_remove("spec.completions");
    }
    for (part, (path, count)) in fixed {
        let what = if count == 1 { path } else { format!("{part} ({count} fields)") };
        add("immutable", format!("{what} {}", immutable::WHY));
    }
}

/// Returns `true` for a Service of type LoadBalancer before and after; `object` is the Service after it.
fn stays_load_balancer(resource: &ResourceDiff, object: &Value) -> bool {
    let type_changes = resource.fields.iter().any(|field| plain(&field.path) == "spec.type");
    !type_changes && object.pointer("/spec/type").and_then(Value::as_str) == Some("LoadBalancer")
}

/// Returns `true` for an object that Argo CD deletes and creates again rather than changes: a hook, and what says
/// `Replace=true,Force=true`.
fn is_recreated(object: &Value) -> bool {
    let annotation = |name: &str| object.get("metadata")?.get("annotations")?.get(name)?.as_str();
    let options = || annotation("argocd.argoproj.io/sync-options").unwrap_or_default().split(',');
    let has = |wanted: &str| options().any(|option| option.trim() == wanted);
    ["argocd.argoproj.io/hook", "helm.sh/hook"].into_iter().any(|hook| annotation(hook).is_some())
        || has("Replace=true") && has("Force=true")
}

fn field_changed(field: &FieldChange, id: &ObjectId, add: Add<'_>) {
    let path = field.path.to_string();
    let plain = plain(&field.path);
    let (before, after) = (field.before.as_ref(), field.after.as_ref());
    if id.kind == "Service"
        && plain == "spec.type"
        && is_builtin(id)
        && !means_the_same(field, &id.kind, &plain)
    {
        let [old, new] = [before, after]
            .map(|value| value.and_then(Value::as_str).unwrap_or("ClusterIP").to_owned());
        add("service-type", format!("{path}: {old} → {new} gives the Service other addresses"));
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
            Some(Value::Number(value)) => Some(value.to_string()),
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

fn number(value: Option<&Value>) -> Option<i64> {
    value.and_then(Value::as_i64)
}

fn size(value: &Value) -> Option<i128> {
    match value {
        Value::String(text) => quantity(text),
        Value::Number(number) => quantity(&number.to_string()),
        _ => None,
    }
}
