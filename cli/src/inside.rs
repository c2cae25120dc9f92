//! Keeps what is written inside: a link of a repository, which may come from a stranger, leads nowhere else.

use std::env;
use std::path::{Path, PathBuf};

use kustom::text::clean_path;

/// Checks that a path, which need not exist, leads to no place outside of the repository that it is named in; outside
/// of repositories, of the working directory, if it is named below that.
///
/// # Errors
/// If a link on the way leads out.
pub(crate) fn check(path: &Path) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    let absolute = clean_path(&std::path::absolute(path).map_err(failed)?);
    let Some(region) = region(&absolute) else { return Ok(()) };
    let region = region.canonicalize().map_err(failed)?;
    let target = resolved(&absolute);
    match target.starts_with(&region) {
        true => Ok(()),
        false => Err(format!(
            "{} leads by a link to {}, outside of {}, and nothing is written there: name that path itself",
            path.display(),
            target.display(),
            region.display()
        )),
    }
}

/// Returns the directory that a path may not leave.
fn region(path: &Path) -> Option<PathBuf> {
    let is_top = |folder: &&Path| folder.join(".git").symlink_metadata().is_ok();
    let top = path.ancestors().skip(1).find(is_top).map(Path::to_path_buf);
    top.or_else(|| env::current_dir().ok().filter(|here| path.starts_with(here) && path != here))
}

/// Resolves the links of a path as far as it is there.
fn resolved(path: &Path) -> PathBuf {
    for above in path.ancestors() {
        if let (Ok(real), Ok(below)) = (above.canonicalize(), path.strip_prefix(above)) {
            return if below.as_os_str().is_empty() { real } else { real.join(below) };
        }
    }
    path.to_path_buf()
}
