//! The errors of what comes from elsewhere.

use std::path::Path;

use super::lock::{LOCK_FILE, Lock};
use crate::diagnostics::{Error, ErrorKind, Failure, FailureKind};

/// Returns the error for something elsewhere that is pinned and has changed.
pub(super) fn not_what_it_was(what: &str) -> Error {
    let message = format!("{what} is not what it was when {LOCK_FILE} was written");
    Error::new(ErrorKind::Lock, message)
        .hint("take what is there now with `kustom vendor --update`")
}

pub(super) const VENDOR_HINT: &str = "run `kustom vendor`, which fetches what the lock says";

pub(super) fn not_locked(lock: &Lock, url: &str) -> Error {
    let file = lock.directory.join(LOCK_FILE);
    let error = Error::new(ErrorKind::Lock, format!("'{url}' is not in {}", file.display()));
    error.hint("run `kustom vendor`, which adds it")
}

pub(super) fn missing(what: &str, path: &Path) -> Error {
    let path = path.display();
    let message = format!("{LOCK_FILE} lists {what}, but its copy {path} is missing");
    Error::new(ErrorKind::Lock, message).hint(VENDOR_HINT)
}

pub(super) fn changed(what: &str, path: &Path) -> Error {
    let message = format!(
        "the copy of {what} in {} is not what {LOCK_FILE} says: it was changed on disk",
        path.display()
    );
    Error::new(ErrorKind::Lock, message).hint(
        "restore it with `kustom vendor`; to change what comes from elsewhere, patch it in an overlay",
    )
}

/// Returns the error for an address that is tried as a repository next.
pub(super) fn is_repository() -> Error {
    Error::new(ErrorKind::Load, "URL is a git repository")
}

pub(super) fn no_network(url: &str) -> Error {
    Error::new(ErrorKind::External, format!("'{url}' is remote, and this build has no network"))
        .hint(
            "allow it with --allow-remote, or --allow-remote=HOST/PATH for one place; `kustom vendor` \
             makes copies that are built without",
        )
}

pub(super) fn refused(failure: &Failure, kind: ErrorKind) -> Error {
    let error = Error::new(kind, failure.message());
    match failure.hint_text() {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

pub(super) fn failed(failure: Failure) -> Error {
    let kind = match failure.kind() {
        FailureKind::Refused => ErrorKind::External,
        _ => ErrorKind::Fetch,
    };
    refused(&failure, kind)
}
