//! Copies that a lock file lists, in place of what is elsewhere.

use std::path::Path;
use std::sync::Arc;

use super::digest::{hash_bytes, hash_directory};
use super::errors::{FETCH, changed, is_repository, missing, not_executable, not_locked};
use super::lock::{Kept, LOCK_FILE, Lock, LockedTree, TreeKey};
use super::pins::Mode;
use super::remotes::{FoundFile, FoundTree, Remotes, Scope};
use super::source::TreeRequest;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::Looks;
use crate::load::fs::{FileKind, FileSystem};
use crate::load::repo_url::RepoUrl;

impl Remotes {
    /// Returns the lock file that counts: the one nearest at or above the directory that asks, in its
    /// repository.
    pub(super) fn lock(&self, looks: Looks<'_>, scope: Scope<'_>) -> Result<Option<Arc<Lock>>> {
        let (Mode::Build, Some(directory)) = (self.mode(), scope.local) else { return Ok(None) };
        let files = looks.fs;
        looks.once(&self.locks, directory.to_path_buf(), || {
            let is_there = |directory: &&Path| {
                let kind = files.kind(&directory.join(LOCK_FILE));
                matches!(kind, Ok(FileKind::File | FileKind::Link))
            };
            let found = lock_places(self.mounts(), directory).find(is_there);
            let Some(directory) = found else { return Ok(None) };
            let file = directory.join(LOCK_FILE);
            let bytes = files.read(&file).map_err(|e| {
                Error::new(ErrorKind::Lock, format!("read {}: {e}", file.display()))
            })?;
            Lock::parse(&bytes, directory, &self.limits).map(|lock| Some(Arc::new(lock)))
        })
    }

    pub(super) fn vendored_tree(
        &self,
        looks: Looks<'_>,
        lock: &Lock,
        key: &TreeKey,
        written: &str,
        request: TreeRequest,
    ) -> Result<FoundTree> {
        let locked = lock.trees.get(key).filter(|tree| tree.urls.iter().any(|url| url == written));
        let locked = locked.ok_or_else(|| not_locked(lock, written, FETCH))?;
        let path = lock.directory.join(&locked.path);
        let verify = || locked.copy(looks.fs, &path, key);
        if let Some(root) = looks.once(&self.vendored, path.clone(), verify)? {
            return Ok(FoundTree::copied(root, locked));
        }
        let missing = || missing(&key.to_string(), &locked.path, FETCH);
        if !self.has_source() {
            return Err(missing());
        }
        // The copies need not be there: the commit says all.
        let request = TreeRequest { commit: Some(locked.commit.clone()), ..request };
        self.fetched_tree(looks.fs, key, request).map_err(|e| {
            let missing = missing();
            let message = format!("{}: {}", missing.message(), e.message());
            e.with_message(message).hint(missing.hint_text().unwrap_or_default())
        })
    }

    pub(super) fn vendored_file(
        &self,
        looks: Looks<'_>,
        lock: &Lock,
        url: &str,
        scope: Scope<'_>,
    ) -> Result<FoundFile> {
        let Some(locked) = lock.files.get(url) else {
            let is_tree = |url: RepoUrl| lock.trees.contains_key(&TreeKey::of(&url));
            return Err(match RepoUrl::parse(url).is_some_and(is_tree) {
                true => is_repository(),
                false => not_locked(lock, url, FETCH),
            });
        };
        let path = lock.directory.join(&locked.path);
        let files = looks.fs;
        let Ok(bytes) = files.read(&path) else {
            return match self.has_source() {
                false => Err(missing(url, &locked.path, FETCH)),
                true => self.fetched_file(files, url, scope, Some(&locked.hash)),
            };
        };
        if hash_bytes(&bytes) != locked.hash {
            return Err(changed(url, &locked.path, FETCH));
        }
        let real = files.canonicalize(&path);
        let real =
            real.map_err(|e| Error::new(ErrorKind::Lock, format!("{}: {e}", path.display())))?;
        Ok(FoundFile::File(real.into()))
    }
}

impl FoundTree {
    /// Returns a tree of which there is a copy in a directory.
    pub(super) fn copied(root: Arc<Path>, locked: &LockedTree) -> FoundTree {
        FoundTree { root, commit: locked.commit.clone(), is_whole: locked.is_whole() }
    }
}

impl LockedTree {
    /// Checks the copy, and returns its directory, or nothing if it is not there.
    ///
    /// # Errors
    /// If it is not as the lock file says.
    pub(crate) fn copy(
        &self,
        files: &dyn FileSystem,
        path: &Path,
        key: &TreeKey,
    ) -> Result<Option<Arc<Path>>> {
        let Ok(root) = files.canonicalize(path) else { return Ok(None) };
        let unreadable = |e: std::io::Error| {
            let path = self.path.display();
            Error::new(ErrorKind::Lock, format!("the copy of {key} in {path} cannot be read: {e}"))
        };
        if hash_directory(files, &root).map_err(unreadable)? != self.hash {
            return Err(changed(&key.to_string(), &self.path, FETCH));
        }
        if let Kept::Whole(programs) = &self.kept
            && let Some(program) =
                programs.iter().find(|path| files.is_executable(&root.join(path)) == Some(false))
        {
            return Err(not_executable(&key.to_string(), &self.path.join(program)));
        }
        Ok(Some(root.into()))
    }
}

/// Returns the directories in which a lock file counts for a directory, the nearest first: a file above its
/// repository may be a stranger's.
pub(crate) fn lock_places<'p>(
    files: &dyn FileSystem,
    directory: &'p Path,
) -> impl Iterator<Item = &'p Path> {
    let mut is_over = false;
    directory.ancestors().take_while(move |directory| {
        let is_in = !is_over;
        is_over = is_over || is_top(files, directory);
        is_in
    })
}

/// Returns `true` if a directory is the top of a repository; one that belongs to another, as a submodule
/// does, is none.
fn is_top(files: &dyn FileSystem, directory: &Path) -> bool {
    let git = directory.join(".git");
    match files.kind(&git) {
        Ok(FileKind::File) => {
            let text = files.read_at_most(&git, 4096).unwrap_or_default();
            !String::from_utf8_lossy(&text).contains("/modules/")
        }
        Ok(_) => true,
        Err(_) => false,
    }
}
