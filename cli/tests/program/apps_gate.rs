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

#[test]
fn what_flux_substitutes_of_secrets_is_masked() {
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: app, namespace: f}\n\
                spec:\n  path: ./app\n  postBuild:\n    substituteFrom: [{kind: Secret, name: vars}, {kind: ConfigMap, name: open}]\n\
                ---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: open, namespace: f}\ndata: {region: eu-w3st-77}\n\
                ---\napiVersion: v1\nkind: Secret\nmetadata: {name: vars, namespace: f}\n\
                stringData:\n  password: S3cr3tMarkXq9\n  lines: |\n    Zq81xx\n    Wn22yy\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n\
               data: {url: 'x:${password}@y', region: 'r-${region}', n: '1'}\n";
    let dir = committed(
        "apps-substituted",
        &[
            ("fl.yaml", flux),
            ("app/kustomization.yaml", "resources: [r.yaml]\n"),
            ("app/r.yaml", map),
        ],
    );
    write(&dir, "fl.yaml", &flux.replace("S3cr3tMarkXq9", "S3cr3tMarkNew8"));
    let map =
        map.replace("n: '1'", "n: '${password}', lines: 'a ${lines} b', other: 'in ${region}'");
    write(
        &dir,
        "app/r.yaml",
        &(map
            + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata: {p: '${password}'}\n"),
    );
    for format in ["text", "json", "markdown", "html", "unified"] {
        let ran = kustom(&dir, &["apps", "diff", "fl.yaml", "--from", "HEAD", "--format", format]);
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        let all = ran.out + &ran.err;
        assert!(!all.contains("S3cr3tMark") && !all.contains("Zq81xx"), "{format}: {all}");
        assert!(all.contains("***") && all.contains("in eu-w3st-77"), "{format}: {all}");
    }
    // Nor does an error show them, or a part of them.
    write(&dir, "fl.yaml", &flux.replace("S3cr3tMarkXq9", "'*S3cr3tMarkNew8'"));
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {n: '${password}'}\n";
    write(&dir, "app/r.yaml", map);
    for args in [&["apps", "render", "fl.yaml"][..], &["apps", "diff", "fl.yaml", "--from", "HEAD"]]
    {
        let ran = kustom(&dir, args);
        let all = ran.out + &ran.err;
        assert!(all.contains("no YAML") && !all.contains("S3cr3tMark"), "{args:?}: {all}");
    }
}
