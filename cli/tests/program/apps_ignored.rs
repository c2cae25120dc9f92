//! What git ignores is not in the repository that `kustom apps` shows.

use super::apps::{committed, git};
use super::elsewhere::Elsewhere;
use super::{config_map, folder, kustom, write};

/// Returns an Application of the path `k`.
fn application(name: &str) -> String {
    super::apps::application(name, "argocd", "k").replace("namespace: n}", "namespace: x}")
}

#[test]
fn an_ignored_file_is_read_by_none() {
    let app = application("k");
    let files = [
        (".gitignore", "*.env\n"),
        ("argo/k.yaml", &*app),
        ("k/kustomization.yaml", "configMapGenerator: [{name: g, envs: [s.env]}]\n"),
    ];
    let dir = committed("apps-ignored-env", &files);
    write(&dir, "k/s.env", "A=1\n");
    let said = "k/s.env is there, but git ignores it, so no clone has it";
    for command in ["render", "lint"] {
        let ran = kustom(&dir, &["apps", command, "argo/k.yaml"]);
        assert!(ran.code == Some(1) && ran.err.contains(said), "{command}: {}", ran.err);
        assert!(!ran.out.contains("A:"), "{}", ran.out);
    }
    // The tree is clean, and both sides fail in the same way.
    let ran = kustom(&dir, &["apps", "diff", "argo/k.yaml", "--from", "HEAD"]);
    assert!(!format!("{}{}", ran.out, ran.err).contains("can be now"), "{}{}", ran.out, ran.err);
    // A file that is named is read, whatever git says of it.
    write(&dir, ".gitignore", "argo/\n");
    let app = application("l");
    write(&dir, "argo/l.yaml", &app);
    for ran in [
        kustom(&dir, &["apps", "render", "argo/l.yaml"]),
        kustom(&dir, &["apps", "diff", "argo/l.yaml", "--from", "HEAD"]),
    ] {
        assert!(ran.out.contains("A:") || ran.out.contains("+ A"), "{}{}", ran.out, ran.err);
    }
    // Without a repository nothing is ignored.
    let dir = folder("apps-ignored-nowhere", &[]);
    for (path, text) in files {
        write(&dir, path, text);
    }
    write(&dir, "k/s.env", "A=1\n");
    let out = kustom(&dir, &["apps", "render", "argo/k.yaml", "--root", "."]).good();
    assert!(out.contains("A: \"1\""), "{out}");
}

#[test]
fn ignored_copies_of_what_is_elsewhere_are_read() {
    let elsewhere = Elsewhere::new("apps-ignored");
    let base = [
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", &config_map("m")),
    ];
    elsewhere.commit("acme/infra", "v1", &base);
    for (to, ignored) in
        [(&[][..], ".kustom/\nkustom.lock\n"), (&["--to", "third_party"], "third_party/\n")]
    {
        let app = application("k");
        let files = [
            (".gitignore", ignored),
            ("argo/k.yaml", &*app),
            ("k/kustomization.yaml", "resources: ['github.com/acme/infra//base?ref=v1']\n"),
        ];
        let dir = folder("apps-ignored-copies", &files);
        git(&dir, &["init", "--quiet"]);
        elsewhere.kustom(&dir, &[&["vendor"], to].concat()).good();
        let out = elsewhere.kustom(&dir, &["apps", "render", "argo/k.yaml"]).good();
        assert!(out.contains("name: m"), "{ignored}: {out}");
    }
}
