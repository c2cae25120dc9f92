//! Which entries of a lock file a change touches.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::load::remote::{LOCK_FILE, Lock};
use crate::load::{FileSystem, Inputs};
use crate::yaml::Limits;

/// What an entry stands for: a URL, or a chart.
type Name<'l> = [&'l str; 3];

/// The entries of a lock file that are not as they were.
#[derive(Debug, Default)]
pub(crate) struct LockChange(BTreeSet<[String; 3]>);

impl LockChange {
    /// Compares the lock file at a path with what it was `before`; nothing if one of them cannot be read.
    pub(crate) fn of(files: &dyn FileSystem, path: &Path, before: &[u8]) -> Option<LockChange> {
        let directory = path.parent()?;
        let limits = Limits::default();
        let before = Lock::parse(before, directory, &limits).ok()?;
        let after = Lock::read(files, directory, &limits).ok()??;
        let (before, after) = (entries(&before), entries(&after));
        let names = before.keys().chain(after.keys());
        let changed = names.filter(|name| before.get(*name) != after.get(*name));
        Some(LockChange(changed.map(|name| name.map(str::to_owned)).collect()))
    }

    /// Returns `true` if a path is that of a lock file.
    pub(crate) fn is_about(path: &Path) -> bool {
        path.file_name().is_some_and(|name| name == LOCK_FILE)
    }

    /// Returns the path of the lock file in a directory.
    pub(crate) fn path_in(directory: &Path) -> PathBuf {
        directory.join(LOCK_FILE)
    }

    /// Returns `true` if all entries are as they were.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns `true` if a build uses one of them.
    pub(crate) fn touches(&self, inputs: &Inputs) -> bool {
        let mut urls = inputs.remotes().iter().flat_map(|remote| &remote.urls);
        let has = |name: Name<'_>| self.0.contains(&name.map(str::to_owned));
        let charts = inputs.charts();
        urls.any(|url| has([url, "", ""]))
            || charts.iter().any(|chart| has([&chart.repo, &chart.name, &chart.version]))
    }
}

/// Returns what the entries say. What of a tree its copy has is not of it: at a commit, a file is what it is.
fn entries(lock: &Lock) -> BTreeMap<Name<'_>, BTreeSet<[&str; 2]>> {
    let mut all: BTreeMap<Name<'_>, BTreeSet<[&str; 2]>> = BTreeMap::new();
    let mut add = |name, id, path| {
        all.entry(name).or_default().insert([id, path]);
    };
    for tree in lock.trees.values() {
        for url in &tree.urls {
            add([url, "", ""], tree.commit.as_str(), tree.path.to_str().unwrap_or_default());
        }
    }
    for (url, file) in &lock.files {
        add([url, "", ""], file.hash.as_str(), file.path.to_str().unwrap_or_default());
    }
    for (key, chart) in &lock.charts {
        let name = [key.repo.as_str(), &key.name, &key.version];
        add(name, chart.hash.as_str(), chart.path.to_str().unwrap_or_default());
    }
    all
}
