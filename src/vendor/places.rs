//! Where copies, and the lock file that lists them, lie.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::diagnostics::{Error, ErrorKind, Result, hints};
use crate::load::FileSystem;
use crate::load::remote::{self, LOCK_FILE, Lock, Used, below};
use crate::yaml::Limits;

/// The name of a file in the directory of all copies, which says that kustomizations in it are not the
/// user's own.
pub const VENDOR_MARKER: &str = ".kustom-vendor";

/// The names in that directory that are no copies.
pub(super) const NO_COPIES: [&str; 3] = [VENDOR_MARKER, ".gitattributes", ".gitignore"];

/// The copies that a search has come by, in which no kustomization is the user's own.
#[derive(Clone, Debug, Default)]
pub struct Copies(BTreeSet<PathBuf>);

impl Copies {
    /// Returns `true` if everything in a directory is a copy; a search asks for each on its way down, and says
    /// whether it has a file [`VENDOR_MARKER`].
    ///
    /// Anybody can write such a file, and hide nothing by it: unless the directory is the usual one,
    /// `.kustom/vendor`, only what a `kustom.lock` lists are copies. `directory` is absolute, with its links
    /// resolved.
    pub fn has(&mut self, files: &dyn FileSystem, directory: &Path, is_marked: bool) -> bool {
        if is_marked {
            if directory.ends_with(&Lock::new(directory).copies) {
                return true;
            }
            for place in remote::lock_places(files, directory) {
                let lock = read_lock(files, place).unwrap_or_else(|_| Lock::new(place));
                if place.join(&lock.copies) == directory {
                    self.0.extend(lock.paths().map(|path| place.join(path)));
                }
            }
        }
        self.0.contains(directory)
    }
}

/// Returns the directories in which a `kustom.lock` counts for a directory, the nearest first: itself and
/// those above it, up to the top of its repository.
///
/// `directory` is absolute, with its links resolved.
pub fn lock_places(files: &dyn FileSystem, directory: &Path) -> Vec<PathBuf> {
    remote::lock_places(files, directory).map(Path::to_path_buf).collect()
}

/// Returns where the lock file in a directory has copies, counted from there: `.kustom/vendor` if there is none.
/// Nothing if it cannot be read.
pub fn copies_in(files: &dyn FileSystem, directory: &Path) -> Option<PathBuf> {
    read_lock(files, directory).ok().map(|lock| lock.copies)
}

/// Reads the lock file in a directory; where there is none, nothing is listed.
pub(super) fn read_lock(files: &dyn FileSystem, directory: &Path) -> Result<Lock> {
    let lock = Lock::read(files, directory, &Limits::default())?;
    Ok(lock.unwrap_or_else(|| Lock::new(directory)))
}

/// Checks that all who use something elsewhere find the lock file.
pub(super) fn check_askers(files: &dyn FileSystem, used: &Used, directory: &Path) -> Result<()> {
    for (asker, url) in &used.askers {
        remote::check_owner(files, asker, directory)?;
        let shown = (asker.display(), directory.display());
        let message = match asker.starts_with(directory) {
            false => format!("{} uses '{url}', and does not lie below {}", shown.0, shown.1),
            true if remote::lock_places(files, asker).any(|place| place == directory) => continue,
            true => {
                let message = format!(
                    "{} uses '{url}', and does not belong to the repository of {}",
                    shown.0, shown.1
                );
                return Err(Error::new(ErrorKind::Lock, message).hint(
                    hints::LOCK_OUT_OF_REACH.with("run `kustom vendor` in each repository"),
                ));
            }
        };
        return Err(Error::new(ErrorKind::Lock, message).hint(hints::LOCK_OUT_OF_REACH.with(
            format!("put {LOCK_FILE} into a directory above all that use something elsewhere"),
        )));
    }
    Ok(())
}

/// Returns the directory for copies that a caller names.
pub(super) fn place_of_copies(to: &Path) -> Result<PathBuf> {
    let refused = |why| {
        Error::new(ErrorKind::Option, format!("'{}' {why}", to.display()))
            .hint(&hints::PLACE_OF_COPIES)
    };
    let text = to.to_str().ok_or_else(|| refused("is not UTF-8"))?;
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() };
    below(&text).map_err(refused)
}
