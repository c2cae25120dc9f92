//! Reads what was rendered before.

use std::io::ErrorKind;
use std::path::Path;

use kustom::document::Reading;
use kustom::{DiskFs, Resource, diff};

use crate::named_file;
use crate::path_patterns;

/// Reads what was rendered, from a file or stdin, together with other files of the command.
pub(crate) fn read(path: &Path, reading: &Reading) -> Result<Vec<Resource>, String> {
    let name = match path == Path::new("-") {
        true => "stdin".into(),
        false => path.display().to_string(),
    };
    let bytes = named_file::read_inside(path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => format!("{name}: no such file or directory"),
        _ => format!("{name}: {e}"),
    })?;
    diff::read_within(&bytes, reading).map_err(|e| match e.location() {
        // The hint is for kustomizations.
        Some(place) => format!("{name}:{}: {}", place.line, e.message().trim_end()),
        None => format!("{name}: {}", e.message().trim_end()),
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
