//! What one call has found elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashSet;

use super::digest::hash_bytes;
use super::errors::{
    failed, is_repository, no_network, no_network_for, not_what_it_was, unsafe_address,
};
use super::lock::{ChartKey, Lock, LockedTree, TreeKey};
use super::mounts::Mounts;
use super::pins::Mode;
use super::source::{FileAnswer, FileRequest, RemoteSource, TreeRequest};
use super::status::status_text;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::fs::{FileSystem, MemoryFs};
use crate::load::repo_url::RepoUrl;
use crate::load::{FileTree, Looks, Part, RemoteInput};
use crate::once_map::{OnceMap, TryMap};
use crate::yaml::Limits;

/// Where fetched files are mounted; what lies there on a real machine is not looked at.
const FILES: &str = "/.kustom-fetched";

/// What was looked for among the user's files, if it is there, and what was looked at on the way.
type Sought<T> = (Result<Option<Arc<T>>>, Part);

/// A tree, the commit and hash that are pinned, and the time that its URL gives, if each URL has its own.
type FetchKey = (TreeKey, Option<String>, Option<Duration>);

/// What one call has found elsewhere, each tree and file once.
#[derive(Debug)]
pub(crate) struct Remotes {
    mounts: Arc<Mounts>,
    source: Option<Arc<dyn RemoteSource>>,
    mode: Mode,
    pub(super) limits: Limits,
    /// Failures are kept by the time that was given and who asked.
    trees: TryMap<FetchKey, (Duration, bool), FoundTree, Error>,
    /// By the hashes that are pinned, too; failures by who asked.
    files: TryMap<(String, Option<String>), bool, FoundFile, Error>,
    /// Vendored trees, by lock and path.
    pub(super) vendored: OnceMap<PathBuf, Sought<Path>>,
    /// The lock files, by the directories that were looked in.
    pub(super) locks: OnceMap<PathBuf, Sought<Lock>>,
    used: Mutex<Used>,
    /// How many files were fetched.
    count: AtomicUsize,
    /// Whether copies were taken in place of what would be fetched.
    took_copies: AtomicBool,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// The directory in the user's files that asks, or that led to the tree that does; its lock file
    /// counts. Nothing for a build of a URL.
    pub(crate) local: Option<&'a Path>,
    /// Whether a fetched tree asks.
    pub(crate) from_remote: bool,
}

/// A tree that is there.
#[derive(Clone, Debug)]
pub(crate) struct FoundTree {
    /// Its directory, links resolved.
    pub(crate) root: Arc<Path>,
    /// The commit.
    pub(crate) commit: String,
    /// Whether all of it is there, and not only what builds look at.
    pub(crate) is_whole: bool,
}

/// What was found behind a web address.
#[derive(Clone, Debug)]
pub(crate) enum FoundFile {
    /// The file, at this path.
    File(Arc<Path>),
    /// A status other than of success.
    Status(u16),
}

/// What was used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used {
    pub(crate) trees: BTreeMap<TreeKey, UsedTree>,
    /// The paths of files, by their URLs.
    pub(crate) files: BTreeMap<String, Arc<Path>>,
    pub(crate) charts: BTreeMap<ChartKey, Arc<FileTree>>,
    /// The directories of the charts' copies, where there are.
    pub(crate) chart_copies: BTreeMap<ChartKey, PathBuf>,
    /// Charts of a repository that lie in the tree already, by the folders that they would be fetched to.
    pub(crate) local_charts: BTreeMap<PathBuf, LocalChart>,
    /// The directories of the user's files that asked, or led to what did, each with a URL.
    pub(crate) askers: BTreeMap<PathBuf, String>,
    /// The directories of other lock files than that which is checked or written.
    pub(crate) other_locks: BTreeSet<PathBuf>,
    /// The commits of those trees that a lock file lists, by their directories.
    pub(crate) pinned: BTreeMap<PathBuf, String>,
}

/// A chart that lies in the tree where it would be fetched to.
#[derive(Clone, Debug)]
pub(crate) struct LocalChart {
    pub(crate) key: ChartKey,
    /// The hash of its files.
    pub(crate) hash: String,
}

/// A tree that was used.
#[derive(Clone, Debug)]
pub(crate) struct UsedTree {
    pub(crate) found: FoundTree,
    /// The URLs that name it.
    pub(crate) urls: BTreeSet<String>,
}

impl Remotes {
    /// Starts with nothing found; what is fetched is mounted in `mounts`.
    pub(crate) fn new(
        mounts: Arc<Mounts>,
        source: Option<Arc<dyn RemoteSource>>,
        mode: Mode,
        limits: Limits,
    ) -> Remotes {
        Remotes {
            mounts,
            source,
            mode,
            limits,
            trees: TryMap::default(),
            files: TryMap::default(),
            vendored: OnceMap::default(),
            locks: OnceMap::default(),
            used: Mutex::default(),
            count: AtomicUsize::new(0),
            took_copies: AtomicBool::new(false),
        }
    }

    /// Returns `true` if copies were taken in place of what would be fetched.
    pub(crate) fn has_taken_copies(&self) -> bool {
        self.took_copies.load(Ordering::Relaxed)
    }

    pub(super) fn note_copy(&self) {
        self.took_copies.store(true, Ordering::Relaxed);
    }

    /// Returns from where things come.
    pub(super) fn mode(&self) -> &Mode {
        &self.mode
    }

    /// Returns `true` if a lock file is written of what is found, so that what was kept of earlier calls does not
    /// count.
    pub(crate) fn writes_lock(&self) -> bool {
        self.mode.pins().is_some()
    }

    /// Returns where fetched things are mounted.
    pub(crate) fn mounts(&self) -> &Mounts {
        &self.mounts
    }

    /// As [`mounts`](Self::mounts), to be kept.
    pub(crate) fn shared_mounts(&self) -> Arc<dyn FileSystem> {
        Arc::<Mounts>::clone(&self.mounts)
    }

    /// Returns what was used so far.
    pub(crate) fn used(&self) -> Used {
        self.notes().clone()
    }

    /// Returns what was used under some of these URLs, as inputs.
    pub(crate) fn inputs(&self, urls: &FxHashSet<Arc<str>>) -> Vec<RemoteInput> {
        let copy = |path: &Path| (!self.mounts.has(path)).then(|| path.to_path_buf());
        let is_asked = |url: &&String| urls.contains(url.as_str());
        let used = self.notes();
        let trees = used.trees.values().map(|tree| RemoteInput {
            urls: tree.urls.iter().filter(is_asked).cloned().collect(),
            commit: Some(tree.found.commit.clone()),
            copy: copy(&tree.found.root),
        });
        let files = used.files.iter().map(|(url, path)| RemoteInput {
            urls: [url].into_iter().filter(is_asked).cloned().collect(),
            commit: None,
            copy: copy(path),
        });
        trees.chain(files).filter(|input| !input.urls.is_empty()).collect()
    }

    /// Returns `true` if there is anybody to ask.
    pub(crate) fn has_source(&self) -> bool {
        self.source.is_some()
    }

    /// Takes back that a file was used: it was none.
    pub(crate) fn reject_file(&self, url: &str) {
        self.notes().files.remove(url);
    }

    /// Returns the tree that a URL names, which is `written` so.
    ///
    /// # Errors
    /// If it may not be used, is not where the lock says, or cannot be fetched.
    pub(crate) fn tree(
        &self,
        looks: Looks<'_>,
        url: &RepoUrl,
        written: &str,
        scope: Scope<'_>,
    ) -> Result<FoundTree> {
        let request = TreeRequest::new(url, scope.from_remote)
            .map_err(|failure| unsafe_address(&failure, url))?;
        let key = TreeKey::of(url);
        let is_argument = scope.local.is_none() && !scope.from_remote;
        if is_argument && self.source.is_none() {
            return Err(no_network_for(&key.repository));
        }
        let lock = self.lock(looks, scope)?;
        let counts = self.counts(lock.as_deref());
        let found = match &lock {
            Some(lock) => self.vendored_tree(looks, lock, &key, written, request),
            None => self.fetched_tree(&key, request, None),
        }?;
        looks.log.url(written);
        if lock.is_some() {
            self.notes().pinned.insert(found.root.to_path_buf(), found.commit.clone());
        }
        if !counts {
            return Ok(found);
        }
        let mut used = self.notes();
        used.ask(scope, written);
        let tree = used.trees.entry(key);
        let new = || UsedTree { found: found.clone(), urls: BTreeSet::new() };
        tree.or_insert_with(new).urls.insert(written.to_owned());
        Ok(found)
    }

    /// Returns the file behind a web address.
    ///
    /// # Errors
    /// If it may not be used, is not where the lock says, or cannot be fetched.
    pub(crate) fn file(&self, looks: Looks<'_>, url: &str, scope: Scope<'_>) -> Result<FoundFile> {
        if let Some(repository) = RepoUrl::parse(url) {
            TreeRequest::new(&repository, scope.from_remote)
                .map_err(|failure| unsafe_address(&failure, &repository))?;
        }
        let lock = self.lock(looks, scope)?;
        let counts = self.counts(lock.as_deref());
        let found = match &lock {
            Some(lock) => self.vendored_file(looks, lock, url, scope),
            None => self.fetched_file(looks.fs, url, scope, None),
        };
        let found = found?;
        if let FoundFile::File(path) = &found {
            looks.log.url(url);
            if !counts {
                return Ok(found);
            }
            self.notes().ask(scope, url);
            self.notes().files.insert(url.to_owned(), Arc::clone(path));
        }
        Ok(found)
    }

    pub(super) fn fetched_tree(
        &self,
        key: &TreeKey,
        request: TreeRequest,
        locked: Option<&LockedTree>,
    ) -> Result<FoundTree> {
        let how = (request.timeout, request.from_remote);
        let pinned = locked.map(|locked| format!("{} {}", locked.commit, locked.hash));
        // Each has the time that it names, whoever came first; of a lock file there is one entry for all.
        let own = (!self.writes_lock()).then_some(request.timeout);
        self.trees
            .try_get((key.clone(), pinned, own), how, || self.fetch_tree(key, request, locked))
    }

    fn fetch_tree(
        &self,
        key: &TreeKey,
        mut request: TreeRequest,
        locked: Option<&LockedTree>,
    ) -> Result<FoundTree> {
        if let Some(lock) = self.mode.copies().filter(|_| locked.is_none())
            && let Some(locked) = lock.trees.get(key)
            // That all is looked at to check it does not mean that all is used.
            && let Ok(Some(root)) = lock.tree_copy(self.mounts(), key, locked)
        {
            self.note_copy();
            return Ok(FoundTree::copied(root, locked));
        }
        let source = self.source.as_ref().ok_or_else(|| no_network(&key.repository))?;
        let pins = self.mode.pins();
        let locked = locked.or_else(|| pins.and_then(|lock| lock.trees.get(key)));
        request.commit = locked.map(|locked| locked.commit.clone());
        let tree = source.tree(&request).map_err(failed)?;
        let is_other = |locked: &LockedTree| {
            let fetched: (&dyn FileSystem, &Path) = (&*tree.files, &tree.root);
            let copy = pins.map(|lock| lock.directory.join(&locked.path));
            !locked.is_of(fetched.0, fetched.1)
                && !copy.is_some_and(|copy| locked.is_of_copy(fetched, (self.mounts(), &copy)))
        };
        if locked.is_some_and(is_other) {
            return Err(not_what_it_was(&key.to_string()));
        }
        let suffix = request.reference.as_ref().map(|reference| format!("?ref={reference}"));
        let (shown, suffix) = (&request.repository, suffix.unwrap_or_default());
        self.mounts.mount((tree.root.clone(), tree.around), tree.files, shown, &suffix);
        Ok(FoundTree { root: tree.root.into(), commit: tree.commit, is_whole: true })
    }

    pub(super) fn fetched_file(
        &self,
        files: &dyn FileSystem,
        url: &str,
        scope: Scope<'_>,
        hash: Option<&str>,
    ) -> Result<FoundFile> {
        let what = (url.to_owned(), hash.map(str::to_owned));
        self.files.try_get(what, scope.from_remote, || {
            // The copy of a file lacks nothing: it is not fetched again.
            let takes_copy = hash.is_none() && self.mode.takes_whole_copies();
            if let Some(lock) = self.mode.pins().filter(|_| takes_copy)
                && let Some(locked) = lock.files.get(url)
                && let Ok(Some(path)) = lock.file_copy(files, url, locked)
            {
                return Ok(FoundFile::File(path));
            }
            let source = self.source.as_ref().ok_or_else(|| no_network(url))?;
            let request = FileRequest { url: url.to_owned(), from_remote: scope.from_remote };
            match source.file(&request).map_err(failed)? {
                FileAnswer::Status(status) => Ok(FoundFile::Status(status)),
                FileAnswer::Found(content) => {
                    let pins = self.mode.pins().and_then(|pins| pins.files.get(url));
                    let pinned = hash.or(pins.map(|file| file.hash.as_str()));
                    if pinned.is_some_and(|hash| hash_bytes(&content) != hash) {
                        return Err(not_what_it_was(&format!("'{url}'")));
                    }
                    Ok(FoundFile::File(self.mount_file(url, content)))
                }
            }
        })
    }

    /// Gives a fetched file a path.
    fn mount_file(&self, url: &str, content: Vec<u8>) -> Arc<Path> {
        let directory =
            Path::new(FILES).join(self.count.fetch_add(1, Ordering::Relaxed).to_string());
        let name = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let name = name.rsplit('/').next().filter(|name| !matches!(*name, "" | "." | ".."));
        let path = directory.join(name.unwrap_or("file"));
        let mut files = MemoryFs::new();
        files.insert(&path, content);
        // The file itself, so that its address stands for the whole path.
        let files: Arc<dyn FileSystem> = Arc::new(files);
        let of = |at: &Path| (at.to_path_buf(), Path::new(FILES).to_path_buf());
        self.mounts.mount(of(&path), Arc::clone(&files), url, "");
        self.mounts.mount(of(&directory), files, url, "");
        path.into()
    }

    pub(super) fn notes(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    /// Adds the URLs by which others name the same trees.
    pub(crate) fn add_urls(&mut self, others: &Used) {
        for (key, tree) in &mut self.trees {
            let urls = others.trees.get(key).map(|tree| &tree.urls);
            tree.urls.extend(urls.into_iter().flatten().cloned());
        }
    }

    pub(super) fn ask(&mut self, scope: Scope<'_>, url: &str) {
        if let Some(local) = scope.local.filter(|local| !self.askers.contains_key(*local)) {
            self.askers.insert(local.to_path_buf(), url.to_owned());
        }
    }
}

impl FoundFile {
    /// Returns the path of the file.
    ///
    /// # Errors
    /// If the answer was no success. If the address may name a repository, that says less.
    pub(crate) fn path(self, url: &str) -> Result<Arc<Path>> {
        match self {
            FoundFile::File(path) => Ok(path),
            FoundFile::Status(_) if RepoUrl::parse(url).is_some() => Err(is_repository()),
            FoundFile::Status(status) => {
                let words = status_text(status);
                let message = format!("HTTP Error: status code {status} ({words})");
                Err(Error::new(ErrorKind::Fetch, message))
            }
        }
    }
}
