//! `kustom lint`: the warnings of a whole repository.

use std::fs;

use serde_json::Value;

use super::{folder, kustom, write};

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n\
                   spec: {containers: [{name: c, image: web}]}\n";
const BASE: &str = "resources: [pod.yaml]\nimages: [{name: wep, newTag: v1}]\n";

/// Makes a base with a warning, two overlays of it, and a component that nobody uses.
fn repository(test: &str) -> std::path::PathBuf {
    let overlay = "resources: [../../base]\n";
    folder(
        test,
        &[
            ("base/pod.yaml", POD),
            ("base/kustomization.yaml", BASE),
            ("overlays/dev/kustomization.yaml", overlay),
            ("overlays/prod/kustomization.yaml", overlay),
            ("extra/kustomization.yaml", "kind: Component\nresources: [none.yaml]\n"),
        ],
    )
}

#[test]
fn each_warning_of_a_repository_is_told_once() {
    let dir = repository("lint");
    let ran = kustom(&dir, &["lint"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{}", ran.err);
    assert_eq!(ran.err.matches("no container has the image `wep`").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("--> base/kustomization.yaml:2:"), "{}", ran.err);
    assert!(ran.err.ends_with("1 warning in 2 kustomizations\n"), "{}", ran.err);
    let without = kustom(&dir, &["lint", "overlays", "--warn=-unused-image"]);
    assert_eq!(
        (without.code, without.err.as_str()),
        (Some(0), "no warnings in 2 kustomizations\n")
    );
    let one = kustom(&dir, &["lint", "--exclude", "overlays/dev"]);
    assert!(one.err.ends_with("1 warning in 1 kustomization\n"), "{}", one.err);
}

#[test]
fn what_is_refused_counts_and_what_is_not_switched_on_does_not() {
    let dir = repository("lint-refused");
    write(&dir, "base/kustomization.yaml", "resources: [pod.yaml]\n");
    let chart = "helmCharts: [{name: c, repo: 'https://charts.example.com', releaseName: c}]\n";
    write(&dir, "chart/kustomization.yaml", chart);
    let ran = kustom(&dir, &["lint"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let (skipped, summary) = ran.err.split_once('\n').expect("two lines");
    assert!(
        skipped.starts_with("not looked at: chart: ") && skipped.contains("--enable-helm"),
        "{skipped}"
    );
    assert_eq!(summary, "no warnings in 2 kustomizations\n");
    write(&dir, "overlays/dev/kustomization.yaml", "resources: [../../bass]\n");
    let ran = kustom(&dir, &["lint"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("did you mean"), "{}", ran.err);
    assert!(ran.err.ends_with("no warnings in 2 kustomizations; 1 refused\n"), "{}", ran.err);
}

#[test]
fn what_does_nothing_in_tests_is_told_to_who_names_them_only() {
    let unused = "resources: [pod.yaml]\nimages: [{name: wep, newTag: v1}]\n";
    let dir = folder(
        "lint-tests",
        &[
            ("app/pod.yaml", POD),
            ("app/kustomization.yaml", "resources: [pod.yaml]\n"),
            ("tests/e2e/pod.yaml", POD),
            ("tests/e2e/kustomization.yaml", unused),
            ("latest/pod.yaml", POD),
            ("latest/kustomization.yaml", unused),
        ],
    );
    let told = |args: &[&str]| kustom(&dir, args).err.matches("the image `wep`").count();
    assert_eq!(told(&["lint"]), 1, "only that of `latest`");
    assert_eq!(told(&["lint", "."]), 1);
    assert_eq!(told(&["lint", "tests"]), 0, "`e2e` is a folder of tests too");
    let named: [&[&str]; 3] =
        [&["lint", "tests/e2e"], &["lint", "./tests/e2e"], &["build", "--warn", "tests/e2e"]];
    for args in named {
        assert_eq!(told(args), 1, "{args:?}");
    }
    let absolute = dir.join("tests/e2e");
    assert_eq!(told(&["lint", &absolute.to_string_lossy()]), 1);
    // What would be refused is told of tests as well.
    write(&dir, "tests/e2e/pod.yaml", &POD.replace("spec:", "sepc:"));
    assert!(kustom(&dir, &["lint"]).err.contains("`sepc`"));
}

#[test]
fn what_is_found_can_be_read_by_programs() {
    let dir = repository("lint-forms");
    let ran = kustom(&dir, &["lint", "--error-format", "json"]);
    let lines: Vec<Value> =
        ran.err.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines[0]["kind"], "unused-image");
    assert_eq!(lines[1]["kind"], "summary");
    let ran = kustom(&dir, &["lint", "--format", "sarif", "-o", "log.sarif"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let log = fs::read(dir.join("log.sarif")).expect("a log");
    let log: Value = serde_json::from_slice(&log).expect("JSON");
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "unused-image");
    assert_eq!(kustom(&dir, &["lint", "--warn=nonsense"]).code, Some(2));
}

#[test]
fn where_flux_builds_files_may_lie_outside() {
    let dir = folder(
        "lint-flux",
        &[
            ("shared/pod.yaml", POD),
            ("apps/web/kustomization.yaml", "resources: [../../shared/pod.yaml]\n"),
        ],
    );
    fs::create_dir(dir.join(".git")).expect("a folder");
    let ran = kustom(&dir, &["lint"]);
    assert!(ran.code == Some(1) && ran.err.contains("is not in or below"), "{}", ran.err);
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {path: ./apps/web}\n";
    write(&dir, "clusters/web.yaml", flux);
    let ran = kustom(&dir, &["lint"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), "no warnings in 1 kustomization\n"));
    // What a repository says opens nothing else.
    let outside = folder("lint-flux-outside", &[("pod.yaml", "password: hunter2: x\n")]);
    let up = outside.join("pod.yaml").display().to_string();
    let up = format!("resources: [../../..{up}, {up}]\n");
    write(&dir, "apps/bad/kustomization.yaml", &up);
    let link = "resources: [link.yaml]\n";
    write(&dir, "apps/link/kustomization.yaml", link);
    std::os::unix::fs::symlink(outside.join("pod.yaml"), dir.join("apps/link/link.yaml"))
        .expect("a link");
    let ran = kustom(&dir, &["lint"]);
    assert!(ran.code == Some(1) && !ran.err.contains("hunter2"), "{}", ran.err);
    assert!(ran.err.contains("2 refused"), "{}", ran.err);
    fs::remove_dir_all(dir.join("apps/bad")).expect("removed");
    fs::remove_dir_all(dir.join("apps/link")).expect("removed");
    let strict = kustom(&dir, &["lint", "--load-restrictor", "LoadRestrictionsRootOnly"]);
    assert_eq!(strict.code, Some(1), "{}", strict.err);
}

#[test]
fn what_others_wrote_is_not_told_and_one_cause_is_told_once() {
    let typo = "{apiVersion: v1, kind: ConfigMap, metadata: {name: Web}}\n";
    let printed = format!("---\n# Source: web/templates/map.yaml\n{typo}");
    let broken = "resources: [../base]\n";
    let dir = folder(
        "lint-others",
        &[
            ("vendor/web/kustomization.yaml", "resources: [map.yaml]\n"),
            ("vendor/web/map.yaml", typo),
            ("charts/kustomization.yaml", "resources: [map.yaml]\n"),
            ("charts/map.yaml", &printed),
            ("base/kustomization.yaml", "resources: [none.yaml]\n"),
            ("dev/kustomization.yaml", broken),
            ("prod/kustomization.yaml", broken),
        ],
    );
    let ran = kustom(&dir, &["lint"]);
    assert_eq!(ran.err.matches("Error: ").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("1 more kustomization is refused for this"), "{}", ran.err);
    assert!(ran.err.ends_with("no warnings in 4 kustomizations; 2 refused\n"), "{}", ran.err);
}
