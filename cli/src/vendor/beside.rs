//! Builds beside a `kustom vendor` that is writing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use kustom::{Build, Builder, DiskFs, ErrorKind, lock_places};

use super::guard;
use super::roots::LOCK;
use crate::report::ErrorFormat;

/// Builds once more what a lock file or its copies made fail, for they may have been changing places: the lock
/// file was read before, and a copy after, or the other way round. Nobody writes them meanwhile.
pub(crate) fn build_again(
    builder: &Builder,
    dirs: &[PathBuf],
    results: &mut [kustom::Result<Build>],
    format: ErrorFormat,
) {
    let is_about_lock = |result: &kustom::Result<Build>| {
        result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Lock)
    };
    let failed: Vec<usize> = (0..dirs.len().min(results.len()))
        .filter(|i| results.get(*i).is_some_and(is_about_lock))
        .collect();
    let again: Vec<&PathBuf> = failed.iter().filter_map(|i| dirs.get(*i)).collect();
    let real = again.iter().filter_map(|dir| dir.canonicalize().ok());
    let places: BTreeSet<PathBuf> = real.flat_map(|dir| lock_places(&DiskFs, &dir)).collect();
    let with_lock = places.iter().filter(|place| place.join(LOCK).exists());
    let held: Vec<_> = with_lock
        .filter_map(|place| {
            guard::share(place, || {
                format.note("vendor", "waiting for a `kustom vendor` that writes what was needed");
            })
        })
        .collect();
    if held.is_empty() {
        return;
    }
    for (i, result) in failed.iter().zip(builder.build_all(&again)) {
        if let Some(place) = results.get_mut(*i) {
            *place = result;
        }
    }
}
