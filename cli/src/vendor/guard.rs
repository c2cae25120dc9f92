//! One call at a time: two would each write what the other does not know of.

use std::fs::File;
use std::path::Path;

/// Waits until no other call writes the lock file in a directory, and keeps others waiting until it is
/// dropped. `tell` is called if there is one to wait for.
///
/// The directory itself is locked, so that nothing is left behind; a file system that cannot do that is used
/// without.
pub(super) fn hold(directory: &Path, tell: impl FnOnce()) -> Option<File> {
    crate::turn::hold(directory, tell)
}

/// Waits until no call writes the lock file in a directory and its copies, and keeps such waiting until what is
/// returned is dropped; others may read meanwhile. `tell` is called if there is one to wait for.
#[cfg(unix)]
pub(super) fn share(directory: &Path, tell: impl FnOnce()) -> Option<File> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::{Errno, retry_on_intr};
    let held = File::open(directory).ok()?;
    match flock(&held, FlockOperation::NonBlockingLockShared) {
        Err(Errno::WOULDBLOCK) => {
            tell();
            retry_on_intr(|| flock(&held, FlockOperation::LockShared)).ok()?;
        }
        done => done.ok()?,
    }
    Some(held)
}

#[cfg(not(unix))]
pub(super) fn share(_: &Path, _: impl FnOnce()) -> Option<File> {
    None
}
