//! What git ignores, where the work tree is compared with a revision.

use std::fs;

use crate::diff::Repo;
use crate::elsewhere::{Elsewhere, executable};
use crate::{Ran, config_map, kustom};

/// Commits a root, and then that it adds a prefix.
fn two_commits(repo: &Repo, ignored: &str, files: &[(&str, &str)]) {
    repo.write(".gitignore", ignored);
    files.iter().for_each(|(path, text)| repo.write(path, text));
    repo.commit();
    let kustomization = fs::read_to_string(repo.path().join("a/kustomization.yaml"));
    let kustomization = kustomization.expect("a file");
    repo.write("a/kustomization.yaml", &format!("namePrefix: x-\n{kustomization}"));
    repo.commit();
}

/// Checks that what was made before has the name without the prefix.
fn is_compared(ran: &Ran, name: &str) {
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{}", ran.out);
    let said = format!("metadata.name: {name} → x-{name}");
    assert!(ran.out.contains(&said), "{}", ran.out);
}

#[test]
fn copies_count_for_the_revision_too() {
    let elsewhere = Elsewhere::new("diff-ignored");
    let map = config_map("infra");
    let files = [("base/kustomization.yaml", "resources: [map.yaml]\n"), ("base/map.yaml", &map)];
    elsewhere.commit("acme/infra", "v1", &files);
    let url = "resources: ['github.com/acme/infra//base?ref=v1']\n";
    // A folder as a whole, or all that is in it.
    for ignored in [".kustom\n", ".kustom/\n", ".kustom/*\n"] {
        let repo = Repo::empty();
        repo.write("a/kustomization.yaml", url);
        let vendor = ["vendor", "--allow-remote"];
        elsewhere.kustom(repo.path(), &vendor).good();
        two_commits(&repo, ignored, &[]);
        is_compared(&kustom(repo.path(), &["diff", ".", "--from", "HEAD~1"]), "infra");
        let between = kustom(repo.path(), &["diff", ".", "--from", "HEAD~1", "--to", "HEAD"]);
        assert!(between.out.contains("is missing"), "no revision has them: {}", between.out);
    }
}

#[test]
fn copies_of_the_revision_are_not_mixed_with_those_of_now() {
    let elsewhere = Elsewhere::new("diff-mixed");
    let files = [("kustomization.yaml", "resources: [map.yaml]\n"), ("map.yaml", &config_map("a"))];
    elsewhere.commit("acme/infra", "main", &files);
    let repo = Repo::empty();
    repo.write("a/kustomization.yaml", "resources: ['github.com/acme/infra?ref=main']\n");
    elsewhere.kustom(repo.path(), &["vendor", "--allow-remote"]).good();
    repo.commit();
    // The copy is no longer committed, and has one more file now.
    let files = [
        ("kustomization.yaml", "namePrefix: x-\nresources: [map.yaml, more.yaml]\n"),
        ("more.yaml", &config_map("more")),
    ];
    elsewhere.commit("acme/infra", "main", &files);
    elsewhere.kustom(repo.path(), &["vendor", "--allow-remote", "--update"]).good();
    repo.git(&["rm", "-r", "-q", "--cached", ".kustom"]);
    repo.write(".gitignore", ".kustom\n");
    repo.commit();
    is_compared(&kustom(repo.path(), &["diff", ".", "--from", "HEAD~1"]), "a");
}

#[cfg(unix)]
#[test]
fn charts_and_functions_count_for_the_revision_too() {
    let helm = "#!/bin/sh\ncase $1 in\nversion) echo v4.0.0 ;;\ntemplate) echo 'apiVersion: v1'; echo 'kind: ConfigMap'; \
                echo 'metadata: {name: chart}' ;;\nesac\n";
    let entry = "helmCharts: [{name: web, releaseName: r}]\n";
    let repo = Repo::empty();
    repo.write("a/charts/web/Chart.yaml", "name: web\nversion: 1.0.0\n");
    repo.write("a/charts/web/values.yaml", "");
    repo.write("helm", helm);
    executable(&repo.path().join("helm"));
    two_commits(&repo, "charts\n/helm\n", &[("a/kustomization.yaml", entry)]);
    let args = ["diff", ".", "--from", "HEAD~1", "--enable-helm", "--helm-command", "./helm"];
    is_compared(&kustom(repo.path(), &args), "chart");

    let made = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: $(cat secrets/name)}\n";
    let program = format!("#!/bin/sh\necho x > written; cat <<E\n{made}E\n");
    let config = "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
                  config.kubernetes.io/function: 'exec: {path: ../bin/fn}'\n";
    let repo = Repo::empty();
    repo.write("bin/fn", &program);
    executable(&repo.path().join("bin/fn"));
    repo.write("a/secrets/name", "made");
    let files = [("a/kustomization.yaml", "generators: [fn.yaml]\n"), ("a/fn.yaml", config)];
    two_commits(&repo, "bin/*\nsecrets\nwritten\n", &files);
    let args = ["diff", ".", "--from", "HEAD~1", "--enable-alpha-plugins", "--enable-exec"];
    is_compared(&kustom(repo.path(), &args), "made");
}
/// A base of which two folders can be used, a root that uses one of them, and a commit that has the lock alone.
fn locked(elsewhere: &Elsewhere) -> Repo {
    let (b, c) = (config_map("b"), config_map("c"));
    let both = "resources: [map.yaml]\n";
    let files = [
        ("b/kustomization.yaml", both),
        ("b/map.yaml", b.as_str()),
        ("c/kustomization.yaml", both),
        ("c/map.yaml", &c),
    ];
    elsewhere.commit("acme/infra", "main", &files);
    let repo = Repo::empty();
    repo.write(".gitignore", ".kustom/\n");
    repo.write("a/kustomization.yaml", "resources: ['github.com/acme/infra//b?ref=main']\n");
    elsewhere.kustom(repo.path(), &["vendor", "--allow-remote"]).good();
    repo.commit();
    repo
}

#[test]
fn copies_with_more_count_for_a_revision_that_lists_less() {
    let elsewhere = Elsewhere::new("diff-more");
    let repo = locked(&elsewhere);
    repo.write("c/kustomization.yaml", "resources: ['github.com/acme/infra//c?ref=main']\n");
    elsewhere.kustom(repo.path(), &["vendor", "--allow-remote"]).good();
    let prefixed = "namePrefix: x-\nresources: ['github.com/acme/infra//b?ref=main']\n";
    repo.write("a/kustomization.yaml", prefixed);
    let ran = kustom(repo.path(), &["diff", ".", "--from", "HEAD"]);
    is_compared(&ran, "b");
    assert!(ran.out.contains("+ ConfigMap c"), "{}", ran.out);
}

#[test]
fn copies_of_another_commit_do_not_count_for_the_revision() {
    let elsewhere = Elsewhere::new("diff-moved");
    let repo = locked(&elsewhere);
    elsewhere.commit(
        "acme/infra",
        "main",
        &[("b/kustomization.yaml", "namePrefix: x-\nresources: [map.yaml]\n")],
    );
    elsewhere.kustom(repo.path(), &["vendor", "--allow-remote", "--update"]).good();
    let args = ["diff", ".", "--from", "HEAD"];
    let ran = kustom(repo.path(), &args);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    let said = "1 root may differ, but could not be compared";
    assert!(ran.out.contains(said), "{}", ran.out);
    assert!(ran.out.contains("--allow-remote fetches what its kustom.lock says"), "{}", ran.out);
    assert!(
        !ran.out.contains("changed on disk") && !ran.out.contains("kustom vendor"),
        "{}",
        ran.out
    );
    let args = ["diff", ".", "--from", "HEAD", "--allow-remote"];
    is_compared(&elsewhere.kustom(repo.path(), &args), "b");
}

#[test]
fn copies_with_less_do_not_count_for_a_revision_that_lists_more() {
    let elsewhere = Elsewhere::new("diff-less");
    let repo = locked(&elsewhere);
    repo.write("c/kustomization.yaml", "resources: ['github.com/acme/infra//c?ref=main']\n");
    elsewhere.kustom(repo.path(), &["vendor", "--allow-remote"]).good();
    repo.commit();
    fs::remove_dir_all(repo.path().join("c")).expect("a folder");
    let prefixed = "namePrefix: x-\nresources: ['github.com/acme/infra//b?ref=main']\n";
    repo.write("a/kustomization.yaml", prefixed);
    elsewhere.kustom(repo.path(), &["vendor", "--allow-remote"]).good();
    let args = ["diff", ".", "--from", "HEAD", "--allow-remote"];
    let ran = elsewhere.kustom(repo.path(), &args);
    is_compared(&ran, "b");
    assert!(ran.out.contains("- ConfigMap c"), "{}", ran.out);
}

#[cfg(unix)]
#[test]
fn functions_see_no_copies_of_another_commit() {
    let elsewhere = Elsewhere::new("diff-functions");
    let repo = locked(&elsewhere);
    let copy = "../.kustom/vendor/github.com/acme/infra@main/b/map.yaml";
    repo.write("bin/fn", &format!("#!/bin/sh\nexec cat {copy}\n"));
    executable(&repo.path().join("bin/fn"));
    let config = "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
                  config.kubernetes.io/function: 'exec: {path: ../bin/fn}'\n";
    repo.write("f/fn.yaml", config);
    repo.write("f/kustomization.yaml", "generators: [fn.yaml]\n");
    repo.commit();
    let args = ["diff", "f", "--from", "HEAD", "--enable-alpha-plugins", "--enable-exec"];
    let same = kustom(repo.path(), &args);
    assert!(same.out.contains("no differences"), "{}{}", same.out, same.err);
    elsewhere.commit("acme/infra", "main", &[("b/map.yaml", &config_map("moved"))]);
    elsewhere.kustom(repo.path(), &["vendor", "--allow-remote", "--update"]).good();
    let ran = kustom(repo.path(), &args);
    assert!(!ran.out.contains("no differences"), "{}{}", ran.out, ran.err);
    assert_ne!(ran.code, Some(0), "{}{}", ran.out, ran.err);
}
