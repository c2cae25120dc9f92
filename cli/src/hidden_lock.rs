//! A lock file above the directory that may be read.

use std::path::{Path, PathBuf};

use kustom::DiskFs;
use kustom::outside::{
    Failure, FailureKind, FileAnswer, FileRequest, RemoteSource, RemoteTree, TreeRequest,
};
use kustom::vendor::{LOCK_FILE, lock_places};

/// Fetches nothing, and says that a lock file may list what is asked for.
#[derive(Debug)]
pub(crate) struct HiddenLock {
    directory: PathBuf,
}

impl HiddenLock {
    /// Returns the one that would count for a directory, if it lies above.
    pub(crate) fn above(directory: &Path) -> Option<HiddenLock> {
        let directory = directory.canonicalize().ok()?;
        let places = lock_places(&DiskFs, &directory);
        let nearest = places.into_iter().find(|place| place.join(LOCK_FILE).exists())?;
        (nearest != directory).then_some(HiddenLock { directory: nearest })
    }

    fn failure(&self, url: &str) -> Failure {
        let directory = self.directory.display();
        let message = format!(
            "'{url}' is remote, and this build has no network; {directory}/kustom.lock lies above --root"
        );
        Failure::new(FailureKind::Refused, message).hint(format!(
            "`--root {directory}` lets the lock and its copies be read; --allow-remote fetches without them"
        ))
    }
}

impl RemoteSource for HiddenLock {
    fn tree(&self, request: &TreeRequest) -> Result<RemoteTree, Failure> {
        Err(self.failure(request.repository()))
    }

    fn file(&self, request: &FileRequest) -> Result<FileAnswer, Failure> {
        Err(self.failure(request.url()))
    }
}
