//! In the place of `kustomize`: as Argo CD, Makefiles and other tools call it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Ran, config_map, folder, kustom, write};

/// Runs the program under the name `kustomize`.
fn kustomize(dir: &Path, args: &[&str]) -> Ran {
    let name = Path::new(env!("CARGO_TARGET_TMPDIR")).join("as-kustomize/kustomize");
    let exe = Path::new(env!("CARGO_BIN_EXE_kustom"));
    let made = |path: &Path| fs::metadata(path).and_then(|it| it.modified()).ok();
    if made(&name) != made(exe) {
        // Tests run side by side, and the last build is what counts.
        let beside = name.with_extension(std::process::id().to_string());
        fs::create_dir_all(name.parent().expect("a folder")).expect("a folder");
        fs::hard_link(exe, &beside).expect("a link");
        fs::rename(&beside, &name).expect("a link");
        // Two names of one file: a rename does nothing then.
        _ = fs::remove_file(&beside);
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
    // What it asks first, to know which flags there are; it takes the first thing that looks like a version.
    assert_eq!(kustomize(&dir, &["version", "--short"]).out, "{v5.8.2  unknown   }\n");
    let absolute = here.display().to_string();
    let before = kustomize(&dir, &["build", &absolute]).good();
    let third = format!("third@sha256:{}", "0a".repeat(32));
    // One call for each field of `source.kustomize`, in this order, in the directory of the source.
    for args in [
        &["set", "nameprefix", "--", "a-"][..],
        &["set", "namesuffix", "--", "-z"],
        &["set", "image", "controller=example.com/controller:v1", "other:v2", &third],
        &["set", "replicas", "web=4"],
        &["add", "label", "team:shop"],
        &["add", "label", "--force", "team:shop", "tier:web"],
        &[
            "add",
            "label",
            "--force",
            "--without-selector",
            "--include-templates",
            "env:prod",
            "team:x",
        ],
        &["add", "annotation", "note:first"],
        &["add", "annotation", "--force", "note:x:y", "url:https://example.com/?a=b"],
        &["set", "namespace", "--", "shop"],
        &["add", "component", "../comp"],
    ] {
        let ran = kustomize(&here, &[&["edit"], args].concat());
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{args:?}: {}", ran.err);
    }
    // Labels and annotations that are there need `forceCommonLabels` and `forceCommonAnnotations`.
    for args in [["add", "label", "team:shop"], ["add", "annotation", "note:z"]] {
        assert_eq!(kustomize(&here, &[&["edit"], &args[..]].concat()).code, Some(1));
    }
    // The build has an absolute path and `kustomize.buildOptions` behind it, in the root of the repository.
    let options = [
        "--load-restrictor",
        "LoadRestrictionsNone",
        "--enable-helm",
        "--helm-kube-version",
        "1.34.0",
        "--helm-api-versions",
        "apps/v1",
        "--helm-api-versions",
        "v1",
    ];
    // `commonLabels` is deprecated, which stderr says.
    let out = kustomize(&dir, &[&["build", &absolute][..], &options].concat()).out;
    assert_ne!(out, before);
    for line in [
        "  name: a-web-z",
        "  namespace: shop",
        "  replicas: 4",
        "      - image: example.com/controller:v1",
        "    tier: web",
        "    note: x:y",
        "    url: https://example.com/?a=b",
        "        env: prod",
        "    c: d",
    ] {
        assert!(out.lines().any(|other| other == line), "{line}: {out}");
    }
    // It appends patches by itself, as JSON in YAML's clothes, and builds once more.
    let text = fs::read_to_string(here.join("kustomization.yaml")).expect("a file");
    let patches = "patches:\n- patch: '[{\"op\": \"add\", \"path\": \"/spec/paused\", \"value\": true}]'\n  \
                   target: {kind: Deployment}\n  options: {allowNameChange: true}\n";
    fs::write(here.join("kustomization.yaml"), text + patches).expect("a file");
    assert!(kustomize(&dir, &["build", &absolute]).out.contains("  paused: true\n"));
}

#[test]
fn as_skaffold_calls_it() {
    let dir = app("compat-skaffold");
    let out = kustomize(&dir, &["build", "app"]).good();
    assert!(kustomize(&dir, &["version"]).good().starts_with('v'));
    // `deploy.kustomize.buildArgs` stand before the path, each word by itself.
    let args = ["build", "--load-restrictor=LoadRestrictionsNone", "--enable-helm=true", "app"];
    assert_eq!(kustomize(&dir, &args).good(), out);
    // Without arguments, for the directory that it stands in.
    assert_eq!(kustomize(&dir.join("app"), &["build"]).good(), out);
    assert_eq!(kustomize(&dir.join("app"), &["build", "."]).good(), out);
}

#[test]
fn as_tilt_calls_it() {
    let dir = app("compat-tilt");
    // `kustomize(path, flags=[…])` of a Tiltfile: flags first, and nothing of stderr in the output.
    let absolute = dir.join("app").display().to_string();
    let ran = kustomize(&dir, &["build", "--enable-managedby-label", &absolute]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("deprecated") && !ran.out.contains("deprecated"));
    assert!(ran.out.contains("app.kubernetes.io/managed-by: kustomize-v5.8.2\n"), "{}", ran.out);
}

#[test]
fn as_kubectl_has_it_built_in() {
    let dir = app("compat-kubectl");
    // The flags of `kubectl kustomize`; `apply -k` reads the same output.
    for args in [
        &["build", "app"][..],
        &["build", "app", "--as-current-user", "--network=false", "--network-name=bridge"],
        &[
            "build",
            "app",
            "--enable-helm",
            "--helm-command",
            "helm",
            "--mount",
            "type=bind,src=a,dst=/b",
        ],
        &["build", "app", "--enable-alpha-plugins=f", "-e", "A=b", "--reorder=legacy"],
        &["build", "app", "--load-restrictor", "LoadRestrictionsRootOnly"],
    ] {
        let ran = kustomize(&dir, args);
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
        assert!(ran.out.starts_with("apiVersion: apps/v1\n"), "{}", ran.out);
    }
    assert_eq!(kustomize(&dir, &["build", "app", "--enable-helm=maybe"]).code, Some(1));
}

#[test]
fn the_version_has_the_fields_of_upstream() {
    let dir = app("compat-version");
    let json = kustomize(&dir, &["version", "-o", "json"]).good();
    let keys: Vec<&str> = json.lines().filter_map(|line| line.split('"').nth(1)).collect();
    let fields =
        ["version", "gitCommit", "buildDate", "goOs", "goArch", "goVersion", "kustomVersion"];
    assert_eq!(keys, fields);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["version"], "v5.8.2");
    let yaml = kustomize(&dir, &["version", "-o", "yaml"]).good();
    let keys: Vec<&str> = yaml.lines().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(keys, fields);
    assert_eq!(kustomize(&dir, &["version", "--short", "-o", "json"]).code, Some(1));
    assert_eq!(kustomize(&dir, &["version", "-o", "short"]).good(), "{v5.8.2  unknown   }\n");
    let short = format!("v{}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(kustom(&dir, &["version", "-o", "short"]).good(), short);
    let own = kustom(&dir, &["version", "-o", "json"]).good();
    let own: serde_json::Value = serde_json::from_str(&own).expect("JSON");
    assert_eq!(own["kustomizeVersion"], "v5.8.2");
}

#[test]
fn what_upstream_refuses_or_kustom_lacks_is_refused() {
    let dir = app("compat-refused");
    let ran = kustomize(&dir, &["build", "app", "app"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("specify one path to kustomization.yaml"), "{}", ran.err);
    for command in
        ["cfg", "fn", "openapi", "docs-fn", "docs-io-annotations", "tutorials-function-basics"]
    {
        let said = format!("kustom has no command {command}");
        for ran in [kustomize(&dir, &[command, "info"]), kustom(&dir, &[command, "info"])] {
            assert!(!matches!(ran.code, Some(0) | None));
            assert!(ran.err.contains(&said) && ran.err.contains("localize"), "{}", ran.err);
        }
    }
}

#[test]
fn a_question_is_answered_with_success() {
    let dir = app("compat-help");
    for args in
        [&[][..], &["edit"], &["edit", "set"], &["help"], &["edit", "add", "label", "--help"]]
    {
        let ran = kustomize(&dir, args);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{args:?}");
        assert!(ran.out.contains("Usage: "), "{}", ran.out);
    }
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert!(kustomize(&dir, &["completion", shell]).good().contains("kustomize"), "{shell}");
    }
}

#[test]
fn as_a_makefile_of_kubebuilder_calls_it() {
    let dir = app("compat-make");
    write(&dir, "config/manager/kustomization.yaml", "resources:\n- manager.yaml\n");
    write(&dir, "config/manager/manager.yaml", DEPLOYMENT);
    write(&dir, "config/crd/kustomization.yaml", "resources: [map.yaml]\n");
    write(&dir, "config/crd/map.yaml", &config_map("crd"));
    write(
        &dir,
        "config/default/kustomization.yaml",
        "namespace: system\nnamePrefix: op-\nresources:\n- ../crd\n- ../manager\n",
    );
    // As `make deploy IMG=…`, `make install` and `make build-installer` do, in one shell each.
    let manager = dir.join("config/manager");
    kustomize(&manager, &["edit", "set", "image", "controller=example.com/c:v7"]).good();
    let text = || fs::read_to_string(manager.join("kustomization.yaml")).expect("a file");
    assert_eq!(
        text(),
        "resources:\n- manager.yaml\nimages:\n- name: controller\n  \
                        newName: example.com/c\n  newTag: v7\n"
    );
    let out = kustomize(&dir, &["build", "config/default"]).good();
    assert!(out.contains("image: example.com/c:v7\n") && out.contains("name: op-web\n"), "{out}");
    assert!(kustomize(&dir, &["build", "config/crd"]).good().contains("name: crd\n"));
    // With another image: one line of the file.
    let before = text();
    kustomize(&manager, &["edit", "set", "image", "controller=example.com/c:v8"]).good();
    assert_eq!(text(), before.replace("v7", "v8"));
    assert_eq!(
        kustomize(&dir, &["build", "--load-restrictor", "LoadRestrictionsNone", "config/default"])
            .good(),
        out.replace("v7", "v8")
    );
    assert_eq!(kustomize(&dir, &["build", "config/default", "-o", "out.yaml"]).good(), "");
    assert_eq!(fs::read_to_string(dir.join("out.yaml")).expect("a file"), out.replace("v7", "v8"));
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
fn what_stands_behind_an_option_is_its_value() {
    let dir = folder("compat-hyphens", &[("map.yaml", &config_map("m")), ("none/file", "")]);
    let create = ["create", "--resources", "map.yaml", "--namesuffix", "-dev", "--nameprefix", "-"];
    kustomize(&dir, &create).good();
    assert!(kustomize(&dir, &["build"]).good().contains("name: -m-dev\n"));
    let add =
        ["edit", "add", "configmap", "c", "--from-literal", "-k=v", "--disableNameSuffixHash"];
    kustomize(&dir, &add).good();
    let text = fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
    assert!(text.contains("-k=v") && text.contains("disableNameSuffixHash: true"), "{text}");
    // Patches often begin so.
    let patch = "- {op: add, path: /data, value: {a: b}}";
    kustomize(&dir, &["edit", "add", "patch", "--kind", "ConfigMap", "--patch", patch]).good();
    assert!(kustomize(&dir, &["build"]).good().contains("  a: b\n"));
}

#[test]
fn an_empty_value_is_none_where_upstream_takes_it_so() {
    let dir = app("compat-empty");
    let out = kustomize(&dir, &["build", "app"]).good();
    // As scripts give it whose variable is not set.
    for args in [
        &["--load-restrictor="][..],
        &["--load-restrictor", ""],
        &["--output="],
        &["-o", ""],
        &["--helm-command="],
        &["--enable-helm", "--helm-command=", "--helm-kube-version=", "--network-name="],
    ] {
        assert_eq!(kustomize(&dir, &[&["build", "app"], args].concat()).good(), out, "{args:?}");
        assert_eq!(kustom(&dir, &[&["build", "app"], args].concat()).good(), out, "{args:?}");
    }
    kustomize(&dir, &["localize", "app", "copy", "--scope="]).good();
    assert_eq!(kustomize(&dir, &["build", "copy"]).good(), out);
    assert_eq!(kustomize(&dir, &["version", "-o", ""]).good(), "v5.8.2\n");
    let add = ["edit", "add", "configmap", "c", "--from-literal=k=v", "--from-env-file="];
    kustomize(&dir.join("app"), &[&add[..], &["--behavior=", "--namespace="]].concat()).good();
    // Upstream does not know an empty order either, and needs helm where there are charts.
    for flag in ["--reorder=", "--enable-helm="] {
        assert_eq!(kustomize(&dir, &["build", "app", flag]).code, Some(1), "{flag}");
    }
    write(&dir, "charts/kustomization.yaml", "helmCharts: [{name: c, releaseName: r}]\n");
    write(&dir, "charts/charts/c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    let ran = kustomize(&dir, &["build", "charts", "--enable-helm", "--helm-command="]);
    assert!(ran.code == Some(1) && ran.err.contains("is '' installed?"), "{}", ran.err);
}

#[test]
fn a_kustom_toml_that_is_not_understood_does_not_stop_kustomize() {
    let dir = app("compat-config");
    fs::create_dir_all(dir.join(".git")).expect("a folder");
    for text in ["[apps]\nfuture-key = 1\n", "[future]\n", "broken", "[diff]\nfail-on = 3\n"] {
        write(&dir, "kustom.toml", text);
        let built = kustomize(&dir, &["build", "app"]);
        let said = "the file is ignored";
        assert!(built.code == Some(0) && built.err.contains(said), "{}", built.err);
        assert_eq!(built.out, kustom(&dir, &["build", "--no-config", "app"]).good());
        let edited = kustomize(&dir.join("app"), &["edit", "set", "namesuffix", "--", "-x"]);
        assert_eq!(edited.code, Some(0), "{}", edited.err);
        assert_eq!(kustom(&dir, &["build", "app"]).code, Some(2));
    }
}
