//! Copies are what others wrote: nothing is told of them, and nothing is written to them.

use std::fs;

use crate::elsewhere::Elsewhere;
use crate::{folder, kustom};

/// Returns a repository with a base of which there is much to say.
fn faulty(test: &str) -> Elsewhere {
    let elsewhere = Elsewhere::new(test);
    let generator = "resources: [d.yaml]\nconfigMapGenerator: [{name: unused, literals: [a=b]}]\n";
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {selector: {matchLabels: {a: b}}, \
                      template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: 'c:1'}]}}}\n";
    let inner = "namePrefix: x-\nresources: [../b]\n";
    let files = [
        ("b/kustomization.yaml", generator),
        ("b/d.yaml", deployment),
        ("o/kustomization.yaml", inner),
    ];
    elsewhere.commit("acme/infra", "v1", &files);
    elsewhere
}

const FAULT: &str = "refers to the generated ConfigMap";

#[test]
fn faults_in_copies_and_in_what_was_fetched_are_not_told() {
    let elsewhere = faulty("others");
    let base = "resources: ['https://github.com/acme/infra//b?ref=v1']\n";
    for to in ["", "--to=tp", "--to=deep/vendored"] {
        let top = folder("vendor-others", &[("web/kustomization.yaml", base)]);
        let strict = ["build", "--strict", "--allow-remote", "web"];
        elsewhere.kustom(&top, &strict).good();
        elsewhere
            .kustom(&top, &["vendor", "--allow-remote", if to.is_empty() { "web" } else { to }])
            .good();
        let is_quiet = |args: &[&str]| {
            let ran = kustom(&top, args);
            assert_eq!(
                (ran.code, ran.err.contains(FAULT)),
                (Some(0), false),
                "{to} {args:?}: {}",
                ran.err
            );
        };
        is_quiet(&["build", "--strict", "web"]);
        is_quiet(&["build", "--warn", "web"]);
        is_quiet(&["lint"]);
        let copies = to.strip_prefix("--to=").unwrap_or(".kustom/vendor");
        // Whoever names one means it.
        let copy = format!("{copies}/github.com/acme/infra@v1/b");
        for args in [["lint", copy.as_str()], ["build", &copy]] {
            let args = [&args[..], if args[0] == "build" { &["--strict"] } else { &[] }].concat();
            let told = kustom(&top, &args);
            assert!(told.code == Some(1) && told.err.contains(FAULT), "{args:?}: {}", told.err);
        }
        // A marker alone hides nothing.
        fs::remove_file(top.join("kustom.lock")).expect("a lock");
        if !to.is_empty() {
            let own = format!("resources: [../{copy}]\n");
            crate::write(&top, "web/kustomization.yaml", &own);
            let told = kustom(&top, &["build", "--strict", "web"]);
            assert!(told.code == Some(1) && told.err.contains(FAULT), "{}", told.err);
        }
    }
    // One's own faults are told as ever.
    let own = "configMapGenerator: [{name: own, literals: [a=b]}]\n";
    let top = folder("vendor-others", &[("web/kustomization.yaml", &format!("{own}{base}"))]);
    let told = elsewhere.kustom(&top, &["build", "--strict", "--allow-remote", "web"]);
    assert!(told.code == Some(1) && told.err.contains("`own`"), "{}", told.err);
    assert!(!told.err.contains("`unused`"), "{}", told.err);
    let url = "https://github.com/acme/infra//b?ref=v1";
    let asked = elsewhere.kustom(&top, &["build", "--strict", "--allow-remote", url]);
    assert!(asked.code == Some(1) && asked.err.contains("`unused`"), "{}", asked.err);
}

/// Returns a tree with copies in `tp`, one kustomization that uses them and one beside.
fn with_copies(test: &str) -> std::path::PathBuf {
    let elsewhere = faulty(test);
    let base = "resources: ['https://github.com/acme/infra//o?ref=v1']\n";
    let files = [
        ("web/kustomization.yaml", base),
        ("tp/own/kustomization.yaml", "configMapGenerator: [{name: own}]\n"),
    ];
    let top = folder(&format!("vendor-{test}"), &files);
    // Files of one's own beside the copies are no copies.
    fs::rename(top.join("tp"), top.join("own")).expect("a folder");
    elsewhere.kustom(&top, &["vendor", "--allow-remote", "--to=tp"]).good();
    fs::rename(top.join("own/own"), top.join("tp/own")).expect("a folder");
    top
}

#[test]
fn patterns_stand_for_no_copies() {
    let top = with_copies("others-patterns");
    for args in
        [["build", "tp/*/*/*/*"], ["lint", "tp/*/*/*/*"], ["lint", "tp/*/*/*/b"], ["build", "**/b"]]
    {
        let ran = kustom(&top, &args);
        assert!(ran.code != Some(0) && ran.out.is_empty(), "{args:?}: {}", ran.out);
    }
    let built = |pattern| kustom(&top, &["build", pattern]).good();
    assert_eq!(built("**").matches("kind: Deployment").count(), 1, "web alone");
    assert!(built("*/own").contains("name: own"));
    // Whoever begins in a copy means it.
    assert!(built("tp/github.com/acme/infra@v1/*").contains("name: x-d"));
}

#[test]
fn copies_are_not_edited() {
    let top = with_copies("others-edit");
    let copy = "tp/github.com/acme/infra@v1/b";
    for (directory, args) in [
        (copy, &["edit", "set", "nameprefix", "x-"][..]),
        (copy, &["edit", "add", "label", "a:b"]),
        (copy, &["edit", "remove", "resource", "d.yaml"]),
        (copy, &["edit", "fix"]),
        ("tp/github.com/acme/infra@v1/o", &["edit", "set", "nameprefix", "y-"]),
        ("tp/github.com/acme/infra@v1", &["create"]),
        (".", &["set", "image", "c:2", copy]),
        (".", &["localize", "web", "tp/github.com/acme/infra@v1/new", "--scope", "."]),
        ("tp/github.com/acme/infra@v1", &["localize", "../../../own"]),
    ] {
        let refused = kustom(&top.join(directory), args);
        let says = refused.err.contains("lies in a copy that a kustom.lock lists");
        assert!(refused.code == Some(1) && says, "{args:?}: {}{}", refused.out, refused.err);
    }
    kustom(&top, &["build", "web"]).good();
    for own in ["web", "tp/own"] {
        kustom(&top.join(own), &["edit", "set", "nameprefix", "x-"]).good();
    }
}
