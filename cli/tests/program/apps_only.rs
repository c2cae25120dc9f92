//! `kustom apps render --only`: what is said is about the Applications that are asked for.

use super::apps::committed;
use super::{config_map, kustom};

fn application(name: &str, path: &str) -> String {
    format!(
        "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  project: default\n  \
         source: {{repoURL: r, path: {path}}}\n  destination: {{server: 'https://k', namespace: a}}\n"
    )
}

#[test]
fn others_are_not_spoken_of() {
    let text = application("good", "app") + &application("bad", "nope") + &application("top", "''");
    let map = config_map("m");
    let files = [
        ("a.yaml", text.as_str()),
        ("app/kustomization.yaml", "resources: [map.yaml]\n"),
        ("app/map.yaml", &map),
    ];
    let dir = committed("apps-only", &files);
    let all = kustom(&dir, &["apps", "render", "a.yaml"]);
    assert!(all.err.contains("Application bad: there is no directory nope"), "{}", all.err);
    let said = "Application top: the root of the repository has no kustomization: its manifests are taken as they are";
    assert!(all.err.contains(said), "{}", all.err);
    let good = kustom(&dir, &["apps", "render", "a.yaml", "--only", "good"]);
    assert_eq!((good.code, good.err.as_str()), (Some(0), ""));
    let bad = kustom(&dir, &["apps", "render", "a.yaml", "--only", "bad"]);
    assert_eq!(bad.code, Some(1));
    assert!(bad.err.contains("no directory nope") && !bad.err.contains("top"), "{}", bad.err);
}
