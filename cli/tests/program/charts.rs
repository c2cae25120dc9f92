//! Charts of a repository over HTTP and of a registry, with the real helm where it is installed.

#![allow(clippy::unwrap_used)] // a test looks for what it needs

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::elsewhere::Server;
use crate::{Ran, folder, program, registry, write};

/// Returns helm: the one that `HELM` names, or the one in `PATH`.
fn real_helm() -> Option<PathBuf> {
    let named = std::env::var_os("HELM").map(PathBuf::from);
    named.or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join("helm")).find(|helm| helm.is_file())
    })
}

/// Roots that use charts from elsewhere, and the charts.
struct Fixture {
    helm: PathBuf,
    /// Packed charts, with an index.
    charts: PathBuf,
    top: PathBuf,
}

impl Fixture {
    /// Makes the charts `web` 1.0.0 and 1.1.0; nothing where helm is not installed.
    fn new(test: &str) -> Option<Fixture> {
        let helm = real_helm()?;
        let charts = folder(&format!("charts-{test}-packed"), &[]);
        let it = Fixture { helm, charts, top: folder(&format!("charts-{test}"), &[]) };
        it.publish("1.0.0");
        it.publish("1.1.0");
        Some(it)
    }

    fn name(&self) -> String {
        self.top.file_name().unwrap().to_string_lossy().into_owned()
    }

    /// Adds a version of the chart.
    fn publish(&self, version: &str) {
        let name = "charts-source";
        let source = folder(
            &format!("{name}-{}-{version}", self.top.file_name().unwrap().to_string_lossy()),
            &[],
        );
        write(
            &source,
            "web/Chart.yaml",
            &format!("apiVersion: v2\nname: web\nversion: {version}\n"),
        );
        write(&source, "web/values.yaml", "from: chart\n");
        let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n\
                        data: {v: '{{ .Chart.Version }}', from: '{{ .Values.from }}'}\n";
        write(&source, "web/templates/map.yaml", template);
        self.run_helm(&["package", "web", "-d", &self.charts.to_string_lossy()], &source);
        self.run_helm(&["repo", "index", "."], &self.charts);
    }

    fn run_helm(&self, words: &[&str], directory: &Path) {
        let done = Command::new(&self.helm).args(words).current_dir(directory).output();
        let done = done.expect("helm runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Writes the roots: one of a version, with origins, and one of the newest.
    fn write_roots(&self, repo: &str) {
        let chart = format!("helmCharts:\n- name: web\n  repo: {repo}\n  releaseName: r\n");
        let pinned = format!("buildMetadata: [originAnnotations]\n{chart}  version: 1.0.0\n");
        write(&self.top, "a/kustomization.yaml", &pinned);
        write(
            &self.top,
            "b/kustomization.yaml",
            &format!("{chart}  valuesInline: {{from: entry}}\n"),
        );
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = program(&self.top, args);
        command.arg("--enable-helm").arg("--helm-command").arg(&self.helm);
        command.env("SSL_CERT_FILE", registry::certificate());
        command
    }

    fn kustom(&self, args: &[&str]) -> Ran {
        self.command(args).output().expect("it runs").into()
    }

    /// Runs without anything in `PATH`; helm is named by its place.
    fn offline(&self, args: &[&str]) -> Ran {
        self.command(args).env("PATH", "").output().expect("it runs").into()
    }

    /// Runs without helm.
    fn without_helm(&self, args: &[&str]) -> Ran {
        program(&self.top, args).env("PATH", "").output().expect("it runs").into()
    }

    /// Returns what the roots come to; with `KUSTOMIZE` also compared with what that program says.
    fn built(&self) -> Vec<String> {
        let build = |root: &str| {
            let built = self.kustom(&["build", root]).good();
            if let Some(upstream) = std::env::var_os("KUSTOMIZE") {
                let copy = folder(&format!("{}-upstream-{root}", self.name()), &[]);
                fs::copy(
                    self.top.join(root).join("kustomization.yaml"),
                    copy.join("kustomization.yaml"),
                )
                .unwrap();
                let mut upstream = Command::new(upstream);
                upstream.arg("build").arg(copy).args(["--enable-helm", "--helm-command"]);
                upstream.arg(&self.helm).env("SSL_CERT_FILE", registry::certificate());
                let said: Ran = upstream.output().expect("it runs").into();
                assert_eq!(said.good(), built);
            }
            built
        };
        ["a", "b"].map(build).to_vec()
    }

    /// Checks all that copies of charts promise, with a server behind `repo` that knows `server`.
    fn check(&self, repo: &str, server: Server) {
        self.write_roots(repo);
        // Nothing is fetched to check, and what has no copy is told.
        let check = self.kustom(&["vendor", "--check"]);
        assert_eq!(check.code, Some(1), "{}", check.out);
        assert!(server.asked().is_empty(), "{:?}", server.asked());
        let real = self.built();
        assert!(real[0].contains("v: 1.0.0") && real[0].contains("configuredBy"), "{}", real[0]);
        assert!(real[1].contains("v: 1.1.0") && real[1].contains("from: entry"), "{}", real[1]);
        assert!(!self.top.join("a/charts").exists());
        let said = self.kustom(&["vendor"]).good();
        let added = format!("added   chart web of {repo}");
        assert_eq!(said, format!("{added} 1.1.0\n{added} at 1.0.0\nkustom.lock: 2 entries\n"));
        let before = server.asked().len();
        self.publish("1.2.0");
        for (root, real) in ["a", "b"].iter().zip(&real) {
            assert_eq!(self.offline(&["build", root]).good(), *real);
        }
        let complete = "kustom.lock is complete: 2 entries\n";
        for check in [["vendor"].as_slice(), &["vendor", "--check"]] {
            assert_eq!(self.offline(check).good(), complete);
        }
        // Copies are checked without helm as well.
        assert_eq!(self.without_helm(&["vendor", "--check"]).good(), complete);
        assert_eq!(server.asked().len(), before, "something was fetched");
        let refused = self.kustom(&["vendor", "--update", "other"]);
        assert_eq!(refused.code, Some(1));
        assert!(refused.err.contains("'other' matches no entry of kustom.lock"), "{}", refused.err);
        let moved = self.kustom(&["vendor", "--update", "chart web of *"]).good();
        assert_eq!(
            moved,
            format!("moved   chart web of {repo} 1.1.0 -> 1.2.0\nkustom.lock: 2 entries\n")
        );
        drop(server);
        assert_eq!(self.offline(&["build", "a"]).good(), real[0]);
        assert_eq!(self.offline(&["build", "b"]).good(), real[1].replace("1.1.0", "1.2.0"));
        self.check_refusals(repo);
    }

    /// Checks that nothing goes unnoticed, without a server.
    fn check_refusals(&self, repo: &str) {
        let refused = |ran: Ran, words: &str| {
            assert_eq!(ran.code, Some(1), "{}", ran.out);
            assert!(ran.err.contains(words), "{}", ran.err);
        };
        let values = ".kustom/vendor/charts/web/1.0.0/values.yaml";
        let kept = fs::read_to_string(self.top.join(values)).unwrap();
        write(&self.top, values, "from: stranger\n");
        let words = format!("the copy of chart web of {repo} at 1.0.0");
        refused(self.offline(&["build", "a"]), &words);
        refused(self.without_helm(&["vendor", "--check"]), &words);
        write(&self.top, values, &kept);
        assert_eq!(self.without_helm(&["vendor", "--check"]).code, Some(0));
        // One that is broken hides what it uses, and what it uses is then not checked.
        let b = self.top.join("b/kustomization.yaml");
        let kept = fs::read_to_string(&b).unwrap();
        fs::write(&b, "resources: [none.yaml]\n").unwrap();
        refused(self.offline(&["vendor", "--check"]), "is not checked");
        fs::write(&b, "resources: []\nnamePrefix: x-\n").unwrap();
        refused(self.without_helm(&["vendor", "--check"]), "is listed and not used");
        fs::write(&b, kept.replace("name: web", "name: other")).unwrap();
        let words = format!("'chart other of {repo}' is not in ");
        refused(self.offline(&["build", "b"]), &words);
        refused(self.without_helm(&["vendor", "--check"]), &words);
        fs::write(&b, kept).unwrap();
        fs::remove_dir_all(self.top.join(".kustom")).unwrap();
        refused(self.without_helm(&["vendor", "--check"]), "is missing");
        refused(self.offline(&["build", "a"]), "is missing");
    }
}

#[test]
fn charts_of_a_repository_are_copied() {
    let Some(it) = Fixture::new("http") else { return };
    let charts = it.charts.clone();
    let server =
        Server::start(move |path| match fs::read(charts.join(path.trim_start_matches('/'))) {
            Ok(bytes) => (200, String::new(), bytes),
            Err(_) => (404, String::new(), Vec::new()),
        });
    it.check(&format!("http://{}", server.address), server);
}

#[cfg(target_os = "linux")] // where helm looks for certificates in SSL_CERT_FILE
#[test]
fn charts_of_a_registry_are_copied() {
    let Some(it) = Fixture::new("oci") else { return };
    let server = registry::serve(&it.charts);
    it.check(&format!("oci://{}/charts", server.address), server);
}

#[cfg(unix)]
#[test]
fn a_cache_tells_environments_apart() {
    let helm = "#!/bin/sh\necho \"$1\" >> log\nfor kube in $KUBECONFIG; do read -r context < $kube; done\n\
                case $1 in version) echo v4.0.0 ;; *) cat <<E\napiVersion: v1\nkind: ConfigMap\n\
                metadata: {name: c}\ndata: {a: \"$HELM_NAMESPACE $context\"}\nE\nesac\n";
    let files = [
        ("app/kustomization.yaml", "helmCharts: [{name: web, releaseName: r}]\n"),
        ("app/charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("app/charts/web/values.yaml", "a: 1\n"),
        ("helm", &helm.replace("log", "$LOG")),
        ("kube", "one\n"),
    ];
    let top = folder("charts-environment", &files);
    crate::elsewhere::executable(&top.join("helm"));
    let build = |namespace: &str| -> (String, usize) {
        let args =
            ["build", "app", "--enable-helm", "--helm-command", "./helm", "--cache-dir", "c"];
        let mut command = program(&top, &args);
        command.env("HELM_NAMESPACE", namespace).env("LOG", top.join("log"));
        let ran: Ran = command.env("KUBECONFIG", top.join("kube")).output().unwrap().into();
        let log = fs::read_to_string(top.join("log")).unwrap();
        fs::remove_file(top.join("log")).unwrap();
        (ran.good(), log.lines().filter(|line| *line == "template").count())
    };
    for (namespace, kube, asked) in
        [("a", "one", 1), ("b", "one", 1), ("a", "one", 0), ("a", "two", 1), ("b", "one", 0)]
    {
        write(&top, "kube", &format!("{kube}\n"));
        let (text, count) = build(namespace);
        assert!(text.contains(&format!("a: {namespace} {kube}\n")), "{text}");
        assert_eq!(count, asked, "{namespace} {kube}");
    }
}
