//! What the kustomizations of a build name: the files and directories that their entries lead to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What an entry leads to, links resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// A file.
    File(Arc<Path>),
    /// The directory of a kustomization.
    Directory(Arc<Path>),
    /// The directory of a kustomization in the tree of a repository, which lies in the second.
    Repository(Arc<Path>, Arc<Path>),
    /// Where charts are: the folder if there is one, and whether a chart is listed at all.
    Charts(Option<Arc<Path>>, bool),
}

/// What is named so far, by the directory of the kustomization that does, and the entry as it is written.
/// The kustomization file stands under its own name.
#[derive(Debug, Default)]
pub(crate) struct NamedEntries(Mutex<BTreeMap<PathBuf, BTreeMap<String, Named>>>);

impl NamedEntries {
    pub(super) fn note(&self, from: &Path, entry: &str, named: Named) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(from) {
            Some(entries) => _ = entries.insert(entry.to_owned(), named),
            None => _ = all.insert(from.into(), BTreeMap::from([(entry.to_owned(), named)])),
        }
    }

    /// Returns what the kustomization in a directory names.
    pub(crate) fn of(&self, directory: &Path) -> BTreeMap<String, Named> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(directory).cloned().unwrap_or_default()
    }
}
