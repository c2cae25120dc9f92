//! Applications and ApplicationSets that a kustomization builds.

use std::fs;
use std::path::{Path, PathBuf};

use super::apps::{SET, git};
use super::{config_map, folder, kustom, kustom_with_input, write};

/// A repository with an ApplicationSet that overlays change, and with what it deploys.
fn repository(test: &str) -> PathBuf {
    let overlay =
        "resources: [../../base]\npatches: [{target: {kind: ApplicationSet}, path: patch.yaml}]\n";
    let patch = |cluster: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: set}}\nspec: {{template: {{spec: \
             {{destination: {{name: {cluster}}}}}}}}}\n"
        )
    };
    let set = format!("# The Applications\n---\n{SET}");
    let files = [
        ("argo/base/kustomization.yaml", "resources: [set.yaml]\n"),
        ("argo/base/set.yaml", &*set),
        ("argo/overlays/dev/kustomization.yaml", overlay),
        ("argo/overlays/dev/patch.yaml", &patch("dev")),
        ("argo/overlays/prod/kustomization.yaml", overlay),
        ("argo/overlays/prod/patch.yaml", &patch("prod")),
        ("apps/a/kustomization.yaml", "resources: [map.yaml]\n"),
        ("apps/a/map.yaml", &config_map("a")),
        ("apps/b/kustomization.yaml", "resources: [../../shared]\n"),
        ("shared/kustomization.yaml", "resources: [map.yaml]\n"),
        ("shared/map.yaml", &config_map("b")),
        (".gitignore", "*.env\n"),
    ];
    let dir = folder(test, &files);
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["add", "-A"]);
    git(&dir, &["commit", "-q", "-m", "one"]);
    dir
}

fn edit(dir: &Path, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(dir.join(path)).expect("a file");
    assert!(text.contains(from), "{text}");
    fs::write(dir.join(path), text.replace(from, to)).expect("written");
}

#[test]
fn a_directory_with_a_kustomization_is_what_it_builds() {
    let dir = repository("apps-built");
    let built = kustom(&dir, &["build", "argo/overlays/dev"]).good();
    for action in [&["apps"][..], &["apps", "render"]] {
        let of_stdin = kustom_with_input(&dir, &[action, &["-", "--root", "."]].concat(), &built);
        let ran = kustom(&dir, &[action, &["argo/overlays/dev"]].concat());
        assert_eq!(ran.good(), of_stdin.good(), "{action:?}");
    }
    let list = kustom(&dir, &["apps", "argo/overlays/dev", "argo/overlays/prod/"]).good();
    assert_eq!(list.lines().filter(|line| line.contains("dev")).count(), 2, "{list}");
    assert_eq!(list.lines().filter(|line| line.contains("prod")).count(), 2, "{list}");
    // From inside of it, and as the top of the repository.
    let inside = dir.join("argo/overlays/dev");
    assert!(kustom(&inside, &["apps", "."]).good().contains("apps/a"));
    write(&dir, "kustomization.yaml", "resources: [argo/overlays/prod]\n");
    assert!(kustom(&dir, &["apps", "."]).good().contains("apps/a"));
}

#[test]
fn what_is_said_names_the_file_that_it_is_built_from() {
    let dir = repository("apps-built-places");
    edit(&dir, "argo/base/set.yaml", "apps/*", "gone/*");
    let ran = kustom(&dir, &["apps", "argo/overlays/dev"]);
    assert!(ran.err.contains("--> argo/base/set.yaml:3\n"), "{}", ran.err);
    let args = ["apps", "argo/overlays/dev", "--error-format", "json"];
    assert!(kustom(&dir, &args).err.contains("\"argo/base/set.yaml\""));
    edit(&dir, "argo/base/set.yaml", "gone/*", "apps/*");
    let list = kustom(&dir, &["apps", "argo/overlays/dev", "--format", "json"]).good();
    assert!(list.contains("\"file\": \"argo/base/set.yaml\"") && list.contains("\"line\": 3"));
}

#[test]
fn what_cannot_be_built_leaves_the_others() {
    let dir = repository("apps-built-fails");
    edit(&dir, "argo/overlays/dev/kustomization.yaml", "patch.yaml", "gone.yaml");
    let ran = kustom(&dir, &["apps", "argo/overlays/dev", "argo/overlays/prod"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("gone.yaml") && ran.err.contains("argo/overlays/dev"), "{}", ran.err);
    assert_eq!(ran.out.matches("  prod  ").count(), 2, "{}", ran.out);
    // What git ignores is not there for Argo CD either.
    write(&dir, "argo/overlays/dev/a.env", "a=b\n");
    edit(&dir, "argo/overlays/dev/kustomization.yaml", "gone.yaml", "a.env");
    let ran = kustom(&dir, &["apps", "argo/overlays/dev"]);
    assert!(
        ran.err.replace("\n  ", " ").contains("a.env is there, but git ignores it"),
        "{}",
        ran.err
    );
    edit(&dir, "argo/base/kustomization.yaml", "set.yaml", "b.yaml");
    let ran = kustom(&dir, &["apps", "argo/overlays/prod"]);
    let place = "--> argo/base/kustomization.yaml:1\n = hint: did you mean `set.yaml`?";
    assert!(ran.err.contains(place), "{}", ran.err);
    assert!(ran.err.contains("from argo/overlays/prod/kustomization.yaml"), "{}", ran.err);
    assert_eq!(ran.err.matches("hint").count(), 1, "{}", ran.err);
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n";
    write(&dir, "only/role.yaml", role);
    write(&dir, "only/kustomization.yaml", "resources: [role.yaml]\n");
    let ran = kustom(&dir, &["apps", "only"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("it builds no ApplicationSet"), "{}", ran.err);
    let text = config_map("a") + "data:\n  a: " + &"x".repeat(20 << 20) + "\n";
    write(&dir, "only/large.yaml", &text);
    write(&dir, "only/kustomization.yaml", "resources: [large.yaml]\n");
    let ran = kustom(&dir, &["apps", "only", "--limits", "untrusted"]);
    assert!(ran.err.contains("limit `file_bytes`"), "{}", ran.err);
}

#[test]
fn a_directory_without_a_kustomization_and_a_pattern_are_files() {
    let dir = repository("apps-built-files");
    for action in ["render", "lint", "diff"] {
        let args = ["apps", action, "argo"];
        let from: &[&str] = if action == "diff" { &["--from", "main"] } else { &[] };
        let ran = kustom(&dir, &[&args[..], from].concat());
        let said = "argo: is a directory without a kustomization; name the files";
        assert!(ran.err.contains(said), "{action}: {}", ran.err);
    }
    let ran = kustom(&dir, &["apps", "argo/overlays/*"]);
    assert!(ran.err.contains("argo/overlays/* matches no file"), "{}", ran.err);
    let ran = kustom(&dir, &["apps", "argo/base/**/*.yaml"]);
    assert_eq!(ran.good().matches("  prod  ").count(), 2);
}

#[test]
fn both_sides_of_a_comparison_are_built() {
    let dir = repository("apps-built-diff");
    let diff = |more: &[&str]| kustom(&dir, &[&["apps", "diff", "--from", "main"], more].concat());
    assert_eq!(diff(&["argo/overlays/dev"]).code, Some(0));
    edit(&dir, "argo/overlays/dev/patch.yaml", "dev}", "dev, namespace: other}");
    edit(&dir, "argo/base/set.yaml", "prune: true", "prune: false");
    let ran = diff(&["argo/overlays/dev", "argo/overlays/prod"]);
    assert_eq!((ran.code, &*ran.err), (Some(1), ""), "{}", ran.out);
    for said in ["a on dev", "a on prod", "prune: true → false", "other"] {
        assert!(ran.out.contains(said), "{said}: {}", ran.out);
    }
    // One that is gone, with what git leaves of it, and one that is new.
    fs::remove_dir_all(dir.join("argo/overlays/dev")).expect("removed");
    write(&dir, "argo/overlays/dev/left.env", "");
    write(
        &dir,
        "argo/overlays/new/kustomization.yaml",
        "resources: [../../base]\nnameSuffix: -n\n",
    );
    let ran = diff(&["argo/overlays/dev"]);
    assert!(ran.out.contains("a on dev (gone)"), "{}{}", ran.out, ran.err);
    let ran = diff(&["argo/overlays/new"]);
    assert!(ran.out.contains("a on prod (new)"), "{}{}", ran.out, ran.err);
    let ran = diff(&["argo/overlays/none"]);
    assert!(
        ran.err.contains("there is no file argo/overlays/none, neither in main"),
        "{}",
        ran.err
    );
    let ran = diff(&["-"]);
    assert!(
        ran.err.replace("\n  ", " ").contains("the directory of the kustomization that builds it")
    );
}

#[test]
fn nothing_is_gone_while_it_cannot_be_built() {
    let dir = repository("apps-built-diff-fails");
    edit(&dir, "argo/overlays/prod/kustomization.yaml", "patch.yaml", "gone.yaml");
    let ran = kustom(&dir, &["apps", "diff", "argo/overlays/prod", "--from", "main"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.out.contains("nothing changes until it can"), "{}", ran.out);
    assert!(!ran.out.contains("gone)") && ran.err.contains("gone.yaml"), "{}{}", ran.out, ran.err);
}

#[test]
fn nothing_is_written_into_what_is_built() {
    let dir = repository("apps-built-write");
    let before = fs::read_to_string(dir.join("argo/base/set.yaml")).expect("a file");
    let ran = kustom(&dir, &["apps", "lint", "argo/overlays/prod", "--write"]);
    assert_eq!(ran.code, Some(1));
    let said = "argo/base/set.yaml:3: ApplicationSet set: nothing is written, for it comes out of the build of \
                argo/overlays/prod/kustomization.yaml, where other files may change it: write there \
                argocd.argoproj.io/manifest-generate-paths: .;../../shared";
    assert!(ran.err.replace("\n  ", " ").contains(said), "{}", ran.err);
    assert_eq!(fs::read_to_string(dir.join("argo/base/set.yaml")).expect("a file"), before);
    let ran = kustom(&dir, &["apps", "lint", "argo/base/set.yaml", "--write"]);
    assert_eq!(ran.good(), "argo/base/set.yaml: ApplicationSet set: .;../../shared\n");
    let only = ["apps", "lint", "argo/overlays/prod", "--only", "manifest-generate-paths"];
    assert_eq!(kustom(&dir, &only).good(), "");
    edit(&dir, "argo/base/set.yaml", ".;../../shared", ".");
    let ran = kustom(&dir, &only);
    assert!(
        ran.err.contains("shared is not noticed") && !ran.err.contains("--write"),
        "{}",
        ran.err
    );
}

#[test]
fn values_of_built_secrets_stay_secret() {
    let dir = repository("apps-built-secret");
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\nspec:\n  \
                path: flux\n  prune: true\n  postBuild: {substituteFrom: [{kind: Secret, name: values}]}\n";
    let secret = |value: &str| {
        format!(
            "resources: [flux.yaml]\nsecretGenerator: [{{name: values, literals: ['word={value}'], options: \
             {{disableNameSuffixHash: true}}}}]\n"
        )
    };
    write(&dir, "cluster/flux.yaml", flux);
    write(&dir, "cluster/kustomization.yaml", &secret("S3cr3tMarkXq9"));
    write(&dir, "flux/map.yaml", &(config_map("a") + "data: {word: '${word}'}\n"));
    git(&dir, &["add", "-A"]);
    git(&dir, &["commit", "-q", "-m", "two"]);
    let rendered = kustom(&dir, &["apps", "render", "cluster"]).good();
    assert!(rendered.contains("word: S3cr3tMarkXq9"), "{rendered}");
    write(&dir, "cluster/kustomization.yaml", &secret("S3cr3tMarkNew8"));
    let ran = kustom(&dir, &["apps", "diff", "cluster", "--from", "main"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.out.contains("word") && !ran.out.contains("S3cr3t"), "{}", ran.out);
    // What it makes of an object that is none, and a build that fails.
    write(&dir, "cluster/kustomization.yaml", &secret("\"*S3cr3tMarkNew8"));
    write(&dir, "flux/map.yaml", &(config_map("a") + "data: {word: ${word}}\n"));
    let ran = kustom(&dir, &["apps", "render", "cluster"]);
    assert!(ran.code == Some(1) && !ran.err.contains("S3cr3t"), "{}", ran.err);
}
