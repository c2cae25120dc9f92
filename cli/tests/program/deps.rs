//! `kustom deps`

use std::path::PathBuf;

use serde_json::Value;

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
