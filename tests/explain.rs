//! Where values come from.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test

#[path = "explain/generators.rs"]
mod generators;

use std::fs;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kustom::document::{NodeKind, NodeView};
use kustom::explain::{Event, Object, Trace};
use kustom::outside::{
    ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileTree, FunctionCall,
    FunctionOutput, FunctionRunner,
};
use kustom::{Builder, MemoryFs, StepKind};

fn trace(dir: &str) -> Trace {
    Builder::new().explain(dir).unwrap()
}

fn text(node: Option<&NodeView>) -> &str {
    node.and_then(NodeView::text).unwrap_or_default()
}

/// Returns the rest of the line that an event points at, or the first line of the block there.
fn pointed_at(event: &Event) -> String {
    let Some(location) = &event.location else { return String::new() };
    let file = fs::read_to_string(&location.file).unwrap();
    let mut lines = file.lines().skip(location.line as usize - 1);
    let line = lines.next().unwrap();
    if [" |", " >", " |-", " >-"].iter().any(|end| line.ends_with(end)) {
        return lines.next().unwrap_or_default().trim().to_owned();
    }
    line.chars().skip(location.column as usize - 1).collect()
}

/// Returns `true` if the text that an event points at holds the value, or is the entry that made it: of a
/// transformer, a generator, or of the object that a reference follows.
fn is_explained(event: &Event) -> bool {
    holds(event) || is_made(event)
}

/// Returns `true` if the line holds the value: as a text, or as the first line of several.
fn holds(event: &Event) -> bool {
    let value = event.after.as_ref().unwrap();
    let line = pointed_at(event);
    let text = text(Some(value));
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    match value.kind() {
        NodeKind::Mapping => line.starts_with('{'),
        NodeKind::Sequence => line.starts_with('['),
        _ if first.is_empty() => line.starts_with("\"\"") || line.starts_with("''"),
        // A plain text of several lines, folded into one.
        _ if first.starts_with(&line) && line.len() > 20 => true,
        _ => unquoted(&line).starts_with(first) || line_value(&line) == Some(first),
    }
}

fn unquoted(line: &str) -> &str {
    line.trim_start_matches(['"', '\''])
}

/// Returns the value of a literal, or of a line of a file that became the data of a ConfigMap.
fn line_value(line: &str) -> Option<&str> {
    let (_, value) = unquoted(line).split_once('=')?;
    Some(value.trim_end_matches(['"', '\'']))
}

/// Returns `true` if the line is that of the entry that put the value together, and of which value.
fn is_made(event: &Event) -> bool {
    let (Some(file), Some(entry)) = (&event.kustomization, &event.entry) else { return false };
    let location = event.location.as_ref().unwrap();
    let value = text(event.after.as_ref());
    let line = pointed_at(event);
    let bare = line.trim_matches(['"', '\'']);
    let name = line.strip_prefix("name: ").unwrap_or_default();
    let field = entry.split(['[', '.']).next().unwrap();
    match (event.step, field) {
        // A part of the value, such as a tag.
        (StepKind::Transformer, "images" | "namePrefix" | "nameSuffix") => {
            location.file == *file && !bare.is_empty() && value.contains(bare)
        }
        (StepKind::Generator, "configMapGenerator" | "secretGenerator") => {
            let kind = ["ConfigMap", "Secret", "Opaque", "v1"].contains(&value);
            location.file == *file && kind && !name.is_empty()
                || !decoded(value).is_empty() && line.ends_with(&decoded(value))
        }
        (StepKind::Hash, "configMapGenerator" | "secretGenerator") => {
            location.file == *file && value.starts_with(&format!("{name}-"))
        }
        // The generator whose hash made the new name.
        (StepKind::NameReference, "configMapGenerator" | "secretGenerator") => {
            let followed = event.follows.as_deref().unwrap_or_default();
            value.starts_with(&format!("{name}-")) && followed.ends_with(&format!("/{value}"))
        }
        _ => false,
    }
}

/// Returns the value that a Secret holds in base64.
fn decoded(value: &str) -> String {
    String::from_utf8(STANDARD.decode(value).unwrap_or_default()).unwrap_or_default()
}

/// Checks every scalar of an object and returns how many there are.
fn check(object: &Object) -> usize {
    let fields = object.fields();
    for field in &fields {
        let history = object.history_of(field);
        let last = history.last().unwrap_or_else(|| panic!("{object} {field}"));
        assert!(is_explained(last), "{object} {last}\n{}", pointed_at(last));
        let tree = object.resource().unwrap().node();
        let parts = field.pointer();
        let value = parts.split('/').skip(1).try_fold(tree, |node, part| match node.kind() {
            NodeKind::Sequence => node.items().nth(part.parse().unwrap()),
            _ => node.get(&part.replace("~1", "/").replace("~0", "~")),
        });
        assert_eq!(text(last.after.as_ref()), text(value.as_ref()), "{object} {last}");
        for pair in history.windows(2) {
            assert_eq!(text(pair[0].after.as_ref()), text(pair[1].before.as_ref()), "{}", pair[1]);
        }
    }
    fields.len()
}

#[test]
fn every_value_of_the_sample_is_explained() {
    for dir in [
        "apps/payments-api/overlays/prod",
        "apps/payments-api/overlays/staging",
        "apps/payments-api/overlays/dev",
        "apps/notifications/overlays/prod",
        "apps/notifications/overlays/staging",
        "apps/notifications/overlays/dev",
        "platform/argocd",
        "platform/cert-manager",
        "platform/external-secrets",
        "platform/ingress-nginx",
        "clusters/prod-us-east-1",
        "clusters/staging-us-east-1",
        "clusters/dev-us-east-1",
    ] {
        let dir = format!("testdata/infra-config/{dir}");
        let trace = trace(&dir);
        assert_eq!(trace.build().as_yaml(), kustom::build(&dir).unwrap().as_yaml());
        let objects: Vec<Object> = trace.objects().filter(|o| o.resource().is_some()).collect();
        assert_eq!(objects.len(), trace.build().resources().len());
        let checked: usize = objects.iter().map(check).sum();
        assert!(checked > 10 * objects.len(), "{dir}: only {checked} values");
    }
}

/// Explains a tree in memory, whose target is `/o`.
fn trace_of(files: &[(&str, &str)]) -> Trace {
    let mut fs = MemoryFs::new();
    for (path, text) in files {
        fs.insert(path, *text);
    }
    Builder::new().file_system(fs).explain("/o").unwrap()
}

/// Returns the history of a field, one line an event.
fn history(trace: &Trace, object: &str, field: &str) -> Vec<String> {
    let object = trace.object(object, None).unwrap();
    let field = object.field(field).unwrap();
    object
        .history_of(&field)
        .iter()
        .map(|event| match &event.follows {
            Some(source) => format!("{event} ({source})"),
            None => event.to_string(),
        })
        .collect()
}

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  template:
    spec:
      containers:
      - {name: a, image: x, args: [p, q]}
      - {name: b, image: w}
";

#[test]
fn labels_that_share_a_value_lead_to_their_entry() {
    let trace = trace_of(&[
        ("/o/kustomization.yaml", "resources: [../b]\npatches:\n- path: p.yaml\n"),
        (
            "/o/p.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\n  labels:\n    app: new\n",
        ),
        (
            "/b/kustomization.yaml",
            "resources: [d.yaml]\nlabels:\n- includeSelectors: true\n  pairs:\n    app: old\n",
        ),
        ("/b/d.yaml", DEPLOYMENT),
    ]);
    for field in ["metadata.labels.app", "spec.selector.matchLabels.app"] {
        assert_eq!(
            history(&trace, "deploy/d", field),
            [
                format!("/b/kustomization.yaml:5:10: labels[0].pairs.app: {field}: old"),
                format!("/o/p.yaml:6:10: patches[0]: {field}: old -> new"),
            ]
        );
    }
}

#[test]
fn elements_are_followed_as_they_move() {
    let patch = "\
patches:
- target: {kind: Deployment}
  patch: |-
    - {op: remove, path: /spec/template/spec/containers/0/args/0}
    - {op: add, path: /spec/template/spec/containers/0, value: {name: c, image: z}}
    - op: replace
      path: /spec/template/spec/containers/1/name
      value: aa
";
    let kustomization = format!("resources: [d.yaml]\n{patch}images: [{{name: x, newTag: '2'}}]\n");
    let trace = trace_of(&[("/o/kustomization.yaml", &kustomization), ("/o/d.yaml", DEPLOYMENT)]);
    let containers = "spec.template.spec.containers";
    assert_eq!(
        history(&trace, "deploy/d", &format!("{containers}[1].image")),
        [
            format!("/o/d.yaml:8:26: resources[0]: {containers}[name=a].image: x"),
            format!(
                "/o/kustomization.yaml:10:28: images[0].newTag: {containers}[name=aa].image: x -> \
                 x:2"
            ),
        ]
    );
    assert_eq!(
        history(&trace, "deploy/d", &format!("{containers}.aa.name")),
        [
            format!("/o/d.yaml:8:16: resources[0]: {containers}[name=a].name: a"),
            format!("/o/kustomization.yaml:9:14: patches[0]: {containers}[name=aa].name: a -> aa"),
        ]
    );
    assert_eq!(history(&trace, "deploy/d", &format!("{containers}.aa.args[0]")).len(), 1);
    assert_eq!(
        history(&trace, "deploy/d", &format!("{containers}[name=c].image")),
        [format!("/o/kustomization.yaml:6:81: patches[0]: {containers}[name=c].image: z")]
    );
}

#[test]
fn what_vanished_is_told_of() {
    let trace = trace_of(&[
        (
            "/o/kustomization.yaml",
            "resources: [d.yaml, local.yaml]\npatches:\n- path: null.yaml\n- path: gone.yaml\n",
        ),
        ("/o/d.yaml", &format!("{DEPLOYMENT}---\n{}", DEPLOYMENT.replace("name: d", "name: e"))),
        (
            "/o/local.yaml",
            "kind: X\nmetadata:\n  name: l\n  annotations:\n    \
             config.kubernetes.io/local-config: 'true'\n",
        ),
        (
            "/o/null.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template: null\n",
        ),
        (
            "/o/gone.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: e}\n$patch: delete\n",
        ),
    ]);
    let image = "spec.template.spec.containers[name=b].image";
    assert_eq!(
        history(&trace, "deploy/d", image),
        [
            format!("/o/d.yaml:9:26: resources[0]: {image}: w"),
            format!("/o/null.yaml:5:13: patches[0]: {image}: removed"),
        ]
    );
    let gone = trace.object("deploy/e", None).unwrap();
    assert!(gone.resource().is_none());
    let last = gone.history().pop().unwrap();
    assert_eq!(last.to_string(), "/o/gone.yaml:4:9: patches[1]: removed");
    let local = trace.object("x/l", None).unwrap().history().pop().unwrap();
    assert_eq!(local.to_string(), "/o/local.yaml:5:40: local-config: removed");
}

#[test]
fn copied_values_lead_to_their_source() {
    let trace = trace_of(&[
        (
            "/o/kustomization.yaml",
            "namePrefix: p-\nresources: [d.yaml, m.yaml]\nconfigMapGenerator:\n- name: g\n  \
             literals: [a=1]\nreplacements:\n- source: {kind: ConfigMap, name: m, fieldPath: \
             data.image}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: \
             [spec.template.spec.containers.*.image]\n",
        ),
        ("/o/d.yaml", DEPLOYMENT),
        (
            "/o/m.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  image: z:1\n---\n\
             apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  volumes:\n  - \
             {name: v, configMap: {name: g}}\n",
        ),
    ]);
    let image = "spec.template.spec.containers[name=b].image";
    assert_eq!(
        history(&trace, "deploy/d", image)[1..],
        [format!("/o/m.yaml:5:10: replacements[0]: {image}: w -> z:1 (ConfigMap/p-m data.image)")]
    );
    let name = "spec.volumes[name=v].configMap.name";
    let events = history(&trace, "pod/p", name);
    let map = trace.object("cm/g", None).unwrap();
    assert_eq!(
        events[1..],
        [format!(
            "/o/kustomization.yaml:4:3: configMapGenerator[0]: {name}: g -> {} ({map})",
            map.name()
        )]
    );
    assert_eq!(
        history(&trace, "cm/g", "metadata.name")[..2],
        [
            "/o/kustomization.yaml:4:9: configMapGenerator[0].name: metadata.name: g",
            "/o/kustomization.yaml:1:13: namePrefix: metadata.name: g -> p-g",
        ]
    );
}

#[test]
fn configured_transformers_lead_to_their_config() {
    let trace = trace_of(&[
        ("/o/kustomization.yaml", "resources: [d.yaml]\ntransformers: [t.yaml]\n"),
        ("/o/d.yaml", DEPLOYMENT),
        (
            "/o/t.yaml",
            "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: t}\nprefix: p-\n\
             fieldSpecs: [{path: metadata/name}]\n",
        ),
    ]);
    assert_eq!(
        history(&trace, "deploy/p-d", "metadata.name")[1..],
        ["/o/t.yaml:4:9: transformers: metadata.name: d -> p-d"]
    );
}

#[test]
fn mistakes_are_answered() {
    let trace = trace_of(&[
        ("/o/kustomization.yaml", "resources: [d.yaml, e.yaml]\n"),
        ("/o/d.yaml", DEPLOYMENT),
        ("/o/e.yaml", &DEPLOYMENT.replace("name: d", "name: d, namespace: n")),
    ]);
    let error = |object: &str, namespace| trace.object(object, namespace).unwrap_err().to_string();
    for (object, namespace, message) in [
        ("d", None, "`d` does not name an object"),
        (
            "deploy/d",
            None,
            "may be Deployment/d in namespace n or Deployment/d without a namespace",
        ),
        ("deploy/d", Some("m"), "there is Deployment/d in namespace n"),
        ("deploy/dd", None, "no object deploy/dd"),
        ("deploymnt/d", None, "did you mean the kind `Deployment`?"),
        ("secret/d", None, "the build has the kinds Deployment"),
    ] {
        assert!(error(object, namespace).contains(message), "{}", error(object, namespace));
    }
    let object = trace.object("DEPLOYMENTS/d", Some("n")).unwrap();
    for field in ["metadata.name", " {.metadata.name} ", "$.metadata.name", "metadata[name]."] {
        assert_eq!(object.field(field).unwrap().to_string(), "metadata.name");
    }
    let error = |field: &str| object.field(field).unwrap_err().to_string();
    for (field, message) in [
        ("spec.templat", "no field `templat` in spec"),
        ("spec.templat", "did you mean `template`?"),
        ("spec.template.spec.containers[name=c]", "it has [name=a], [name=b]"),
        (
            "spec.template.spec.containers[name=a].args[2]",
            "it has 2 elements, which count from [0]",
        ),
        ("kind.x", "it is a single value"),
        ("metadata..name", "it has name, namespace"),
    ] {
        assert!(error(field).contains(message), "{}", error(field));
    }
}

#[test]
fn several_histories_are_those_of_each_field() {
    let trace = trace("testdata/infra-config/apps/payments-api/overlays/prod");
    let mut changed = 0;
    for object in trace.objects() {
        let fields: Vec<_> = object.fields().into_iter().chain(object.images()).collect();
        let each: Vec<_> = fields.iter().map(|field| object.history_of(field)).collect();
        assert_eq!(format!("{:?}", object.histories_of(&fields)), format!("{each:?}"));
        changed += each.iter().filter(|history| history.len() > 1).count();
    }
    assert!(changed > 10, "{changed} fields were changed by a step");
}

/// A helm and a function, whose answers have nothing to do with their values and config.
#[derive(Debug)]
struct Constant;

const MADE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: fixed, labels: {env: prod}}\n\
                    spec: {replicas: 3}\n";

impl ChartRenderer for Constant {
    fn version(&self) -> Result<String, Failure> {
        Ok("v4.3.1".to_owned())
    }

    fn pull(&self, _: &ChartPull) -> Result<FileTree, Failure> {
        Err(Failure::new(FailureKind::Failed, "no chart"))
    }

    fn template(&self, _: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        Ok(MADE.into())
    }
}

impl FunctionRunner for Constant {
    fn run(&self, call: &FunctionCall<'_>) -> Result<FunctionOutput, Failure> {
        let input = String::from_utf8_lossy(call.input).replace("replicas: 3", "replicas: 5");
        Ok(FunctionOutput::new(input.into_bytes()))
    }
}

#[test]
fn values_of_charts_and_functions_come_from_their_entries() {
    let values = "retries: 3, mode: prod, kind: Deployment";
    let chart = format!("name: c, releaseName: fixed, valuesInline: {{{values}}}");
    let generator = format!(
        "apiVersion: builtin, kind: HelmChartInflationGenerator, metadata: {{name: g}}, {chart}"
    );
    let function = "apiVersion: ex.io/v1\nkind: Scale\nmetadata:\n  name: s\n  annotations:\n    \
                    config.kubernetes.io/function: 'container: {image: scale}'\nspec: {unrelated: 5}\n";
    for (field, entry, place) in [
        (format!("helmCharts:\n- {{{chart}}}\n"), "helmCharts[0]", (2, 3)),
        (format!("generators:\n- '{{{generator}}}'\n"), "generators", (2, 3)),
        (
            "helmChartInflationGenerator:\n- {chartName: c, releaseName: fixed, values: v.yaml}\n"
                .to_owned(),
            "helmCharts[0]",
            (2, 3),
        ),
    ] {
        let mut fs = MemoryFs::new();
        fs.insert("/kustomization.yaml", format!("{field}transformers: [fn.yaml]\n"));
        fs.insert("/fn.yaml", function);
        fs.insert("/v.yaml", format!("{{{values}}}\n"));
        fs.insert("/charts/c/values.yaml", "replicas: 3\n");
        let builder = Builder::new().file_system(fs);
        let builder = builder.charts(Arc::new(Constant)).functions(Arc::new(Constant));
        let trace = builder.explain("/").unwrap();
        let object = trace.object("deploy/fixed", None).unwrap();
        let events = object.history();
        let is_scaled = |event: &Event| text(event.after.as_ref()) == "5";
        assert!(events.len() > 4 && events.iter().any(is_scaled), "{events:?}");
        for event in events {
            let at = event.location.as_ref().map(|at| (at.line, at.column));
            let expected = match event.step {
                StepKind::Generator => (entry, place),
                StepKind::Transformer => ("transformers", (1, 1)),
                _ => continue,
            };
            assert_eq!(
                (event.entry.as_deref(), at),
                (Some(expected.0), Some(expected.1)),
                "{event:?}"
            );
        }
    }
}
