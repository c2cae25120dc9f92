//! `kustom.lock`: what the kustomizations below its directory use from elsewhere, at which commit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use crate::load::repo_url::RepoUrl;

/// The name of the file that lists what kustomizations use from elsewhere, at which commit.
pub const LOCK_FILE: &str = "kustom.lock";

/// The only version of the format.
pub(super) const VERSION: u32 = 1;

/// The content of a lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    /// The directory that it lies in; paths count from there.
    pub(crate) directory: PathBuf,
    /// The directory of all copies.
    pub(crate) copies: PathBuf,
    pub(crate) trees: BTreeMap<TreeKey, LockedTree>,
    /// By their URLs.
    pub(crate) files: BTreeMap<String, LockedFile>,
    pub(crate) charts: BTreeMap<ChartKey, LockedChart>,
    /// What the file lists once more; only the first counts.
    pub(crate) twice: Vec<String>,
    /// What follows `kustom vendor` for it to find this file: nothing, or a space and the directory.
    pub(crate) argument: String,
}

/// What makes two URLs name the same tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TreeKey {
    pub(crate) repository: String,
    pub(crate) reference: Option<String>,
    pub(crate) submodules: bool,
}

/// A tree of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LockedTree {
    /// The commit that the ref meant.
    pub(crate) commit: String,
    /// The hash of the vendored files.
    pub(crate) hash: String,
    /// Their directory.
    pub(crate) path: PathBuf,
    /// What of the tree the copy has.
    pub(crate) kept: Kept,
    /// The URLs that name it, as written, in order.
    pub(crate) urls: Vec<String>,
}

/// What of a tree its copy has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Everything, for functions run in it and may read any file. These are to be started as programs.
    Whole(BTreeSet<PathBuf>),
    /// What builds look at: these files and links.
    Files(BTreeSet<PathBuf>),
}

impl LockedTree {
    /// Returns `true` if the copy has everything.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.kept, Kept::Whole(_))
    }
}

/// A file behind a web address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LockedFile {
    /// The hash of its content.
    pub(crate) hash: String,
    /// The vendored copy.
    pub(crate) path: PathBuf,
}

/// What makes two entries of kustomizations name the same chart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ChartKey {
    pub(crate) repo: String,
    pub(crate) name: String,
    /// The version or range of versions; empty for the newest.
    pub(crate) version: String,
    /// Whether versions under development count.
    pub(crate) devel: bool,
}

/// A chart of a repository of charts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LockedChart {
    /// The version that was found.
    pub(crate) resolved: String,
    /// The hash of the chart's files.
    pub(crate) hash: String,
    /// Their directory.
    pub(crate) path: PathBuf,
}

impl fmt::Display for ChartKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chart {} of {}", self.name, self.repo)?;
        if self.version.is_empty() { Ok(()) } else { write!(f, " at {}", self.version) }
    }
}

impl TreeKey {
    /// Returns the key of the tree that a URL names.
    pub(crate) fn of(url: &RepoUrl) -> TreeKey {
        TreeKey {
            repository: url.clone_spec.clone(),
            reference: url.reference.clone(),
            submodules: url.submodules,
        }
    }
}

impl fmt::Display for TreeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        match &self.reference {
            Some(reference) => write!(f, " at {reference}"),
            None => Ok(()),
        }
    }
}

impl Lock {
    /// Returns a lock file that lists nothing.
    pub(crate) fn new(directory: &Path) -> Lock {
        Lock {
            directory: directory.to_path_buf(),
            copies: Path::new(".kustom").join("vendor"),
            trees: BTreeMap::new(),
            files: BTreeMap::new(),
            charts: BTreeMap::new(),
            twice: Vec::new(),
            argument: String::new(),
        }
    }

    /// Returns the command that fetches trees and files.
    pub(super) fn fetch(&self) -> String {
        format!("kustom vendor{}", self.argument)
    }

    /// Returns the command that fetches charts too.
    pub(super) fn fetch_charts(&self) -> String {
        format!("{} --enable-helm", self.fetch())
    }

    /// Returns the paths of all copies.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        let trees = self.trees.values().map(|tree| &tree.path);
        let files = self.files.values().map(|file| &file.path);
        trees.chain(files).chain(self.charts.values().map(|chart| &chart.path))
    }
}
