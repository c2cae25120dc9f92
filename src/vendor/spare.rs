//! What of an entry is listed and not used.

use std::path::PathBuf;

use super::contents::{Contents, LookedAt};
use crate::load::FileSystem;
use crate::load::remote::{Kept, Lock, LockedTree, TreeKey, Used, UsedTree};

/// Returns what the entries of used trees list and nobody uses: URLs, and files of the copy. It is what
/// `vendor` would leave out, so all who may use it have to have been looked at.
pub(super) fn spare(
    files: &dyn FileSystem,
    lock: &Lock,
    used: &Used,
    looked_at: &LookedAt,
) -> Vec<String> {
    let mut spare = Vec::new();
    for (key, tree) in &used.trees {
        let Some(locked) = lock.trees.get(key) else { continue };
        let urls = locked.urls.iter().filter(|url| !tree.urls.contains(*url));
        spare.extend(urls.map(|url| format!("'{url}'")));
        spare.extend(spare_files(files, (key, locked), tree, looked_at));
    }
    spare
}

fn spare_files(
    files: &dyn FileSystem,
    (key, locked): (&TreeKey, &LockedTree),
    tree: &UsedTree,
    looked_at: &LookedAt,
) -> Option<String> {
    // A tree that has become too much is told of where it is copied.
    let contents = Contents::of(files, &tree.found.root, looked_at, None).ok()?;
    match (&locked.kept, contents.kept()) {
        (Kept::Whole(_), Kept::Files(_)) => Some(format!(
            "all of {key} (`whole: true`), though no function runs in it and some files are enough,"
        )),
        (Kept::Files(listed), Kept::Files(needed)) => {
            let left: Vec<&PathBuf> = listed.difference(&needed).collect();
            let first = left.first()?.display();
            Some(match left.len() {
                1 => format!("{first} of {key}"),
                more => format!("{first} of {key}, one of {more} files,"),
            })
        }
        _ => None,
    }
}
