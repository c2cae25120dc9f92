//! Charts that are pulled from repositories of charts, pinned as trees are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::digest::{Content, hash_files, read_directory};
use super::errors::{FETCH_CHARTS, changed, missing, not_locked, not_what_it_was};
use super::lock::ChartKey;
use super::remotes::{Remotes, Scope};
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
        let what = key.to_string();
        let Some(locked) = lock.charts.get(key) else {
            return if is_vendoring {
                Ok(ChartPin::Free)
            } else {
                Err(not_locked(lock, &what, FETCH_CHARTS))
            };
        };
        let pinned = PinnedChart { what, path: locked.path.clone(), hash: locked.hash.clone() };
        if is_vendoring {
            // The copy of a chart lacks nothing: it is never fetched again.
            if let Ok(Some(root)) = lock.copy(looks.fs, &pinned.what, &locked.path, FETCH_CHARTS)
                && pinned.read(looks.fs, &root).is_ok()
            {
                return Ok(ChartPin::Copy(pinned, root));
            }
        } else {
            match lock.copy(looks.fs, &pinned.what, &locked.path, FETCH_CHARTS)? {
                Some(root) => return Ok(ChartPin::Copy(pinned, root)),
                None if !self.has_source() => {
                    return Err(missing(&pinned.what, &pinned.path, FETCH_CHARTS));
                }
                None => {}
            }
        }
        Ok(ChartPin::Version(pinned, locked.resolved.clone()))
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
        let mut tree = FileTree::new();
        for (path, content) in contents {
            match content {
                Content::File(bytes) => _ = tree.insert(path, bytes),
                // A copy has none.
                Content::Link(_) => return Err(changed(&self.what, &self.path, FETCH_CHARTS)),
            }
        }
        match hash_files(tree.iter()) == self.hash {
            true => Ok(tree),
            false => Err(changed(&self.what, &self.path, FETCH_CHARTS)),
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
