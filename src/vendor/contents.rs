//! What of a tree is copied.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::load::remote::{
    Content, Kept, below, content, drop_ways_out, hash_contents, is_gits, slashed, whole_tree,
};
use crate::load::{FileSystem, Input, InputKind};

/// What builds have looked at, in order.
pub(super) struct LookedAt {
    /// Files and links.
    paths: BTreeSet<PathBuf>,
    /// Directories of which everything counts.
    trees: BTreeSet<PathBuf>,
}

impl LookedAt {
    pub(super) fn new(inputs: Vec<Input>) -> LookedAt {
        let (mut paths, mut trees) = (BTreeSet::new(), BTreeSet::new());
        for Input { path, kind } in inputs {
            match kind {
                InputKind::File | InputKind::Unread | InputKind::Link => _ = paths.insert(path),
                InputKind::Tree => _ = trees.insert(path),
                _ => {}
            }
        }
        LookedAt { paths, trees }
    }
}

/// What of a tree is copied.
#[derive(Debug)]
pub(super) struct Contents {
    /// The files and links, by their paths in the tree.
    pub(super) entries: BTreeMap<PathBuf, Content>,
    /// Those that are programs.
    programs: BTreeSet<PathBuf>,
    is_whole: bool,
}

impl Contents {
    /// Takes what builds have looked at, and of `more` what is there; all of the tree if functions run in it.
    ///
    /// # Errors
    /// If all of it is too much.
    pub(super) fn of(
        files: &dyn FileSystem,
        root: &Path,
        looked_at: &LookedAt,
        more: Option<&Kept>,
    ) -> Result<Contents> {
        let mut contents = match more {
            Some(Kept::Whole(_)) => Contents::whole(files, root)?,
            _ if looked_at.trees.contains(root) => Contents::whole(files, root)?,
            _ => Contents::empty(),
        };
        // What lies in a directory follows it.
        let paths = looked_at.paths.range(root.to_path_buf()..);
        for path in paths.map_while(|path| path.strip_prefix(root).ok()) {
            contents.add(files, root, path);
        }
        if let Some(Kept::Files(more)) = more {
            more.iter().for_each(|path| contents.add(files, root, path));
        }
        drop_ways_out(&mut contents.entries);
        Ok(contents)
    }

    fn empty() -> Contents {
        Contents { entries: BTreeMap::new(), programs: BTreeSet::new(), is_whole: false }
    }

    fn whole(files: &dyn FileSystem, root: &Path) -> Result<Contents> {
        let entries = whole_tree(files, root).map_err(|e| {
            let message = format!("copying a whole tree, for functions run in it: {e}");
            Error::new(ErrorKind::Limit, message)
        })?;
        let is_program =
            |path: &&PathBuf| files.is_executable(&root.join(path)).unwrap_or_default();
        let programs = entries.keys().filter(is_program).cloned().collect();
        Ok(Contents { entries, programs, is_whole: true })
    }

    fn add(&mut self, files: &dyn FileSystem, root: &Path, path: &Path) {
        if self.entries.contains_key(path) {
            return;
        }
        let content = content(files, root, path);
        self.entries.extend(content.map(|content| (path.to_path_buf(), content)));
    }

    /// Returns a path that a lock file has no place for, such as one through a folder `C:`.
    pub(super) fn unlistable(&self) -> Option<&Path> {
        let is_wrong = |path: &&Path| !is_gits(path) && below(&slashed(path)).is_err();
        match self.is_whole {
            true => self.programs.iter().map(PathBuf::as_path).find(is_wrong),
            false => self.entries.keys().map(PathBuf::as_path).find(is_wrong),
        }
    }

    /// Returns the hash.
    pub(super) fn hash(&self) -> String {
        hash_contents(&self.entries)
    }

    /// Returns `true` if a file is a program.
    pub(super) fn is_program(&self, path: &Path) -> bool {
        self.programs.contains(path)
    }

    /// Returns what a lock file says of it.
    pub(super) fn kept(&self) -> Kept {
        match self.is_whole {
            true => Kept::Whole(self.programs.clone()),
            false => Kept::Files(self.entries.keys().cloned().collect()),
        }
    }
}
