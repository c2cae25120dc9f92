//! What git is told, by the user or by files of others, changes nothing of what is pinned.

use std::fs;

use crate::elsewhere::Elsewhere;
use crate::{Ran, config_map, folder, write};

/// A kustomization whose files are as a setting of git could change them.
const FILES: [(&str, &str); 6] = [
    (".gitattributes", "*.txt text=auto\n*.id text\n"),
    (
        "base/kustomization.yaml",
        "resources: [linked.yaml]\nconfigMapGenerator:\n- name: bytes\n  files: [unix.txt, dos.txt, some.id]\n",
    ),
    ("base/unix.txt", "a\nb\n"),
    ("base/dos.txt", "a\r\nb\r\n"),
    ("base/some.id", "$Id$\n"),
    ("base/linked.yaml", "-> map.yaml"),
];

#[cfg(unix)]
#[test]
fn settings_of_git_change_no_byte() {
    let elsewhere = Elsewhere::new("vendor-settings");
    elsewhere.commit("acme/infra", "v1", &FILES);
    elsewhere.commit("acme/infra", "v1", &[("base/map.yaml", &config_map("infra"))]);
    let entry = "resources: ['github.com/acme/infra//base?ref=v1']\n";
    let vendor = |name: &str, settings: &[(&str, &str)]| {
        let top = folder(&format!("vendor-settings-{name}"), &[("kustomization.yaml", entry)]);
        let mut command = elsewhere.program(&top, &["vendor"], settings);
        command.env("GIT_DEFAULT_REF_FORMAT", "reftable");
        let ran: Ran = command.output().expect("it runs").into();
        assert!(ran.good().contains("added"), "{name}");
        fs::read_to_string(top.join("kustom.lock")).expect("a lock")
    };
    let attributes = elsewhere.top.join("attributes");
    write(
        &elsewhere.top,
        "attributes",
        "* ident text eol=crlf\n*.yaml working-tree-encoding=UTF-16\n",
    );
    let attributes = attributes.display().to_string();
    let template = elsewhere.top.join("template");
    write(&template, "info/attributes", "* text eol=crlf\n");
    write(&template, "info/sparse-checkout", "nothing\n");
    let template = template.display().to_string();
    let plain = vendor("plain", &[]);
    for (name, settings) in [
        ("autocrlf", [("core.autocrlf", "true")].as_slice()),
        ("input", &[("core.autocrlf", "input"), ("core.safecrlf", "true")]),
        ("eol", &[("core.eol", "crlf")]),
        ("links", &[("core.symlinks", "false")]),
        ("attributes", &[("core.attributesFile", &attributes)]),
        ("template", &[("init.templateDir", &template), ("core.sparseCheckout", "true")]),
        ("refs", &[("init.defaultRefFormat", "reftable")]),
    ] {
        assert_eq!(vendor(name, settings), plain, "{name}");
    }
}

#[test]
fn attributes_of_a_copy_that_change_it_are_told() {
    let elsewhere = Elsewhere::new("vendor-attributes");
    let map = "configMapGenerator:\n- name: bytes\n  files: [a.txt, .gitattributes]\n";
    let mut files = [
        ("base/kustomization.yaml", map),
        ("base/a.txt", "a\n"),
        ("base/.gitattributes", "*.png -text linguist-vendored\n*.txt text eol=lf\n"),
    ];
    elsewhere.commit("acme/infra", "v1", &files);
    files[2].1 = "*.txt text\n";
    elsewhere.commit("acme/infra", "v2", &files);
    let root =
        |version: &str| format!("resources: ['github.com/acme/infra//base?ref={version}']\n");
    let top = folder("vendor-attributes", &[("kustomization.yaml", &root("v1"))]);
    elsewhere.kustom(&top, &["vendor"]).good();
    write(&top, "kustomization.yaml", &root("v2"));
    let told = elsewhere.kustom(&top, &["vendor"]);
    let words = "infra@v2/base/.gitattributes lets git change files of its copy";
    assert!(told.code == Some(0) && told.err.contains(words), "{}", told.err);
    // What comes of it once git has written the copy anew.
    let clone = folder("vendor-attributes-clone", &[]);
    elsewhere.git(&top, &["init", "--quiet", "--initial-branch=main"]);
    elsewhere.git(&top, &["add", "--all"]);
    elsewhere.git(&top, &["commit", "--quiet", "-m", "all"]);
    elsewhere.git(
        &clone,
        &["-c", "core.autocrlf=true", "clone", "--quiet", &top.display().to_string(), "."],
    );
    let refused = elsewhere.kustom(&clone, &["build", "."]);
    let words = "git has changed its line ends, as .kustom/vendor/github.com/acme/infra@v2/base/.gitattributes says";
    assert!(refused.code == Some(1) && refused.err.contains(words), "{}", refused.err);
}

#[test]
fn line_ends_that_git_has_changed_are_told() {
    let elsewhere = Elsewhere::new("vendor-line-ends");
    elsewhere.commit("acme/infra", "v1", &[("base/kustomization.yaml", "namePrefix: a-\n")]);
    let entry = "resources: ['github.com/acme/infra//base?ref=v1']\n";
    let top = folder("vendor-line-ends", &[("kustomization.yaml", entry)]);
    elsewhere.kustom(&top, &["vendor"]).good();
    let copy = ".kustom/vendor/github.com/acme/infra@v1/base/kustomization.yaml";
    write(&top, copy, "namePrefix: a-\r\n");
    let refused = elsewhere.kustom(&top, &["build", "."]);
    assert!(refused.err.contains("git has changed its line ends"), "{}", refused.err);
    assert!(refused.err.contains("restore it with `kustom vendor`"), "{}", refused.err);
}
