//! The renamed resources, found by the names they had.

use std::collections::BTreeSet;

use ecow::{EcoString, EcoVec};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::context::Context;
use crate::resource::{Gvk, NO_NAMESPACE, ResId, ResourceSet};
use crate::yaml::Node;

/// A resource that had another name, namespace or kind before.
pub(super) struct Referral {
    /// The current id.
    pub(super) id: ResId,
    /// The effective namespace of the first id.
    pub(super) original_namespace: EcoString,
    /// All kinds that were recorded.
    kinds: EcoVec<EcoString>,
    /// Prefixes, in the order they were applied.
    pub(super) prefixes: EcoVec<EcoString>,
    /// Suffixes, in the order they were applied.
    pub(super) suffixes: EcoVec<EcoString>,
}

impl Referral {
    /// Tells whether some former gvk is selected; former ids keep the current group and version.
    pub(super) fn was_selected_by(&self, selector: &Gvk) -> bool {
        let Gvk { group, version, .. } = &self.id.gvk;
        (selector.group.is_empty() || selector.group == *group)
            && (selector.version.is_empty() || selector.version == *version)
            && (selector.kind.is_empty() || self.kinds.contains(&selector.kind))
    }
}

/// The referrals that had one name, by position in the order of the resources.
#[derive(Default)]
struct Named {
    all: Vec<u32>,
    by_namespace: FxHashMap<EcoString, Vec<u32>>,
    by_origin: FxHashMap<EcoString, Vec<u32>>,
}

/// All referrals, and the namespaces that resources of any history came from.
pub(super) struct Referrals {
    all: Vec<Referral>,
    by_name: FxHashMap<EcoString, Named>,
    /// Original effective namespaces.
    origins: FxHashSet<EcoString>,
    /// Original together with current effective namespaces.
    moves: FxHashSet<(EcoString, EcoString)>,
    /// Original effective namespaces together with current ones as written.
    moves_as_written: FxHashSet<(EcoString, EcoString)>,
}

impl Referrals {
    /// Indexes all resources.
    pub(super) fn new(cx: &Context, set: &ResourceSet) -> Referrals {
        let mut index = Referrals {
            all: Vec::new(),
            by_name: FxHashMap::default(),
            origins: FxHashSet::default(),
            moves: FxHashSet::default(),
            moves_as_written: FxHashSet::default(),
        };
        for resource in set.iter() {
            let id = resource.id(&cx.schema);
            let origin: EcoString = resource.original_id(&cx.schema).effective_namespace().into();
            let current: EcoString = id.effective_namespace().into();
            index.origins.insert(origin.clone());
            index.moves.insert((origin.clone(), current.clone()));
            if !id.cluster_scoped {
                index.moves_as_written.insert((origin.clone(), id.namespace.clone()));
            }
            let history = &resource.history;
            if history.previous.is_empty() {
                continue;
            }
            let number = index.all.len() as u32;
            for previous in &history.previous {
                let named = index.by_name.entry(previous.name.clone()).or_default();
                if named.all.last() != Some(&number) {
                    named.all.push(number);
                    named.by_namespace.entry(current.clone()).or_default().push(number);
                    named.by_origin.entry(origin.clone()).or_default().push(number);
                }
            }
            index.all.push(Referral {
                id,
                original_namespace: origin,
                kinds: history.previous.iter().map(|p| p.kind.clone()).collect(),
                prefixes: history.prefixes.clone(),
                suffixes: history.suffixes.clone(),
            });
        }
        index
    }

    /// Tells whether a leaf holds a name that is worth asking for, or is not what it should be.
    pub(super) fn concern(&self, leaf: &Node) -> bool {
        match leaf {
            Node::Scalar { text, .. } => self.by_name.contains_key(text),
            Node::Map { map, .. } => match map.get("name") {
                Some(name) => self.by_name.contains_key(name.text().unwrap_or_default()),
                None => true,
            },
            Node::Seq { items, .. } => {
                items.iter().any(|item| item.as_seq().is_some() || self.concern(item))
            }
        }
    }

    /// Returns the referrals that had the name, wherever they are.
    pub(super) fn anywhere<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Referral> {
        let numbers = self.by_name.get(name).map_or(&[][..], |named| &named.all);
        self.resolve(numbers)
    }

    /// Returns the referrals that had the name and are in the effective namespace now.
    pub(super) fn within<'a>(
        &'a self,
        name: &str,
        namespace: &str,
    ) -> impl Iterator<Item = &'a Referral> {
        let named = self.by_name.get(name);
        let numbers = named.and_then(|named| named.by_namespace.get(namespace));
        self.resolve(numbers.map_or(&[], Vec::as_slice))
    }

    /// Returns the referrals that had the name and came from the effective namespace.
    pub(super) fn from<'a>(
        &'a self,
        name: &str,
        origin: &str,
    ) -> impl Iterator<Item = &'a Referral> {
        self.resolve(self.numbers_from(name, origin))
    }

    /// Returns how many [`from`](Self::from) returns.
    pub(super) fn count_from(&self, name: &str, origin: &str) -> usize {
        self.numbers_from(name, origin).len()
    }

    fn numbers_from(&self, name: &str, origin: &str) -> &[u32] {
        let named = self.by_name.get(name);
        let numbers = named.and_then(|named| named.by_origin.get(origin));
        numbers.map_or(&[], Vec::as_slice)
    }

    /// Tells whether any resource was in the namespace at first.
    pub(super) fn came_from(&self, origin: &str) -> bool {
        self.origins.contains(origin)
    }

    /// Tells whether any resource was in the namespace at first and is cluster-scoped or in
    /// `current` (or, as written, in one of `others`) now.
    pub(super) fn moved(&self, origin: &str, current: &str, others: &BTreeSet<EcoString>) -> bool {
        let pair = |to: &str| (EcoString::from(origin), EcoString::from(to));
        self.moves.contains(&pair(current))
            || self.moves.contains(&pair(NO_NAMESPACE))
            || others.iter().any(|other| self.moves_as_written.contains(&pair(other)))
    }

    fn resolve<'a>(&'a self, numbers: &'a [u32]) -> impl Iterator<Item = &'a Referral> {
        numbers.iter().filter_map(|&number| self.all.get(number as usize))
    }
}
