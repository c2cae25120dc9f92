//! Collects the warnings of a build, if somebody asked for them.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostics::{Warning, WarningKind};
use crate::yaml::Pos;

/// The warnings of one build, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Lint {
    warnings: Mutex<Warnings>,
    /// Where the values are that patches of the layer have set and that a later step may set anew.
    patched: Mutex<FxHashSet<Pos>>,
    /// Where the entries of generators are that drop what there was before.
    replaced: Mutex<FxHashSet<Pos>>,
    /// What patches have taken out of lists, by where the resource is.
    removed: Mutex<FxHashMap<Pos, Vec<Removed>>>,
    /// The entries of components that found something, by the kustomization file and the entry.
    useful: Mutex<FxHashSet<(Arc<Path>, String)>>,
}

/// A container that a patch has taken out, or names of ports that it has changed.
#[derive(Clone, Debug)]
pub(crate) struct Removed {
    /// Its name.
    pub(crate) name: String,
    /// Its image.
    pub(crate) image: String,
    /// The names of its ports, or those that the patch has changed.
    pub(crate) ports: Vec<String>,
    /// What the patch calls a port now, if the container is still there.
    pub(crate) renamed_to: Option<String>,
    /// Where the patch says so.
    pub(crate) at: Pos,
}

/// Warnings, and how to find them.
#[derive(Debug, Default)]
struct Warnings {
    all: Vec<Warning>,
    /// How many there are with each mark.
    marks: FxHashMap<Mark, u32>,
    /// The positions in `all` of those of each kind, in order.
    of_kind: FxHashMap<WarningKind, Vec<usize>>,
}

/// Something by which a warning is found.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Mark {
    /// The place that it is about.
    At(WarningKind, Pos),
    /// A word that its message has in backquotes.
    Quotes(WarningKind, String),
}

impl Lint {
    /// Adds a warning.
    pub(crate) fn add(&self, warning: Warning) {
        self.warnings().add(warning);
    }

    /// Adds warnings that were made before.
    pub(crate) fn extend(&self, warnings: Vec<Warning>) {
        let mut all = self.warnings();
        warnings.into_iter().for_each(|warning| all.add(warning));
    }

    /// Returns `true` if there is a warning of a kind about a place.
    pub(crate) fn has(&self, kind: WarningKind, pos: Pos) -> bool {
        pos.is_some() && self.warnings().marks.contains_key(&Mark::At(kind, pos))
    }

    /// Returns `true` if a warning of one of these kinds covers a value, so that no other is needed.
    /// `is_in` says whether the value is among the bytes from a place on.
    pub(crate) fn covers(&self, kinds: &[WarningKind], is_in: impl Fn(Pos, usize) -> bool) -> bool {
        let warnings = self.warnings();
        kinds.iter().flat_map(|kind| warnings.of_kind(*kind)).any(|warning| {
            let (pos, length) = warning.extent();
            is_in(pos, length)
        })
    }

    /// Returns `true` if a warning of a kind has a word in backquotes.
    pub(crate) fn quotes(&self, kind: WarningKind, word: &str) -> bool {
        self.warnings().marks.contains_key(&Mark::Quotes(kind, word.to_owned()))
    }

    /// Returns `true` if a file that was to bring resources brings none.
    pub(crate) fn lacks_resources(&self) -> bool {
        self.warnings().of_kind(WarningKind::EmptyFile).any(Warning::lacks_resources)
    }

    /// Returns the number of warnings.
    pub(crate) fn len(&self) -> usize {
        self.warnings().all.len()
    }

    /// Returns the warnings from `start` on.
    pub(crate) fn since(&self, start: usize) -> Vec<Warning> {
        self.warnings().all.get(start..).unwrap_or_default().to_vec()
    }

    /// Notes for the warnings from `start` on which layer and which entry of its kustomization they are
    /// about.
    pub(crate) fn complete(
        &self,
        start: usize,
        layer: &Arc<Path>,
        entry: &dyn std::fmt::Display,
        pos: &dyn Fn(&str) -> Pos,
    ) {
        let mut warnings = self.warnings();
        for mut warning in warnings.split_off(start) {
            warning.complete(layer, entry, pos);
            warnings.add(warning);
        }
    }

    /// Notes that an entry of a component found something, unless a warning from `start` on says that it did not.
    pub(crate) fn note_useful(
        &self,
        start: usize,
        layer: &Arc<Path>,
        entry: &dyn std::fmt::Display,
    ) {
        let warnings = self.warnings();
        let mut since = warnings.all.iter().skip(start);
        if !since.any(|warning| warning.kind() == WarningKind::UnusedPatch) {
            let mut useful = self.useful.lock().unwrap_or_else(PoisonError::into_inner);
            useful.insert((Arc::clone(layer), entry.to_string()));
        }
    }

    /// Removes and returns the entries of components that found something.
    pub(crate) fn take_useful(&self) -> FxHashSet<(Arc<Path>, String)> {
        std::mem::take(&mut *self.useful.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Removes the warnings from `start` on that are not worth it in a component.
    pub(crate) fn forget_general(&self, start: usize) {
        let mut warnings = self.warnings();
        let added = warnings.split_off(start);
        added.into_iter().filter(|w| !w.is_general()).for_each(|warning| warnings.add(warning));
    }

    /// Removes those of the warnings from `start` on, which are about one object, that follow from others: what it
    /// lacks is told as a field in a wrong place.
    pub(crate) fn forget_what_follows(&self, start: usize) {
        let mut warnings = self.warnings();
        let since = warnings.all.get(start..).unwrap_or_default();
        let is_unknown = |warning: &&Warning| warning.kind() == WarningKind::UnknownField;
        let misplaced: Vec<String> = since
            .iter()
            .filter(is_unknown)
            .filter_map(|warning| Some(warning.message().split('`').nth(1)?.to_owned()))
            .collect();
        let follows = |warning: &Warning| {
            warning.lacks().is_some_and(|field| misplaced.iter().any(|other| other == field))
        };
        if since.iter().any(follows) {
            let added = warnings.split_off(start);
            added.into_iter().filter(|w| !follows(w)).for_each(|warning| warnings.add(warning));
        }
    }

    /// Removes and returns all warnings.
    pub(crate) fn take(&self) -> Vec<Warning> {
        std::mem::take(&mut *self.warnings()).all
    }

    fn warnings(&self) -> MutexGuard<'_, Warnings> {
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

impl Warnings {
    fn add(&mut self, warning: Warning) {
        marks(&warning).for_each(|mark| *self.marks.entry(mark).or_default() += 1);
        self.of_kind.entry(warning.kind()).or_default().push(self.all.len());
        self.all.push(warning);
    }

    /// Removes and returns the warnings from `start` on.
    fn split_off(&mut self, start: usize) -> Vec<Warning> {
        let removed = self.all.split_off(start.min(self.all.len()));
        for warning in &removed {
            for mark in marks(warning) {
                if let Some(count) = self.marks.get_mut(&mark) {
                    *count -= 1;
                    if *count == 0 {
                        self.marks.remove(&mark);
                    }
                }
            }
            if let Some(positions) = self.of_kind.get_mut(&warning.kind()) {
                positions.pop();
            }
        }
        removed
    }

    fn of_kind(&self, kind: WarningKind) -> impl Iterator<Item = &Warning> {
        let positions = self.of_kind.get(&kind).into_iter().flatten();
        positions.filter_map(|&i| self.all.get(i))
    }
}

/// Returns all by which a warning is found.
fn marks(warning: &Warning) -> impl Iterator<Item = Mark> {
    let kind = warning.kind();
    let quoted = warning.message().split('`').skip(1).step_by(2);
    let quoted = quoted.map(move |word| Mark::Quotes(kind, word.to_owned()));
    std::iter::once(Mark::At(kind, warning.extent().0)).chain(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_warnings_however_many_there_are() {
        let lint = Lint::default();
        let warning = |i: u32| {
            Warning::new(WarningKind::InvalidLabel, format!("the key `k{i}` is no key"), Pos(i))
        };
        (1..=3000).for_each(|i| lint.add(warning(i)));
        let is_found = |i: u32| {
            (
                lint.has(WarningKind::InvalidLabel, Pos(i)),
                lint.quotes(WarningKind::InvalidLabel, &format!("k{i}")),
                lint.covers(&[WarningKind::InvalidLabel], |pos, _| pos == Pos(i)),
            )
        };
        assert_eq!(is_found(2999), (true, true, true));
        assert_eq!(is_found(3001), (false, false, false));
        assert!(!lint.has(WarningKind::NotText, Pos(1)));
        assert!(!lint.quotes(WarningKind::InvalidLabel, "the key "));
        // What is forgotten is not found any more.
        lint.add(warning(3001).unless_in_component(true));
        assert_eq!(is_found(3001), (true, true, true));
        lint.forget_general(2000);
        assert_eq!(is_found(3001), (false, false, false));
        assert_eq!((is_found(3000), lint.len()), ((true, true, true), 3000));
    }
}
