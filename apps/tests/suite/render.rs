//! What Applications would sync.

use kustom::{Builder, MemoryFs};
use kustom_apps::{Preview, Rendered, Repository, render};

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1, template: {spec: {containers: [{name: web, image: 'web:1'}]}}}\n";

fn repository() -> Repository {
    let mut files = MemoryFs::new();
    for (path, text) in [
        (
            "app/kustomization.yaml",
            "resources: [deployment.yaml]\nimages: [{name: web, newTag: '2'}]\nnamePrefix: old-\n",
        ),
        ("app/deployment.yaml", DEPLOYMENT),
        (
            "extra/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {from: extra}\n",
        ),
        (
            "plain/role.yaml",
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n",
        ),
        (
            "plain/map.yml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: own}\n",
        ),
        (
            "plain/deep/map.json",
            "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"deep\"}}",
        ),
        ("plain/notes.txt", "no manifest"),
        ("chart/Chart.yaml", "name: c"),
    ] {
        files.insert(format!("/repo/{path}"), text);
    }
    Repository::new(files, "/repo".as_ref()).expect("a directory")
}

/// Renders an Application with some fields of its spec.
fn rendered(spec: &str) -> Rendered {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  destination: {{namespace: web-ns, name: prod}}\n{spec}"
    );
    let repository = repository();
    let mut preview = Preview::default();
    preview.add_file("app.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    render(&preview.applications, &repository, &Builder::new()).remove(0)
}

#[track_caller]
fn good(spec: &str) -> String {
    let rendered = rendered(spec);
    assert!(rendered.problems.is_empty(), "{:?}", rendered.problems);
    rendered.to_yaml()
}

#[test]
fn overrides_go_over_the_kustomization() {
    let yaml = good(
        "  source:
    path: app
    targetRevision: main
    kustomize:
      namePrefix: new-
      nameSuffix: -x
      images: ['web=registry:5000/web:$ARGOCD_APP_NAME']
      replicas: [{name: web, count: 3}]
      commonLabels: {app: '${ARGOCD_APP_NAMESPACE}'}
      commonAnnotations: {note: $plain}
      patches: [{target: {kind: Deployment}, patch: '{spec: {paused: true}, apiVersion: apps/v1, kind: Deployment, metadata: {name: any}}'}]
      components: [../extra, ../nowhere]
      ignoreMissingComponents: true
",
    );
    insta::assert_snapshot!(yaml, @r"
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      annotations:
        from: extra
        note: $plain
      labels:
        app: web-ns
      name: new-web-x
      namespace: web-ns
    spec:
      paused: true
      replicas: 3
      selector:
        matchLabels:
          app: web-ns
      template:
        metadata:
          annotations:
            from: extra
            note: $plain
          labels:
            app: web-ns
        spec:
          containers:
          - image: registry:5000/web:web
            name: web
    ");
}

#[test]
fn without_overrides_the_destination_gives_the_namespace() {
    let yaml = good("  source: {path: app}\n");
    assert!(yaml.contains("name: old-web\n  namespace: web-ns\n") && yaml.contains("image: web:2"));
}

#[test]
fn labels_that_exist_are_refused_unless_forced() {
    let spec =
        "  source: {path: app, kustomize: {commonLabels: {a: b}, labelWithoutSelector: true}}\n";
    assert!(!good(spec).contains("matchLabels"));
    let missing = rendered("  source: {path: app, kustomize: {components: [../nowhere]}}\n");
    assert!(missing.failed() && missing.manifests.is_empty());
}

#[test]
fn directories_are_taken_as_they_are() {
    let names = |spec: &str| {
        let yaml = good(spec);
        yaml.lines()
            .filter(|line| line.contains("name"))
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        names("  source: {path: plain}\n"),
        "name: a namespace: web-ns name: b namespace: own name: r"
    );
    assert_eq!(
        names(
            "  source: {path: plain, directory: {recurse: true, exclude: '{role.yaml,map.*}'}}\n"
        ),
        "name: deep namespace: web-ns"
    );
}

#[test]
fn several_sources_are_joined_and_references_hold_nothing() {
    let yaml = good(
        "  sources: [{path: app}, {ref: values}, {path: plain, directory: {include: role.yaml}}]\n",
    );
    assert_eq!(yaml.matches("kind: ").count(), 2);
}

#[test]
fn what_cannot_be_rendered_says_why() {
    for (spec, message) in [
        ("  source: {chart: c, repoURL: r}\n", "the chart c comes from a server"),
        ("  source: {path: chart}\n", "chart is a chart, which is not rendered"),
        ("  source: {path: nowhere}\n", "there is no directory nowhere"),
        ("  source: {path: ../..}\n", "leads out of the repository"),
        ("  source: {path: plain, kustomize: {namePrefix: a-}}\n", "plain has no kustomization"),
        ("  source: {path: app, plugin: {}}\n", "a plugin"),
        ("  source: {repoURL: r}\n", "neither a path nor a chart"),
    ] {
        let rendered = rendered(spec);
        let problems: Vec<String> = rendered.problems.iter().map(ToString::to_string).collect();
        assert!(problems.concat().contains(message), "{problems:?}");
    }
}
