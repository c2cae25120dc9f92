//! Which kustomizations use a lock file, and where it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kustom::DiskFs;
use kustom::vendor::{LOCK_FILE, lock_places};

use crate::changes;
use crate::exclude::Excluded;
use crate::git::WorkTree;
use crate::path_patterns::is_address;
use crate::roots::no_directory;
use crate::search;

/// The kustomizations that are asked for, and their lock file.
pub(super) struct Roots {
    /// The kustomizations.
    pub(super) asked: Vec<PathBuf>,
    /// Those that belong to another repository.
    pub(super) foreign: Vec<PathBuf>,
    /// The directories of further lock files in the repository, at or below those that were searched.
    pub(super) nested: BTreeSet<PathBuf>,
    /// The other kustomizations that the lock file serves.
    pub(super) others: Vec<PathBuf>,
    /// Where the lock file is or goes, absolute.
    pub(super) directory: PathBuf,
}

impl Roots {
    /// Finds the kustomizations at or below some directories.
    ///
    /// # Errors
    /// If there is none, or the directories have no place for a lock file in common.
    pub(super) fn find(dirs: &[PathBuf], excluded: &Excluded) -> Result<Roots, String> {
        let directory = lock_directory(dirs)?;
        // Patterns count from where the user is, or from the top.
        let here = PathBuf::from(".").canonicalize().unwrap_or_default();
        let is_excluded = |root: &Path| {
            let below = |place: &Path| root.strip_prefix(place).is_ok_and(|b| excluded.matches(b));
            (root.is_relative() && excluded.matches(root)) || below(&here) || below(&directory)
        };
        let files = WorkTree::default();
        let (found, locks) = search::find_all_with(&files, dirs, &is_excluded, LOCK_FILE);
        let nested: BTreeSet<PathBuf> = locks
            .into_iter()
            .filter(|place| !is_excluded(place))
            .filter_map(|place| place.canonicalize().ok())
            .filter(|place| *place != directory && lock_places(&DiskFs, place).contains(&directory))
            // One that a clone does not have is none of the repository's.
            .filter(|place| changes::ignored(place, Path::new(LOCK_FILE)).is_empty())
            .collect();
        let (asked, elsewhere): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|root| is_served(root, &directory));
        let is_nested = |root: &PathBuf| {
            root.canonicalize().is_ok_and(|root| nested.iter().any(|place| root.starts_with(place)))
        };
        let foreign: Vec<PathBuf> = elsewhere.into_iter().filter(|root| !is_nested(root)).collect();
        let ours: BTreeSet<PathBuf> = asked.iter().filter_map(|r| r.canonicalize().ok()).collect();
        let all = search::find_all(&files, std::slice::from_ref(&directory), &is_excluded);
        let is_other = |root: &PathBuf| !ours.contains(root) && is_served(root, &directory);
        let others: Vec<PathBuf> = all.unwrap_or_default().into_iter().filter(is_other).collect();
        // A lock file that nobody uses any more is one all the same.
        let is_left = has_lock(&directory) && others.is_empty();
        match asked.is_empty() && foreign.is_empty() && nested.is_empty() && !is_left {
            true => Err(search::NO_KUSTOMIZATION.to_owned()),
            false => Ok(Roots { asked, foreign, nested, others, directory }),
        }
    }
}

/// Returns `true` if a directory has a lock file, or what is in the place of one.
pub(super) fn has_lock(directory: &Path) -> bool {
    fs::symlink_metadata(directory.join(LOCK_FILE)).is_ok()
}

/// Returns `true` if the lock file in a directory is the one that counts for a kustomization, or would be.
fn is_served(root: &Path, directory: &Path) -> bool {
    let Ok(root) = root.canonicalize() else { return true };
    let places = lock_places(&DiskFs, &root);
    let nearest = places.iter().find(|place| *place == directory || has_lock(place));
    nearest.is_some_and(|place| place == directory)
}

/// Returns where the lock file is or goes.
fn lock_directory(dirs: &[PathBuf]) -> Result<PathBuf, String> {
    if let Some(file) = dirs.iter().find(|dir| dir.is_file()) {
        let above = file.parent().filter(|above| !above.as_os_str().is_empty());
        return Err(format!(
            "{} is a file: name its directory, {}",
            file.display(),
            above.unwrap_or(Path::new(".")).display()
        ));
    }
    let real = |dir: &PathBuf| {
        dir.canonicalize().map_err(|e| match is_address(dir) {
            true => no_directory(dir),
            false => format!("{}: {e}", dir.display()),
        })
    };
    let dirs: Vec<PathBuf> = dirs.iter().map(real).collect::<Result<_, _>>()?;
    let first = dirs.first().map_or(Path::new("/"), PathBuf::as_path);
    let is_above_all = |place: &PathBuf| dirs.iter().all(|dir| dir.starts_with(place));
    let places: Vec<PathBuf> =
        lock_places(&DiskFs, first).into_iter().filter(is_above_all).collect();
    if let Some(there) = places.iter().find(|place| has_lock(place)) {
        return Ok(there.clone());
    }
    let here = real(&PathBuf::from("."))?;
    let place = if places.contains(&here) { Some(&here) } else { places.first() };
    place.cloned().ok_or_else(|| {
        "the directories belong to several repositories: run `kustom vendor` in each".to_owned()
    })
}
