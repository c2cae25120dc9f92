//! `kustom diff` where links lead elsewhere

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::affected_links::{UNRESTRICTED, commit, repository};
use super::{Ran, config_map, kustom, write};

/// Returns what differs from the last commit, which is the same in the work tree and once committed.
fn diff(dir: &Path, args: &[&str]) -> Ran {
    let compare = |more: &[&str]| kustom(dir, &[&["diff"], more, args, &UNRESTRICTED].concat());
    let in_tree = compare(&["--from", "HEAD"]);
    commit(dir);
    let committed = compare(&["--from", "HEAD~", "--to", "HEAD"]);
    assert_eq!((committed.code, &committed.err), (in_tree.code, &in_tree.err), "{}", committed.out);
    in_tree
}

/// Puts a link where another one was.
fn lead(dir: &Path, link: &str, target: &str) {
    fs::remove_file(dir.join(link)).expect("a link");
    symlink(target, dir.join(link)).expect("a link");
}

#[test]
fn roots_that_links_lead_to_are_rendered() {
    let patch = |value: &str| format!("{}data: {{a: {value}}}\n", config_map("a"));
    let step = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\n";
    let map = config_map("a");
    let with_step = "resources: [map.yaml]\ntransformers: [t.yaml]\n";
    let dir = repository(
        "diff-links",
        &[
            ("k.yaml", "resources: [map.yaml]\n"),
            ("file/map.yaml", &map),
            ("over/kustomization.yaml", "resources: [../file]\n"),
            ("one/kustomization.yaml", "namePrefix: one-\nresources: [../file]\n"),
            ("two/kustomization.yaml", "namePrefix: two-\nresources: [../file]\n"),
            ("spaces/kustomization.yaml", with_step),
            ("spaces/map.yaml", &map),
            ("spaces/t.yaml", &format!("{step}path: ../p, q.yaml\n")),
            ("link/kustomization.yaml", with_step),
            ("link/map.yaml", &map),
            ("steps/t.yaml", &format!("{step}path: p.yaml\n")),
            ("whole/kustomization.yaml", with_step),
            ("whole/map.yaml", &map),
            ("p, q.yaml", &patch("one")),
        ],
        &[
            ("file/kustomization.yaml", "../k.yaml"),
            ("named", "one"),
            ("link/t.yaml", "../steps/t.yaml"),
            ("link/p.yaml", "../p, q.yaml"),
        ],
    );
    let path = dir.join("p, q.yaml");
    write(&dir, "whole/t.yaml", &format!("{step}path: '{}'\n", path.display()));
    commit(&dir);
    write(&dir, "p, q.yaml", &patch("two"));
    for root in ["spaces", "link", "whole"] {
        let ran = kustom(&dir, &[&["diff", root, "--from", "HEAD"], &UNRESTRICTED[..]].concat());
        assert_eq!(ran.code, Some(1), "{root}: {ran:?}");
    }
    assert_eq!(diff(&dir, &["spaces", "link", "whole"]).code, Some(1));
    write(&dir, "k.yaml", "resources: [map.yaml]\nnameSuffix: -x\n");
    assert_eq!(diff(&dir, &["over"]).code, Some(1));
    lead(&dir, "named", "two");
    assert_eq!(diff(&dir, &["named"]).code, Some(1));
}

#[test]
fn links_of_refused_roots_may_lead_elsewhere() {
    let chart = "apiVersion: v2\nname: c\nversion: 1.0.0\n";
    let dir = repository(
        "diff-links-charts",
        &[
            (
                "app/kustomization.yaml",
                "helmCharts: [{name: c, releaseName: r, valuesFile: v.yaml}]\n",
            ),
            ("app/charts/c/Chart.yaml", chart),
            ("values/a.yaml", "a: b\n"),
            ("values/b.yaml", "a: c\n"),
        ],
        &[("app/v.yaml", "../values/a.yaml")],
    );
    write(&dir, "README.md", "a\n");
    let same = diff(&dir, &["app"]);
    assert_eq!(same.code, Some(0), "{same:?}");
    lead(&dir, "app/v.yaml", "../values/b.yaml");
    let ran = diff(&dir, &["app"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("what it reads has changed"), "{ran:?}");
}
