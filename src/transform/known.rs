//! Files that several entries of one layer name: each is read and parsed once, and all share it.

use std::cell::{OnceCell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use ecow::EcoVec;
use rustc_hash::FxHashMap;

use super::replacements::Replace;
use crate::diagnostics::Result;
use crate::json_patch::JsonPatch;
use crate::yaml::{Node, Pos};

/// What the entries of a layer have read so far.
#[derive(Debug, Default)]
pub(crate) struct Known {
    patches: RefCell<FxHashMap<Arc<Path>, PatchFile>>,
    replacements: RefCell<FxHashMap<Arc<Path>, Arc<[Replace]>>>,
}

/// A file with patches.
#[derive(Clone, Debug)]
pub(super) struct PatchFile {
    pub(super) text: Arc<str>,
    /// The position of the first byte.
    pub(super) pos: Pos,
    pub(super) documents: Result<EcoVec<Node>>,
    /// The text as a JSON patch, once somebody has asked.
    pub(super) json: Rc<OnceCell<Result<Arc<JsonPatch>>>>,
}

impl Known {
    /// Returns a file with patches, which `read` reads the first time.
    ///
    /// # Errors
    /// What that answers.
    pub(super) fn patches(
        &self,
        file: &Arc<Path>,
        read: impl FnOnce() -> Result<PatchFile>,
    ) -> Result<PatchFile> {
        get(&self.patches, file, read)
    }

    /// Returns a file with replacements, which `read` reads the first time.
    ///
    /// # Errors
    /// What that answers.
    pub(super) fn replacements(
        &self,
        file: &Arc<Path>,
        read: impl FnOnce() -> Result<Arc<[Replace]>>,
    ) -> Result<Arc<[Replace]>> {
        get(&self.replacements, file, read)
    }
}

fn get<T: Clone>(
    known: &RefCell<FxHashMap<Arc<Path>, T>>,
    file: &Arc<Path>,
    read: impl FnOnce() -> Result<T>,
) -> Result<T> {
    if let Some(found) = known.borrow().get(file) {
        return Ok(found.clone());
    }
    let new = read()?;
    known.borrow_mut().insert(Arc::clone(file), new.clone());
    Ok(new)
}
