//! `kustom apps`

use std::path::PathBuf;

use serde_json::Value;

use super::{folder, kustom, kustom_with_input};

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testdata/infra-config")
}

#[test]
fn the_table_is_the_one_of_the_docs() {
    let table =
        kustom(&repository(), &["apps", "clusters/prod-us-east-1/apps.yaml", "--root", "."]);
    let docs = include_str!("../../../docs/argocd.md");
    let shown = docs.split_once("apps.yaml\n").and_then(|(_, rest)| rest.split_once("```"));
    assert_eq!(table.good(), shown.expect("an example").0);
}

#[test]
fn json_has_an_object_for_each_application() {
    let args = ["apps", "clusters/dev-us-east-1/apps.yaml", "--root", ".", "--format", "json"];
    let all: Value = serde_json::from_str(&kustom(&repository(), &args).good()).unwrap();
    let app = all.as_array().unwrap().iter().find(|app| app["name"] == "payments-api").unwrap();
    assert_eq!(app["sources"][0]["path"], "apps/payments-api/overlays/dev");
    assert_eq!(app["syncPolicy"]["automated"]["selfHeal"], true);
    assert_eq!((app["applicationSet"].as_str(), app["line"].as_u64()), (Some("apps"), Some(33)));
}

#[test]
fn an_error_leaves_the_others() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: set}\nspec:\n  \
               generators:\n  - plugin: {}\n  - list: {elements: [{name: a}]}\n  template:\n    \
               metadata: {name: '{{name}}'}\n    spec: {project: p, source: {repoURL: r, chart: c}}\n";
    let dir = folder("apps-error", &[]);
    let ran = kustom_with_input(&dir, &["apps", "-", "--format", "markdown"], set);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.ends_with("| a | p |  |  | c |\n"), "{}", ran.out);
    assert!(ran.err.contains("plugin needs a server") && ran.err.contains("-:6"), "{}", ran.err);
}
