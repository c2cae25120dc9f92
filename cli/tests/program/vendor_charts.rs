//! Charts that lie about in a tree or a cache, and charts that change under their version.

#![cfg(unix)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::elsewhere::executable;
use crate::{Ran, folder, program, write};

/// Has each chart at each version, with the values that lie beside the program.
const HELM: &str = "#!/bin/sh
here=$(dirname \"$0\")
case $1 in
version) echo v4.0.0 ;;
pull)
  echo pull >> \"$here/log\"
  mkdir -p \"$4/$7\"
  printf 'apiVersion: v2\\nname: %s\\nversion: 1.0.0\\n' \"$7\" > \"$4/$7/Chart.yaml\"
  cp \"$here/values\" \"$4/$7/values.yaml\" ;;
template)
  printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: c}\\ndata: {a: %s}\\n' \"$(cat \"$3/values.yaml\")\" ;;
esac
";

/// A root with a chart, and helm.
struct Fixture {
    top: PathBuf,
}

impl Fixture {
    fn new(test: &str) -> Fixture {
        let chart = "helmCharts: [{name: web, repo: 'https://charts.example.com', version: 1.0.0, releaseName: r}]\n";
        let files =
            [("app/kustomization.yaml", chart), ("helm/helm", HELM), ("helm/values", "'one'")];
        let it = Fixture { top: folder(&format!("vendor-charts-{test}"), &files) };
        executable(&it.top.join("helm/helm"));
        it
    }

    fn run(&self, args: &[&str]) -> Ran {
        let mut command = program(&self.top, args);
        let helm = self.top.join("helm/helm");
        command.arg("--enable-helm").arg("--helm-command").arg(helm);
        command.output().expect("it runs").into()
    }

    fn git(&self, words: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(&self.top).env("GIT_CONFIG_GLOBAL", "/dev/null").args(words);
        assert!(git.output().expect("git runs").status.success(), "git {words:?}");
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.top.join("kustom.lock")).expect("a lock")
    }
}

#[test]
fn what_is_left_of_an_earlier_fetch_is_told() {
    let it = Fixture::new("left");
    it.git(&["init", "--quiet"]);
    write(&it.top, ".gitignore", "/app/charts/\n");
    // As kustomize leaves it; git ignores it, so that a clone has no chart.
    it.run(&["build", "app", "--helm-write-charts"]).good();
    for args in [["vendor"].as_slice(), &["vendor", "--check"]] {
        let hidden = it.run(args);
        let words = "app/charts/web-1.0.0/web is taken for chart web of https://charts.example.com at 1.0.0, and git \
                     ignores it";
        assert!(hidden.code == Some(1) && hidden.err.contains(words), "{args:?}: {}", hidden.err);
    }
    fs::remove_dir_all(it.top.join("app/charts")).expect("a folder");
    assert_eq!(
        it.run(&["vendor"]).good(),
        "added   chart web of https://charts.example.com at 1.0.0\nkustom.lock: 1 entry\n"
    );
    let (real, lock) = (it.run(&["build", "app"]).good(), it.lock());
    it.run(&["build", "app", "--helm-write-charts"]).good();
    write(&it.top, "app/charts/web-1.0.0/web/values.yaml", "'left'");
    for args in
        [["build", "app"].as_slice(), &["vendor"], &["vendor", "--check"], &["vendor", "--update"]]
    {
        let refused = it.run(args);
        let words = "charts/web-1.0.0/web is not what kustom.lock says of chart web of";
        assert!(
            refused.code == Some(1) && refused.err.contains(words),
            "{args:?}: {}",
            refused.err
        );
        assert_eq!(it.lock(), lock, "{args:?}");
        assert!(!refused.err.contains("run `kustom vendor"), "{args:?}: {}", refused.err);
    }
    write(&it.top, "app/charts/web-1.0.0/web/values.yaml", "'one'");
    write(
        &it.top,
        "app/charts/web-1.0.0/web/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    );
    assert_eq!(it.run(&["build", "app"]).good(), real);
    assert_eq!(it.run(&["vendor", "--check"]).good(), "kustom.lock is complete: 1 entry\n");
}

#[test]
fn a_cache_is_not_asked_in_the_place_of_a_server() {
    let it = Fixture::new("cache");
    let with_cache = |args: &[&str]| it.run(&[args, &["--cache-dir", "cache"]].concat());
    // What is kept is another one than the server has by now.
    assert!(with_cache(&["build", "app"]).good().contains("a: one"));
    write(&it.top, "helm/values", "'two'");
    assert!(with_cache(&["build", "app"]).good().contains("a: one"));
    with_cache(&["vendor"]).good();
    assert!(with_cache(&["build", "app"]).good().contains("a: two"));
    // What has changed under its version is told, and both can be compared.
    write(&it.top, "helm/values", "'three'");
    let changed = with_cache(&["vendor", "--update"]);
    assert_eq!(changed.code, Some(1));
    assert!(changed.err.contains("a commit or a version never changes"), "{}", changed.err);
    let said = changed.out;
    let words = "changed chart web of https://charts.example.com at 1.0.0: other content under the same name, ";
    assert!(said.contains(words) && said.contains(" -> "), "{said}");
    let said = with_cache(&["vendor", "--update"]).good();
    assert_eq!(said, "nothing moved\nkustom.lock: 1 entry\n");
    assert!(with_cache(&["build", "app"]).good().contains("a: three"));
}

#[test]
fn names_that_some_systems_do_not_tell_apart_are_told() {
    let it = Fixture::new("alike");
    let helm = HELM
        .replace("values.yaml\" ;;", "values.yaml\"; echo > \"$4/$7/a\"; echo > \"$4/$7/A\" ;;");
    write(&it.top, "helm/helm", &helm);
    if cfg!(target_os = "macos") {
        return;
    }
    let told = it.run(&["vendor"]);
    let words = "web/1.0.0/A and .kustom/vendor/charts/web/1.0.0/a are one file on systems that ignore case";
    assert!(told.code == Some(0) && told.err.contains(words), "{}", told.err);
}

#[test]
fn versions_are_told_to_their_end() {
    let it = Fixture::new("versions");
    let newest = "helmCharts: [{name: web, repo: 'https://charts.example.com', devel: true, releaseName: r}]\n";
    write(&it.top, "app/kustomization.yaml", newest);
    let vendor = |version: &str, args: &[&str]| {
        write(
            &it.top,
            "helm/helm",
            &HELM.replace("version: 1.0.0", &format!("version: {version}")),
        );
        it.run(args).good()
    };
    let (old, new) = ("1.0.0-alpha.1", "1.0.0-20261130.12345678901234567890123456789");
    vendor(old, &["vendor"]);
    let said = vendor(new, &["vendor", "--update"]);
    assert!(said.contains(&format!(" {old} -> {new}\n")), "{said}");
}
