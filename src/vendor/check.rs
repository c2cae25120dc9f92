//! What is wrong with a lock file and its copies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::contents::LookedAt;
use super::failed::Failures;
use super::local_charts::local_charts;
use super::no_fetch::NoFetch;
use super::not_run::NotRun;
use super::places::{NO_COPIES, read_lock};
use super::spare::spare;
use crate::build::cache::Cache;
use crate::builder::Builder;
use crate::diagnostics::{Error, Result};
use crate::load::remote::{LOCK_FILE, Lock, Mode, Used};
use crate::load::{FileKind, FileSystem};

/// What is wrong with a lock file and its copies.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct VendorCheck {
    /// How many trees, files and charts are used.
    pub used: usize,
    /// What the lock file lists and nobody uses: entries, and parts of entries.
    pub unused: Vec<String>,
    /// Paths among the copies that the lock file does not list.
    pub strays: Vec<PathBuf>,
    /// URLs that are used and stand under no entry, though their tree is there.
    pub unlisted: Vec<String>,
    /// What the lock file lists and nobody was seen to use, for what could not be read may use it.
    pub unchecked: Vec<String>,
    /// What is used and not listed, or has no copy that is as the lock file says; each thing once.
    pub missing: Vec<Error>,
    /// Charts in the tree that take the place of what would be fetched and listed, by their folders.
    pub local_charts: BTreeMap<PathBuf, String>,
    /// The kustomizations of which not all could be read, and why; one may come several times. What else they
    /// use is not known.
    pub unread: Vec<(PathBuf, Error)>,
    /// The kustomizations that cannot be built for other reasons, and why. They were read to the end.
    pub failed: Vec<(PathBuf, Error)>,
    /// The directories of other lock files, which the kustomizations use too: each is checked by itself.
    pub other_locks: BTreeSet<PathBuf>,
    /// Whether there is a lock file.
    pub has_lock: bool,
    /// Whether charts are used or listed.
    pub has_charts: bool,
    /// Whether charts came to nothing, for there is no helm, which may be why something failed.
    pub has_left_out_charts: bool,
    /// Whether functions came to nothing, for there is no runner, which may be why something failed.
    pub has_left_out_functions: bool,
}

impl VendorCheck {
    /// Returns `true` if nothing is wrong with the lock file and its copies, and all that uses them was read.
    /// That a kustomization cannot be built for another reason is not its fault.
    pub fn is_complete(&self) -> bool {
        self.unused.is_empty()
            && self.strays.is_empty()
            && self.unlisted.is_empty()
            && self.unchecked.is_empty()
            && self.missing.is_empty()
            && self.unread.is_empty()
    }
}

impl Builder {
    /// Builds kustomizations with nothing but the copies, and returns what is wrong with them and with
    /// the lock file in `directory`. Without a renderer, charts are checked and come to nothing; so
    /// do functions without a runner.
    ///
    /// # Errors
    /// If the lock file cannot be read, or it was stopped.
    pub fn check_vendored<P: AsRef<Path>>(
        &self,
        roots: impl IntoIterator<Item = P>,
        directory: &Path,
    ) -> Result<VendorCheck> {
        self.check_vendored_among(roots, &[], directory)
    }

    /// As [`check_vendored`](Self::check_vendored), of some of the kustomizations that the lock file serves: `others`
    /// are all the rest. What the lock file lists besides counts as used; of an entry that `roots` use, what nobody
    /// uses is told, if that is known of all.
    ///
    /// # Errors
    /// If the lock file cannot be read, or it was stopped.
    pub fn check_vendored_among<P: AsRef<Path>>(
        &self,
        roots: impl IntoIterator<Item = P>,
        others: &[PathBuf],
        directory: &Path,
    ) -> Result<VendorCheck> {
        let lock = read_lock(self.get_file_system(), directory)?;
        let charts = Arc::new(NoFetch::to_check(self.get_charts().cloned()));
        let (builder, functions) = NotRun::without_functions(self);
        let offline = builder.without_remotes().charts(Arc::<NoFetch>::clone(&charts));
        let paths: Vec<P> = roots.into_iter().collect();
        let (cache, failures) = offline_build(&offline, &paths, directory)?;
        let used = cache.files.remotes().used();
        let mut check = VendorCheck {
            used: used.trees.len() + used.files.len() + used.charts.len(),
            strays: strays(self.get_file_system(), &lock),
            other_locks: used.other_locks.clone(),
            local_charts: local_charts(&used, &lock).1,
            has_lock: self.get_file_system().kind(&directory.join(LOCK_FILE)).is_ok(),
            has_charts: !used.charts.is_empty() || !lock.charts.is_empty() || failures.lack_charts,
            has_left_out_charts: failures.have_charts && charts.has_left_out(),
            has_left_out_functions: failures.have_functions && functions.has_left_out(),
            ..VendorCheck::default()
        };
        let unseen = unseen(&lock, &used, &failures);
        let is_alone = others.is_empty();
        // What cannot be read may use it, and so may what failed, once it is mended.
        if failures.are_complete() {
            let looked_at = cache.files.log().all().looked_at();
            let spare = |used: &Used, looked_at| {
                spare(cache.files.fs(), &lock, used, &LookedAt::new(looked_at))
            };
            let mut parts = spare(&used, looked_at.clone());
            if !parts.is_empty() && !is_alone {
                parts = match offline_build(&offline, others, directory)? {
                    (theirs, failures) if failures.are_complete() => {
                        let mut all = used.clone();
                        all.add_urls(&theirs.files.remotes().used());
                        let theirs = theirs.files.log().all().looked_at();
                        spare(&all, looked_at.into_iter().chain(theirs).collect())
                    }
                    // They may need it once they are mended.
                    _ => Vec::new(),
                };
            }
            check.unused = if is_alone { unseen } else { Vec::new() };
            check.unused.extend(parts);
        } else if is_alone {
            check.unchecked = unseen;
        }
        let twice = lock.twice.iter().filter(|_| is_alone);
        check.unused.extend(twice.map(|what| format!("another entry of {what}")));
        for (key, tree) in &used.trees {
            let listed = lock.trees.get(key).map(|tree| tree.urls.as_slice()).unwrap_or_default();
            check.unlisted.extend(tree.urls.iter().filter(|url| !listed.contains(url)).cloned());
        }
        (check.missing, check.unread, check.failed) =
            (failures.missing, failures.unread, failures.others);
        Ok(check)
    }
}

/// Builds kustomizations with nothing but the copies.
///
/// # Errors
/// If it was stopped.
fn offline_build<P: AsRef<Path>>(
    builder: &Builder,
    roots: &[P],
    directory: &Path,
) -> Result<(Cache, Failures)> {
    let mode = Mode::Check(directory.to_path_buf());
    let cache = Cache::new(builder.files(mode).recorded(), builder.renderings());
    let built = builder.call_of_several(&cache, &Arc::default()).build_all(roots);
    let failures = Failures::of(builder, &cache, roots, built);
    match failures.stopped() {
        Some(stopped) => Err(stopped.clone()),
        None => Ok((cache, failures)),
    }
}

/// Returns what a lock file lists and nobody was seen to use. An entry whose copy is not as it should be is used,
/// and told of.
fn unseen(lock: &Lock, used: &Used, failures: &Failures) -> Vec<String> {
    let is_told = |url: &String| failures.entries.contains(url);
    let trees = lock
        .trees
        .iter()
        .filter(|(key, tree)| !used.trees.contains_key(key) && !tree.urls.iter().any(is_told));
    let files = lock.files.keys().filter(|url| !used.files.contains_key(*url) && !is_told(url));
    let charts = lock.charts.keys();
    let charts =
        charts.filter(|key| !used.charts.contains_key(key) && !failures.charts.contains(key));
    let trees = trees.map(|(key, _)| key.to_string()).chain(files.cloned());
    trees.chain(charts.map(ToString::to_string)).collect()
}

/// Returns the paths among the copies that a lock file does not list.
fn strays(files: &dyn FileSystem, lock: &Lock) -> Vec<PathBuf> {
    let listed: BTreeSet<&PathBuf> = lock.paths().collect();
    let mut waiting = BTreeSet::from([lock.copies.clone()]);
    let mut strays = Vec::new();
    while let Some(directory) = waiting.pop_first() {
        for name in files.list(&lock.directory.join(&directory)).unwrap_or_default() {
            let path = directory.join(&name);
            if listed.contains(&path) || NO_COPIES.contains(&name.as_str()) {
                continue;
            }
            let is_directory =
                matches!(files.kind(&lock.directory.join(&path)), Ok(FileKind::Directory));
            if is_directory && listed.iter().any(|listed| listed.starts_with(&path)) {
                waiting.insert(path);
            } else {
                strays.push(path);
            }
        }
    }
    strays
}
