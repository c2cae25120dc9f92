//! The program as a user meets it: arguments in, bytes and exit codes out.

mod affected;
#[cfg(unix)]
mod affected_links;
mod aliases;
mod apps;
mod apps_built;
mod apps_changes;
mod apps_clusters;
mod apps_files;
mod apps_gate;
mod apps_ignored;
mod apps_only;
mod apps_patterns;
mod apps_same_name;
mod bounded;
mod build;
mod chart_functions;
mod charts;
mod ci;
mod compat;
mod deps;
mod diff;
mod diff_charts;
mod diff_ignored;
mod diff_limits;
#[cfg(unix)]
mod diff_links;
mod diff_moves;
mod diff_past;
mod diff_roots;
mod diff_secrets;
mod docs;
mod edit;
mod edit_files;
mod edit_vars;
mod elsewhere;
mod elsewhere_messages;
mod errors;
mod explain;
mod functions;
mod hints;
mod left_out;
mod lint;
mod localize;
mod pictures;
mod promote;
mod promote_effect;
mod promote_layout;
mod promote_regions;
mod promote_shared;
mod refused_git;
mod registry;
mod remote;
mod remote_origins;
mod remote_places;
mod remote_tops;
mod reviews;
mod safety;
mod safety_git;
mod safety_text;
mod set_image;
mod unseen;
mod vendor;
mod vendor_charts;
mod vendor_check;
mod vendor_functions;
mod vendor_git;
mod vendor_keep;
mod vendor_killed;
mod vendor_nested;
mod vendor_others;
mod vendor_safety;
mod verify;
mod warnings;
mod watch;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a run gave.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ran {
    /// Asserts that it went well without a word on stderr, and returns stdout.
    #[track_caller]
    fn good(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }
}

/// Returns a command that runs the program in a directory, with an environment of its own.
fn program(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kustom"));
    command.current_dir(dir).args(args).stdin(Stdio::null());
    for name in [
        "KUSTOMIZE",
        "KUSTOM_ALLOW_REMOTE",
        "KUSTOMIZE_ENABLE_MANAGEDBY_LABEL",
        "NO_COLOR",
        "CLICOLOR_FORCE",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs the program in a directory.
fn kustom(dir: &Path, args: &[&str]) -> Ran {
    program(dir, args).output().expect("it runs").into()
}

/// Runs the program in a directory with something on stdin.
fn kustom_with_input(dir: &Path, args: &[&str], input: &str) -> Ran {
    let mut command = program(dir, args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends").into()
}

/// Makes an empty folder for one test and writes files into it.
fn folder(test: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    for (path, text) in files {
        write(&folder, path, text);
    }
    folder.canonicalize().expect("it is there")
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

/// Returns a config map as a file.
fn config_map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n")
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata")
}

#[test]
fn version_names_what_is_matched() {
    let out = kustom(&testdata(), &["version"]).good();
    assert_eq!(
        out,
        format!("kustom {} (renders as kustomize v5.8.2)\n", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(kustom(&testdata(), &["--version"]).good(), out);
}

#[test]
fn a_reader_that_has_gone_away_is_no_failure() {
    let dir = folder(
        "gone-reader",
        &[("kustomization.yaml", "resources: [map.yaml]\n"), ("map.yaml", &config_map("a"))],
    );
    for args in [
        &["--help"][..],
        &["help"],
        &["apps", "diff", "--help"],
        &["--version"],
        &["version"],
        &["completion", "bash"],
        &["build", "."],
        &["deps", "."],
        &["explain", ".", "ConfigMap/a"],
        &["--kustomize-compat", "build", "--help"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let ran: Ran = program(&dir, args).stdout(writer).output().expect("it runs").into();
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{args:?}");
    }
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let misused = program(&dir, &["nope"]).stderr(writer).output().expect("it runs");
    assert_eq!(misused.status.code(), Some(2));
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = kustom(&testdata(), &["completion", shell]).good();
        for word in ["build", "diff", "verify", "deps", "affected", "explain", "load-restrictor"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(kustom(&testdata(), &["completion", "tcl"]).code, Some(2));
}

#[test]
fn every_command_explains_itself() {
    let overview = kustom(&testdata(), &["--help"]).good();
    for command in ["build", "diff", "lint", "verify", "deps", "affected", "explain"] {
        assert!(overview.contains(command));
        let help = kustom(&testdata(), &[command, "--help"]).good();
        assert!(help.contains("Examples:"), "{command}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{command}");
    }
    let readme = include_str!("../../../README.md");
    let commands = overview.split("Commands:\n").nth(1).and_then(|s| s.split("\n\n").next());
    for line in commands.expect("a list").lines() {
        let name = line.split_whitespace().next().expect("a name");
        let listed = readme.contains(&format!("| `kustom {name}"));
        assert!(listed || name == "help" || line.starts_with("      "), "{name} is in the README");
    }
    let bare = kustom(&testdata(), &[]);
    assert_eq!((bare.code, bare.out.as_str()), (Some(2), ""));
}
