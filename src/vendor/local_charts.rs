//! Charts that lie in the tree where they would be fetched to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diagnostics::Error;
use crate::load::remote::{LocalChart, Lock, Used, other_chart};

/// Returns what is wrong with charts that lie in the tree, and those that a lock file does not list, by their folders.
pub(super) fn local_charts(used: &Used, lock: &Lock) -> (Vec<Error>, BTreeMap<PathBuf, String>) {
    let (mut wrong, mut unlisted) = (Vec::new(), BTreeMap::new());
    for (folder, LocalChart { key, hash }) in &used.local_charts {
        match lock.charts.get(key) {
            Some(locked) if locked.hash == *hash => {}
            Some(_) => wrong.push(other_chart(&key.to_string(), folder)),
            None => _ = unlisted.insert(folder.clone(), key.to_string()),
        }
    }
    (wrong, unlisted)
}
