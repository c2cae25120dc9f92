//! Charts that are pulled from repositories of charts, pinned as trees are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::digest::{Content, hash_files, read_directory};
use super::errors::{changed, missing, not_locked, not_what_it_was, other_chart};
use super::lock::ChartKey;
use super::of_git::{changed_copy, of_chart};
use super::pins::Mode;
use super::remotes::{LocalChart, Remotes, Scope};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::fs::FileSystem;
use crate::load::{ChartInput, FileTree, Looks};

/// Where a chart comes from.
#[derive(Clone, Debug)]
pub(crate) enum ChartPin {
    /// From its repository; nothing pins it.
    Free,
    /// From the copy in this directory.
    Copy(PinnedChart, PathBuf),
    /// From its repository, at the version that was found before.
    Version(PinnedChart, String),
}

/// A chart as a lock file has it.
#[derive(Clone, Debug)]
pub(crate) struct PinnedChart {
    what: String,
    /// The copy, for messages.
    path: PathBuf,
    hash: String,
    /// The command that restores the copy.
    fetch: String,
}

impl Remotes {
    /// Returns where a chart comes from.
    ///
    /// # Errors
    /// If a lock file does not list it, or lists a copy that is not there.
    pub(crate) fn chart(
        &self,
        looks: Looks<'_>,
        key: &ChartKey,
        scope: Scope<'_>,
    ) -> Result<ChartPin> {
        let lock = self.lock(looks, scope)?;
        self.counts(lock.as_deref());
        let (lock, is_vendoring) = match (&lock, self.mode().pins()) {
            (Some(lock), _) => (&**lock, false),
            (None, Some(pins)) => (pins, true),
            (None, None) => return Ok(ChartPin::Free),
        };
        let (what, fetch) = (key.to_string(), lock.fetch_charts());
        let Some(locked) = lock.charts.get(key) else {
            return if is_vendoring {
                Ok(ChartPin::Free)
            } else {
                Err(not_locked(lock, &what, &fetch))
            };
        };
        let (path, hash) = (locked.path.clone(), locked.hash.clone());
        let pinned = PinnedChart { what, path, hash, fetch };
        if is_vendoring {
            // The copy of a chart lacks nothing: it is not fetched again.
            if self.mode().takes_whole_copies()
                && let Ok(Some(root)) =
                    lock.copy(looks.fs, &pinned.what, &locked.path, &pinned.fetch)
                && pinned.read(looks.fs, &root).is_ok()
            {
                return Ok(ChartPin::Copy(pinned, root));
            }
        } else {
            match lock.copy(looks.fs, &pinned.what, &locked.path, &pinned.fetch)? {
                Some(root) => return Ok(ChartPin::Copy(pinned, root)),
                None if !self.has_source() => {
                    return Err(missing(&pinned.what, &pinned.path, &pinned.fetch));
                }
                None => {}
            }
        }
        Ok(ChartPin::Version(pinned, locked.resolved.clone()))
    }

    /// Returns `true` if a lock file decides about a chart of the tree, which lies in the folder that it would be
    /// fetched to: what is listed is what all have, and a folder may be left from an earlier fetch.
    ///
    /// # Errors
    /// If a build would take another chart than the lock file says.
    pub(crate) fn pins_chart(
        &self,
        looks: Looks<'_>,
        key: &ChartKey,
        (folder, chart): (&Path, &Arc<FileTree>),
        scope: Scope<'_>,
    ) -> Result<bool> {
        // What a tree from elsewhere holds is pinned with it.
        if scope.from_remote {
            return Ok(false);
        }
        let lock = self.lock(looks, scope)?;
        if self.counts(lock.as_deref()) && !matches!(self.mode(), Mode::Build) {
            let local = LocalChart { key: key.clone(), hash: hash_files(chart.iter()) };
            self.notes().local_charts.insert(folder.to_path_buf(), local);
        }
        let Some(lock) = lock else {
            return Ok(self.mode().listed().is_some_and(|listed| listed.charts.contains_key(key)));
        };
        let Some(locked) = lock.charts.get(key) else { return Ok(false) };
        if hash_files(chart.iter()) != locked.hash {
            return Err(other_chart(&key.to_string(), folder));
        }
        let is_build = matches!(self.mode(), Mode::Build);
        if is_build {
            // The copy need not be there.
            self.note_chart(looks, key, (chart, None), scope);
        }
        Ok(!is_build)
    }

    /// Notes that a chart was used, which lies in the directory `copy` or was fetched.
    pub(crate) fn note_chart(
        &self,
        looks: Looks<'_>,
        key: &ChartKey,
        (chart, copy): (&Arc<FileTree>, Option<PathBuf>),
        scope: Scope<'_>,
    ) {
        looks.log.url(&noted(key));
        if !self.lock(looks, scope).is_ok_and(|lock| self.counts(lock.as_deref())) {
            return;
        }
        let mut used = self.notes();
        used.ask(scope, &key.to_string());
        used.charts.entry(key.clone()).or_insert_with(|| Arc::clone(chart));
        if let Some(copy) = copy {
            used.chart_copies.entry(key.clone()).or_insert(copy);
        }
    }

    /// Returns the charts that were used, as inputs, if they are among what was noted.
    pub(crate) fn chart_inputs(&self, noted_all: &FxHashSet<Arc<str>>) -> Vec<ChartInput> {
        let used = self.notes();
        let charts = used.charts.iter().filter(|(key, _)| noted_all.contains(&*noted(key)));
        let input = |(key, chart): (&ChartKey, &Arc<FileTree>)| ChartInput {
            name: key.name.clone(),
            repo: key.repo.clone(),
            version: key.version.clone(),
            resolved: chart_version(chart),
            copy: used.chart_copies.get(key).cloned(),
        };
        charts.map(input).collect()
    }
}

/// Returns how it is noted among URLs that a chart was used; no URL is such a text.
fn noted(key: &ChartKey) -> String {
    format!("chart\n{}\n{}\n{}\n{}", key.repo, key.name, key.version, key.devel)
}

impl PinnedChart {
    /// Reads the copy in a directory.
    ///
    /// # Errors
    /// If it cannot be read or is not what the lock file says.
    pub(crate) fn read(&self, files: &dyn FileSystem, root: &Path) -> Result<FileTree> {
        let contents = read_directory(files, root).map_err(|e| {
            let (what, path) = (&self.what, self.path.display());
            Error::new(ErrorKind::Lock, format!("the copy of {what} in {path} cannot be read: {e}"))
        })?;
        let is_other = || changed(&self.what, &self.path, &self.fetch);
        let mut tree = FileTree::new();
        for (path, content) in of_chart(contents).ok_or_else(is_other)? {
            match content {
                Content::File(bytes) => _ = tree.insert(path, bytes),
                // A copy has none.
                Content::Link(_) => return Err(is_other()),
            }
        }
        match hash_files(tree.iter()) == self.hash {
            true => Ok(tree),
            false => {
                let copy = (&*self.what, &*self.path, &*self.hash);
                Err(changed_copy(files, root, copy, &self.fetch))
            }
        }
    }

    /// Checks that what was fetched is what it was before.
    ///
    /// # Errors
    /// If it is not.
    pub(crate) fn check(&self, tree: &FileTree) -> Result<()> {
        match hash_files(tree.iter()) == self.hash {
            true => Ok(()),
            false => Err(not_what_it_was(&self.what)),
        }
    }
}

/// Returns the version that a chart says it has.
pub(crate) fn chart_version(chart: &FileTree) -> Option<String> {
    let text = String::from_utf8_lossy(chart.get("Chart.yaml")?);
    let mut versions = text.lines().filter_map(|line| line.strip_prefix("version:"));
    let version = versions.next()?;
    let version = version.split(" #").next().unwrap_or(version);
    Some(version.trim().trim_matches(['"', '\'']).to_owned())
}
