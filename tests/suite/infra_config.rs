//! `testdata/infra-config`: a GitOps repository as one would meet it; each of its kustomizations is
//! built and compared with the recorded output.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::engine::{self, Options};
use crate::{diff, list, reference, relative, testdata};

/// Lists every kustomization as a test named `infra-config/PATH`.
pub(crate) fn trials() -> Vec<Trial> {
    let root = testdata().join("infra-config");
    let mut roots = Vec::new();
    find_kustomizations(&root, &mut roots);
    assert!(!roots.is_empty(), "no kustomizations in {}", root.display());
    let names: Vec<String> = roots.iter().map(|path| relative(path, &root)).collect();
    let mut trials: Vec<Trial> = names
        .iter()
        .map(|name| {
            let (name, root) = (name.clone(), root.clone());
            Trial::test(format!("infra-config/{name}"), move || Ok(check(&root, &name)?))
        })
        .collect();
    trials.push(Trial::test("infra-config/no-stray-outputs", move || Ok(no_strays(&names)?)));
    trials
}

fn check(root: &Path, name: &str) -> Result<(), String> {
    let path = expected_folder().join(format!("{name}.yaml"));
    let expected = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let (directory, options) = (root.join(name), Options::default());
    if has_charts(&directory) {
        // The library alone starts no helm; `host/tests/charts.rs` compares where there is one.
        return match engine::build_from_disk(&directory, &options) {
            Err(e) if e.contains("must specify --enable-helm") => Ok(()),
            other => Err(format!("a chart was not refused: {other:?}")),
        };
    }
    let ours = engine::build_from_disk(&directory, &options)?;
    if ours != expected {
        return Err(format!("other output:\n{}", diff::first(&expected, &ours)));
    }
    // Upstream would fetch what there are copies of; it was recorded with a repository in its place.
    let (_, inputs) = kustom::Builder::new().build_with_inputs(&directory);
    if !inputs.remotes().is_empty() {
        return Ok(());
    }
    if let Some(theirs) = reference::build(&directory, &options)? {
        let theirs = theirs?;
        if theirs != expected {
            let difference = diff::first(&expected, &theirs);
            return Err(format!("other output by upstream:\n{difference}"));
        }
    }
    Ok(())
}

/// Returns `true` if a kustomization lists charts.
fn has_charts(directory: &Path) -> bool {
    let text = fs::read_to_string(directory.join("kustomization.yaml")).unwrap_or_default();
    text.lines().any(|line| line.starts_with("helmCharts:"))
}

/// Every recorded output belongs to a kustomization.
fn no_strays(names: &[String]) -> Result<(), String> {
    let folder = expected_folder();
    let mut stack = vec![folder.clone()];
    while let Some(next) = stack.pop() {
        for path in list(&next).map_err(|e| e.to_string())? {
            if path.is_dir() {
                stack.push(path);
            } else {
                let name = relative(&path.with_extension(""), &folder);
                if !names.contains(&name) {
                    return Err(format!("{} has no kustomization", path.display()));
                }
            }
        }
    }
    Ok(())
}

fn expected_folder() -> PathBuf {
    testdata().join("infra-config.expected")
}

fn find_kustomizations(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("kustomization.yaml").is_file() {
        found.push(folder.to_owned());
    }
    for path in list(folder).unwrap_or_default() {
        if path.is_dir() && !path.ends_with(".kustom") {
            find_kustomizations(&path, found);
        }
    }
}
