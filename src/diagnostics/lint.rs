//! Remarks on what does nothing, or does what was hardly meant; only on request.
//!
//! Steps add remarks as they run, if the [`Context`](crate::build_context::Context) has a [`Lint`]. What can
//! be told only at the end is looked for here.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;

use crate::builder::Build;
use crate::diagnostics::{Result, Warning, WarningKind};
use crate::load::{FileKind, Files, KUSTOMIZATION_NAMES};
use crate::yaml::{Node, Pos};

/// How many files and folders below the target are looked at.
const MOST: usize = 10_000;

/// The remarks of one build.
#[derive(Debug, Default)]
pub(crate) struct Lint(Mutex<Remarks>);

#[derive(Debug, Default)]
struct Remarks {
    warnings: Vec<Warning>,
    /// The folders of the kustomizations that were read, the target first.
    roots: Vec<PathBuf>,
}

impl Lint {
    /// Adds a remark.
    pub(crate) fn add(&self, warning: Warning) {
        self.remarks().warnings.push(warning);
    }

    /// Notes that the kustomization of a folder has been read.
    pub(crate) fn enter(&self, root: &Path) {
        self.remarks().roots.push(root.to_path_buf());
    }

    /// Returns the number of remarks.
    pub(crate) fn len(&self) -> usize {
        self.remarks().warnings.len()
    }

    /// Says of the remarks from `start` on which entry of the kustomization they are about.
    pub(crate) fn complete(
        &self,
        start: usize,
        entry: &dyn std::fmt::Display,
        pos: &dyn Fn(&str) -> Pos,
    ) {
        for warning in self.remarks().warnings.iter_mut().skip(start) {
            warning.complete(entry, pos);
        }
    }

    /// Looks at the folders once more and returns all remarks, and the files that were read until then.
    pub(crate) fn finish(&self, files: &Files) -> (Vec<Warning>, FxHashSet<PathBuf>) {
        let mut remarks = self.remarks();
        let Remarks { warnings, roots } = &mut *remarks;
        let mut seen = FxHashSet::default();
        roots.retain(|root| seen.insert(root.clone()));
        let read = files.read_so_far();
        for root in roots.iter() {
            unused_files(files, root, &read, warnings);
        }
        if let Some(target) = roots.first() {
            unreached(files, target, &seen, warnings);
        }
        (std::mem::take(warnings), read)
    }

    fn remarks(&self) -> MutexGuard<'_, Remarks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes back what builds say of files that another one of them has read.
///
/// As long as one has failed, nobody knows what it would have read; then nothing is said of files.
pub(crate) fn settle(results: &mut [Result<Build>]) {
    let mut read = FxHashSet::default();
    let mut all_known = true;
    for result in results.iter_mut() {
        match result {
            Ok(build) => read.extend(build.take_read()),
            Err(_) => all_known = false,
        }
    }
    for build in results.iter_mut().flatten() {
        build.retain_warnings(|warning| {
            warning.unreached().is_none_or(|file| all_known && !read.contains(file))
        });
    }
}

/// Returns what a folder holds, sorted, without what is hidden.
fn list(files: &Files, folder: &Path) -> Vec<String> {
    let mut names = files.fs().list(folder).unwrap_or_default();
    names.retain(|name| !name.starts_with('.'));
    names.sort_unstable();
    names
}

fn unused_files(
    files: &Files,
    root: &Path,
    read: &FxHashSet<PathBuf>,
    warnings: &mut Vec<Warning>,
) {
    for name in list(files, root) {
        let is_yaml = [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end));
        let path = root.join(&name);
        if !is_yaml
            || KUSTOMIZATION_NAMES.contains(&name.as_str())
            || files.fs().kind(&path).ok() != Some(FileKind::File)
            || read.contains(&path)
        {
            continue;
        }
        let text = format!("no kustomization of this build names `{name}`");
        warnings.push(
            Warning::new(WarningKind::UnusedFile, text, Pos::NONE)
                .of_unreached(&path)
                .hint("list it in the kustomization of this folder, or take it away"),
        );
    }
}

fn unreached(
    files: &Files,
    target: &Path,
    reached: &FxHashSet<PathBuf>,
    warnings: &mut Vec<Warning>,
) {
    let (mut left, mut looked_at) = (vec![target.to_path_buf()], 0);
    while let Some(folder) = left.pop() {
        for name in list(files, &folder).into_iter().rev() {
            looked_at += 1;
            if looked_at > MOST {
                return;
            }
            let path = folder.join(&name);
            if files.fs().kind(&path).ok() == Some(FileKind::Directory) {
                left.push(path);
            } else if KUSTOMIZATION_NAMES.contains(&name.as_str())
                && !reached.contains(&folder)
                && !is_component(files, &path)
            {
                let text = "the target does not reach this kustomization";
                warnings.push(
                    Warning::new(WarningKind::UnreachedKustomization, text, Pos::NONE)
                        .of_unreached(&path)
                        .hint("list its folder under `resources`, or build it by itself"),
                );
            }
        }
    }
}

/// Tells whether a file is a component, which others than this target may use.
fn is_component(files: &Files, path: &Path) -> bool {
    let documents = files.documents(path).unwrap_or_default();
    let kind = documents.first().and_then(|root| root.get("kind")).and_then(Node::text);
    kind == Some("Component")
}
