//! The laws of the comparison, on random sets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::*;
use crate::yaml::from_value;

/// Two ends that look like content hashes.
const HASHES: [&str; 3] = ["", "-9m4h7k2tbc", "-6ct58987ht"];

fn set(objects: &[Value]) -> Vec<Resource> {
    objects.iter().map(|object| Resource::new(from_value(object))).collect()
}

fn found(before: &[Value], after: &[Value]) -> Diff {
    diff(&set(before), &set(after), &Options::default()).unwrap()
}

/// Returns what must be equal after all: the values, in any order of the objects.
fn content(resources: &[Resource]) -> Vec<String> {
    let mut texts: Vec<String> =
        resources.iter().map(|r| yaml::to_json(&r.node).unwrap()).collect();
    texts.sort();
    texts
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(vec![json!(null), json!(true), json!(1), json!(-2), json!(2.5), json!("")]),
        select(vec![json!("1"), json!("null"), json!("a\nb\n"), json!("a\nc"), json!("x: y")]),
        "[a-c]{1,2}".prop_map(Value::from),
        select(HASHES.to_vec()).prop_map(|hash| Value::from(format!("cfg{hash}"))),
    ]
}

fn tree() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(select(vec!["a", "b", "c.d/e", "name"]), inner, 0..4)
                .prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

/// A list whose elements mostly have names, so that it is compared by key.
fn named(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    proptest::collection::vec((select(vec!["x", "y", "z", "w"]), inner), 0..5).prop_map(|items| {
        let item = |(name, value)| json!({"name": name, "value": value});
        Value::Array(items.into_iter().map(item).collect())
    })
}

fn ports() -> impl Strategy<Value = Value> {
    proptest::collection::vec((80..83, select(vec!["TCP", "UDP", ""]), "[ab]"), 0..4).prop_map(
        |ports| {
            let port = |(number, protocol, name): (i32, &str, String)| {
                let mut port = json!({"containerPort": number, "name": name});
                if !protocol.is_empty() {
                    port["protocol"] = protocol.into();
                }
                port
            };
            Value::Array(ports.into_iter().map(port).collect())
        },
    )
}

fn object() -> impl Strategy<Value = Value> {
    let name = select(vec!["a", "b"]);
    let namespace = select(vec![None, None, Some("default"), Some("other")]);
    let meta = (name, namespace).prop_map(|(name, namespace)| {
        let mut meta = Map::new();
        meta.insert("name".into(), name.into());
        meta.extend(namespace.map(|namespace| ("namespace".into(), namespace.into())));
        Value::Object(meta)
    });
    let config = (select(HASHES.to_vec()), tree()).prop_map(|(hash, data)| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("cfg{hash}")},
               "data": data})
    });
    let deployment = (meta.clone(), named(named(scalar())), ports(), tree()).prop_map(
        |(meta, containers, ports, volumes)| {
            let mut spec = json!({"containers": containers, "volumes": volumes});
            if let Some(first) = spec.pointer_mut("/containers/0") {
                first["ports"] = ports;
            }
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta,
                   "spec": {"template": {"spec": spec}}})
        },
    );
    let versions = select(vec!["e.com/v1", "e.com/v2", "f.com/v1"]);
    let other = (versions, meta, tree(), named(tree())).prop_map(|(api, meta, spec, list)| {
        json!({"apiVersion": api, "kind": "Thing", "metadata": meta, "spec": spec, "list": list})
    });
    prop_oneof![config, deployment, other]
}

/// Objects of which no two have the same id.
fn objects() -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec(object(), 0..7).prop_map(|mut objects| {
        let schema = Schema::builtin();
        let id = |object: &Value| {
            let id = Resource::new(from_value(object)).id(&schema);
            (id.gvk.clone(), id.name.clone(), id.effective_namespace().to_owned())
        };
        objects.sort_by_cached_key(id);
        objects.dedup_by_key(|object| id(object));
        objects
    })
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_set_does_not_differ_from_itself(mut objects in objects()) {
        let again = objects.clone();
        objects.reverse();
        prop_assert!(found(&again, &objects).is_empty());
        let text: String = set(&objects).iter().fold(String::new(), |mut text, resource| {
            text.push_str("---\n");
            yaml::print(&resource.node, &mut text).unwrap();
            text
        });
        let read = read(text.as_bytes()).unwrap();
        prop_assert!(diff(&read, &set(&again), &Options::default()).unwrap().is_empty());
    }

    #[test]
    fn directions_are_mirrors(a in objects(), b in objects()) {
        prop_assert_eq!(found(&a, &b).mirrored(), found(&b, &a));
    }

    #[test]
    fn the_json_form_applied_to_one_side_gives_the_other(a in objects(), b in objects()) {
        let report = Report {
            roots: vec![RootReport { diff: found(&a, &b), ..RootReport::default() }],
        };
        let again: Report = serde_json::from_str(&json(&report)).unwrap();
        prop_assert_eq!(&again, &report);
        let applied = again.roots[0].diff.apply(&set(&a)).unwrap();
        prop_assert_eq!(content(&applied), content(&set(&b)));
    }

    #[test]
    fn no_secret_is_shown(
        a in objects(),
        b in objects(),
        old in proptest::collection::vec("S3CR3T[a-z0-9]{0,12}", 1..4),
        new in proptest::collection::vec("S3CR3T[a-z0-9\n]{0,12}", 1..4),
        live in any::<bool>(),
    ) {
        let (mut a, mut b) = (a, b);
        for (side, values) in [(&mut a, &old), (&mut b, &new)] {
            let encoded: Map<String, Value> = values
                .iter()
                .enumerate()
                .map(|(i, value)| {
                    (format!("k{i}"), STANDARD.encode(value).into())
                })
                .collect();
            let plain: Map<String, Value> =
                values.iter().enumerate().map(|(i, v)| (format!("p{i}"), v.as_str().into())).collect();
            let applied = Value::Object(plain.clone()).to_string();
            side.push(json!({
                "apiVersion": "v1", "kind": "Secret", "data": encoded, "stringData": plain,
                "metadata": {"name": "s", "annotations": {
                    "kubectl.kubernetes.io/last-applied-configuration": applied,
                }},
            }));
            // What replacements, variables and patches carry elsewhere.
            let base64 = |text: &str| STANDARD.encode(text);
            let carried: Vec<String> = values
                .iter()
                .flat_map(|value| [
                    value.clone(),
                    base64(value),
                    format!("pg://{value}@db"),
                    format!("first line\nauth: {}\nlast line\n", base64(value)),
                    json!({"auth": value}).to_string(),
                    // In the middle of a word only what is not too short can be told.
                    if value.trim().len() >= 8 { format!("x{value}y") } else { String::new() },
                ])
                .collect();
            let env: Vec<Value> = carried
                .iter()
                .enumerate()
                .map(|(i, value)| json!({"name": format!("V{i}"), "value": value}))
                .collect();
            let manifest = json!({"kind": "Secret", "data": {"a": carried}}).to_string();
            side.push(json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "carrier"},
                "data": {"list": carried, "manifest": manifest},
                "metadata": {"name": "carrier", "annotations": {"note": carried.first()}},
            }));
            side.push(json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "carrier"},
                "spec": {"containers": [{"name": "c", "env": env, "args": carried}]},
            }));
            // Another one on each side, so that it is shown as a whole.
            side.push(json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("n{}", side.len())},
                "spec": {"containers": [{"name": "c", "env": env}]},
            }));
        }
        let options = Options { live, ..Options::default() };
        let diff = diff(&set(&a), &set(&b), &options).unwrap();
        let is_secret = |r: &ResourceDiff| r.id().is_some_and(|id| id.kind == "Secret");
        let shows = diff.resources.iter().any(is_secret);
        // What only the cluster has is no difference.
        prop_assert!(old == new || shows || live && old.starts_with(&new));
        let report = Report { roots: vec![RootReport { diff, ..RootReport::default() }] };
        for text in outputs(&report) {
            prop_assert!(!text.contains("S3CR3T"), "{text}");
            prop_assert!(!text.contains("UzNDUjNU"), "{text}");
        }
        let debug = format!("{report:?}");
        prop_assert!(!debug.contains("S3CR3T"));
    }

    #[test]
    fn no_message_shows_a_secret(value in "S3CR3T[a-z0-9 ]{0,12}[a-z]", form in 0..6_usize) {
        let encoded = STANDARD.encode(&value);
        let mut files = crate::MemoryFs::new();
        let quoted = json!(value).to_string();
        let generator = |source: &str| format!("secretGenerator:\n- name: s\n  {source}\n");
        let secret = |data: &str| format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n{data}\n");
        let patches = |patch: &str| format!("resources: [s.yaml]\npatches:\n- patch: |-\n    {patch}\n  target: {{kind: Secret}}\n");
        let (kustomization, other) = match form {
            0 => (generator(&format!("literals: [{quoted}]")), String::new()),
            1 => (generator("envs: [s.yaml]"), format!("{value}=1=\n{value}")),
            2 => ("resources: [s.yaml]\n".into(), secret(&format!("stringData: {quoted}"))),
            3 => ("resources: [s.yaml]\n".into(), secret(&format!("data: [{encoded}]\nmetadata: 1"))),
            4 => (
                patches(&format!("[{{\"op\": \"test\", \"path\": \"/data/a\", \"value\": {quoted}}}]")),
                secret(&format!("data: {{a: {encoded}}}")),
            ),
            _ => (
                patches(&format!("{{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"stringData\": {{\"a\": {quoted}}}}}")),
                secret("data: {}").replace("name: s", "name: [t]"),
            ),
        };
        files.insert("/app/kustomization.yaml", kustomization.as_str());
        files.insert("/app/s.yaml", other.as_str());
        let error = crate::Builder::new().file_system(files).build("/app");
        let inputs = [("/app/kustomization.yaml", &kustomization), ("/app/s.yaml", &other)];
        // Whatever a message quotes, and the one that there is.
        let quotes = format!("cannot use '{value}' ({encoded}), not {quoted}");
        let real = error.map(|_| String::new()).unwrap_or_else(|e| e.to_string());
        for message in [real, quotes] {
            let shown = conceal(&message, inputs);
            prop_assert!(!shown.contains("S3CR3T") && !shown.contains("UzNDUjNU"), "{form} {shown}");
        }
    }

    #[test]
    fn comments_are_never_too_long(a in objects(), b in objects(), limit in 2000_usize..4000) {
        let report = Report {
            roots: (0..3).map(|i| RootReport {
                root: format!("root{i}"),
                moved_from: (i == 2).then(|| "old".to_owned()),
                error: (i == 1).then(|| "`x`\n".repeat(500)),
                diff: found(&a, &b),
            }).collect(),
        };
        let text = markdown(&report, limit);
        prop_assert!(text.chars().count() <= limit);
        let all = markdown(&report, usize::MAX);
        prop_assert!(text.contains("**Cut:") || all.chars().count() <= limit || text == all);
    }

    #[test]
    fn a_manifest_does_not_differ_from_its_live_object(objects in objects(), extra in tree()) {
        let mut live = objects.clone();
        for object in &mut live {
            object["status"] = extra.clone();
            object["metadata"]["uid"] = "1".into();
            object["metadata"]["managedFields"] = extra.clone();
            object["defaulted"] = extra.clone();
        }
        live.push(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "unrelated"}}));
        let options = Options { live: true, ..Options::default() };
        let found = diff(&set(&live), &set(&objects), &options).unwrap();
        prop_assert!(found.is_empty(), "{found:?}");
    }
}

fn outputs(report: &Report) -> Vec<String> {
    vec![
        terminal(report, Colour::Never),
        terminal(report, Colour::Always),
        unified(report),
        markdown(report, COMMENT_LIMIT),
        json(report),
    ]
}

fn parse(text: &str) -> Vec<Resource> {
    read(text.as_bytes()).unwrap()
}

/// Lists the changes as `path: before -> after`.
fn list(before: &str, after: &str, options: &Options) -> Vec<String> {
    let show = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
    let found = diff(&parse(before), &parse(after), options).unwrap();
    let fields = found.resources.iter().flat_map(|resource| {
        let whole = resource.object.is_some().then(|| format!("{:?}", resource.change));
        let fields = resource.fields.iter().map(|f| {
            let follows = if f.follows { " (follows)" } else { "" };
            format!("{}: {} -> {}{follows}", f.path, show(&f.before), show(&f.after))
        });
        whole.into_iter().chain(fields)
    });
    fields.collect()
}

const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [";

#[test]
fn lists_with_merge_keys_are_compared_by_key() {
    let before = format!("{POD}{{name: a, image: x:1}}, {{name: b, image: y}}]}}}}");
    let after = format!("{POD}{{name: c}}, {{name: b, image: y}}, {{name: a, image: x:2}}]}}}}");
    assert_eq!(
        list(&before, &after, &Options::default()),
        [
            "spec.containers: [{\"name\":\"a\"},{\"name\":\"b\"}] -> [{\"name\":\"b\"},{\"name\":\"a\"}]",
            "spec.containers[name=a].image: \"x:1\" -> \"x:2\"",
            "spec.containers[name=c]: - -> {\"name\":\"c\"}",
        ]
    );
}

#[test]
fn lists_without_keys_are_aligned() {
    let text = |items: &str| format!("{POD}{{name: a, args: {items}}}]}}}}");
    assert_eq!(
        list(&text("[a, b, c, d]"), &text("[b, x, d, e]"), &Options::default()),
        [
            "spec.containers[name=a].args[0]: \"a\" -> -",
            "spec.containers[name=a].args[1]: \"c\" -> \"x\"",
            "spec.containers[name=a].args[3]: - -> \"e\"",
        ]
    );
}

#[test]
fn references_follow_a_new_hash() {
    let text = |hash: &str, value: &str| {
        format!(
            "{{apiVersion: v1, kind: Secret, metadata: {{name: s-{hash}}}, data: {{k: {value}}}}}\n\
             ---\n{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{imagePullSecrets: \
             [{{name: s-{hash}}}], volumes: [{{name: v, secret: {{secretName: s-{hash}}}}}]}}}}"
        )
    };
    assert_eq!(
        list(&text("9m4h7k2tbc", "YQ=="), &text("6ct58987ht", "Yg=="), &Options::default()),
        [
            "spec.imagePullSecrets[name=s-6ct58987ht]: - -> {\"name\":\"s-6ct58987ht\"} (follows)",
            "spec.imagePullSecrets[name=s-9m4h7k2tbc]: {\"name\":\"s-9m4h7k2tbc\"} -> - (follows)",
            "spec.volumes[name=v].secret.secretName: \"s-9m4h7k2tbc\" -> \"s-6ct58987ht\" (follows)",
            "data.k: \"***\" -> \"***\"",
            "metadata.name: \"s-9m4h7k2tbc\" -> \"s-6ct58987ht\" (follows)",
        ]
    );
}

#[test]
fn ignored_fields_are_no_difference() {
    let text = |n: u8| {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a, labels: {{v: '{n}'}}}}, \
             spec: {{replicas: {n}}}}}"
        )
    };
    let ignoring = |rules: &[&str]| {
        let ignore = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        list(&text(1), &text(2), &Options { ignore, live: false })
    };
    assert_eq!(ignoring(&["spec.replicas"]), ["metadata.labels.v: \"1\" -> \"2\""]);
    assert_eq!(ignoring(&["Job:spec.replicas", "metadata.labels"]), ["spec.replicas: 1 -> 2"]);
    assert!(ignoring(&["Deployment/*"]).is_empty());
    let none = text(1).replace(", labels: {v: '1'}", "");
    let rule = Options { ignore: vec!["**.labels.v".parse().unwrap()], live: false };
    assert!(list(&none, &text(1), &rule).is_empty());
}

#[test]
fn of_a_live_object_only_what_the_manifest_names_counts() {
    let live = r#"
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: a
    namespace: prod
    generation: 3
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"metadata":{"labels":{"gone":"x"}},"spec":{"template":{"spec":{"containers":[{"name":"old"}]}}}}
      other: y
    labels: {gone: x, injected: y}
  spec:
    replicas: 3
    progressDeadlineSeconds: 600
    template:
      spec:
        containers:
        - name: injected
        - name: old
          image: z
        - name: a
          image: x
          terminationMessagePath: /dev/log
          resources: {limits: {cpu: 1, memory: 1Gi}}
          ports: [{containerPort: 80, protocol: TCP}]
  status: {replicas: 3}
"#;
    let manifest = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, creationTimestamp: null}
spec:
  replicas: 2
  paused: false
  template:
    spec:
      containers:
      - name: a
        image: x
        resources: {limits: {cpu: 1000m, memory: 1024Mi}}
        ports: [{containerPort: 80}]
"#;
    assert_eq!(
        list(live, manifest, &Options { live: true, ..Options::default() }),
        [
            "metadata.labels: {\"gone\":\"x\"} -> -",
            "spec.replicas: 3 -> 2",
            "spec.template.spec.containers[name=old]: {\"name\":\"old\"} -> -",
        ]
    );
}

#[test]
fn deep_trees_are_refused() {
    let text = |value: &str| {
        format!(
            "{{apiVersion: v1, kind: A, metadata: {{name: a}}, x: {}{value}{}}}",
            "[".repeat(1000),
            "]".repeat(1000)
        )
    };
    let result = diff(&parse(&text("a")), &parse(&text("b")), &Options::default());
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Limit);
    assert!(
        diff(
            &parse(&text("a")),
            &parse(&text("b")),
            &Options { ignore: vec!["A".parse().unwrap()], live: false }
        )
        .unwrap()
        .is_empty()
    );
}

#[test]
fn lists_of_custom_resources_are_compared_by_the_keys_of_the_openapi_field() {
    let build = |items: &str, openapi: &str| {
        let mut files = crate::MemoryFs::new();
        files.insert("/app/kustomization.yaml", format!("resources: [r.yaml]\n{openapi}"));
        files.insert(
            "/app/r.yaml",
            format!(
                "{{apiVersion: e.com/v1, kind: Fleet, metadata: {{name: f}}, spec: {{ships: {items}}}}}"
            ),
        );
        files.insert(
            "/app/schema.yaml",
            "definitions:\n  fleet:\n    x-kubernetes-group-version-kind:\n    - {group: e.com, version: v1, \
             kind: Fleet}\n    properties:\n      spec:\n        properties:\n          ships:\n            \
             type: array\n            items: {type: object}\n            x-kubernetes-patch-strategy: merge\n            \
             x-kubernetes-patch-merge-key: id\n",
        );
        crate::Builder::new().file_system(files).build("/app").unwrap()
    };
    let paths = |before: &Build, after: &Build| -> Vec<String> {
        let found = diff(before, after, &Options::default()).unwrap();
        assert_eq!(found.mirrored(), diff(after, before, &Options::default()).unwrap());
        let fields = found.resources.iter().flat_map(|r| &r.fields);
        fields.map(|field| field.path.to_string()).collect()
    };
    let (before, after) = ("[{id: a, n: 1}, {id: b, n: 1}]", "[{id: b, n: 2}, {id: a, n: 1}]");
    let openapi = "openapi: {path: schema.yaml}\n";
    let by_key = ["spec.ships", "spec.ships[id=b].n"];
    assert_eq!(paths(&build(before, openapi), &build(after, openapi)), by_key);
    assert_eq!(paths(&build(before, ""), &build(after, openapi)), by_key);
    assert_eq!(paths(&build(before, openapi), &build(after, "")), by_key);
    assert_eq!(paths(&build(before, ""), &build(after, "")), ["spec.ships[0]", "spec.ships[1]"]);
}

#[test]
fn what_took_the_place_of_a_secret_is_hidden_too() {
    let text = |value: &str| {
        format!(
            "{{apiVersion: v1, kind: Secret, metadata: {{name: s}}, stringData: {{a: hunter2-new}}}}\n\
             ---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: m}}, data: {{url: {value}}}}}"
        )
    };
    for (before, after, expected) in [
        ("pg://hunter2-old@db", "pg://hunter2-new@db", "\"***\" -> \"pg://***@db\""),
        ("pg://hunter2-new@db", "pg://hunter2-old@db", "\"pg://***@db\" -> \"***\""),
        ("pg://x@db", "pg://y@db", "\"pg://x@db\" -> \"pg://y@db\""),
    ] {
        let found = list(&text(before), &text(after), &Options::default());
        assert_eq!(found, [format!("data.url: {expected}")]);
    }
}

#[test]
fn a_comment_says_which_errors_were_cut() {
    let root = |i: usize| RootReport {
        root: format!("root{i}"),
        error: Some("x".repeat(900)),
        ..RootReport::default()
    };
    let report = Report { roots: (0..9).map(root).collect() };
    let text = markdown(&report, 4000);
    assert!(text.contains("parts are not shown in full"), "{text}");
    for i in 0..9 {
        let told = text.contains(&format!("**root{i}** could not be rendered"));
        let listed = text.contains(&format!("- root{i}: could not be rendered"));
        assert!(told != listed, "root{i}: {text}");
    }
}
