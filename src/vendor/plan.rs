//! What a call is to do with copies.

use std::path::PathBuf;

use crate::diagnostics::{Error, ErrorKind, Result, hints};
use crate::load::remote::{LOCK_FILE, Lock, LockedTree, TreeKey};

/// The most entries that a message names.
const MOST_NAMED: usize = 10;

/// Where copies go, and what may change.
///
/// ```
/// use kustom::vendor::VendorPlan;
///
/// let plan = VendorPlan::new("/repo").to("third_party").update(["github.com/acme/*"]);
/// ```
#[derive(Clone, Debug)]
pub struct VendorPlan {
    pub(super) directory: PathBuf,
    /// Where copies go; nothing where they are, or the default.
    pub(super) to: Option<PathBuf>,
    update: Vec<String>,
    /// Whether kustomizations use the lock file that are not given.
    pub(super) keeps_others: bool,
    /// Those of them that are known.
    pub(super) others: Vec<PathBuf>,
    /// Whether no copies are taken.
    pub(super) is_anew: bool,
}

impl VendorPlan {
    /// Returns the plan to put `kustom.lock` into `directory` and copies below it: where they are, or into
    /// `.kustom/vendor`. What the lock file has already stays at its commit.
    ///
    /// `directory` is absolute, with its links resolved.
    pub fn new(directory: impl Into<PathBuf>) -> VendorPlan {
        VendorPlan {
            directory: directory.into(),
            to: None,
            update: Vec::new(),
            keeps_others: false,
            others: Vec::new(),
            is_anew: false,
        }
    }

    /// Sets where copies go, below the directory of the lock file.
    #[must_use]
    pub fn to(mut self, to: impl Into<PathBuf>) -> VendorPlan {
        self.to = Some(to.into());
        self
    }

    /// Lets those repositories and URLs move to what their refs mean now that contain one of these
    /// texts; `*` stands for any characters, and alone for all.
    #[must_use]
    pub fn update<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> VendorPlan {
        self.update.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Sets whether the lock file serves other kustomizations too: what those that are given do not use stays
    /// then. By default it goes.
    #[must_use]
    pub fn keep_others(self, on: bool) -> VendorPlan {
        VendorPlan { keeps_others: on, ..self }
    }

    /// Sets all other kustomizations that the lock file serves: what they use stays, as with
    /// [`keep_others`](Self::keep_others). Of a tree that the given ones use, what they look at is copied too; if they
    /// are not known, or one of them cannot be built, what was copied, and of a tree that moves all of it.
    #[must_use]
    pub fn others<P: Into<PathBuf>>(mut self, roots: impl IntoIterator<Item = P>) -> VendorPlan {
        self.others.extend(roots.into_iter().map(Into::into));
        self.keeps_others |= !self.others.is_empty();
        self
    }

    /// Sets whether everything is fetched, at the commits and versions of the lock file: also what copies are there
    /// of. What is not as the lock file says is then among
    /// [`not_fetched`](super::Vendored::not_fetched), whatever the copies hold. By default copies are taken that
    /// are as it says.
    #[must_use]
    pub fn anew(self, on: bool) -> VendorPlan {
        VendorPlan { is_anew: on, ..self }
    }

    /// Checks that each pattern matches an entry.
    ///
    /// # Errors
    /// If one does not.
    pub(super) fn check(&self, lock: &Lock) -> Result<()> {
        let trees = lock.trees.iter().map(|(key, tree)| {
            let texts = tree.urls.iter().cloned().chain([key.repository.clone()]);
            (key.to_string(), texts.collect::<Vec<_>>())
        });
        let files = lock.files.keys().map(|url| (url.clone(), vec![url.clone()]));
        let charts = lock.charts.keys().map(|key| (key.to_string(), vec![key.to_string()]));
        let entries: Vec<(String, Vec<String>)> = trees.chain(files).chain(charts).collect();
        let is_lost = |pattern: &&String| {
            let mut texts = entries.iter().flat_map(|(_, texts)| texts);
            *pattern != "*" && !texts.any(|text| matches(pattern, text))
        };
        let Some(lost) = self.update.iter().find(is_lost) else { return Ok(()) };
        let message = format!("'{lost}' matches no entry of {LOCK_FILE}");
        let names: Vec<&str> =
            entries.iter().map(|(name, _)| name.as_str()).take(MOST_NAMED).collect();
        let more = if entries.len() > MOST_NAMED { ", and more" } else { "" };
        let hint = match names.is_empty() {
            true => "it has none: leave out the pattern".to_owned(),
            false => format!("its entries are: {}{more}", names.join(", ")),
        };
        Err(Error::new(ErrorKind::Option, message).hint(hints::NOTHING_TO_UPDATE.with(hint)))
    }

    /// Returns the entries of a lock file that stay as they are.
    pub(super) fn staying(&self, lock: &Lock) -> Lock {
        let moves = |text: &str| self.update.iter().any(|pattern| matches(pattern, text));
        let mut staying = lock.clone();
        let texts = |key: &TreeKey, tree: &LockedTree| {
            moves(&key.repository) || tree.urls.iter().any(|url| moves(url))
        };
        staying.trees.retain(|key, tree| !texts(key, tree));
        staying.charts.retain(|key, _| !moves(&key.to_string()));
        staying.files.retain(|url, _| !moves(url));
        staying
    }
}

/// Returns `true` if a text contains what a pattern means.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    pattern.split('*').all(|part| match rest.find(part) {
        Some(at) => {
            rest = rest.get(at + part.len()..).unwrap_or_default();
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_parts() {
        for (pattern, text) in [("*", "x"), ("acme", "github.com/acme/x"), ("acme/*@", "acme/a@b")]
        {
            assert!(matches(pattern, text));
        }
        assert!(!matches("acme/*x", "acme/y") && !matches("b*a", "ab"));
    }
}
