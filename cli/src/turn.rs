//! One change at a time: two commands that read and write the same file would lose each other's changes.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::paths;
use crate::report::ErrorFormat;

/// So many files are held at once where no repository is held for all of them.
const MOST: usize = 64;

/// After so long it is said what is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits until no other call changes files of the repositories that some directories are in, and keeps others waiting
/// until the answer is dropped.
///
/// Held is `.git`, which nothing else of the program holds, so that nothing is left behind; without a repository the
/// directories themselves. A file system that cannot do that is used without.
#[must_use]
pub(crate) fn take<'d>(dirs: impl Iterator<Item = &'d Path>, format: ErrorFormat) -> Vec<File> {
    let mut is_told = false;
    let mut tell = || {
        if !std::mem::replace(&mut is_told, true) {
            format.note("note", "waiting for another call that changes files here");
        }
    };
    // In one order, or two calls could wait for each other.
    let all: BTreeSet<PathBuf> = dirs.map(held_for).collect();
    let mut wait = |path: &PathBuf| soon(path).or_else(|| hold(path, &mut tell));
    all.iter().take(MOST).filter_map(&mut wait).collect()
}

/// Returns what is held for a directory.
fn held_for(dir: &Path) -> PathBuf {
    let dir = paths::physical(dir);
    let git = dir.ancestors().map(|above| above.join(".git")).find(|git| git.exists());
    git.unwrap_or(dir)
}

/// As [`hold`], if that is free before long: other changes take no time that is worth a word.
#[cfg(unix)]
fn soon(path: &Path) -> Option<File> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;
    use std::thread;
    use std::time::Instant;
    let held = File::open(path).ok()?;
    let start = Instant::now();
    loop {
        match flock(&held, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Some(held),
            Err(_) if start.elapsed() > PATIENCE => return None,
            Err(Errno::WOULDBLOCK | Errno::INTR) => thread::sleep(Duration::from_millis(5)),
            Err(_) => return None,
        }
    }
}

#[cfg(not(unix))]
fn soon(_: &Path) -> Option<File> {
    // What cannot be held is not waited for.
    let _ = PATIENCE;
    None
}

/// Waits until no other call holds a file or a directory, and holds it until the answer is dropped. `tell` is called if
/// there is one to wait for; what cannot be held is not.
#[cfg(unix)]
pub(crate) fn hold(path: &Path, tell: impl FnOnce()) -> Option<File> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::{Errno, retry_on_intr};
    let held = File::open(path).ok()?;
    match flock(&held, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => {
            tell();
            retry_on_intr(|| flock(&held, FlockOperation::LockExclusive)).ok()?;
        }
        done => done.ok()?,
    }
    Some(held)
}

#[cfg(not(unix))]
pub(crate) fn hold(_: &Path, _: impl FnOnce()) -> Option<File> {
    None
}
