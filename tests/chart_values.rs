//! Which values helm is given: `testdata/chart-values`, recorded from upstream.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test

mod cases_of;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use kustom::outside::{ChartPull, ChartRenderer, ChartTemplate, Failure, FileTree};
use kustom::{Builder, Error, MemoryFs};

/// Keeps the values of each release, and renders nothing.
#[derive(Clone, Debug, Default)]
struct Values(Arc<Mutex<BTreeMap<String, String>>>);

impl ChartRenderer for Values {
    fn version(&self) -> Result<String, Failure> {
        Ok("v4.3.1".to_owned())
    }

    /// As the script of `record.py` does.
    fn pull(&self, pull: &ChartPull) -> Result<FileTree, Failure> {
        let version = pull.version.as_deref().unwrap_or_default();
        let mut tree = FileTree::new();
        tree.insert("values.yaml", format!("from: {} {version}\n", pull.name).into_bytes());
        tree.insert("charts/inner/values.yaml", format!("from: inner {version}\n").into_bytes());
        Ok(tree)
    }

    fn template(&self, template: &ChartTemplate) -> Result<Vec<u8>, Failure> {
        let release = template.release_name.clone().unwrap();
        let text = |content: &[u8]| format!("---\n{}", String::from_utf8_lossy(content));
        let values = template.values.iter().map(|file| text(&file.content)).collect();
        self.0.lock().unwrap().insert(release, values);
        Ok(Vec::new())
    }
}

/// Builds `/top/app`, and returns the values of all releases.
fn values(files: MemoryFs) -> Result<String, Error> {
    let helm = Values::default();
    Builder::new().file_system(files).charts(Arc::new(helm.clone())).build("/top/app")?;
    let releases = helm.0.lock().unwrap();
    Ok(releases.iter().map(|(release, values)| format!("# {release}\n{values}")).collect())
}

#[test]
fn helm_is_given_the_values_that_it_is_upstream() {
    cases_of::check("chart-values", 10, difference);
}

/// Returns how a case differs from what upstream made of it.
fn difference(case: &Path) -> Option<String> {
    let name = case.file_name().unwrap().to_string_lossy();
    let mut files = MemoryFs::new();
    for path in files_below(case) {
        let text = fs::read_to_string(&path).unwrap().replace("ROOT", "/top/app");
        files.insert(Path::new("/top/app").join(path.strip_prefix(case).unwrap()), text);
    }
    match (values(files), fs::read_to_string(case.join("expected.yaml"))) {
        (Ok(values), Ok(expected)) if values == expected => None,
        (Ok(values), _) => Some(format!("{name}: got\n{values}")),
        (Err(error), Err(_)) => {
            let said = error.message().replace("/top/app", "ROOT").replace("/top", "ROOT/..");
            let phrase = fs::read_to_string(case.join("expected.err")).unwrap();
            (!said.contains(phrase.trim())).then(|| format!("{name}: '{said}' without '{phrase}'"))
        }
        (Err(error), Ok(_)) => Some(format!("{name}: {}", error.message())),
    }
}

/// Returns the files of a directory and all below.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let (directories, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(directories.iter().flat_map(|directory| files_below(directory)));
    files
}

#[test]
fn further_values_are_looked_up_below_the_kustomization() {
    // As upstream: both files have to be there, and the second is the one that counts.
    let tree = |name: &str, others: &[&str]| {
        let mut files = MemoryFs::new();
        let entry = format!("name: web, releaseName: r, additionalValuesFiles: [{name}]");
        files.insert("/top/app/kustomization.yaml", format!("helmCharts: [{{{entry}}}]\n"));
        files.insert("/top/app/charts/web/values.yaml", "a: 1\n");
        for path in others {
            files.insert(*path, format!("at: {path}\n"));
        }
        values(files)
    };
    let [named, meant] = ["/top/app/more.yaml", "/top/app/top/app/more.yaml"];
    let given = format!("# r\n---\na: 1\n---\nat: {meant}\n");
    assert_eq!(tree(named, &[named, meant]).unwrap(), given);
    let missing = tree(named, &[named]).unwrap_err();
    assert_eq!(missing.hint_id(), Some("absolute-further-values"));
    let unread = tree(named, &[meant]).unwrap_err();
    assert!(unread.message().contains("could not load additionalValuesFile"), "{unread}");
}

#[test]
fn of_keys_that_become_one_the_last_counts() {
    // Upstream takes either.
    for (file, merge, value) in [
        ("m: {0x1: a}", "override", "inline"),
        ("m: {0x1: a, \"1\": b}", "override", "inline"),
        ("m: {0x1: a}", "merge", "a"),
        ("m: {1: b, 0x1: a}", "override", "a"),
    ] {
        let mut files = MemoryFs::new();
        let inline = format!("valuesMerge: {merge}, valuesInline: {{m: {{\"1\": inline}}}}");
        let text = format!("helmCharts: [{{name: web, releaseName: r, {inline}}}]\n");
        files.insert("/top/app/kustomization.yaml", text);
        files.insert("/top/app/charts/web/values.yaml", file);
        assert_eq!(values(files).unwrap(), format!("# r\n---\nm:\n  \"1\": {value}\n"), "{file}");
    }
}
