//! `kustom deps`

use std::path::PathBuf;

use serde_json::Value;

use super::elsewhere::executable;
use super::{config_map, folder, kustom};

fn tree(test: &str) -> PathBuf {
    folder(
        test,
        &[
            ("prod/kustomization.yaml", "resources: [../base]\nnamePrefix: p-\n"),
            ("base/kustomization.yml", "resources: [map.yaml]\n"),
            ("base/map.yaml", &config_map("a")),
            ("broken/kustomization.yaml", "resources: [a b.yaml]\n"),
        ],
    )
}

#[test]
fn text_lists_all_in_order() {
    let dir = tree("deps-text");
    let expected = "\
directory .
directory prod
file      prod/kustomization.yaml
missing   prod/kustomization.yml
missing   prod/Kustomization
directory base
missing   base/kustomization.yaml
file      base/kustomization.yml
missing   base/Kustomization
file      base/map.yaml
";
    assert_eq!(kustom(&dir, &["deps", "prod"]).good(), expected);
    let files = "prod/kustomization.yaml\nbase/kustomization.yml\nbase/map.yaml\n";
    assert_eq!(kustom(&dir, &["deps", "prod", "--format", "files"]).good(), files);
    // What several directories share comes once.
    assert_eq!(kustom(&dir, &["deps", "prod", "base", "--format=files"]).good(), files);
    // Paths that are not below the working directory are absolute.
    let outside = kustom(&dir.join("prod"), &["deps", "--format", "files"]).good();
    let base = dir.join("base");
    let expected =
        format!("kustomization.yaml\n{0}/kustomization.yml\n{0}/map.yaml\n", base.display());
    assert_eq!(outside, expected);
}

#[test]
fn what_leads_to_the_repository_is_not_listed() {
    let dir = tree("deps-top");
    std::fs::create_dir(dir.join("base/.git")).unwrap();
    let text = kustom(&dir, &["deps", "base"]).good();
    assert!(text.starts_with("directory base\nmissing   base/kustomization.yaml\n"), "{text}");
    let json = kustom(&dir, &["deps", "base", "--format", "json"]).good();
    let all: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(all[0]["inputs"][0]["path"], "base");
}

#[test]
fn json_has_one_object_per_directory() {
    let dir = tree("deps-json");
    let ran = kustom(&dir, &["deps", "prod", "broken", "--format", "json"]);
    assert_eq!(ran.code, Some(1));
    let all: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(all[0]["directory"], "prod");
    assert_eq!(all[0]["error"], Value::Null);
    assert_eq!(all[0]["inputs"][2]["path"], "prod/kustomization.yaml");
    assert_eq!(all[0]["inputs"][2]["kind"], "file");
    assert!(all[1]["error"].as_str().unwrap().contains("a b.yaml"));
}

#[test]
fn a_refused_build_still_tells_what_it_waits_for() {
    let dir = tree("deps-refused");
    let ran = kustom(&dir, &["deps", "broken"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("missing   broken/a b.yaml\n"), "{}", ran.out);
    assert!(ran.err.starts_with("Error: "), "{}", ran.err);
}

#[test]
fn make_gets_a_rule() {
    let dir = tree("deps-make");
    let expected = "\
prod.yaml: \\
  prod/kustomization.yaml \\
  $(wildcard prod/kustomization.yml) \\
  $(wildcard prod/Kustomization) \\
  $(wildcard base/kustomization.yaml) \\
  base/kustomization.yml \\
  $(wildcard base/Kustomization) \\
  base/map.yaml

prod/kustomization.yaml:

base/kustomization.yml:

base/map.yaml:
";
    assert_eq!(kustom(&dir, &["deps", "prod/", "--format", "make"]).good(), expected);
    let named = kustom(&dir, &["deps", "prod", "--format", "make", "--target", "out/$a b"]).good();
    assert!(named.starts_with("out/$$a\\ b: \\\n"), "{named}");
    let here = kustom(&dir.join("prod"), &["deps", "--format", "make"]).good();
    let target = format!("{}.yaml: \\\n", dir.join("prod").display());
    assert!(here.starts_with(&target) || here.starts_with("prod.yaml"), "{here}");
    assert_eq!(kustom(&dir, &["deps", "prod", "base", "--target", "x"]).code, Some(2));
}

#[cfg(unix)]
#[test]
fn charts_from_elsewhere_are_named() {
    let helm = "#!/bin/sh\ncase $1 in\nversion) echo v4.0.0 ;;\npull) mkdir -p $4/web; \
                echo 'version: 1.2.3' > $4/web/Chart.yaml; echo 'a: 1' > $4/web/values.yaml ;;\nesac\n";
    let entry = |version: &str| {
        format!(
            "helmCharts: [{{name: web, repo: 'https://c.example', version: {version}, releaseName: r}}]\n"
        )
    };
    let files = [
        ("range/kustomization.yaml", entry("^1.0")),
        ("exact/kustomization.yaml", entry("1.2.3")),
        ("newest/kustomization.yaml", entry("''")),
        ("above/kustomization.yaml", "resources: [../range, ../exact]\n".to_owned()),
        ("none/kustomization.yaml", "namePrefix: p-\n".to_owned()),
        ("helm", helm.to_owned()),
    ];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    let dir = folder("deps-charts", &files);
    executable(&dir.join("helm"));
    let flags = ["--enable-helm", "--helm-command", "./helm"];
    let deps = |words: &[&str]| kustom(&dir, &[&["deps"], words, &flags].concat()).good();
    let charts = |words: &[&str]| -> Vec<String> {
        let text = deps(words);
        text.lines().filter(|line| line.starts_with("chart ")).map(str::to_owned).collect()
    };
    let (range, exact, newest) = (
        "chart     web of https://c.example at ^1.0 (1.2.3)",
        "chart     web of https://c.example at 1.2.3",
        "chart     web of https://c.example (1.2.3)",
    );
    assert_eq!(charts(&["range"]), [range]);
    assert_eq!(charts(&["above", "exact"]), [exact, range]);
    assert_eq!(charts(&["none", "newest"]), [newest]);
    let all: Value = serde_json::from_str(&deps(&["range", "none", "--format=json"])).unwrap();
    let expected = serde_json::json!([{
        "copy": null, "name": "web", "repo": "https://c.example", "resolved": "1.2.3", "version": "^1.0",
    }]);
    assert_eq!(all[0]["charts"], expected);
    assert_eq!(all[1]["charts"], serde_json::json!([]));
    kustom(&dir, &[&["vendor", "range"], &flags[..]].concat()).good();
    let all: Value = serde_json::from_str(&deps(&["range", "--format=json"])).unwrap();
    let copy = all[0]["charts"][0]["copy"].as_str().expect("a copy");
    assert!(copy.contains(".kustom/vendor/charts/"), "{copy}");
    assert_eq!(charts(&["range"]), [range]);
}

#[test]
fn the_graph_has_what_comes_from_elsewhere() {
    let top = folder(
        "deps-elsewhere",
        &[
            (
                "kustomization.yaml",
                "resources: [github.com/acme/infra, base]\ngenerators: [cache.yaml]\nhelmCharts:\n\
                 - {name: web, repo: 'https://a.example.com', version: 1.2.3}\n\
                 - {name: web, repo: 'https://b.example.com'}\n- {name: own}\n\
                 helmChartInflationGenerator:\n\
                 - {chartName: old, chartRepoUrl: 'https://a.example.com', chartVersion: 0.1.0}\n",
            ),
            (
                "cache.yaml",
                "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\n\
                 name: cache\nrepo: oci://c.example.com/charts\nversion: \"2\"\n",
            ),
            ("base/kustomization.yaml", "resources: ['https://example.com/crds.yaml']\n"),
        ],
    );
    let dot = kustom(&top, &["deps", "--format", "dot"]).good();
    insta::assert_snapshot!(dot);
    let mermaid = kustom(&top, &["deps", "--format", "mermaid"]).good();
    let box_of_chart = "([\"chart web of https://a.example.com at 1.2.3\"])";
    assert!(mermaid.contains(box_of_chart), "{mermaid}");
}
