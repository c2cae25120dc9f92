//! Finds the kustomizations below directories.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kustom::{Copies, DiskFs, VENDOR_MARKER};

use crate::exclude::Excluded;
use crate::report::ErrorFormat;

/// The names of a kustomization file.
pub(crate) const FILE_NAMES: [&str; 3] =
    ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Returns `true` if a file of this name is taken for a kustomization, also where case does not count.
pub(crate) fn is_kustomization_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    FILE_NAMES.iter().any(|file| name.eq_ignore_ascii_case(file))
}

/// Returns all directories in or below `dirs` with a kustomization file, sorted.
///
/// `.git`, vendored copies and what is excluded are left out, and links to directories are not followed.
pub(crate) fn find(
    dirs: &[PathBuf],
    excluded: &Excluded,
    format: ErrorFormat,
) -> Result<Vec<PathBuf>, String> {
    let mut found = BTreeSet::new();
    let (mut left, mut copies) = (Vec::new(), Copies::default());
    for dir in dirs {
        if !dir.is_dir() {
            return Err(format!("{} is not a directory", dir.display()));
        }
        left.push(dir.clone());
    }
    while let Some(dir) = left.pop() {
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(e) => {
                format.note("unreadable", &format!("Warning: {}: {e}", dir.display()));
                continue;
            }
        };
        // Copies of what others wrote are no roots.
        let real = dir.canonicalize().unwrap_or_else(|_| dir.clone());
        if copies.has(&DiskFs, &real, dir.join(VENDOR_MARKER).exists())
            || (excluded.matches(&dir) && !dirs.contains(&dir))
        {
            continue;
        }
        for entry in entries.flatten() {
            let name = entry.file_name();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if name != ".git" {
                    left.push(if dir == Path::new(".") { name.into() } else { entry.path() });
                }
            } else if FILE_NAMES.iter().any(|file| name == *file) {
                found.insert(dir.clone());
            }
        }
    }
    Ok(found.into_iter().collect())
}
