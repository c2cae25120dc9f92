//! Compares with what a cluster has: what the manifest does not name is no difference, unless it lies in a list that is
//! replaced as a whole.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::fields::{keyed, text};
use super::replaced::Unnamed;
use super::spellings::Spelling;
pub(super) use super::spellings::quantity;
use super::versions::same_version;
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
    same_version(live, manifest, last.as_mut());
    let spelling = Spelling::of(of);
    let unnamed = Unnamed::Stays;
    let cx = Context { last: last.as_ref(), of, spelling, has_free_keys: false, unnamed };
    *live = prune(live, manifest, &cx);
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
    /// How scalars here may be respelled.
    spelling: Spelling,
    /// Whether the names of fields here are data.
    has_free_keys: bool,
    /// What happens to fields here that the manifest does not name.
    unnamed: Unnamed,
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
        _ if cx.spelling.is_same(live, manifest) => manifest.clone(),
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
            spelling: cx.spelling.below(name),
            has_free_keys: has_free_keys(name, wanted),
            unnamed: cx.unnamed,
        };
        match live.get(name) {
            // A controller fills in the certificate that the manifest leaves open.
            Some(_) if name == "caBundle" && is_open(wanted) => {
                kept.insert(name.clone(), wanted.clone());
            }
            Some(value) => drop(kept.insert(name.clone(), prune(value, wanted, &inside))),
            // The server does not store what is empty anyway.
            None if !cx.has_free_keys && is_nothing(name, wanted) => {
                kept.insert(name.clone(), wanted.clone());
            }
            None => {}
        }
    }
    for (name, value) in live.iter().filter(|(name, _)| !manifest.contains_key(*name)) {
        if let Some(last) = cx.last.and_then(|last| last.get(name)).filter(|l| !l.is_null()) {
            let inside = Context { last: None, ..*cx };
            let value = prune(value, last, &inside);
            // What `kubectl apply` notes of an empty map is no wish.
            if !is_nothing(name, &value) {
                kept.insert(name.clone(), value);
            }
        } else if !is_nothing(name, value) && cx.unnamed.counts(name, value, cx.of) {
            kept.insert(name.clone(), value.clone());
        }
    }
    kept
}

fn prune_list(live: &[Value], manifest: &[Value], cx: &Context<'_>) -> Vec<Value> {
    let last = cx.last.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of = cx.of.and_then(TypeRef::element);
    let keys = keyed(live, manifest, cx.of);
    let unnamed = cx.unnamed.in_list(cx.of, keys.is_some());
    let inside = |last| Context { last, of, has_free_keys: false, unnamed, ..*cx };
    if cx.of.and_then(TypeRef::merge_keys).is_some_and(|keys| keys.contains(&"")) {
        let texts =
            |items: &[Value]| items.iter().map(Value::to_string).collect::<FxHashSet<String>>();
        let (in_live, in_wanted, in_last) = (texts(live), texts(manifest), texts(last));
        let is_there = |value: &&Value| in_live.contains(&value.to_string());
        let mut kept: Vec<Value> = manifest.iter().filter(is_there).cloned().collect();
        let is_removed = |value: &&Value| {
            let text = value.to_string();
            !in_wanted.contains(&text) && in_last.contains(&text)
        };
        kept.extend(live.iter().filter(is_removed).cloned());
        return kept;
    }
    let Some(keys) = keys else {
        let pruned = live.iter().enumerate().map(|(i, value)| match manifest.get(i) {
            Some(wanted) => prune(value, wanted, &inside(last.get(i))),
            None => value.clone(),
        });
        return pruned.collect();
    };
    let last_keys = keyed(last, &[], cx.of).map(|keyed| keyed.before).unwrap_or_default();
    let texts = |keys: &[Map<String, Value>]| keys.iter().map(text).collect::<Vec<_>>();
    let (lives, wanted, lasts) = (texts(&keys.before), texts(&keys.after), texts(&last_keys));
    let places = |texts: &[String]| {
        let places = texts.iter().cloned().enumerate().map(|(i, text)| (text, i));
        places.collect::<FxHashMap<String, usize>>()
    };
    let (in_live, in_wanted, in_last) = (places(&lives), places(&wanted), places(&lasts));
    let find = |places: &FxHashMap<String, usize>, key: &String| places.get(key).copied();
    let mut kept = Vec::new();
    for (key, wanted) in wanted.iter().zip(manifest) {
        if let Some(i) = find(&in_live, key) {
            let last = find(&in_last, key).and_then(|k| last.get(k));
            kept.push(prune(&live[i], wanted, &inside(last)));
        }
    }
    for (key, value) in lives.iter().zip(live) {
        match (find(&in_wanted, key), find(&in_last, key)) {
            (None, Some(k)) => kept.push(prune(value, &last[k], &inside(None))),
            // The list goes with what it lies in.
            (None, None) if unnamed == Unnamed::Goes => kept.push(value.clone()),
            _ => {}
        }
    }
    kept
}

/// Returns `true` for the value of a field that is the same as no field: the server leaves out what is empty. An
/// empty map is one only where it says nothing; as in `emptyDir: {}`, the field alone may be the choice that is made.
fn is_nothing(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) if has_free_keys(name, value) => map.is_empty(),
        Value::Object(map) => {
            SAYS_NOTHING.contains(&name) && map.iter().all(|(name, value)| is_nothing(name, value))
        }
    }
}

/// Maps with fields that say nothing if they are empty.
const SAYS_NOTHING: [&str; 13] = [
    "affinity",
    "dnsConfig",
    "loadBalancer",
    "metadata",
    "podSecurityContext",
    "resources",
    "rollingUpdate",
    "securityContext",
    "selector",
    "spec",
    "status",
    "strategy",
    "updateStrategy",
];

/// Returns `true` for a map in which the names are data: an empty value under a name is no more nothing.
fn has_free_keys(name: &str, value: &Value) -> bool {
    const ALL: [&str; 11] = [
        "annotations",
        "binaryData",
        "data",
        "labels",
        "limits",
        "matchLabels",
        "nodeSelector",
        "parameters",
        "requests",
        "stringData",
        "volumeAttributes",
    ];
    // The selector of a Service is one, that of a Deployment has one.
    let is_flat = || value.as_object().is_some_and(|map| map.values().all(Value::is_string));
    ALL.contains(&name) || name == "selector" && is_flat()
}

/// Returns `true` for a certificate that is left to others: nothing, or a blank in base64.
fn is_open(value: &Value) -> bool {
    matches!(value, Value::Null)
        || value.as_str().is_some_and(|text| matches!(text, "" | "Cg==" | "Cgo=" | "IA=="))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_empty_map_that_is_a_choice_is_no_default() {
        let volume = |volume: Value| json!({"spec": {"volumes": [volume]}});
        let container = |fields: Value| json!({"spec": {"containers": [fields]}});
        let set = json!({"resources": {"limits": {}}, "securityContext": {}});
        for (live, manifest, differs) in [
            (volume(json!({"hostPath": {"path": "/"}})), volume(json!({"emptyDir": {}})), true),
            (volume(json!({"emptyDir": {}})), volume(json!({"emptyDir": {}})), false),
            (container(json!({})), container(set), false),
            (json!({"spec": {}}), json!({"spec": {"nodeSelector": {}, "affinity": {}}}), false),
            (json!({"spec": {}}), json!({"spec": {"nodeSelector": {"gpu": ""}}}), true),
            (json!({"spec": {}}), json!({"spec": {"selector": {"matchLabels": {}}}}), false),
            (json!({"spec": {}}), json!({"spec": {"paused": false, "minReadySeconds": 0}}), false),
            (json!({"spec": {"ca": {}}}), json!({"spec": {"selfSigned": {}}}), true),
            (json!({}), json!({"data": {"a": ""}}), true),
            (json!({"data": {"b": "x"}}), json!({"data": {"a": ""}}), true),
            (json!({"data": {"a": ""}}), json!({"data": {"a": ""}}), false),
            (json!({}), json!({"data": {}, "metadata": {"annotations": {}}}), false),
        ] {
            let (mut pruned, mut wanted) = (live.clone(), manifest.clone());
            prepare(&mut pruned, &mut wanted, None);
            assert_eq!(pruned != wanted, differs, "{live} {manifest}");
        }
    }

    /// Returns `true` if an object with this `spec`, or these fields, differs from a live one.
    fn differs(api_version: &str, kind: &str, live: &Value, manifest: &Value) -> bool {
        let schema = crate::schema::Schema::builtin();
        let (mut pruned, mut wanted) = (live.clone(), manifest.clone());
        prepare(&mut pruned, &mut wanted, schema.resource(api_version, kind));
        pruned != wanted
    }

    #[test]
    fn what_only_the_live_element_of_a_replaced_list_has_is_a_difference() {
        let rbac = "rbac.authorization.k8s.io/v1";
        let net = "networking.k8s.io/v1";
        let istio = "security.istio.io/v1";
        let pod = |fields: Value| json!({"spec": {"template": {"spec": fields}}});
        let rules = |rule: Value| json!({"rules": [rule]});
        let ingress = |rule: Value| json!({"spec": {"ingress": [rule]}});
        for (api_version, kind, live, manifest) in [
            (
                rbac,
                "Role",
                rules(json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"],
                             "resourceNames": ["one"]})),
                rules(json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]})),
            ),
            (
                net,
                "NetworkPolicy",
                ingress(json!({"from": [{"podSelector": {}}]})),
                ingress(json!({})),
            ),
            (
                net,
                "NetworkPolicy",
                ingress(json!({"from": [{"podSelector": {}, "namespaceSelector": {}}]})),
                ingress(json!({"from": [{"podSelector": {}}]})),
            ),
            (
                net,
                "NetworkPolicy",
                ingress(json!({"ports": [{"port": 80, "protocol": "UDP"}]})),
                ingress(json!({"ports": [{"port": 80}]})),
            ),
            (
                "apps/v1",
                "Deployment",
                pod(
                    json!({"tolerations": [{"key": "a", "operator": "Exists", "effect": "NoSchedule"}]}),
                ),
                pod(json!({"tolerations": [{"key": "a", "operator": "Exists"}]})),
            ),
            (
                istio,
                "AuthorizationPolicy",
                json!({"spec": {"rules": [{"to": [{"operation": {}}], "from": [{"source": {"x": ["y"]}}]}]}}),
                json!({"spec": {"rules": [{"to": [{"operation": {}}]}]}}),
            ),
        ] {
            assert!(differs(api_version, kind, &live, &manifest), "{live} {manifest}");
        }
    }

    #[test]
    fn what_the_server_fills_in_within_replaced_lists_is_no_difference() {
        let spec = |spec: Value| json!({ "spec": spec });
        let pod = |fields: Value| json!({"spec": {"template": {"spec": fields}}});
        let projected = |sources: Value| {
            pod(json!({"volumes": [{"name": "v", "projected": {"sources": sources}}]}))
        };
        for (api_version, kind, live, manifest) in [
            (
                "networking.k8s.io/v1",
                "NetworkPolicy",
                spec(json!({"policyTypes": ["Ingress"],
                            "ingress": [{"ports": [{"port": 80, "protocol": "TCP"}]}]})),
                spec(json!({"ingress": [{"ports": [{"port": 80}]}]})),
            ),
            (
                "rbac.authorization.k8s.io/v1",
                "RoleBinding",
                json!({"subjects": [{"kind": "Group", "name": "g", "apiGroup": "rbac.authorization.k8s.io"}]}),
                json!({"subjects": [{"kind": "Group", "name": "g"}]}),
            ),
            (
                "admissionregistration.k8s.io/v1",
                "ValidatingWebhookConfiguration",
                json!({"webhooks": [{"name": "a", "rules": [{"operations": ["*"], "scope": "*"}]}]}),
                json!({"webhooks": [{"name": "a", "rules": [{"operations": ["*"]}]}]}),
            ),
            (
                "apps/v1",
                "Deployment",
                projected(json!([
                    {"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}},
                    {"downwardAPI": {"items": [
                        {"path": "l", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.labels"}},
                        {"path": "c", "resourceFieldRef": {"resource": "limits.cpu", "divisor": "0"}}]}}])),
                projected(json!([
                    {"serviceAccountToken": {"path": "t"}},
                    {"downwardAPI": {"items": [
                        {"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}},
                        {"path": "c", "resourceFieldRef": {"resource": "limits.cpu"}}]}}])),
            ),
            (
                "apps/v1",
                "StatefulSet",
                spec(
                    json!({"volumeClaimTemplates": [{"apiVersion": "v1", "kind": "PersistentVolumeClaim",
                    "metadata": {"name": "d", "creationTimestamp": null},
                    "spec": {"accessModes": ["ReadWriteOnce"], "volumeMode": "Filesystem"},
                    "status": {"phase": "Pending"}}]}),
                ),
                spec(json!({"volumeClaimTemplates": [{"metadata": {"name": "d"},
                    "spec": {"accessModes": ["ReadWriteOnce"]}}]})),
            ),
            (
                "v1",
                "LimitRange",
                spec(
                    json!({"limits": [{"type": "Container", "max": {"cpu": "1"}, "default": {"cpu": "1"},
                                        "defaultRequest": {"cpu": "1"}}]}),
                ),
                spec(json!({"limits": [{"type": "Container", "max": {"cpu": "1"}}]})),
            ),
            (
                "gateway.networking.k8s.io/v1",
                "HTTPRoute",
                spec(json!({
                    "parentRefs": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "g"}],
                    "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                               "backendRefs": [{"name": "a", "port": 80, "weight": 1, "kind": "Service"}]}]})),
                spec(json!({"parentRefs": [{"name": "g"}],
                            "rules": [{"backendRefs": [{"name": "a", "port": 80}]}]})),
            ),
            (
                "external-secrets.io/v1",
                "ExternalSecret",
                spec(json!({"data": [{"secretKey": "k", "remoteRef":
                    {"key": "r", "conversionStrategy": "Default", "decodingStrategy": "None"}}]})),
                spec(json!({"data": [{"secretKey": "k", "remoteRef": {"key": "r"}}]})),
            ),
        ] {
            assert!(!differs(api_version, kind, &live, &manifest), "{live} {manifest}");
        }
    }
}
