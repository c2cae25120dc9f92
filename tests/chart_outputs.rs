//! What becomes of what helm prints: `testdata/chart-outputs`, recorded from upstream.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

mod cases_of;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kustom::outside::{ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileTree};
use kustom::{Builder, MemoryFs};

/// Prints always the same.
#[derive(Debug)]
struct Printed(Vec<u8>);

impl ChartRenderer for Printed {
    fn version(&self) -> Result<String, Failure> {
        Ok("v4.3.1".to_owned())
    }

    fn pull(&self, _: &ChartPull) -> Result<FileTree, Failure> {
        Err(Failure::new(FailureKind::Refused, "nothing is fetched"))
    }

    fn template(&self, _: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        Ok(self.0.clone())
    }
}

#[test]
fn outputs_become_what_they_do_upstream() {
    cases_of::check("chart-outputs", 15, difference);
}

/// Returns how a case differs from what upstream made of it.
fn difference(case: &Path) -> Option<String> {
    let name = case.file_name().unwrap().to_string_lossy();
    let mut files = MemoryFs::new();
    files.insert("/app/charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    files.insert("/app/charts/web/values.yaml", "");
    let kustomization = "namePrefix: p-\nhelmCharts: [{name: web, releaseName: r}]\n";
    files.insert("/app/kustomization.yaml", kustomization);
    let helm = Printed(fs::read(case.join("printed")).unwrap());
    let built = Builder::new().file_system(files).charts(Arc::new(helm)).build("/app");
    match (built, fs::read_to_string(case.join("expected.yaml"))) {
        (Ok(build), Ok(expected)) if build.to_string() == expected => None,
        (Ok(build), _) => Some(format!("{name}: got\n{build}")),
        (Err(error), Err(_)) => {
            let said = fs::read_to_string(case.join("expected.err")).unwrap();
            // Of two objects with one id, ours says more.
            let phrase = said.trim().rsplit("registered id: ").next().unwrap();
            (!error.message().contains(phrase))
                .then(|| format!("{name}: '{}' without '{phrase}'", error.message()))
        }
        (Err(error), Ok(_)) => Some(format!("{name}: {}", error.message())),
    }
}
