//! Copies in which everything is local.

use std::fs;
use std::path::Path;

use crate::elsewhere::{Elsewhere, Server};
use crate::{Ran, config_map, folder, kustom, write};

/// Returns repositories that name each other, with bases, components, patches and data.
fn repositories(test: &str) -> Elsewhere {
    let elsewhere = Elsewhere::new(test);
    elsewhere.commit(
        "acme/infra",
        "release/1",
        &[
            ("base/kustomization.yaml", "resources: [map.yaml, ../shared]\n"),
            ("base/map.yaml", &config_map("infra")),
            ("base/unused.yaml", "not read"),
            ("shared/kustomization.yaml", "resources: [map.yaml]\n"),
            ("shared/map.yaml", &config_map("shared")),
            (
                "part/kustomization.yaml",
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -part\n",
            ),
        ],
    );
    let base = "# theirs\nresources: # two\n- map.yaml\n- \
        'https://github.com/acme/infra//base?ref=release/1' # remote\n";
    elsewhere.commit(
        "acme/app",
        "v1",
        &[
            ("deploy/kustomization.yaml", base),
            ("deploy/map.yaml", &config_map("app")),
            ("kustomization.yaml", "resources: [deploy]\n"),
        ],
    );
    elsewhere
}

const OVERLAY: &str = "\
# ours
namePrefix: prod-
resources:
- github.com/acme/app//deploy?ref=v1 # the app
- own.yaml
components: ['https://github.com/acme/infra//part?ref=release/1']
";

const FILES: [&str; 8] = [
    "kustomization.yaml",
    "localized-files/github.com/acme/app/v1/deploy/kustomization.yaml",
    "localized-files/github.com/acme/app/v1/deploy/localized-files/github.com/acme/infra/release/1/base/kustomization.yaml",
    "localized-files/github.com/acme/app/v1/deploy/localized-files/github.com/acme/infra/release/1/base/map.yaml",
    "localized-files/github.com/acme/app/v1/deploy/localized-files/github.com/acme/infra/release/1/shared/kustomization.yaml",
    "localized-files/github.com/acme/app/v1/deploy/localized-files/github.com/acme/infra/release/1/shared/map.yaml",
    "localized-files/github.com/acme/app/v1/deploy/map.yaml",
    "localized-files/github.com/acme/infra/release/1/part/kustomization.yaml",
];

/// Returns the paths of the files in a directory, in order.
fn files(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(path) = waiting.pop() {
        for entry in fs::read_dir(&path).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let below = path.strip_prefix(directory).expect("it is below");
                found.push(below.to_str().expect("UTF-8").to_owned());
            }
        }
    }
    found.sort();
    found
}

fn overlay(test: &str) -> std::path::PathBuf {
    folder(test, &[("prod/kustomization.yaml", OVERLAY), ("prod/own.yaml", &config_map("own"))])
}

#[test]
fn what_is_remote_becomes_a_copy_beside_what_names_it() {
    let elsewhere = repositories("localize");
    let top = overlay("localize-remote");
    let built = elsewhere.kustom(&top, &["build", "--allow-remote", "prod"]).good();
    let refused = elsewhere.kustom(&top, &["localize", "prod"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("allow it with --allow-remote"), "{}", refused.err);
    assert_eq!(fs::read_dir(&top).expect("a folder").count(), 1, "something was left");
    elsewhere.kustom(&top, &["localize", "--allow-remote=github.com/acme", "prod"]).good();
    let mut expected: Vec<&str> = FILES.to_vec();
    expected.push("own.yaml");
    assert_eq!(files(&top.join("localized-prod")), expected);
    assert_eq!(kustom(&top, &["build", "localized-prod"]).good(), built);
    let text = fs::read_to_string(top.join("localized-prod/kustomization.yaml")).expect("a file");
    insta::assert_snapshot!(text);
    let nested = fs::read_to_string(top.join("localized-prod").join(FILES[1])).expect("a file");
    insta::assert_snapshot!(nested);
    let again = elsewhere.kustom(&top, &["localize", "--allow-remote", "prod"]);
    assert!(again.err.contains("is there already"), "{}", again.err);
}

#[test]
fn copies_of_a_lock_are_enough() {
    let elsewhere = repositories("localize-lock");
    let top = overlay("localize-locked");
    let built = elsewhere.kustom(&top, &["build", "--allow-remote", "prod"]).good();
    assert_eq!(elsewhere.kustom(&top, &["vendor"]).code, Some(0));
    kustom(&top, &["localize", "prod", "copy"]).good();
    fs::remove_file(top.join("kustom.lock")).expect("a file");
    assert_eq!(kustom(&top, &["build", "copy"]).good(), built);
    assert_eq!(files(&top.join("copy")).len(), FILES.len() + 1);
}

#[test]
fn a_url_can_be_the_target() {
    let elsewhere = repositories("localize-url");
    let top = folder("localize-target", &[]);
    let url = "https://github.com/acme/app//deploy?ref=v1";
    elsewhere.kustom(&top, &["localize", "--allow-remote", url]).good();
    let built = elsewhere.kustom(&top, &["build", "--allow-remote", url]).good();
    assert_eq!(kustom(&top, &["build", "localized-deploy-v1/deploy"]).good(), built);
    elsewhere
        .kustom(&top, &["localize", "--allow-remote", "https://github.com/acme/app?ref=v1"])
        .good();
    assert_eq!(kustom(&top, &["build", "localized-app-v1"]).good(), built);
    for (args, why) in [
        (vec!["https://github.com/acme/app//deploy", "x"], Some("localize-without-ref")),
        (vec![url, "x", "--scope", "."], Some("localize-scope")),
        (vec!["https://github.com/acme/app//none?ref=v1", "x"], None),
    ] {
        let args = [vec!["localize", "--allow-remote"], args].concat();
        check_refusal(&elsewhere.kustom(&top, &[&args[..], &JSON].concat()), why);
        assert!(!top.join("x").exists(), "{args:?}");
    }
}

const JSON: [&str; 2] = ["--error-format", "json"];

/// Asserts that something was refused with this hint.
#[track_caller]
fn check_refusal(ran: &Ran, hint_id: Option<&str>) {
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    let error: serde_json::Value = serde_json::from_str(&ran.err).expect("one error");
    assert_eq!(error["hint_id"].as_str(), hint_id, "{error:#}");
}

#[test]
fn what_has_no_place_in_a_copy_is_refused() {
    let server = Server::start(|path| (200, String::new(), config_map(&path[path.len() - 1..])));
    let at = &server.address;
    let twice =
        format!("resources: [\"http://{at}/map.yaml?x=1\", \"http://{at}/map.yaml?x=2\"]\n");
    let built_in = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\n";
    let configured =
        format!("{built_in}path: http://{at}/patch.yaml?x=1\ntarget: {{kind: ConfigMap}}\n");
    let top = folder(
        "localize-refused",
        &[
            ("twice/kustomization.yaml", &twice),
            (
                "configured/kustomization.yaml",
                "resources: [map.yaml]\ntransformers: [patch.yaml]\n",
            ),
            ("configured/map.yaml", &config_map("a")),
            ("configured/patch.yaml", &configured),
        ],
    );
    for (target, hint_id) in
        [("twice", "localize-same-place"), ("configured", "localize-configured")]
    {
        let allow = format!("--allow-remote={at}");
        let ran = kustom(&top, &[&["localize", &allow, target, "copy"][..], &JSON].concat());
        check_refusal(&ran, Some(hint_id));
        assert!(!top.join("copy").exists(), "{target}");
    }
}

#[test]
fn files_behind_web_addresses_are_copied_too() {
    let server = Server::start(|path| match path {
        "/maps/map.yaml" => (200, String::new(), config_map("http")),
        "/patch.yaml?raw=1" => {
            (200, String::new(), config_map("http").replace("metadata:", "data: {a: b}\nmetadata:"))
        }
        "/data/app.conf" => (200, String::new(), "a = 1\n".to_owned()),
        "/.env" => (200, String::new(), "KEY=value\n".to_owned()),
        _ => (404, String::new(), String::new()),
    });
    let at = &server.address;
    let kustomization = format!(
        "resources: [\"http://{at}/maps/map.yaml\"]\n\
         patches:\n- path: http://{at}/patch.yaml?raw=1 # ours\n\
         configMapGenerator:\n- name: g\n  files:\n  - http://{at}/data/app.conf\n  \
         - other=http://{at}/data/app.conf\n  envs: [http://{at}/.env]\n"
    );
    let top = folder("localize-http", &[("app/kustomization.yaml", &kustomization)]);
    let allow = format!("--allow-remote={at}");
    let built = kustom(&top, &["build", &allow, "app"]).good();
    kustom(&top, &["localize", &allow, "app", "copy"]).good();
    assert_eq!(kustom(&top, &["build", "copy"]).good(), built);
    let text = fs::read_to_string(top.join("copy/kustomization.yaml")).expect("a file");
    insta::assert_snapshot!(text);
    assert_eq!(
        files(&top.join("copy")),
        [
            "kustomization.yaml",
            "localized-files/127.0.0.1/.env",
            "localized-files/127.0.0.1/data/app.conf",
            "localized-files/127.0.0.1/maps/map.yaml",
            "localized-files/127.0.0.1/patch.yaml",
        ]
    );
    // What fails leaves nothing.
    write(&top, "app/kustomization.yaml", &format!("resources: ['http://{at}/none']"));
    let failed = kustom(&top, &["localize", &allow, "app", "none"]);
    assert_eq!(failed.code, Some(1));
    let mut left: Vec<_> =
        fs::read_dir(&top).expect("a folder").map(|e| e.expect("an entry").file_name()).collect();
    left.sort();
    assert_eq!(left, ["app", "copy"]);
    // Two addresses of one place.
    let two = format!("resources: ['http://{at}/maps/map.yaml']\ncrds: ['http://{at}/none']\n");
    write(&top, "app/kustomization.yaml", &two);
    assert_eq!(kustom(&top, &["localize", &allow, "app", "none"]).code, Some(1));
    assert!(!top.join("none").exists());
}

#[test]
fn what_a_plugin_names_is_refused() {
    let server = Server::start(|_| (200, String::new(), config_map("own")));
    let plugin = format!(
        "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: p}}\npath: http://{}/p.yaml\n",
        server.address
    );
    let top = folder(
        "localize-plugin",
        &[
            ("kustomization.yaml", "resources: [own.yaml]\ntransformers: [plugin.yaml]\n"),
            ("own.yaml", &config_map("own")),
            ("plugin.yaml", &plugin),
        ],
    );
    let allow = format!("--allow-remote={}", server.address);
    let refused = kustom(&top, &["localize", &allow, ".", "copy"]);
    assert!(refused.err.contains("cannot be made local"), "{}", refused.err);
    assert!(!top.join("copy").exists());
}

#[cfg(unix)]
#[test]
fn links_are_followed() {
    let top = folder(
        "localize-links",
        &[
            ("real/kustomization.yaml", "resources: [map.yaml]\n"),
            ("real/map.yaml", &config_map("real")),
            ("app/k.yaml", "resources: [../base, a.yaml] # both\n"),
            ("app/files/a.yaml", &config_map("a")),
        ],
    );
    for (target, link) in
        [("real", "base"), ("files/a.yaml", "app/a.yaml"), ("k.yaml", "app/kustomization.yaml")]
    {
        std::os::unix::fs::symlink(target, top.join(link)).expect("a link");
    }
    kustom(&top, &["localize", "app", "copy", "--scope", "."]).good();
    let text = fs::read_to_string(top.join("copy/app/kustomization.yaml")).expect("a file");
    assert_eq!(text, "resources: [../real, a.yaml] # both\n");
    assert_eq!(kustom(&top, &["build", "copy/app"]).good(), kustom(&top, &["build", "app"]).good());
}

#[test]
fn the_folder_of_charts_is_copied_and_nothing_is_rendered() {
    let charts = "helmGlobals: {chartHome: ../third}\nhelmCharts:\n- name: web\n  valuesFile: v/values.yaml\n  \
                  additionalValuesFiles: [more.yaml]\n";
    let top = folder(
        "localize-charts",
        &[
            ("app/kustomization.yaml", &format!("resources: [own.yaml]\n{charts}")),
            ("app/own.yaml", &config_map("own")),
            ("app/v/values.yaml", "a: 1\n"),
            ("app/more.yaml", "b: 1\n"),
            ("app/unused.yaml", "c: 1\n"),
            ("third/web/Chart.yaml", "name: web\n"),
            ("third/web/templates/a.txt", "template\n"),
            (
                "fetched/kustomization.yaml",
                "helmCharts:\n- {name: a, repo: 'https://example.com'}\n",
            ),
            ("globals/kustomization.yaml", "helmGlobals: {chartHome: ./c}\n"),
            ("globals/c/web/Chart.yaml", "name: web\n"),
        ],
    );
    // As upstream: a build that needs a flag is no proof, so the copy stays and the exit code says so.
    let ran = kustom(&top, &["localize", "app", "copy", "--scope", "."]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("--no-verify"), "{}", ran.err);
    let expected = [
        "app/kustomization.yaml",
        "app/more.yaml",
        "app/own.yaml",
        "app/v/values.yaml",
        "third/web/Chart.yaml",
        "third/web/templates/a.txt",
    ];
    assert_eq!(files(&top.join("copy")), expected);
    kustom(&top, &["localize", "app", "again", "--scope", ".", "--no-verify"]).good();
    assert_eq!(files(&top.join("again")), expected);
    kustom(&top, &["localize", "fetched", "--no-verify"]).good();
    assert_eq!(files(&top.join("localized-fetched")), ["kustomization.yaml"]);
    kustom(&top, &["localize", "globals"]).good();
    assert_eq!(files(&top.join("localized-globals")), ["c/web/Chart.yaml", "kustomization.yaml"]);
    let outside = kustom(&top, &["localize", "app", "none"]);
    assert!(outside.err.contains("--scope") && !top.join("none").exists(), "{}", outside.err);
    let nowhere = kustom(&top, &["localize", "globals", "no/where"]);
    assert_eq!(nowhere.code, Some(1));
    assert!(nowhere.err.contains("no is no directory"), "{}", nowhere.err);
}

#[test]
fn functions_and_plugins_are_copied_and_do_not_run() {
    let function = |how: &str| {
        format!(
            "apiVersion: x/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
             config.kubernetes.io/function: \"{how}\"\n"
        )
    };
    let plugin = "apiVersion: x/v1\nkind: Plugin\nmetadata: {name: p}\nargsFromFile: args.txt\n";
    let top = folder(
        "localize-functions",
        &[
            (
                "app/kustomization.yaml",
                "resources: [../base]\ngenerators: [gen.yaml, plugin.yaml]\ntransformers: [fn.yaml]\n",
            ),
            ("app/gen.yaml", &function("exec: {path: ksops}")),
            ("app/plugin.yaml", plugin),
            ("app/args.txt", "one\n"),
            ("app/fn.yaml", &function("container: {image: example.com/fn}")),
            ("base/kustomization.yaml", "resources: [map.yaml]\n"),
            ("base/map.yaml", &config_map("base")),
            (
                "broken/kustomization.yaml",
                "generators: [fn.yaml]\nreplacements:\n- source: {kind: ConfigMap, name: made}\n  targets:\n  \
                 - {select: {kind: Pod}, fieldPaths: [spec.a]}\n",
            ),
            ("broken/fn.yaml", &function("exec: {path: ./make}")),
            ("manifest/kustomization.yaml", "transformers: [d.yaml]\n"),
            ("manifest/d.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n"),
        ],
    );
    // As with charts: the copy stays, and the exit code says that it is not compared.
    let ran = kustom(&top, &["localize", "app", "copy", "--scope", "."]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("functions and plugins are not run here"), "{}", ran.err);
    assert!(ran.err.contains("--no-verify"), "{}", ran.err);
    let mut expected = vec![
        "app/args.txt",
        "app/fn.yaml",
        "app/gen.yaml",
        "app/kustomization.yaml",
        "app/plugin.yaml",
        "base/kustomization.yaml",
        "base/map.yaml",
    ];
    assert_eq!(files(&top.join("copy")), expected);
    kustom(&top, &["localize", "app", "again", "--scope", ".", "--no-verify"]).good();
    assert_eq!(files(&top.join("again")), expected);
    // What does not build without them is copied too.
    let ran = kustom(&top, &["localize", "broken"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("functions and plugins are not run here"), "{}", ran.err);
    expected = vec!["fn.yaml", "kustomization.yaml"];
    assert_eq!(files(&top.join("localized-broken")), expected);
    // A manifest in the wrong list is none.
    let ran = kustom(&top, &["localize", "manifest"]);
    assert!(ran.err.contains("list it under `resources`"), "{}", ran.err);
    assert!(!top.join("localized-manifest").exists());
}

#[test]
fn where_objects_are_from_may_differ() {
    let elsewhere = repositories("localize-origin");
    let url = "https://github.com/acme/app//deploy?ref=v1";
    let text = format!(
        "resources: ['{url}']\nnamePrefix: a-\nbuildMetadata: [originAnnotations, transformerAnnotations]\n"
    );
    let top = folder("localize-origins", &[("app/kustomization.yaml", &text)]);
    let ran = elsewhere.kustom(&top, &["localize", "--allow-remote", "app"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("say it of the copy"), "{}", ran.err);
}

#[test]
fn what_does_not_build_is_copied_with_its_error() {
    let text = "resources: [map.yaml]\nconfigMapGenerator: [{name: z, behavior: merge, literals: [a=b]}]\n";
    let files = [("o/kustomization.yaml", text), ("o/map.yaml", &config_map("a"))];
    let dir = folder("localize-unbuilt", &files);
    let ran = kustom(&dir, &["localize", "o", "copy"]);
    assert!(ran.code == Some(1) && ran.err.contains("cannot merge or replace"), "{}", ran.err);
    let copied = fs::read_to_string(dir.join("copy/kustomization.yaml")).expect("a copy");
    assert_eq!(copied, text);
    // A file that is not there leaves nothing.
    write(&dir, "o/kustomization.yaml", "resources: [gone.yaml]\n");
    assert_eq!(kustom(&dir, &["localize", "o", "other"]).code, Some(1));
    assert!(!dir.join("other").exists());
}
