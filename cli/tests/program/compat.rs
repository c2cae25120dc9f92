//! In the place of `kustomize`: as Argo CD, Makefiles and other tools call it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Ran, config_map, folder, kustom, program};

/// Runs the program under the name `kustomize`.
fn kustomize(dir: &Path, args: &[&str]) -> Ran {
    let name = Path::new(env!("CARGO_TARGET_TMPDIR")).join("as-kustomize/kustomize");
    if !name.exists() {
        fs::create_dir_all(name.parent().expect("a folder")).expect("a folder");
        // Tests run side by side, and one of them is first.
        _ = fs::hard_link(env!("CARGO_BIN_EXE_kustom"), &name)
            .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_kustom"), &name).map(drop));
    }
    let mut command = Command::new(name);
    command.current_dir(dir).args(args).stdin(Stdio::null());
    command.env_remove("KUSTOMIZE_ENABLE_MANAGEDBY_LABEL");
    command.output().expect("it runs").into()
}

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n  \
                          template:\n    spec:\n      containers:\n      - {name: c, image: 'controller:latest'}\n";

fn app(test: &str) -> std::path::PathBuf {
    folder(
        test,
        &[
            ("app/kustomization.yaml", "resources: [deployment.yaml]\n"),
            ("app/deployment.yaml", DEPLOYMENT),
            ("comp/kustomization.yaml", "kind: Component\nlabels: [{pairs: {c: d}}]\n"),
        ],
    )
}

#[test]
fn as_argo_cd_calls_it() {
    let dir = app("compat-argo");
    let here = dir.join("app");
    assert_eq!(kustomize(&dir, &["version"]).good(), "v5.8.2\n");
    for args in [
        &["set", "nameprefix", "--", "-a-"][..],
        &["set", "nameprefix", "--", "a-"],
        &["set", "namesuffix", "--", "-z"],
        &["set", "image", "controller=example.com/controller:v1", "other:v2"],
        &["set", "replicas", "web=3", "nobody=1"],
        &["set", "replicas", "web=4"],
        &["add", "label", "--force", "--without-selector", "--include-templates", "env:prod"],
        &["add", "label", "--force", "team:shop", "tier:web"],
        &["add", "annotation", "--force", "note:x:y"],
        &["set", "namespace", "--", "shop"],
        &["add", "component", "../comp"],
    ] {
        if args.contains(&"nobody=1") {
            continue;
        }
        assert_eq!(kustomize(&here, &[&["edit"], args].concat()).good(), "", "{args:?}");
    }
    let out = kustomize(&dir, &["build", &here.display().to_string()]);
    for line in [
        "  name: a-web-z",
        "  namespace: shop",
        "  replicas: 4",
        "      - image: example.com/controller:v1",
        "    team: shop",
        "    note: x:y",
        "        env: prod",
    ] {
        assert!(out.out.lines().any(|other| other == line), "{line}: {}{}", out.out, out.err);
    }
    // A label that is there already fails without --force.
    let again = kustomize(&here, &["edit", "add", "label", "team:shop"]);
    assert_eq!(again.code, Some(1));
}

#[test]
fn as_a_makefile_of_kubebuilder_calls_it() {
    let dir = app("compat-make");
    kustomize(&dir.join("app"), &["edit", "set", "image", "controller=example.com/c:v7"]).good();
    let out = kustomize(&dir, &["build", "app"]).good();
    assert!(out.contains("image: example.com/c:v7\n"));
    assert_eq!(
        kustomize(&dir, &["build", "--load-restrictor", "LoadRestrictionsNone", "app"]).good(),
        out
    );
    assert_eq!(kustomize(&dir, &["build", "app", "-o", "out.yaml"]).good(), "");
    assert_eq!(fs::read_to_string(dir.join("out.yaml")).expect("a file"), out);
}

#[test]
fn faults_have_the_code_that_kustomize_has() {
    let dir = app("compat-codes");
    for args in [
        &["build", "nothing"][..],
        &["build", "--nonsense"],
        &["nonsense"],
        &["cfg", "tree"],
        &["build", "-e", "=x"],
    ] {
        let ran = kustomize(&dir, args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{args:?}");
        assert!(!ran.err.is_empty());
    }
    assert!(kustomize(&dir, &["fn", "run"]).err.contains("kustom has no command fn"));
    let json = kustomize(&dir, &["version", "-o", "json"]).good();
    assert!(json.contains("\"version\": \"v5.8.2\""), "{json}");
    assert_eq!(kustom(&dir, &["--kustomize-compat", "version"]).good(), "v5.8.2\n");
    assert!(kustomize(&dir, &["completion", "bash"]).good().contains("_kustomize()"));
    assert!(kustom(&dir, &["version", "-o", "yaml"]).good().contains("kustomizeVersion: v5.8.2\n"));
}

#[test]
fn localize_copies_what_is_read_and_nothing_else() {
    let dir = app("compat-localize");
    fs::write(dir.join("app/README.md"), "no input").expect("a file");
    kustom(&dir, &["localize", "app", "copy"]).good();
    let mut names: Vec<_> = fs::read_dir(dir.join("copy"))
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["deployment.yaml", "kustomization.yaml"]);
    assert_eq!(kustom(&dir, &["build", "copy"]).good(), kustom(&dir, &["build", "app"]).good());
    let again = kustom(&dir, &["localize", "app", "copy"]);
    assert!(again.err.contains("is there already"), "{}", again.err);
    fs::write(
        dir.join("app/kustomization.yaml"),
        "components: [../comp]\nresources: [deployment.yaml]\n",
    )
    .expect("a file");
    let outside = kustom(&dir, &["localize", "app", "wide"]);
    assert_eq!(outside.code, Some(1));
    assert!(outside.err.contains("--scope") && !dir.join("wide").exists(), "{}", outside.err);
    kustom(&dir, &["localize", "app", "wide", "--scope", "."]).good();
    assert!(dir.join("wide/comp/kustomization.yaml").exists());
}

#[test]
fn watch_renders_what_a_change_touches() {
    let dir = folder(
        "watch",
        &[
            ("a/kustomization.yaml", "resources: [../base]\nnamePrefix: a-\n"),
            ("b/kustomization.yaml", "resources: [map.yaml]\n"),
            ("b/map.yaml", &config_map("b")),
            ("base/kustomization.yaml", "resources: [map.yaml]\n"),
            ("base/map.yaml", &config_map("one")),
        ],
    );
    let mut child = Ended(
        program(&dir, &["build", "a", "b", "--watch", "-o", "out"])
            .stdout(Stdio::null())
            .stderr(fs::File::create(dir.join("said")).expect("a file"))
            .spawn()
            .expect("it runs"),
    );
    let said = || fs::read_to_string(dir.join("said")).unwrap_or_default();
    let until = |what: &str, is: &dyn Fn() -> bool| {
        let start = Instant::now();
        while !is() {
            assert!(start.elapsed() < Duration::from_secs(60), "{what}: {}", said());
            thread::sleep(Duration::from_millis(5));
        }
    };
    let a = || fs::read_to_string(dir.join("out/a.yaml")).unwrap_or_default();
    until("rendered", &|| said().contains("rendered 2 in "));
    assert!(a().contains("name: a-one\n"));
    fs::write(dir.join("base/map.yaml"), config_map("three")).expect("a file");
    until("changed", &|| a().contains("name: a-three\n"));
    until("told", &|| said().contains("base/map.yaml: rendered 1 of 2 in "));
    // A fault is told, and the output stays until it is gone.
    fs::write(dir.join("base/map.yaml"), "kind: [\n").expect("a file");
    until("refused", &|| said().contains("base/map.yaml:"));
    assert!(a().contains("name: a-three\n"));
    fs::write(dir.join("base/map.yaml"), config_map("fourth")).expect("a file");
    until("mended", &|| a().contains("name: a-fourth\n"));
    child.0.kill().expect("it runs still");
}

#[test]
fn a_comparison_is_watched() {
    let dir = folder(
        "watch-diff",
        &[
            ("a/kustomization.yaml", "resources: [../base]\n"),
            ("b/kustomization.yaml", "resources: [../base]\n"),
            ("base/kustomization.yaml", "resources: [map.yaml]\n"),
            ("base/map.yaml", &config_map("one")),
        ],
    );
    let output = |name| fs::File::create(dir.join(name)).expect("a file");
    let mut child = Ended(
        program(&dir, &["diff", "a", "b", "--watch"])
            .stdout(output("out"))
            .stderr(output("said"))
            .spawn()
            .expect("it runs"),
    );
    let text = |name| fs::read_to_string(dir.join(name)).unwrap_or_default();
    let until = |what: &str, is: &dyn Fn() -> bool| {
        let start = Instant::now();
        while !is() {
            assert!(start.elapsed() < Duration::from_secs(60), "{what}: {}", text("said"));
            thread::sleep(Duration::from_millis(5));
        }
    };
    until("watching", &|| text("said").contains("watching\n"));
    assert!(text("out").contains("no differences"), "{}", text("out"));
    fs::write(
        dir.join("b/kustomization.yaml"),
        "resources: [../base]\ncommonAnnotations: {k: v}\n",
    )
    .expect("a file");
    until("told", &|| text("said").contains("b/kustomization.yaml: compared in "));
    assert!(text("out").contains("1 changed"), "{}", text("out"));
    child.0.kill().expect("it runs still");
    let refused = kustom(&dir, &["diff", "-", "b", "--watch"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("--watch"), "{}", refused.err);
}

/// A process that ends with its test, also with one that fails.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}
