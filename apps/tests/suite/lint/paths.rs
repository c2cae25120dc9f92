//! Which paths are watched, and which have to be.

use kustom::Builder;
use kustom_apps::lint::{generate_paths, lint};
use kustom_apps::{Preview, render};

use super::{GOOD, PROJECT, found, repository};

#[test]
fn the_paths_that_a_build_reads_are_known_exactly() {
    let application = GOOD.replace(
        "{name: web}",
        "{name: web, annotations: {argocd.argoproj.io/manifest-generate-paths: .}}",
    );
    let files = [
        ("app/kustomization.yaml", "resources: [../base]\n"),
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
    ];
    assert_eq!(
        found(&[PROJECT, &application], &files),
        ["manifest-generate-paths: a change at or below base is not noticed"]
    );
    let exact = application.replace("paths: .}", "paths: .;/base}");
    assert_eq!(found(&[PROJECT, &exact], &files), Vec::<String>::new());
}

#[test]
fn a_file_above_does_not_stand_for_all_that_is_below() {
    let files = [
        ("app/kustomization.yaml", "resources: [map.yaml, ../shared.yaml]\n"),
        ("shared.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"),
    ];
    let repository = repository(&files);
    let mut preview = Preview::default();
    preview.add_file("apps.yaml".as_ref(), GOOD.as_bytes(), &repository, &[]);
    let builder = Builder::new().load_restriction(kustom::LoadRestriction::None);
    let rendered = render(&preview.applications, &repository, &builder);
    let paths = generate_paths(&preview, &rendered, &repository, &builder, &mut Vec::new());
    assert_eq!(paths[0].value, ".;../shared.yaml");
    let exact = paths[0].write(GOOD).expect("it can be written");
    let mut preview = Preview::default();
    preview.add_file("apps.yaml".as_ref(), exact.as_bytes(), &repository, &[]);
    let rendered = render(&preview.applications, &repository, &builder);
    assert_eq!(generate_paths(&preview, &rendered, &repository, &builder, &mut Vec::new()), []);
}

#[test]
fn the_annotation_is_written_where_the_application_is() {
    let set = "# kept
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: set}
spec:
  generators: [{list: {elements: [{a: one}, {a: two}]}}]
  template:
    metadata: {name: 'a-{{a}}'} # here
    spec: {project: default, source: {path: 'apps/{{a}}', repoURL: r}, destination: {name: c, namespace: n}}
";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let files = [
        ("apps/one/kustomization.yaml", "resources: [../../base]\n"),
        ("apps/two/kustomization.yaml", "resources: [../../base, ../more]\n"),
        ("apps/more/kustomization.yaml", "resources: [m.yaml]\nnamePrefix: b-\n"),
        ("apps/more/m.yaml", map),
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", map),
    ];
    let repository = repository(&files);
    let missing = |text: &str| {
        let mut preview = Preview::default();
        preview.add_file("apps.yaml".as_ref(), text.as_bytes(), &repository, &[]);
        let rendered = render(&preview.applications, &repository, &Builder::new());
        generate_paths(&preview, &rendered, &repository, &Builder::new(), &mut Vec::new())
    };
    let text = format!("{PROJECT}---\n{set}");
    let found = missing(&text);
    assert_eq!(found[0].value, ".;../../base;../more");
    let written = found[0].write(&text).expect("it can be changed");
    let line = "metadata: {name: 'a-{{a}}', annotations: {argocd.argoproj.io/manifest-generate-paths: .;../../base;../more}} # here";
    assert_eq!(written, text.replace("metadata: {name: 'a-{{a}}'} # here", line));
    assert_eq!(missing(&written), []);
}

/// Returns what of an annotation's value is missed, and what would be written in its place.
fn paths(value: &str, files: &[(&str, &str)]) -> (String, String) {
    let annotated = format!(
        "{{name: web, annotations: {{argocd.argoproj.io/manifest-generate-paths: '{value}'}}}}"
    );
    let text = GOOD.replace("{name: web}", &annotated);
    let repository = repository(files);
    let mut preview = Preview::default();
    preview.add_file("apps.yaml".as_ref(), text.as_bytes(), &repository, &[]);
    let rendered = render(&preview.applications, &repository, &Builder::new());
    assert!(!rendered[0].failed(), "{:?}", rendered[0].problems);
    let problems = lint(&preview, &rendered, &repository, &Builder::new());
    let found = problems.iter().find(|problem| problem.code == "manifest-generate-paths");
    let written =
        generate_paths(&preview, &rendered, &repository, &Builder::new(), &mut Vec::new());
    for paths in &written {
        let text = paths.write(&text).expect("it can be written");
        assert!(text.contains(&paths.value), "{text}");
        let mut preview = Preview::default();
        preview.add_file("apps.yaml".as_ref(), text.as_bytes(), &repository, &[]);
        let rendered = render(&preview.applications, &repository, &Builder::new());
        assert_eq!(
            generate_paths(&preview, &rendered, &repository, &Builder::new(), &mut Vec::new()),
            [],
            "{text}"
        );
    }
    let missed = found.map(|problem| problem.message.clone()).unwrap_or_default();
    (missed, written.first().map(|paths| paths.value.clone()).unwrap_or_default())
}

#[test]
fn files_and_patterns_are_watched_as_well_as_folders() {
    let map = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    let (a, b) = (map("a"), map("b"));
    let files = [
        ("app/kustomization.yaml", "resources: [../base, ../base/x]\n"),
        ("base/kustomization.yaml", "resources: [a.yaml]\n"),
        ("base/a.yaml", &a),
        ("base/x/kustomization.yaml", "resources: [b.yaml]\n"),
        ("base/x/b.yaml", &b),
    ];
    let of = |value: &str| paths(value, &files);
    let missed = |what: &str| format!("a change at or below {what} is not noticed");
    for value in [
        "/app;/base",
        ".;../base/;",
        "/",
        "..",
        "/app/kustomization.yaml;/base/kustomization.yaml;/base/a.yaml;/base/x",
        "kustomization.yaml;../base/*.yaml;../base/x/*.yaml",
        "/*/*.yaml;/base/*/[a-k]*.yaml",
        ".;/base/?.yaml;/base/k*;/base/x",
    ] {
        assert_eq!(of(value), (String::new(), String::new()), "{value}");
    }
    for (value, wanted, written) in [
        (".", missed("base"), ".;../base".to_owned()),
        (".;/base/*.yaml", missed("base/x"), ".;/base/*.yaml;../base/x".to_owned()),
        (
            ".;/base/a.yaml;/base/x",
            missed("base/kustomization.yaml"),
            ".;/base/a.yaml;/base/x;../base/kustomization.yaml".to_owned(),
        ),
        ("/apps;../base", missed("app"), "/apps;../base;.".to_owned()),
        ("/ap;../base;", missed("app"), "/ap;../base;.".to_owned()),
        (".;/base*", missed("base"), ".;/base*;../base".to_owned()),
        (".;../../base", missed("base"), ".;../../base;../base".to_owned()),
        // Argo CD takes blanks as they are.
        (
            ".; ../base",
            missed("base") + "; the blank in \" ../base\" is part of the path",
            ".; ../base;../base".to_owned(),
        ),
        (
            ". ;../base",
            missed("app") + "; the blank in \". \" is part of the path",
            ". ;../base;.".to_owned(),
        ),
    ] {
        assert_eq!(of(value), (wanted, written), "{value}");
    }
}

#[test]
fn a_plain_directory_is_watched_for_new_files() {
    let files = [("app/notes.txt", "")];
    for (value, wanted) in [
        (".", ""),
        ("*.yaml", ""),
        ("/app/*", ""),
        ("map.yaml", "a change at or below app is not noticed"),
        ("/other", "a change at or below app is not noticed"),
    ] {
        assert_eq!(paths(value, &files).0, wanted, "{value}");
    }
}

#[test]
fn the_annotation_is_written_where_it_decides() {
    const KEY: &str = "argocd.argoproj.io/manifest-generate-paths";
    let set = |generators: &str, annotations: &str, more: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: set}}
spec:
  goTemplate: true
  generators: {generators}
{more}  template:
    metadata: {{name: '{{{{.a}}}}'{annotations}}}
    spec: {{project: p, source: {{path: 'apps/{{{{.a}}}}', repoURL: r}}, destination: {{name: c, namespace: n}}}}
"
        )
    };
    let list =
        |name: &str, template: &str| format!("{{list: {{elements: [{{a: {name}}}]{template}}}}}");
    let own = |value: &str| {
        format!(
            ", template: {{metadata: {{name: '', annotations: {{{KEY}: {value}}}}}, spec: {{}}}}"
        )
    };
    let annotated = |value: &str| format!(", annotations: {{{KEY}: {value}}}");
    let patch = |value: &str| {
        format!(
            "  templatePatch: |\n    metadata:\n      annotations:\n        {KEY}: \"{value}\"\n"
        )
    };
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let files = [
        ("apps/one/kustomization.yaml", "resources: [../../base]\n"),
        ("apps/two/kustomization.yaml", "resources: [../../base]\n"),
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", map),
    ];
    let repository = repository(&files);
    let preview = |text: &str| {
        let mut preview = Preview::default();
        preview.add_file("apps.yaml".as_ref(), text.as_bytes(), &repository, &[]);
        preview
    };
    let missing = |preview: &Preview| {
        let rendered = render(&preview.applications, &repository, &Builder::new());
        generate_paths(preview, &rendered, &repository, &Builder::new(), &mut Vec::new())
    };
    let (one, two) = (list("one", ""), list("two", ""));
    let [own_dot, own_all] = [own("."), own(".;../../base")];
    for (before, after) in [
        // The template of the generator has none: that of the set is filled in.
        (
            set(&format!("[{one}]"), "", ""),
            Ok(set(&format!("[{one}]"), &annotated(".;../../base"), "")),
        ),
        // That of the only generator decides.
        (
            set(&format!("[{}]", list("one", &own_dot)), &annotated("."), ""),
            Ok(set(&format!("[{}]", list("one", &own_all)), &annotated("."), "")),
        ),
        // That of the one, and of the set for the other.
        (
            set(&format!("[{}, {two}]", list("one", &own_dot)), &annotated("."), ""),
            Ok(set(&format!("[{}, {two}]", list("one", &own_all)), &annotated(".;../../base"), "")),
        ),
        // What is there already is not written again.
        (
            set(&format!("[{}, {two}]", list("one", &own_all)), &annotated("."), ""),
            Ok(set(&format!("[{}, {two}]", list("one", &own_all)), &annotated(".;../../base"), "")),
        ),
        // A patch is a text with templates in it, which is left alone.
        (
            set(&format!("[{one}]"), "", &patch(".")),
            Err(
                "the templatePatch in line 13 decides the annotation of one; it has to say as well: ../../base",
            ),
        ),
        (
            set(&format!("[{one}]"), "", &patch(".;../../base")),
            Ok(set(&format!("[{one}]"), "", &patch(".;../../base"))),
        ),
    ] {
        // Whatever stands before it.
        let above = "kind: List\napiVersion: v1\n---\n";
        let before = format!("{above}{before}");
        let preview_of = preview(&before);
        let mut text = before.clone();
        for paths in missing(&preview_of) {
            let written = paths.write(&text).expect("it can be written");
            match (paths.check(&written, &preview_of, &repository), &after) {
                (Ok(()), Ok(_)) => text = written,
                (Err(said), Err(wanted)) => assert!(said.contains(wanted), "{said}"),
                (said, _) => panic!("{said:?} {before}"),
            }
        }
        let Ok(after) = after else { continue };
        assert_eq!(text, format!("{above}{after}"));
        assert_eq!(missing(&preview(&text)), [], "{text}");
    }
}
