//! Which roots `kustom diff` compares, and with what.

use std::fs;

use super::config_map;
use super::diff::Repo;
use crate::kustom_with_input;

/// Returns a repository with these files in its first commit.
fn repo(files: &[(&str, &str)]) -> Repo {
    let repo = Repo::empty();
    files.iter().for_each(|(path, text)| repo.write(path, text));
    repo.commit();
    repo
}

#[test]
fn what_only_an_excluded_root_refers_to_is_compared_itself() {
    let repo = repo(&[
        ("all/kustomization.yaml", "resources: [../apps/a, ../apps/b]\n"),
        ("apps/a/kustomization.yaml", "resources: [map.yaml]\n"),
        ("apps/a/map.yaml", &config_map("a")),
        ("apps/b/kustomization.yaml", "resources: [map.yaml]\n"),
        ("apps/b/map.yaml", &config_map("b")),
    ]);
    repo.write("apps/a/map.yaml", &config_map("new"));
    let args = [".", "--from", "HEAD", "--exclude", "all"];
    let answer = repo.diff(&args);
    assert_eq!(answer.code, 1, "{}", answer.out);
    assert!(answer.out.contains("+ ConfigMap new"), "{}", answer.out);
    assert!(answer.out.ends_with("1 added, 1 removed in 1 of 2 roots\n"), "{}", answer.out);
    repo.commit();
    let answer = repo.diff(&[".", "--exclude", "all", "--from", "HEAD~", "--to", "HEAD"]);
    assert_eq!(answer.code, 1, "{}", answer.out);
    // What is compared within another root is none.
    repo.write("apps/b/kustomization.yaml", "resources: [map.yaml, ../a]\n");
    repo.commit();
    repo.write("apps/a/map.yaml", &config_map("newer"));
    let answer = repo.diff(&args);
    assert!(answer.out.ends_with("1 added, 1 removed\n"), "{}", answer.out);
}

#[test]
fn what_only_an_unused_component_refers_to_is_compared_itself() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
    let repo = repo(&[
        ("part/kustomization.yaml", &format!("{component}resources: [../app]\n")),
        ("app/kustomization.yaml", "resources: [map.yaml]\n"),
        ("app/map.yaml", &config_map("a")),
        ("ok/kustomization.yaml", "namePrefix: a-\n"),
    ]);
    repo.write("app/map.yaml", &config_map("b"));
    let answer = repo.diff(&[".", "--from", "HEAD"]);
    assert_eq!((answer.code, answer.out.contains("+ ConfigMap b")), (1, true), "{}", answer.out);
    // Both are new.
    repo.commit();
    repo.write("more/kustomization.yaml", &format!("{component}resources: [../new]\n"));
    repo.write("new/kustomization.yaml", "resources: [map.yaml]\n");
    repo.write("new/map.yaml", &config_map("new"));
    let answer = repo.diff(&[".", "--from", "HEAD"]);
    assert_eq!((answer.code, answer.out.contains("+ ConfigMap new")), (1, true), "{}", answer.out);
}

#[test]
fn kustomizations_that_only_refer_to_each_other_are_reported() {
    let repo = repo(&[
        ("ok/kustomization.yaml", "resources: [map.yaml]\n"),
        ("ok/map.yaml", &config_map("a")),
    ]);
    repo.write("p/kustomization.yaml", "resources: [../q]\n");
    repo.write("q/kustomization.yaml", "resources: [../p]\n");
    let answer = repo.diff(&[".", "--from", "HEAD"]);
    assert_eq!(answer.code, 2, "{}", answer.out);
    assert!(answer.out.contains("p\nerror: ") && answer.out.contains("cycle detected"));
    repo.commit();
    let answer = repo.diff(&[".", "--from", "HEAD~", "--to", "HEAD"]);
    assert_eq!(answer.code, 2, "{}", answer.out);
    repo.write("ok/map.yaml", &config_map("b"));
    let answer = repo.diff(&[".", "--from", "HEAD"]);
    assert_eq!(answer.code, 1, "it was there before: {}", answer.out);
    // Of a tree that has nothing else.
    fs::remove_dir_all(repo.path().join("ok")).expect("removed");
    repo.commit();
    repo.write("p/kustomization.yaml", "resources: [../q]\nnamePrefix: a-\n");
    let answer = repo.diff(&["p", "q", ".", "--from", "HEAD"]);
    assert!(answer.out.contains("as before: p, q"), "{}{}", answer.out, answer.err);
    let affected = |more: &[&str]| {
        let args = [&["affected", "--since", "HEAD", "."], more].concat();
        kustom_with_input(repo.path(), &args, "").good()
    };
    assert_eq!((affected(&[]), affected(&["--top-level"])), ("p\nq\n".into(), "p\n".into()));
}

#[test]
fn what_a_component_of_a_failing_root_refers_to_is_compared_in_its_place() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
    let patch = "patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: no}}'}]\n";
    let repo = repo(&[
        ("app/kustomization.yaml", "components: [../part]\n"),
        ("part/kustomization.yaml", &format!("{component}components: [../inner]\n{patch}")),
        ("inner/kustomization.yaml", &format!("{component}resources: [../base]\n")),
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", &config_map("a")),
    ]);
    repo.write("base/map.yaml", &config_map("b"));
    let answer = repo.diff(&[".", "--from", "HEAD"]);
    assert_eq!((answer.code, answer.out.contains("+ ConfigMap b")), (1, true), "{}", answer.out);
}

#[test]
fn a_second_file_of_a_kustomization_hides_nothing() {
    let repo = repo(&[
        ("app/kustomization.yaml", "resources: []\n"),
        ("app/Kustomization", "resources: [../base]\n"),
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", &config_map("a")),
    ]);
    repo.write("base/map.yaml", &config_map("b"));
    let answer = repo.diff(&[".", "--from", "HEAD"]);
    assert_eq!((answer.code, answer.out.contains("+ ConfigMap b")), (1, true), "{}", answer.out);
}
