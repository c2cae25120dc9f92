//! Whether what a root looks at is the same on both sides, where it can be built on neither.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::{References, Sameness, is_kustomization};
use crate::builder::Builder;
use crate::load::{FileSystem, InputKind, Inputs};
use crate::vendor::{LockChange, ReadPast, lock_places, read_past};

/// Returns `true` if what a root looks at may differ between two sides: its files, and its entries of
/// `kustom.lock` with their copies.
///
/// It need not be possible to build it: it is read on past what is wrong or not switched on.
pub fn may_differ(before: &Builder, after: &Builder, root: &Path, same: &dyn Sameness) -> bool {
    let sides = [before, after].map(|builder| (builder, read_past(builder, root)));
    let files: [&dyn FileSystem; 2] = [before.get_file_system(), after.get_file_system()];
    sides.iter().any(|(_, past)| has_changed(files, past, same))
        || lock_differs(before, &sides.each_ref().map(|(_, past)| past), after, root, same)
        || sides.iter().any(|(builder, past)| {
            let files = builder.get_file_system();
            (past.has_functions || past.has_unread) && has_other_folders(files, root, same)
                || past.named.iter().any(|path| !same.is_same(path))
                || has_unread(files, root, &past.inputs, same)
        })
}

/// Returns `true` if something that a root refers to, and that was not looked at, is not the same, such as a folder of
/// charts which may not be read where it lies. Folders of kustomizations have been read as far as they can be.
fn has_unread(files: &dyn FileSystem, root: &Path, inputs: &Inputs, same: &dyn Sameness) -> bool {
    let real = files.absolute(root).and_then(|root| files.canonicalize(&root));
    let Ok(real) = real else { return false };
    let mut above: FxHashSet<&Path> = FxHashSet::default();
    // To have seen that a folder is there says nothing of what is in it.
    for (path, _) in inputs.paths().filter(|(_, kind)| *kind != InputKind::Directory) {
        path.ancestors().skip(1).take_while(|folder| above.insert(folder)).for_each(drop);
    }
    let is_read = |path: &Path| {
        above.contains(path)
            || inputs.get(path).is_some_and(|kind| kind != InputKind::Directory)
            || is_kustomization(files, path)
    };
    let (closure, _) = References::new(files).closure(&real);
    closure.iter().any(|path| !same.is_same(path) && !is_read(path))
}

/// Returns `true` if a file or link that was looked at is not the same; lock files are compared by entries.
fn has_changed(
    [before, after]: [&dyn FileSystem; 2],
    past: &ReadPast,
    same: &dyn Sameness,
) -> bool {
    past.inputs.paths().any(|(path, kind)| match kind {
        InputKind::Directory => false,
        // What it leads to was looked at too, so it has only to lead there on both sides.
        InputKind::Link => match (before.read_link(path), after.read_link(path)) {
            (Ok(old), Ok(new)) => old != new,
            _ => true,
        },
        _ => !LockChange::is_about(path) && !same.is_same(path),
    })
}

/// Returns `true` if an entry of a lock file that a root uses is not the same.
fn lock_differs(
    before: &Builder,
    past: &[&ReadPast; 2],
    after: &Builder,
    root: &Path,
    same: &dyn Sameness,
) -> bool {
    let (files_before, files) = (before.get_file_system(), after.get_file_system());
    let real = files.absolute(root).and_then(|root| files.canonicalize(&root));
    let places: BTreeSet<PathBuf> =
        real.map(|root| lock_places(files, &root)).unwrap_or_default().into_iter().collect();
    places.iter().map(|place| LockChange::path_in(place)).any(|lock| {
        if same.is_same(&lock) {
            return false;
        }
        let is_there = |files: &dyn FileSystem| files.kind(&lock).is_ok();
        if is_there(files_before) != is_there(files) {
            // All that comes from elsewhere is looked for in it, or no longer.
            let is_elsewhere =
                |inputs: &Inputs| !inputs.remotes().is_empty() || !inputs.charts().is_empty();
            return past.iter().any(|past| !past.is_all || is_elsewhere(&past.inputs));
        }
        let old = files_before.read(&lock).ok();
        match old.and_then(|old| LockChange::of(files, &lock, &old)) {
            // What could not be read to the end may use any of them.
            Some(change) if past.iter().all(|past| past.is_all) => {
                past.iter().any(|past| change.touches(&past.inputs))
            }
            Some(change) => !change.is_empty(),
            None => true,
        }
    })
}

/// Returns `true` if something in the folders of a root is not the same: functions may read all of it, and what could not
/// be read may name anything there.
fn has_other_folders(files: &dyn FileSystem, root: &Path, same: &dyn Sameness) -> bool {
    let real = files.absolute(root).and_then(|root| files.canonicalize(&root));
    let folders = real.map(|root| References::new(files).closure(&root).0).unwrap_or_default();
    folders.iter().any(|folder| !same.is_same(folder))
}
