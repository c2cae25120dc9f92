//! What the build remembers of a resource.
//!
//! Upstream keeps these facts as annotations on the resource itself; here they stand beside it, so
//! that the user's annotations are the user's. The few places where upstream's way shows (patches that
//! see or wipe them, files that forge them) go through [`annotations`](super::annotations).

use std::sync::Arc;

use ecow::{EcoString, EcoVec};

use super::origin::Origin;
use super::settled::Settled;
use super::stable_lists::StableLists;
use crate::yaml::Node;

/// A name, namespace and kind that a resource had before a step changed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PreviousId {
    /// The name.
    pub(crate) name: EcoString,
    /// The *effective* namespace: `default` for none, `_non_namespaceable_` for cluster scope.
    pub(crate) namespace: EcoString,
    /// The kind.
    pub(crate) kind: EcoString,
    /// How often it was noted in a row: upstream writes it down again each time.
    pub(crate) times: u32,
}

/// What a generator's resource does with one of the same id that exists already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Behavior {
    /// Not said, or said in unknown words; acts as create.
    #[default]
    Unspecified,
    /// Must not exist.
    Create,
    /// Takes its place.
    Replace,
    /// Merges with it.
    Merge,
}

/// The facts.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// Former ids, oldest first; no two neighbours are equal.
    pub(crate) previous: EcoVec<PreviousId>,
    /// Whether there was no name at one time when the id was to be noted.
    pub(crate) was_nameless: bool,
    /// Prefixes, in the order they were applied.
    pub(crate) prefixes: EcoVec<EcoString>,
    /// Suffixes, in the order they were applied.
    pub(crate) suffixes: EcoVec<EcoString>,
    /// What to do with an existing resource.
    pub(crate) behavior: Behavior,
    /// Whether the content hash is to be appended to the name.
    pub(crate) needs_hash: bool,
    /// Whether a generator of a kustomization made it.
    pub(crate) is_generated: bool,
    /// A patch may change the name.
    pub(crate) allow_name_change: bool,
    /// A patch may change the kind.
    pub(crate) allow_kind_change: bool,
    /// Comes from a helm chart, which the namespace step skips.
    pub(crate) helm_generated: bool,
    /// The scalars that several places of the tree share, by number; see [`shared`](super::shared).
    pub(crate) shared: EcoVec<Option<Node>>,
    /// Names of vars whose value this resource supplies.
    pub(crate) vars: EcoVec<EcoString>,
    /// Where it comes from, if the build keeps track of that.
    pub(crate) origin: Option<Arc<Origin>>,
    /// The transformer steps it went through, if the build keeps track of them.
    pub(crate) transformations: EcoVec<Arc<Origin>>,
    /// Whether a replacement has copied a value of it, if a lint wants to know.
    pub(crate) is_source: bool,
    /// Whether a strategic merge patch was merged into it.
    pub(crate) is_merged: bool,
    /// The lists that the next merge need not look through.
    pub(crate) stable_lists: StableLists,
    /// What the next JSON patch need not convert.
    pub(crate) settled: Settled,
    /// The document of the last answer of a function, if nothing but steps that write single values has
    /// changed the resource since.
    pub(crate) answered: Option<Arc<str>>,
    /// Its number in the trace, from 1; 0 if there is no trace, or it has just been made.
    pub(crate) serial: u32,
}

impl History {
    /// Returns `true` if upstream keeps anything of this as annotations.
    pub(crate) fn is_tracked(&self) -> bool {
        !self.previous.is_empty()
            || !self.prefixes.is_empty()
            || !self.suffixes.is_empty()
            || self.behavior != Behavior::Unspecified
            || self.is_generated
            || self.needs_hash
            || self.allow_name_change
            || self.allow_kind_change
            || self.helm_generated
    }

    /// Returns `true` if upstream keeps any note on the resource among its annotations.
    pub(crate) fn has_notes(&self) -> bool {
        self.is_tracked() || self.origin.is_some()
    }
}
