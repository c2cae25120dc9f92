//! A renamed resource, and what it has in common with who names it.

use ecow::{EcoString, EcoVec};

use crate::resource::{Gvk, GvkRef, PreviousId, ResId};

/// A resource that had another name, namespace or kind before.
pub(super) struct Referral {
    /// The current id.
    pub(super) id: ResId,
    /// The effective namespace of the first id.
    pub(super) origin: EcoString,
    /// Prefixes, in the order they were applied.
    pub(super) prefixes: EcoVec<EcoString>,
    /// Suffixes, in the order they were applied.
    pub(super) suffixes: EcoVec<EcoString>,
    /// The former ids, oldest first.
    pub(super) previous: EcoVec<PreviousId>,
}

impl Referral {
    /// Returns the prefixes and suffixes it went through.
    pub(super) fn affixes(&self) -> Affixes<'_> {
        Affixes { prefixes: &self.prefixes, suffixes: &self.suffixes }
    }

    /// Returns `true` if some former name is this one.
    pub(super) fn was_named(&self, name: &str) -> bool {
        self.previous.iter().any(|previous| previous.name == name)
    }

    /// Returns `true` if some former gvk is selected; former ids keep the current group and version.
    pub(super) fn was_selected_by(&self, selector: GvkRef<'_>) -> bool {
        let Gvk { group, version, .. } = &self.id.gvk;
        (selector.group.is_empty() || selector.group == *group)
            && (selector.version.is_empty() || selector.version == *version)
            && (selector.kind.is_empty() || self.previous.iter().any(|p| p.kind == selector.kind))
    }
}

/// Prefixes and suffixes, each in the order they were applied.
#[derive(Clone, Copy)]
pub(super) struct Affixes<'a> {
    pub(super) prefixes: &'a [EcoString],
    pub(super) suffixes: &'a [EcoString],
}

impl Affixes<'_> {
    /// Returns `true` if both went through the same outer prefixes and suffixes, as far as both went
    /// through any; an empty list agrees with any only if `empty_agrees`.
    pub(super) fn agree(self, other: Affixes<'_>, empty_agrees: bool) -> bool {
        same_tail(self.prefixes, other.prefixes, empty_agrees)
            && same_tail(self.suffixes, other.suffixes, empty_agrees)
    }
}

/// Returns `true` if the shorter list is the end of the longer one.
fn same_tail(a: &[EcoString], b: &[EcoString], empty_agrees: bool) -> bool {
    if a.is_empty() || b.is_empty() {
        return empty_agrees || a.len() == b.len();
    }
    a.ends_with(b) || b.ends_with(a)
}
