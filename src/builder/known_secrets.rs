//! The values of Secrets that messages must not show.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::diff::SecretValues;
use crate::load::Files;

/// The values of Secrets in the files that were read, as long as no others are.
#[derive(Debug, Default)]
pub(crate) struct KnownSecrets(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// How many texts they are from, and whether none of these was refused.
    of: Option<(usize, bool)>,
    found: Arc<Found>,
}

/// What is hidden from the messages about some files.
#[derive(Debug)]
pub(super) struct Secrets<'f> {
    files: &'f Files,
    found: Arc<Found>,
}

#[derive(Debug, Default)]
struct Found {
    /// All that may be such a value: hardly any message has one of these.
    possible: Option<SecretValues>,
    /// The values without what everybody may know, for which all files are read; made when one is met.
    values: OnceLock<SecretValues>,
}

impl KnownSecrets {
    /// Returns what is hidden. `all_built` says that no file was refused, which may be broken YAML then.
    pub(super) fn of<'f>(&self, files: &'f Files, all_built: bool) -> Secrets<'f> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = Some((files.count_read(), all_built));
        if known.of != of {
            let possible = SecretValues::at_most(contents(files), all_built);
            let possible = Some(possible).filter(|possible| !possible.is_empty());
            let found = Arc::new(Found { possible, values: OnceLock::new() });
            *known = Known { of, found };
        }
        Secrets { files, found: Arc::clone(&known.found) }
    }
}

impl Secrets<'_> {
    /// Returns a text without the values, or `None` if it has none.
    pub(super) fn redact(&self, text: &str) -> Option<String> {
        self.found.possible.as_ref()?.redact(text)?;
        let values = || {
            let is_there = |path: &Path| self.files.fs().kind(path).is_ok();
            SecretValues::of_all(contents(self.files), &is_there)
        };
        self.found.values.get_or_init(values).redact(text)
    }
}

fn contents(files: &Files) -> Vec<(PathBuf, Vec<u8>)> {
    let read = files.read_so_far().into_iter();
    read.filter_map(|path| files.read_again(&path).map(|content| (path, content))).collect()
}
