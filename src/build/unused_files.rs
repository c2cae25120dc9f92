//! Files and kustomizations below the target that a build did not read: the part of a lint that only
//! the end can tell.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::output::Build;
use crate::diagnostics::{Lint, Result, Warning, WarningKind};
use crate::load::{FileKind, Files, KUSTOMIZATION_NAMES};
use crate::yaml::{Node, Pos};

/// How many files and folders below the target are looked at.
const MOST: usize = 10_000;

/// Returns the remarks of a build with those on files, and the files that were read until then.
pub(super) fn finish(lint: &Lint, files: &Files) -> (Vec<Warning>, FxHashSet<PathBuf>) {
    let (mut warnings, mut roots) = lint.take();
    let mut seen = FxHashSet::default();
    roots.retain(|root| seen.insert(root.clone()));
    let read = files.read_so_far();
    for root in &roots {
        unused_files(files, root, &read, &mut warnings);
    }
    if let Some(target) = roots.first() {
        unreached(files, target, &seen, &mut warnings);
    }
    (warnings, read)
}

/// Takes back what builds say of files that another one of them has read.
///
/// As long as one has failed, nobody knows what it would have read; then nothing is said of files.
pub(crate) fn drop_files_read_by_others(results: &mut [Result<Build>]) {
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
