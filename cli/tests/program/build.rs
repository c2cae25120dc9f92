//! `kustom build`

use std::fs;
use std::path::Path;
use std::process::Stdio;

use super::{config_map, folder, kustom, program, testdata, write};

const OVERLAY: &str = "infra-config/apps/payments-api/overlays/prod";

#[test]
fn stdout_is_the_recorded_bytes() {
    let expected = testdata().join("infra-config.expected").join(format!("{OVERLAY}.yaml"));
    let expected = expected.to_string_lossy().replace("expected/infra-config", "expected");
    let expected = fs::read_to_string(expected).unwrap();
    assert_eq!(kustom(&testdata(), &["build", OVERLAY]).good(), expected);
    // Without a directory, it is the working directory.
    assert_eq!(kustom(&testdata().join(OVERLAY), &["build"]).good(), expected);

    let out = folder("build-to-file", &[]);
    let file = out.join("prod.yaml");
    let ran = kustom(&testdata(), &["build", OVERLAY, "-o", file.to_str().unwrap()]);
    assert_eq!(ran.good(), "");
    assert_eq!(fs::read_to_string(file).unwrap(), expected);
}

#[test]
fn a_directory_gets_a_file_per_resource() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: D\n";
    let dir = folder(
        "build-to-directory",
        &[
            ("kustomization.yaml", "resources: [a.yaml, d.yaml, n.yaml]\n"),
            ("a.yaml", &config_map("aB")),
            ("d.yaml", deployment),
            ("n.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n"),
        ],
    );
    let files = |out: &Path| {
        let mut names: Vec<_> = fs::read_dir(out)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let out = dir.join("out");
    fs::create_dir(&out).unwrap();
    assert_eq!(kustom(&dir, &["build", "-o", "out"]).good(), "");
    let names = ["apps_v1_deployment_d.yaml", "v1_configmap_ab.yaml", "v1_namespace_n.yaml"];
    assert_eq!(files(&out), names);
    assert_eq!(fs::read_to_string(out.join(names[1])).unwrap(), config_map("aB"));

    // Namespaces come into the names as soon as there are two.
    write(&dir, "d.yaml", &format!("{deployment}  namespace: Foo\n"));
    let out = dir.join("two");
    fs::create_dir(&out).unwrap();
    assert_eq!(kustom(&dir, &["build", "--output", "two"]).good(), "");
    let names =
        ["default_v1_configmap_ab.yaml", "foo_apps_v1_deployment_d.yaml", "v1_namespace_n.yaml"];
    assert_eq!(files(&out), names);
}

#[test]
fn refusals_exit_1_and_write_nothing() {
    let dir = folder("build-refused", &[("kustomization.yaml", "resources: [none.yaml]\n")]);
    fs::create_dir(dir.join("out")).unwrap();
    for args in [&["build"][..], &["build", "-o", "file"], &["build", "-o", "out"]] {
        let ran = kustom(&dir, args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
        assert!(ran.err.starts_with("Error: "), "{}", ran.err);
        assert!(ran.err.contains("none.yaml: no such file or directory"), "{}", ran.err);
        assert!(!ran.err.contains('\x1b'), "no colors in a pipe");
    }
    assert!(!dir.join("file").exists());
    assert_eq!(fs::read_dir(dir.join("out")).unwrap().count(), 0);
    // Nor is a part of several written, if one is refused or has no place.
    write(&dir, "good/kustomization.yaml", "resources: [m.yaml]\n");
    write(&dir, "good/m.yaml", &config_map("m"));
    write(&dir, "also/kustomization.yaml", "resources: [../good]\n");
    let ran = kustom(&dir, &["build", "good", ".", "also", "-o", "out"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.ends_with("nothing is written: 1 of 3 failed\n"), "{}", ran.err);
    fs::create_dir_all(dir.join("blocked/good.yaml")).unwrap();
    let ran = kustom(&dir, &["build", "also", "good", "-o", "blocked"]);
    assert!(ran.err.contains("blocked/good.yaml: is a directory"), "{}", ran.err);
    for (folder, count) in [("out", 0), ("blocked", 1)] {
        assert_eq!(fs::read_dir(dir.join(folder)).unwrap().count(), count, "{folder}");
    }

    let ran = kustom(&testdata(), &["build", OVERLAY, "-o", "no/such/file.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("open no/such/file.yaml: no such file or directory"), "{}", ran.err);
}

#[test]
fn wrong_usage_exits_2() {
    for args in [
        &["build", "--output"][..],
        &["build", "--no-such-flag"],
        &["build", "--load-restrictor", "sometimes"],
        &["build", "--reorder", "random"],
        &["no-such-command"],
    ] {
        let ran = kustom(&testdata(), args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{args:?}");
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn flags_change_the_output() {
    let dir = folder(
        "build-flags",
        &[
            ("app/kustomization.yaml", "resources: [../map.yaml, namespace.yaml]\n"),
            ("app/namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n"),
            ("map.yaml", &config_map("a")),
        ],
    );
    let refused = kustom(&dir, &["build", "app"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("is not in or below"), "{}", refused.err);

    let free = ["build", "app", "--load-restrictor", "LoadRestrictionsNone"];
    let legacy = kustom(&dir, &free).good();
    assert!(legacy.starts_with("apiVersion: v1\nkind: Namespace\n"));

    let ran = kustom(&dir, &[&free[..], &["--reorder", "none"]].concat());
    assert!(ran.out.starts_with("apiVersion: v1\nkind: ConfigMap\n"), "{}", ran.out);
    assert!(ran.err.starts_with("Flag --reorder has been deprecated"), "{}", ran.err);

    let label = "app.kubernetes.io/managed-by: kustomize-v5.8.2\n";
    for (flag, value, is_labelled) in [
        (Some("--enable-managedby-label"), None, true),
        (Some("--enable-managedby-label=false"), None, false),
        (Some("--enable-managedby-label=false"), Some("on"), true),
        (None, Some("on"), true),
        (None, Some(""), false),
        (None, Some("ON"), false),
        (None, Some("true"), false),
        (None, Some("1"), false),
    ] {
        let mut command = program(&dir, &[&free[..], flag.as_slice()].concat());
        command.envs(value.map(|value| ("KUSTOMIZE_ENABLE_MANAGEDBY_LABEL", value)));
        let ran = super::Ran::from(command.output().unwrap());
        let told = (ran.code, ran.out.matches(label).count(), ran.err.contains("deprecated"));
        let wanted = (Some(0), if is_labelled { 2 } else { 0 }, flag.is_some());
        assert_eq!(told, wanted, "{flag:?} {value:?}: {}{}", ran.out, ran.err);
    }
    assert!(!legacy.contains(label));
}

#[test]
fn warnings_do_not_change_the_exit_code() {
    let dir = folder(
        "build-warnings",
        &[("kustomization.yaml", "bases: [b]\n"), ("b/kustomization.yaml", "namePrefix: x\n")],
    );
    let ran = kustom(&dir, &["build"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
    assert!(ran.err.starts_with("# Warning: 'bases' is deprecated."), "{}", ran.err);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let many: String =
        (0..4000).map(|i| format!("{}---\n", config_map(&format!("m{i}")))).collect();
    let dir = folder(
        "build-closed",
        &[("kustomization.yaml", "resources: [many.yaml]\n"), ("many.yaml", &many)],
    );
    let mut child = program(&dir, &["build"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let ran = super::Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = program(&testdata(), &["build", OVERLAY]);
    let output = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("writing to stdout"));
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
#[test]
fn a_stdout_that_is_closed_is_a_failure() {
    let dir = folder(
        "build-no-stdout",
        &[("kustomization.yaml", "namePrefix: a-\nresources: [a.yaml]\n")],
    );
    fs::write(dir.join("a.yaml"), config_map("a")).unwrap();
    let shell = |script: &str| {
        let program = program(&dir, &[]);
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", script]).arg(program.get_program()).current_dir(&dir);
        super::Ran::from(shell.output().unwrap())
    };
    for (script, code) in [
        ("exec \"$0\" build >&-", 1),
        ("exec \"$0\" build <&- >&-", 1),
        ("exec \"$0\" version >&-", 1),
        ("exec \"$0\" diff . ../build-no-stdout/a.yaml >&-", 2),
    ] {
        let ran = shell(script);
        assert_eq!(ran.code, Some(code), "{script}: {}", ran.err);
        assert_eq!(ran.err, "Error: writing to stdout: it is closed\n", "{script}");
    }
    // What goes elsewhere, or is wanted nowhere, is no failure.
    for script in [
        "exec \"$0\" build -o out.yaml >&-",
        "exec \"$0\" build > /dev/null",
        "exec \"$0\" build 1<> /dev/null",
        "exec \"$0\" build <&- 2>&-",
    ] {
        let ran = shell(script);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{script}");
    }
}

#[test]
fn a_pattern_stands_for_the_kustomizations_that_it_matches() {
    let map = "resources: [map.yaml]\n";
    let dir = folder("build-patterns", &[("apps/notes", ""), ("apps/empty/dev/notes", "")]);
    for name in ["a", "b"] {
        write(&dir, &format!("apps/{name}/dev/kustomization.yaml"), map);
        write(&dir, &format!("apps/{name}/dev/map.yaml"), &config_map(name));
    }
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
    write(&dir, "apps/c/dev/kustomization.yaml", component);
    let named = kustom(&dir, &["build", "apps/a/dev", "apps/b/dev"]).good();
    assert_eq!(kustom(&dir, &["build", "apps/*/dev"]).good(), named);
    assert_eq!(kustom(&dir, &["build", "apps/a/dev", "apps/?/dev"]).good(), named);
    kustom(&dir, &["build", "apps/a*/dev", "-o", "out"]).good();
    let written = dir.join("out/apps/a/dev.yaml");
    assert!(written.is_file(), "one match is written as several are");
    let none = kustom(&dir, &["build", "apps/*/prod"]);
    assert_eq!(
        (none.code, none.err.as_str()),
        (Some(1), "Error: no kustomization matches apps/*/prod\n")
    );
    // An address may have a question mark.
    let remote = kustom(&dir, &["build", "https://example.com/repo//app?ref=v1"]);
    assert!(!remote.err.contains("matches"), "{}", remote.err);
}
