//! The renamed resources, found by the names they had.

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash};

use ecow::EcoString;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::bucket::Bucket;
use super::referral::Referral;
use crate::build_context::Context;
use crate::resource::{NO_NAMESPACE, PreviousId, ResourceSet};
use crate::yaml::Node;

/// Where a referral is or was.
#[derive(Clone, Copy, Hash)]
pub(super) enum Scope<'a> {
    /// Anywhere.
    Anywhere,
    /// Now in this effective namespace.
    In(&'a str),
    /// At first in this effective namespace.
    From(&'a str),
}

/// All referrals, and the namespaces that resources of any history came from.
#[derive(Default)]
pub(super) struct Referrals {
    all: Vec<Referral>,
    names: FxHashSet<EcoString>,
    /// By hash of former name, former kind (empty for any) and scope. What shares a hash by chance
    /// is told apart by whoever looks at the referrals.
    buckets: FxHashMap<u64, Bucket>,
    /// Original effective namespaces.
    origins: FxHashSet<EcoString>,
    /// Original together with current effective namespaces.
    moves: FxHashSet<(EcoString, EcoString)>,
    /// Original effective namespaces together with current ones as written.
    moves_as_written: FxHashSet<(EcoString, EcoString)>,
}

impl Referrals {
    /// Indexes all resources; under no kind as well if references to any kind are to be followed.
    pub(super) fn new(cx: &Context, set: &ResourceSet, any_kind: bool) -> Referrals {
        let mut index = Referrals::default();
        let renamed = set.iter().filter(|it| !it.history.previous.is_empty()).count();
        index.all.reserve(renamed);
        index.names.reserve(renamed);
        index.buckets.reserve(3 * renamed);
        let mut last_move = Default::default();
        for resource in set.iter() {
            let id = resource.id(&cx.schema);
            let first = resource.previous_id_refs(&cx.schema).next();
            let current = id.effective_namespace();
            let origin = EcoString::from(first.map_or(current, |first| first.namespace));
            let moved = (origin.clone(), id.namespace.clone(), id.cluster_scoped);
            // Neighbours mostly move together.
            if moved != last_move {
                if !id.cluster_scoped {
                    index.moves_as_written.insert((origin.clone(), id.namespace.clone()));
                }
                index.origins.insert(origin.clone());
                index.moves.insert((origin.clone(), current.into()));
                last_move = moved;
            }
            let history = &resource.history;
            if !history.previous.is_empty() {
                index.add(
                    Referral {
                        id,
                        origin,
                        prefixes: history.prefixes.clone(),
                        suffixes: history.suffixes.clone(),
                        previous: history.previous.clone(),
                    },
                    any_kind,
                );
            }
        }
        index
    }

    fn add(&mut self, referral: Referral, any_kind: bool) {
        let number = self.all.len() as u32;
        let names = each_once(&referral.previous, |previous| &previous.name);
        let kinds = || each_once(&referral.previous, |previous| &previous.kind);
        let current = referral.id.effective_namespace();
        let scopes = [Scope::Anywhere, Scope::In(current), Scope::From(&referral.origin)];
        for name in names {
            if !self.names.contains(name) {
                self.names.insert(name.clone());
            }
            for kind in kinds().map(EcoString::as_str).chain(any_kind.then_some("")) {
                for scope in scopes {
                    match self.buckets.entry(key(name, kind, scope)) {
                        Entry::Occupied(bucket) => bucket.into_mut().push(number),
                        Entry::Vacant(place) => {
                            place.insert(Bucket::One(number));
                        }
                    }
                }
            }
        }
        self.all.push(referral);
    }

    /// Returns all referrals, by their numbers.
    pub(super) fn all(&self) -> &[Referral] {
        &self.all
    }

    /// Returns the referrals that had a name and kind.
    pub(super) fn bucket(&self, name: &str, kind: &str, scope: Scope<'_>) -> Option<&Bucket> {
        self.buckets.get(&key(name, kind, scope))
    }

    /// Returns `true` if a leaf holds a name that is worth asking for, or is not what it should be.
    pub(super) fn concern(&self, leaf: &Node) -> bool {
        match leaf {
            Node::Scalar { text, .. } => self.names.contains(text),
            Node::Map { map, .. } => match map.get("name") {
                Some(name) => self.names.contains(name.text().unwrap_or_default()),
                None => true,
            },
            Node::Seq { items, .. } => {
                items.iter().any(|item| item.as_seq().is_some() || self.concern(item))
            }
        }
    }

    /// Returns `true` if any resource was in the namespace at first.
    pub(super) fn came_from(&self, origin: &str) -> bool {
        self.origins.contains(origin)
    }

    /// Returns `true` if any resource was in the namespace at first and is cluster-scoped or in
    /// `current` (or, as written, in one of `others`) now.
    pub(super) fn moved(&self, origin: &str, current: &str, others: &BTreeSet<EcoString>) -> bool {
        if !self.origins.contains(origin) {
            return false;
        }
        let pair = |to: &str| (EcoString::from(origin), EcoString::from(to));
        self.moves.contains(&pair(current))
            || self.moves.contains(&pair(NO_NAMESPACE))
            || others.iter().any(|other| self.moves_as_written.contains(&pair(other)))
    }
}

/// Returns a part of former ids, once for all neighbours that are equal in it.
fn each_once(
    previous: &[PreviousId],
    part: fn(&PreviousId) -> &EcoString,
) -> impl Iterator<Item = &EcoString> {
    previous.chunk_by(move |a, b| part(a) == part(b)).filter_map(<[_]>::first).map(part)
}

fn key(name: &str, kind: &str, scope: Scope<'_>) -> u64 {
    FxBuildHasher.hash_one((name, kind, scope))
}
