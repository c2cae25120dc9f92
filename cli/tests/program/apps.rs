//! `kustom apps`

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{config_map, folder, kustom, kustom_with_input, write};

pub(crate) fn git(dir: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(dir).args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
    command.args(args).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    assert!(command.status().expect("git runs").success(), "git {args:?}");
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testdata/infra-config")
}

#[test]
fn the_table_is_the_one_of_the_docs() {
    let table =
        kustom(&repository(), &["apps", "clusters/prod-us-east-1/apps.yaml", "--root", "."]);
    let docs = include_str!("../../../docs/argocd.md");
    let shown = docs.split_once("apps.yaml\n").and_then(|(_, rest)| rest.split_once("```"));
    assert_eq!(table.good(), shown.expect("an example").0);
}

#[test]
fn a_folder_is_told_how_to_name_its_files() {
    let ran = kustom(&repository(), &["apps", "lint", "clusters"]);
    assert!(ran.err.contains("or a pattern of them, such as 'clusters/"), "{}", ran.err);
}

#[test]
fn json_has_an_object_for_each_application() {
    let args = ["apps", "clusters/dev-us-east-1/apps.yaml", "--root", ".", "--format", "json"];
    let all: Value = serde_json::from_str(&kustom(&repository(), &args).good()).unwrap();
    let app = all.as_array().unwrap().iter().find(|app| app["name"] == "payments-api").unwrap();
    assert_eq!(app["sources"][0]["path"], "apps/payments-api/overlays/dev");
    assert_eq!(app["syncPolicy"]["automated"]["selfHeal"], true);
    assert_eq!((app["applicationSet"].as_str(), app["line"].as_u64()), (Some("apps"), Some(36)));
}

#[test]
fn json_is_json_whatever_it_says() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: set}\nspec:\n  \
               generators: [{list: {elements: [{name: a}]}}]\n  template:\n    \
               metadata: {name: '{{name}}', annotations: {x: \"\\u009c\\u202e\\a\"}}\n    \
               spec: {project: p, source: {repoURL: r, chart: c}}\n";
    let dir = folder("apps-json", &[]);
    let out = kustom_with_input(&dir, &["apps", "-", "--format", "json"], set).good();
    let all: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(all[0]["annotations"]["x"], "\u{9c}\u{202e}\u{7}");
    assert!(!out.contains('\u{202e}'), "{out:?}");
}

#[test]
fn an_error_leaves_the_others() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: set}\nspec:\n  \
               generators:\n  - plugin: {}\n  - list: {elements: [{name: a}]}\n  template:\n    \
               metadata: {name: '{{name}}'}\n    spec: {project: p, source: {repoURL: r, chart: c}}\n";
    let dir = folder("apps-error", &[]);
    let ran = kustom_with_input(&dir, &["apps", "-", "--format", "markdown"], set);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.ends_with("| a | p |  |  | c |\n"), "{}", ran.out);
    assert!(ran.err.contains("plugin needs a server") && ran.err.contains("-:6"), "{}", ran.err);
}

pub(super) const SET: &str = "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: set}
spec:
  generators: [{git: {repoURL: r, directories: [{path: 'apps/*'}]}}]
  template:
    metadata: {name: '{{path.basename}}'}
    spec:
      project: default
      source: {repoURL: r, path: '{{path}}'}
      destination: {name: prod, namespace: web}
      syncPolicy: {automated: {prune: true}}
";

fn tree(test: &str, names: &[&str]) -> PathBuf {
    let dir = folder(test, &[("set.yaml", SET)]);
    for name in names {
        let kustomization = format!("apps/{name}/kustomization.yaml");
        write(&dir, &kustomization, "resources: [map.yaml]\n");
        write(&dir, &format!("apps/{name}/map.yaml"), &config_map(name));
    }
    dir
}

#[test]
fn applications_are_rendered_into_one_stream_or_one_file_each() {
    let dir = tree("apps-render", &["a", "b"]);
    let out = kustom(&dir, &["apps", "render", "set.yaml", "--root", "."]).good();
    assert!(out.starts_with("# Application a, cluster prod\napiVersion: v1\n"), "{out}");
    assert!(out.contains("---\n# Application b, cluster prod\n"), "{out}");
    assert_eq!(out.matches("  namespace: web\n").count(), 2);
    let args = ["apps", "render", "set.yaml", "--root", ".", "--only", "b", "-o", "out"];
    assert_eq!(kustom(&dir, &args).good(), "");
    assert!(dir.join("out/prod/b.yaml").is_file() && !dir.join("out/prod/a.yaml").exists());
}

#[test]
fn no_application_is_written_over_another() {
    let of = |name: &str, namespace: &str, path: &str| application(name, namespace, path);
    let write_all = |test: &str, applications: &[String]| {
        let files = [
            ("apps.yaml", applications.join("---\n")),
            ("a/map.yaml", config_map("a")),
            ("b/map.yaml", config_map("b")),
        ];
        let dir = folder(test, &files.each_ref().map(|(path, text)| (*path, text.as_str())));
        let ran = kustom(&dir, &["apps", "render", "apps.yaml", "--root", ".", "-o", "out"]);
        (dir, ran)
    };
    let apart = [
        of("web", "one", "a"),
        of("web", "two", "b"),
        of("more", "one", "a"),
        of("Web", "three", "b"),
    ];
    let (dir, ran) = write_all("apps-render-names", &apart);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for (file, name) in [("one_web", "a"), ("two_web", "b"), ("more", "a"), ("three_Web", "b")] {
        let text = std::fs::read_to_string(dir.join(format!("out/c/{file}.yaml"))).expect(file);
        assert!(text.contains(&format!("name: {name}\n")), "{file}: {text}");
    }
    assert!(!dir.join("out/c/web.yaml").exists());
    let (dir, ran) =
        write_all("apps-render-twice", &[of("web", "one", "a"), of("web", "one", "b")]);
    let said = "two Applications would be written to out/c/one_web.yaml: Application web of apps.yaml:1 and \
                Application web of apps.yaml:6";
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.replace("\n  ", " ").contains(said), "{}", ran.err);
    assert!(!dir.join("out").exists());
}

#[test]
fn what_goes_is_told_first() {
    let dir = tree("apps-diff", &["changed", "gone", "same"]);
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["add", "-A"]);
    git(&dir, &["commit", "-q", "-m", "one"]);
    std::fs::remove_dir_all(dir.join("apps/gone")).expect("removed");
    write(&dir, "apps/new/kustomization.yaml", "resources: [map.yaml]\n");
    write(&dir, "apps/new/map.yaml", &config_map("new"));
    write(&dir, "apps/changed/kustomization.yaml", "resources: [map.yaml]\nnamePrefix: x-\n");
    let ran = kustom(&dir, &["apps", "diff", "set.yaml", "--from", "HEAD"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let places = [
        "gone on prod (gone)\n  its objects are deleted\n",
        "new on prod (new)",
        "changed on prod\n",
    ]
    .map(|title| ran.out.find(title).expect(title));
    assert!(places.is_sorted() && !ran.out.contains("same on"), "{}", ran.out);
    assert_eq!(
        kustom(&dir, &["apps", "diff", "set.yaml", "--from", "HEAD", "--to", "HEAD"]).code,
        Some(0)
    );
}

/// Makes a repository with a commit of these files.
pub(crate) fn committed(test: &str, files: &[(&str, &str)]) -> PathBuf {
    let dir = folder(test, files);
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["add", "-A"]);
    git(&dir, &["commit", "-q", "-m", "one"]);
    dir
}

pub(crate) fn application(name: &str, namespace: &str, path: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\n\
         metadata: {{name: {name}, namespace: {namespace}}}\n\
         spec: {{project: p, source: {{repoURL: r, path: {path}}}, destination: {{name: c, namespace: n}}}}\n"
    )
}

#[test]
fn what_a_file_on_one_side_has_is_gone_or_new() {
    let (web, more) = (application("web", "argocd", "web"), application("more", "argocd", "web"));
    let files = [
        ("clusters/a/apps.yaml", web.as_str()),
        ("clusters/b/apps.yaml", &more),
        ("web/map.yaml", &config_map("a")),
        ("no-apps.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n"),
    ];
    let dir = committed("apps-diff-files", &files);
    let diff = |files: &[&str]| {
        let args = [&["apps", "diff"], files, &["--from", "HEAD"]].concat();
        kustom(&dir, &args)
    };
    assert_eq!(diff(&["clusters/*/apps.yaml"]).code, Some(0));
    std::fs::remove_file(dir.join("clusters/b/apps.yaml")).expect("removed");
    write(&dir, "clusters/c/apps.yaml", &application("third", "argocd", "web"));
    for files in [&["clusters/*/apps.yaml"][..], &["clusters/b/apps.yaml", "clusters/c/apps.yaml"]]
    {
        let ran = diff(files);
        assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{files:?}");
        let titles = [
            "more on c (gone)\n  its objects stay: it has no resources-finalizer\n",
            "third on c (new)",
        ]
        .map(|title| ran.out.contains(title));
        assert_eq!(titles, [true, true], "{files:?}: {}", ran.out);
        assert!(!ran.out.contains("web on c"), "{}", ran.out);
    }
    let backwards = kustom(
        &dir,
        &["apps", "diff", "clusters/b/apps.yaml", "--from", "HEAD", "--root", ".", "--to", "HEAD"],
    );
    assert_eq!(backwards.code, Some(0), "{}", backwards.err);
    for (file, said) in [
        (
            "clusters/d/apps.yaml",
            "there is no file clusters/d/apps.yaml, neither in HEAD nor in the work tree",
        ),
        ("clusters/x*/apps.yaml", "clusters/x*/apps.yaml matches no file, neither in HEAD nor"),
        ("clusters", "clusters: "),
        ("-", "no revision has stdin"),
        ("/dev/null", "/dev/null is outside of the repository"),
        ("no-apps.yaml", "no ApplicationSet, Application or Kustomization"),
    ] {
        let ran = diff(&["clusters/a/apps.yaml", file]);
        assert_eq!(ran.code, Some(2), "{file}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(said), "{file}: {}", ran.err);
    }
    // What has Applications on one side only is no fault of the other.
    write(&dir, "no-apps.yaml", &application("late", "argocd", "web"));
    let ran = diff(&["no-apps.yaml"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""));
    assert!(ran.out.contains("late on c (new)"), "{}", ran.out);
}

#[test]
fn one_application_alone_has_its_fate_told() {
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\n\
                spec: {path: web, prune: true}\n";
    let empty = flux.replace("path: web", "path: empty");
    for (test, text, told) in [
        ("apps-diff-flux", flux, "web on in-cluster (gone)\n  its objects are deleted\n"),
        ("apps-diff-empty", &empty, "web on in-cluster (gone)\n  its objects are deleted\n"),
        ("apps-diff-broken", &flux.replace("path: web", "path: none"), "web on in-cluster (gone)"),
    ] {
        let files = [
            ("flux.yaml", text),
            ("web/map.yaml", &config_map("a")),
            ("empty/kustomization.yaml", "buildMetadata: [originAnnotations]\n"),
        ];
        let dir = committed(test, &files);
        std::fs::remove_file(dir.join("flux.yaml")).expect("removed");
        let ran = kustom(&dir, &["apps", "diff", "flux.yaml", "--from", "HEAD"]);
        let said = format!("{}{}", ran.out, ran.err);
        assert_eq!((ran.code, said.contains(told)), (Some(1), true), "{said}");
    }
}

#[test]
fn a_cluster_may_be_named_or_given_by_its_address() {
    let own = application("web", "argocd", "web")
        .replace("name: c,", "server: 'https://kubernetes.default.svc',");
    let other = application("more", "argocd", "web").replace("name: c,", "server: 'https://c',");
    let clusters = "clusters: [{name: c, server: 'https://c/'}]";
    let files = [
        ("apps.yaml", format!("{own}---\n{other}")),
        ("clusters.yaml", clusters.to_owned()),
        ("web/map.yaml", config_map("a")),
    ];
    let dir = committed(
        "apps-diff-clusters",
        &files.each_ref().map(|(path, text)| (*path, text.as_str())),
    );
    let named = format!(
        "{}---\n{}",
        application("web", "argocd", "web").replace("name: c,", "name: in-cluster,"),
        application("more", "argocd", "web")
    );
    write(&dir, "apps.yaml", &named);
    let args = ["apps", "diff", "apps.yaml", "--from", "HEAD", "--clusters", "clusters.yaml"];
    let ran = kustom(&dir, &args);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    // Without knowing the clusters, nobody can tell that it is the same.
    let ran = kustom(&dir, &args[..5]);
    assert!(
        ran.out.contains("more on https://c (gone)\n  it goes to c, and its objects stay here\n"),
        "{}",
        ran.out
    );
}

#[test]
fn what_is_removed_from_an_application_may_stay() {
    let argo = application("web", "argocd", "web");
    let automated = |policy: &str| {
        argo.replace("spec: {", &format!("spec: {{syncPolicy: {{automated: {policy}}}, "))
    };
    let flux = |prune: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: web}}\nspec: {{path: web, {prune}}}\n"
        )
    };
    let (by_hand, never) = (
        "web on c\n  what is removed stays until somebody prunes it\n",
        "  what is removed stays: it does not prune\n",
    );
    for (i, (text, told)) in [
        (argo.clone(), by_hand),
        (automated("{}"), by_hand),
        (automated("{prune: true, enabled: false}"), by_hand),
        (automated("{prune: true}"), "web on c\n- "),
        (flux("prune: false"), never),
        (
            flux("prune: true, suspend: true"),
            "web on in-cluster\n  nothing changes: it is suspended\n",
        ),
        (flux("prune: true"), "web on in-cluster\n- "),
    ]
    .into_iter()
    .enumerate()
    {
        let files = [
            ("apps.yaml", text.as_str()),
            ("web/a.yaml", &config_map("a")),
            ("web/b.yaml", &config_map("b")),
        ];
        let dir = committed(&format!("apps-diff-removed-{i}"), &files);
        std::fs::remove_file(dir.join("web/b.yaml")).expect("removed");
        let ran = kustom(&dir, &["apps", "diff", "apps.yaml", "--from", "HEAD"]);
        assert!(ran.out.contains(told), "{text}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn applications_of_one_name_are_told_apart() {
    let all = [application("web", "one", "web"), application("web", "two", "web")].join("---\n");
    let files = [("apps.yaml", all.as_str()), ("web/map.yaml", &config_map("a"))];
    let dir = committed("apps-diff-names", &files);
    write(&dir, "web/map.yaml", &config_map("b"));
    let ran = kustom(&dir, &["apps", "diff", "apps.yaml", "--from", "HEAD"]);
    for title in ["Application web in one on c", "Application web in two on c"] {
        assert!(ran.out.contains(title), "{}{}", ran.out, ran.err);
    }
}

#[test]
fn patterns_of_files_may_be_quoted() {
    let (web, more) = (application("web", "argocd", "web"), application("more", "argocd", "web"));
    let files = [
        ("a/apps.yaml", web.as_str()),
        ("b/c/apps.yaml", &more),
        ("web/map.yaml", &config_map("a")),
    ];
    let dir = folder("apps-patterns", &files);
    let names = |pattern: &str| kustom(&dir, &["apps", pattern, "--root", "."]);
    let both = names("**/apps.yaml").out;
    assert!(both.contains("web ") && both.contains("more "), "{both}");
    assert!(!names("?/*.yaml").out.contains("more"));
    let none = names("c/*.yaml");
    assert_eq!((none.code, none.err.contains("c/*.yaml matches no file")), (Some(1), true));
}

#[test]
fn rules_are_named_and_can_be_switched() {
    let dir = tree("apps-lint", &["a"]);
    let ran = kustom(&dir, &["apps", "lint", "set.yaml", "--root", "."]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("[prune-without-propagation]"), "{}", ran.err);
    let skip = ["--skip", "prune-without-propagation", "--skip", "no-sync-window"];
    let args = [&["apps", "lint", "set.yaml", "--root", "."], &skip[..]].concat();
    assert_eq!(kustom(&dir, &args).good(), "");
    // Whoever leaves rules out may write all the same, but for the rule that this is about.
    let write = ["apps", "lint", "set.yaml", "--root", ".", "--write"];
    kustom(&dir, &[&write[..], &skip].concat()).good();
    kustom(&dir, &[&write[..], &["--only", "manifest-generate-paths"]].concat()).good();
    let ran = kustom(&dir, &[&write[..], &["--skip", "manifest-generate-paths"]].concat());
    assert!(
        ran.code == Some(1) && ran.err.contains("which --skip or --only leaves out"),
        "{}",
        ran.err
    );
    assert_eq!(kustom(&dir, &["apps", "lint", "set.yaml", "--at", "soon"]).code, Some(2));
}

#[test]
fn windows_of_an_unknown_project_are_not_known() {
    let dir = tree("apps-lint-at", &["a"]);
    let args = ["apps", "lint", "set.yaml", "--root", ".", "--at", "2026-11-27T17:30Z"];
    // The default one has none.
    assert_eq!(kustom(&dir, &args).good(), "NAME  CLUSTER  SYNC\na     prod     may be synced\n");
    write(&dir, "set.yaml", &SET.replace("project: default", "project: prod"));
    let ran = kustom(&dir, &args);
    let unknown = "a     prod     not known: the AppProject prod is not among the files\n";
    assert!(ran.code == Some(1) && ran.out.ends_with(unknown), "{}{}", ran.out, ran.err);
    let ran = kustom(&dir, &["apps", "lint", "set.yaml", "--root", "."]);
    assert!(
        ran.err.contains("no AppProject is among the files") && ran.err.contains(": prod"),
        "{}",
        ran.err
    );
    let project = |windows: &str| {
        let object = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: prod}\n";
        format!(
            "{object}spec: {{sourceRepos: ['*'], destinations: [{{server: '*', namespace: '*'}}], {windows}}}\n"
        )
    };
    write(&dir, "projects/one.yaml", &project(""));
    let args = [&args[..], &["projects/one.yaml"]].concat();
    assert_eq!(kustom(&dir, &args).good(), "NAME  CLUSTER  SYNC\na     prod     may be synced\n");
    // Of two that differ, none in the folder of the Application, nobody knows which one counts.
    let deny =
        "syncWindows: [{kind: deny, schedule: '* * * * *', duration: 1h, applications: ['*']}]";
    write(&dir, "more/two.yaml", &project(deny));
    let ran = kustom(&dir, &[&args[..], &["more/two.yaml"]].concat());
    assert!(ran.out.contains("not known: there are several AppProjects prod"), "{}", ran.out);
}

#[test]
fn names_may_be_used_again_on_another_cluster() {
    let application = |cluster: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  \
             destination: {{name: {cluster}, namespace: web}}\n  \
             source: {{repoURL: 'https://example.com/r', path: web}}\n"
        )
    };
    let dir = folder(
        "apps-names",
        &[
            ("web/kustomization.yaml", "resources: []\n"),
            ("dev/apps.yaml", &application("dev")),
            ("prod/apps.yaml", &application("prod")),
            ("prod/more.yaml", &application("other")),
            ("again/apps.yaml", &application("dev")),
            ("here/apps.yaml", &application("in-cluster")),
            ("there/apps.yaml", &application("in-cluster")),
        ],
    );
    for (files, is_twice) in [
        (["dev/apps.yaml", "prod/apps.yaml"], false),
        (["here/apps.yaml", "there/apps.yaml"], false),
        (["prod/apps.yaml", "prod/more.yaml"], true),
        (["dev/apps.yaml", "again/apps.yaml"], true),
    ] {
        let ran = kustom(&dir, &["apps", files[0], files[1], "--root", "."]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_eq!(ran.err.contains("[duplicate-application]"), is_twice, "{}", ran.err);
    }
}

#[test]
fn what_is_said_of_several_applications_is_said_once() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: set}\nspec:\n  \
               generators: [{list: {elements: [{env: one}, {env: two}]}}]\n  template:\n    metadata: {name: '{{env}}'}\n    \
               spec:\n      project: p\n      source: {repoURL: r, path: web}\n      destination: {name: c, namespace: n}\n      \
               syncPolicy: {automated: {prune: true}}\n";
    let files = [("set.yaml", set), ("web/kustomization.yaml", "resources: []\nnamePrefix: a\n")];
    let dir = folder("apps-grouped", &files);
    let args = ["apps", "lint", "set.yaml", "--root", ".", "--only", "prune-without-propagation"];
    let ran = kustom(&dir, &args);
    assert_eq!(ran.err.matches("[prune-without-propagation]").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("Warning: Applications one, two: "), "{}", ran.err);
    let json = kustom(&dir, &[&args[..], &["--error-format", "json"]].concat());
    assert_eq!(json.err.matches("prune-without-propagation").count(), 2, "{}", json.err);
}

#[test]
fn windows_have_time_zones() {
    if !Path::new("/usr/share/zoneinfo/Europe/Berlin").exists() {
        return;
    }
    let objects = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: p}\nspec:\n  syncWindows:\n  \
                   - {kind: deny, schedule: 0 16 * * 5, duration: 1h, timeZone: Europe/Berlin, applications: ['*']}\n---\n\
                   apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n\
                   spec: {project: p, source: {repoURL: r, path: web}, destination: {name: c, namespace: n}}\n";
    let files =
        [("app.yaml", objects), ("web/kustomization.yaml", "resources: []\nnamePrefix: a\n")];
    let dir = folder("apps-zones", &files);
    let at =
        |time: &str| kustom(&dir, &["apps", "lint", "app.yaml", "--root", ".", "--at", time]).out;
    // In summer two hours ahead of UTC, in winter one.
    for (time, verdict) in [
        ("2026-06-26T14:30Z", "not now"),
        ("2026-06-26T15:30Z", "may be synced"),
        ("2026-11-27T14:30Z", "may be synced"),
        ("2026-11-27T15:30Z", "not now"),
        ("2026-11-27T16:30+01:00", "not now"),
    ] {
        assert!(at(time).ends_with(&format!("{verdict}\n")), "{time}: {}", at(time));
    }
}
