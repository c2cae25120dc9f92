//! Copies of what kustomizations use from elsewhere, and the lock file that lists them.
//!
//! Nothing is written here: what belongs on the disk is handed out.
//!
//! Of a tree the files are copied that builds look at; all of it if functions run in it, which may read any
//! file, and if it has moved while kustomizations that may use it could not be looked at.

mod changes;
mod check;
mod contents;
mod failed;
mod names;
mod no_fetch;
mod not_run;
mod out;
mod places;
mod plan;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build::cache::Cache;
use crate::builder::Builder;
use crate::diagnostics::{Error, ErrorKind, Result, hints};
use crate::load::remote::{Kept, Lock, LockedTree, Mode, Pins, is_gits};

pub use changes::VendorChange;
use changes::changes;
pub use check::VendorCheck;
use contents::Contents;
use failed::{failures, is_about_remotes};
use not_run::NotRun;
pub use out::Copied;
use out::Out;
pub use places::{Copies, VENDOR_MARKER, lock_places};
use places::{check_askers, place_of_copies, read_lock};
pub use plan::VendorPlan;

/// What was found elsewhere, to be written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Vendored {
    /// The text of the lock file.
    pub lock: String,
    /// The files and links of all copies, by their paths below the directory of the lock file.
    pub copies: BTreeMap<PathBuf, Copied>,
    /// The directory of all copies, into which a file [`VENDOR_MARKER`] belongs. One that is there
    /// without that file, and is not empty, is the user's own and must not be written to.
    pub top: PathBuf,
    /// The directory of all copies until now, below which those of `obsolete` lie. Nothing is to be
    /// removed from one without that file.
    pub former_top: PathBuf,
    /// How many trees, files and charts are listed.
    pub used: usize,
    /// The directories and files that the copies consist of, to be replaced as a whole.
    pub places: BTreeSet<PathBuf>,
    /// Those of the lock file until now that are not needed any more, and are as it says.
    pub obsolete: BTreeSet<PathBuf>,
    /// What the lock file until now lists, and is not needed any more, but is not as it says or does not
    /// lie where a copy is put. It is not to be removed, for it may be the user's own.
    pub strange: BTreeSet<PathBuf>,
    /// What is different from the lock file until now.
    pub changes: Vec<VendorChange>,
    /// The kustomizations that could not be built, and why; what only they use may be missing. What the
    /// lock file and the copies have stays then.
    pub failed: Vec<(PathBuf, Error)>,
    /// Whether functions came to nothing, for there is no runner; what builds on them may have failed.
    pub has_left_out_functions: bool,
}

impl Builder {
    /// Fetches all that some kustomizations use from elsewhere, and returns what a lock file and copies
    /// of it consist of: of each tree the files that a build looks at, or all if functions run in it. Without
    /// a runner, functions come to nothing, for they name nothing else to fetch.
    ///
    /// # Errors
    /// If the lock file until now cannot be read, the plan names what it does not have, or something cannot
    /// be fetched or kept.
    pub fn vendor<P: AsRef<Path>>(
        &self,
        roots: impl IntoIterator<Item = P>,
        plan: &VendorPlan,
    ) -> Result<Vendored> {
        let to = plan.to.as_ref().map(|to| place_of_copies(to)).transpose()?;
        let before = read_lock(self.files_of_user(), &plan.directory)?;
        plan.check(&before)?;
        let top = to.unwrap_or_else(|| before.copies.clone());
        let staying = plan.staying(&before);
        let paths: Vec<P> = roots.into_iter().collect();
        let (builder, functions) = NotRun::without_functions(self);
        let build = |copies| {
            let pins = Pins { lock: staying.clone(), copies };
            let files = builder.files(Mode::Vendor(Arc::new(pins))).recorded();
            let cache = Cache::new(files, builder.renderings());
            let (built, looked_at) = builder.build_several_noted(&cache, &paths);
            (cache, looked_at, failures(&paths, built))
        };
        let (mut cache, mut looked_at, mut failed) = build(true);
        // A copy has what was looked at before, which may be less than what is needed now.
        if !failed.is_empty() && cache.files.remotes().has_taken_copies() {
            (cache, looked_at, failed) = build(false);
        }
        let remotes = cache.files.remotes();
        let has_refused = remotes.has_refused();
        if let Some((_, error)) = failed.iter().find(|(_, e)| is_about_remotes(e, has_refused)) {
            return Err(error.clone());
        }
        let used = remotes.used();
        check_askers(self.files_of_user(), &used, &plan.directory)?;
        // What the others use, and those that failed, is still needed.
        let keeps_others = plan.keeps_others || !failed.is_empty();
        if keeps_others && top != before.copies && before.paths().next().is_some() {
            return Err(not_moved(&top, failed.first()));
        }
        let lock = Lock { copies: top, ..Lock::new(&plan.directory) };
        let mut out = Out::new(lock, &before, &used, keeps_others);
        for (key, tree) in &used.trees {
            let others = before.trees.get(key).filter(|_| keeps_others);
            let more = others.map(|others| needed_by_others(others, &tree.found.commit));
            let (files, root) = (cache.files.fs(), &tree.found.root);
            let contents = Contents::of(files, root, &looked_at, more.as_ref())?;
            if contents.entries.is_empty() {
                // Who names it has failed, for it has nothing there.
                continue;
            }
            let mut urls = tree.urls.clone();
            urls.extend(others.into_iter().flat_map(|others| others.urls.iter().cloned()));
            out.tree(key, &tree.found.commit, urls.into_iter().collect(), contents);
        }
        for (url, path) in &used.files {
            let bytes = cache.files.fs().read(path).map_err(|e| {
                Error::new(ErrorKind::Fetch, format!("'{url}' cannot be read again: {e}"))
            })?;
            out.file(url, bytes);
        }
        for (key, chart) in &used.charts {
            out.chart(key, chart);
        }
        if keeps_others {
            out.keep_others();
        }
        if let Some(path) = out.copies.keys().find(|path| is_gits(path)) {
            let message = format!("the copy {} would be a file of git's own", path.display());
            return Err(Error::new(ErrorKind::Lock, message).hint(&hints::COPY_FOR_GIT));
        }
        let (obsolete, strange) = out.obsolete(self.files_of_user());
        let Out { lock, copies, .. } = out;
        let is_copied = |place: &PathBuf| copies.keys().any(|copy| copy.starts_with(place));
        Ok(Vendored {
            top: lock.copies.clone(),
            former_top: before.copies.clone(),
            used: lock.paths().count(),
            lock: lock.to_string(),
            obsolete,
            strange,
            places: lock.paths().filter(|place| is_copied(place)).cloned().collect(),
            changes: changes(&before, &lock),
            copies,
            failed,
            has_left_out_functions: functions.has_left_out(),
        })
    }
}

/// Returns what of a tree others may need that were not looked at: what the copy has, and all once it has
/// moved.
fn needed_by_others(before: &LockedTree, commit: &str) -> Kept {
    match before.commit == commit {
        true => before.kept.clone(),
        false => Kept::Whole(BTreeSet::new()),
    }
}

/// Returns the error for copies that are to move while what others need is not known.
fn not_moved(to: &Path, failed: Option<&(PathBuf, Error)>) -> Error {
    let to = to.display();
    match failed {
        Some((root, error)) => {
            let root = root.display();
            let message = format!("copies are not moved to {to} while {root} cannot be built");
            error.clone().context(message)
        }
        None => {
            let message = format!("copies are moved to {to} only for all kustomizations at once");
            Error::new(ErrorKind::Option, message).hint(&hints::PART_OF_COPIES)
        }
    }
}
