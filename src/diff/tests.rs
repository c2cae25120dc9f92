//! Comparisons, and what they give.

use serde_json::Value;

use super::render::{self, Color};
use super::*;
use crate::build::Build;

fn terminal(report: &Report, color: Color) -> String {
    render::terminal(report, color).unwrap()
}

fn markdown(report: &Report, limit: usize) -> String {
    render::markdown(report, limit).unwrap()
}

fn unified(report: &Report) -> String {
    render::unified(report).unwrap()
}

fn html(report: &Report) -> String {
    render::html(report).unwrap()
}

fn parse(text: &str) -> Vec<Resource> {
    read(text.as_bytes()).unwrap()
}

/// Lists the changes as `path: before -> after`.
fn list(before: &str, after: &str, options: &Options) -> Vec<String> {
    let show = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
    let found = compare(&parse(before), &parse(after), options).unwrap();
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
        list(&before, &after, &Options::new()),
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
        list(&text("[a, b, c, d]"), &text("[b, x, d, e]"), &Options::new()),
        [
            "spec.containers[name=a].args[0]: \"a\" -> -",
            "spec.containers[name=a].args[2→1]: \"c\" -> \"x\"",
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
        list(&text("9m4h7k2tbc", "YQ=="), &text("6ct58987ht", "Yg=="), &Options::new()),
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
        let ignore = rules.iter().map(|rule| rule.parse::<Ignore>().unwrap());
        list(&text(1), &text(2), &Options::new().ignore(ignore))
    };
    assert_eq!(ignoring(&["spec.replicas"]), ["metadata.labels.v: \"1\" -> \"2\""]);
    assert_eq!(ignoring(&["Job:spec.replicas", "metadata.labels"]), ["spec.replicas: 1 -> 2"]);
    assert!(ignoring(&["Deployment/*"]).is_empty());
    let none = text(1).replace(", labels: {v: '1'}", "");
    let rule = Options::new().ignore(["**.labels.v".parse().unwrap()]);
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
        list(live, manifest, &Options::new().live(true)),
        [
            "metadata.labels: {\"gone\":\"x\"} -> -",
            "spec.replicas: 3 -> 2",
            "spec.template.spec.containers[name=old]: {\"name\":\"old\"} -> -",
        ]
    );
}

#[test]
fn only_what_a_server_respells_is_the_same_live() {
    let object = |kind: &str, rest: &str| {
        format!("{{apiVersion: {kind}, metadata: {{name: a, namespace: b}}, {rest}}}")
    };
    let differs = |kind: &str, live: &str, manifest: &str| {
        let options = Options::new().live(true);
        !list(&object(kind, live), &object(kind, manifest), &options).is_empty()
    };
    let pod = |args: &str| format!("spec: {{containers: [{{name: a, {args}}}]}}");
    for (kind, live, manifest, expected) in [
        ("v1, kind: ConfigMap", "data: {t: 1h}", "data: {t: 60m}", true),
        ("v1, kind: ConfigMap", "data: {t: 1h0m0s}", "data: {t: 60m}", true),
        ("v1, kind: ConfigMap", "data: {max: '1'}", "data: {max: 1000m}", true),
        ("v1, kind: Pod", &pod("args: [1h0m0s]"), &pod("args: [60m]"), true),
        ("v1, kind: Pod", &pod("command: [60s]"), &pod("command: [1m]"), true),
        (
            "v1, kind: Pod",
            &pod("env: [{name: T, value: 1m0s}]"),
            &pod("env: [{name: T, value: 60s}]"),
            true,
        ),
        (
            "v1, kind: Pod",
            &pod("env: [{name: T, valueFrom: {resourceFieldRef: {divisor: '1'}}}]"),
            &pod("env: [{name: T, valueFrom: {resourceFieldRef: {divisor: 1000m}}}]"),
            false,
        ),
        (
            "v1, kind: Pod",
            &pod("resources: {limits: {cpu: 1}}"),
            &pod("resources: {limits: {cpu: 1000m}}"),
            false,
        ),
        ("e.io/v1, kind: Cert", "spec: {duration: 2160h0m0s}", "spec: {duration: 2160h}", false),
        ("e.io/v1, kind: Cert", "spec: {duration: 1h}", "spec: {duration: 60m}", true),
        ("e.io/v1, kind: Cert", "spec: {values: {t: 1h0m0s}}", "spec: {values: {t: 60m}}", true),
        ("e.io/v1, kind: Cert", "spec: {args: [1h0m0s]}", "spec: {args: [60m]}", true),
    ] {
        assert_eq!(differs(kind, live, manifest), expected, "{kind} {live} {manifest}");
    }
}

#[test]
fn the_target_of_an_autoscaler_is_compared_between_versions() {
    let object = |version: &str, spec: &str| {
        format!(
            "{{apiVersion: autoscaling/{version}, kind: HorizontalPodAutoscaler, metadata: {{name: a}}, \
             spec: {{maxReplicas: 3, {spec}}}}}"
        )
    };
    let old = |target: u8| object("v1", &format!("targetCPUUtilizationPercentage: {target}"));
    let new = |target: u8| {
        object(
            "v2",
            &format!(
                "metrics: [{{type: Resource, resource: {{name: cpu, target: {{type: Utilization, \
                 averageUtilization: {target}}}}}}}]"
            ),
        )
    };
    let list = |live: &str, manifest: &str| list(live, manifest, &Options::new().live(true));
    let field = "spec.targetCPUUtilizationPercentage";
    assert_eq!(list(&new(80), &old(50)), [format!("{field}: 80 -> 50")]);
    assert_eq!(list(&new(50), &old(50)), [""; 0]);
    let field = "spec.metrics[0].resource.target.averageUtilization";
    assert_eq!(list(&old(80), &new(50)), [format!("{field}: 80 -> 50")]);
    assert_eq!(list(&old(50), &new(50)), [""; 0]);
    let memory = object("v2", "metrics: [{type: Resource, resource: {name: memory}}]");
    assert_eq!(list(&memory, &old(50)).len(), 1);
}

#[test]
fn booleans_and_dates_are_those_of_yaml_1_1() {
    let read = |rest: &str| {
        let text = format!("apiVersion: v1\nkind: A\nmetadata:\n  name: on\n{rest}");
        read(text.as_bytes()).unwrap()
    };
    let differs = |one: &str, other: &str| {
        !compare(&read(one), &read(other), &Options::new()).unwrap().is_empty()
    };
    assert!(differs("a: yes", "a: 'yes'") && !differs("a: yes", "a: true"));
    assert!(differs("a: [{b: off}]", "a: [{b: 'off'}]"));
    assert!(!differs("a: [{b: off}]", "a: [{b: No}]"));
    assert!(differs("  annotations: {a: on}", "  annotations: {a: 'on'}"));
    assert!(!differs("a: 'yes'", "a: \"yes\"") && differs("a: yess", "a: yes"));
    // Dates are texts.
    assert!(differs("a: 2020-01-01", "a: 2020-01-01T00:00:00Z"));
    assert!(differs("a: {2020-01-01: 1}", "a: {2020-01-01T00:00:00Z: 1}"));
    assert!(!differs("a: 2020-01-01", "a: '2020-01-01'") && !differs("a: 1e2", "a: 100"));
    assert_eq!(
        read("a: 1")[0].node.get("metadata").unwrap().get("name").unwrap().text(),
        Some("on")
    );
}

#[test]
fn deep_trees_are_compared() {
    let text = |value: &str| {
        format!(
            "{{apiVersion: v1, kind: A, metadata: {{name: a}}, x: {}{value}{}}}",
            "[".repeat(1000),
            "]".repeat(1000)
        )
    };
    let found = compare(&parse(&text("a")), &parse(&text("b")), &Options::new()).unwrap();
    let [field] = found.resources[0].fields.as_slice() else { panic!("{found}") };
    let shown = |value: &Option<Value>| value.as_ref().unwrap().to_string().replace(['[', ']'], "");
    assert_eq!((shown(&field.before), shown(&field.after)), ("\"a\"".into(), "\"b\"".into()));
    let same = compare(&parse(&text("a")), &parse(&text("a")), &Options::new()).unwrap();
    assert!(same.is_empty(), "{same}");
    assert!(
        compare(
            &parse(&text("a")),
            &parse(&text("b")),
            &Options::new().ignore(["A".parse().unwrap()])
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
        let found = compare(before, after, &Options::new()).unwrap();
        assert_eq!(found.mirrored(), compare(after, before, &Options::new()).unwrap());
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
        let found = list(&text(before), &text(after), &Options::new());
        assert_eq!(found, [format!("data.url: {expected}")]);
    }
}

#[test]
fn a_comment_says_which_errors_were_cut() {
    let root = |i: usize| RootReport {
        root: format!("root{i}"),
        failure: Some(RootFailure::new(
            None,
            Some(SideError::new("load", format!("{i}{}", "x".repeat(900)))),
        )),
        ..RootReport::default()
    };
    let report = Report::new((0..9).map(root).collect());
    let text = markdown(&report, 4000);
    assert!(text.contains("parts are not shown in full"), "{text}");
    for i in 0..9 {
        let told = text.contains(&format!("**root{i}** could not be rendered"));
        let listed = text.contains(&format!("- root{i}: could not be rendered"));
        assert!(told != listed, "root{i}: {text}");
    }
}

#[test]
fn what_may_differ_is_told_in_every_form_and_no_failure() {
    let trouble = || Some(SideError::new("external", "it is remote"));
    let roots = [
        RootFailure::new(trouble(), trouble()).may_differ(),
        RootFailure::new(trouble(), None).may_differ(),
        RootFailure::new(trouble(), trouble()),
    ];
    let roots = roots.into_iter().zip(["doubt", "before", "known"]);
    let report =
        Report::new(roots.map(|(failure, root)| RootReport::failed(root, failure)).collect());
    assert!(report.differs() && report.newly_failed() == 0);
    let read: Report = serde_json::from_str(&json(&report).unwrap()).unwrap();
    assert_eq!(read, report);
    assert_eq!(
        report.headline(),
        "nothing could be compared; 2 roots may differ, but could not be compared; \
        1 root could not be compared, as before"
    );
    for text in
        [terminal(&report, Color::Never), markdown(&report, 4000), unified(&report), html(&report)]
    {
        assert!(text.contains("may differ") && text.contains("as before"), "{text}");
    }
}

#[test]
fn a_change_of_one_of_two_with_the_same_name_is_not_applied_to_either() {
    let set = |sizes: [u8; 2]| {
        let texts = sizes.map(|size| {
            format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{size: {size}}}}}")
        });
        read(texts.join("\n---\n").as_bytes()).unwrap()
    };
    let found = compare(&set([1, 2]), &set([1, 3]), &Options::new()).unwrap();
    let refused = found.apply(&set([2, 1])).unwrap_err();
    assert!(refused.message().ends_with("there is more than one Pod a"), "{refused}");
}

#[test]
fn images_are_those_of_the_build() {
    let build = |version: &str, gone: &str| {
        let mut files = crate::load::MemoryFs::new();
        let top = "resources: [all.yaml]\nconfigurations: [fields.yaml]\n";
        files.insert("/app/kustomization.yaml", top);
        files.insert("/app/fields.yaml", "images: [{path: spec/runs, kind: Task}]");
        let all = format!(
            "{{apiVersion: x.io/v1, kind: Task, metadata: {{name: t}}, spec: {{runs: 'tool:{version}', at: 'tool:{version}'}}}}\n\
             ---\n{{apiVersion: x.io/v1, kind: Task, metadata: {{name: {gone}}}, spec: {{runs: '{gone}:1'}}}}\n\
             ---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c}}, data: {{image: 'data:{version}'}}}}\n"
        );
        files.insert("/app/all.yaml", all.as_str());
        crate::Builder::new().file_system(files).build("/app").expect("it builds")
    };
    let (before, after) = (build("1", "old"), build("2", "new"));
    let diff = compare(&before, &after, &Options::default()).expect("they can be compared");
    let shown = |diff: &Diff| -> Vec<String> {
        let text = |image: &Option<String>| image.clone().unwrap_or_else(|| "-".to_owned());
        let images = diff.images();
        images.iter().map(|i| format!("{} {}", text(&i.before), text(&i.after))).collect()
    };
    assert_eq!(shown(&diff), ["- new:1", "old:1 -", "tool:1 tool:2"]);
    assert_eq!(shown(&diff.mirrored()), ["new:1 -", "- old:1", "tool:2 tool:1"]);
}

#[test]
fn an_error_of_a_base_is_told_once_for_all_roots_that_it_breaks() {
    let text =
        |way: &str| format!("base/kustomization.yaml:1:3: what is wrong{way}\n  hint: mend it");
    let root = |name: &str, way: &str| {
        let trouble = SideError::new("syntax", text(way));
        RootReport::failed(name, RootFailure::new(None, Some(trouble)))
    };
    let way = |root: &str| format!("\n  from {root}/kustomization.yaml");
    let several = ["base", "dev", "prod"].map(|name| match name {
        "base" => root(name, ""),
        name => root(name, &way(name)),
    });
    let report = Report::new(several.to_vec());
    for text in [terminal(&report, Color::Never), markdown(&report, 4000), html(&report)] {
        assert_eq!(text.matches("what is wrong").count(), 1, "{text}");
        assert_eq!(text.matches("mend it").count(), 1, "{text}");
        assert!(text.contains("base, dev, prod") && !text.contains("from dev"), "{text}");
    }
    // One alone says how it was led there.
    let report = Report::new(vec![root("dev", &way("dev"))]);
    assert!(terminal(&report, Color::Never).contains("from dev/kustomization.yaml"));
}

#[test]
fn references_that_follow_in_several_overlays_are_one_line() {
    let overlay = |prefix: &str, hash: &str, value: &str| {
        read(
            format!(
                "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {prefix}-m-{hash}}}, data: {{a: {value}}}}}\n---\n\
                 {{apiVersion: v1, kind: Pod, metadata: {{name: {prefix}-p}}, spec: {{volumes: [{{name: v, configMap: \
                 {{name: {prefix}-m-{hash}}}}}]}}}}\n"
            )
            .as_bytes(),
        )
        .unwrap()
    };
    let root = |prefix: &str| {
        let before = overlay(prefix, "2bc5dbt62m", "x");
        let after = overlay(prefix, "9g8h7k6t5f", "y");
        RootReport::new(prefix, compare(&before, &after, &Options::new()).unwrap())
    };
    let report = Report::new(["dev", "eu", "prod"].map(root).to_vec());
    let line = "3 references follow dev-m, eu-m, prod-m: in Pod dev-p, Pod eu-p, Pod prod-p";
    for text in [terminal(&report, Color::Never), markdown(&report, 4000), html(&report)] {
        assert_eq!(text.matches("same change in 3 roots").count(), 1, "{text}");
        assert!(text.contains(line), "{text}");
        assert_eq!(text.matches("follow").count() - text.matches("following").count(), 1, "{text}");
    }
    // Alone it is said of the one.
    let alone = terminal(&Report::new(vec![root("dev")]), Color::Never);
    assert!(alone.contains("  1 reference follows dev-m: in Pod dev-p\n"), "{alone}");
}
