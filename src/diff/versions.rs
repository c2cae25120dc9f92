//! Makes a live object comparable with a manifest of another version of its kind.

use serde_json::{Map, Value, json};

/// The field of a HorizontalPodAutoscaler in v1 that v2 has among its metrics.
const TARGET: &str = "targetCPUUtilizationPercentage";

/// Compares by the fields that both versions have, for the server keeps one object under all of them.
pub(super) fn same_version(live: &mut Value, manifest: &mut Value) {
    if live.get("apiVersion") == manifest.get("apiVersion") {
        return;
    }
    if let (Some(version), Some(live)) = (manifest.get("apiVersion"), live.as_object_mut()) {
        live.insert("apiVersion".to_owned(), version.clone());
    }
    let is_autoscaler =
        manifest.get("kind").and_then(Value::as_str) == Some("HorizontalPodAutoscaler");
    let (Some(Value::Object(in_live)), Some(Value::Object(in_manifest))) =
        (live.get_mut("spec"), manifest.get_mut("spec"))
    else {
        return;
    };
    if is_autoscaler {
        same_target(in_live, in_manifest);
    }
    let names = |fields: &Map<String, Value>| fields.keys().cloned().collect::<Vec<_>>();
    let (live_has, manifest_has) = (names(in_live), names(in_manifest));
    in_live.retain(|field, _| manifest_has.contains(field));
    in_manifest.retain(|field, _| live_has.contains(field));
}

/// Writes the target of a live HorizontalPodAutoscaler as the version of the manifest does.
fn same_target(live: &mut Map<String, Value>, manifest: &Map<String, Value>) {
    if manifest.contains_key(TARGET) {
        let metrics = live.get("metrics").and_then(Value::as_array);
        let target = metrics.and_then(|metrics| metrics.iter().find_map(utilization));
        // Without such a metric there is no target.
        live.insert(TARGET.to_owned(), target.cloned().unwrap_or_default());
    } else if let Some(metrics) = manifest.get("metrics").and_then(Value::as_array)
        && let ([metric], Some(target)) = (metrics.as_slice(), live.get(TARGET).cloned())
        && utilization(metric).is_some()
    {
        // What v1 has of other metrics stands in an annotation.
        let target = json!({"type": "Utilization", "averageUtilization": target});
        let metric = json!({"type": "Resource", "resource": {"name": "cpu", "target": target}});
        live.insert("metrics".to_owned(), json!([metric]));
    }
}

/// Returns the utilization that a metric aims at, if it is that of the CPU.
fn utilization(metric: &Value) -> Option<&Value> {
    let resource = metric.get("resource").filter(|resource| {
        metric.get("type").and_then(Value::as_str) == Some("Resource")
            && resource.get("name").and_then(Value::as_str) == Some("cpu")
    })?;
    resource.pointer("/target/averageUtilization")
}
