//! Where the files of fetched charts are found: `testdata/chart-places`, recorded from upstream.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

mod cases_of;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustom::outside::{ChartPull, ChartRenderer, ChartTemplate, Failure, FailureKind, FileTree};
use kustom::vendor::{Copied, LOCK_FILE, VendorPlan};
use kustom::{Builder, Error, ErrorKind, LoadRestriction, MemoryFs};

/// Fetches and renders what the script of `record.py` does.
#[derive(Debug)]
struct Helm;

impl ChartRenderer for Helm {
    fn version(&self) -> Result<String, Failure> {
        Ok("v4.3.1".to_owned())
    }

    fn pull(&self, pull: &ChartPull) -> Result<FileTree, Failure> {
        let mut tree = FileTree::new();
        let chart = all_cases().with_file_name("chart");
        for path in files_below(&chart) {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.replace("NAME", &pull.name).replace("REPO", &pull.repo);
            tree.insert(path.strip_prefix(&chart).unwrap(), text.into_bytes());
        }
        Ok(tree)
    }

    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        let missing = || Failure::new(FailureKind::Failed, "Chart.yaml file is missing");
        let chart = template.chart.get("Chart.yaml").ok_or_else(missing)?;
        let chart = String::from_utf8_lossy(chart);
        let home = chart.lines().find_map(|line| line.strip_prefix("home: ")).unwrap_or_default();
        let paths = template.chart.iter().map(|(path, _)| path.to_str().unwrap());
        let charts: Vec<&str> = paths.filter(|path| path.ends_with("Chart.yaml")).collect();
        let name = template.release_name.clone().unwrap();
        let mut text = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata:\n  charts: {}\n  home: \"{home}\"\n",
            charts.join(" ")
        );
        for file in &template.values {
            let values = String::from_utf8_lossy(&file.content).into_owned();
            values.lines().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
        Ok(text.into_bytes())
    }
}

fn all_cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/chart-places/cases")
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let (directories, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(directories.iter().flat_map(|directory| files_below(directory)));
    files
}

fn builder() -> Builder {
    Builder::new().charts(Arc::new(Helm))
}

#[test]
fn files_of_fetched_charts_are_found_where_they_are_upstream() {
    cases_of::check("chart-places/cases", 30, |case| {
        let built = builder().build(case).map(|build| build.to_string());
        difference(case, built)
    });
}

/// All cases in one call come to the same, in any order and each twice: what one root fetches, another one does not
/// find.
#[test]
fn roots_of_one_call_find_only_what_they_fetch() {
    let mut cases: Vec<_> =
        fs::read_dir(all_cases()).unwrap().map(|case| case.unwrap().path()).collect();
    cases.sort();
    let below =
        |case: &PathBuf| [case.join("a"), case.join("b")].into_iter().filter(|d| d.is_dir());
    let mut roots: Vec<PathBuf> = cases.iter().flat_map(below).collect();
    roots.extend(cases.iter().cloned());
    roots.extend(cases.iter().rev().cloned());
    let results = builder().build_all(&roots);
    let wrong = roots.iter().zip(results).filter(|(root, _)| cases.contains(root));
    let wrong: Vec<String> = wrong
        .filter_map(|(case, built)| difference(case, built.map(|build| build.to_string())))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns how a case differs from what upstream made of it.
fn difference(case: &Path, built: Result<String, Error>) -> Option<String> {
    let name = case.file_name().unwrap().to_string_lossy();
    match (built, fs::read_to_string(case.join("expected.yaml"))) {
        (Ok(text), Ok(expected)) if text == expected => None,
        (Ok(text), _) => Some(format!("{name}: got\n{text}")),
        (Err(error), Err(_)) => {
            let said = error.message().replace(&*case.to_string_lossy(), "ROOT");
            let phrase = fs::read_to_string(case.join("expected.err")).unwrap();
            (!said.contains(phrase.trim())).then(|| format!("{name}: '{said}' without '{phrase}'"))
        }
        (Err(error), Ok(_)) => Some(format!("{name}: {}", error.message())),
    }
}

/// Makes a tree of a root that has a chart and of one that uses what the chart holds.
fn tree(entry: &str) -> MemoryFs {
    let mut files = MemoryFs::new();
    files.insert(
        "/repo/a/kustomization.yaml",
        "helmCharts: [{name: web, repo: 'https://a.example', releaseName: r}]\n",
    );
    files.insert("/repo/kustomization.yaml", format!("resources: [a, a/charts/web/{entry}]\n"));
    files
}

/// Fetches a chart with one base, and renders nothing.
#[derive(Debug)]
struct Base(&'static str);

impl ChartRenderer for Base {
    fn version(&self) -> Result<String, Failure> {
        Helm.version()
    }

    fn pull(&self, pull: &ChartPull) -> Result<FileTree, Failure> {
        let mut tree = Helm.pull(pull)?;
        tree.insert("base/kustomization.yaml", self.0.as_bytes());
        Ok(tree)
    }

    fn template(&self, _: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        Ok(Vec::new())
    }
}

#[test]
fn what_a_chart_brings_stays_in_it() {
    // As in trees that were fetched: no base outside of it, and no file outside of the base whatever is allowed.
    for base in [
        "resources: [../../../secret]\n",
        "resources: [../../../secret/cm.yaml]\n",
        "configMapGenerator: [{name: c, files: [../cm.yaml]}]\n",
        "resources: ['file:///srv/git/base']\n",
    ] {
        let mut files = tree("base");
        files.insert("/repo/a/secret/kustomization.yaml", "resources: [cm.yaml]\n");
        files.insert(
            "/repo/a/secret/cm.yaml",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}\n",
        );
        let builder = Builder::new().file_system(files).charts(Arc::new(Base(base)));
        let error = builder.load_restriction(LoadRestriction::None).build("/repo").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Restricted, "{base}: {error}");
    }
}

#[test]
fn copies_of_charts_are_found_in_their_places() {
    let mut files = tree("base");
    let real = Builder::new().file_system(files.clone()).charts(Arc::new(Helm)).build("/repo");
    let with_helm = Builder::new().file_system(files.clone()).charts(Arc::new(Helm));
    let vendored = with_helm.vendor(["/repo"], &VendorPlan::new("/repo")).unwrap();
    files.insert(Path::new("/repo").join(LOCK_FILE), vendored.lock);
    for (path, copied) in vendored.copies {
        let Copied::File(content) = copied else { panic!("{copied:?}") };
        files.insert(Path::new("/repo").join(path), content);
    }
    let built = Builder::new().file_system(files.clone()).charts(Arc::new(NoPull)).build("/repo");
    assert_eq!(built.unwrap().to_string(), real.unwrap().to_string());
    // What cannot be built without helm is read to the end.
    files.insert(
        "/repo/b/kustomization.yaml",
        "resources: [../a, ../a/charts/web/base, none.yaml]\n",
    );
    let check = Builder::new().file_system(files).check_vendored(["/repo/b"], Path::new("/repo"));
    let check = check.unwrap();
    assert!(check.unread.is_empty() && check.is_complete(), "{check:?}");
}

/// Renders, and fetches nothing.
#[derive(Debug)]
struct NoPull;

impl ChartRenderer for NoPull {
    fn version(&self) -> Result<String, Failure> {
        Helm.version()
    }

    fn pull(&self, _: &ChartPull) -> Result<FileTree, Failure> {
        Err(Failure::new(FailureKind::Failed, "no network"))
    }

    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        Helm.template(template)
    }
}
