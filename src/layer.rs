//! One kustomization in the build: its file, its directory, and what it may read.

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Result;
use crate::kustomization::{self, Kustomization};
use crate::load::{Files, Loader};
use crate::provenance::Origin;
use crate::warning::Warning;
use crate::yaml::Pos;

/// A kustomization that has been read.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) loader: Arc<Loader>,
    /// The kustomization file.
    pub(crate) file: PathBuf,
    pub(crate) kustomization: Arc<Kustomization>,
    /// Where it lies as seen from the target, for origin annotations.
    pub(crate) place: Origin,
}

impl Layer {
    /// Reads the kustomization in the loader's directory.
    ///
    /// # Errors
    /// If there is none or it is wrong.
    pub(crate) fn read(
        files: &Files,
        loader: Arc<Loader>,
        place: Origin,
        warnings: &mut Vec<Warning>,
    ) -> Result<Layer> {
        let file = loader.kustomization_file(files)?;
        let (bytes, pos) = files.read(&file)?;
        let kustomization =
            kustomization::parse(&bytes, pos, loader.root(), files.limits(), warnings)
                .map_err(|e| e.located_in(&file).through(file.clone()))?;
        Ok(Layer { loader, file, kustomization: Arc::new(kustomization), place })
    }

    /// Returns the name of the kustomization file.
    pub(crate) fn file_name(&self) -> String {
        self.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Reads a file that the kustomization names.
    ///
    /// # Errors
    /// If it may not or cannot be read.
    pub(crate) fn read_file(&self, files: &Files, entry: &str) -> Result<(Vec<u8>, Pos)> {
        files.read(&self.loader.file(files, entry)?)
    }
}
