//! Copies of what kustomizations use from elsewhere, and the lock file that lists them.
//!
//! Nothing is written here: what belongs on the disk is handed out.
//!
//! Of a tree the files are copied that builds look at; all of it if functions run in it, which may read any
//! file, and if it has moved while kustomizations that may use it could not be looked at. Those that are not asked
//! for are looked at for that, with what was fetched.

mod changes;
mod check;
mod contents;
mod failed;
mod gather;
mod local_charts;
mod lock_change;
mod locked_copies;
mod names;
mod no_fetch;
mod not_run;
mod others;
mod out;
mod past;
mod places;
mod plan;
mod read_on;
mod spare;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build::cache::Cache;
use crate::builder::Builder;
use crate::diagnostics::{Error, ErrorKind, Result, hints};
pub use crate::load::remote::LOCK_FILE;
use crate::load::remote::{Lock, Mode, Pins, changes_by_user};

pub use changes::VendorChange;
use changes::changes;
pub use check::VendorCheck;
use contents::LookedAt;
use failed::Failures;
use gather::Gather;
use local_charts::local_charts;
pub(crate) use lock_change::LockChange;
pub use locked_copies::LockedCopies;
use no_fetch::NoFetch;
use not_run::NotRun;
pub use out::Copied;
use out::Out;
pub(crate) use past::{ReadPast, past_charts, read_past};
pub use places::{Copies, VENDOR_MARKER, copies_in, lock_places};
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
    /// Files among the copies by which git changes others, once they are committed, as each user has set it.
    pub for_git: Vec<PathBuf>,
    /// Charts in the tree, in the folders that they would be fetched to, that are not what is listed now: a build
    /// refuses them.
    pub in_the_way: Vec<Error>,
    /// Charts in the tree that take the place of what would be fetched and listed, by their folders.
    pub local_charts: BTreeMap<PathBuf, String>,
    /// What is used and could not be fetched or kept; each thing once. What the lock file and the copies have
    /// stays if something failed.
    pub not_fetched: Vec<Error>,
    /// The kustomizations of which not all could be read, and why; one may come several times. What only they
    /// use may be missing.
    pub unread: Vec<(PathBuf, Error)>,
    /// The kustomizations that could not be built for other reasons, and why. What they name was fetched.
    pub failed: Vec<(PathBuf, Error)>,
    /// The kustomizations that were not asked for and cannot be built with a tree that has moved, and why: what
    /// only they use may be missing.
    pub others_failed: Vec<(PathBuf, Error)>,
    /// Whether charts came to nothing, for there is no helm, which may be why something failed.
    pub has_left_out_charts: bool,
    /// Whether functions came to nothing, for there is no runner, which may be why something failed.
    pub has_left_out_functions: bool,
}

impl Vendored {
    /// Returns `true` if all that is used was fetched, and everything could be built.
    pub fn is_whole(&self) -> bool {
        self.not_fetched.is_empty() && self.unread.is_empty() && self.failed.is_empty()
    }

    /// Returns `true` if nothing is used from elsewhere, for certain: there is no need of a lock file then.
    pub fn is_empty(&self) -> bool {
        self.used == 0 && self.is_whole()
    }
}

impl Builder {
    /// Fetches all that some kustomizations use from elsewhere, and returns what a lock file and copies
    /// of it consist of: of each tree the files that a build looks at, or all if functions run in it. Without
    /// a runner, functions come to nothing, for they name nothing else to fetch.
    ///
    /// # Errors
    /// If the lock file until now cannot be read, the plan names what it does not have, what was fetched has
    /// no place, or it was stopped. What cannot be fetched does not stop the rest.
    pub fn vendor<P: AsRef<Path>>(
        &self,
        roots: impl IntoIterator<Item = P>,
        plan: &VendorPlan,
    ) -> Result<Vendored> {
        let to = plan.to.as_ref().map(|to| place_of_copies(to)).transpose()?;
        let before = read_lock(self.get_file_system(), &plan.directory)?;
        plan.check(&before)?;
        let top = to.unwrap_or_else(|| before.copies.clone());
        let staying = plan.staying(&before);
        let paths: Vec<P> = roots.into_iter().collect();
        let (builder, functions) = NotRun::without_functions(self);
        let charts = Arc::new(NoFetch::without_helm());
        let builder = match builder.get_charts().cloned() {
            Some(_) => builder,
            None => builder.charts(Arc::<NoFetch>::clone(&charts)),
        };
        let build = |copies| {
            let is_anew = plan.is_anew;
            let pins = Pins { lock: staying.clone(), before: before.clone(), copies, is_anew };
            let files = builder.files(Mode::Vendor(Arc::new(pins))).recorded();
            let cache = Cache::new(files, builder.renderings());
            let built = builder.call_of_several(&cache, &Arc::default()).build_all(&paths);
            let failures = Failures::of(&builder, &cache, &paths, built);
            (cache, failures)
        };
        let (mut cache, mut failures) = build(!plan.is_anew);
        // A copy has what was looked at before, which may be less than what is needed now.
        let may_lack_files =
            failures.lack_files || !failures.unread.is_empty() || !failures.others.is_empty();
        if may_lack_files && cache.files.remotes().has_taken_copies() {
            (cache, failures) = build(false);
        }
        if let Some(stopped) = failures.stopped() {
            return Err(stopped.clone());
        }
        let remotes = cache.files.remotes();
        let used = remotes.used();
        check_askers(self.get_file_system(), &used, &plan.directory)?;
        // What the others use, and those that failed, is still needed.
        let keeps_others = plan.keeps_others || !failures.is_empty();
        if keeps_others && top != before.copies && before.paths().next().is_some() {
            return Err(not_moved(&top, &failures));
        }
        let lock = Lock { copies: top, ..Lock::new(&plan.directory) };
        let mut looked_at = cache.files.log().all().looked_at();
        let are_others_known = failures.is_empty() && !plan.others.is_empty();
        let needs = are_others_known.then(|| others::needs(self, &plan.others, &before, remotes));
        let mut others_failed = Vec::new();
        let others = match needs.transpose()? {
            Some(others::Found::Needs(needs)) => {
                looked_at.extend(needs.looked_at);
                Some(needs.urls)
            }
            Some(others::Found::Failed(failed)) => {
                others_failed = failed;
                None
            }
            None => None,
        };
        let mut gather = Gather {
            files: cache.files.fs(),
            looked_at: LookedAt::new(looked_at),
            before: &before,
            keeps_others,
            others,
            out: Out::new(lock, &before, &used, keeps_others),
            not_kept: Vec::new(),
            altered: BTreeSet::new(),
        };
        gather.all(&used);
        let Gather { out, not_kept, altered, .. } = gather;
        let (obsolete, strange) = out.obsolete(self.get_file_system());
        let Out { lock, copies, .. } = out;
        let (in_the_way, local_charts) = local_charts(&used, &lock);
        let is_copied = |place: &PathBuf| {
            copies.range(place.clone()..).next().is_some_and(|(copy, _)| copy.starts_with(place))
        };
        let is_for_git = |(path, copied): (&PathBuf, &Copied)| {
            matches!(copied, Copied::File(bytes) if changes_by_user(path, bytes))
                .then(|| path.clone())
        };
        Ok(Vendored {
            for_git: copies.iter().filter_map(is_for_git).collect(),
            top: lock.copies.clone(),
            former_top: before.copies.clone(),
            used: lock.paths().count(),
            lock: lock.to_string(),
            obsolete,
            strange,
            places: lock.paths().filter(|place| is_copied(place)).cloned().collect(),
            changes: changes(&before, &lock, &altered),
            copies,
            in_the_way,
            local_charts,
            not_fetched: failures.missing.into_iter().chain(not_kept).collect(),
            unread: failures.unread,
            failed: failures.others,
            others_failed,
            has_left_out_charts: failures.have_charts && charts.has_left_out(),
            has_left_out_functions: failures.have_functions && functions.has_left_out(),
        })
    }
}

/// Returns the error for copies that are to move while what others need is not known.
fn not_moved(to: &Path, failures: &Failures) -> Error {
    let to = to.display();
    let roots = failures.unread.iter().chain(&failures.others);
    let root = roots.map(|(root, error)| (format!("{} cannot be built", root.display()), error));
    let missing = failures.missing.iter().map(|error| ("not all can be had".to_owned(), error));
    match root.chain(missing).next() {
        Some((why, error)) => {
            error.clone().context(format_args!("copies are not moved to {to} while {why}"))
        }
        None => {
            let message = format!("copies are moved to {to} only for all kustomizations at once");
            Error::new(ErrorKind::Option, message).hint(&hints::PART_OF_COPIES)
        }
    }
}
