//! Puts what was used into a new lock file and its copies, and tells what has no place there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::contents::{Contents, LookedAt};
use super::out::Out;
use crate::diagnostics::{Error, ErrorKind, Result, hints};
use crate::load::remote::{
    ChartKey, Kept, Lock, LockedTree, TreeKey, Used, UsedTree, below, is_commit, is_gits,
};
use crate::load::{FileSystem, FileTree};

/// What is gathered, and what is needed for it.
pub(super) struct Gather<'a> {
    /// The files with all that was fetched.
    pub(super) files: &'a dyn FileSystem,
    /// What builds have looked at.
    pub(super) looked_at: LookedAt,
    /// The lock file until now.
    pub(super) before: &'a Lock,
    /// Whether what was not used stays.
    pub(super) keeps_others: bool,
    /// The URLs by which others name trees, if it is known what they need of those that were used.
    pub(super) others: Option<BTreeMap<TreeKey, BTreeSet<String>>>,
    pub(super) out: Out<'a>,
    /// What was used and cannot be kept, and why.
    pub(super) not_kept: Vec<Error>,
    /// The trees whose copies are not what their commits hold.
    pub(super) altered: BTreeSet<TreeKey>,
}

impl Gather<'_> {
    /// Takes all that was used.
    pub(super) fn all(&mut self, used: &Used) {
        for (key, tree) in &used.trees {
            let taken = self.tree(key, tree);
            self.not_kept.extend(taken.err());
        }
        self.files(&used.files);
        for (key, chart) in &used.charts {
            let taken = self.chart(key, chart);
            self.not_kept.extend(taken.err());
        }
        if self.keeps_others || !self.not_kept.is_empty() {
            self.out.keep_others();
        }
    }

    fn tree(&mut self, key: &TreeKey, tree: &UsedTree) -> Result<()> {
        let commit = &tree.found.commit;
        if !is_commit(commit) {
            let message = format!("{key} has come without a commit, but with '{commit}'");
            return Err(Error::new(ErrorKind::Fetch, message));
        }
        let (more, more_urls) = self.needed_by_others(key, commit);
        let root = &tree.found.root;
        let contents = Contents::of(self.files, root, &self.looked_at, more.as_ref())
            .map_err(|e| e.context(key))?;
        if let Some(path) = contents.unlistable() {
            return Err(has_strange_path(key, path));
        }
        if contents.entries.is_empty() {
            // Who names it has failed, for it has nothing there.
            return Ok(());
        }
        if let Some(path) = contents.entries.keys().find(|path| is_gits(path)) {
            return Err(has_file_of_git(key, path));
        }
        let is_altered =
            |before: &LockedTree| before.commit == *commit && before.is_another(self.files, root);
        if self.before.trees.get(key).is_some_and(is_altered) {
            self.altered.insert(key.clone());
        }
        let mut urls = tree.urls.clone();
        urls.extend(more_urls);
        self.out.tree(key, commit, urls.into_iter().collect(), contents);
        Ok(())
    }

    /// Returns what of a tree others may need that could not be looked at, and the URLs by which they name it: what
    /// the copy has, and all once it has moved.
    fn needed_by_others(&self, key: &TreeKey, commit: &str) -> (Option<Kept>, BTreeSet<String>) {
        let Some(before) = self.before.trees.get(key).filter(|_| self.keeps_others) else {
            return (None, BTreeSet::new());
        };
        let urls = before.urls.iter().cloned().collect();
        match &self.others {
            Some(others) => (None, others.get(key).cloned().unwrap_or_default()),
            None if before.commit == commit => (Some(before.kept.clone()), urls),
            None => (Some(Kept::Whole(BTreeSet::new())), urls),
        }
    }

    fn files(&mut self, used: &BTreeMap<String, Arc<Path>>) {
        for (url, path) in used {
            match self.files.read(path) {
                Ok(bytes) => self.out.file(url, bytes),
                Err(e) => {
                    let message = format!("'{url}' cannot be read again: {e}");
                    self.not_kept.push(Error::new(ErrorKind::Fetch, message));
                }
            }
        }
    }

    fn chart(&mut self, key: &ChartKey, chart: &FileTree) -> Result<()> {
        if let Some((path, _)) = chart.iter().find(|(path, _)| is_gits(path)) {
            return Err(has_file_of_git(key, path));
        }
        let is_wrong = |path: &Path| path.to_str().is_none_or(|text| below(text).is_err());
        if let Some((path, _)) = chart.iter().find(|(path, _)| is_wrong(path)) {
            return Err(has_strange_path(key, path));
        }
        self.out.chart(key, chart)
    }
}

/// Returns the error for something that has a path that a lock file, or a file system, has no place for.
fn has_strange_path(what: &dyn fmt::Display, path: &Path) -> Error {
    let message = format!("{what} has '{}', a path that not all systems take", path.display());
    Error::new(ErrorKind::Lock, message)
}

/// Returns the error for something that has a file that would be git's own.
fn has_file_of_git(what: &dyn fmt::Display, path: &Path) -> Error {
    let message = format!("{what} has '{}', which would be a file of git's own", path.display());
    Error::new(ErrorKind::Lock, message).hint(&hints::COPY_FOR_GIT)
}
