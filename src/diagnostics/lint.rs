//! Remarks on what does nothing, or does what was hardly meant; only on request.
//!
//! Steps add remarks as they run, if the context of the build has a [`Lint`].

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::warning::Warning;
use crate::yaml::Pos;

/// The remarks of one build.
#[derive(Debug, Default)]
pub(crate) struct Lint(Mutex<Remarks>);

#[derive(Debug, Default)]
struct Remarks {
    warnings: Vec<Warning>,
    /// The folders of the kustomizations that were read, the target first.
    roots: Vec<PathBuf>,
}

impl Lint {
    /// Adds a remark.
    pub(crate) fn add(&self, warning: Warning) {
        self.remarks().warnings.push(warning);
    }

    /// Notes that the kustomization of a folder has been read.
    pub(crate) fn enter(&self, root: &Path) {
        self.remarks().roots.push(root.to_path_buf());
    }

    /// Returns the number of remarks.
    pub(crate) fn len(&self) -> usize {
        self.remarks().warnings.len()
    }

    /// Says of the remarks from `start` on which entry of the kustomization they are about.
    pub(crate) fn complete(
        &self,
        start: usize,
        entry: &dyn std::fmt::Display,
        pos: &dyn Fn(&str) -> Pos,
    ) {
        for warning in self.remarks().warnings.iter_mut().skip(start) {
            warning.complete(entry, pos);
        }
    }

    /// Takes out the remarks, and the folders of the kustomizations that were read, the target first.
    pub(crate) fn take(&self) -> (Vec<Warning>, Vec<PathBuf>) {
        let Remarks { warnings, roots } = std::mem::take(&mut *self.remarks());
        (warnings, roots)
    }

    fn remarks(&self) -> MutexGuard<'_, Remarks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
