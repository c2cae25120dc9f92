//! The values of Secrets that messages must not show.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashSet;

use crate::diff;
use crate::load::Files;

/// The values of Secrets in the files that were read, as long as no others are.
#[derive(Debug, Default)]
pub(crate) struct KnownSecrets(Mutex<(usize, Option<Arc<diff::SecretValues>>)>);

impl KnownSecrets {
    /// Returns the values; nothing if the files hold none.
    pub(super) fn of(&self, files: &Files) -> Option<Arc<diff::SecretValues>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = files.read_so_far();
        if known.0 != read.len() {
            *known = (read.len(), secrets(files, &read).map(Arc::new));
        }
        known.1.clone()
    }
}

fn secrets(files: &Files, read: &FxHashSet<PathBuf>) -> Option<diff::SecretValues> {
    let content = |path: &PathBuf| Some((path.clone(), files.read_again(path)?));
    let read: Vec<(PathBuf, Vec<u8>)> = read.iter().filter_map(content).collect();
    if !read.iter().any(|(_, content)| diff::may_hold_secrets(content)) {
        return None;
    }
    Some(diff::SecretValues::of(read.iter().map(|(path, content)| (path, content))))
}
