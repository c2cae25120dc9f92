//! The steps of docs/ci.md for pull requests, run as they are written there: in the clone that the
//! runner would have, with stand-ins for the programs that talk to a server.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::diff::Repo;

const PAGE: &str = include_str!("../../../docs/ci.md");

/// Returns the script that a block of the page has after `head`, without its indentation.
fn script(head: &str) -> String {
    let (_, block) = PAGE.split_once(head).expect("a script");
    let lines: Vec<&str> = block.lines().skip(1).take_while(|line| !line.contains("```")).collect();
    let indent = lines[0].len() - lines[0].trim_start().len();
    lines.iter().map(|line| format!("{}\n", &line[indent..])).collect()
}

/// The server: a bare repository with `main` and the merge of a pull request.
struct Server {
    folder: TempDir,
    /// Where the branch began.
    base: String,
}

impl Server {
    /// `change` is what the branch does, while `main` goes on as well.
    fn new(change: impl Fn(&Repo)) -> Server {
        let repo = Repo::new();
        // Beside the chart of the sample, which needs helm: a base that needs the network.
        let remote = "resources:\n- https://git.example.com/acme/base?ref=v1\n";
        repo.write("platform/remote/kustomization.yaml", remote);
        repo.commit();
        let folder = tempfile::tempdir().expect("a folder");
        let origin = folder.path().join("origin.git");
        let base = git(repo.path(), &["rev-parse", "HEAD"]).trim().to_owned();
        repo.git(&["switch", "-q", "-c", "topic"]);
        for i in 0..3 {
            repo.write("notes.txt", &format!("{i}\n"));
            repo.commit();
        }
        change(&repo);
        repo.commit();
        repo.git(&["switch", "-q", "main"]);
        repo.replace("apps/payments-api/overlays/prod/kustomization.yaml", "count: 6", "count: 7");
        repo.commit();
        repo.git(&["switch", "-q", "-c", "merge"]);
        repo.git(&["merge", "-q", "--no-edit", "topic"]);
        repo.git(&["clone", "-q", "--bare", ".", &origin.to_string_lossy()]);
        Server { folder, base }
    }

    /// Clones a branch as a runner does.
    fn clone(&self, branch: &str, depth: Option<u32>) -> PathBuf {
        let to = self.folder.path().join("work");
        let url = format!("file://{}", self.folder.path().join("origin.git").display());
        let depth = depth.map(|depth| format!("--depth={depth}"));
        let mut args = vec!["clone", "-q", "--branch", branch];
        args.extend(depth.as_deref());
        git(self.folder.path(), &[&args[..], &[&url, "work"]].concat());
        git(&to, &["checkout", "-q", "--detach"]);
        to
    }

    /// Runs a script with stand-ins; returns the exit code and what was posted.
    fn run(&self, work: &Path, script: &str, env: &[(&str, &str)]) -> (Option<i32>, String) {
        let bin = self.folder.path().join("bin");
        fs::create_dir_all(&bin).expect("a folder");
        _ = std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kustom"), bin.join("kustom"));
        let posted = self.folder.path().join("posted");
        // Both take the name of a file with the text.
        let stub = format!(
            "#!/bin/sh\nfor arg in \"$@\"; do\n  case \"$previous$arg\" in\n    \
             --body-file*) cat \"$arg\" > '{0}' ;;\n    body@*) cat \"${{arg#body@}}\" > '{0}' ;;\n  \
             esac\n  case \"$arg\" in --body-file) previous=$arg ;; *) previous= ;; esac\ndone\n",
            posted.display()
        );
        for name in ["gh", "curl"] {
            fs::write(bin.join(name), &stub).expect("a file");
            fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).expect("a mode");
        }
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("bash");
        // The strictest of what the runners use.
        command.args(["-e", "-u", "-o", "pipefail", "-c", script]).current_dir(work);
        command.env("PATH", path).env("RUNNER_TEMP", self.folder.path()).envs(env.iter().copied());
        let output = command.output().expect("bash");
        (output.status.code(), fs::read_to_string(posted).unwrap_or_default())
    }
}

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git").args(args).current_dir(folder).output().expect("git");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

const OVERLAY: &str = "apps/payments-api/overlays/prod/kustomization.yaml";

fn bump(repo: &Repo) {
    repo.replace(OVERLAY, "1.14.1", "1.15.0");
}

fn break_one(repo: &Repo) {
    bump(repo);
    repo.replace("apps/payments-api/overlays/dev/kustomization.yaml", "- ingress.yaml", "- x.yaml");
}

/// Runs the script on what a branch does.
fn github(change: impl Fn(&Repo)) -> (Option<i32>, String) {
    let server = Server::new(change);
    let work = server.clone("merge", Some(2));
    server.run(&work, &script("      run: |"), &[("PULL_REQUEST", "7")])
}

fn gitlab(change: impl Fn(&Repo)) -> (Option<i32>, String) {
    let server = Server::new(change);
    let work = server.clone("topic", None);
    let script = script("  script:\n  - |").replace("/tmp/", "$RUNNER_TEMP/");
    let env = [
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", server.base.as_str()),
        ("GITLAB_TOKEN", "t"),
        ("CI_API_V4_URL", "https://gitlab.example.com/api/v4"),
        ("CI_PROJECT_ID", "1"),
        ("CI_MERGE_REQUEST_IID", "7"),
    ];
    server.run(&work, &script, &env)
}

#[test]
fn the_steps_post_what_the_branch_changes() {
    for run in [github as fn(fn(&Repo)) -> _, gitlab] {
        let (code, posted) = run(bump);
        assert_eq!(code, Some(0), "{posted}");
        assert!(posted.starts_with("### kustom diff: 1 changed"), "{posted}");
        assert!(posted.contains("| `1.14.1` | `1.15.0` |"), "{posted}");
        assert!(!posted.contains("replicas"), "what main did is not the branch's: {posted}");
    }
}

#[test]
fn the_steps_post_and_fail_if_a_root_is_broken() {
    for run in [github as fn(fn(&Repo)) -> _, gitlab] {
        let (code, posted) = run(break_one);
        assert_eq!(code, Some(1), "{posted}");
        assert!(posted.contains("could not be rendered"), "{posted}");
    }
}

#[test]
fn the_steps_succeed_without_a_difference() {
    for run in [github as fn(fn(&Repo)) -> _, gitlab] {
        let (code, posted) = run(|repo| repo.write("more.txt", "x\n"));
        assert_eq!((code, posted.contains("no differences")), (Some(0), true), "{posted}");
        // What needs helm or the network is no news, and nobody says that it was compared.
        assert!(posted.contains("2 roots could not be compared, as before"), "{posted}");
    }
}

#[test]
fn a_clone_without_the_other_commit_says_so() {
    let server = Server::new(bump);
    let work = server.clone("merge", Some(1));
    let ran = super::kustom(&work, &["diff", ".", "--from", "HEAD^1"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("shallow"), "{}", ran.err);
}

#[test]
fn a_new_version_of_what_is_elsewhere_is_not_as_before() {
    let repo = Repo::new();
    let remote =
        |version: &str| format!("resources:\n- https://example.com/crds/{version}/all.yaml\n");
    repo.write("crds/kustomization.yaml", &remote("v1.2.9"));
    repo.write("old/crds/kustomization.yaml", &remote("v7"));
    repo.commit();
    // Why it cannot be rendered is the same, but what it names is not.
    repo.write("crds/kustomization.yaml", &remote("v1.3.0"));
    repo.commit();
    let diff = || {
        let ran = super::kustom(repo.path(), &["diff", ".", "--from", "HEAD~", "--to", "HEAD"]);
        (ran.code, ran.out)
    };
    let (code, out) = diff();
    assert!(out.contains("what it reads has changed") && code == Some(1), "{code:?}: {out}");
    let json = ["diff", ".", "--from", "HEAD~", "--to", "HEAD", "--format", "json"];
    let out = super::kustom(repo.path(), &json).out;
    assert!(out.contains("\"side\": \"both\"") && out.contains("\"mayDiffer\": true"), "{out}");
    // It is as before where only the folder has moved.
    repo.git(&["mv", "old", "moved"]);
    repo.commit();
    let (code, out) = diff();
    assert!(out.contains("old/crds → moved/crds") && code == Some(0), "{code:?}: {out}");
    // What cannot be rendered for another reason now is broken.
    repo.write("crds/kustomization.yaml", "resources:\n- missing.yaml\n");
    repo.commit();
    assert_eq!(diff().0, Some(2));
}

#[test]
fn what_is_not_switched_on_is_as_before_only_if_nothing_it_reads_has_changed() {
    let repo = Repo::new();
    let chart = "helmCharts: [{name: web, releaseName: web}]\nresources: [../shared]\n";
    repo.write("c/app/kustomization.yaml", chart);
    repo.write("c/app/charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    repo.write("c/app/charts/web/values.yaml", "a: 1\n");
    let generator = "configMapGenerator: [{name: a, literals: [a=b]}]\n";
    repo.write("c/shared/kustomization.yaml", generator);
    repo.commit();
    let diff = || super::kustom(repo.path(), &["diff", "c/app", "--from", "HEAD"]);
    repo.write("c/app/README.md", "nobody reads this\n");
    let same = diff();
    assert!(same.code == Some(0) && same.out.contains("as before"), "{}{}", same.out, same.err);
    for (path, text) in [
        ("c/app/charts/web/values.yaml", "a: 2\n"),
        ("c/app/charts/web/templates/new.yaml", "a: 1\n"),
        ("c/shared/kustomization.yaml", &format!("{generator}namePrefix: a-\n")),
    ] {
        repo.write(path, text);
        let ran = diff();
        let out = format!("{}{}", ran.out, ran.err);
        assert_eq!(ran.code, Some(1), "{path}: {out}");
        for words in ["what it reads has changed", "--enable-helm"] {
            assert!(out.contains(words) && !out.contains("as before"), "{path}: {out}");
        }
        repo.commit();
        assert_eq!(diff().code, Some(0), "{path}");
    }
}
