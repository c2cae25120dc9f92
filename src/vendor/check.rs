//! What is wrong with a lock file and its copies.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failed::{failures, is_about_remotes};
use super::no_fetch::NoFetch;
use super::not_run::NotRun;
use super::places::{NO_COPIES, read_lock};
use crate::build::cache::Cache;
use crate::builder::{Builder, KnownSecrets};
use crate::diagnostics::{Error, Result};
use crate::load::remote::{Lock, Mode};
use crate::load::{FileKind, FileSystem};

/// What is wrong with a lock file and its copies.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct VendorCheck {
    /// How many trees, files and charts are used.
    pub used: usize,
    /// What the lock file lists and nobody uses.
    pub unused: Vec<String>,
    /// Paths among the copies that the lock file does not list.
    pub strays: Vec<PathBuf>,
    /// URLs that are used and stand under no entry, though their tree is there.
    pub unlisted: Vec<String>,
    /// What the lock file lists and nobody was seen to use, for kustomizations that cannot be built may.
    pub unchecked: Vec<String>,
    /// The kustomizations that cannot be built with the copies, and why.
    pub failed: Vec<(PathBuf, Error)>,
    /// Whether charts came to nothing, for there is no helm; what builds on them may fail.
    pub has_left_out_charts: bool,
    /// Whether functions came to nothing, for there is no runner; what builds on them may fail.
    pub has_left_out_functions: bool,
    /// Whether something that is needed has no copy, for there is no lock file.
    has_refused: bool,
}

impl VendorCheck {
    /// Returns `true` if nothing is wrong with the lock file and its copies. That a kustomization cannot
    /// be built for another reason is not its fault, unless entries could not be looked at for that.
    pub fn is_complete(&self) -> bool {
        self.unused.is_empty()
            && self.strays.is_empty()
            && self.unlisted.is_empty()
            && self.unchecked.is_empty()
            && !self.failed.iter().any(|(_, e)| is_about_remotes(e, self.has_refused))
    }
}

impl Builder {
    /// Builds kustomizations with nothing but the copies, and returns what is wrong with them and with
    /// the lock file in `directory`. Without a renderer, charts are checked and come to nothing; so
    /// do functions without a runner.
    ///
    /// # Errors
    /// If the lock file cannot be read.
    pub fn check_vendored<P: AsRef<Path>>(
        &self,
        roots: impl IntoIterator<Item = P>,
        directory: &Path,
    ) -> Result<VendorCheck> {
        let lock = read_lock(self.files_of_user(), directory)?;
        let charts = Arc::new(NoFetch::new(self.renderer()));
        let (builder, functions) = NotRun::without_functions(self);
        let offline = builder.without_remotes().charts(Arc::<NoFetch>::clone(&charts));
        let cache = Cache::new(offline.files(Mode::Build), offline.renderings());
        let paths: Vec<P> = roots.into_iter().collect();
        let failed = failures(
            &paths,
            offline.build_several(&cache, &KnownSecrets::default(), &paths, false),
        );
        let used = cache.files.remotes().used();
        let mut check = VendorCheck {
            used: used.trees.len() + used.files.len() + used.charts.len(),
            strays: strays(self.files_of_user(), &lock),
            has_refused: cache.files.remotes().has_refused() || charts.has_refused(),
            has_left_out_charts: charts.has_left_out(),
            has_left_out_functions: functions.has_left_out(),
            ..VendorCheck::default()
        };
        let trees = lock.trees.keys().filter(|key| !used.trees.contains_key(key));
        let files = lock.files.keys().filter(|url| !used.files.contains_key(*url));
        let charts = lock.charts.keys().filter(|key| !used.charts.contains_key(key));
        let charts = charts.map(ToString::to_string);
        let unseen = trees.map(ToString::to_string).chain(files.cloned()).chain(charts).collect();
        // What only those use that failed for other reasons is not unused.
        if failed.iter().all(|(_, error)| is_about_remotes(error, check.has_refused)) {
            check.unused = unseen;
        } else {
            check.unchecked = unseen;
        }
        for (key, tree) in &used.trees {
            let listed = lock.trees.get(key).map(|tree| tree.urls.as_slice()).unwrap_or_default();
            check.unlisted.extend(tree.urls.iter().filter(|url| !listed.contains(url)).cloned());
        }
        check.failed = failed;
        Ok(check)
    }
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
