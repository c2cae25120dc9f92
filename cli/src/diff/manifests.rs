//! Reads what was rendered before.

use std::io::{ErrorKind, Read};
use std::path::Path;

use kustom::{DiskFs, FileSystem, Resource, diff};

use crate::search;

/// Reads what was rendered, from a file or stdin.
pub(crate) fn read(path: &Path) -> Result<Vec<Resource>, String> {
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().lock().read_to_end(&mut bytes).map(drop),
        false => DiskFs.read(path).map(|content| bytes = content),
    };
    let name = match path == Path::new("-") {
        true => "stdin".into(),
        false => path.display().to_string(),
    };
    read.map_err(|e| match e.kind() {
        ErrorKind::NotFound => format!("{name}: no such file or directory"),
        _ => format!("{name}: {e}"),
    })?;
    diff::read(&bytes).map_err(|e| match e.location() {
        // The hint is for kustomizations.
        Some(place) => format!("{name}:{}: {}", place.line, e.message().trim_end()),
        None => format!("{name}: {}", e.message().trim_end()),
    })
}

/// Reads what was rendered into one file per resource.
pub(crate) fn read_folder(folder: &Path) -> Result<Vec<Resource>, String> {
    let mut resources = Vec::new();
    for (name, _) in search::entries(&DiskFs, folder) {
        let path = folder.join(&name);
        if path.is_file() && (name.ends_with(".yaml") || name.ends_with(".yml")) {
            resources.extend(read(&path)?);
        }
    }
    if resources.is_empty() {
        return Err(format!("no kustomization and no manifests in '{}'", folder.display()));
    }
    Ok(resources)
}
