//! Sets of paths that are compared byte by byte.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustc_hash::{FxBuildHasher, FxHashSet};

/// A set of clean paths.
///
/// `HashSet<PathBuf>` takes each path apart to hash it, so that `a//b` is `a/b`; of clean paths nothing is gained by
/// it, and in a build with warnings it was one instruction of twenty.
#[derive(Clone, Debug, Default)]
pub(crate) struct PathSet(FxHashSet<OsString>);

impl PathSet {
    /// Returns an empty set with room for `count` paths.
    pub(crate) fn with_capacity(count: usize) -> PathSet {
        PathSet(FxHashSet::with_capacity_and_hasher(count, FxBuildHasher))
    }

    /// Adds a path; returns `false` if it is there already.
    pub(crate) fn insert(&mut self, path: PathBuf) -> bool {
        self.0.insert(path.into_os_string())
    }

    /// Adds a copy of a path unless it is there already.
    pub(crate) fn add(&mut self, path: &Path) {
        if !self.contains(path) {
            self.0.insert(path.into());
        }
    }

    /// Returns `true` if a path is in the set.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        self.0.contains(path.as_os_str())
    }

    /// Returns how many paths there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the paths, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(Path::new)
    }
}

impl Extend<PathBuf> for PathSet {
    fn extend<I: IntoIterator<Item = PathBuf>>(&mut self, paths: I) {
        self.0.extend(paths.into_iter().map(PathBuf::into_os_string));
    }
}

impl FromIterator<PathBuf> for PathSet {
    fn from_iter<I: IntoIterator<Item = PathBuf>>(paths: I) -> PathSet {
        PathSet(paths.into_iter().map(PathBuf::into_os_string).collect())
    }
}

impl IntoIterator for PathSet {
    type Item = PathBuf;
    type IntoIter =
        std::iter::Map<std::collections::hash_set::IntoIter<OsString>, fn(OsString) -> PathBuf>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(PathBuf::from)
    }
}
