//! `kustom affected` where links lead elsewhere

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::affected::git;
use super::{config_map, folder, kustom, write};

/// Returns a repository of some files and links, committed once.
fn repository(test: &str, files: &[(&str, &str)], links: &[(&str, &str)]) -> PathBuf {
    let dir = folder(test, files);
    for (link, target) in links {
        let link = dir.join(link);
        fs::create_dir_all(link.parent().expect("a folder")).expect("a folder");
        symlink(target, link).expect("a link");
    }
    git(&dir, &["init", "-q", "-b", "main"]);
    commit(&dir);
    dir
}

fn commit(dir: &Path) {
    git(dir, &["add", "--all"]);
    git(dir, &["commit", "-q", "-m", "next"]);
}

/// Returns what is affected since the last commit, which is the same in the work tree and once committed.
fn affected(dir: &Path, args: &[&str]) -> String {
    let list = |more: &[&str]| kustom(dir, &[&["affected"], more, args].concat()).good();
    let in_tree = list(&["--from", "HEAD"]);
    commit(dir);
    assert_eq!(list(&["--from", "HEAD~", "--to", "HEAD"]), in_tree, "{args:?}");
    in_tree
}

const UNRESTRICTED: [&str; 2] = ["--load-restrictor", "LoadRestrictionsNone"];

#[test]
fn a_kustomization_file_may_be_a_link() {
    let dir = repository(
        "affected-link-kustomization",
        &[
            ("k.yaml", "resources: [map.yaml]\n"),
            ("base/map.yaml", &config_map("a")),
            ("over/kustomization.yaml", "resources: [../base]\n"),
            ("other/kustomization.yaml", "{}\n"),
        ],
        &[("base/kustomization.yaml", "../k.yaml")],
    );
    write(&dir, "k.yaml", "resources: [map.yaml]\nnamePrefix: x-\n");
    assert_eq!(affected(&dir, &UNRESTRICTED), "base\nover\n");
}

#[test]
fn the_configuration_of_a_step_may_name_links() {
    let step = |fields: &str| {
        format!("apiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: p}}\n{fields}")
    };
    let patch = |value: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{a: {value}}}\n")
    };
    let kustomization = "resources: [map.yaml]\ntransformers: [t.yaml]\n";
    let map = config_map("a");
    let mut files = vec![
        ("other/kustomization.yaml".to_owned(), kustomization.to_owned()),
        ("other/map.yaml".to_owned(), map.clone()),
        ("other/p.yaml".to_owned(), patch("one")),
        ("other/t.yaml".to_owned(), step("path: p.yaml\n")),
        ("shared/p q.yaml".to_owned(), patch("one")),
    ];
    for (root, path) in [
        ("file", "p.yaml"),
        ("dots", "./p.yaml"),
        ("way", "s/p q.yaml"),
        ("up", "../shared/p q.yaml"),
    ] {
        files.push((format!("{root}/kustomization.yaml"), kustomization.to_owned()));
        files.push((format!("{root}/map.yaml"), map.clone()));
        files.push((format!("{root}/t.yaml"), step(&format!("path: {path}\n"))));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let links = [
        ("file/p.yaml", "../shared/p q.yaml"),
        ("dots/p.yaml", "../shared/p q.yaml"),
        ("way/s", "../shared"),
    ];
    let dir = repository("affected-link-config", &files, &links);
    write(&dir, "shared/p q.yaml", &patch("two"));
    let all = "dots\nfile\nup\nway\n";
    assert_eq!(affected(&dir, &UNRESTRICTED), all);
    fs::remove_file(dir.join("shared/p q.yaml")).expect("removed");
    assert_eq!(affected(&dir, &UNRESTRICTED), all);
}

#[test]
fn a_root_may_be_named_by_links() {
    let dir = repository(
        "affected-link-root",
        &[
            ("b/kustomization.yaml", "namePrefix: b-\n"),
            ("c/kustomization.yaml", "namePrefix: c-\n"),
            ("plain/kustomization.yaml", "resources: [map.yaml]\n"),
            ("plain/map.yaml", &config_map("a")),
        ],
        &[("a", "b"), ("chain", "a"), ("up", "."), ("d/down", "../up/a")],
    );
    fs::remove_file(dir.join("a")).expect("a link");
    symlink("c", dir.join("a")).expect("a link");
    let names = ["a", "b", "c", "chain", "d/down", "plain", "up/a", "up/b"];
    assert_eq!(affected(&dir, &names), "a\nchain\nd/down\nup/a\n");
    let build = ["build", "--affected", "--from", "HEAD~", "a", "-o", "out/"];
    kustom(&dir, &build).good();
    assert!(dir.join("out/a.yaml").exists());

    // A link in the place of a folder.
    fs::remove_dir_all(dir.join("out")).expect("removed");
    fs::remove_dir_all(dir.join("plain")).expect("removed");
    symlink("b", dir.join("plain")).expect("a link");
    let list = affected(&dir, &["."]);
    assert!(list.lines().any(|root| root == "plain"), "{list}");
    // And a folder in the place of a link.
    fs::remove_file(dir.join("plain")).expect("a link");
    write(&dir, "plain/kustomization.yaml", "namePrefix: p-\n");
    assert_eq!(affected(&dir, &["."]), "plain\n");
    let named = kustom(&dir, &["affected", "--from", "HEAD~", "plain", "b"]);
    assert_eq!(named.good(), "plain\n");
}

#[test]
fn fields_may_be_written_in_any_case() {
    let dir = repository(
        "affected-link-case",
        &[
            ("over/kustomization.yaml", "Resources: [map.yaml]\nTransformers: [t.yaml]\n"),
            ("over/map.yaml", &config_map("a")),
            (
                "over/t.yaml",
                "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npath: ../p.yaml\n",
            ),
            ("p.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
        ],
        &[],
    );
    write(&dir, "p.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n");
    assert_eq!(affected(&dir, &UNRESTRICTED), "over\n");
}

#[test]
fn what_a_refused_root_has_behind_links_counts() {
    let chart = "apiVersion: v2\nname: c\nversion: 1.0.0\n";
    let chart_of = |field: &str| {
        format!("{field}helmCharts: [{{name: c, releaseName: r, valuesFile: v.yaml}}]\n")
    };
    let (home, own) = (chart_of("helmGlobals: {chartHome: ../ch}\n"), chart_of(""));
    let map = config_map("a");
    let dir = repository(
        "affected-link-charts",
        &[
            ("home/kustomization.yaml", &home),
            ("home/v.yaml", "a: b\n"),
            ("ch/c/Chart.yaml", chart),
            ("ch/c/values.yaml", "a: b\n"),
            ("ch/c/templates/a.yaml", &map),
            ("sub/Chart.yaml", chart),
            ("sub/templates/a.yaml", &map),
            ("own/kustomization.yaml", &own),
            ("own/v.yaml", "a: b\n"),
            ("own/charts/c/Chart.yaml", chart),
            ("own/charts/c/values.yaml", "a: b\n"),
            ("own/charts/c/templates/a.yaml", &map),
            ("shared/s.yaml", &map),
            ("other/kustomization.yaml", "resources: [map.yaml]\n"),
            ("other/map.yaml", &map),
        ],
        &[
            ("ch/c/charts/s", "../../../next"),
            ("next", "sub"),
            ("sub/templates/further", "../../far"),
            ("far/none", "nowhere"),
            ("own/charts/c/templates/x", "../../../../shared"),
        ],
    );
    for more in [&[][..], &["--enable-helm"]] {
        for (path, root) in [
            ("sub/templates/a.yaml", "home\n"),
            ("far/f.yaml", "home\n"),
            ("far/nowhere", "home\n"),
            ("shared/s.yaml", "own\n"),
            ("README.md", ""),
        ] {
            let text = format!("{}# {path} {more:?}\n", config_map("b"));
            write(&dir, path, &text);
            assert_eq!(affected(&dir, more), root, "{path} {more:?}");
        }
    }
    fs::remove_file(dir.join("next")).expect("a link");
    symlink("shared", dir.join("next")).expect("a link");
    assert_eq!(affected(&dir, &[]), "home\n");
}
