//! `kustom verify`, against a program that does what each test wants.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::elsewhere::{Elsewhere, executable};
use super::{config_map, folder, kustom, program, write};

/// Stands in for kustomize; it answers by the name of the directory.
const FAKE: &str = r#"#!/bin/sh
for dir; do :; done
case $dir in
*equal) cat "$dir/map.yaml" ;;
*devel) printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    app.kubernetes.io/managed-by: kustomize-(devel)\n  name: a\n' ;;
*differs) printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n' ;;
*refused | *broken) echo 'Error: no luck' >&2; exit 1 ;;
*accepted) ;;
*slow) exec sleep 60 ;;
*flags) if [ "$*" = "build --load-restrictor LoadRestrictionsNone $dir" ]; then cat "$dir/../equal/map.yaml"; fi ;;
*) echo "unexpected: $*" >&2; exit 3 ;;
esac
"#;

fn tree(test: &str, kinds: &[&str]) -> PathBuf {
    let map = config_map("a");
    let dir = folder(test, &[("fake", FAKE)]);
    fs::set_permissions(dir.join("fake"), fs::Permissions::from_mode(0o755)).expect("it is ours");
    for kind in kinds {
        let text = match *kind {
            "devel" => "resources: [map.yaml]\nbuildMetadata: [managedByLabel]\n",
            "accepted" | "broken" => "resources: [gone.yaml]\n",
            "remote" => "resources: [https://example.com/a.yaml]\n",
            "flags" => "resources: [../equal/map.yaml]\n",
            _ => "resources: [map.yaml]\n",
        };
        write(&dir, &format!("{kind}/kustomization.yaml"), text);
        write(&dir, &format!("{kind}/map.yaml"), &map);
    }
    dir
}

/// Runs it; the seconds at the end of the summary are cut off.
fn verify(dir: &Path, args: &[&str]) -> (Option<i32>, String) {
    let ran = kustom(dir, &[&["verify", ".", "--against", "./fake"], args].concat());
    assert_eq!(ran.err, "", "no progress unless on a terminal");
    let out = match ran.out.rfind("; kustom ") {
        Some(end) => ran.out[..end].to_owned() + "\n",
        None => ran.out,
    };
    (ran.code, out)
}

#[test]
fn equal_is_0() {
    let dir = tree("verify-equal", &["equal", "devel", "remote", "broken"]);
    write(&dir, ".git/kustomization.yaml", "resources: []\n");
    let (code, out) = verify(&dir, &["--quiet"]);
    assert_eq!(out, "4 kustomizations: 2 equal, 1 both refuse, 1 skipped\n");
    assert_eq!(code, Some(0));
    let (code, out) = verify(&dir, &[]);
    assert_eq!(code, Some(0));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "both refuse    broken");
    assert!(lines[1].starts_with("    kustom: ") && lines[1].contains("gone.yaml"), "{out}");
    assert_eq!(lines[2], "    fake: no luck");
    assert_eq!(
        lines[3..6],
        ["equal          devel", "equal          equal", "skipped        remote"]
    );
    assert!(lines[6].starts_with("    needs more than files: "), "{out}");
}

#[test]
fn differences_are_1() {
    let dir = tree("verify-differs", &["equal", "differs", "refused", "accepted"]);
    let (code, out) = verify(&dir, &["--jobs", "3", "-q"]);
    assert_eq!(code, Some(1));
    let gone = out.lines().find(|line| line.contains("gone.yaml")).expect("our message");
    assert!(gone.starts_with("    kustom: "));
    // What follows in our message is not the matter here.
    let ours = |line: &&str| line.starts_with("    kustom: ") || line.starts_with("      ");
    let rest: String = out.lines().filter(|l| !ours(l)).flat_map(|l| [l, "\n"]).collect();
    let expected = "\
kustom refuses accepted
differs        differs
    line 4, ConfigMap a, fake (-) and kustom (+):
    -   name: b
    +   name: a
other refuses  refused
    fake: no luck
4 kustomizations: 1 equal, 1 differs, 1 kustom refuses, 1 other refuses
";
    assert_eq!(rest, expected);
    let (_, out) = verify(&dir, &["--diff", "0"]);
    assert!(!out.contains("-   name"), "{out}");
}

#[test]
fn json_has_it_all() {
    let dir = tree("verify-json", &["equal", "differs", "refused", "remote"]);
    let (code, out) = verify(&dir, &["--format", "json"]);
    assert_eq!(code, Some(1));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["counts"]["equal"], 1);
    assert_eq!(report["against"], "./fake");
    let results = report["results"].as_array().unwrap();
    let outcomes: Vec<_> = results.iter().map(|r| (&r["directory"], &r["outcome"])).collect();
    let expected = [
        ("differs", "differs"),
        ("equal", "equal"),
        ("refused", "other refuses"),
        ("remote", "skipped"),
    ];
    assert_eq!(
        format!("{outcomes:?}"),
        format!("{:?}", expected.map(|(a, b)| (Value::from(a), Value::from(b))))
    );
    assert_eq!(results[0]["detail"]["line"], 4);
    assert_eq!(results[0]["detail"]["resource"], "ConfigMap a");
    assert_eq!(results[2]["detail"]["other"], "no luck");
}

#[test]
fn a_build_that_hangs_is_given_up() {
    let dir = tree("verify-slow", &["equal", "slow"]);
    let (code, out) = verify(&dir, &["--timeout", "3", "-q"]);
    assert_eq!(code, Some(1));
    let expected = "timed out      slow\n    fake: not done after 3 s\n\
                    2 kustomizations: 1 equal, 1 timed out\n";
    assert_eq!(out, expected);
}

#[test]
fn flags_go_to_both() {
    let dir = tree("verify-flags", &["flags"]);
    write(&dir, "equal/map.yaml", &config_map("a"));
    let (code, out) = verify(&dir, &["--", "--load-restrictor", "LoadRestrictionsNone"]);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "equal          flags\n1 kustomizations: 1 equal\n")
    );
}

#[test]
fn switches_go_to_both_as_far_as_both_have_them() {
    let dir = tree("verify-switches", &["equal"]);
    let log = "#!/bin/sh\nfor dir; do :; done\necho \"$*\" >> calls\nexec cat \"$dir/map.yaml\"\n";
    write(&dir, "fake", log);
    let own = ["--helm-write-charts", "--container-command", "podman", "--cache-dir", "cache"];
    let own = [&own[..], &["--limits", "none", "--process-timeout", "9"]].concat();
    let both = ["--enable-helm", "--helm-command", "h", "--helm-api-versions", "v1"];
    let both = [&both[..], &["--helm-api-versions", "v2", "--helm-kube-version", "1.30"]].concat();
    let more =
        ["--helm-debug", "--enable-alpha-plugins", "--enable-exec", "--network", "-e", "A=b"];
    let more = [&more[..], &["--network-name", "n", "--as-current-user", "-e", "HOME"]].concat();
    let last =
        ["--mount", "type=bind,src=a,dst=/a", "--", "--reorder", "none", "--limits", "default"];
    let (code, out) = verify(&dir, &[&["--allow-remote"], &*own, &*both, &*more, &last].concat());
    assert_eq!((code, out.lines().count()), (Some(0), 2), "{out}");
    assert_eq!(
        fs::read_to_string(dir.join("calls")).expect("a call"),
        "build --reorder none --enable-helm --helm-command h --helm-api-versions v1 \
         --helm-api-versions v2 --helm-kube-version 1.30 --helm-debug --enable-alpha-plugins \
         --enable-exec --network --network-name n --mount type=bind,src=a,dst=/a --env A=b \
         --env HOME --as-current-user equal\n"
    );
}

#[test]
fn what_is_fetched_is_compared_where_both_may_fetch() {
    let elsewhere = Elsewhere::new("verify-fetches");
    let files =
        [("kustomization.yaml", "resources: [map.yaml]\n"), ("map.yaml", &*config_map("a"))];
    elsewhere.commit("acme/infra", "v1", &files);
    let dir = tree("verify-fetches", &["equal"]);
    write(&dir, "equal/kustomization.yaml", "resources: ['github.com/acme/infra?ref=v1']\n");
    let given = ["verify", "equal", "--against", "./fake"];
    for (more, outcome) in [
        (&[][..], "skipped"),
        (&["--allow-remote"], "equal"),
        (&["--", "--allow-remote=github.com"], "equal"),
    ] {
        let ran = elsewhere.kustom(&dir, &[&given, more].concat());
        assert!(ran.out.starts_with(outcome), "{more:?}: {}", ran.out);
    }
}

#[test]
fn a_difference_names_the_lock_that_may_be_behind_it() {
    let elsewhere = Elsewhere::new("verify-lock");
    let files =
        [("kustomization.yaml", "resources: [map.yaml]\n"), ("map.yaml", &*config_map("a"))];
    elsewhere.commit("acme/infra", "v1", &files);
    let dir = tree("verify-lock", &["differs"]);
    let verify = |more: &[&str]| {
        let args = ["verify", "differs", "--against", "./fake", "--allow-remote"];
        elsewhere.kustom(&dir, &[&args, more].concat()).out
    };
    assert!(!verify(&[]).contains("kustom.lock"), "nothing is fetched");
    write(&dir, "differs/kustomization.yaml", "resources: ['github.com/acme/infra?ref=main']\n");
    assert!(!verify(&[]).contains("kustom.lock"), "nothing is pinned");
    elsewhere.kustom(&dir, &["vendor", "differs", "--allow-remote"]).good();
    let said = verify(&[]);
    assert!(said.starts_with("differs") && said.contains("what its kustom.lock says"), "{said}");
    let said: Value = serde_json::from_str(&verify(&["--format", "json"])).expect("JSON");
    let note = said["results"][0]["detail"]["note"].as_str().unwrap_or_default();
    assert!(note.contains("what its kustom.lock says"), "{said}");
}

#[test]
fn kubectl_runs_no_programs() {
    let dir = tree("verify-kubectl", &["equal"]);
    let kubectl =
        "#!/bin/sh\nfor dir; do :; done\necho \"$*\" >> calls\nexec cat \"$dir/map.yaml\"\n";
    write(&dir, "kubectl", kubectl);
    let config = |function: &str| {
        format!(
            "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
             config.kubernetes.io/function: '{function}'\n"
        )
    };
    for (root, function) in
        [("program", "exec: {path: ./fn}"), ("container", "container: {image: fn}")]
    {
        write(
            &dir,
            &format!("{root}/kustomization.yaml"),
            "resources: [map.yaml]\ntransformers: [fn.yaml]\n",
        );
        write(&dir, &format!("{root}/map.yaml"), &config_map("a"));
        write(&dir, &format!("{root}/fn.yaml"), &config(function));
    }
    for program in ["program/fn", "docker"] {
        write(&dir, program, "#!/bin/sh\ncat\n");
        executable(&dir.join(program));
    }
    executable(&dir.join("kubectl"));
    let container = ["--container-command", "./docker"];
    let on = [&["--enable-alpha-plugins", "--enable-exec"][..], &container].concat();
    let against = ["verify", "equal", "container", "program", "--against", "./kubectl"];
    let ran = kustom(&dir, &[&against[..], &on].concat());
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        lines[..3],
        ["equal          container", "equal          equal", "skipped        program"],
        "{}",
        ran.err
    );
    assert!(lines[3].contains("kubectl knows no --enable-exec"), "{}", ran.out);
    let calls = fs::read_to_string(dir.join("calls")).expect("calls");
    let mut calls: Vec<&str> = calls.lines().collect();
    calls.sort_unstable();
    assert_eq!(
        calls,
        ["kustomize --enable-alpha-plugins container", "kustomize --enable-alpha-plugins equal"]
    );
}

#[test]
fn the_other_one_fetches_charts_while_nobody_reads_them() {
    let dir = tree("verify-charts", &[]);
    let here = dir.display();
    let busy = format!("if [ -e {here}/busy ]; then echo 'somebody is writing' >&2; exit 1; fi\n");
    let fake = format!(
        "#!/bin/sh\n{busy}mkdir {here}/busy\nsleep 0.2\nrmdir {here}/busy\nexec cat {here}/map.yaml\n"
    );
    let helm = format!(
        "#!/bin/sh\n{busy}case $1 in\nversion) echo v3.18.4 ;;\n\
         pull) mkdir -p $4/web; echo 'name: web' > $4/web/Chart.yaml; echo > $4/web/values.yaml ;;\n\
         template) sleep 0.1; {busy} exec cat {here}/map.yaml ;;\nesac\n"
    );
    for (name, script) in [("fake", fake), ("helm", helm)] {
        write(&dir, name, &script);
        executable(&dir.join(name));
    }
    write(&dir, "map.yaml", &config_map("a"));
    for i in 0..4 {
        let chart = format!("helmCharts: [{{name: web, repo: 'http://c', releaseName: r{i}}}]\n");
        write(&dir, &format!("r{i}/kustomization.yaml"), &chart);
    }
    let (code, out) =
        verify(&dir, &["--quiet", "--jobs", "4", "--enable-helm", "--helm-command", "./helm"]);
    assert_eq!((code, out.as_str()), (Some(0), "4 kustomizations: 4 equal\n"));
}

#[test]
fn the_environment_names_the_command() {
    let dir = tree("verify-environment", &["equal"]);
    let output = program(&dir, &["verify", "equal"]).env("KUSTOMIZE", "./fake").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn wrong_usage_is_2() {
    let dir = tree("verify-usage", &["equal"]);
    let missing = ["verify", ".", "--against", "./no-such-program"];
    let ran = kustom(&dir, &missing);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.starts_with("Error: cannot run ./no-such-program: "), "{}", ran.err);
    fs::create_dir(dir.join("empty")).unwrap();
    for args in [
        &["verify"][..],
        &["verify", "nowhere"],
        &["verify", "empty"],
        &["verify", ".", "--against", ""],
        &["verify", ".", "--against", "./fake", "--", "--no-such-flag"],
        &["verify", ".", "--against", "./fake", "--", "other-dir"],
    ] {
        let ran = kustom(&dir, args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{args:?}: {}", ran.err);
    }
}
