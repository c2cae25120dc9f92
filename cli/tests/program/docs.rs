//! What the docs say about other programs, run as it is written there, with stand-ins for programs that
//! talk to a server.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use kustom::document;

use super::promote::{changed_lines, git, repository};
use super::{folder, kustom, write};

const INSTEAD: &str = include_str!("../../../docs/instead-of-kustomize.md");
const PROMOTE: &str = include_str!("../../../docs/promote.md");

/// Returns the blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let parts = text.split("```").skip(1).step_by(2);
    parts.filter_map(|part| part.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// Returns the one block of a language that has some text.
fn block<'a>(text: &'a str, language: &str, with: &str) -> &'a str {
    let mut found = blocks(text, language).into_iter().filter(|block| block.contains(with));
    found.next().unwrap_or_else(|| panic!("no block of {language} has {with}"))
}

/// Returns the script behind a line of a YAML block, without its indentation.
fn script(block: &str, head: &str) -> String {
    let (_, rest) = block.split_once(head).expect("a script");
    let lines: Vec<&str> = rest.trim_matches('\n').lines().collect();
    let indent = lines[0].len() - lines[0].trim_start().len();
    lines.iter().map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect()
}

/// Runs a script, with `kustom` in the path and programs that only say how they were called.
fn run(dir: &Path, script: &str, stubs: &[&str]) -> (Option<i32>, String) {
    let bin = dir.with_extension("bin");
    fs::create_dir_all(&bin).expect("a folder");
    for name in ["kustom", "kustomize"] {
        _ = std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kustom"), bin.join(name));
    }
    for name in stubs {
        let stub = format!("#!/bin/sh\necho \"{name} $*\"\ncase \"$*\" in *'-f -') cat ;; esac\n");
        fs::write(bin.join(name), stub).expect("a file");
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command.args(["-e", "-u", "-o", "pipefail", "-c", script]).current_dir(dir);
    command.env("PATH", path).env("GITHUB_RUN_ID", "7").env("HOME", dir);
    let output = command.output().expect("bash");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// A repository with a remote, in which dev is ahead of staging.
fn ahead(test: &str) -> PathBuf {
    let dir = repository(test);
    let origin = dir.with_extension("origin");
    _ = fs::remove_dir_all(&origin);
    git(&dir, &["init", "-q", "--bare", &origin.display().to_string()]);
    git(&dir, &["remote", "add", "origin", &origin.display().to_string()]);
    kustom(&dir, &["set", "image", "apps/web/overlays/dev", "shop/web:v2"]).good();
    changed_lines(&dir);
    dir
}

#[test]
fn yaml_in_the_docs_is_yaml() {
    let docs = [
        INSTEAD,
        PROMOTE,
        include_str!("../../../docs/ci.md"),
        include_str!("../../../docs/argocd.md"),
        include_str!("../../../docs/review.md"),
        include_str!("../../../docs/remote.md"),
    ];
    let mut count = 0;
    for text in docs {
        for block in blocks(text, "yaml") {
            assert!(document::from_yaml(block.as_bytes()).is_ok(), "{block}");
            count += 1;
        }
    }
    assert!(count > 8, "{count}");
    // What the chart of Argo CD and its plugin are told.
    let values = document::from_yaml(block(INSTEAD, "yaml", "initContainers").as_bytes()).unwrap();
    let text = format!("{values:?}");
    assert!(text.contains("subPath") && text.contains("custom-tools"), "{text}");
}

#[test]
fn the_nightly_job_opens_a_pull_request_and_stays_quiet_afterwards() {
    let dir = ahead("docs-nightly");
    let script = script(block(PROMOTE, "yaml", "gh pr create"), "      run: |");
    let (code, said) = run(&dir, &script, &["gh"]);
    assert_eq!(code, Some(0), "{said}");
    let wanted = "gh pr create --title Promote dev to staging: web v2 --body-file body.md\n";
    assert!(said.contains(wanted), "{said}");
    assert!(
        fs::read_to_string(dir.join("body.md")).expect("a body").contains("| web | shop/web |")
    );
    let origin = dir.with_extension("origin");
    let pushed = git(&origin, &["show", "-U0", "promote-7"]);
    let tags: Vec<&str> = pushed.lines().filter(|line| line.contains("newTag")).collect();
    assert_eq!(tags, ["-    newTag: v1 # by the bot", "+    newTag: v2 # by the bot"]);
    // Once merged there is nothing to do, and no pull request.
    let (code, said) = run(&dir, &script, &["gh"]);
    assert_eq!((code, said.contains("gh pr")), (Some(0), false), "{said}");
}

#[test]
fn the_makefile_deploys() {
    if Command::new("make").arg("--version").output().is_err() {
        return;
    }
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: c}\nspec: {template: {spec: \
                      {containers: [{name: m, image: 'controller:latest'}]}}}\n";
    let dir = folder(
        "docs-makefile",
        &[
            ("Makefile", block(INSTEAD, "make", "deploy:")),
            ("config/manager/kustomization.yaml", "resources: [m.yaml]\n"),
            ("config/manager/m.yaml", deployment),
            ("config/default/kustomization.yaml", "resources: [../manager]\n"),
        ],
    );
    let (code, said) = run(&dir, "make deploy IMG=example.com/op:v3", &["kubectl"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("kubectl apply -f -\n") && said.contains("image: example.com/op:v3\n"),
        "{said}"
    );
}

/// A Makefile whose `deploy` installs kustomize first, in the shape of those that kubebuilder generates.
const INSTALLS: &str = r#"LOCALBIN ?= $(CURDIR)/bin
RELEASE ?= v5.8.2
KUSTOMIZE ?= $(LOCALBIN)/kustomize

.PHONY: manifests
manifests:
	@mkdir -p config/crd

.PHONY: deploy
deploy: manifests kustomize
	cd config/manager && $(KUSTOMIZE) edit set image controller=${IMG}
	$(KUSTOMIZE) build config/default | kubectl apply -f -

.PHONY: kustomize
kustomize: $(KUSTOMIZE)

$(KUSTOMIZE): $(LOCALBIN)
	$(call installed-by-go,$(KUSTOMIZE),example.com/kustomize,$(RELEASE))

$(LOCALBIN):
	mkdir -p $@

define installed-by-go
@test -f "$(1)-$(3)" || (set -e; rm -f "$(1)"; GOBIN="$(LOCALBIN)" go install $(2)@$(3); mv "$(1)" "$(1)-$(3)")
@ln -sf "$(1)-$(3)" "$(1)"
endef
"#;

#[test]
fn a_makefile_that_installs_kustomize_needs_no_more_than_is_written() {
    if Command::new("make").arg("--version").output().is_err() {
        return;
    }
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: c}\nspec: {template: {spec: \
                      {containers: [{name: m, image: 'controller:latest'}]}}}\n";
    let quoted = INSTALLS
        .replace("\t$(KUSTOMIZE) build", "\t\"$(KUSTOMIZE)\" build")
        .replace("&& $(KUSTOMIZE) edit", "&& \"$(KUSTOMIZE)\" edit");
    assert_ne!(quoted, INSTALLS);
    let changes = block(INSTEAD, "make", ".PHONY: kustomize");
    let (variable, rules) = changes.split_once('\n').expect("a line");
    for (i, shape) in [INSTALLS, &quoted].into_iter().enumerate() {
        let own = shape.lines().find(|line| line.starts_with("KUSTOMIZE ?=")).expect("a line");
        let start = shape.find(".PHONY: kustomize").expect("a rule");
        let end = shape.find("$(LOCALBIN):\n").expect("a rule");
        let one_line = shape.replace(own, variable);
        let all = format!("{}{rules}\n{}", &shape[..start], &shape[end..]).replace(own, variable);
        for (makefile, is_enough) in [(one_line, false), (all, true)] {
            let files = [
                ("Makefile", &*makefile),
                ("config/manager/kustomization.yaml", "resources: [m.yaml]\n"),
                ("config/manager/m.yaml", deployment),
                ("config/default/kustomization.yaml", "resources: [../manager]\n"),
            ];
            let dir = folder(&format!("docs-makefile-{i}-{is_enough}"), &files);
            let stubs = ["kubectl", "go"];
            let (code, said) = run(&dir, "make deploy IMG=example.com/op:v3", &stubs);
            assert_eq!(code == Some(0), is_enough, "{said}");
            assert_eq!(said.contains("go install example.com"), !is_enough, "{said}");
            assert_eq!(said.contains("image: example.com/op:v3\n"), is_enough, "{said}");
        }
    }
}

#[test]
fn the_hook_looks_at_what_is_about_to_be_committed() {
    let dir = ahead("docs-hook");
    let hook = block(INSTEAD, "yaml", "repo: local");
    let entry =
        hook.lines().find_map(|line| line.trim().strip_prefix("entry: ")).expect("an entry");
    assert_eq!(run(&dir, entry, &[]).0, Some(0));
    write(
        &dir,
        "apps/cart/overlays/dev/kustomization.yaml",
        "resources: [../../base, none.yaml]\n",
    );
    let (code, said) = run(&dir, entry, &[]);
    assert!(code != Some(0) && said.contains("none.yaml"), "{code:?}: {said}");
}

#[test]
fn the_jobs_render() {
    let dir = ahead("docs-jobs");
    let gitlab = block(INSTEAD, "yaml", "artifacts");
    let line =
        gitlab.lines().find_map(|line| line.trim().strip_prefix("- kustom")).expect("a line");
    let (code, said) = run(&dir, &format!("kustom{line}"), &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(dir.join("rendered").read_dir().expect("a folder").count() >= 1);
    write(&dir, "overlays/prod/kustomization.yaml", "resources: [../../apps/web/overlays/prod]\n");
    let github = block(INSTEAD, "yaml", "--strict");
    let lines = github.lines().filter_map(|line| line.trim().strip_prefix("- run: "));
    for line in lines.filter(|line| line.starts_with("kustom ")) {
        let (code, said) = run(&dir, line, &[]);
        assert_eq!(code, Some(0), "{line}: {said}");
    }
    // The link that scripts find.
    assert_eq!(run(&dir, "kustomize version", &[]), (Some(0), "v5.8.2\n".to_owned()));
}

#[test]
fn the_hook_before_a_commit_builds_what_has_changed() {
    let dir = repository("docs-pre-commit");
    let hook = block(INSTEAD, "yaml", "pass_filenames");
    let entry = hook.lines().find_map(|line| line.trim().strip_prefix("entry: "));
    let entry = format!("{}\n", entry.expect("a command"));
    let hook = || run(&dir, &entry, &[]).0;
    assert_eq!(hook(), Some(0), "nothing has changed");
    write(&dir, "apps/a b/kustomization.yaml", "namePrefix: x-\nresources: [m.yaml]\n");
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    write(&dir, "apps/a b/m.yaml", map);
    assert_eq!(hook(), Some(0));
    write(&dir, "apps/a b/m.yaml", "apiVersion: v1\nkind: [\n");
    assert_eq!(hook(), Some(1));
    // Before the first commit all is new.
    write(&dir, "apps/a b/m.yaml", map);
    fs::remove_dir_all(dir.join(".git")).expect("a folder");
    git(&dir, &["init", "-q"]);
    assert_eq!(hook(), Some(0));
    write(&dir, "apps/a b/m.yaml", "apiVersion: v1\nkind: [\n");
    assert_eq!(hook(), Some(1));
    // What is affected cannot be found, for there is no such revision.
    write(&dir, "apps/a b/m.yaml", map);
    write(&dir, ".git/HEAD", "nonsense\n");
    assert_eq!(hook(), Some(1));
}
