//! Which kustomizations there are.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::References;
use crate::document::NodeView;
use crate::load::{FileKind, FileSystem, KUSTOMIZATION_NAMES};
use crate::vendor::{Copies, VENDOR_MARKER};

/// Returns the directories in or below some directories that have a kustomization which can be built by
/// itself, sorted: those of components are left out.
///
/// `.git` and vendored copies are not searched, nor are links to directories; what cannot be listed has
/// no kustomizations. The file system must have [`FileSystem::list`].
pub fn find<P: AsRef<Path>>(
    files: &dyn FileSystem,
    directories: impl IntoIterator<Item = P>,
) -> Vec<PathBuf> {
    let with_real = |directory: P| {
        let directory = directory.as_ref();
        Some((directory.to_path_buf(), real(files, directory).ok()?))
    };
    // Folders as the caller would name them, and their real paths.
    let mut waiting: Vec<(PathBuf, PathBuf)> =
        directories.into_iter().filter_map(with_real).collect();
    let (mut found, mut copies) = (BTreeSet::new(), Copies::default());
    while let Some((directory, real)) = waiting.pop() {
        let Ok(entries) = entries(files, &real) else { continue };
        // Copies of what others wrote are no roots.
        if copies.has(files, &real, entries.iter().any(|(name, _)| name == VENDOR_MARKER)) {
            continue;
        }
        for (name, kind) in entries {
            match kind {
                FileKind::Directory if name == ".git" => {}
                FileKind::Directory => {
                    let real = real.join(&name);
                    let is_here = directory == Path::new(".");
                    let named = if is_here { name.into() } else { directory.join(name) };
                    waiting.push((named, real));
                }
                _ if KUSTOMIZATION_NAMES.iter().any(|file| name == *file) => {
                    found.insert(directory.clone());
                }
                _ => {}
            }
        }
    }
    found.into_iter().filter(|directory| !is_component(files, directory)).collect()
}

/// Returns those of some kustomizations that none of the others uses, directly or through further ones; of a circle
/// that no other leads to, the first.
pub fn top_level(files: &dyn FileSystem, roots: &[PathBuf]) -> Vec<PathBuf> {
    References::new(files).top_level(roots)
}

impl References<'_> {
    /// As [`top_level`], among these files.
    pub fn top_level(&mut self, roots: &[PathBuf]) -> Vec<PathBuf> {
        let reals: Vec<Option<PathBuf>> =
            roots.iter().map(|root| real(self.files, root).ok()).collect();
        let mut reach = |waiting: Vec<PathBuf>, reached: &mut BTreeSet<PathBuf>| {
            let mut waiting = waiting;
            while let Some(folder) = waiting.pop() {
                for next in self.direct(&folder) {
                    if next != folder && reached.insert(next.clone()) {
                        waiting.push(next);
                    }
                }
            }
        };
        let mut used = BTreeSet::new();
        reach(reals.iter().flatten().cloned().collect(), &mut used);
        let is_in = |set: &BTreeSet<PathBuf>, real: &Option<PathBuf>| {
            real.as_ref().is_some_and(|real| set.contains(real))
        };
        let mut is_top: Vec<bool> = reals.iter().map(|real| !is_in(&used, real)).collect();
        let tops = reals.iter().zip(&is_top).filter(|(_, top)| **top);
        let mut reached = BTreeSet::new();
        reach(tops.filter_map(|(real, _)| real.clone()).collect(), &mut reached);
        for (real, is_top) in reals.iter().zip(&mut is_top) {
            if !*is_top && !is_in(&reached, real) {
                *is_top = true;
                reach(real.iter().cloned().collect(), &mut reached);
            }
        }
        roots.iter().zip(is_top).filter(|(_, top)| *top).map(|(root, _)| root.clone()).collect()
    }
}

/// Returns `true` if a directory has a kustomization file.
pub fn is_kustomization(files: &dyn FileSystem, directory: &Path) -> bool {
    let Ok(directory) = files.absolute(directory) else { return false };
    let mut paths = KUSTOMIZATION_NAMES.iter().map(|name| directory.join(name));
    paths.any(|path| matches!(files.kind(&path), Ok(FileKind::File | FileKind::Link)))
}

/// Returns `true` if the kustomization of a directory is a component, which serves only others.
pub fn is_component(files: &dyn FileSystem, directory: &Path) -> bool {
    let Ok(directory) = files.absolute(directory) else { return false };
    let mut paths = KUSTOMIZATION_NAMES.iter().map(|name| directory.join(name));
    let Some(bytes) = paths.find_map(|path| files.read(&path).ok()) else { return false };
    // Only an escape, or another encoding, can say it in other bytes.
    let may_say_it = memchr::memmem::find(&bytes, b"Component").is_some()
        || memchr::memchr2(b'\\', 0, &bytes).is_some();
    if !may_say_it {
        return false;
    }
    let Ok(document) = NodeView::read(&bytes) else { return false };
    // Names of fields match without regard to case.
    let mut entries = document.entries().collect::<Vec<_>>().into_iter();
    entries.any(|(key, value)| {
        key.text().is_some_and(|key| key.eq_ignore_ascii_case("kind"))
            && value.text() == Some("Component")
    })
}

/// Lists a directory: names in order and what they are.
fn entries(files: &dyn FileSystem, directory: &Path) -> io::Result<Vec<(OsString, FileKind)>> {
    let mut entries = files.entries(directory)?;
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(entries)
}

/// Returns a path, absolute and with its links resolved.
fn real(files: &dyn FileSystem, path: &Path) -> io::Result<PathBuf> {
    files.canonicalize(&files.absolute(path)?)
}
