//! Where links lead.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::load::{FileKind, FileSystem};

/// How many links are followed on the way to a path.
const MOST_LINKS: usize = 40;
/// How many files and folders are looked at in all.
const MOST_ENTRIES: usize = 200_000;

/// The links in folders, each searched once.
pub(super) struct Links<'f> {
    pub(super) files: &'f dyn FileSystem,
    /// What the links in and below a folder lead to.
    known: FxHashMap<PathBuf, Rc<BTreeSet<PathBuf>>>,
    count: usize,
}

impl<'f> Links<'f> {
    pub(super) fn new(files: &'f dyn FileSystem) -> Links<'f> {
        Links { files, known: FxHashMap::default(), count: 0 }
    }

    /// Returns what links lead to, in and below some folders and in what they lead to themselves; `None` if there is
    /// too much to be searched.
    pub(super) fn behind(&mut self, folders: BTreeSet<PathBuf>) -> Option<BTreeSet<PathBuf>> {
        let mut behind = BTreeSet::new();
        let mut waiting: Vec<PathBuf> = folders.into_iter().collect();
        while let Some(folder) = waiting.pop() {
            for target in self.below(&folder)?.iter() {
                if behind.insert(target.clone()) {
                    waiting.push(target.clone());
                }
            }
        }
        Some(behind)
    }

    /// Returns what the links at and below a path lead to, with the links on the way.
    fn below(&mut self, path: &Path) -> Option<Rc<BTreeSet<PathBuf>>> {
        if let Some(known) = self.known.get(path) {
            return Some(Rc::clone(known));
        }
        let mut found = BTreeSet::new();
        let kind = self.files.kind(path).ok();
        let mut waiting: Vec<_> = kind.map(|kind| (path.to_path_buf(), kind)).into_iter().collect();
        while let Some((path, kind)) = waiting.pop() {
            self.count += 1;
            if self.count > MOST_ENTRIES {
                return None;
            }
            match kind {
                FileKind::Link => {
                    let (links, real) = followed(self.files, &path);
                    found.extend(links.into_iter().chain([real]));
                }
                FileKind::Directory => {
                    let entries = self.files.entries(&path).unwrap_or_default().into_iter();
                    let entries = entries.filter(|(name, _)| name != ".git");
                    waiting.extend(entries.map(|(name, kind)| (path.join(name), kind)));
                }
                _ => {}
            }
        }
        let found = Rc::new(found);
        self.known.insert(path.to_path_buf(), Rc::clone(&found));
        Some(found)
    }
}

/// Returns the links that are met on the way to a path.
pub(super) fn links_to(files: &dyn FileSystem, path: &Path) -> Vec<PathBuf> {
    followed(files, path).0
}

/// Returns the links that are met on the way to a path, and the path behind them, whether it is there or not.
fn followed(files: &dyn FileSystem, path: &Path) -> (Vec<PathBuf>, PathBuf) {
    let parts = |path: &Path| {
        let parts = path.components().rev().map(|part| part.as_os_str().to_owned());
        parts.collect::<Vec<OsString>>()
    };
    let (mut real, mut links, mut left) = (PathBuf::new(), Vec::new(), parts(path));
    while let Some(part) = left.pop() {
        if part == ".." {
            real.pop();
            continue;
        }
        // The start of an absolute path replaces what is there.
        real.push(part);
        if links.len() < MOST_LINKS && matches!(files.kind(&real), Ok(FileKind::Link)) {
            links.push(real.clone());
            if let Ok(target) = files.read_link(&real) {
                real.pop();
                left.extend(parts(&target));
            }
        }
    }
    (links, real)
}
