//! What is different between two lock files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::load::remote::{Kept, Lock, TreeKey};

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
    /// The hashes of the content until now and from now on, where it is another though the commit or version is not.
    pub content: Option<(String, String)>,
    /// The copy, by its path below the directory of the lock file.
    pub path: PathBuf,
}

/// What a lock file says of something.
struct Said {
    /// The commit, the hash or the version.
    id: String,
    hash: String,
    /// What of a tree is copied.
    kept: Option<Kept>,
    path: PathBuf,
}

/// Returns the differences between two lock files. Of the trees in `altered` it is known that the content is another
/// at the same commit: the hash alone depends on which files are copied, too.
pub(super) fn changes(
    before: &Lock,
    after: &Lock,
    altered: &BTreeSet<TreeKey>,
) -> Vec<VendorChange> {
    let altered: BTreeSet<String> = altered.iter().map(name).collect();
    let (before, after) = (said(before), said(after));
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |what: &String| {
        let (before, after) = (before.get(what), after.get(what));
        let content = before.zip(after).filter(|(before, after)| {
            before.id == after.id
                && before.hash != after.hash
                && (before.kept == after.kept || altered.contains(what))
        });
        VendorChange {
            what: what.clone(),
            before: before.map(|said| said.id.clone()),
            after: after.map(|said| said.id.clone()),
            content: content.map(|(before, after)| (before.hash.clone(), after.hash.clone())),
            path: after.or(before).map(|said| said.path.clone()).unwrap_or_default(),
        }
    };
    let is_other = |what: &&String| {
        let same = |said: &Said| (said.id.clone(), said.hash.clone(), said.kept.clone());
        before.get(*what).map(same) != after.get(*what).map(same)
    };
    all.into_iter().filter(is_other).map(change).collect()
}

/// Returns what a tree is called.
fn name(key: &TreeKey) -> String {
    format!("{key}{}", if key.submodules { "" } else { " without submodules" })
}

fn said(lock: &Lock) -> BTreeMap<String, Said> {
    let trees = lock.trees.iter().map(|(key, tree)| {
        let (id, hash, kept) = (tree.commit.clone(), tree.hash.clone(), Some(tree.kept.clone()));
        (name(key), Said { id, hash, kept, path: tree.path.clone() })
    });
    let files = lock.files.iter().map(|(url, file)| {
        let (id, path) = (file.hash.clone(), file.path.clone());
        (url.clone(), Said { hash: id.clone(), id, kept: None, path })
    });
    let charts = lock.charts.iter().map(|(key, chart)| {
        let devel = if key.devel { " under development" } else { "" };
        let (id, hash) = (chart.resolved.clone(), chart.hash.clone());
        (format!("{key}{devel}"), Said { id, hash, kept: None, path: chart.path.clone() })
    });
    trees.chain(files).chain(charts).collect()
}
