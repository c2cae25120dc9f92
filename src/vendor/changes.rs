//! What is different between two lock files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::load::remote::Lock;

/// One difference between two lock files.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VendorChange {
    /// The repository with its ref, or the URL of a file.
    pub what: String,
    /// The commit or hash until now; nothing for what is new.
    pub before: Option<String>,
    /// The commit or hash from now on; nothing for what is not used any more.
    pub after: Option<String>,
    /// The copy, by its path below the directory of the lock file.
    pub path: PathBuf,
}

/// Returns the differences between two lock files.
pub(super) fn changes(before: &Lock, after: &Lock) -> Vec<VendorChange> {
    let ids = |lock: &Lock| -> BTreeMap<String, (String, PathBuf)> {
        let trees = lock.trees.iter().map(|(key, tree)| {
            let more = if key.submodules { "" } else { " without submodules" };
            (format!("{key}{more}"), (tree.commit.clone(), tree.path.clone()))
        });
        let files = lock
            .files
            .iter()
            .map(|(url, file)| (url.clone(), (file.hash.clone(), file.path.clone())));
        let charts = lock.charts.iter().map(|(key, chart)| {
            let devel = if key.devel { " under development" } else { "" };
            (format!("{key}{devel}"), (chart.resolved.clone(), chart.path.clone()))
        });
        trees.chain(files).chain(charts).collect()
    };
    let (before, after) = (ids(before), ids(after));
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |what: &String| VendorChange {
        what: what.clone(),
        before: before.get(what).map(|(id, _)| id.clone()),
        after: after.get(what).map(|(id, _)| id.clone()),
        path: after
            .get(what)
            .or(before.get(what))
            .map(|(_, path)| path.clone())
            .unwrap_or_default(),
    };
    all.into_iter().map(change).filter(|change| change.before != change.after).collect()
}
