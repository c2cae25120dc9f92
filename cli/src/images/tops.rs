//! Directories as their repositories name them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kustom::FileSystem;

use crate::remembered::RememberedFs;

/// The tops of the repositories that directories lie in, each looked for once.
#[derive(Debug)]
pub(super) struct Tops<'f> {
    files: &'f RememberedFs,
    tops: RefCell<BTreeMap<PathBuf, Option<PathBuf>>>,
}

impl Tops<'_> {
    pub(super) fn of(files: &RememberedFs) -> Tops<'_> {
        Tops { files, tops: RefCell::default() }
    }

    /// Returns the top of the repository of a directory.
    pub(super) fn top(&self, physical: &Path) -> Option<PathBuf> {
        let mut known = self.tops.borrow_mut();
        let mut seen = Vec::new();
        let mut top = None;
        for folder in physical.ancestors() {
            if let Some(known) = known.get(folder) {
                top = known.clone();
                break;
            }
            seen.push(folder);
            if self.files.kind(&folder.join(".git")).is_ok() {
                top = Some(folder.to_path_buf());
                break;
            }
        }
        known.extend(seen.into_iter().map(|folder| (folder.to_path_buf(), top.clone())));
        top
    }

    /// Returns a directory as seen from the top of its repository.
    pub(super) fn in_repository(&self, dir: &Path) -> PathBuf {
        let physical = self.files.physical(dir);
        let top = self.top(&physical);
        let below = top.and_then(|top| physical.strip_prefix(top).ok().map(Path::to_path_buf));
        below.unwrap_or(physical)
    }

    /// Returns a directory as seen from the folder that holds its repository.
    pub(super) fn with_repository(&self, dir: &Path) -> PathBuf {
        let physical = self.files.physical(dir);
        let top = self.top(&physical);
        let beside = top.as_deref().and_then(Path::parent);
        let below = beside.and_then(|beside| physical.strip_prefix(beside).ok());
        below.map(Path::to_path_buf).unwrap_or(physical)
    }
}
