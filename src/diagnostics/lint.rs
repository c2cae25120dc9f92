//! Collects what there is to say of a build, if somebody asked.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostics::{Warning, WarningKind};
use crate::yaml::Pos;

/// How many remarks are looked at for one that was made: those on the files come first.
const FIRST: usize = 1000;

/// The remarks of one build, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Lint {
    warnings: Mutex<Vec<Warning>>,
    /// Where the values are that patches of the layer have set and that a later step may set anew.
    patched: Mutex<FxHashSet<Pos>>,
    /// Where the entries of generators are that drop what there was before.
    replaced: Mutex<FxHashSet<Pos>>,
    /// What patches have taken out of lists, by where the resource is.
    removed: Mutex<FxHashMap<Pos, Vec<Removed>>>,
}

/// A container that a patch has taken out.
#[derive(Clone, Debug)]
pub(crate) struct Removed {
    /// Its name.
    pub(crate) name: String,
    /// Its image.
    pub(crate) image: String,
    /// The names of its ports.
    pub(crate) ports: Vec<String>,
    /// Where the patch says so.
    pub(crate) at: Pos,
}

impl Lint {
    /// Adds a remark.
    pub(crate) fn add(&self, warning: Warning) {
        self.warnings().push(warning);
    }

    /// Adds remarks that were made before.
    pub(crate) fn extend(&self, warnings: Vec<Warning>) {
        self.warnings().extend(warnings);
    }

    /// Returns `true` if there is a remark of a kind about a place.
    pub(crate) fn has(&self, kind: WarningKind, pos: Pos) -> bool {
        let is_one = |warning: &Warning| warning.kind() == kind && warning.is_at(pos);
        self.warnings().iter().take(FIRST).any(is_one)
    }

    /// Returns `true` if a remark of one of these kinds tells of a value all there is to say. `is_in` says
    /// whether the value is among the bytes from a place on.
    pub(crate) fn tells_of(
        &self,
        kinds: &[WarningKind],
        is_in: impl Fn(Pos, usize) -> bool,
    ) -> bool {
        let is_one = |warning: &Warning| {
            let (pos, length) = warning.extent();
            kinds.contains(&warning.kind()) && is_in(pos, length)
        };
        self.warnings().iter().take(FIRST).any(is_one)
    }

    /// Returns `true` if there is a remark of a kind with these words.
    pub(crate) fn says(&self, kind: WarningKind, words: &str) -> bool {
        let is_one =
            |warning: &Warning| warning.kind() == kind && warning.message().contains(words);
        self.warnings().iter().take(FIRST).any(is_one)
    }

    /// Returns the number of remarks.
    pub(crate) fn len(&self) -> usize {
        self.warnings().len()
    }

    /// Returns the remarks from `start` on.
    pub(crate) fn since(&self, start: usize) -> Vec<Warning> {
        self.warnings().get(start..).unwrap_or_default().to_vec()
    }

    /// Says of the remarks from `start` on which layer and which entry of its kustomization they are
    /// about.
    pub(crate) fn complete(
        &self,
        start: usize,
        layer: &Arc<Path>,
        entry: &dyn std::fmt::Display,
        pos: &dyn Fn(&str) -> Pos,
    ) {
        for warning in self.warnings().iter_mut().skip(start) {
            warning.complete(layer, entry, pos);
        }
    }

    /// Takes out the remarks from `start` on that are not worth it in a component.
    pub(crate) fn forget_general(&self, start: usize) {
        let mut warnings = self.warnings();
        let start = start.min(warnings.len());
        let said = warnings.split_off(start);
        warnings.extend(said.into_iter().filter(|warning| !warning.is_general()));
    }

    /// Takes out all remarks.
    pub(crate) fn take(&self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings())
    }

    fn warnings(&self) -> MutexGuard<'_, Vec<Warning>> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a patch of the layer has set a value, which was read at a place.
    pub(crate) fn note_patched(&self, pos: Pos) {
        if pos.is_some() {
            self.patched().insert(pos);
        }
    }

    /// Returns `true` if a patch of the layer has set the value that was read at a place.
    pub(crate) fn is_patched(&self, pos: Pos) -> bool {
        self.patched().contains(&pos)
    }

    /// Forgets the patches of other layers.
    pub(crate) fn enter_layer(&self) {
        self.patched().clear();
    }

    /// Notes that an entry of a generator, which was read at a place, has replaced an object.
    pub(crate) fn note_replaced(&self, pos: Pos) {
        self.replaced.lock().unwrap_or_else(PoisonError::into_inner).insert(pos);
    }

    /// Returns `true` if the entry of a generator that was read at a place has replaced an object.
    pub(crate) fn is_replaced(&self, pos: Pos) -> bool {
        self.replaced.lock().unwrap_or_else(PoisonError::into_inner).contains(&pos)
    }

    /// Notes what a patch has taken out of the resource at a place.
    pub(crate) fn note_removed(&self, resource: Pos, removed: Removed) {
        let mut all = self.removed.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(resource).or_default().push(removed);
    }

    /// Returns the first that a patch has taken out of the resource at a place, or of any, and that fits.
    pub(crate) fn removed(
        &self,
        resource: Option<Pos>,
        fits: impl Fn(&Removed) -> bool,
    ) -> Option<Removed> {
        let all = self.removed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pos) = resource {
            return all.get(&pos)?.iter().find(|removed| fits(removed)).cloned();
        }
        let found = all.values().flatten().filter(|removed| fits(removed));
        found.min_by_key(|removed| removed.at).cloned()
    }

    fn patched(&self) -> MutexGuard<'_, FxHashSet<Pos>> {
        self.patched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
