//! Makes a live object comparable with a manifest of another version of its kind.

use serde_json::{Map, Value, json};

/// The field of a HorizontalPodAutoscaler in v1 that v2 has among its metrics.
const TARGET: &str = "targetCPUUtilizationPercentage";

/// Compares by the fields that both versions have, for the server keeps one object under all of them.
///
/// What was applied `last` is written in one of them too.
pub(super) fn same_version(live: &mut Value, manifest: &mut Value, last: Option<&mut Value>) {
    let kind = manifest.get("kind").and_then(Value::as_str);
    if kind == Some("Ingress") {
        [Some(&mut *live), Some(&mut *manifest), last].into_iter().flatten().for_each(new_backends);
    }
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

/// Writes the backends of an Ingress as v1 does, if it is of v1beta1.
fn new_backends(ingress: &mut Value) {
    let version = ingress.get("apiVersion").and_then(Value::as_str);
    if !version.is_some_and(|version| version.ends_with("/v1beta1")) {
        return;
    }
    let Some(Value::Object(spec)) = ingress.get_mut("spec") else { return };
    if let Some(mut backend) = spec.remove("backend") {
        new_backend(&mut backend);
        spec.insert("defaultBackend".to_owned(), backend);
    }
    let rules = spec.get_mut("rules").and_then(Value::as_array_mut);
    for rule in rules.into_iter().flatten() {
        let paths = rule.pointer_mut("/http/paths").and_then(Value::as_array_mut);
        paths
            .into_iter()
            .flatten()
            .filter_map(|path| path.get_mut("backend"))
            .for_each(new_backend);
    }
}

fn new_backend(backend: &mut Value) {
    let Some(backend) = backend.as_object_mut() else { return };
    let Some(name) = backend.remove("serviceName") else { return };
    let mut service = Map::new();
    service.insert("name".to_owned(), name);
    if let Some(port) = backend.remove("servicePort") {
        let key = if port.is_string() { "name" } else { "number" };
        service.insert("port".to_owned(), json!({ key: port }));
    }
    backend.insert("service".to_owned(), Value::Object(service));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ingress(version: &str, backends: [Value; 2]) -> Value {
        let [default, backend] = backends;
        let field = if version.ends_with("v1") { "defaultBackend" } else { "backend" };
        let paths = json!([{"path": "/", "backend": backend}]);
        json!({
            "apiVersion": version, "kind": "Ingress",
            "spec": {field: default, "rules": [{"host": "a", "http": {"paths": paths}}]},
        })
    }

    #[test]
    fn an_ingress_is_the_same_in_both_versions() {
        let (old, new) = ("networking.k8s.io/v1beta1", "networking.k8s.io/v1");
        let before = |port: Value| json!({"serviceName": "s", "servicePort": port});
        let after = |port: Value| json!({"service": {"name": "s", "port": port}});
        let bucket = json!({"resource": {"kind": "Bucket", "name": "b"}});
        let one = ingress(old, [before(json!(80)), before(json!("http"))]);
        let other = ingress(new, [after(json!({"number": 80})), after(json!({"name": "http"}))]);
        let third = ingress(new, [after(json!({"number": 81})), bucket.clone()]);
        let fourth = ingress("extensions/v1beta1", [before(json!(81)), bucket]);
        for (live, manifest, differs) in [
            (&one, &other, false),
            (&other, &one, false),
            (&third, &fourth, false),
            (&third, &one, true),
            (&one, &fourth, true),
            (&one, &third, true),
        ] {
            let (mut a, mut b) = (live.clone(), manifest.clone());
            same_version(&mut a, &mut b, None);
            assert_eq!(a != b, differs, "{live} {manifest}");
        }
        let mut last = one.clone();
        same_version(&mut other.clone(), &mut one.clone(), Some(&mut last));
        assert_eq!(last["spec"], other["spec"]);
    }
}
