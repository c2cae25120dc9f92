//! One side of a comparison.

use std::path::{Path, PathBuf};

use kustom::diff::{self, SideError};
use kustom::{Builder, Error, FileSystem, Inputs, roots};

use super::set::Refusal;
use crate::git::{Skipped, WorkTree};

/// One side of a comparison: files, and how they are called in messages.
#[derive(Clone, Copy)]
pub(super) struct Side<'s> {
    pub(super) files: &'s dyn FileSystem,
    pub(super) builder: &'s Builder,
    pub(super) name: &'s str,
    /// What helps where the copies that a lock file lists are not there, if it is a revision.
    pub(super) copies: Option<&'s str>,
    /// What knows the files that git ignores, if it is the work tree.
    pub(super) ignored: Option<&'s WorkTree>,
    /// What of the work tree is not checked out.
    pub(super) skipped: Option<&'s Skipped>,
}

impl<'s> Side<'s> {
    /// Returns a side with all of its files.
    pub(super) fn new(files: &'s dyn FileSystem, builder: &'s Builder, name: &'s str) -> Side<'s> {
        Side { files, builder, name, copies: None, ignored: None, skipped: None }
    }

    /// Returns `true` if a folder has a kustomization, which need not be checked out.
    pub(super) fn has(&self, root: &Path) -> bool {
        roots::is_kustomization(self.files, root)
            || self.skipped.is_some_and(|skipped| skipped.has_kustomization(root))
    }
}

/// What helps where a revision has the lock file and not the copies that it lists.
pub(super) const COPIES_OF_REVISION: &str = "a revision has only the copies that were committed: --allow-remote fetches what its \
                                  kustom.lock says";

/// As [`COPIES_OF_REVISION`], where what git ignores counts for the revision.
pub(super) const COPIES_BESIDE: &str = "a copy that git ignores counts for a revision only if it is what the revision's kustom.lock \
                             says: --allow-remote fetches what its kustom.lock says";

/// Returns what there is to say of a root that cannot be rendered, without what the files that were read
/// have of Secrets.
pub(super) fn refused(side: Side<'_>, inputs: &Inputs, error: Error) -> Refusal {
    let read = |path: &Path| Some((path.to_path_buf(), side.files.read(path).ok()?));
    let secrets: Vec<(PathBuf, Vec<u8>)> = inputs.files().filter_map(read).collect();
    let redact = |text: &str| diff::redact(text, secrets.iter().map(|(path, text)| (path, text)));
    let mut trouble = SideError::of(&error, redact);
    if let Some(hint) = error.hint_text().filter(|_| error.hint_id() == Some("copy-missing"))
        && let Some(copies) = side.copies
        && !hint.contains("--allow-remote")
    {
        trouble.message = trouble.message.replace(hint, copies);
    }
    Refusal { trouble, may_differ: false, error, secrets }
}
