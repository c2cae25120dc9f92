//! Copies of what kustomizations use from elsewhere, and the lock file that lists them.
//!
//! Nothing is written here: what belongs on the disk is handed out.

mod changes;
mod names;
mod no_fetch;
mod plan;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::build::cache::Cache;
use crate::builder::{Builder, KnownSecrets};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::remote::{
    ChartKey, Content, LOCK_FILE, Lock, LockedChart, LockedFile, LockedTree, Mode, Pins, TreeKey,
    Used, below, chart_version, hash_bytes, hash_contents, hash_files, is_gits,
};
use crate::load::{FileKind, FileSystem, Input, InputKind};

use crate::load::FileTree;
use crate::yaml::Limits;
pub use changes::VendorChange;
use changes::changes;
use names::{file_name, safe, tree_name};
use no_fetch::NoFetch;
pub use plan::VendorPlan;

/// What was found elsewhere, to be written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Vendored {
    /// The text of the lock file.
    pub lock: String,
    /// The files and links of all copies, by their paths below the directory of the lock file.
    pub copies: BTreeMap<PathBuf, Copied>,
    /// The directory of all copies, into which a file [`VENDOR_MARKER`] belongs. One that is there
    /// without that file, and is not empty, is the user's own and must not be written to.
    pub top: PathBuf,
    /// The directory of all copies until now, below which those of `obsolete` lie. Nothing is to be
    /// removed from one without that file.
    pub former_top: PathBuf,
    /// How many trees, files and charts are used.
    pub used: usize,
    /// The directories and files that the copies consist of, to be replaced as a whole.
    pub places: BTreeSet<PathBuf>,
    /// Those of the lock file until now that are not needed any more.
    pub obsolete: BTreeSet<PathBuf>,
    /// What is different from the lock file until now.
    pub changes: Vec<VendorChange>,
    /// The kustomizations that could not be built, and why; what only they use may be missing. What the
    /// lock file has stays then.
    pub failed: Vec<(PathBuf, Error)>,
}

/// What a path of a copy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Copied {
    /// A file.
    File(Vec<u8>),
    /// A symbolic link with this text.
    Link(PathBuf),
}

/// What is wrong with a lock file and its copies.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct VendorCheck {
    /// How many trees, files and charts are used.
    pub used: usize,
    /// What the lock file lists and nobody uses.
    pub unused: Vec<String>,
    /// Paths among the copies that the lock file does not list.
    pub strays: Vec<PathBuf>,
    /// URLs that are used and stand under no entry, though their tree is there.
    pub unlisted: Vec<String>,
    /// What the lock file lists and nobody was seen to use, for kustomizations that cannot be built may.
    pub unchecked: Vec<String>,
    /// The kustomizations that cannot be built with the copies, and why.
    pub failed: Vec<(PathBuf, Error)>,
    /// Whether charts came to nothing, for there is no helm; what builds on them may fail.
    pub has_left_out_charts: bool,
    /// Whether something that is needed has no copy, for there is no lock file.
    has_refused: bool,
}

impl VendorCheck {
    /// Returns `true` if nothing is wrong with the lock file and its copies. That a kustomization cannot
    /// be built for another reason is not its fault, unless entries could not be looked at for that.
    pub fn is_complete(&self) -> bool {
        self.unused.is_empty()
            && self.strays.is_empty()
            && self.unlisted.is_empty()
            && self.unchecked.is_empty()
            && !self.failed.iter().any(|(_, e)| is_about_remotes(e, self.has_refused))
    }
}

/// Returns `true` if an error is about something elsewhere.
fn is_about_remotes(error: &Error, has_refused: bool) -> bool {
    // What is not allowed may be a chart or a function as well.
    let is_refusal = has_refused && error.kind() == ErrorKind::External;
    is_refusal || matches!(error.kind(), ErrorKind::Lock | ErrorKind::Fetch)
}

impl Builder {
    /// Fetches all that some kustomizations use from elsewhere, and returns what a lock file and copies
    /// of it consist of: of each tree the files that a build looks at.
    ///
    /// # Errors
    /// If the lock file until now cannot be read, or something cannot be fetched or kept.
    pub fn vendor<P: AsRef<Path>>(
        &self,
        roots: impl IntoIterator<Item = P>,
        plan: &VendorPlan,
    ) -> Result<Vendored> {
        let to = plan.to.as_ref().map(|to| place_of_copies(to)).transpose()?;
        let before = read_lock(self.files_of_user(), &plan.directory)?;
        let top = to.unwrap_or_else(|| before.copies.clone());
        let staying = plan.staying(&before);
        let paths: Vec<P> = roots.into_iter().collect();
        let build = |copies| {
            let pins = Pins { lock: staying.clone(), copies };
            let files = self.files(Mode::Vendor(Arc::new(pins))).recorded();
            let cache = Cache::new(files, self.renderings());
            let (built, looked_at) = self.build_several_noted(&cache, &paths);
            (cache, looked_at, failures(&paths, built))
        };
        let (mut cache, mut looked_at, mut failed) = build(true);
        // A copy has what was looked at before, which may be less than what is needed now.
        if !failed.is_empty() && cache.files.remotes().has_taken_copies() {
            (cache, looked_at, failed) = build(false);
        }
        let remotes = cache.files.remotes();
        let has_refused = remotes.has_refused();
        if let Some((_, error)) = failed.iter().find(|(_, e)| is_about_remotes(e, has_refused)) {
            return Err(error.clone());
        }
        let used = remotes.used();
        check_askers(&used, &plan.directory)?;
        let lock = Lock { copies: top, ..Lock::new(&plan.directory) };
        let mut out = Out { lock, copies: BTreeMap::new() };
        for (key, tree) in &used.trees {
            let contents = contents(cache.files.fs(), &tree.found.root, &looked_at);
            let urls = tree.urls.iter().cloned().collect();
            out.add_tree(&before, key, &tree.found.commit, urls, contents);
        }
        for (url, path) in &used.files {
            let bytes = cache.files.fs().read(path).map_err(|e| {
                Error::new(ErrorKind::Fetch, format!("'{url}' cannot be read again: {e}"))
            })?;
            out.add_file(&before, url, bytes);
        }
        for (key, chart) in &used.charts {
            out.add_chart(&before, key, chart);
        }
        // What only those use that failed is still needed.
        if let Some((root, error)) = failed.first() {
            if out.lock.copies != before.copies {
                let (root, to) = (root.display(), out.lock.copies.display());
                let message = format!("copies are not moved to {to} while {root} cannot be built");
                return Err(error.clone().context(message));
            }
            for (key, tree) in &before.trees {
                out.lock.trees.entry(key.clone()).or_insert_with(|| tree.clone());
            }
            for (url, file) in &before.files {
                out.lock.files.entry(url.clone()).or_insert_with(|| file.clone());
            }
            for (key, chart) in &before.charts {
                out.lock.charts.entry(key.clone()).or_insert_with(|| chart.clone());
            }
        }
        if let Some(path) = out.copies.keys().find(|path| is_gits(path)) {
            let message = format!("the copy {} would be a file of git's own", path.display());
            return Err(Error::new(ErrorKind::Lock, message)
                .hint("what lies in `.git` changes what git does, so it is not copied"));
        }
        Ok(out.finish(&before, failed))
    }

    /// Builds kustomizations with nothing but the copies, and returns what is wrong with them and with
    /// the lock file in `directory`. Without a renderer of charts, charts are checked and come to nothing.
    ///
    /// # Errors
    /// If the lock file cannot be read.
    pub fn check_vendored<P: AsRef<Path>>(
        &self,
        roots: impl IntoIterator<Item = P>,
        directory: &Path,
    ) -> Result<VendorCheck> {
        let lock = read_lock(self.files_of_user(), directory)?;
        let charts = Arc::new(NoFetch::new(self.renderer()));
        let offline = self.clone().without_remotes().charts(Arc::<NoFetch>::clone(&charts));
        let cache = Cache::new(offline.files(Mode::Build), offline.renderings());
        let paths: Vec<P> = roots.into_iter().collect();
        let failed = failures(
            &paths,
            offline.build_several(&cache, &KnownSecrets::default(), &paths, false),
        );
        let used = cache.files.remotes().used();
        let mut check = VendorCheck {
            used: used.trees.len() + used.files.len() + used.charts.len(),
            strays: strays(self.files_of_user(), &lock),
            has_refused: cache.files.remotes().has_refused() || charts.has_refused(),
            has_left_out_charts: charts.has_left_out(),
            ..VendorCheck::default()
        };
        let trees = lock.trees.keys().filter(|key| !used.trees.contains_key(key));
        let files = lock.files.keys().filter(|url| !used.files.contains_key(*url));
        let charts = lock.charts.keys().filter(|key| !used.charts.contains_key(key));
        let charts = charts.map(ToString::to_string);
        let unseen = trees.map(ToString::to_string).chain(files.cloned()).chain(charts).collect();
        // What only those use that failed for other reasons is not unused.
        if failed.iter().all(|(_, error)| is_about_remotes(error, check.has_refused)) {
            check.unused = unseen;
        } else {
            check.unchecked = unseen;
        }
        for (key, tree) in &used.trees {
            let listed = lock.trees.get(key).map(|tree| tree.urls.as_slice()).unwrap_or_default();
            check.unlisted.extend(tree.urls.iter().filter(|url| !listed.contains(url)).cloned());
        }
        check.failed = failed;
        Ok(check)
    }
}

fn failures<P: AsRef<Path>, T>(paths: &[P], results: Vec<Result<T>>) -> Vec<(PathBuf, Error)> {
    let failure = |(path, result): (&P, Result<T>)| Some((path.as_ref().into(), result.err()?));
    paths.iter().zip(results).filter_map(failure).collect()
}

/// Reads the lock file in a directory; where there is none, nothing is listed.
fn read_lock(files: &dyn FileSystem, directory: &Path) -> Result<Lock> {
    match files.read(&directory.join(LOCK_FILE)) {
        Ok(bytes) => Lock::parse(&bytes, directory, &Limits::default()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Lock::new(directory)),
        Err(e) => Err(Error::new(ErrorKind::Lock, format!("read {LOCK_FILE}: {e}"))),
    }
}

/// Checks that all who use something elsewhere find the lock file.
fn check_askers(used: &Used, directory: &Path) -> Result<()> {
    let lost = used.askers.iter().find(|(asker, _)| !asker.starts_with(directory));
    let Some((asker, url)) = lost else { return Ok(()) };
    let (asker, directory) = (asker.display(), directory.display());
    let message = format!("{asker} uses '{url}', and does not lie below {directory}");
    Err(Error::new(ErrorKind::Lock, message)
        .hint(format!("put {LOCK_FILE} into a directory above all that use something elsewhere")))
}

/// Returns what a build looked at of a tree.
fn contents(
    files: &dyn FileSystem,
    root: &Path,
    looked_at: &[Input],
) -> BTreeMap<PathBuf, Content> {
    let mut contents = BTreeMap::new();
    for input in looked_at {
        let Ok(below) = input.path.strip_prefix(root) else { continue };
        let content = match input.kind {
            InputKind::File | InputKind::Unread => files.read(&input.path).ok().map(Content::File),
            InputKind::Link => {
                let target = files.read_link(&input.path).ok();
                target.filter(|target| stays_inside(below, target)).map(Content::Link)
            }
            InputKind::Directory | InputKind::Tree | InputKind::Missing => None,
        };
        contents.extend(content.map(|content| (below.to_path_buf(), content)));
    }
    contents
}

/// Returns `true` if a link at a path of a tree does not lead out of it by its text.
fn stays_inside(link: &Path, target: &Path) -> bool {
    let mut depth = link.components().count().saturating_sub(1);
    target.components().all(|part| match part {
        Component::Normal(_) => {
            depth += 1;
            true
        }
        Component::CurDir => true,
        Component::ParentDir => {
            let is_inside = depth > 0;
            depth = depth.saturating_sub(1);
            is_inside
        }
        Component::RootDir | Component::Prefix(_) => false,
    })
}

/// What is being put together.
struct Out {
    lock: Lock,
    copies: BTreeMap<PathBuf, Copied>,
}

impl Out {
    fn add_tree(
        &mut self,
        before: &Lock,
        key: &TreeKey,
        commit: &str,
        urls: Vec<String>,
        contents: BTreeMap<PathBuf, Content>,
    ) {
        let hash = hash_contents(&contents);
        let kept = before.trees.get(key).map(|tree| tree.path.clone());
        let path = self.place(kept, &tree_name(key), &key.to_string());
        for (below, content) in contents {
            let content = match content {
                Content::File(bytes) => Copied::File(bytes),
                Content::Link(target) => Copied::Link(target),
            };
            self.copies.insert(path.join(below), content);
        }
        let tree = LockedTree { commit: commit.to_owned(), hash, path, urls };
        self.lock.trees.insert(key.clone(), tree);
    }

    fn add_file(&mut self, before: &Lock, url: &str, bytes: Vec<u8>) {
        let kept = before.files.get(url).map(|file| file.path.clone());
        let path = self.place(kept, &file_name(url), url);
        self.lock
            .files
            .insert(url.to_owned(), LockedFile { hash: hash_bytes(&bytes), path: path.clone() });
        self.copies.insert(path, Copied::File(bytes));
    }

    fn add_chart(&mut self, before: &Lock, key: &ChartKey, chart: &FileTree) {
        let hash = hash_files(chart.iter());
        let resolved = chart_version(chart).unwrap_or_else(|| key.version.clone());
        let kept = before.charts.get(key).map(|chart| chart.path.clone());
        let name = Path::new("charts").join(safe(&key.name)).join(safe(&resolved));
        let kept = kept.filter(|path| path.ends_with(safe(&resolved)));
        let path = self.place(kept, &name, &key.to_string());
        for (below, bytes) in chart.iter() {
            self.copies.insert(path.join(below), Copied::File(bytes.to_vec()));
        }
        self.lock.charts.insert(key.clone(), LockedChart { resolved, hash, path });
    }

    /// Returns where a copy goes: where it is, or by its name, with a few letters more if another one
    /// is there or around.
    fn place(&self, kept: Option<PathBuf>, name: &Path, key: &str) -> PathBuf {
        if let Some(kept) = kept.filter(|path| path.starts_with(&self.lock.copies)) {
            return kept;
        }
        let path = self.lock.copies.join(name);
        let folded = |path: &Path| PathBuf::from(path.to_string_lossy().to_lowercase());
        let ours = folded(&path);
        let is_near = |other: &PathBuf| {
            let other = folded(other);
            other.starts_with(&ours) || ours.starts_with(&other)
        };
        if !self.lock.paths().any(is_near) {
            return path;
        }
        let hash = hash_bytes(key.as_bytes());
        let letters =
            hash.get("sha256:".len()..).and_then(|hash| hash.get(..8)).unwrap_or_default();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        path.with_file_name(format!("{letters}-{name}"))
    }

    fn finish(self, before: &Lock, failed: Vec<(PathBuf, Error)>) -> Vendored {
        let places = |lock: &Lock| -> BTreeSet<PathBuf> { lock.paths().cloned().collect() };
        let is_copied = |place: &PathBuf| self.copies.keys().any(|copy| copy.starts_with(place));
        let listed = places(&self.lock);
        Vendored {
            top: self.lock.copies.clone(),
            former_top: before.copies.clone(),
            used: self.lock.paths().count(),
            lock: self.lock.to_string(),
            obsolete: places(before).into_iter().filter(|place| !listed.contains(place)).collect(),
            places: listed.into_iter().filter(is_copied).collect(),
            changes: changes(before, &self.lock),
            copies: self.copies,
            failed,
        }
    }
}

/// Returns the paths among the copies that a lock file does not list.
fn strays(files: &dyn FileSystem, lock: &Lock) -> Vec<PathBuf> {
    let listed: BTreeSet<&PathBuf> = lock.paths().collect();
    let mut waiting = BTreeSet::from([lock.copies.clone()]);
    let mut strays = Vec::new();
    while let Some(directory) = waiting.pop_first() {
        for name in files.list(&lock.directory.join(&directory)).unwrap_or_default() {
            let path = directory.join(&name);
            if listed.contains(&path) || NO_COPIES.contains(&name.as_str()) {
                continue;
            }
            let is_directory =
                matches!(files.kind(&lock.directory.join(&path)), Ok(FileKind::Directory));
            if is_directory && listed.iter().any(|listed| listed.starts_with(&path)) {
                waiting.insert(path);
            } else {
                strays.push(path);
            }
        }
    }
    strays
}

/// The name of a file in the directory of all copies, which says that kustomizations in it are not the
/// user's own.
pub const VENDOR_MARKER: &str = ".kustom-vendor";

/// The names in that directory that are no copies.
const NO_COPIES: [&str; 2] = [VENDOR_MARKER, ".gitattributes"];

/// Returns the directory for copies that a caller names.
fn place_of_copies(to: &Path) -> Result<PathBuf> {
    let refused = |why| {
        Error::new(ErrorKind::Option, format!("'{}' {why}", to.display()))
            .hint("copies have a directory of their own, such as `third_party/kustomize`")
    };
    let text = to.to_str().ok_or_else(|| refused("is not UTF-8"))?;
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() };
    below(&text).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_inside() {
        assert!(stays_inside(Path::new("a/b"), Path::new("../c")));
        for (link, target) in [("a/b", "../../c"), ("a", "/etc"), ("a/b", "../c/../../d")] {
            assert!(!stays_inside(Path::new(link), Path::new(target)), "{link} {target}");
        }
    }
}
