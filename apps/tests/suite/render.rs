//! What Applications would sync.

use kustom::outside::{ChartPull, ChartRenderer, ChartTemplate, Failure, FileTree};
use kustom::{Builder, MemoryFs};
use kustom_apps::{Preview, Rendered, Repository, render};

pub(crate) const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1, template: {spec: {containers: [{name: web, image: 'web:1'}]}}}\n";

pub(crate) fn repository() -> Repository {
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
        ("chart/dev.yaml", "a: {b: 1, c: 2}"),
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

/// Renders a plain directory with some files in it; returns the names of the objects, or what is wrong.
fn plain(files: &[(&str, &str)], directory: &str) -> Result<String, String> {
    let mut all = MemoryFs::new();
    all.insert("/repo/plain/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    for (path, text) in files {
        all.insert(format!("/repo/plain/{path}"), *text);
    }
    let repository = Repository::new(all, "/repo".as_ref()).expect("a directory");
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\n\
         spec: {{source: {{path: plain, directory: {directory}}}}}\n"
    );
    let mut preview = Preview::default();
    preview.add_file("app.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    let rendered = render(&preview.applications, &repository, &Builder::new()).remove(0);
    if let Some(problem) = rendered.problems.first() {
        return Err(problem.message.clone());
    }
    let yaml = rendered.to_yaml();
    let names = yaml.lines().filter_map(|line| line.trim().strip_prefix("name: "));
    Ok(names.collect::<Vec<_>>().join(" "))
}

#[test]
fn yaml_that_is_no_manifest_is_left_out_of_a_directory() {
    let map = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    let (b, c) = (map("b"), map("c"));
    for (text, wanted) in [
        ("replicas: 1\nimage: {tag: x}\n".to_owned(), Ok("a")),
        ("- 1\n- 2\n".to_owned(), Ok("a")),
        ("just a text\n".to_owned(), Ok("a")),
        (String::new(), Ok("a")),
        ("# kind:\n---\n".to_owned(), Ok("a")),
        ("{{ if .Values.on }}\nname: x\n{{ end }}\n".to_owned(), Ok("a")),
        ("values: &a [\n".to_owned(), Ok("a")),
        // What comes first decides.
        ("replicas: 1\n---\n{kind: ConfigMap, apiVersion: v1}\n".to_owned(), Ok("a")),
        (format!("---\n---\n{b}---\n# none\n---\n{c}"), Ok("a b c")),
        (
            format!("{b}---\nreplicas: 1\n"),
            Err("b.yaml: it holds something that is no Kubernetes object"),
        ),
        (format!("{b}---\na: [\n"), Err("b.yaml: ")),
        // It is not left out if an object was there, whether or not it has these words.
        (
            "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"b\"}}\n---\nreplicas: 1\n".to_owned(),
            Err("b.yaml: it holds something"),
        ),
        // The words of a manifest say that it was meant to be one.
        (format!("{{{{ if .on }}}}\n{b}{{{{ end }}}}\n"), Err("b.yaml: ")),
        ("apiVersion: v1\nkind:\nmetadata: {name: b}\n".to_owned(), Err("no Kubernetes object")),
        ("# apiVersion: kind: metadata:\nreplicas: 1\n".to_owned(), Err("no Kubernetes object")),
        (
            "kind: ConfigMap\nmetadata: {name: b}\n".to_owned(),
            Err("b.yaml: an object of kind ConfigMap has no apiVersion"),
        ),
        (format!("# +argocd:skip-file-rendering\n{b}"), Ok("a")),
        // Whatever has items is a list.
        (
            "apiVersion: v1\nkind: Any\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}]\n".to_owned(),
            Ok("a b"),
        ),
        ("apiVersion: v1\nkind: ConfigMapList\nitems: null\n".to_owned(), Ok("a")),
        ("apiVersion: v1\nkind: List\nitems: [1]\n".to_owned(), Err("no Kubernetes object")),
    ] {
        let got = plain(&[("b.yaml", &text)], "{}");
        match wanted {
            Ok(wanted) => assert_eq!(got.as_deref(), Ok(wanted), "{text}"),
            Err(wanted) => {
                assert!(got.clone().is_err_and(|e| e.contains(wanted)), "{text}: {got:?}");
            }
        }
    }
}

#[test]
fn files_of_a_directory_are_chosen_by_their_names() {
    let map = |name: &str| {
        format!(
            "{{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {{\"name\": \"{name}\"}}}}"
        )
    };
    let (b, two) = (map("b"), [map("b"), map("c")].concat());
    for (name, text, directory, wanted) in [
        ("b.json", b.as_str(), "{}", Ok("a b")),
        ("b.json", &two, "{}", Err("more than one object")),
        ("b.json", "{\"name\": \"web\", \"version\": \"1\"}", "{}", Ok("a")),
        (
            "b.json",
            "{\"annotations\": {\"list\": []}, \"title\": \"dashboard\"}",
            "{}",
            Err("it has no `kind`"),
        ),
        ("b.json", "[1]", "{}", Err("it has no `kind`")),
        ("b.json", "{", "{}", Err("b.json: ")),
        ("b.jsonnet", "{}", "{}", Err("a program in Jsonnet")),
        ("b.jsonnet", "// +argocd:skip-file-rendering", "{}", Ok("a")),
        ("b.jsonnet", "{}", "{exclude: '*.jsonnet'}", Ok("a")),
        ("b.libsonnet", "{}", "{}", Ok("a")),
        ("b.yaml.txt", &b, "{}", Ok("a")),
        ("b.txt", &b, "{disableExtensionFilter: true}", Ok("a b")),
        ("b.txt", &b, "{disableExtensionFilter: true, exclude: '*.txt'}", Ok("a")),
        ("x/b.yaml", &b, "{}", Ok("a")),
        ("x/b.yaml", &b, "{recurse: true}", Ok("a b")),
        ("x/b.yaml", &b, "{recurse: true, include: 'x/*'}", Ok("b")),
        ("x/b.yaml", &b, "{recurse: true, include: '*.yaml'}", Ok("a b")),
        ("x/b.yaml", &b, "{recurse: true, exclude: '{x/*,c}'}", Ok("a")),
        (".b.yaml", &b, "{}", Ok("b a")),
        // As a walk meets them: what is in the folder `a` before the file `a.yaml`.
        ("a/b.yaml", &b, "{recurse: true}", Ok("b a")),
    ] {
        let got = plain(&[(name, text)], directory);
        match wanted {
            Ok(wanted) => assert_eq!(got.as_deref(), Ok(wanted), "{name} {text} {directory}"),
            Err(wanted) => {
                assert!(got.clone().is_err_and(|e| e.contains(wanted)), "{name} {text}: {got:?}");
            }
        }
    }
}

#[test]
fn charts_are_asked_for_with_the_values_of_the_application() {
    #[derive(Debug)]
    struct Echo;
    impl ChartRenderer for Echo {
        fn version(&self) -> Result<String, Failure> {
            Ok("v3.18.0".to_owned())
        }
        fn pull(&self, pull: &ChartPull) -> Result<FileTree, Failure> {
            assert_eq!(
                (&*pull.name, &*pull.repo, pull.version.as_deref()),
                ("far", "https://c.example.com", Some("1.2.3"))
            );
            let mut chart = FileTree::new();
            chart.insert("Chart.yaml", &b"name: far"[..]);
            Ok(chart)
        }
        fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
            let values = String::from_utf8_lossy(&template.values[0].content).into_owned();
            let map = serde_json::json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": template.release_name},
                "data": {"values": values, "namespace": template.namespace},
            });
            Ok(map.to_string().into_bytes())
        }
    }
    let application = |spec: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  destination: {{namespace: ns}}\n{spec}---\n"
        )
    };
    let text = application(
        "  source:
    path: chart
    helm:
      releaseName: rel
      valueFiles: ['d*.yaml', dev.yaml]
      valuesObject: {a: {c: 3}}
      parameters: [{name: a.d, value: $ARGOCD_APP_NAME}, {name: num, value: '1', forceString: true}]
",
    ) + &application(
        "  source: {chart: far, repoURL: 'https://c.example.com', targetRevision: 1.2.3, helm: {values: 'x: $ARGOCD_APP_NAME'}}\n",
    );
    let repository = repository();
    let mut preview = Preview::default();
    preview.add_file("app.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    let builder = Builder::new().charts(std::sync::Arc::new(Echo));
    let yaml: String = render(&preview.applications, &repository, &builder)
        .iter()
        .map(|rendered| {
            assert!(rendered.problems.is_empty(), "{:?}", rendered.problems);
            rendered.to_yaml()
        })
        .collect();
    insta::assert_snapshot!(yaml, @r#"
    apiVersion: v1
    data:
      namespace: ns
      values: '{"a":{"b":1,"c":3,"d":"web"},"num":"1"}'
    kind: ConfigMap
    metadata:
      name: rel
      namespace: ns
    apiVersion: v1
    data:
      namespace: ns
      values: '{"x":"$ARGOCD_APP_NAME"}'
    kind: ConfigMap
    metadata:
      name: web
      namespace: ns
    "#);
}

#[test]
fn a_helm_that_fails_is_named_as_the_user_does() {
    #[derive(Debug)]
    struct Failing;
    impl ChartRenderer for Failing {
        fn version(&self) -> Result<String, Failure> {
            Err(Failure::new(kustom::outside::FailureKind::Missing, "not found"))
        }
        fn pull(&self, _: &ChartPull) -> Result<FileTree, Failure> {
            Ok(FileTree::new())
        }
        fn template(&self, _: &ChartTemplate) -> Result<Vec<u8>, Failure> {
            Ok(Vec::new())
        }
        fn command(&self) -> String {
            "my-helm".to_owned()
        }
    }
    let repository = repository();
    let builder = Builder::new().charts(std::sync::Arc::new(Failing));
    let mut preview = Preview::default();
    let text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\n\
                spec: {source: {path: chart, helm: {kubeVersion: 1.35.0}}}\n";
    preview.add_file("app.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    let rendered = render(&preview.applications, &repository, &builder).remove(0);
    let told = format!("{:?}", rendered.problems);
    assert!(told.contains("unable to run: 'my-helm version --short': not found"), "{told}");
}

#[test]
fn a_pattern_of_values_files_matches_something() {
    let told = |more: &str| {
        rendered(&format!(
            "  source: {{path: chart, helm: {{valueFiles: ['none/*.yaml']{more}}}}}\n"
        ))
        .problems
        .iter()
        .any(|problem| problem.message.contains("none/*.yaml matches no file"))
    };
    assert!(told("") && !told(", ignoreMissingValueFiles: true"));
}

#[test]
fn charts_of_a_kustomization_are_told_the_versions_of_the_application() {
    #[derive(Debug)]
    struct Versions;
    impl ChartRenderer for Versions {
        fn version(&self) -> Result<String, Failure> {
            Ok("v3.18.0".to_owned())
        }
        fn pull(&self, _: &ChartPull) -> Result<FileTree, Failure> {
            Ok(FileTree::new())
        }
        fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
            let kube_version = template.kube_version.as_deref().unwrap_or_default();
            let versions = format!("{kube_version} {}", template.api_versions.join(","));
            let map = serde_json::json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"v": versions},
            });
            Ok(map.to_string().into_bytes())
        }
    }
    let mut files = MemoryFs::new();
    files.insert("/repo/app/kustomization.yaml", "helmCharts: [{name: c}]\n");
    files.insert("/repo/app/charts/c/Chart.yaml", "name: c\n");
    files.insert("/repo/app/charts/c/values.yaml", "");
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let builder = Builder::new().charts(std::sync::Arc::new(Versions));
    for (own, wanted) in [
        ("{kubeVersion: 1.34.0, apiVersions: [x/v1, z/v1]}", "v: 1.34.0 x/v1,z/v1\n"),
        ("{kubeVersion: 1.35.0}", "v: '1.35.0 '\n"),
        ("{}", "v: ' '\n"),
    ] {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec: {{source: {{path: app, kustomize: {own}}}}}\n"
        );
        let mut preview = Preview::default();
        preview.add_file("app.yaml".as_ref(), text.as_bytes(), &repository, &[]);
        let rendered = render(&preview.applications, &repository, &builder).remove(0);
        assert!(
            rendered.to_yaml().contains(wanted),
            "{own}: {:?} {}",
            rendered.problems,
            rendered.to_yaml()
        );
    }
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
        ("  source: {chart: c, repoURL: r, targetRevision: '1'}\n", "the chart c of oci://r: "),
        ("  source: {path: chart}\n", "the chart chart: "),
        ("  source: {path: chart, helm: {valueFiles: [x.yaml]}}\n", "the values file x.yaml"),
        ("  source: {path: chart, helm: {valueFiles: [$v/x.yaml]}}\n", "has the `ref` v"),
        (
            "  source: {path: chart, helm: {parameters: [{name: 'a[', value: b}]}}\n",
            "the parameter a[",
        ),
        ("  source: {path: nowhere}\n", "there is no directory nowhere"),
        ("  source: {path: /app}\n", "the path /app is absolute"),
        (
            "  source: {path: app, kustomize: {namePrefix: a}, directory: {recurse: true}}\n",
            "the source of app is of more than one kind: kustomize, directory",
        ),
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

#[test]
fn a_tool_without_a_word_about_it_is_none() {
    // What lies there decides, so that each of these is a kustomization.
    for own in [
        "directory: {recurse: false}",
        "helm: {}",
        "kustomize: {}",
        "helm: {valueFiles: []}, kustomize: {namePrefix: ''}",
    ] {
        let yaml = good(&format!("  source: {{path: app, {own}}}\n"));
        assert!(yaml.contains("name: old-web\n"), "{own}: {yaml}");
    }
    assert!(
        !rendered("  source: {path: app, directory: {include: 'dep*'}}\n")
            .to_yaml()
            .contains("old-web")
    );
}
