//! The golden tests: every folder of `testdata/cases` and every kustomization of
//! `testdata/infra-config` is one test, named by its path.
//!
//! `cargo test --test suite -- transform/namespace` runs those whose names contain that text.
//! With `KUSTOMIZE=/path/to/kustomize` each of them is compared with that program as well.

#![allow(clippy::disallowed_methods)] // tests read files and ask the environment

mod cases;
mod diff;
mod engine;
mod infra_config;
mod reference;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = cases::trials();
    trials.extend(infra_config::trials());
    libtest_mimic::run(&arguments, trials).exit();
}

/// Returns the folder of all test data.
fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// Lists the paths in a folder, sorted.
fn list(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Returns `path` below `root`, with slashes on every system.
fn relative(path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}
