//! `kustom affected` where links lead elsewhere

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::affected::git;
use super::{config_map, folder, kustom, write};

/// Returns a repository of some files and links, committed once.
pub(super) fn repository(test: &str, files: &[(&str, &str)], links: &[(&str, &str)]) -> PathBuf {
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

pub(super) fn commit(dir: &Path) {
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

pub(super) const UNRESTRICTED: [&str; 2] = ["--load-restrictor", "LoadRestrictionsNone"];

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

#[test]
fn links_need_not_be_tracked() {
    let dir = repository(
        "affected-link-untracked",
        &[
            (".gitignore", "ignored*\n"),
            ("lib/map.yaml", &config_map("a")),
            ("lib/kustomization.yaml", "resources: [map.yaml]\n"),
            ("file/kustomization.yaml", "resources: [ignored.yaml]\n"),
            ("base/kustomization.yaml", "resources: [../ignored-lib]\n"),
            ("new/kustomization.yaml", "resources: [../way]\n"),
            (
                "chart/kustomization.yaml",
                "helmCharts: [{name: c, releaseName: r}]\nhelmGlobals: {chartHome: ignored}\n",
            ),
            ("chart/ignored/c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
            ("other/kustomization.yaml", "namePrefix: a-\n"),
        ],
        &[
            ("file/ignored.yaml", "../lib/map.yaml"),
            ("ignored-lib", "lib"),
            ("chart/ignored/c/templates", "../../../lib"),
            ("ignored-root", "lib"),
        ],
    );
    symlink("lib", dir.join("way")).expect("a link");
    let list = |dirs: &[&str]| {
        kustom(&dir, &[&["affected", "--from", "HEAD"], &UNRESTRICTED[..], dirs].concat()).good()
    };
    // The link itself is new.
    assert_eq!(list(&["."]), "new\n");
    write(&dir, "lib/map.yaml", &config_map("b"));
    assert_eq!(list(&["."]), "base\nchart\nfile\nlib\nnew\n");
    assert_eq!(list(&["ignored-root", "other", "way"]), "ignored-root\nway\n");
}

#[test]
fn links_may_lead_round_in_a_circle_or_above() {
    let chart = "apiVersion: v2\nname: c\nversion: 1.0.0\n";
    let kustomization = "helmCharts: [{name: c, releaseName: r}]\n";
    let dir = repository(
        "affected-link-circle",
        &[
            ("circle/kustomization.yaml", kustomization),
            ("circle/charts/c/Chart.yaml", chart),
            ("broken/kustomization.yaml", "resources: [loop.yaml]\n"),
            ("above/kustomization.yaml", kustomization),
            ("above/charts/c/Chart.yaml", chart),
            ("far/a/f.yaml", "a: b\n"),
            ("far/b/f.yaml", "a: b\n"),
            ("none/f.yaml", "a: b\n"),
        ],
        &[
            ("circle/charts/c/one", "two"),
            ("circle/charts/c/two", "one"),
            ("circle/charts/c/own", "."),
            ("circle/charts/c/templates", "../../../far/a"),
            ("broken/loop.yaml", "again.yaml"),
            ("broken/again.yaml", "loop.yaml"),
            ("far/a/more", "../b"),
            ("far/b/back", "../a"),
            ("above/charts/c/up", "../../../../affected-link-circle/above/.."),
        ],
    );
    write(&dir, "far/b/f.yaml", "a: c\n");
    assert_eq!(affected(&dir, &[]), "above\ncircle\n");
    write(&dir, "none/f.yaml", "a: c\n");
    assert_eq!(affected(&dir, &[]), "above\n");
    fs::remove_file(dir.join("broken/again.yaml")).expect("a link");
    symlink("../none/f.yaml", dir.join("broken/again.yaml")).expect("a link");
    assert_eq!(affected(&dir, &[]), "above\nbroken\n");
}

#[test]
fn components_and_bases_may_be_reached_by_links() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
    let map = config_map("a");
    let dir = repository(
        "affected-link-base",
        &[
            ("base/kustomization.yaml", "resources: [map.yaml, data.yaml]\n"),
            ("base/map.yaml", &map),
            ("by-link/kustomization.yaml", "resources: [../to/base]\n"),
            ("part/kustomization.yaml", &format!("{component}patches: [{{path: p.yaml}}]\n")),
            ("shared/p.yaml", &map),
            ("shared/data.yaml", &config_map("d")),
            ("with/kustomization.yaml", "resources: [map.yaml]\ncomponents: [../part]\n"),
            ("with/map.yaml", &map),
            // Of what is refused, as much counts.
            (
                "refused/kustomization.yaml",
                "resources: [https://example.invalid/x, ../to/base]\ncomponents: [../part]\n",
            ),
            ("other/kustomization.yaml", "namePrefix: a-\n"),
        ],
        &[
            ("to", "through"),
            ("through", "."),
            ("base/data.yaml", "../shared/data.yaml"),
            ("part/p.yaml", "../shared/p.yaml"),
        ],
    );
    write(&dir, "shared/p.yaml", &format!("{map}data: {{a: b}}\n"));
    assert_eq!(affected(&dir, &UNRESTRICTED), "refused\nwith\n");
    write(&dir, "shared/data.yaml", &format!("{map}data: {{a: b}}\n"));
    assert_eq!(affected(&dir, &UNRESTRICTED), "base\nby-link\nrefused\n");
    fs::remove_file(dir.join("through")).expect("a link");
    symlink("shared", dir.join("through")).expect("a link");
    fs::create_dir_all(dir.join("shared/base")).expect("a folder");
    write(&dir, "shared/base/kustomization.yaml", "namePrefix: s-\n");
    let all = "by-link\nrefused\nshared/base\n";
    assert_eq!(affected(&dir, &UNRESTRICTED), all);
}

#[test]
fn the_configuration_of_a_step_may_be_a_link_and_its_names_absolute() {
    let patch = |value: &str| format!("{}data: {{a: {value}}}\n", config_map("a"));
    let step = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\n";
    let made = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\n";
    let map = config_map("a");
    let dir = repository(
        "affected-link-step",
        &[
            ("link/kustomization.yaml", "resources: [map.yaml]\ntransformers: [t.yaml]\n"),
            ("link/map.yaml", &map),
            ("steps/t.yaml", &format!("{step}path: '../p, q.yaml'\n")),
            ("p, q.yaml", &patch("one")),
            ("whole/kustomization.yaml", "resources: [map.yaml]\ntransformers: [t.yaml]\n"),
            ("whole/map.yaml", &map),
            ("key/kustomization.yaml", "generators: [g.yaml]\n"),
            ("key/g.yaml", &format!("{made}files: ['k=../a b.txt', '../c,d.txt']\n")),
            ("a b.txt", "one"),
            ("c,d.txt", "one"),
            ("other/kustomization.yaml", "generators: [g.yaml]\n"),
            ("other/g.yaml", &format!("{made}literals: ['a= b', '/a/b']\n")),
        ],
        &[("link/t.yaml", "../steps/t.yaml")],
    );
    let path = dir.join("p, q.yaml");
    write(&dir, "whole/t.yaml", &format!("{step}path: '{}'\n", path.display()));
    commit(&dir);
    write(&dir, "p, q.yaml", &patch("two"));
    assert_eq!(affected(&dir, &UNRESTRICTED), "link\nwhole\n");
    for (file, roots) in [("a b.txt", "key\n"), ("c,d.txt", "key\n"), ("steps/t.yaml", "link\n")] {
        write(&dir, file, &format!("{step}patch: '{{}}'\ntarget: {{}}\n"));
        assert_eq!(affected(&dir, &UNRESTRICTED), roots, "{file}");
    }
}
