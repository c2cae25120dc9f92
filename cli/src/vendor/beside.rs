//! Builds beside a `kustom vendor` that is writing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use kustom::vendor::{LOCK_FILE, lock_places};
use kustom::{Build, Builder, DiskFs, ErrorKind};

use super::guard;
use crate::report::ErrorFormat;

/// Builds once more what failed because of a lock file or its copies, for they may have been changing places: the
/// lock file was read before, and a copy after, or the other way round. Nobody writes them meanwhile.
pub(crate) fn build_again(
    builder: &Builder,
    dirs: &[PathBuf],
    since: SystemTime,
    results: &mut [kustom::Result<Build>],
    format: ErrorFormat,
) {
    let mut held = BTreeMap::new();
    let mut failed = Vec::new();
    for (i, (dir, result)) in dirs.iter().zip(results.iter()).enumerate() {
        let Err(error) = result else { continue };
        let places = dir.canonicalize().map(|dir| lock_places(&DiskFs, &dir)).unwrap_or_default();
        for place in places.into_iter().filter(|place| place.join(LOCK_FILE).exists()) {
            let (_, has_changed) = held.entry(place).or_insert_with_key(|place| {
                let mut is_writing = false;
                let guard = guard::share(place, || {
                    is_writing = true;
                    let message = "waiting for a `kustom vendor` that writes what was needed";
                    format.note("vendor", message);
                });
                (guard, is_writing || is_newer(&place.join(LOCK_FILE), since))
            });
            // What else is wrong may come from a copy that was not there.
            if *has_changed || error.kind() == ErrorKind::Lock {
                failed.push(i);
            }
        }
    }
    failed.dedup();
    let again: Vec<&PathBuf> = failed.iter().filter_map(|i| dirs.get(*i)).collect();
    if again.is_empty() {
        return;
    }
    for (i, result) in failed.iter().zip(builder.build_all(&again)) {
        if let Some(place) = results.get_mut(*i) {
            *place = result;
        }
    }
}

/// How far the clock of a file system may be behind.
const GRAIN: Duration = Duration::from_millis(20);

/// Returns `true` if a file was written since a moment.
fn is_newer(path: &Path, since: SystemTime) -> bool {
    let since = since.checked_sub(GRAIN).unwrap_or(since);
    fs::metadata(path).and_then(|found| found.modified()).is_ok_and(|written| written >= since)
}
