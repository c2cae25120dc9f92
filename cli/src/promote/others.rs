//! Apps and environments that are not promoted to, and that change all the same: they are built on a target, or
//! have its file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kustom::roots::References;
use kustom::{Builder, DiskFs};

use crate::images::Placed;
use crate::overlay::OverlayFs;
use crate::paths::FILE_NAMES;

/// An app in an environment that changes with a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Other {
    pub(super) app: String,
    pub(super) env: String,
    pub(super) dir: PathBuf,
    /// The directory of the target.
    pub(super) target: PathBuf,
}

impl Other {
    pub(super) fn said(&self) -> String {
        format!("{} in {} ({})", self.app, self.env, self.dir.display())
    }
}

/// Returns which of some places, none of which is a target, render something else with the new texts of the files
/// of targets. What cannot be rendered as it is does not count.
pub(super) fn changed(
    places: &[&Placed],
    targets: &[&Path],
    texts: &BTreeMap<PathBuf, String>,
    builder: &Builder,
) -> Vec<Other> {
    let real: BTreeMap<PathBuf, &Path> =
        targets.iter().filter_map(|dir| Some((dir.canonicalize().ok()?, *dir))).collect();
    let mut references = References::new(&DiskFs);
    let reached: Vec<(&Placed, &Path)> = places
        .iter()
        .filter_map(|placed| {
            let dir = placed.dir.canonicalize().ok()?;
            let linked = FILE_NAMES.iter().find_map(|name| dir.join(name).canonicalize().ok());
            let folders: BTreeSet<PathBuf> = references.closure(&dir).0;
            let mut near = linked.iter().filter_map(|file| file.parent());
            let target = near.find_map(|folder| real.get(folder));
            let target = target.or_else(|| folders.iter().find_map(|folder| real.get(folder)))?;
            Some((*placed, *target))
        })
        .collect();
    if reached.is_empty() {
        return Vec::new();
    }
    let mut files = OverlayFs::over(builder);
    texts.iter().for_each(|(file, text)| files.insert(file, text.as_str()));
    let dirs: Vec<&Path> = reached.iter().map(|(placed, _)| placed.dir.as_path()).collect();
    let before = builder.clone().build_all(&dirs);
    let after = builder.clone().file_system(files).build_all(&dirs);
    let pairs = reached.into_iter().zip(before.into_iter().zip(after));
    pairs
        .filter(|(_, (before, after))| match (before, after) {
            (Ok(before), Ok(after)) => before.as_yaml() != after.as_yaml(),
            (Ok(_), Err(_)) => true,
            (Err(_), _) => false,
        })
        .map(|((placed, target), _)| Other {
            app: placed.place.app.clone(),
            env: placed.place.env.clone(),
            dir: placed.dir.clone(),
            target: target.to_path_buf(),
        })
        .collect()
}
