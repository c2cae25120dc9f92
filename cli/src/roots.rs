//! Finds the kustomizations below directories.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kustom::vendor::{Copies, VENDOR_MARKER};
use kustom::{FileKind, FileSystem};

use crate::exclude::Excluded;
use crate::git::WorkTree;
use crate::path_patterns::{is_address, real};
use crate::paths::FILE_NAMES;
use crate::report::ErrorFormat;

/// How many folders are searched at most: a few objects of git can stand for any number of them.
pub(crate) const MOST_FOLDERS: usize = 500_000;

/// Says that there are more folders than are searched.
pub(crate) fn too_many_folders(directory: &Path) -> String {
    format!(
        "{} has more than {MOST_FOLDERS} folders: name those to be searched, or leave some out with --exclude",
        directory.display()
    )
}

/// Returns `true` if a file of this name is taken for a kustomization, also where case does not count.
pub(crate) fn is_kustomization_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    FILE_NAMES.iter().any(|file| name.eq_ignore_ascii_case(file))
}

/// Returns all directories in or below `dirs` with a kustomization file, sorted.
///
/// `.git`, vendored copies, what git ignores, other work trees and what is excluded are left out, and links to
/// directories are not followed.
pub(crate) fn find(
    dirs: &[PathBuf],
    excluded: &Excluded,
    format: ErrorFormat,
) -> Result<Vec<PathBuf>, String> {
    find_in(&WorkTree::default(), dirs, excluded, format)
}

/// As [`find`], among other files than those of the work tree.
pub(crate) fn find_in(
    files: &dyn FileSystem,
    dirs: &[PathBuf],
    excluded: &Excluded,
    format: ErrorFormat,
) -> Result<Vec<PathBuf>, String> {
    let mut found = BTreeSet::new();
    let (mut left, mut copies) = (Vec::new(), Copies::default());
    for dir in dirs {
        // Folders as the user would name them, and their real paths.
        match real(files, dir) {
            Ok(real) if matches!(files.kind(&real), Ok(FileKind::Directory)) => {
                left.push((dir.clone(), real));
            }
            _ => return Err(no_directory(dir)),
        }
    }
    let mut count = 0;
    while let Some((dir, real)) = left.pop() {
        count += 1;
        if count > MOST_FOLDERS {
            return Err(too_many_folders(dirs.first().map_or(Path::new("."), PathBuf::as_path)));
        }
        let entries = match files.entries(&real) {
            Ok(entries) => entries,
            Err(e) => {
                format.note("unreadable", &format!("Warning: {}: {e}", dir.display()));
                continue;
            }
        };
        // Copies of what others wrote are no roots.
        if copies.has(files, &real, entries.iter().any(|(name, _)| name == VENDOR_MARKER))
            || (excluded.matches(&dir) && !dirs.contains(&dir))
        {
            continue;
        }
        for (name, kind) in entries {
            if kind == FileKind::Directory {
                if name != ".git" {
                    let real = real.join(&name);
                    let shown = if dir == Path::new(".") { name.into() } else { dir.join(name) };
                    left.push((shown, real));
                }
            } else if FILE_NAMES.iter().any(|file| name == *file) {
                found.insert(dir.clone());
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// Says that something is no directory, and of an address what to do with it.
pub(crate) fn no_directory(path: &Path) -> String {
    let shown = path.display();
    match is_address(path) {
        true => format!(
            "{shown} is an address, and this command takes directories: clone it first; build, deps and explain take \
             addresses with --allow-remote"
        ),
        false => format!("{shown} is not a directory"),
    }
}
