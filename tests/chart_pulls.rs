//! Roots that want the same chart fetch it once.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use kustom::outside::{ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileTree};
use kustom::{Builder, MemoryFs, Result};

/// Writes down what it is asked, and makes one config map of each chart.
#[derive(Clone, Debug, Default)]
struct FakeHelm {
    asked: Arc<Mutex<Vec<String>>>,
    /// The folders that fetched charts belong into.
    kept: Arc<Mutex<Vec<PathBuf>>>,
}

impl FakeHelm {
    fn note(&self, what: &str) {
        self.asked.lock().unwrap().push(what.to_owned());
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl ChartRenderer for FakeHelm {
    fn version(&self) -> std::result::Result<String, Failure> {
        Ok("v4.3.1+g1".to_owned())
    }

    fn pull(&self, pull: &ChartPull) -> std::result::Result<FileTree, Failure> {
        self.note("pull");
        if pull.name == "none" {
            return Err(Failure::new(FailureKind::Failed, "chart \"none\" not found"));
        }
        let mut tree = FileTree::new();
        tree.insert("values.yaml", *b"from: pulled\n");
        Ok(tree)
    }

    fn keep(&self, pull: &ChartPull, _: &FileTree) -> std::result::Result<(), Failure> {
        self.kept.lock().unwrap().push(pull.shown_folder.clone());
        Ok(())
    }

    fn template(&self, template: &ChartTemplate) -> std::result::Result<Vec<u8>, Failure> {
        self.note("template");
        let name = template.release_name.as_deref().unwrap_or_default();
        let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n");
        Ok(text.into())
    }
}

#[test]
fn roots_with_one_chart_fetch_it_once() {
    let mut fs = MemoryFs::new();
    let roots: Vec<String> = (0..12).map(|i| format!("/r{i}")).collect();
    for (i, root) in roots.iter().enumerate() {
        let of = |name: &str, repo: &str| {
            format!("{{name: {name}, repo: {repo}, releaseName: r{i}-{name}}}")
        };
        let charts = [of("web", "https://charts.example.com"), of("web2", "oci://example.com/c")];
        let charts = format!("helmCharts: [{}]\n", charts.join(", "));
        fs.insert(format!("{root}/kustomization.yaml"), charts);
    }
    fs.insert("/none/kustomization.yaml", "helmCharts: [{name: none, repo: oci://a}]\n");
    fs.insert("/none2/kustomization.yaml", "helmCharts: [{name: none, repo: oci://a}]\n");
    let helm = FakeHelm::default();
    let builder = Builder::new().file_system(fs).charts(Arc::new(helm.clone()));
    let builds = builder.build_all(&roots);
    assert!(builds.iter().all(Result::is_ok));
    let count = |asked: &[String], what: &str| asked.iter().filter(|l| l.starts_with(what)).count();
    let asked = helm.asked();
    assert_eq!((count(&asked, "pull"), count(&asked, "template")), (2, 24), "{asked:?}");
    let mut kept = std::mem::take(&mut *helm.kept.lock().unwrap());
    kept.sort_unstable();
    kept.dedup();
    assert_eq!(kept.len(), 12, "each root has a folder of its own");
    // A failure names the folder of who asks.
    for (root, build) in ["/none", "/none2"].iter().zip(builder.build_all(["/none", "/none2"])) {
        let message = build.expect_err("no such chart").to_string();
        assert!(message.contains(&format!("--untardir {root}/charts")), "{message}");
    }
    assert_eq!(count(&helm.asked(), "pull"), 1);
}
