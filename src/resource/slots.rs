//! The slots of the keys that a set of resources is asked for.

use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash};

use ecow::EcoString;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::id::{DEFAULT_NAMESPACE, IdRef};
use super::resource::Resource;

/// The slots of one key, in order; most keys have one.
#[derive(Clone, Debug)]
pub(super) enum Slots {
    One(u32),
    Many(Vec<u32>),
}

/// What the index is asked for.
#[derive(Clone, Copy, Hash)]
pub(super) enum Key<'a> {
    Id { kind: &'a str, name: &'a str, namespace: &'a str },
    Name(&'a str),
    Place { name: &'a str, namespace: &'a str },
    Label(Label<'a>),
}

/// A label or annotation; without a value it stands for all of its key.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Label<'a> {
    /// `labels` or `annotations`.
    pub(crate) map: &'static str,
    pub(crate) key: &'a str,
    pub(crate) value: Option<&'a str>,
}

/// Adds all labels and annotations of a resource.
pub(super) fn add_labels(labels: &mut FxHashMap<u64, Slots>, resource: &Resource, slot: u32) {
    for map in ["labels", "annotations"] {
        for entry in resource.metadata_map(map).into_iter().flatten() {
            let key = entry.key.text().unwrap_or_default();
            for value in [None, Some(entry.value.text().unwrap_or_default())] {
                add(labels, Key::Label(Label { map, key, value }), slot);
            }
        }
    }
}

/// Adds all places of a resource: name and namespace of each of its ids, and those of its first and its current
/// one crossed, as selectors of patches look at them.
pub(super) fn add_places(places: &mut FxHashMap<u64, Slots>, resource: &Resource, slot: u32) {
    let current = (resource.name(), resource.namespace());
    let previous = resource.history.previous.iter();
    let former = previous.map(|former| (former.name.as_str(), former.namespace.as_str()));
    let crossed = former
        .clone()
        .take(1)
        .flat_map(|(name, namespace)| [(name, current.1), (current.0, namespace)]);
    for (name, namespace) in former.chain([current]).chain(crossed) {
        let namespace = if namespace.is_empty() { DEFAULT_NAMESPACE } else { namespace };
        add(places, Key::Place { name, namespace }, slot);
    }
}

/// Adds a slot to those of a kind; returns `true` if it was not there.
pub(super) fn add_kind(kinds: &mut FxHashMap<EcoString, Slots>, kind: &str, slot: u32) -> bool {
    match kinds.get_mut(kind) {
        Some(slots) => {
            let before = slots.as_slice().len();
            slots.add(slot);
            slots.as_slice().len() > before
        }
        None => {
            kinds.insert(kind.into(), Slots::One(slot));
            true
        }
    }
}

/// Adds a slot to those of a key; returns `true` if it is the only one.
pub(super) fn add(index: &mut FxHashMap<u64, Slots>, key: Key<'_>, slot: u32) -> bool {
    match index.entry(key.hashed()) {
        Entry::Occupied(entry) => entry.into_mut().add(slot),
        Entry::Vacant(entry) => {
            entry.insert(Slots::One(slot));
            true
        }
    }
}

impl Slots {
    pub(super) fn as_slice(&self) -> &[u32] {
        match self {
            Slots::One(slot) => std::slice::from_ref(slot),
            Slots::Many(slots) => slots,
        }
    }

    /// Adds a slot if it is not there; returns `true` if it is the only one.
    pub(super) fn add(&mut self, slot: u32) -> bool {
        match self {
            Slots::One(old) if *old == slot => return true,
            Slots::One(old) => *self = Slots::Many(vec![slot.min(*old), slot.max(*old)]),
            Slots::Many(slots) => {
                if let Err(place) = slots.binary_search(&slot) {
                    slots.insert(place, slot);
                }
            }
        }
        false
    }
}

impl<'a> Key<'a> {
    pub(super) fn of(id: IdRef<'a>) -> Key<'a> {
        Key::Id { kind: id.kind, name: id.name, namespace: id.namespace }
    }

    pub(super) fn hashed(self) -> u64 {
        FxBuildHasher.hash_one(self)
    }
}
