//! What is put together: the new lock file and its copies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::contents::Contents;
use super::names::{file_name, letters, safe, tree_name};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::remote::{
    ChartKey, Content, Lock, LockedChart, LockedFile, LockedTree, TreeKey, Used, chart_version,
    hash_bytes, hash_files, is_version, path_in_copy,
};
use crate::load::{FileSystem, FileTree};

/// What a path of a copy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Copied {
    /// A file.
    File(Vec<u8>),
    /// A file that is to be started as a program.
    Program(Vec<u8>),
    /// A symbolic link with this text.
    Link(PathBuf),
}

/// What is being put together.
pub(super) struct Out<'b> {
    before: &'b Lock,
    /// Where copies lie that stay.
    taken: BTreeSet<&'b PathBuf>,
    pub(super) lock: Lock,
    pub(super) copies: BTreeMap<PathBuf, Copied>,
}

impl Out<'_> {
    /// Starts with an empty lock file; `before` is the one until now, of which `used` stays, or all.
    pub(super) fn new<'b>(lock: Lock, before: &'b Lock, used: &Used, keeps_all: bool) -> Out<'b> {
        let trees =
            before.trees.iter().filter(|(key, _)| keeps_all || used.trees.contains_key(key));
        let files =
            before.files.iter().filter(|(url, _)| keeps_all || used.files.contains_key(*url));
        let charts =
            before.charts.iter().filter(|(key, _)| keeps_all || used.charts.contains_key(key));
        let taken = trees.map(|(_, tree)| &tree.path).chain(files.map(|(_, file)| &file.path));
        let taken = taken.chain(charts.map(|(_, chart)| &chart.path)).collect();
        Out { before, taken, lock, copies: BTreeMap::new() }
    }

    pub(super) fn tree(
        &mut self,
        key: &TreeKey,
        commit: &str,
        urls: Vec<String>,
        contents: Contents,
    ) {
        let kept = self.before.trees.get(key).map(|tree| tree.path.clone());
        let path = self.place(kept, &tree_name(key), &key.to_string());
        let (hash, kept, commit) = (contents.hash(), contents.kept(), commit.to_owned());
        for (below, content) in &contents.entries {
            let copied = match content {
                Content::File(bytes) if contents.is_program(below) => {
                    Copied::Program(bytes.clone())
                }
                Content::File(bytes) => Copied::File(bytes.clone()),
                Content::Link(target) => Copied::Link(target.clone()),
            };
            self.copies.insert(path.join(below), copied);
        }
        self.lock.trees.insert(key.clone(), LockedTree { commit, hash, path, kept, urls });
    }

    pub(super) fn file(&mut self, url: &str, bytes: Vec<u8>) {
        let kept = self.before.files.get(url).map(|file| file.path.clone());
        let path = self.place(kept, &file_name(url), url);
        let file = LockedFile { hash: hash_bytes(&bytes), path: path.clone() };
        self.lock.files.insert(url.to_owned(), file);
        self.copies.insert(path, Copied::File(bytes));
    }

    pub(super) fn chart(&mut self, key: &ChartKey, chart: &FileTree) -> Result<()> {
        let hash = hash_files(chart.iter());
        let resolved = chart_version(chart).unwrap_or_else(|| key.version.clone());
        if !is_version(&resolved) {
            let message = format!("{key} has no version in its Chart.yaml, but '{resolved}'");
            return Err(Error::new(ErrorKind::Fetch, message));
        }
        let name = chart_name(key, &resolved);
        // The same chart under another range of versions has the same copy.
        let plain = self.lock.copies.join(&name);
        let is_same = |other: &LockedChart| other.path == plain && other.hash == hash;
        let path = match self.lock.charts.values().any(is_same) {
            true => plain,
            false => {
                let kept = self.before.charts.get(key).map(|chart| chart.path.clone());
                self.place(kept, &name, &key.to_string())
            }
        };
        for (below, bytes) in chart.iter() {
            self.copies.insert(path.join(path_in_copy(below)), Copied::File(bytes.to_vec()));
        }
        self.lock.charts.insert(key.clone(), LockedChart { resolved, hash, path });
        Ok(())
    }

    /// Keeps what the lock file until now lists and was not seen to be used.
    pub(super) fn keep_others(&mut self) {
        for (key, tree) in &self.before.trees {
            self.lock.trees.entry(key.clone()).or_insert_with(|| tree.clone());
        }
        for (url, file) in &self.before.files {
            self.lock.files.entry(url.clone()).or_insert_with(|| file.clone());
        }
        for (key, chart) in &self.before.charts {
            self.lock.charts.entry(key.clone()).or_insert_with(|| chart.clone());
        }
    }

    /// Returns where a copy goes: where it is, or by its name, with a few letters more if another one
    /// is there or around.
    fn place(&self, kept: Option<PathBuf>, name: &Path, key: &str) -> PathBuf {
        let copies = &self.lock.copies;
        if let Some(kept) = kept.filter(|path| is_ours(path, copies, name, key)) {
            return kept;
        }
        let path = copies.join(name);
        let folded = |path: &Path| PathBuf::from(path.to_string_lossy().to_lowercase());
        let is_free = |path: &PathBuf| {
            let ours = folded(path);
            self.lock.paths().chain(self.taken.iter().copied()).all(|other| {
                let other = folded(other);
                !other.starts_with(&ours) && !ours.starts_with(&other)
            })
        };
        let beside = with_letters(&path, key);
        let above = at_top(copies, name, key);
        [path, beside].into_iter().find(is_free).unwrap_or(above)
    }

    /// Returns the copies that the lock file until now lists and the new one does not: those that are as it
    /// says, and those that are not, or do not lie where they would be put.
    pub(super) fn obsolete(
        &self,
        files: &dyn FileSystem,
    ) -> (BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
        let (mut obsolete, mut strange) = (BTreeSet::new(), BTreeSet::new());
        let listed: BTreeSet<&PathBuf> = self.lock.paths().collect();
        let before = self.before;
        let mut add = |path: &PathBuf, name: &Path, key: &str, copy: Result<bool>| {
            if listed.contains(path) || files.kind(&before.directory.join(path)).is_err() {
                return;
            }
            let is_sure = is_ours(path, &before.copies, name, key) && matches!(copy, Ok(true));
            if is_sure { &mut obsolete } else { &mut strange }.insert(path.clone());
        };
        for (key, tree) in &before.trees {
            let copy = before.tree_copy(files, key, tree).map(|copy| copy.is_some());
            add(&tree.path, &tree_name(key), &key.to_string(), copy);
        }
        for (url, file) in &before.files {
            let copy = before.file_copy(files, url, file).map(|copy| copy.is_some());
            add(&file.path, &file_name(url), url, copy);
        }
        for (key, chart) in &before.charts {
            let copy = before.chart_copy(files, key, chart).map(|copy| copy.is_some());
            add(&chart.path, &chart_name(key, &chart.resolved), &key.to_string(), copy);
        }
        (obsolete, strange)
    }
}

fn chart_name(key: &ChartKey, resolved: &str) -> PathBuf {
    Path::new("charts").join(safe(&key.name)).join(safe(resolved))
}

/// Returns `true` if a path is one that a copy is given. Another one, in the lock file of a stranger, is
/// neither written nor removed.
fn is_ours(path: &Path, copies: &Path, name: &Path, key: &str) -> bool {
    let plain = copies.join(name);
    path == plain || path == with_letters(&plain, key) || path == at_top(copies, name, key)
}

/// Returns where a copy goes if another one is on the way to where it would be.
fn at_top(copies: &Path, name: &Path, key: &str) -> PathBuf {
    let first: PathBuf = name.components().take(1).collect();
    let last = name.file_name().unwrap_or_default();
    with_letters(&copies.join(first).join(last), key)
}

fn with_letters(path: &Path, key: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    path.with_file_name(format!("{}-{name}", letters(key)))
}
