//! What `kustom diff` says of roots that cannot be rendered for want of a switch.

use super::config_map;
use super::diff::Repo;

/// A function with its annotation, as a config.
const FUNCTION: &str = "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata:\n  name: a\n  annotations:\n    \
                        config.kubernetes.io/function: |\n      exec: {path: ksops}\n";

/// A legacy plugin's config.
const PLUGIN: &str = "apiVersion: acme.io/v1\nkind: SealedThings\nmetadata: {name: a}\n";

/// Returns a repository whose only root has these lines and a ConfigMap; `d.yaml` is a config.
fn root(more: &str, config: &str) -> Repo {
    let repo = Repo::empty();
    repo.write("kustomization.yaml", &format!("resources: [map.yaml]\n{more}"));
    repo.write("map.yaml", &config_map("a"));
    repo.write("d.yaml", config);
    repo.commit();
    repo
}

/// Adds lines to the root's kustomization and compares it with what is committed.
#[track_caller]
fn check(repo: &Repo, lines: &str, (code, said): (i32, &str)) {
    let path = repo.path().join("kustomization.yaml");
    let before = std::fs::read_to_string(&path).expect("a kustomization");
    repo.write("kustomization.yaml", &format!("{before}{lines}"));
    let answer = repo.diff(&["--from", "HEAD", "."]);
    repo.write("kustomization.yaml", &before);
    assert_eq!(answer.code, code, "{lines}{}", answer.out);
    assert!(answer.out.contains(said), "{lines}{}", answer.out);
}

const NEEDS_MORE: (i32, &str) = (1, "may differ: it needs what it did not need before");

#[test]
fn a_new_function_may_differ() {
    for config in [FUNCTION, PLUGIN] {
        let repo = root("", config);
        for list in ["generators", "transformers", "validators"] {
            check(&repo, &format!("{list}: [d.yaml]\n"), NEEDS_MORE);
        }
    }
}

#[test]
fn a_manifest_among_configs_is_an_error() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n";
    let ordinary = (2, "this is an ordinary manifest (Deployment apps/v1)");
    let built_in = (2, "is built in: write `apiVersion: builtin`");
    let kind_of_manifests = (2, "Deployment is a kind of manifests");
    for (config, list, said) in [
        (deployment, "transformers", ordinary),
        (deployment, "generators", ordinary),
        (&deployment.replace("apps/v1", "builtin"), "generators", kind_of_manifests),
        (
            "apiVersion: v1\nkind: PrefixTransformer\nmetadata: {name: a}\n",
            "transformers",
            built_in,
        ),
        // Where a function stands beside it, too.
        (&format!("{deployment}---\n{FUNCTION}"), "generators", ordinary),
    ] {
        let repo = root("", config);
        check(&repo, &format!("{list}: [d.yaml]\n"), said);
        repo.write("kustomization.yaml", &format!("{list}: [d.yaml]\n"));
        repo.commit();
        check(&repo, "namePrefix: a-\n", (0, "as before"));
    }
}

/// A patch that the ConfigMap has no place for.
const POINTER: &str = r#"patches: [{target: {kind: ConfigMap}, patch: '[{"op": "remove", "path": "/data/a"}]'}]
"#;

/// What may be added in the place of something remote.
const REMOTE: &str = "https://raw.githubusercontent.com/a/b/v1/x.yaml";

#[test]
fn what_stands_in_for_a_remote_file_is_not_blamed_on_the_change() {
    let lines = |of: &str| {
        format!(
            "{of}patches: [{{patch: '{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}}}'}}]\n"
        )
    };
    let of = |line: &str| lines(&line.replace("URL", REMOTE));
    for line in [
        of("crds: [URL]\n"),
        of("replacements: [{path: URL}]\n"),
        of("openapi: {path: URL}\n"),
        of("configurations: [URL]\n"),
        of("transformers: [URL]\n"),
        of("components: [URL]\n"),
        of("configMapGenerator: [{name: m, envs: [URL]}]\n"),
        format!("patches: [{{path: {REMOTE}}}]\n"),
        format!("patches: [{{path: {REMOTE}, target: {{kind: ConfigMap}}}}]\n"),
        format!(
            "patchesJson6902: [{{path: {REMOTE}, target: {{version: v1, kind: ConfigMap, name: a}}}}]\n"
        ),
    ] {
        check(&root("", PLUGIN), &line, NEEDS_MORE);
        // It was remote before.
        let repo = root("bases: ['https://github.com/a/b//c?ref=v1']\n", PLUGIN);
        check(&repo, &line, (1, "may differ: what it reads has changed"));
    }
    // What is missing is missing, whatever the file says.
    let missing = format!("openapi: {{path: {REMOTE}}}\npatches: [{{path: nope.yaml}}]\n");
    check(&root("", PLUGIN), &missing, (2, "nope.yaml"));
}

#[test]
fn a_root_that_breaks_behind_a_function_is_an_error() {
    let missing = "patches: [{path: nope.yaml}]\n";
    let generator = "configMapGenerator: [{name: m, files: [nope]}]\n";
    for config in [FUNCTION, PLUGIN] {
        for list in ["generators", "transformers", "validators"] {
            let repo = root(&format!("{list}: [d.yaml]\n"), config);
            check(&repo, missing, (2, "no such file"));
            check(&repo, generator, (2, "no such file"));
            check(&repo, "resources: [twice.yaml\n", (2, "error: "));
            // A function may make what a patch needs, and a validator comes too late for that.
            let code = if list == "validators" { 2 } else { 1 };
            check(&repo, POINTER, (code, if code == 1 { "may differ" } else { "error: " }));
        }
    }
    // It was so before.
    let repo = root(&format!("generators: [d.yaml]\n{missing}"), FUNCTION);
    check(&repo, "namePrefix: a-\n", (1, "may differ"));
}

#[test]
fn functions_of_another_root_excuse_nothing() {
    let repo =
        root("helmCharts: [{name: a, repo: 'https://c.example', version: 1.0.0}]\n", FUNCTION);
    repo.write("other/kustomization.yaml", "generators: [d.yaml]\n");
    repo.write("other/d.yaml", FUNCTION);
    repo.commit();
    repo.write("other/kustomization.yaml", "generators: [d.yaml]\nnamePrefix: b-\n");
    check(&repo, POINTER, (2, "error: kustomization.yaml:3:"));
}
