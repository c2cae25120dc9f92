//! ApplicationSets become Applications.

use kustom::MemoryFs;
use kustom_apps::{Cluster, Preview, Repository};

const CLUSTERS: &str = "clusters:
- {name: west, server: 'https://west.example.com', labels: {env: prod}}
- {name: east, server: 'https://east.example.com', labels: {env: dev}}
";

fn repository() -> Repository {
    let mut files = MemoryFs::new();
    for path in [
        "apps/web/overlays/prod/kustomization.yaml",
        "apps/web/overlays/dev/kustomization.yaml",
        "apps/my_api/overlays/prod/kustomization.yaml",
        "apps/.hidden/overlays/prod/kustomization.yaml",
        "plain/map.yaml",
    ] {
        files.insert(format!("/repo/{path}"), "");
    }
    files.insert("/repo/cfg/a.yaml", "{name: a, count: 1000000, deep: {is: yes}}");
    files.insert("/repo/cfg/b.yaml", "[{name: b1, count: 1}, {name: b2, count: 2}]");
    Repository::new(files, "/repo".as_ref()).expect("a directory")
}

/// Previews a set with some fields of its spec; its Applications say their name, path and server.
fn preview(spec: &str) -> Preview {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: set}}\nspec:\n{spec}"
    );
    let clusters = Cluster::read_all(CLUSTERS.as_bytes()).expect("clusters");
    let mut preview = Preview::default();
    preview.add_file("set.yaml".as_ref(), text.as_bytes(), &repository(), &clusters);
    preview
}

fn template(name: &str, path: &str) -> String {
    format!(
        "  template:\n    metadata: {{name: '{name}'}}\n    spec: {{source: {{repoURL: r, path: '{path}'}}, destination: {{server: s}}}}\n"
    )
}

#[track_caller]
fn check(spec: &str, wanted: &[&str]) {
    let preview = preview(spec);
    let problems: Vec<String> = preview.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(shown(&preview), wanted);
}

fn shown(preview: &Preview) -> Vec<String> {
    let path = |source: &serde_json::Value| source["path"].as_str().unwrap_or_default().to_owned();
    let shown = preview.applications.iter().map(|application| {
        let paths: Vec<String> = application.sources().into_iter().map(path).collect();
        format!("{} {}", application.name(), paths.join(","))
    });
    shown.collect()
}

#[test]
fn directories() {
    let plain = template("{{path[1]}}-{{path.basename}}", "{{path}}");
    let generators = "  generators: [{git: {repoURL: r, directories: [{path: apps/*/overlays/*}, {path: '*/*/*/dev', exclude: true}]}}]\n";
    let wanted = ["my_api-prod apps/my_api/overlays/prod", "web-prod apps/web/overlays/prod"];
    check(&format!("{generators}{plain}"), &wanted);
    let go = template("{{ index .path.segments 1 }}-{{ .path.basename }}", "{{ .path.path }}");
    check(&format!("  goTemplate: true\n{generators}{go}"), &wanted);
}

#[test]
fn files_are_objects_or_lists() {
    let generators = "  generators: [{git: {repoURL: r, files: [{path: 'cfg/*.yaml'}]}}]\n";
    let plain = template("{{name}}", "{{count}}-{{deep.is}}-{{path.filename}}");
    let wanted = ["a 1e+06-true-a.yaml", "b1 1-{{deep.is}}-b.yaml", "b2 2-{{deep.is}}-b.yaml"];
    check(&format!("{generators}{plain}"), &wanted);
}

#[test]
fn a_matrix_fills_its_second_generator_in() {
    let spec = "  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
  - matrix:
      generators:
      - list: {elements: [{env: dev}, {env: prod}]}
      - clusters: {selector: {matchLabels: {env: '{{ .env }}'}}, values: {both: '{{ .env }}', own: '{{ .name }}'}}
";
    let spec = format!("{spec}{}", template("{{ .name }}", "{{ .values.both }}/{{ .values.own }}"));
    check(&spec, &["east dev/east", "west prod/west"]);
}

#[test]
fn a_merge_overrides_its_base() {
    let spec = "  generators:
  - merge:
      mergeKeys: [name]
      generators:
      - list: {elements: [{name: a, path: x}, {name: b, path: x}]}
      - list: {elements: [{name: b, path: z}, {name: c, path: z}]}
";
    check(&format!("{spec}{}", template("{{name}}", "{{path}}")), &["a x", "b z"]);
}

#[test]
fn clusters_end_with_the_own_one_unless_selected() {
    let all = format!("  generators: [{{clusters: {{}}}}]\n{}", template("{{name}}", "{{server}}"));
    let wanted = [
        "east https://east.example.com",
        "west https://west.example.com",
        "in-cluster https://kubernetes.default.svc",
    ];
    check(&all, &wanted);
    let some = all.replace("clusters: {}", "clusters: {selector: {matchLabels: {env: prod}}}");
    check(&some, &wanted[1..2]);
}

#[test]
fn patches_change_single_applications() {
    let spec = "  goTemplate: true
  templatePatch: |
    {{ if .sources }}
    spec:
      project: other
      source: null
      sources:
      {{ range .sources }}
      - {repoURL: r, path: {{ . }}}
      {{ end }}
    {{ end }}
  generators: [{list: {elements: [{name: a}, {name: b, sources: [x, z]}]}}]
";
    check(&format!("{spec}{}", template("{{ .name }}", "one")), &["a one", "b x,z"]);
}

#[test]
fn what_fails_takes_nothing_else_with_it() {
    let spec = "  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
  - list: {elements: [{name: a, p: x}, {name: b}]}
  - pullRequest: {github: {}}
  - lists: {}
  - list: {elements: [{name: c, p: z}]}
";
    let preview = preview(&format!("{spec}{}", template("{{ .name }}", "{{ .p }}")));
    assert_eq!(shown(&preview), ["a x", "c z"]);
    let problems: Vec<String> = preview.problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(problems.join("\n"), @r#"
    set.yaml:14: ApplicationSet set: spec.template.spec.source.path: template:1:4: at <.p>: map has no entry for key "p"
    set.yaml:9: ApplicationSet set: spec.generators.1.pullRequest: the generator pullRequest needs a server, so a preview cannot run it
    set.yaml:10: ApplicationSet set: spec.generators.2.lists: there is no kind of generator `lists`
    "#);
}

#[test]
fn doubts_are_warnings() {
    let spec = "  generators:
  - git: {repoURL: r, directories: [{path: 'apps/['}, {path: plain}, {path: apps/**/prod}]}
  - list: {elements: [{path: plain}, {path: nowhere}]}
";
    let mut preview = preview(&format!("{spec}{}", template("same", "{{path}}")));
    preview.check(&repository());
    let problems: Vec<String> = preview.problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(problems.join("\n"), @r#"
    set.yaml:6: ApplicationSet set: the pattern "apps/[" is malformed, so it matches nothing
    set.yaml:6: ApplicationSet set: `**` in "apps/**/prod" is one level, as `*` is
    set.yaml:1: Application same: ApplicationSet set makes 3 of this name, and Argo CD takes none of them
    set.yaml:10: Application same: plain has no kustomization: its manifests are taken as they are
    set.yaml:10: Application same: there is no directory nowhere
    "#);
}

#[test]
fn clusters_are_read_from_secrets() {
    let text = "{apiVersion: v1, kind: Secret, metadata: {name: s, labels: {argocd.argoproj.io/secret-type: cluster}}, \
                data: {name: YQ==}, stringData: {server: 'https://a'}}\n---\n{kind: Secret, metadata: {name: other}}";
    let clusters = Cluster::read_all(text.as_bytes()).unwrap();
    assert_eq!((clusters[0].name.as_str(), clusters[0].server.as_str()), ("a", "https://a"));
    assert_eq!(clusters.len(), 1);
    assert!(Cluster::read_all(b"clusters: [{name: a}]").unwrap_err().contains("`server`"));
}

#[test]
fn a_path_that_matches_nothing_is_told_beside_others_that_do() {
    let spec = "  generators:
  - git:
      repoURL: r
      directories: [{path: apps/*/overlays/prod}, {path: apps/*/overlays/prood}, {path: apps/nope, exclude: true}]
  - git: {repoURL: r, files: [{path: 'cfg/*.yaml'}, {path: 'cfg/*.json'}]}
  - matrix:
      generators:
      - list: {elements: [{env: dev}]}
      - git: {repoURL: r, directories: [{path: 'apps/*/overlays/{{env}}'}]}
";
    let preview = preview(&format!("{spec}{}", template("{{path[1]}}-x", "{{path}}")));
    let said: Vec<String> = preview.problems.iter().map(ToString::to_string).collect();
    assert_eq!(preview.applications.len(), 6, "{said:?}");
    insta::assert_snapshot!(said.join("\n"), @r#"
    set.yaml:8: ApplicationSet set: the path "apps/*/overlays/prood" matches no directory
    set.yaml:8: ApplicationSet set: the path "apps/nope" excludes no directory
    set.yaml:9: ApplicationSet set: the path "cfg/*.json" matches no file
    "#);
}

#[test]
fn a_set_that_makes_nothing_is_told_beside_others_that_fail() {
    let set = |name: &str, generator: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: {name}}}\nspec:\n  generators: [{generator}]\n{}---\n",
            template("x", "y")
        )
    };
    let text = set("broken", "{scmProvider: {}}") + &set("empty", "{list: {elements: []}}");
    let mut preview = Preview::default();
    preview.add_file("set.yaml".as_ref(), text.as_bytes(), &repository(), &[]);
    let codes: Vec<&str> = preview.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["generator", "no-applications"]);
}

#[test]
fn names_that_yaml_reads_as_booleans_are_told() {
    let text = "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: set}
spec:
  generators:
  - list:
      elements:
      - n: a
        env: \"no\"
  - git: {repoURL: r, files: [{path: 'cfg/*.yaml'}]}
  template:
    metadata: {name: 'a-{{n}}-{{env}}'}
    spec: {project: p, source: {repoURL: r, path: web}, destination: {name: c, namespace: x}}
";
    let mut files = MemoryFs::new();
    files.insert("/repo/web/kustomization.yaml", "resources: []\n");
    files.insert("/repo/cfg/a.yaml", "env: dev\non: q\n");
    files.insert("/repo/cfg/b.yaml", "env: prod\n\"n\": b\n");
    let repository = Repository::new(files, "/repo".as_ref()).expect("a directory");
    let mut preview = Preview::default();
    preview.add_file("set.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    preview.check(&repository);
    let told: Vec<String> =
        preview.problems.iter().map(|problem| format!("{problem} [{}]", problem.code)).collect();
    assert_eq!(
        told,
        [
            "/repo/cfg/a.yaml:2: ApplicationSet set: the key on is not quoted, so it is read as true [boolean-key]",
            "set.yaml:8: the key n is not quoted, so it is read as false [boolean-key]",
            "set.yaml:12: Application a-{{n}}-no: {{n}} is left as it is: the generators have no parameter of that name [unfilled-parameter]",
            "set.yaml:12: Application a-{{n}}-dev: {{n}} is left as it is: the generators have no parameter of that name [unfilled-parameter]",
        ]
    );
}

#[test]
fn what_go_prints_for_a_missing_parameter_is_told() {
    let metadata = "metadata: {name: 'a{{.app}}'}";
    let fields = [
        "project: '{{.app}}'",
        "destination: {name: c, namespace: '{{.app}}'}",
        "destination: {server: '{{.app}}'}",
        "source: {repoURL: r, path: '{{.app}}/web'}",
        "source: {repoURL: r, targetRevision: '{{.app}}', path: web}",
        "sources: [{repoURL: '{{.app}}', path: web}]",
    ];
    let whole = "source: {repoURL: r, path: web}";
    let spec = |field: &str| format!("metadata: {{name: a}}\n    spec: {{{field}}}");
    let cases = fields.iter().map(|field| spec(field));
    let cases = cases.chain([format!("{metadata}\n    spec: {{{whole}}}")]);
    let told = |template: &str, elements: &str| {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: set}}\nspec:\n  goTemplate: true\n  \
             generators: [{{list: {{elements: [{elements}]}}}}]\n  template:\n    {template}\n"
        );
        let mut preview = Preview::default();
        preview.add_file("set.yaml".as_ref(), text.as_bytes(), &repository(), &[]);
        preview.check(&repository());
        let told = preview.problems.iter().filter(|problem| problem.code == "unfilled-parameter");
        told.map(|problem| problem.message.clone()).collect::<Vec<_>>()
    };
    for template in cases {
        let wanted =
            "<no value> is what the template makes of a parameter that the generators do not have";
        assert_eq!(told(&template, "{other: a}"), [wanted], "{template}");
        assert_eq!(told(&template, "{app: a}"), [""; 0], "{template}");
    }
    // Labels and the like may say what they want.
    assert_eq!(told("metadata: {name: a, labels: {n: '{{.app}}'}}", "{other: a}"), [""; 0]);
}

#[test]
fn a_set_that_makes_nothing_may_ask_for_clusters() {
    let of = |generators: &str| {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: set}}\nspec:\n  generators: {generators}\n{}",
            template("a", "b")
        );
        let mut preview = Preview::default();
        preview.add_file("set.yaml".as_ref(), text.as_bytes(), &repository(), &[]);
        assert!(!preview.has_errors(), "{:?}", preview.problems);
        preview.problems.iter().find(|p| p.code == "no-applications").and_then(|p| p.hint.clone())
    };
    let none = "[{clusters: {selector: {matchLabels: {env: prod}}}}]";
    assert!(of(none).is_some_and(|hint| hint.contains("--clusters")));
    assert_eq!(of("[]"), None);
    assert_eq!(of("[{list: {elements: []}}]"), None);
}

#[test]
fn one_failure_of_many_sets_is_told_once() {
    let of = |go: bool, generators: &str, name: &str| {
        let options =
            if go { "  goTemplate: true\n  goTemplateOptions: [missingkey=error]\n" } else { "" };
        let problems =
            preview(&format!("{options}  generators: {generators}\n{}", template(name, "p")))
                .problems;
        problems.into_iter().map(|p| (p.message, p.hint.unwrap_or_default())).collect::<Vec<_>>()
    };
    let git = "[{git: {repoURL: r, directories: [{path: 'apps/*/overlays/*'}]}}]";
    let all = of(true, git, "{{.nope}}");
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(
        all[0].1,
        "so it is for 3 sets of parameters, the first with path apps/my_api/overlays/prod"
    );
    let one = of(true, git, "{{if eq .path.basename \"dev\"}}{{.nope}}{{end}}{{.path.basename}}");
    assert_eq!(one[0].1, "it is the set of parameters with path apps/web/overlays/dev", "{one:?}");
    let files = of(true, "[{git: {repoURL: r, files: [{path: cfg/a.yaml}]}}]", "{{.nope}}");
    assert_eq!(files[0].1, "it is the set of parameters with path cfg/a.yaml");
    let list = of(false, "[{list: {elements: [{name: '', other: b}]}}]", "{{name}}");
    assert_eq!(list[0].1, "it is the set of parameters with name ", "{list:?}");
}

#[test]
fn a_generator_makes_so_many_sets_at_most() {
    let list = |key: &str, count: usize| {
        format!("{{list: {{elements: [{}]}}}}", vec![format!("{{{key}: v}}"); count].join(", "))
    };
    let matrix = |count: usize| {
        let generators = format!("[{}, {}]", list("a", 100), list("b", count));
        let template = template("{{.a}}", "x");
        format!(
            "  goTemplate: true\n  generators: [{{matrix: {{generators: {generators}}}}}]\n{template}"
        )
    };
    let problems = preview(&matrix(201)).problems;
    let wanted = "spec.generators.0.matrix: the generator makes more than 20000 sets";
    assert_eq!(problems.first().map(|problem| problem.message.as_str()), Some(wanted));
    assert_eq!(preview(&matrix(30)).applications.len(), 3000);
}
