//! Charts that a build has fetched: for what comes later they lie where upstream puts them.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::file_tree::{FileTree, Folder};
use super::fs::{FileKind, FileSystem};
use super::path::clean;
use super::regular_file::too_large;

/// How many links to what is not there a path may lead through.
const MOST_LINKS: usize = 40;

/// The charts that one build has fetched, in order.
#[derive(Debug, Default)]
pub(crate) struct Added {
    charts: RwLock<Vec<AddedChart>>,
    /// Whether there is one; most builds fetch none.
    any: AtomicBool,
    /// The number of answers that were given.
    answers: AtomicUsize,
    /// The first of the charts that answers came from since somebody began to watch.
    first: FirstAnswer,
}

/// The number of a chart, or the largest number for none.
#[derive(Debug)]
struct FirstAnswer(AtomicUsize);

impl Default for FirstAnswer {
    fn default() -> FirstAnswer {
        FirstAnswer(AtomicUsize::new(usize::MAX))
    }
}

/// A chart, and the folder that it lies in for this build, links resolved.
#[derive(Clone, Debug)]
pub(crate) struct AddedChart {
    pub(crate) folder: PathBuf,
    pub(crate) chart: Folder,
}

/// What is known of a time in which somebody watches.
pub(crate) struct Watch {
    /// How many charts there were.
    count: usize,
    first: usize,
}

impl AddedChart {
    /// Returns `true` if one of two folders lies in the other.
    fn is_around(&self, folder: &Path) -> bool {
        self.folder.starts_with(folder) || folder.starts_with(&self.folder)
    }
}

impl Added {
    /// Puts a chart into a folder that is not there.
    pub(crate) fn put(&self, files: &dyn FileSystem, folder: &Path, chart: Folder) {
        let folder = physical(files, folder);
        let mut charts = self.charts.write().unwrap_or_else(PoisonError::into_inner);
        charts.push(AddedChart { folder, chart });
        self.any.store(true, Ordering::Release);
    }

    /// Forgets all charts.
    pub(crate) fn clear(&self) {
        self.charts.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.any.store(false, Ordering::Release);
    }

    /// Returns the chart that was put into a folder, if no other one was put around it or into it.
    pub(crate) fn chart(&self, folder: &Path) -> Option<Folder> {
        let charts = self.charts()?;
        let mut around = charts.iter().enumerate().filter(|(_, added)| added.is_around(folder));
        let (i, found) = around.next().filter(|(_, added)| added.folder == folder)?;
        if around.next().is_some() {
            return None;
        }
        self.answer(i);
        Some(found.chart.clone())
    }

    /// Returns the folder of the chart that a path lies in, the innermost one.
    pub(crate) fn holder(&self, path: &Path) -> Option<PathBuf> {
        let charts = self.charts()?;
        let holders = charts.iter().filter(|added| path.starts_with(&added.folder));
        holders.map(|added| &added.folder).max_by_key(|folder| folder.as_os_str().len()).cloned()
    }

    /// Returns all that charts have in a folder; of two files in one place the one that is found there.
    pub(crate) fn files_in(&self, folder: &Path) -> FileTree {
        let mut tree = FileTree::new();
        let charts = self.charts();
        for (i, added) in charts.iter().flat_map(|charts| charts.iter().enumerate()) {
            if !added.is_around(folder) {
                continue;
            }
            self.answer(i);
            for (path, content) in added.chart.tree.shared() {
                let place = added.folder.join(path);
                if let Ok(below) = place.strip_prefix(folder)
                    && tree.get(below).is_none()
                {
                    tree.insert(below, Arc::clone(content));
                }
            }
        }
        tree
    }

    /// Returns `true` if charts lie in a folder or around it.
    pub(crate) fn touches(&self, folder: &Path) -> bool {
        self.charts().is_some_and(|charts| charts.iter().any(|added| added.is_around(folder)))
    }

    /// Returns the first chart that was put into a folder below this one.
    pub(crate) fn first_below(&self, folder: &Path) -> Option<PathBuf> {
        let charts = self.charts()?;
        let mut below = charts
            .iter()
            .filter(|added| added.folder.starts_with(folder) && added.folder != folder);
        below.next().map(|added| added.folder.clone())
    }

    /// Returns how many answers came from charts; what an answer helped to find is kept for no other build.
    pub(crate) fn answers(&self) -> usize {
        self.answers.load(Ordering::Relaxed)
    }

    /// Begins to watch.
    pub(crate) fn watch(&self) -> Watch {
        let count = self.charts().map_or(0, |charts| charts.len());
        Watch { count, first: self.first.0.swap(usize::MAX, Ordering::Relaxed) }
    }

    /// Ends it; returns the charts that came meanwhile, or `None` if a chart has answered that was there before.
    pub(crate) fn watched(&self, watch: &Watch) -> Option<Vec<AddedChart>> {
        let first = self.first.0.fetch_min(watch.first, Ordering::Relaxed);
        let charts = self.charts().and_then(|charts| charts.get(watch.count..).map(<[_]>::to_vec));
        (first >= watch.count).then(|| charts.unwrap_or_default())
    }

    /// Takes over the charts of a base that was built before; `false` if it would come to something else here, for
    /// other charts lie there or around.
    pub(crate) fn takes(&self, charts: &[AddedChart]) -> bool {
        charts.iter().all(|chart| !self.touches(&chart.folder) || self.has(chart))
    }

    /// Adds the charts of a base that was built before.
    pub(crate) fn take_over(&self, added: &[AddedChart]) {
        let new = added.iter().filter(|chart| !self.has(chart)).cloned().collect::<Vec<_>>();
        if !new.is_empty() {
            self.charts.write().unwrap_or_else(PoisonError::into_inner).extend(new);
            self.any.store(true, Ordering::Release);
        }
    }

    fn has(&self, chart: &AddedChart) -> bool {
        let is_same = |digest: &Folder| digest.digest == chart.chart.digest;
        self.chart(&chart.folder).as_ref().is_some_and(is_same)
    }

    /// Returns the charts, if there is one.
    fn charts(&self) -> Option<RwLockReadGuard<'_, Vec<AddedChart>>> {
        let any = self.any.load(Ordering::Acquire);
        any.then(|| self.charts.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, chart: usize) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        self.first.0.fetch_min(chart, Ordering::Relaxed);
    }

    /// Returns the content of a file of a chart.
    fn file(&self, files: &dyn FileSystem, path: &Path) -> Option<Arc<[u8]>> {
        let charts = self.charts()?;
        let path = physical(files, path);
        let content = |(i, added): (usize, &AddedChart)| {
            Some((i, added.chart.tree.content(path.strip_prefix(&added.folder).ok()?)?))
        };
        let (i, content) = charts.iter().enumerate().find_map(content)?;
        self.answer(i);
        Some(content)
    }

    /// Returns what charts have at a path: its place, links resolved, and what it is.
    fn kind(&self, files: &dyn FileSystem, path: &Path) -> Option<(PathBuf, FileKind)> {
        let charts = self.charts()?;
        let path = physical(files, path);
        let kind = |(i, added): (usize, &AddedChart)| {
            if added.folder.starts_with(&path) {
                return Some((i, FileKind::Directory));
            }
            Some((i, added.chart.tree.kind(path.strip_prefix(&added.folder).ok()?)?))
        };
        let (i, kind) = charts.iter().enumerate().find_map(kind)?;
        self.answer(i);
        Some((path, kind))
    }

    /// Returns the names that charts have in a folder.
    fn names(&self, files: &dyn FileSystem, folder: &Path) -> Option<BTreeSet<OsString>> {
        let charts = self.charts()?;
        let folder = physical(files, folder);
        let mut names = BTreeSet::new();
        for (i, added) in charts.iter().enumerate() {
            let before = names.len();
            if let Ok(below) = added.folder.strip_prefix(&folder)
                && let Some(name) = below.iter().next()
            {
                names.insert(name.to_owned());
            } else if let Ok(below) = folder.strip_prefix(&added.folder) {
                names.extend(added.chart.tree.names(below).map(ToOwned::to_owned));
            }
            if names.len() > before {
                self.answer(i);
            }
        }
        Some(names)
    }
}

/// Returns a path with the links of what is there resolved, also of those that lead to what is not; below what is not
/// there, there are none.
fn physical(files: &dyn FileSystem, path: &Path) -> PathBuf {
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        let found = path.ancestors().find_map(|above| {
            let (real, is_end) = match files.canonicalize(above) {
                Ok(real) => (real, true),
                Err(_) => (target(files, above)?, false),
            };
            let below = path.strip_prefix(above).ok()?;
            Some((if below.as_os_str().is_empty() { real } else { real.join(below) }, is_end))
        });
        match found {
            Some((found, true)) => return found,
            Some((found, false)) => path = found,
            None => break,
        }
    }
    path
}

/// Returns where a link leads to that leads to nothing.
fn target(files: &dyn FileSystem, link: &Path) -> Option<PathBuf> {
    if !matches!(files.kind(link), Ok(FileKind::Link)) {
        return None;
    }
    let parent = files.canonicalize(link.parent()?).ok()?;
    Some(clean(&parent.join(files.read_link(link).ok()?)))
}

/// A file system with the charts of one build; what is there comes first.
#[derive(Debug)]
pub(super) struct WithCharts {
    pub(super) files: Arc<dyn FileSystem>,
    pub(super) added: Arc<Added>,
}

impl WithCharts {
    /// Returns what a path names that is not there.
    pub(super) fn kind_of_added(&self, path: &Path, e: io::Error) -> io::Result<FileKind> {
        self.added.kind(&*self.files, path).map(|(_, kind)| kind).ok_or(e)
    }
}

impl WithCharts {
    /// Returns a file of a chart that this build has fetched, or the error where there is none.
    fn read_added(&self, path: &Path, most: u64, e: io::Error) -> io::Result<Vec<u8>> {
        let content = self.added.file(&*self.files, path).ok_or(e)?;
        if content.len() as u64 > most { Err(too_large()) } else { Ok(content.to_vec()) }
    }
}

impl FileSystem for WithCharts {
    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.files.kind(path).or_else(|e| self.kind_of_added(path, e))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.files
            .canonicalize(path)
            .or_else(|e| self.added.kind(&*self.files, path).map(|(path, _)| path).ok_or(e))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let added = || self.added.file(&*self.files, path).map(|content| content.to_vec());
        self.files.read(path).or_else(|e| added().ok_or(e))
    }

    fn read_at_most(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.files.read_at_most(path, most).or_else(|e| self.read_added(path, most, e))
    }

    fn read_resolved(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.files.read_resolved(path, most).or_else(|e| self.read_added(path, most, e))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let there = self.files.list(path);
        let Some(added) = self.added.names(&*self.files, path).filter(|names| !names.is_empty())
        else {
            return there;
        };
        let added = added.into_iter().filter_map(|name| name.into_string().ok());
        let names: BTreeSet<String> = there.unwrap_or_default().into_iter().chain(added).collect();
        Ok(names.into_iter().collect())
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.read_link(path)
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        self.files.is_executable(path)
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        self.files.owner(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.absolute(path)
    }
}
