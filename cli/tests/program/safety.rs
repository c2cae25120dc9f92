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
    let ran = kustom(&dir, &["deps", "--format", "files"]);
    assert_eq!(ran.out, "kustomization.yaml\nx\\u{1b}[31m\\u{202e}\\nError: forged.yaml\n");
    assert!(ran.code == Some(0) && ran.err.starts_with("one path is escaped,"), "{}", ran.err);
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

/// Returns a repository in a folder of its own.
fn repository(test: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
    let dir = folder(test, files);
    let git = |words: &[&str]| {
        let done = std::process::Command::new("git").current_dir(&dir).args(words).output();
        assert!(done.is_ok_and(|done| done.status.success()), "{words:?}");
    };
    git(&["init", "--quiet", "."]);
    git(&["add", "--all"]);
    git(&["-c", "user.name=t", "-c", "user.email=t@example.invalid", "commit", "--quiet", "-mx"]);
    dir
}

#[test]
fn nothing_is_written_where_a_link_leads_out() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: argocd}\n\
                       spec:\n  project: default\n  source: {repoURL: x, path: app}\n  \
                       destination: {name: in-cluster, namespace: x}\n";
    let kustomization = "resources: [r.yaml]\nimages: [{name: nginx, newTag: '1'}]\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: nginx}]}\n";
    let dir = repository(
        "safety-out",
        &[
            ("app/kustomization.yaml", kustomization),
            ("app/r.yaml", pod),
            ("apps.yaml", application),
            ("linked/r.yaml", pod),
            ("rendered/x", ""),
        ],
    );
    let out = folder(
        "safety-out-elsewhere",
        &[("kustomization.yaml", kustomization), ("apps.yaml", application), ("log", "mine")],
    );
    symlink(out.join("kustomization.yaml"), dir.join("linked/kustomization.yaml")).unwrap();
    symlink(out.join("apps.yaml"), dir.join("linked.yaml")).unwrap();
    symlink(&out, dir.join("out")).unwrap();
    symlink(&out, dir.join("rendered/in-cluster")).unwrap();
    symlink(out.join("log"), dir.join("log")).unwrap();
    let state = || {
        let mut all: Vec<(String, String)> = fs::read_dir(&out)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let text = fs::read_to_string(entry.path()).unwrap();
                (entry.file_name().into_string().unwrap(), text)
            })
            .collect();
        all.sort();
        all
    };
    let before = state();
    for words in [
        vec!["set", "image", "nginx=nginx:2", "linked"],
        vec!["set", "image", "nginx=nginx:2", "linked", "--load-restrictor=LoadRestrictionsNone"],
        vec!["apps", "lint", "--write", "linked.yaml"],
        vec!["apps", "render", "apps.yaml", "-o", "rendered"],
        vec!["apps", "render", "apps.yaml", "-o", "out"],
        vec!["build", "app", "-o", "out"],
        vec!["build", "app", "-o", "out/"],
        vec!["build", "app", "-o", "out/new.yaml"],
        vec!["build", "app", "app", "-o", "out"],
        vec!["localize", "app", "out/copy"],
        vec!["diff", "app", "app", "-o", "out/report"],
    ] {
        let ran = kustom(&dir, &words);
        assert_ne!(ran.code, Some(0), "{words:?}: {}", ran.err);
        assert_eq!(state(), before, "{words:?}");
    }
    let edited = kustom(&dir.join("linked"), &["edit", "set", "nameprefix", "x-"]);
    assert!(edited.err.contains("leads by a link to"), "{}", edited.err);
    assert_eq!(state(), before);
    // A link in the place of an output is replaced.
    kustom(&dir, &["build", "app", "-o", "log"]).good();
    kustom(&dir, &["lint", "--format", "sarif", "-o", "log", "app"]);
    assert!(!dir.join("log").is_symlink());
    assert_eq!(state(), before);
    // One that stays inside leads there.
    symlink("../app/kustomization.yaml", dir.join("rendered/kustomization.yaml")).unwrap();
    kustom(&dir.join("rendered"), &["edit", "set", "nameprefix", "x-"]).good();
    let text = fs::read_to_string(dir.join("app/kustomization.yaml")).unwrap();
    assert!(
        text.contains("namePrefix: x-") && dir.join("rendered/kustomization.yaml").is_symlink()
    );
}

#[test]
fn pipes_in_the_place_of_rules_of_git_are_not_waited_for() {
    let dir = repository(
        "safety-rules",
        &[
            ("app/kustomization.yaml", "resources: [r.yaml]\n"),
            ("app/r.yaml", &config_map("a")),
            ("apps.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\n"),
        ],
    );
    let all: [&[&str]; 8] = [
        &["lint", "."],
        &["images", "."],
        &["affected"],
        &["vendor"],
        &["diff"],
        &["apps", "apps.yaml"],
        &["promote", "a", "b"],
        &["build", "--affected"],
    ];
    for pipe in [".gitignore", "app/.gitignore", ".gitattributes", ".git/info/exclude"] {
        let path = dir.join(pipe);
        _ = fs::remove_file(&path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        if !made.is_ok_and(|status| status.success()) {
            return;
        }
        for words in all {
            let begin = std::time::Instant::now();
            kustom(&dir, words);
            assert!(begin.elapsed().as_secs() < 20, "{pipe} {words:?}");
        }
        fs::remove_file(&path).unwrap();
    }
    // Nor is what the repository names elsewhere read.
    let config = fs::read_to_string(dir.join(".git/config")).unwrap();
    write(&dir, ".git/config", &format!("{config}[core]\n\texcludesFile = /dev/zero\n"));
    for words in all {
        let begin = std::time::Instant::now();
        kustom(&dir, words);
        assert!(begin.elapsed().as_secs() < 20, "{words:?}");
    }
    write(&dir, ".git/config", &format!("{config}[core]\n\tworktree = /\n"));
    let refused = kustom(&dir, &["affected"]);
    assert!(refused.err.contains("its work tree is elsewhere"), "{}", refused.err);
}

#[test]
fn a_command_that_waits_for_the_system_is_out_of_time_too() {
    let dir = folder("safety-waits", &[("x", "")]);
    let mut command = super::program(&dir, &["apps", "-", "--timeout", "200ms"]);
    command.stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut process = command.spawn().expect("it runs");
    let stdin = process.stdin.take();
    let ran: super::Ran = process.wait_with_output().expect("it ends").into();
    drop(stdin);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert_eq!(ran.err, "Error: it took longer than 200ms (--timeout)\n");
}

#[test]
fn refusals_of_edits_and_of_another_program_show_no_secrets() {
    let other = "#!/bin/sh\necho 'Error: invalid literal source hunter2secret' >&2\nexit 1\n";
    for argument in
        ["literals: [{a: hunter2secret}]", "literals: hunter2secret", "literalz: [a=hunter2secret]"]
    {
        let text = format!("secretGenerator:\n- name: s\n  {argument}\n");
        let dir = folder("safety-edit", &[("kustomization.yaml", &text), ("other", other)]);
        super::elsewhere::executable(&dir.join("other"));
        for words in [
            vec!["edit", "set", "namespace", "x"],
            vec!["edit", "fix"],
            vec!["edit", "add", "secret", "s", "--from-literal=k=v"],
            vec!["set", "image", "a=a:1"],
            vec!["verify", ".", "--against", "./other"],
        ] {
            let ran = kustom(&dir, &words);
            let said = ran.out + &ran.err;
            assert!(!said.is_empty() && !said.contains("hunter2"), "{words:?} {argument}: {said}");
        }
    }
}
