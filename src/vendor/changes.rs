//! What is different between two lock files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::load::remote::{Kept, Lock};

/// One difference between two lock files.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VendorChange {
    /// The repository with its ref, or the URL of a file.
    pub what: String,
    /// The commit or hash until now; nothing for what is new.
    pub before: Option<String>,
    /// The commit or hash from now on; nothing for what is not used any more. Where it is the same, other files
    /// of the tree are copied.
    pub after: Option<String>,
    /// The copy, by its path below the directory of the lock file.
    pub path: PathBuf,
}

/// What a lock file says of something.
struct Said {
    /// The commit, the hash or the version.
    id: String,
    /// What of a tree is copied.
    kept: Option<Kept>,
    path: PathBuf,
}

/// Returns the differences between two lock files.
pub(super) fn changes(before: &Lock, after: &Lock) -> Vec<VendorChange> {
    let (before, after) = (said(before), said(after));
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |what: &String| {
        let (before, after) = (before.get(what), after.get(what));
        VendorChange {
            what: what.clone(),
            before: before.map(|said| said.id.clone()),
            after: after.map(|said| said.id.clone()),
            path: after.or(before).map(|said| said.path.clone()).unwrap_or_default(),
        }
    };
    let is_other = |what: &&String| {
        let same = |said: &Said| (said.id.clone(), said.kept.clone());
        before.get(*what).map(same) != after.get(*what).map(same)
    };
    all.into_iter().filter(is_other).map(change).collect()
}

fn said(lock: &Lock) -> BTreeMap<String, Said> {
    let trees = lock.trees.iter().map(|(key, tree)| {
        let more = if key.submodules { "" } else { " without submodules" };
        let (id, kept) = (tree.commit.clone(), Some(tree.kept.clone()));
        (format!("{key}{more}"), Said { id, kept, path: tree.path.clone() })
    });
    let files = lock.files.iter().map(|(url, file)| {
        (url.clone(), Said { id: file.hash.clone(), kept: None, path: file.path.clone() })
    });
    let charts = lock.charts.iter().map(|(key, chart)| {
        let devel = if key.devel { " under development" } else { "" };
        let said = Said { id: chart.resolved.clone(), kept: None, path: chart.path.clone() };
        (format!("{key}{devel}"), said)
    });
    trees.chain(files).chain(charts).collect()
}
