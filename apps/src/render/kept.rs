//! How much the manifests of all Applications may take together.

use std::cell::{Cell, OnceCell};

use kustom::Limits;

use super::manifest::Manifest;

/// How many times the output of one build the manifests of all Applications may have.
const TIMES: u64 = 3;

/// What a manifest takes besides its text and tree.
const OF_EACH: u64 = 128;

/// What a place in the list of a source takes, with what looks at it later.
const OF_PLACE: u64 = 384;

/// What a variable takes besides its text.
const OF_VARIABLE: u64 = 512;

/// What manifests may still take, in bytes: their texts, and what trees do not share.
#[derive(Debug)]
pub(super) struct Kept {
    left: Cell<u64>,
    most: u64,
    /// What variables of all Kustomizations may still take, in bytes; each reads its own.
    variables: Cell<u64>,
    /// Why something was refused.
    over: OnceCell<String>,
}

impl Kept {
    pub(super) fn new(limits: &Limits) -> Kept {
        let most = limits.output_bytes.saturating_mul(TIMES);
        Kept { left: Cell::new(most), most, variables: Cell::new(most), over: OnceCell::new() }
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
            None => self.end(format!(
                "the manifests of all Applications take more bytes than {} (limit `output_bytes`)",
                self.most
            )),
        }
    }

    /// Takes away what the list of the manifests of a source takes, and what looks at each of them.
    ///
    /// # Errors
    /// If there is not as much left.
    pub(super) fn keep_list(&self, length: usize) -> Result<(), String> {
        self.keep(OF_PLACE.saturating_mul(length as u64))
    }

    /// Takes away what it takes to read a variable of so many bytes.
    ///
    /// # Errors
    /// If all Kustomizations together have too many.
    pub(super) fn read_variable(&self, bytes: u64) -> Result<(), String> {
        let left = self.variables.get().checked_sub(OF_VARIABLE.saturating_add(bytes));
        self.variables.set(left.unwrap_or_default());
        match left {
            Some(_) => Ok(()),
            None => self.end(format!(
                "the variables of all Kustomizations take more bytes than {} (limit `output_bytes`)",
                self.most
            )),
        }
    }

    fn end(&self, message: String) -> Result<(), String> {
        Err(self.over.get_or_init(|| message).clone())
    }

    /// Asks whether anything more may be made.
    ///
    /// # Errors
    /// If there was too much.
    pub(super) fn go_on(&self) -> Result<(), String> {
        self.over.get().map_or(Ok(()), |message| Err(message.clone()))
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
