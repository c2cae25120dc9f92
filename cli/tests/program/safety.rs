//! What strangers wrote neither leaves its place nor speaks for the program.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

use super::{config_map, folder, kustom, kustom_with_input, write};

#[test]
fn names_of_objects_are_no_paths() {
    let map = |namespace: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: \"{namespace}\"}}\n"
        )
    };
    let all = format!("{}---\n{}", map("../../x"), map("/tmp/x"));
    let dir = folder(
        "safety-names",
        &[("app/kustomization.yaml", "resources: [r.yaml]\n"), ("app/r.yaml", &all)],
    );
    fs::create_dir_all(dir.join("work/out")).unwrap();
    kustom(&dir, &["build", "app", "-o", "work/out"]).good();
    let mut names: Vec<String> = fs::read_dir(dir.join("work/out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["%2ftmp%2fx_v1_configmap_a.yaml", "..%2f..%2fx_v1_configmap_a.yaml"]);
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 2);
}

#[test]
fn links_are_replaced_and_not_followed() {
    let dir = folder(
        "safety-links",
        &[
            ("app/kustomization.yaml", "resources: [r.yaml]\n"),
            ("app/r.yaml", &config_map("a")),
            ("victim", "mine"),
            ("out/other.yaml", "kept"),
            ("elsewhere/x", ""),
        ],
    );
    symlink("../victim", dir.join("out/v1_configmap_a.yaml")).unwrap();
    kustom(&dir, &["build", "app", "-o", "out"]).good();
    assert_eq!(fs::read_to_string(dir.join("victim")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(dir.join("out/v1_configmap_a.yaml")).unwrap(), config_map("a"));
    // Several directories: a folder of the output is a link.
    symlink("../elsewhere", dir.join("out/app")).unwrap();
    write(&dir, "app/two/kustomization.yaml", "resources: [r.yaml]\n");
    write(&dir, "app/two/r.yaml", &config_map("b"));
    let ran = kustom(&dir, &["build", "app", "app/two", "-o", "out"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.err, "Error: out/app is a link, which is not followed\n");
    assert_eq!(fs::read_dir(dir.join("elsewhere")).unwrap().count(), 1);
}

#[test]
fn a_failure_leaves_old_files_whole() {
    let dir = folder(
        "safety-whole",
        &[
            ("app/kustomization.yaml", "resources: [r.yaml]\n"),
            ("app/r.yaml", &format!("{}---\n{}", config_map("a"), config_map("b"))),
            ("out/v1_configmap_a.yaml", "old"),
            ("out/v1_configmap_b.yaml/x", "a folder is in the way"),
        ],
    );
    let ran = kustom(&dir, &["build", "app", "-o", "out"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (Some(1), "Error: open out/v1_configmap_b.yaml: is a directory\n")
    );
    assert_eq!(fs::read_to_string(dir.join("out/v1_configmap_a.yaml")).unwrap(), "old");
    assert_eq!(fs::read_dir(dir.join("out")).unwrap().count(), 2);
}

#[test]
fn devices_named_for_output_are_written_to() {
    let files = [("kustomization.yaml", "resources: [r.yaml]\n"), ("r.yaml", &*config_map("a"))];
    let dir = folder("safety-devices", &files);
    let out = kustom(&dir, &["build", ".", "-o", "/dev/stdout"]).good();
    assert_eq!(out, config_map("a"));
    let ran = kustom(&dir, &["build", ".", ".", "-o", "out"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    write(&dir, "Kustomization/kustomization.yaml", "resources: []\n");
    let ran = kustom(&dir, &["build", ".", "Kustomization", "-o", "out"]);
    assert_eq!(ran.err, "Error: out/Kustomization.yaml is no name for output\n");
}

#[test]
fn pipes_are_not_waited_for() {
    let dir = folder("safety-pipes", &[("kustomization.yaml", "resources: [pipe]\n")]);
    let made = std::process::Command::new("mkfifo").arg(dir.join("pipe")).status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    let ran = kustom(&dir, &["build"]);
    assert!(ran.code == Some(1) && ran.err.contains("not a regular file"), "{}", ran.err);
}

#[test]
fn names_do_not_speak_for_the_program() {
    let name = "x\u{1b}[31m\u{202e}\nError: forged";
    let dir = folder("safety-text", &[("kustomization.yaml", "resources: [cm.yaml]\n")]);
    write(&dir, "cm.yaml", &config_map("a"));
    write(&dir, &format!("{name}.yaml"), &config_map("b"));
    let ran = kustom(&dir, &["build", "--warn"]);
    assert!(ran.err.contains(r"x\u{1b}[31m\u{202e}\nError: forged.yaml"), "{}", ran.err);
    let quoted = serde_json::to_string(&[format!("{name}.yaml")]).unwrap();
    write(&dir, "kustomization.yaml", &format!("resources: {quoted}\n"));
    write(&dir, &format!("{name}.yaml"), &config_map("a"));
    let files = kustom(&dir, &["deps", "--format", "files"]).good();
    assert_eq!(files, "kustomization.yaml\nx\\u{1b}[31m\\u{202e}\\nError: forged.yaml\n");
    let ran = kustom(&dir, &["deps", "--format", "make"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.starts_with("Error: make cannot express the name `x\\u{1b}"), "{}", ran.err);
}

#[test]
fn nothing_outside_of_the_root_is_read() {
    let dir = folder(
        "safety-root",
        &[
            ("in/app/kustomization.yaml", "resources: [../base]\n"),
            ("in/base/kustomization.yaml", "resources: [map.yaml]\n"),
            ("in/base/map.yaml", &config_map("a")),
            ("in/out/kustomization.yaml", "resources: [../../elsewhere]\n"),
            ("elsewhere/kustomization.yaml", "resources: [map.yaml]\n"),
            ("elsewhere/map.yaml", &config_map("b")),
        ],
    );
    kustom(&dir, &["build", "in/out"]).good();
    let built = kustom(&dir, &["build", "in/app", "--root", "in"]).good();
    assert_eq!(built, config_map("a"));
    for command in ["build", "deps", "diff"] {
        let words = if command == "diff" {
            vec!["diff", "in/app", "in/out", "--root", "in"]
        } else {
            vec![command, "in/out", "--root", "in"]
        };
        let ran = kustom(&dir, &words);
        assert_ne!(ran.code, Some(0), "{command}");
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains("leads out of"), "{command}: {said}");
        assert!(!ran.out.contains("name: b"), "{command}: {}", ran.out);
    }
    let ran = kustom(&dir, &["build", "in/app", "--root", "none"]);
    assert!(ran.code == Some(1) && ran.err.starts_with("Error: --root none: "), "{}", ran.err);
}

#[test]
fn limits_and_time_can_be_chosen() {
    let deep = format!(
        "apiVersion: v1\nkind: Thing\nmetadata: {{name: a}}\nspec: {}{}\n",
        "[".repeat(300),
        "]".repeat(300)
    );
    let dir = folder(
        "safety-limits",
        &[("kustomization.yaml", "resources: [r.yaml]\n"), ("r.yaml", &deep)],
    );
    kustom(&dir, &["build"]).good();
    kustom(&dir, &["build", "--timeout", "1h"]).good();
    let ran = kustom(&dir, &["build", "--limits", "untrusted"]);
    assert!(ran.code == Some(1) && ran.err.contains("max depth of 200"), "{}", ran.err);
    let ran = kustom(&dir, &["build", "--timeout", "30"]);
    assert!(ran.code == Some(2) && ran.err.contains("as in `30s`"), "{}", ran.err);
    // A million visits, each with a step: far more than can be done in the time.
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
    let list = |name: &str| format!("components: [{}]\n", vec![name; 1_000].join(", "));
    write(&dir, "kustomization.yaml", &list("c"));
    write(&dir, "c/kustomization.yaml", &format!("{component}{}", list("../d")));
    write(&dir, "d/kustomization.yaml", &format!("{component}namePrefix: a\n"));
    let ran = kustom(&dir, &["build", "--limits", "none", "--timeout", "20ms"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("it took longer than 20ms (--timeout)"), "{}", ran.err);
}

#[test]
fn files_that_are_named_are_read_within_bounds() {
    let dir = folder(
        "safety-named",
        &[
            ("app/kustomization.yaml", "resources: [r.yaml]\n"),
            ("app/r.yaml", &config_map("a")),
            ("apps.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\n"),
        ],
    );
    let made = std::process::Command::new("mkfifo").arg(dir.join("pipe")).status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    fs::File::create(dir.join("huge")).and_then(|file| file.set_len(3 << 30)).unwrap();
    for odd in ["pipe", "huge", "/dev/zero"] {
        for words in [
            vec!["apps", odd],
            vec!["apps", "lint", odd],
            vec!["apps", "apps.yaml", "--clusters", odd],
            vec!["affected", "--changed", odd, "."],
            vec!["diff", odd, "app"],
        ] {
            let ran = kustom(&dir, &words);
            assert!(matches!(ran.code, Some(1 | 2)), "{words:?}: {}", ran.out);
            let is_told = ran.err.contains("not a regular file") || ran.err.contains("too large");
            assert!(is_told, "{words:?}: {}", ran.err);
        }
    }
    // What a shell hands over is read.
    let given = kustom_with_input(&dir, &["diff", "/dev/stdin", "app"], &config_map("a"));
    assert_eq!((given.code, given.err.as_str()), (Some(0), ""), "{}", given.out);
}
