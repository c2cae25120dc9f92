//! Copies that a lock file lists, in place of what is elsewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::digest::{MOST_BYTES, hash_bytes, hash_contents, hash_directory, read_directory};
use super::errors::{
    behind_link, changed, changed_by_git, is_repository, missing, not_executable, not_locked,
    other_files,
};
use super::lock::{ChartKey, Kept, LOCK_FILE, Lock, LockedChart, LockedFile, LockedTree, TreeKey};
use super::of_git::{changed_copy, of_chart, with_unix_ends};
use super::pins::Mode;
use super::remotes::{FoundFile, FoundTree, Remotes, Scope};
use super::source::TreeRequest;
use crate::diagnostics::{Error, ErrorKind, Result, hints};
use crate::load::Looks;
use crate::load::fs::{FileKind, FileSystem};
use crate::load::repo_url::RepoUrl;
use crate::yaml::Limits;

/// The most bytes of a lock file: it may come from a stranger.
const MOST_OF_LOCK: u64 = 64 << 20;

impl Remotes {
    /// Returns the lock file that counts: the one nearest at or above the directory that asks, in its
    /// repository.
    pub(super) fn lock(&self, looks: Looks<'_>, scope: Scope<'_>) -> Result<Option<Arc<Lock>>> {
        let Some(asker) = scope.local else { return Ok(None) };
        let files = looks.fs;
        looks.once(&self.locks, asker.to_path_buf(), || {
            for directory in lock_places(self.mounts(), asker) {
                if self.mode().pins().is_some_and(|pins| pins.directory == directory) {
                    // That is the one to be written.
                    return Ok(None);
                }
                if let Some(mut lock) = Lock::read(files, directory, &self.limits)? {
                    check_owner(self.mounts(), asker, directory)?;
                    lock.argument = argument(self.mounts(), directory);
                    return Ok(Some(Arc::new(lock)));
                }
            }
            Ok(match self.mode() {
                Mode::Check(directory) => Some(Arc::new(Lock::new(directory))),
                _ => None,
            })
        })
    }

    /// Returns `true` if what is asked for with this lock file counts as used: not what stands in another one
    /// than that which is checked or written, of which it is noted that it is there.
    pub(super) fn counts(&self, lock: Option<&Lock>) -> bool {
        let counts = match self.mode() {
            Mode::Build => true,
            Mode::Check(directory) => lock.is_some_and(|lock| lock.directory == *directory),
            Mode::Vendor(_) => lock.is_none(),
        };
        if let Some(lock) = lock.filter(|_| !counts) {
            self.notes().other_locks.insert(lock.directory.clone());
        }
        counts
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
        let locked = locked.ok_or_else(|| not_locked(lock, written, &lock.fetch()))?;
        let path = lock.directory.join(&locked.path);
        // A build would fail if any file of the copy changed; to check what is used, it is looked at unnoticed.
        let files = match self.mode() {
            Mode::Check(_) => self.mounts(),
            Mode::Build | Mode::Vendor(_) => looks.fs,
        };
        let verify = || lock.tree_copy(files, key, locked);
        if let Some(root) = looks.once(&self.vendored, path, verify)? {
            return Ok(FoundTree::copied(root, locked));
        }
        let missing = || missing(&key.to_string(), &locked.path, &lock.fetch());
        if !self.has_source() {
            return Err(missing());
        }
        // The copies need not be there: the commit says all.
        self.fetched_tree(key, request, Some(locked)).map_err(|e| {
            if e.kind() == ErrorKind::Lock {
                return e;
            }
            let missing = missing();
            let message = format!("{}: {}", missing.message(), e.message());
            let remedy = e.hint_text().or(missing.hint_text()).unwrap_or_default().to_owned();
            e.with_message(message).hint(hints::COPY_MISSING.with(remedy))
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
                false => not_locked(lock, url, &lock.fetch()),
            });
        };
        let files = looks.fs;
        match lock.file_copy(files, url, locked)? {
            Some(path) => Ok(FoundFile::File(path)),
            None if self.has_source() => self.fetched_file(files, url, scope, Some(&locked.hash)),
            None => Err(missing(url, &locked.path, &lock.fetch())),
        }
    }
}

impl FoundTree {
    /// Returns a tree of which there is a copy in a directory.
    pub(super) fn copied(root: Arc<Path>, locked: &LockedTree) -> FoundTree {
        FoundTree { root, commit: locked.commit.clone(), is_whole: locked.is_whole() }
    }
}

impl Lock {
    /// Reads the lock file in a directory, if there is one.
    ///
    /// # Errors
    /// If it is none: a link could lead to a file of anybody.
    pub(crate) fn read(
        files: &dyn FileSystem,
        directory: &Path,
        limits: &Limits,
    ) -> Result<Option<Lock>> {
        let file = directory.join(LOCK_FILE);
        let refused = |why: &str| {
            let message = format!("{} is {why}", file.display());
            Error::new(ErrorKind::Lock, message).hint(&hints::NO_FILE_AS_LOCK)
        };
        match files.kind(&file) {
            Err(_) => Ok(None),
            Ok(FileKind::Directory) => Err(refused("a directory, and no lock file")),
            Ok(FileKind::Link) => Err(refused("a link, which is not followed")),
            Ok(FileKind::File | FileKind::Other) => {
                let bytes = files.read_at_most(&file, MOST_OF_LOCK).map_err(|e| {
                    Error::new(ErrorKind::Lock, format!("read {}: {e}", file.display()))
                })?;
                Lock::parse(&bytes, directory, limits).map(Some)
            }
        }
    }

    /// Returns where a copy is, or `None` if it is not there. No copy lies behind a link: the lock file may
    /// come from a stranger, and the link lead anywhere.
    ///
    /// # Errors
    /// If this one does.
    pub(super) fn copy(
        &self,
        files: &dyn FileSystem,
        what: &str,
        path: &Path,
        fetch: &str,
    ) -> Result<Option<PathBuf>> {
        let absolute = self.directory.join(path);
        match files.canonicalize(&absolute) {
            Ok(real) if real == absolute => Ok(Some(real)),
            Ok(_) => Err(behind_link(what, path, fetch)),
            Err(_) => Ok(None),
        }
    }

    /// Checks the copy of a tree, and returns its directory, or `None` if it is not there.
    ///
    /// # Errors
    /// If it is not as the lock file says.
    pub(crate) fn tree_copy(
        &self,
        files: &dyn FileSystem,
        key: &TreeKey,
        locked: &LockedTree,
    ) -> Result<Option<Arc<Path>>> {
        let (what, path) = (key.to_string(), &locked.path);
        let Some(root) = self.copy(files, &what, path, &self.fetch())? else { return Ok(None) };
        let unreadable = |e: std::io::Error| {
            let path = path.display();
            Error::new(ErrorKind::Lock, format!("the copy of {key} in {path} cannot be read: {e}"))
        };
        let (hash, there) = hash_directory(files, &root).map_err(unreadable)?;
        if hash != locked.hash {
            return Err(changed_copy(files, &root, (&what, path, &locked.hash), &self.fetch()));
        }
        // The hash decides; a list that is there says the same.
        if matches!(&locked.kept, Kept::Files(listed) if !listed.is_empty() && *listed != there) {
            return Err(other_files(&what, path, &self.fetch()));
        }
        if let Kept::Whole(programs) = &locked.kept
            && let Some(program) =
                programs.iter().find(|path| files.is_executable(&root.join(path)) == Some(false))
        {
            return Err(not_executable(&what, &path.join(program), &self.fetch()));
        }
        Ok(Some(root.into()))
    }

    /// As [`tree_copy`](Self::tree_copy), of a file.
    ///
    /// # Errors
    /// If it is not as the lock file says.
    pub(crate) fn file_copy(
        &self,
        files: &dyn FileSystem,
        url: &str,
        locked: &LockedFile,
    ) -> Result<Option<Arc<Path>>> {
        let Some(real) = self.copy(files, url, &locked.path, &self.fetch())? else {
            return Ok(None);
        };
        match files.read_at_most(&real, MOST_BYTES as u64) {
            Ok(bytes) if hash_bytes(&bytes) == locked.hash => Ok(Some(real.into())),
            Ok(bytes) if hash_bytes(&with_unix_ends(&bytes)) == locked.hash => {
                Err(changed_by_git(url, &locked.path, (true, None), &self.fetch()))
            }
            Ok(_) => Err(changed(url, &locked.path, &self.fetch())),
            Err(_) => Ok(None),
        }
    }

    /// As [`tree_copy`](Self::tree_copy), of a chart.
    ///
    /// # Errors
    /// If it is not as the lock file says.
    pub(crate) fn chart_copy(
        &self,
        files: &dyn FileSystem,
        key: &ChartKey,
        locked: &LockedChart,
    ) -> Result<Option<PathBuf>> {
        let what = key.to_string();
        let root = self.copy(files, &what, &locked.path, &self.fetch_charts())?;
        let is_same = |root: &PathBuf| {
            let contents = read_directory(files, root).ok().and_then(of_chart);
            contents.is_some_and(|contents| hash_contents(&contents) == locked.hash)
        };
        match root {
            Some(root) if !is_same(&root) => {
                let copy = (&*what, &*locked.path, &*locked.hash);
                Err(changed_copy(files, &root, copy, &self.fetch_charts()))
            }
            root => Ok(root),
        }
    }

    /// Returns `true` if the copy at an absolute path is there, and for certain another one than the lock file says.
    pub(crate) fn is_changed(&self, files: &dyn FileSystem, copy: &Path) -> bool {
        let is_here = |path: &Path| self.directory.join(path) == copy;
        let trees = self.trees.iter().filter(|(_, tree)| is_here(&tree.path));
        let charts = self.charts.iter().filter(|(_, chart)| is_here(&chart.path));
        let of_files = self.files.iter().filter(|(_, file)| is_here(&file.path));
        let errors = trees
            .filter_map(|(key, tree)| self.tree_copy(files, key, tree).err())
            .chain(charts.filter_map(|(key, chart)| self.chart_copy(files, key, chart).err()))
            .chain(of_files.filter_map(|(url, file)| self.file_copy(files, url, file).err()));
        errors.into_iter().any(|e| e.hint_id() == Some(hints::COPY_CHANGED.id))
    }

    /// Returns what the lock file lists of the copy of a tree at an absolute path, if that is as it says, whatever else
    /// there is.
    pub(crate) fn listed_of(
        &self,
        files: &dyn FileSystem,
        copy: &Path,
    ) -> Option<BTreeSet<PathBuf>> {
        let tree = self.trees.values().find(|tree| self.directory.join(&tree.path) == copy)?;
        match &tree.kept {
            Kept::Files(listed) if tree.is_of(files, copy) => Some(listed.clone()),
            Kept::Files(_) | Kept::Whole(_) => None,
        }
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

/// Checks whose the lock file in a directory is, which is to count for another one.
///
/// Outside of repositories the directories above may be anybody's, such as `/tmp`: a lock there that belongs
/// neither to the owner of the directory that asks nor to root is a stranger's, and would say what is built.
///
/// # Errors
/// If it is a stranger's.
pub(crate) fn check_owner(files: &dyn FileSystem, asker: &Path, directory: &Path) -> Result<()> {
    let own = files.owner(asker);
    let is_own = |path: &Path| {
        own.is_none() || matches!(files.owner(path), of if of == own || of.unwrap_or_default() == 0)
    };
    let top = asker.ancestors().find(|directory| is_top(files, directory));
    let file = directory.join(LOCK_FILE);
    // Whoever owns a repository decides what is in it.
    if top.is_some_and(|top| is_own(&top.join(".git"))) || is_own(&file) {
        return Ok(());
    }
    let place = match top {
        Some(top) => format!("the repository {} is another user's, too", top.display()),
        None => "lies in no repository".to_owned(),
    };
    let message = format!(
        "{} belongs to neither root nor the owner of {}, and {place}",
        file.display(),
        asker.display()
    );
    Err(Error::new(ErrorKind::Lock, message).hint(&hints::LOCK_OF_STRANGER))
}

/// Returns what follows `kustom vendor` for it to find the lock file in a directory.
fn argument(files: &dyn FileSystem, directory: &Path) -> String {
    let Ok(here) = files.canonicalize(Path::new(".")) else { return String::new() };
    let has_lock = |place: &&Path| files.kind(&place.join(LOCK_FILE)).is_ok();
    if lock_places(files, &here).find(has_lock) == Some(directory) {
        return String::new();
    }
    let path = directory.strip_prefix(&here).unwrap_or(directory).to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@".contains(c);
    match path.chars().all(is_plain) {
        true => format!(" {path}"),
        false => format!(" '{}'", path.replace('\'', "'\\''")),
    }
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
