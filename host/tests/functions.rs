//! Functions that are programs: stand-ins for what people have, and limits.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kustom::{Builder, ErrorKind};
use kustom_host::functions::Functions;
use kustom_host::process::Limits;
use tempfile::TempDir;

/// A folder with a kustomization whose `fn.yaml` names the program `./fn.sh`.
fn tree(field: &str, script: &str, config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("kustomization.yaml", &format!("resources: [cm.yaml]\n{field}: [fn.yaml]\n"));
    write("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {v: old}\n");
    let head = "apiVersion: ex.io/v1\nkind: Fn\nmetadata:\n  name: x\n  annotations:\n    \
                config.kubernetes.io/function: |\n      exec: {path: ./fn.sh, args: [one], envs: [A=b, bare]}\n";
    write("fn.yaml", &format!("{head}{config}"));
    write("fn.sh", &format!("#!/bin/sh\n{script}\n"));
    let program = folder.path().join("fn.sh");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn build(folder: &TempDir, functions: Functions) -> kustom::Result<String> {
    let builder = Builder::new().functions(Arc::new(functions));
    builder.build(folder.path()).map(|build| build.to_string())
}

fn programs() -> Functions {
    Functions::new("docker").programs(true)
}

#[test]
fn a_decrypting_generator_reads_files_beside_it() {
    // As KSOPS: reads the files that its config names, in the kustomization's folder.
    let script = "sed 's/ENC(\\(.*\\))/\\1/' $(sed -n 's/^  - //p' | tail -1)";
    let folder = tree("generators", script, "files:\n- ./secret.enc\n");
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {p: ENC(aHVudGVy)}\n";
    fs::write(folder.path().join("secret.enc"), secret).unwrap();
    let text = build(&folder, programs()).unwrap();
    assert!(text.contains("kind: Secret\n") && text.contains("p: aHVudGVy\n"), "{text}");
}

#[test]
fn a_generator_of_policies_makes_many() {
    let script = "cat >/dev/null; for i in 1 2 3; do printf -- '---\\napiVersion: policy.example/v1\\nkind: Policy\\nmetadata: {name: p%s, annotations: {arg: \"%s\", env: \"%s\"}}\\n' $i $1 $A; done";
    let folder = tree("generators", script, "policies: 3\n");
    let text = build(&folder, programs()).unwrap();
    assert_eq!(text.matches("kind: Policy\n").count(), 3);
    assert!(text.contains("arg: one\n") && text.contains("env: b\n"), "{text}");
}

#[test]
fn a_transformer_changes_what_it_is_given() {
    let folder = tree("transformers", "sed 's/v: old/v: new/'", "");
    assert!(build(&folder, programs()).unwrap().contains("v: new\n"));
    assert!(build(&folder, Functions::new("docker")).unwrap().contains("v: old\n"));
}

#[test]
fn time_and_output_are_bounded() {
    let start = Instant::now();
    let slow = tree("transformers", "sleep 60", "");
    let limits = Limits::default().time(Duration::from_millis(200));
    let error = build(&slow, programs().limits(limits)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    let loud = tree("transformers", "yes", "");
    let error = build(&loud, programs().limits(Limits::default().output(1000))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn failures_tell_what_the_program_said() {
    let folder = tree("transformers", "echo no key >&2; exit 4", "");
    let error = build(&folder, programs()).unwrap_err();
    assert_eq!(error.message(), "couldn't execute function: exit status 4: no key");
}

#[test]
fn a_container_is_asked_to_stop() {
    // As docker, which passes the signal on to a container that is not its own process.
    let docker = "trap 'echo stopped > told; exit 143' TERM; sleep 60 & wait";
    let folder = tree("transformers", docker, "");
    let config = fs::read_to_string(folder.path().join("fn.yaml")).unwrap();
    let start = config.find("exec:").unwrap();
    let container = format!("{}container: {{image: fn}}\n", &config[..start]);
    fs::write(folder.path().join("fn.yaml"), container).unwrap();
    let limits = Limits::default().time(Duration::from_millis(300));
    let start = Instant::now();
    let functions = Functions::new(folder.path().join("fn.sh")).limits(limits);
    assert_eq!(build(&folder, functions).unwrap_err().kind(), ErrorKind::Limit);
    assert_eq!(fs::read_to_string(folder.path().join("told")).unwrap(), "stopped\n");
    assert!(start.elapsed() < Duration::from_secs(20));
}
