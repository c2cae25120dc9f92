//! Where helm puts a chart that it fetches, and where the chart goes in the tree. Names come from the
//! tree, and are not to lead out of either.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use kustom::outside::{ChartPull, Failure, FailureKind, FileTree};

/// Returns the name of the folder that helm makes of a chart: of one in a registry the last part.
///
/// # Errors
/// If the name is more than that of a folder.
pub(super) fn name(pull: &ChartPull) -> Result<&OsStr, Failure> {
    let mut parts: Vec<&OsStr> = Vec::new();
    for part in Path::new(&pull.name).components() {
        match part {
            Component::Normal(part) => parts.push(part),
            Component::CurDir => {}
            _ => return Err(refused(pull)),
        }
    }
    match parts.as_slice() {
        [name] => Ok(name),
        [.., name] if pull.repo.starts_with("oci://") => Ok(name),
        _ => Err(refused(pull)),
    }
}

fn refused(pull: &ChartPull) -> Failure {
    let message = format!("security; '{}' is not the name of a chart alone", pull.name);
    Failure::new(FailureKind::Refused, message)
        .hint("name the chart alone, and the rest of its path in `repo`")
}

/// Checks that a chart may be written into the tree.
///
/// # Errors
/// If it would land outside of the folder of charts, or where the build may not read.
pub(super) fn check(pull: &ChartPull) -> Result<(), Failure> {
    let folder = pull.shown_folder.join(name(pull)?);
    // A link is not followed, also if it was made meanwhile.
    if pull.may_write && !folder.is_symlink() {
        return Ok(());
    }
    let message = format!(
        "security; nothing is written to '{}', which does not lie in the kustomization's own folder",
        folder.display()
    );
    Err(Failure::new(FailureKind::Refused, message)
        .hint("without --helm-write-charts, charts are fetched and not written"))
}

/// Returns the folder that a chart is written to.
///
/// # Errors
/// If it has files of git's own.
pub(super) fn folder(pull: &ChartPull, tree: &FileTree) -> Result<PathBuf, Failure> {
    let folder = pull.shown_folder.join(name(pull)?);
    let is_gits = |path: &Path| path.iter().any(|part| part.eq_ignore_ascii_case(".git"));
    if let Some((path, _)) = tree.iter().find(|(path, _)| is_gits(path)) {
        let path = folder.join(path);
        let message = format!("security; {} would be a file of git's own", path.display());
        return Err(Failure::new(FailureKind::Refused, message)
            .hint("without --helm-write-charts, charts are fetched and not written"));
    }
    Ok(folder)
}
