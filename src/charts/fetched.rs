//! The charts that were fetched for one kustomization: they lie where upstream puts them, for what comes later.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::folder::Folder;

/// What was fetched, by the folder that upstream would have put it in.
#[derive(Debug, Default)]
pub(crate) struct Fetched(FxHashMap<PathBuf, Folder>);

impl Fetched {
    /// Puts a chart into a folder.
    pub(super) fn put(&mut self, folder: &Path, chart: Folder) {
        self.0.insert(folder.to_path_buf(), chart);
    }

    /// Returns the chart in a folder, which may be one that another chart holds.
    pub(super) fn chart(&self, folder: &Path) -> Option<Folder> {
        if let Some(chart) = self.0.get(folder) {
            return Some(chart.clone());
        }
        let (chart, below) = self.holder(folder)?;
        let inner = chart.tree.below(below);
        (!inner.is_empty()).then(|| Folder::new(inner))
    }

    /// Returns the content of a file of a chart.
    pub(super) fn file(&self, path: &Path) -> Option<Arc<[u8]>> {
        let (chart, below) = self.holder(path)?;
        chart.tree.content(below)
    }

    /// Returns `true` if a path leads into the folder of a chart.
    pub(super) fn covers(&self, path: &Path) -> bool {
        self.holder(path).is_some()
    }

    /// Returns the chart that a path leads into, the innermost one, and the path below its folder.
    fn holder<'a>(&self, path: &'a Path) -> Option<(&Folder, &'a Path)> {
        let mut above = path.ancestors().skip(1);
        let (chart, folder) = above.find_map(|above| Some((self.0.get(above)?, above)))?;
        Some((chart, path.strip_prefix(folder).ok()?))
    }
}
