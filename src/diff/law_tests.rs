//! Laws of comparing, for any objects.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::render::{COMMENT_LIMIT, Color, html, markdown, terminal, unified};
use super::*;
use crate::yaml::from_value;

/// Two ends that look like content hashes.
const HASHES: [&str; 3] = ["", "-9m4h7k2tbc", "-6ct58987ht"];

/// The failure of the side after.
fn broken(message: String) -> RootFailure {
    RootFailure::new(None, Some(SideError::new("load", message)))
}

fn set(objects: &[Value]) -> Vec<Resource> {
    objects.iter().map(|object| Resource::new(from_value(object))).collect()
}

fn found(before: &[Value], after: &[Value]) -> Diff {
    compare(&set(before), &set(after), &Options::new()).unwrap()
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

/// Two lists without keys; of the elements of the second one, many are those of the first at another place, and some
/// a little changed.
fn rules() -> impl Strategy<Value = [Value; 2]> {
    let rule = || proptest::collection::vec(0..3, 4);
    let old = proptest::collection::vec(rule(), 0..6);
    let picks = proptest::collection::vec((0..6_usize, rule(), 0..6_usize), 0..6);
    (old, picks).prop_map(|(old, picks)| {
        let new: Vec<Vec<i32>> = picks
            .into_iter()
            .map(|(i, other, field)| {
                let mut rule = old.get(i).unwrap_or(&other).clone();
                if let (Some(value), Some(new)) = (rule.get_mut(field), other.get(field)) {
                    *value = *new;
                }
                rule
            })
            .collect();
        [old, new].map(|list| {
            let rule = |r: Vec<i32>| json!({"a": r[0], "b": r[1], "c": r[2], "d": r[3]});
            let rules: Vec<Value> = list.into_iter().map(rule).collect();
            json!({"apiVersion": "e.com/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": rules})
        })
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
        prop_assert!(compare(&read, &set(&again), &Options::new()).unwrap().is_empty());
    }

    #[test]
    fn what_is_the_same_need_not_be_compared(before in tree(), after in tree(), same in tree()) {
        let object = |own: Value| json!({"kind": "A", "same": same, "own": own, "x": {"y": own}});
        let [one, other] = [before, after].map(|own| from_value(&object(own)));
        let (left, right) = differing(&one, &other).unwrap();
        let budget = Budget::new(&crate::Limits::default());
        let found = |a: &yaml::Node, b: &yaml::Node| {
            fields::compare(&as_json(a).unwrap(), &as_json(b).unwrap(), None, &budget)
        };
        prop_assert_eq!(found(&left, &right), found(&one, &other));
        prop_assert!(left.get("same").is_none());
    }

    #[test]
    fn directions_are_mirrors(a in objects(), b in objects()) {
        prop_assert_eq!(found(&a, &b).mirrored(), found(&b, &a));
    }

    #[test]
    fn the_json_form_applied_to_one_side_gives_the_other(a in objects(), b in objects()) {
        let report = Report::new(vec![RootReport::new("", found(&a, &b))]);
        let again: Report = serde_json::from_str(&json(&report).unwrap()).unwrap();
        prop_assert_eq!(&again, &report);
        let applied = again.roots[0].diff.apply(&set(&a)).unwrap();
        prop_assert_eq!(content(&applied), content(&set(&b)));
    }

    #[test]
    fn elements_of_lists_may_have_other_places([a, b] in rules()) {
        let (a, b) = ([a], [b]);
        prop_assert_eq!(found(&a, &b).mirrored(), found(&b, &a));
        let applied = found(&a, &b).apply(&set(&a)).unwrap();
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
        let options = Options::new().live(live);
        let diff = compare(&set(&a), &set(&b), &options).unwrap();
        let is_secret = |r: &ResourceDiff| r.id().is_some_and(|id| id.kind == "Secret");
        let shows = diff.resources.iter().any(is_secret);
        // What only the cluster has is no difference.
        prop_assert!(old == new || shows || live && old.starts_with(&new));
        let report = Report::new(vec![RootReport::new("", diff)]);
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
            let shown = redact(&message, inputs);
            prop_assert!(!shown.contains("S3CR3T") && !shown.contains("UzNDUjNU"), "{form} {shown}");
        }
    }

    #[test]
    fn comments_are_never_too_long(a in objects(), b in objects(), limit in 2000_usize..4000) {
        let report = Report::new(
            (0..3).map(|i| RootReport {
                root: format!("root{i}"),
                moved_from: (i == 2).then(|| "old".to_owned()),
                note: (i == 1).then(|| "of its own".to_owned()),
                failure: (i == 1).then(|| broken("`x`\n".repeat(500))),
                diff: found(&a, &b),
                removals: Removals::default(),
            }).collect(),
        );
        let text = markdown(&report, limit).unwrap();
        prop_assert!(text.chars().count() <= limit);
        let all = markdown(&report, usize::MAX).unwrap();
        prop_assert!(text.contains("**Cut:") || all.chars().count() <= limit || text == all);
    }

    #[test]
    fn folding_loses_no_change(sets in proptest::collection::vec((objects(), objects()), 1..4)) {
        // Some roots have the same changes, some have some in common, some others.
        let first = sets.first().cloned().unwrap_or_default();
        let roots = sets.iter().chain([&first]).enumerate().map(|(i, (a, b))| {
            RootReport::new(format!("root{i}"), found(a, b))
        });
        let report = Report::new(roots.collect());
        let budget = Budget::new(&crate::Limits::default());
        let sections = render::sections::sections(&report, &budget);
        for root in &report.roots {
            let told: usize = sections
                .iter()
                .filter(|section| section.roots.iter().any(|r| r.root == root.root))
                .map(|section| section.items.len())
                .sum();
            prop_assert_eq!(told, render::sections::items(root, &budget).len(), "{}", root.root);
        }
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
        let options = Options::new().live(true);
        let found = compare(&set(&live), &set(&objects), &options).unwrap();
        prop_assert!(found.is_empty(), "{found:?}");
    }
}

fn outputs(report: &Report) -> Vec<String> {
    vec![
        terminal(report, Color::Never).unwrap(),
        terminal(report, Color::Always).unwrap(),
        unified(report).unwrap(),
        markdown(report, COMMENT_LIMIT).unwrap(),
        json(report).unwrap(),
        html(report).unwrap(),
    ]
}
