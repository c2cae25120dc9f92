//! Compares with what a cluster has: what the manifest does not name is no difference.

use serde_json::{Map, Value};

use super::fields::{keyed, text};
use crate::schema::TypeRef;

/// The annotation in which `kubectl apply` keeps what it applied last.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// Fields of the metadata that only the server sets.
const SERVER_SET: [&str; 8] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];
/// Fields below which the server respells quantities, `1000m` as `1`.
const QUANTITIES: [&str; 12] = [
    "averageValue",
    "capacity",
    "default",
    "defaultRequest",
    "divisor",
    "hard",
    "limits",
    "max",
    "min",
    "overhead",
    "requests",
    "sizeLimit",
];

/// Prepares a live object and its manifest for comparison: of the live one remains what the manifest
/// names, and what was applied last and the manifest names no more.
pub(super) fn prepare(live: &mut Value, manifest: &mut Value, of: Option<TypeRef<'_>>) {
    let last = live
        .pointer("/metadata/annotations")
        .and_then(|annotations| annotations.get(LAST_APPLIED)?.as_str())
        .and_then(|text| serde_json::from_str(text).ok());
    let mut last: Option<Value> = last;
    for object in [Some(&mut *live), Some(&mut *manifest), last.as_mut()].into_iter().flatten() {
        normalize(object);
    }
    other_version(live, manifest);
    *live = prune(live, manifest, &Context { last: last.as_ref(), of, quantities: false });
}

/// Makes objects of two versions comparable: by the fields that both versions have, for the server keeps
/// one object under all of them (a HorizontalPodAutoscaler has other fields in v1 than in v2).
fn other_version(live: &mut Value, manifest: &mut Value) {
    if live.get("apiVersion") == manifest.get("apiVersion") {
        return;
    }
    if let (Some(version), Some(live)) = (manifest.get("apiVersion"), live.as_object_mut()) {
        live.insert("apiVersion".to_owned(), version.clone());
    }
    let fields = |object: &Value| -> Vec<String> {
        let spec = object.get("spec").and_then(Value::as_object);
        spec.into_iter().flat_map(|spec| spec.keys().cloned()).collect()
    };
    let (in_live, in_manifest) = (fields(live), fields(manifest));
    for (object, others) in [(live, in_manifest), (manifest, in_live)] {
        if let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) {
            spec.retain(|field, _| others.contains(field));
        }
    }
}

/// Removes what the server sets, and writes the data of a Secret as the server does.
fn normalize(object: &mut Value) {
    let Some(object) = object.as_object_mut() else { return };
    object.remove("status");
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        SERVER_SET.iter().for_each(|field| {
            metadata.remove(*field);
        });
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove(LAST_APPLIED);
            annotations.remove("deployment.kubernetes.io/revision");
        }
    }
    if object.get("kind").and_then(Value::as_str) == Some("Secret")
        && let Some(Value::Object(plain)) = object.remove("stringData")
    {
        use base64::Engine;
        let data = object.entry("data").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(data) = data {
            for (name, value) in plain {
                let value = match &value {
                    Value::String(text) => {
                        base64::engine::general_purpose::STANDARD.encode(text).into()
                    }
                    _ => value,
                };
                data.insert(name, value);
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Context<'c> {
    /// What was applied last.
    last: Option<&'c Value>,
    of: Option<TypeRef<'c>>,
    /// Whether scalars here are quantities.
    quantities: bool,
}

/// Returns what remains of a live value.
fn prune(live: &Value, manifest: &Value, cx: &Context<'_>) -> Value {
    match (live, manifest) {
        (Value::Object(live), Value::Object(manifest)) => {
            Value::Object(prune_map(live, manifest, cx))
        }
        (Value::Array(live), Value::Array(manifest)) => {
            Value::Array(prune_list(live, manifest, cx))
        }
        // The default is wished for.
        (_, Value::Null) => Value::Null,
        _ if cx.quantities && same_quantity(live, manifest) => manifest.clone(),
        _ if same_duration(live, manifest) => manifest.clone(),
        _ => live.clone(),
    }
}

fn prune_map(
    live: &Map<String, Value>,
    manifest: &Map<String, Value>,
    cx: &Context<'_>,
) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, wanted) in manifest {
        let inside = Context {
            last: cx.last.and_then(|last| last.get(name)),
            of: cx.of.and_then(|of| of.field(name)),
            quantities: cx.quantities || QUANTITIES.contains(&name.as_str()),
        };
        match live.get(name) {
            // A controller fills in the certificate that the manifest leaves open.
            Some(_) if name == "caBundle" && is_open(wanted) => {
                kept.insert(name.clone(), wanted.clone());
            }
            Some(value) => drop(kept.insert(name.clone(), prune(value, wanted, &inside))),
            // The server does not store what is empty anyway.
            None if is_zero(wanted) => drop(kept.insert(name.clone(), wanted.clone())),
            None => {}
        }
    }
    for (name, value) in live.iter().filter(|(name, _)| !manifest.contains_key(*name)) {
        if let Some(last) = cx.last.and_then(|last| last.get(name)).filter(|l| !l.is_null()) {
            let inside = Context { last: None, ..*cx };
            let value = prune(value, last, &inside);
            // What `kubectl apply` notes of an empty map is no wish.
            if !is_zero(&value) {
                kept.insert(name.clone(), value);
            }
        }
    }
    kept
}

fn prune_list(live: &[Value], manifest: &[Value], cx: &Context<'_>) -> Vec<Value> {
    let last = cx.last.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let inside = |last| Context { last, of: cx.of.and_then(TypeRef::element), ..*cx };
    if cx.of.and_then(TypeRef::merge_keys).is_some_and(|keys| keys.contains(&"")) {
        let mut kept: Vec<Value> = manifest.iter().filter(|v| live.contains(v)).cloned().collect();
        kept.extend(live.iter().filter(|v| !manifest.contains(v) && last.contains(v)).cloned());
        return kept;
    }
    let Some(keys) = keyed(live, manifest, cx.of) else {
        let pruned = live.iter().enumerate().map(|(i, value)| match manifest.get(i) {
            Some(wanted) => prune(value, wanted, &inside(last.get(i))),
            None => value.clone(),
        });
        return pruned.collect();
    };
    let last_keys = keyed(last, &[], cx.of).map(|keyed| keyed.before).unwrap_or_default();
    let texts = |keys: &[Map<String, Value>]| keys.iter().map(text).collect::<Vec<_>>();
    let (lives, wanted, lasts) = (texts(&keys.before), texts(&keys.after), texts(&last_keys));
    let find = |texts: &[String], key: &String| texts.iter().position(|text| text == key);
    let mut kept = Vec::new();
    for (key, wanted) in wanted.iter().zip(manifest) {
        if let Some(i) = find(&lives, key) {
            let last = find(&lasts, key).and_then(|k| last.get(k));
            kept.push(prune(&live[i], wanted, &inside(last)));
        }
    }
    for (key, value) in lives.iter().zip(live) {
        if let (None, Some(k)) = (find(&wanted, key), find(&lasts, key)) {
            kept.push(prune(value, &last[k], &inside(None)));
        }
    }
    kept
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.values().all(is_zero),
    }
}

/// Returns `true` for a certificate that is left to others: nothing, or a blank in base64.
fn is_open(value: &Value) -> bool {
    matches!(value, Value::Null)
        || value.as_str().is_some_and(|text| matches!(text, "" | "Cg==" | "Cgo=" | "IA=="))
}

/// Returns `true` for two spellings of a duration, such as `1h` and `60m0s`.
fn same_duration(a: &Value, b: &Value) -> bool {
    let parse = |value: &Value| value.as_str().and_then(duration);
    parse(a).is_some_and(|a| parse(b) == Some(a))
}

/// Returns a duration in nanoseconds as Go writes it: numbers, each with a unit.
fn duration(text: &str) -> Option<i128> {
    const UNITS: [(&str, i128); 6] = [
        ("ns", 1),
        ("us", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let mut rest = text;
    let mut sum: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, behind) = rest.split_at(end);
        let end = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let number: i128 = number.parse().ok().filter(|_| number.len() < 16)?;
        sum = sum.checked_add(number.checked_mul(*size)?)?;
        rest = behind;
    }
    (!text.is_empty()).then_some(sum)
}

fn same_quantity(a: &Value, b: &Value) -> bool {
    let parse = |value: &Value| match value {
        Value::String(text) => quantity(text),
        Value::Number(number) => quantity(&number.to_string()),
        _ => None,
    };
    parse(a).is_some_and(|a| parse(b) == Some(a))
}

/// Returns a quantity in billionths, nothing if it is none or too large.
pub(super) fn quantity(text: &str) -> Option<i128> {
    let digits = text.trim_start_matches(['+', '-']);
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let (number, suffix) = digits.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() > 18 || fraction.len() > 9 || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let billionths: i128 = format!("{whole}{fraction:0<9}").parse().ok()?;
    let decimal = |exponent: i32| -> Option<i128> {
        let factor = 10_i128.checked_pow(exponent.unsigned_abs())?;
        if exponent < 0 { Some(billionths / factor) } else { billionths.checked_mul(factor) }
    };
    let binary = |power: u32| billionths.checked_mul(1024_i128.checked_pow(power)?);
    let size = match suffix {
        "" => Some(billionths),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => decimal(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    }?;
    Some(if text.starts_with('-') { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_many_spellings() {
        for (a, b) in [("1000m", "1"), ("0.5", "500m"), ("1Gi", "1024Mi"), ("1e3", "1k")] {
            assert!(quantity(a).is_some() && quantity(a) == quantity(b), "{a} {b}");
        }
        assert_ne!(quantity("1G"), quantity("1Gi"));
        assert_eq!(quantity("5x"), None);
        assert_eq!(duration("1h"), duration("60m0s"));
        assert!(duration("1h").is_some() && duration("5").is_none() && duration("").is_none());
        assert_eq!(quantity(""), None);
    }
}
