//! Where links lead.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::load::{FileKind, FileSystem};

/// How many links are followed on the way to a path.
const MOST_LINKS: usize = 40;
/// How many files and folders are looked at for one root.
const MOST_ENTRIES: usize = 200_000;
/// How many are looked at for all roots together.
const MOST_IN_ALL: usize = 5_000_000;

/// The links in folders, each listed once.
pub(super) struct Links<'f> {
    files: &'f dyn FileSystem,
    listed: FxHashMap<PathBuf, Rc<Listed>>,
    /// What the links at and below a path lead to, of paths that were asked about.
    known: FxHashMap<PathBuf, Rc<BTreeSet<PathBuf>>>,
    /// How much may be looked at for one root.
    most: usize,
    /// How much may still be looked at for this root, and for all.
    left: usize,
    left_in_all: usize,
}

/// What is in a folder.
#[derive(Default)]
struct Listed {
    folders: Vec<PathBuf>,
    /// What links lead to, with the links on the way.
    targets: Vec<PathBuf>,
}

impl<'f> Links<'f> {
    pub(super) fn new(files: &'f dyn FileSystem) -> Links<'f> {
        let (listed, known) = Default::default();
        Links { files, listed, known, most: MOST_ENTRIES, left: 0, left_in_all: MOST_IN_ALL }
    }

    /// Returns what links lead to, on the way to what a root is made of, in it and below, and in what they lead to
    /// themselves; `None` if there is too much to be searched.
    pub(super) fn behind(&mut self, closure: BTreeSet<PathBuf>) -> Option<BTreeSet<PathBuf>> {
        self.left = self.most;
        let mut behind = BTreeSet::new();
        let mut waiting: Vec<PathBuf> = closure.into_iter().collect();
        while let Some(path) = waiting.pop() {
            for target in self.below(path)?.iter() {
                if behind.insert(target.clone()) {
                    waiting.push(target.clone());
                }
            }
        }
        Some(behind)
    }

    /// Returns what the links on the way to a path, and below it, lead to, with those links.
    fn below(&mut self, path: PathBuf) -> Option<Rc<BTreeSet<PathBuf>>> {
        self.count(1)?;
        if let Some(known) = self.known.get(&path) {
            return Some(Rc::clone(known));
        }
        let (links, real) = followed(self.files, &path);
        let mut found: BTreeSet<PathBuf> = links.into_iter().collect();
        if matches!(self.files.kind(&real), Ok(FileKind::Directory)) {
            let mut waiting = vec![real.clone()];
            while let Some(folder) = waiting.pop() {
                let listed = self.list(folder)?;
                found.extend(listed.targets.iter().cloned());
                waiting.extend(listed.folders.iter().cloned());
            }
        }
        if real != path {
            found.insert(real);
        }
        let found = Rc::new(found);
        self.known.insert(path, Rc::clone(&found));
        Some(found)
    }

    /// Lists a folder, once.
    fn list(&mut self, folder: PathBuf) -> Option<Rc<Listed>> {
        self.count(1)?;
        if let Some(known) = self.listed.get(&folder) {
            return Some(Rc::clone(known));
        }
        let mut listed = Listed::default();
        let entries = self.files.entries(&folder).unwrap_or_default();
        self.count(entries.len())?;
        for (name, kind) in entries {
            match kind {
                FileKind::Link => {
                    let (links, real) = followed(self.files, &folder.join(name));
                    listed.targets.extend(links.into_iter().chain([real]));
                }
                FileKind::Directory if name != ".git" && name != "node_modules" => {
                    listed.folders.push(folder.join(name));
                }
                _ => {}
            }
        }
        let listed = Rc::new(listed);
        self.listed.insert(folder, Rc::clone(&listed));
        Some(listed)
    }

    /// Counts what is looked at; `None` if that is too much.
    fn count(&mut self, entries: usize) -> Option<()> {
        self.left = self.left.checked_sub(entries)?;
        self.left_in_all = self.left_in_all.checked_sub(entries)?;
        Some(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::MemoryFs;

    #[test]
    fn each_root_may_have_as_much() {
        let mut files = MemoryFs::new();
        for path in ["a/x/1", "a/x/2", "a/node_modules/1", "a/.git/1", "b/1", "b/2", "c/1", "c/2"] {
            files.insert(path, "");
        }
        let mut links = Links { most: 10, left_in_all: 17, ..Links::new(&files) };
        let mut behind = |path: &str| links.behind(BTreeSet::from([path.into()]));
        let none = Some(BTreeSet::new());
        assert_eq!(behind("/a"), none);
        assert_eq!(behind("/a"), none, "this is known");
        assert_eq!(behind("/b"), none);
        assert_eq!(behind("/c"), none);
        assert_eq!(behind("/d"), None, "all are used up");
        let mut links = Links { most: 3, ..Links::new(&files) };
        let mut behind = |path: &str| links.behind(BTreeSet::from([path.into()]));
        assert_eq!(behind("/a"), None);
        assert_eq!(behind("/b"), None);
        assert_eq!(behind("/b/1"), none);
    }
}
