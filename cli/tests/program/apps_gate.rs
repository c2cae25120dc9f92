//! `kustom apps diff` as a gate: dangerous changes fail it.

use std::fs;

use super::apps::{application, committed, git};
use super::{kustom, write};

#[test]
fn a_danger_fails_if_asked() {
    let finalizer = ", finalizers: [resources-finalizer.argocd.argoproj.io]";
    let web = application("web", &format!("argocd{finalizer}"), "web");
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n";
    let dir = committed("apps-gate", &[("apps.yaml", web.as_str()), ("web/claim.yaml", claim)]);
    write(&dir, "apps.yaml", "# none\n");
    let args = ["apps", "diff", "apps.yaml", "--from", "HEAD"];
    let run = |more: &[&str]| kustom(&dir, &[&args[..], more].concat());
    assert_eq!(run(&[]).code, Some(1));
    let ran = run(&["--fail-on", "risk", "--output", "report.md", "--format", "markdown"]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    let written = fs::read_to_string(dir.join("report.md")).expect("a report");
    assert!(written.contains("PersistentVolumeClaim"), "{written}");
    // The repository may say so, and not only from this change on.
    write(&dir, "kustom.toml", "[diff]\nfail-on = \"risk\"\n");
    assert_eq!(run(&[]).code, Some(2));
    git(&dir, &["add", "kustom.toml"]);
    git(&dir, &["commit", "-q", "-m", "two"]);
    fs::remove_file(dir.join("kustom.toml")).expect("removed");
    assert_eq!(run(&[]).code, Some(2));
    // What is no danger fails nothing.
    write(&dir, "apps.yaml", &web);
    write(&dir, "web/map.yaml", &super::config_map("a"));
    assert_eq!(run(&["--fail-on", "risk"]).code, Some(1));
    // A file that cannot be written is an error.
    assert_eq!(run(&["-o", "web"]).code, Some(2));
}
