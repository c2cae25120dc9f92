//! How much the manifests of all Applications may take together.

use std::cell::Cell;

use kustom::Limits;

use super::manifest::Manifest;

/// How many times the output of one build the manifests of all Applications may have.
const TIMES: u64 = 3;

/// What a manifest takes besides its text and tree.
const OF_EACH: u64 = 128;

/// What manifests may still take, in bytes: their texts, and what trees do not share.
#[derive(Debug)]
pub(super) struct Kept {
    left: Cell<u64>,
    most: u64,
    /// Whether something was refused.
    is_over: Cell<bool>,
}

impl Kept {
    pub(super) fn new(limits: &Limits) -> Kept {
        let most = limits.output_bytes.saturating_mul(TIMES);
        Kept { left: Cell::new(most), most, is_over: Cell::new(false) }
    }

    /// Takes away bytes that are kept.
    ///
    /// # Errors
    /// If there are not as many left; from then on nothing more is to be made.
    pub(super) fn keep(&self, bytes: u64) -> Result<(), String> {
        match self.left.get().checked_sub(bytes) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => {
                self.is_over.set(true);
                self.go_on()
            }
        }
    }

    /// Asks whether anything more may be made.
    ///
    /// # Errors
    /// If there was too much.
    pub(super) fn go_on(&self) -> Result<(), String> {
        match self.is_over.get() {
            true => Err(format!(
                "the manifests of all Applications take more bytes than {} (limit `output_bytes`)",
                self.most
            )),
            false => Ok(()),
        }
    }

    /// Takes away what a manifest takes; `like` is one that it shares its tree with, but for some changes.
    ///
    /// # Errors
    /// If there is not as much left.
    pub(super) fn keep_manifest(
        &self,
        manifest: &Manifest,
        like: Option<&Manifest>,
    ) -> Result<(), String> {
        let beside = like.map_or(0, |like| manifest.node().held_beside(like.node()));
        self.keep(OF_EACH.saturating_add(manifest.as_yaml().len() as u64).saturating_add(beside))
    }

    /// Gives back what a manifest took that another one takes the place of.
    pub(super) fn give_back(&self, manifest: &Manifest) {
        let bytes = OF_EACH.saturating_add(manifest.as_yaml().len() as u64);
        if !manifest.is_shared() {
            self.left.set(self.left.get().saturating_add(bytes).min(self.most));
        }
    }
}
