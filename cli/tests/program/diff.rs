//! `kustom diff` on a git repository: the sample with a change of every common kind, in all formats,
//! with the exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::kustom_with_input;

pub(super) const FORMATS: [&str; 5] = ["text", "colors", "unified", "markdown", "json"];
const PAYMENTS: &str = "apps/payments-api/overlays";

/// A repository with the sample in its first commit, on the branch `main`.
pub(crate) struct Repo {
    pub(super) folder: TempDir,
}

/// What the program answered.
pub(super) struct Answer {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl Repo {
    /// Copies the sample; `payments-api` gets three overlays more, so that six use its base.
    pub(crate) fn new() -> Repo {
        let repo = Repo { folder: tempfile::tempdir().expect("a folder") };
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/infra-config");
        copy(&sample, repo.path());
        for name in ["dev", "staging", "prod"] {
            let overlays = repo.path().join(PAYMENTS);
            copy(&overlays.join(name), &overlays.join(format!("{name}-eu")));
        }
        repo.git(&["init", "-q", "-b", "main"]);
        repo.commit();
        repo
    }

    /// Returns a repository without files and commits.
    pub(crate) fn empty() -> Repo {
        let repo = Repo { folder: tempfile::tempdir().expect("a folder") };
        repo.git(&["init", "-q", "-b", "main"]);
        repo
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs git and returns what it says.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let done = Command::new("git")
            .args([
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@example.com",
                "-c",
                "core.autocrlf=off",
            ])
            .args(args)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .current_dir(self.path())
            .output()
            .expect("git");
        assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "change"]);
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a written file");
    }

    /// Replaces text in a file; it must be there.
    pub(crate) fn replace(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path().join(path)).expect("a file");
        assert!(text.contains(from), "{path} has no {from}");
        self.write(path, &text.replace(from, to));
    }

    pub(super) fn diff(&self, args: &[&str]) -> Answer {
        self.diff_with_input(args, "")
    }

    fn diff_with_input(&self, args: &[&str], input: &str) -> Answer {
        let ran = kustom_with_input(self.path(), &[&["diff"], args].concat(), input);
        let real = self.path().canonicalize().expect("a folder");
        let text = |text: String| {
            text.replace(&*real.to_string_lossy(), "[REPO]")
                .replace(&*self.path().to_string_lossy(), "[REPO]")
        };
        Answer { code: ran.code.expect("an exit code"), out: text(ran.out), err: text(ran.err) }
    }

    /// Compares the last two commits in all formats with the recorded output.
    fn check(&self, name: &str, paths: &[&str], code: i32) {
        for format in FORMATS {
            // Text comes with and without colors.
            let format_args = match format {
                "colors" => &["--color", "always"][..],
                other => &["--format", other],
            };
            let args = [paths, &["--from", "HEAD~", "--to", "HEAD"], format_args].concat();
            let mut answer = self.diff(&args);
            answer.out = answer.out.replace('\x1b', "␛");
            assert_eq!(answer.out.contains('␛'), format == "colors");
            assert_eq!(answer.code, code, "{format}: {}", answer.err);
            assert_eq!(answer.err, "", "{format}");
            insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(format!("{name}.{format}"), answer.out);
            });
        }
    }
}

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path: PathBuf = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

#[test]
fn a_new_tag() {
    let repo = Repo::new();
    repo.replace(&format!("{PAYMENTS}/prod/kustomization.yaml"), "1.14.1", "1.15.0");
    repo.commit();
    repo.check("new_tag", &["."], 1);
}

#[test]
fn a_key_of_a_merged_config_map() {
    let repo = Repo::new();
    let file = format!("{PAYMENTS}/prod/kustomization.yaml");
    repo.replace(&file, "DATABASE_POOL_SIZE=40", "DATABASE_POOL_SIZE=60");
    repo.commit();
    repo.check("config_map_key", &["apps/*/overlays/*"], 1);
}

#[test]
fn a_base_of_six_overlays() {
    let repo = Repo::new();
    let file = "apps/payments-api/base/deployment.yaml";
    repo.replace(file, "path: /healthz", "path: /livez");
    repo.replace("apps/payments-api/base/config/limits.yaml", "attempts: 5", "attempts: 7");
    repo.commit();
    repo.check("base_of_six", &["apps"], 1);
}

#[test]
fn a_renamed_resource() {
    let repo = Repo::new();
    let file = "apps/notifications/base/cronjob.yaml";
    let text = fs::read_to_string(repo.path().join(file)).expect("a file");
    let name = text.lines().find_map(|line| line.strip_prefix("  name: ")).expect("a name");
    repo.replace(file, &format!("\n  name: {name}\n"), "\n  name: nightly\n");
    repo.commit();
    repo.check("renamed_resource", &["apps/notifications/overlays/prod"], 1);
}

#[test]
fn a_broken_kustomization() {
    let repo = Repo::new();
    let file = format!("{PAYMENTS}/staging/kustomization.yaml");
    repo.replace(&file, "- ingress.yaml", "- ingres.yaml");
    repo.replace(&format!("{PAYMENTS}/prod/kustomization.yaml"), "1.14.1", "1.15.0");
    repo.commit();
    repo.check("broken_kustomization", &[PAYMENTS], 2);
}

#[test]
fn revisions_are_read_from_objects_alone() {
    let repo = Repo::new();
    repo.replace(&format!("{PAYMENTS}/prod/kustomization.yaml"), "1.14.1", "1.15.0");
    repo.commit();
    let args = [PAYMENTS, "--from", "HEAD~", "--to", "HEAD"];
    let clean = repo.diff(&args).out;
    fs::remove_dir_all(repo.path().join("apps")).expect("removed");
    repo.write("apps/other", "x");
    assert_eq!(repo.diff(&args).out, clean);
    let left: Vec<_> = fs::read_dir(repo.path().join("apps")).expect("a folder").collect();
    assert_eq!(left.len(), 1);
}

#[test]
fn by_default_the_work_tree_is_compared_with_where_the_branch_began() {
    let repo = Repo::new();
    let overlay = format!("{PAYMENTS}/prod");
    let file = format!("{overlay}/kustomization.yaml");
    assert_eq!(repo.diff(&[&overlay]).code, 0);
    repo.git(&["switch", "-q", "-c", "feature"]);
    repo.replace(&file, "1.14.1", "1.15.0");
    repo.commit();
    repo.git(&["switch", "-q", "main"]);
    repo.replace(&file, "count: 6", "count: 9");
    repo.commit();
    repo.git(&["switch", "-q", "feature"]);
    repo.replace(&file, "FEATURE_INSTANT_PAYOUT=false", "FEATURE_INSTANT_PAYOUT=true");
    let answer = repo.diff(&[&overlay]);
    assert_eq!(answer.code, 1);
    assert!(answer.out.contains("- registry.example.com/payments/api:1.14.1\n"), "{}", answer.out);
    assert!(answer.out.contains("data.FEATURE_INSTANT_PAYOUT"));
    assert!(!answer.out.contains("replicas"), "{}", answer.out);
}

#[test]
fn roots_that_come_and_go_are_shown() {
    let repo = Repo::new();
    repo.write("one/kustomization.yaml", "resources: [a.yaml]\n");
    repo.write("one/a.yaml", "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}\n");
    repo.commit();
    let there = repo.diff(&["one", "--from", "HEAD~", "--to", "HEAD"]);
    assert_eq!((there.code, there.out.contains("+ ServiceAccount a")), (1, true));
    let back = repo.diff(&["one", "--from", "HEAD", "--to", "HEAD~"]);
    assert_eq!((back.code, back.out.contains("- ServiceAccount a")), (1, true));
    let nothing = repo.diff(&["two", "--from", "HEAD~"]);
    assert_eq!(nothing.code, 2);
    assert!(nothing.err.contains("no kustomization at or below 'two'"), "{}", nothing.err);
}

#[test]
fn roots_that_moved_are_compared_with_what_they_were() {
    let repo = Repo::new();
    let (from, to) = (format!("{PAYMENTS}/dev-eu"), format!("{PAYMENTS}/develop"));
    repo.git(&["mv", &from, &to]);
    repo.git(&["rm", "-q", "-r", &format!("{PAYMENTS}/staging-eu")]);
    repo.commit();
    let args = [PAYMENTS, "--from", "HEAD~", "--to", "HEAD"];
    let answer = repo.diff(&args);
    assert!(
        answer.out.starts_with(&format!("{from} → {to}\n  moved, no differences\n\n")),
        "{}",
        answer.out
    );
    assert!(answer.out.ends_with("0 changed, 0 added, 9 removed in 1 of 6 roots\n"));
    let markdown = repo.diff(&[&args[..], &["--format", "markdown"]].concat()).out;
    let moved = format!("#### {from} → {to}\n\nmoved, no differences\n");
    assert!(markdown.contains(&moved), "{markdown}");
    repo.replace(&format!("{to}/kustomization.yaml"), "newTag: ", "newTag: x");
    repo.commit();
    let args = [PAYMENTS, "--from", "HEAD~2", "--to", "HEAD", "--format"];
    let unified = repo.diff(&[&args[..], &["unified"]].concat()).out;
    let file = "payments/deployment-payments-api.yaml";
    let heads = format!("--- a/{from}/{file}\n+++ b/{to}/{file}\n");
    assert!(unified.contains(&heads), "{unified}");
    let json = repo.diff(&[&args[..], &["json"]].concat()).out;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let root = json["roots"].as_array().and_then(|roots| roots.iter().find(|r| r["root"] == to));
    assert_eq!(root.expect("the root")["movedFrom"], from);
    // The other way round it is the same.
    let back = repo.diff(&[PAYMENTS, "--from", "HEAD", "--to", "HEAD~2"]).out;
    assert!(back.contains(&format!("{to} → {from}\n~ Deployment")), "{back}");
}

#[cfg(unix)]
#[test]
fn roots_that_are_not_rendered_would_not_differ() {
    let repo = Repo::new();
    let mut files = Vec::new();
    let mut waiting = vec![repo.path().to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            let is_folder = entry.path().is_dir();
            if entry.file_name() != ".git" {
                if is_folder { &mut waiting } else { &mut files }.push(entry.path());
            }
        }
    }
    files.sort();
    assert!(files.len() > 60);
    for file in files.iter().step_by(21) {
        let text = fs::read_to_string(file).expect("text");
        for changed in [format!("{text}\n# more\n"), text.replace("prod", "prop")] {
            fs::write(file, changed).expect("a file");
            let args = [".", "--from", "HEAD", "--format", "json"];
            let (quick, whole) =
                (repo.diff(&args), repo.diff(&[&args[..], &["--render-all"]].concat()));
            assert_eq!((quick.code, quick.out), (whole.code, whole.out), "{}", file.display());
        }
        fs::write(file, text).expect("a file");
    }
}

#[test]
fn links_in_revisions_are_followed() {
    use std::os::unix::fs::symlink;
    let repo = Repo::new();
    let link = |to: &str, at: &str| symlink(to, repo.path().join(at)).expect("a link");
    repo.write("shared/base/kustomization.yaml", "resources: [a.yaml, sub/b.yaml]\n");
    repo.write("shared/a.yaml", "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}\n");
    repo.write(
        "shared/sub/b.yaml",
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: b}}\n",
    );
    repo.write("linked/kustomization.yaml", "resources: [base]\nnamePrefix: p-\n");
    link("../a.yaml", "shared/base/a.yaml");
    link("../sub", "shared/base/sub");
    link("../shared/base", "linked/base");
    link("loop", "shared/loop");
    repo.commit();
    // Links that leave the root are refused in a revision as on the disk.
    let same = ["linked", "--from", "HEAD", "--to", "HEAD"];
    assert!(repo.diff(&same).out.contains("HEAD and HEAD have the same files"));
    let refused = repo.diff(&[&same[..], &["--render-all"]].concat());
    assert_eq!(refused.code, 0, "it did so before");
    assert!(refused.out.contains("is not in or below '[REPO]/shared/base'"), "{}", refused.out);
    let args = ["linked", "--load-restrictor", "LoadRestrictionsNone", "--from", "HEAD"];
    let same = repo.diff(&args);
    assert_eq!((same.code, same.err.as_str()), (0, ""), "{}", same.out);
    repo.write(
        "shared/sub/b.yaml",
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: c}}\n",
    );
    let answer = repo.diff(&args);
    assert_eq!(answer.code, 1);
    assert!(answer.out.contains("- ServiceAccount p-b"), "{}", answer.out);
    assert!(answer.out.contains("+ ServiceAccount p-c"), "{}", answer.out);
}

#[test]
fn directories_files_and_stdin_are_compared() {
    let repo = Repo::new();
    let overlay = format!("{PAYMENTS}/prod");
    let built = Command::new(env!("CARGO_BIN_EXE_kustom"))
        .args(["build", &overlay])
        .current_dir(repo.path())
        .output()
        .expect("the program");
    let rendered = String::from_utf8(built.stdout).expect("text");
    repo.write("rendered.yaml", &rendered);
    assert_eq!(repo.diff(&["rendered.yaml", &overlay]).code, 0);
    let other = rendered.replace("replicas: 6", "replicas: 7");
    let answer = repo.diff_with_input(&["-", &overlay], &other);
    assert_eq!((answer.code, answer.out.contains("spec.replicas: 7 → 6")), (1, true));
    let unified = repo.diff_with_input(&["rendered.yaml", "-", "--format", "unified"], &other);
    assert!(unified.out.contains("-  replicas: 6\n+  replicas: 7\n"), "{}", unified.out);
    let stage = format!("{PAYMENTS}/staging");
    assert_eq!(repo.diff(&[&stage, &overlay]).code, 1);
    copy(&repo.path().join("apps"), &repo.path().join("copy"));
    assert_eq!(repo.diff(&["apps", "copy"]).code, 0);
    for (before, after) in [("./apps", "copy/"), ("apps/../apps", "./copy/."), ("apps/", ".//copy")]
    {
        let same = repo.diff(&[before, after]);
        assert_eq!((same.code, same.err.as_str()), (0, ""), "{before} {after}: {}", same.out);
    }
    for (before, after) in [(format!("./{stage}"), overlay.clone()), (format!("{stage}/"), overlay)]
    {
        let answer = repo.diff(&[&before, &after]);
        assert!(answer.out.contains("are compared with each other"), "{}", answer.out);
        assert!(answer.out.contains("\n~ ConfigMap"), "{}", answer.out);
    }
    let overlay = format!("{PAYMENTS}/prod");
    assert_eq!(repo.diff(&["apps", "nowhere"]).code, 2);
    let broken = repo.diff_with_input(&["-", &overlay], "a: [\n");
    assert_eq!((broken.code, broken.err.is_empty()), (2, false));
}

#[test]
fn what_a_cluster_adds_is_no_difference() {
    let repo = Repo::new();
    repo.write("app/kustomization.yaml", "namespace: web\nresources: [a.yaml]\n");
    repo.write(
        "app/a.yaml",
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}\n",
    );
    let live = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  \
                metadata: {name: a, namespace: web, uid: x, resourceVersion: '5'}\n  \
                spec: {clusterIP: 10.0.0.1, ports: [{port: 80, protocol: TCP, targetPort: 80}]}\n  \
                status: {loadBalancer: {}}\n";
    let same = repo.diff_with_input(&["app", "--live", "-"], live);
    assert_eq!((same.code, same.err.as_str()), (0, ""), "{}", same.out);
    repo.replace("app/a.yaml", "port: 80", "port: 81");
    assert_eq!(repo.diff_with_input(&["app", "--live", "-"], live).code, 1);
    let ignoring = ["app", "--live", "-", "--ignore", "Service:spec.ports"];
    assert_eq!(repo.diff_with_input(&ignoring, live).code, 0);
}

#[test]
fn wrong_usage_is_an_error() {
    let repo = Repo::new();
    for args in [
        &["--format", "xml"][..],
        &["--ignore", "a..b"],
        &["--from", "nowhere"],
        &["--live", "-", "--from", "HEAD"],
        &["--from", "HEAD", "--to", "nothing"],
    ] {
        let answer = repo.diff(args);
        assert_eq!((answer.code, answer.err.is_empty()), (2, false), "{args:?}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let repo = Repo::new();
    let overlay = format!("{PAYMENTS}/prod");
    for (args, message) in [
        (&[&overlay, "--from", "v9"][..], "revision 'v9': there is none in this repository"),
        (&[&overlay, "--live", "none"], "none: no such file or directory"),
        (&["none.yaml", &overlay], "none.yaml: no such file or directory"),
        (&["-", "-"], "stdin cannot be both sides"),
    ] {
        let answer = repo.diff(args);
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{args:?}");
        assert_eq!(answer.err, format!("Error: {message}\n"));
    }
    let answer = repo.diff_with_input(&[&overlay, "--live", "-"], "No resources found\n");
    assert_eq!(answer.err, "Error: stdin:1: missing Resource metadata\n");
}
