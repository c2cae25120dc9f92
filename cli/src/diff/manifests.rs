//! Reads what was rendered before.

use std::io::{self, ErrorKind};
use std::path::Path;

use kustom::document::Reading;
use kustom::{DiskFs, FileSystem, Resource, diff};

use crate::path_patterns;
use crate::{bounds, named_file};

/// Reads what was rendered, from a file or stdin, together with other files of the command.
pub(crate) fn read(path: &Path, reading: &Reading) -> Result<Vec<Resource>, String> {
    let name = match path == Path::new("-") {
        true => "stdin".into(),
        false => path.display().to_string(),
    };
    let bytes = bytes_of(path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => format!("{name}: no such file or directory"),
        _ => format!("{name}: {e}"),
    })?;
    diff::read_within(&bytes, reading).map_err(|e| match e.location() {
        // The hint is for kustomizations.
        Some(place) => format!("{name}:{}: {}", place.line, e.message().trim_end()),
        None => format!("{name}: {}", e.message().trim_end()),
    })
}

/// Reads a file, if it lies in the one directory that may be read, or what is handed over.
fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let Some(root) = bounds::only_directory() else { return named_file::read(path) };
    named_file::handed(path).unwrap_or_else(|| {
        let files = bounds::files_below(root).map_err(io::Error::other)?;
        let path = files.canonicalize(&files.absolute(path)?)?;
        files.read(&path)
    })
}

/// Reads what was rendered into one file per resource.
pub(crate) fn read_folder(folder: &Path, reading: &Reading) -> Result<Vec<Resource>, String> {
    let mut resources = Vec::new();
    for (name, _) in path_patterns::entries(&DiskFs, folder) {
        let path = folder.join(&name);
        let is_yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if path.is_file() && is_yaml {
            resources.extend(read(&path, reading)?);
        }
    }
    if resources.is_empty() {
        return Err(format!("no kustomization and no manifests in '{}'", folder.display()));
    }
    Ok(resources)
}
