//! `kustom diff --watch`: compares again when a file of one of the roots changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use kustom::roots::References;
use kustom::{DiskFs, FileKind, FileSystem, clean_path};

use crate::exclude::Excluded;
use crate::output;
use crate::paths::Shown;
use crate::search;
use crate::watch::{Watched, millis, names};

/// The most files that are watched of folders of kustomizations.
const MOST: usize = 100_000;

/// Compares, waits for a change below `tops`, compares again; ends only with the process.
pub(super) fn run(
    tops: &[PathBuf],
    excluded: &Excluded,
    compare: &dyn Fn() -> ExitCode,
) -> ExitCode {
    let shown = Shown::from_here();
    compare();
    let mut watched = Watched::new(inputs(tops, excluded));
    output::note("watching");
    loop {
        let changed = watched.wait();
        let start = Instant::now();
        compare();
        output::note(&format!("{}: compared in {}", names(&changed, &shown), millis(start)));
        watched.set(inputs(tops, excluded));
    }
}

/// Returns what the roots below some paths are made of, as far as their files tell: all files in the
/// folders of their kustomizations, what these name elsewhere, and files that were named themselves.
fn inputs(tops: &[PathBuf], excluded: &Excluded) -> BTreeSet<PathBuf> {
    let mut references = References::new(&DiskFs);
    let mut found = BTreeSet::new();
    for top in tops {
        let is_pattern = top.to_string_lossy().contains(['*', '?']);
        let Ok(absolute) = DiskFs.absolute(top) else { continue };
        if !is_pattern {
            found.insert(clean_path(&absolute));
        }
        let roots =
            search::find(&[&DiskFs], std::slice::from_ref(top), excluded).unwrap_or_default();
        for root in roots {
            let real = DiskFs.absolute(&root).and_then(|root| DiskFs.canonicalize(&root));
            found.extend(real.into_iter().flat_map(|real| references.closure(&real).0));
        }
    }
    let mut all = BTreeSet::new();
    let mut waiting: Vec<PathBuf> = found.into_iter().collect();
    while let Some(path) = waiting.pop() {
        if all.len() >= MOST || !all.insert(path.clone()) {
            continue;
        }
        if matches!(DiskFs.kind(&path), Ok(FileKind::Directory)) {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            waiting.extend(entries.filter(|entry| entry.file_name() != ".git").map(|e| e.path()));
        }
    }
    all
}
