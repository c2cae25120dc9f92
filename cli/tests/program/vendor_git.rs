//! What git is told, by the user or by files of others, changes nothing of what is pinned.

use std::fs;
use std::path::Path;

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
    write(&elsewhere.top, "attributes", "* ident text eol=crlf\n*.yaml working-tree-encoding=UTF-16\n");
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
