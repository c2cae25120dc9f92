//! Directories as their repositories name them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::paths;

/// Where directories are, and the tops of their repositories: the disk is asked once about each folder.
#[derive(Debug, Default)]
pub(super) struct Tops {
    folders: RefCell<BTreeMap<PathBuf, PathBuf>>,
    tops: RefCell<BTreeMap<PathBuf, Option<PathBuf>>>,
}

impl Tops {
    /// As [`paths::physical`].
    pub(super) fn physical(&self, dir: &Path) -> PathBuf {
        match (dir.parent(), dir.file_name()) {
            (Some(folder), Some(name)) => self.real(folder).join(name),
            _ => paths::physical(dir),
        }
    }

    /// Returns a folder with its links resolved.
    fn real(&self, folder: &Path) -> PathBuf {
        if let Some(known) = self.folders.borrow().get(folder) {
            return known.clone();
        }
        let is_plain = || folder.symlink_metadata().is_ok_and(|found| found.is_dir());
        let real = match (folder.parent(), folder.file_name()) {
            (Some(above), Some(name)) if is_plain() => self.real(above).join(name),
            _ => {
                let path = Path::new(".").join(folder);
                path.canonicalize().unwrap_or_else(|_| paths::physical(folder))
            }
        };
        self.folders.borrow_mut().insert(folder.to_path_buf(), real.clone());
        real
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
            if folder.join(".git").exists() {
                top = Some(folder.to_path_buf());
                break;
            }
        }
        known.extend(seen.into_iter().map(|folder| (folder.to_path_buf(), top.clone())));
        top
    }

    /// Returns a directory as seen from the top of its repository.
    pub(super) fn in_repository(&self, dir: &Path) -> PathBuf {
        let physical = self.physical(dir);
        let top = self.top(&physical);
        let below = top.and_then(|top| physical.strip_prefix(top).ok().map(Path::to_path_buf));
        below.unwrap_or(physical)
    }

    /// Returns a directory as seen from the folder that holds its repository.
    pub(super) fn with_repository(&self, dir: &Path) -> PathBuf {
        let physical = self.physical(dir);
        let top = self.top(&physical);
        let beside = top.as_deref().and_then(Path::parent);
        let below = beside.and_then(|beside| physical.strip_prefix(beside).ok());
        below.map(Path::to_path_buf).unwrap_or(physical)
    }
}
