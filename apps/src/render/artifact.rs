//! What an artifact of Flux has: where a build reads other files of the repository, Flux finds none.

use std::path::{Path, PathBuf};

use kustom::Builder;

use crate::repository::Repository;
use crate::staged::Staged;

/// What pins remote trees; Flux does not look at it.
const LOCK: &str = "kustom.lock";

/// Refuses a kustomization that reads a file outside of the folders that an artifact is copied from, if it is.
pub(super) fn check(
    directory: &Path,
    folders: &[String],
    builder: &Builder,
    repository: &Repository,
) -> Result<(), String> {
    if folders.is_empty() || folders.iter().any(String::is_empty) {
        return Ok(());
    }
    let real = |path: PathBuf| repository.file_system().canonicalize(&path).unwrap_or(path);
    let root = real(repository.root().to_path_buf());
    let copied: Vec<PathBuf> = folders.iter().map(|folder| real(root.join(folder))).collect();
    let Some((_, inputs)) = builder.inputs_of_all([directory]).pop() else { return Ok(()) };
    // Flux fetches what has a copy here.
    let copies = inputs.remotes().iter().filter_map(|remote| remote.copy.as_deref());
    let copies = copies.chain(inputs.charts().iter().filter_map(|chart| chart.copy.as_deref()));
    let copies: Vec<&Path> = copies.collect();
    let is_there = |file: &Path| copied.iter().any(|folder| file.starts_with(folder));
    let is_fetched = |file: &Path| copies.iter().any(|copy| file.starts_with(copy));
    let read = inputs.files().map(|file| PathBuf::from(Staged::reworded(&file.to_string_lossy())));
    let outside = read
        .filter(|file| file.file_name().is_none_or(|name| name != LOCK))
        .find(|file| !is_there(file) && !is_fetched(file));
    let Some(file) = outside else { return Ok(()) };
    let shown = file.strip_prefix(&root).unwrap_or(&file).display();
    Err(format!(
        "{shown} is needed and not in the artifact, which has only {}\n\
         hint: add its folder to `copy` of the ArtifactGenerator",
        folders.join(", ")
    ))
}
