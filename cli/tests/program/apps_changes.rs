//! `kustom apps diff`: changes of Applications and ApplicationSets themselves.

use std::path::Path;

use serde_json::Value;

use super::apps::{application, committed};
use super::{Ran, config_map, kustom, write};

pub(crate) const SET: &str = "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: one}
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
  - git: {repoURL: r, directories: [{path: 'apps/*'}]}
  template:
    metadata: {name: '{{.path.basename}}'}
    spec:
      project: default
      source: {repoURL: r, path: '{{.path.path}}'}
      destination: {name: c, namespace: n}
";

pub(crate) fn diff(dir: &Path, format: &str) -> Ran {
    kustom(dir, &["apps", "diff", "argo/*.yaml", "--from", "HEAD", "--format", format])
}

fn tree(test: &str) -> std::path::PathBuf {
    let (a, b) = (config_map("a"), config_map("b"));
    committed(test, &[("argo/s.yaml", SET), ("apps/a/map.yaml", &a), ("apps/b/map.yaml", &b)])
}

#[test]
fn a_renamed_set_deletes_what_it_had() {
    let dir = tree("apps-owner");
    write(&dir, "argo/s.yaml", &SET.replace("name: one", "name: two"));
    let note = "owner changes from ApplicationSet one to ApplicationSet two: \
                the Application and its objects are deleted and made again";
    let ran = diff(&dir, "text");
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    let places = [note, "a on c (made again by ApplicationSet two)"].map(|text| ran.out.find(text));
    assert!(places[0].is_some() && places.is_sorted(), "{}", ran.out);
    let ran = diff(&dir, "json");
    let all: Value = serde_json::from_str(&ran.out).expect("JSON");
    let first = &all["roots"][0];
    assert_eq!((&first["root"], &first["note"]), (&Value::from("a on c"), &Value::from(note)));
    assert_eq!(ran.code, Some(1));
    assert_eq!(all["summary"]["removed"], 2);
    // Whoever writes the Applications down himself has them deleted all the same.
    std::fs::remove_file(dir.join("argo/s.yaml")).expect("removed");
    write(&dir, "argo/a.yaml", &application("a", "", "apps/a").replace(", namespace: }", "}"));
    let ran = diff(&dir, "markdown");
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("owner changes from ApplicationSet one to none: "), "{}", ran.out);
    assert!(ran.out.contains("b on c (gone)"), "{}", ran.out);
    assert!(ran.out.contains("its objects are deleted"), "{}", ran.out);
}

#[test]
fn what_cannot_be_generated_stays_as_it_is() {
    let told = "could not be generated; nothing changes until it can";
    for (i, (text, why)) in [
        (SET.replace("directories:", "dirs:"), "the git generator has neither"),
        (SET.replace("{{.path.basename}}", "{{.nope}}"), "map has no entry for key"),
        // One folder that fails stops them all.
        (
            SET.replace("{{.path.basename}}", "{{if eq .path.basename \"b\"}}{{.nope}}{{end}}a"),
            "map has no entry for key",
        ),
        (format!("{SET}  : [\n"), "yaml: "),
    ]
    .into_iter()
    .enumerate()
    {
        let dir = tree(&format!("apps-not-generated-{i}"));
        write(&dir, "argo/s.yaml", &text);
        write(&dir, "apps/a/map.yaml", &config_map("other"));
        for format in ["text", "markdown", "json"] {
            let ran = diff(&dir, format);
            assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
            assert!(!ran.out.contains("(gone") && !ran.out.contains("other"), "{}", ran.out);
            for name in ["a", "b"] {
                assert!(ran.out.contains(&format!("{name} on c")), "{}", ran.out);
            }
            assert!(ran.out.contains(told), "{format}: {}", ran.out);
            assert!(ran.out.contains(why), "{format}: {}", ran.out);
            assert!(ran.err.contains("--> argo/s.yaml:"), "{}", ran.err);
        }
    }
}

#[test]
fn what_only_a_server_knows_is_neither_gone_nor_new() {
    let server = |set: &str| set.replacen("  template:", "  - scmProvider: {}\n  template:", 1);
    let only_server = |set: &str| {
        let git = "  - git: {repoURL: r, directories: [{path: 'apps/*'}]}\n";
        set.replace(git, "  - scmProvider: {}\n")
    };
    let clusters = SET
        .replace("git: {repoURL: r, directories: [{path: 'apps/*'}]}", "clusters: {}")
        .replace("{{.path.basename}}", "{{.name}}")
        .replace("{{.path.path}}", "apps/{{.name}}");
    let failing = SET.replace("{{.path.basename}}", "{{.nope}}");
    let (unknown, gone, new) = ("cannot be compared: ", "b on c (gone", "b on c (new");
    for (i, (before, after, wanted)) in [
        // What it has on both sides hides the same on both.
        (server(SET), server(SET), gone),
        (SET.to_owned(), server(SET), unknown),
        (SET.to_owned(), only_server(SET), unknown),
        (only_server(SET), SET.to_owned(), unknown),
        (SET.to_owned(), clusters, unknown),
        (failing, SET.to_owned(), unknown),
        (format!("{SET}  : [\n"), SET.to_owned(), unknown),
        ("apiVersion: v1\nkind: ConfigMap\n".to_owned(), SET.to_owned(), new),
        // No generators make nothing, and that is known.
        (
            SET.to_owned(),
            SET.replace("directories: [{path: 'apps/*'}]", "directories: [{path: 'x/*'}]"),
            gone,
        ),
        (
            SET.to_owned(),
            SET.replace(
                "generators:\n  - git: {repoURL: r, directories: [{path: 'apps/*'}]}",
                "generators: []",
            ),
            gone,
        ),
        (
            SET.to_owned(),
            SET.replace("  - git: {repoURL: r, directories: [{path: 'apps/*'}]}", "  - {}"),
            gone,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let (a, b) = (config_map("a"), config_map("b"));
        let files =
            [("argo/s.yaml", before.as_str()), ("apps/a/map.yaml", &a), ("apps/b/map.yaml", &b)];
        let dir = committed(&format!("apps-unknown-{i}"), &files);
        write(&dir, "argo/s.yaml", &after);
        if before == after || after == server(SET) {
            std::fs::remove_dir_all(dir.join("apps/b")).expect("removed");
        }
        for format in ["text", "markdown", "json"] {
            let ran = diff(&dir, format);
            assert!(ran.out.contains(wanted), "{i}: {}{}", ran.out, ran.err);
            let others = [unknown, gone, new].into_iter().filter(|other| *other != wanted);
            for other in others {
                assert!(!ran.out.contains(other), "{i} {other}: {}{}", ran.out, ran.err);
            }
            assert_ne!(ran.code, Some(0), "{i}: {}{}", ran.out, ran.err);
        }
    }
}

#[test]
fn a_set_that_moves_to_another_file_is_the_same() {
    let dir = tree("apps-set-moved");
    std::fs::remove_file(dir.join("argo/s.yaml")).expect("removed");
    write(&dir, "argo/t.yaml", &SET.replace("directories:", "dirs:"));
    let ran = diff(&dir, "text");
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    assert!(
        !ran.out.contains("(gone") && ran.out.contains("nothing changes until it can"),
        "{}",
        ran.out
    );
    // One of that name which was there already is another one.
    let other = SET.replace("'apps/*'", "'none/*'");
    let map = config_map("a");
    let files = [("argo/s.yaml", SET), ("argo/t.yaml", &other), ("apps/a/map.yaml", &map)];
    let dir = committed("apps-set-of-the-name", &files);
    std::fs::remove_file(dir.join("argo/s.yaml")).expect("removed");
    write(&dir, "argo/t.yaml", &SET.replace("directories:", "dirs:"));
    let ran = diff(&dir, "text");
    assert!(ran.out.contains("a on c (gone"), "{}{}", ran.out, ran.err);
}

#[test]
fn only_what_git_has_or_would_add_is_an_application() {
    let dir = tree("apps-ignored");
    write(&dir, ".gitignore", "tmp/\n");
    write(&dir, "apps/tmp/map.yaml", &config_map("t"));
    write(&dir, "apps/new/map.yaml", &config_map("n"));
    std::fs::create_dir_all(dir.join("apps/empty/deeper")).expect("made");
    std::fs::remove_file(dir.join("apps/b/map.yaml")).expect("removed");
    let list = kustom(&dir, &["apps", "argo/s.yaml"]);
    let names: Vec<_> =
        list.out.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["a", "new"], "{}{}", list.out, list.err);
    let ran = diff(&dir, "text");
    let titles = ["b on c (gone", "new on c (new)"].map(|title| ran.out.contains(title));
    assert_eq!((ran.code, titles), (Some(1), [true, true]), "{}{}", ran.out, ran.err);
    assert!(!ran.out.contains("tmp on") && !ran.out.contains("empty on"), "{}", ran.out);
}

#[test]
fn an_incomplete_set_is_not_written() {
    for (i, (text, file)) in [
        (SET.to_owned(), "resources: [none.yaml]\n"),
        (
            SET.replacen("  template:", "  - scmProvider: {}\n  template:", 1),
            "resources: [map.yaml]\n",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let dir = tree(&format!("apps-incomplete-{i}"));
        write(&dir, "argo/s.yaml", &text);
        write(&dir, "apps/b/kustomization.yaml", file);
        let ran = kustom(&dir, &["apps", "lint", "argo/s.yaml", "--write"]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), "unchanged\n"), "{}", ran.err);
        assert!(ran.err.contains("manifest-generate-paths is not written"), "{}", ran.err);
        let after = std::fs::read_to_string(dir.join("argo/s.yaml")).expect("a file");
        assert_eq!(after, text);
    }
}

#[test]
fn what_decides_about_the_objects_is_compared_too() {
    let finalizer = "resources-finalizer.argocd.argoproj.io";
    let web =
        application("web", "argocd", "web").replace("project: p,", "project: p, syncPolicy: {},");
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\n\
                spec: {path: web, interval: 1m, prune: false}\n";
    for (i, (before, from, to, told)) in [
        (&*web, "syncPolicy: {}", "syncPolicy: {automated: {prune: true}}", "prune: true"),
        (&web, "syncPolicy: {}", "syncPolicy: {automated: {selfHeal: true}}", "selfHeal: true"),
        (&web, "name: web,", &format!("name: web, finalizers: [{finalizer}],"), finalizer),
        (&web, "path: web", "path: web, targetRevision: v1", "targetRevision"),
        (&web, "project: p", "project: q", "project"),
        (&web, "namespace: n", "namespace: m", "destination"),
        (&web, "name: web,", "name: web, labels: {a: b},", ""),
        (flux, "prune: false", "prune: true", "prune"),
        (flux, "interval: 1m", "interval: 2m", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\n";
        let files = [("argo/a.yaml", before), ("web/map.yaml", map)];
        let dir = committed(&format!("apps-settings-{i}"), &files);
        let after = before.replace(from, to);
        assert_ne!(before, after);
        write(&dir, "argo/a.yaml", &after);
        for format in ["text", "markdown", "json"] {
            let ran = diff(&dir, format);
            let wanted = if told.is_empty() { 0 } else { 1 };
            assert_eq!(ran.code, Some(wanted), "{to}: {}{}", ran.out, ran.err);
            let told = if format == "json" { told.split(':').next().unwrap_or(told) } else { told };
            assert!(ran.out.contains(told), "{to}: {}", ran.out);
        }
    }
}

#[test]
fn files_without_an_application_are_no_success() {
    let map = config_map("a");
    let dir = committed("apps-nothing", &[("argo/x.yaml", &map)]);
    let said = "no ApplicationSet, Application or Kustomization";
    for (words, code) in [(&["apps"][..], 1), (&["apps", "lint"], 1), (&["apps", "render"], 1)] {
        let ran = kustom(&dir, &[words, &["argo/x.yaml"]].concat());
        assert_eq!((ran.code, ran.err.contains(said)), (Some(code), true), "{words:?} {}", ran.err);
    }
    let ran = diff(&dir, "text");
    assert_eq!((ran.code, ran.err.contains(said)), (Some(2), true), "{}", ran.err);
    // What a pattern matches may hold something else.
    write(&dir, "more/a.yaml", &application("web", "argocd", "argo"));
    write(&dir, "more/clusters.yaml", "clusters: []\n");
    let ran = kustom(&dir, &["apps", "more/*.yaml"]);
    assert_eq!((ran.code, ran.err.contains("nothing-found")), (Some(0), false), "{}", ran.err);
    assert_eq!(kustom(&dir, &["apps", "more/clusters.yaml", "more/a.yaml"]).code, Some(1));
    // An AppProject alone can be checked.
    let project =
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: p}\nspec: {}\n";
    write(&dir, "argo/x.yaml", project);
    assert_eq!(kustom(&dir, &["apps", "lint", "argo/x.yaml"]).code, Some(0));
}

#[test]
fn an_application_that_deploys_itself_is_compared_once() {
    let web = application("web", "argocd", "argo");
    let dir = committed("apps-itself", &[("argo/a.yaml", web.as_str())]);
    write(&dir, "argo/a.yaml", &web.replace("project: p", "project: q"));
    let ran = diff(&dir, "text");
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert_eq!(ran.out.matches("spec.project: p → q").count(), 1, "{}", ran.out);
}

#[test]
fn kinds_without_a_namespace_can_be_named() {
    let widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: x}\n";
    let app = application("web", "argocd", "web").replace("namespace: n}", "namespace: web}");
    let dir = committed("apps-scope", &[("argo/a.yaml", &app), ("web/w.yaml", widget)]);
    let render =
        |flags: &[&str]| kustom(&dir, &[&["apps", "render", "argo/a.yaml"], flags].concat());
    let ran = render(&[]);
    assert!(ran.out.contains("namespace: web\n"), "{}", ran.out);
    assert!(ran.err.contains("Widget.example.com") && ran.err.contains("--cluster-scoped"));
    let ran = render(&["--cluster-scoped", "Widget.example.com"]);
    assert!(
        !ran.out.contains("namespace") && !ran.err.contains("Widget"),
        "{}{}",
        ran.out,
        ran.err
    );
    write(&dir, "kustom.toml", "[apps]\ncluster-scoped = ['Widget.example.com']\n");
    let ran = render(&[]);
    assert!(
        !ran.out.contains("namespace") && !ran.err.contains("Widget"),
        "{}{}",
        ran.out,
        ran.err
    );
}

#[test]
fn what_stays_is_no_danger() {
    let claim = |note: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data, namespace: web, annotations: {{{note}}}}}\n"
        )
    };
    let argo = |policy: &str, metadata: &str| {
        let app = application("web", "argocd", "web")
            .replace("name: web,", &format!("name: web, {metadata}"));
        app.replace("spec: {", &format!("spec: {{syncPolicy: {policy}, "))
    };
    let flux = |spec: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: web}}\nspec: {{path: web, {spec}}}\n"
        )
    };
    let keeps = "argocd.argoproj.io/sync-options: Prune=false";
    let prunes = "{automated: {prune: true}}";
    let (stays, lost) =
        ("PersistentVolumeClaim web/data stays: Prune=false", "its data may go with it");
    for (i, (text, object, others, told, is_lost)) in [
        (argo("{}", ""), "", true, "stays until somebody prunes it", false),
        (argo(prunes, ""), "", true, lost, true),
        // Argo CD does not take the last object away by itself.
        (argo(prunes, ""), "", false, "nothing would be left", false),
        (argo("{automated: {prune: true, allowEmpty: true}}", ""), "", false, lost, true),
        (argo(prunes, ""), keeps, true, stays, false),
        (
            argo("{automated: {prune: true}, syncOptions: [Prune=false]}", ""),
            "",
            true,
            stays,
            false,
        ),
        (
            argo("{automated: {prune: true}, syncOptions: [Prune=confirm]}", ""),
            "",
            true,
            "waits for somebody",
            false,
        ),
        (
            argo(prunes, "annotations: {argocd.argoproj.io/skip-reconcile: 'true'}, "),
            "",
            true,
            "nothing changes: it has skip-reconcile",
            false,
        ),
        (flux("prune: true"), "", true, lost, true),
        (flux("prune: true, suspend: true"), "", true, "nothing changes: it is suspended", false),
        (
            flux("prune: true"),
            "kustomize.toolkit.fluxcd.io/prune: disabled",
            true,
            "stays: Flux is told to keep it",
            false,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let (claim, map) = (claim(object), config_map("a"));
        let mut files = vec![("apps.yaml", text.as_str()), ("web/b.yaml", &claim)];
        files.extend(others.then_some(("web/a.yaml", map.as_str())));
        let dir = committed(&format!("apps-stays-{i}"), &files);
        std::fs::remove_file(dir.join("web/b.yaml")).expect("removed");
        if !others {
            write(&dir, "web/empty.yaml", "");
        }
        for format in ["text", "markdown", "json"] {
            let ran =
                kustom(&dir, &["apps", "diff", "apps.yaml", "--from", "HEAD", "--format", format]);
            assert_eq!(ran.code, Some(1), "{i}: {}{}", ran.out, ran.err);
            assert!(ran.out.contains(told), "{i} {told}: {}{}", ran.out, ran.err);
            assert_eq!(ran.out.contains(lost), is_lost, "{i}: {}", ran.out);
        }
    }
    let dir = committed("apps-stays-new", &[("web/a.yaml", &config_map("a"))]);
    write(&dir, "apps.yaml", &flux("prune: true, suspend: true"));
    let ran = kustom(&dir, &["apps", "diff", "apps.yaml", "--from", "HEAD"]);
    assert!(
        ran.out.contains("(new)\n  nothing changes: it is suspended"),
        "{}{}",
        ran.out,
        ran.err
    );
    // With its Application it goes all the same.
    let gone = argo(prunes, "finalizers: [resources-finalizer.argocd.argoproj.io], ");
    let files = [
        ("apps/web.yaml", gone.as_str()),
        ("apps/x.yaml", &argo("{}", "").replace("name: web,", "name: x,")),
        ("web/b.yaml", &claim(keeps)),
    ];
    let dir = committed("apps-stays-gone", &files);
    std::fs::remove_file(dir.join("apps/web.yaml")).expect("removed");
    let ran = kustom(&dir, &["apps", "diff", "apps/*.yaml", "--from", "HEAD"]);
    assert!(
        ran.out.contains("its objects are deleted") && ran.out.contains(lost),
        "{}{}",
        ran.out,
        ran.err
    );
    assert!(!ran.out.contains("leaves it in the cluster"), "{}", ran.out);
}

#[test]
fn each_cluster_may_have_files_of_its_own() {
    let app = |path: &str| application("web", "argocd", path);
    let files = [
        ("clusters/a/apps.yaml", app("a")),
        ("clusters/b/apps.yaml", app("b")),
        ("a/map.yaml", config_map("a")),
        ("b/map.yaml", config_map("b")),
    ];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let dir = committed("apps-own-files", &files);
    std::fs::remove_file(dir.join("clusters/a/apps.yaml")).expect("removed");
    let ran = kustom(&dir, &["apps", "diff", "clusters/*/apps.yaml", "--from", "HEAD"]);
    assert!(ran.out.contains("of clusters/a/apps.yaml on c (gone)"), "{}{}", ran.out, ran.err);
    assert!(!ran.out.contains("clusters/b"), "{}", ran.out);
}

#[test]
fn the_flags_and_the_configuration_mean_what_they_mean_for_diff() {
    let dir = tree("apps-revisions");
    write(&dir, "apps/a/map.yaml", &config_map("other"));
    write(&dir, "kustom.toml", "[diff]\nfrom = \"HEAD\"\n");
    let run = |args: &[&str]| kustom(&dir, &[&["apps", "diff", "argo/*.yaml"], args].concat());
    let said = run(&["--from", "HEAD"]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.out.contains("ConfigMap"), "{}", said.out);
    for same in [&[][..], &["--since", "HEAD"], &["--from", "HEAD..."]] {
        assert_eq!(run(same).out, said.out, "{same:?}");
    }
    let range = run(&["--from", "HEAD..HEAD"]);
    assert_eq!(range.code, Some(2));
    assert!(range.err.contains("write --from HEAD --to HEAD"), "{}", range.err);
    write(&dir, "kustom.toml", "[diff]\nfrom = \"HEAD\"\nignore = [\"ConfigMap\"]\n");
    // A change does not decide what is seen of it.
    let told = run(&["--from", "HEAD"]);
    assert_eq!((told.code, told.out), (Some(1), said.out));
    assert!(told.err.contains("kustom.toml has changed"), "{}", told.err);
}
