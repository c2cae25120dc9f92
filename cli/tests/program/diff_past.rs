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
        ("apiVersion: v1\nkind: PrefixTransformer\nmetadata: {name: a}\n", "transformers", built_in),
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
