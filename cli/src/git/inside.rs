//! Keeps the repository that is compared with in the one directory that may be read, if there is one.

use std::path::Path;

use super::plain::Read;
use crate::bounds;

/// Refuses the repository whose work tree has its top in a folder, or which is that folder, if it lies in the one
/// directory that may be read, or beside it, and leads out.
///
/// One above the directory is the user's own, as it is for whoever stands there: it may be wherever it says, and what
/// lies in the directory may name it.
///
/// # Errors
/// If it leads out.
pub(super) fn check(top: &Path) -> Result<(), String> {
    match bounds::only_directory() {
        Some(root) => check_in(root, top),
        None => Ok(()),
    }
}

fn check_in(root: &Path, top: &Path) -> Result<(), String> {
    let failed = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    let real = root.canonicalize().map_err(|e| failed(root, e))?;
    let top = top.canonicalize().map_err(|e| failed(top, e))?;
    if real != top && real.starts_with(&top) {
        return Ok(());
    }
    let shown = root.display();
    if !top.starts_with(&real) {
        return Err(format!(
            "the repository {} lies outside of --root {shown}: name a --root that holds both",
            top.display()
        ));
    }
    let own = top.join(".git");
    let own = if own.symlink_metadata().is_ok() { own } else { top };
    // The repository that the directory itself lies in.
    let above = real.ancestors().skip(1).map(|above| above.join(".git"));
    let above = above.filter_map(|above| above.canonicalize().ok()).find(|above| above.is_dir());
    let is_allowed = |place: &Path| {
        place.starts_with(&real) || above.as_ref().is_some_and(|above| place.starts_with(above))
    };
    for (by, place) in Read::of(&own)?.leads {
        // What lies above may lead further.
        let is_above = by.canonicalize().is_ok_and(|by| !by.starts_with(&real) && is_allowed(&by));
        if !is_above && !is_allowed(&place) {
            return Err(format!(
                "{} leads to {}, outside of --root {shown}: name a --root that holds both",
                by.display(),
                place.display()
            ));
        }
    }
    Ok(())
}
