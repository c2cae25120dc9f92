//! The ordered set of resources of one layer, with indexes instead of scans.

use ecow::EcoString;
use rustc_hash::FxHashMap;
use std::hash::{BuildHasher, Hash};

use super::id::ResId;
use super::resource::Resource;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::Schema;
use crate::yaml::{Node, Pos};

/// Resources in the order in which they were added; that order has meaning.
///
/// Every resource keeps its slot for as long as it lives. `by_id` maps the hash of (kind, name,
/// effective namespace) of every id that a resource has or had to its slot; entries are only ever
/// added, and each look-up checks the resource itself, so a stale entry does no harm. `by_name` and
/// `by_kind` do the same for one part of the id; their slots are in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceSet {
    slots: Vec<Option<Resource>>,
    by_id: FxHashMap<u64, Vec<u32>>,
    by_name: FxHashMap<EcoString, Vec<u32>>,
    by_kind: FxHashMap<EcoString, Vec<u32>>,
    live: usize,
}

impl ResourceSet {
    /// Returns the number of resources.
    pub(crate) fn len(&self) -> usize {
        self.live
    }

    /// Returns the resources in order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Resource> {
        self.slots.iter().flatten()
    }

    /// Returns slots and resources in order.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (usize, &Resource)> {
        self.slots.iter().enumerate().filter_map(|(i, r)| Some((i, r.as_ref()?)))
    }

    /// Returns the slot numbers in order; use with [`get`](Self::get) and [`update`](Self::update).
    pub(crate) fn slot_numbers(&self) -> Vec<usize> {
        self.slots().map(|(i, _)| i).collect()
    }

    /// Returns the resource in a slot.
    pub(crate) fn get(&self, slot: usize) -> Option<&Resource> {
        self.slots.get(slot)?.as_ref()
    }

    /// Returns the resource in a slot, for changes that leave its id and former ids as they are.
    pub(crate) fn get_mut(&mut self, slot: usize) -> Option<&mut Resource> {
        self.slots.get_mut(slot)?.as_mut()
    }

    /// Returns all resources in order, for changes that leave ids and former ids as they are.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Resource> {
        self.slots.iter_mut().flatten()
    }

    /// Changes a resource in any way; its ids are indexed anew.
    pub(crate) fn update<T>(
        &mut self,
        slot: usize,
        schema: &Schema,
        change: impl FnOnce(&mut Resource) -> T,
    ) -> Option<T> {
        let resource = self.slots.get_mut(slot)?.as_mut()?;
        let done = change(resource);
        self.index(slot, schema);
        Some(done)
    }

    /// Adds a resource at the end.
    ///
    /// # Errors
    /// If one with an equal current id is there.
    pub(crate) fn append(&mut self, resource: Resource, schema: &Schema) -> Result<()> {
        let id = resource.id(schema);
        if let Some(slot) = self.find_current(&id, schema) {
            return Err(already_registered(&id, self.get(slot), &resource));
        }
        self.push(resource, schema);
        Ok(())
    }

    /// Adds a resource at the end without looking for one of the same id.
    pub(crate) fn push(&mut self, resource: Resource, schema: &Schema) {
        self.slots.push(Some(resource));
        self.live += 1;
        self.index(self.slots.len() - 1, schema);
    }

    /// Removes the resource in a slot and returns it; the order of the others stays.
    pub(crate) fn remove(&mut self, slot: usize) -> Option<Resource> {
        let taken = self.slots.get_mut(slot)?.take();
        self.live -= usize::from(taken.is_some());
        taken
    }

    /// Removes the resources of which nothing is left.
    pub(crate) fn drop_empty(&mut self) {
        for slot in &mut self.slots {
            let is_empty = |r: &mut Resource| match &r.node {
                Node::Map { map, .. } => map.is_empty(),
                node => node.is_null(),
            };
            if slot.take_if(is_empty).is_some() {
                self.live -= 1;
            }
        }
    }

    /// Appends all of `other`, in order.
    ///
    /// # Errors
    /// If an id is there already.
    pub(crate) fn append_all(&mut self, other: ResourceSet, schema: &Schema) -> Result<()> {
        for resource in other.slots.into_iter().flatten() {
            self.append(resource, schema)?;
        }
        Ok(())
    }

    /// Returns the slot of the resource whose current id equals `id`.
    pub(crate) fn find_current(&self, id: &ResId, schema: &Schema) -> Option<usize> {
        self.candidates(id).find(|&slot| self.get(slot).is_some_and(|r| r.id(schema).equals(id)))
    }

    /// Returns the slots, in order, of the resources that have or had an id equal to `id`.
    pub(crate) fn find_any(&self, id: &ResId, schema: &Schema) -> Vec<usize> {
        let mut found: Vec<usize> = self
            .candidates(id)
            .filter(|&slot| {
                self.get(slot).is_some_and(|r| {
                    r.previous_ids(schema).any(|p| p.equals(id)) || r.id(schema).equals(id)
                })
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// Returns the slots, in order, of the resources that have or had this name.
    pub(crate) fn find_by_name(&self, name: &str) -> impl Iterator<Item = usize> {
        self.in_slots(self.by_name.get(name)).filter(move |&slot| {
            self.get(slot).is_some_and(|r| {
                r.name() == name || r.history.previous.iter().any(|p| p.name == name)
            })
        })
    }

    /// Returns the slots, in order, of the resources that are or were of this kind.
    pub(crate) fn find_by_kind(&self, kind: &str) -> impl Iterator<Item = usize> {
        self.in_slots(self.by_kind.get(kind)).filter(move |&slot| {
            self.get(slot).is_some_and(|r| {
                r.kind() == kind || r.history.previous.iter().any(|p| p.kind == kind)
            })
        })
    }

    /// Checks that no two resources have equal current ids.
    ///
    /// # Errors
    /// If two have.
    pub(crate) fn check_unique(&self, schema: &Schema) -> Result<()> {
        for (slot, resource) in self.slots() {
            let id = resource.id(schema);
            let first = self
                .candidates(&id)
                .filter(|&s| self.get(s).is_some_and(|r| r.id(schema).equals(&id)))
                .min();
            if let Some(first) = first.filter(|f| *f < slot) {
                return Err(already_registered(&id, self.get(first), resource));
            }
        }
        Ok(())
    }

    /// Returns the resources in order and leaves nothing.
    pub(crate) fn into_resources(self) -> Vec<Resource> {
        self.slots.into_iter().flatten().collect()
    }

    fn candidates<'a>(&'a self, id: &ResId) -> impl Iterator<Item = usize> + 'a {
        let key = key(&id.gvk.kind, &id.name, id.effective_namespace());
        self.by_id.get(&key).into_iter().flatten().map(|&slot| slot as usize)
    }

    fn in_slots<'a>(&'a self, slots: Option<&'a Vec<u32>>) -> impl Iterator<Item = usize> + 'a {
        slots.into_iter().flatten().map(|&slot| slot as usize)
    }

    fn index(&mut self, slot: usize, schema: &Schema) {
        let Some(resource) = self.slots[slot].as_ref() else {
            return;
        };
        let slot = slot as u32;
        let mut add = |id: ResId| {
            add_slot(&mut self.by_name, &id.name, slot);
            add_slot(&mut self.by_kind, &id.gvk.kind, slot);
            let slots = self
                .by_id
                .entry(key(&id.gvk.kind, &id.name, id.effective_namespace()))
                .or_default();
            if !slots.contains(&slot) {
                slots.push(slot);
            }
        };
        add(resource.id(schema));
        resource.previous_ids(schema).for_each(add);
    }
}

/// Returns the error for an id that is there already.
fn already_registered(id: &ResId, first: Option<&Resource>, second: &Resource) -> Error {
    let error = Error::new(
        ErrorKind::Conflict,
        format!("may not add resource with an already registered id: {id}"),
    );
    let (first, second) = (first.map_or(Pos::NONE, |r| r.node.pos()), second.node.pos());
    let error = error.at(second);
    if first == second && first.is_some() {
        return error.hint(
            "it is reached in two ways: name what defines it only once, or make what both ways \
             share a component",
        );
    }
    error.related("first defined at", first).hint(
        "rename one of the two, drop one of them, or turn the second into a patch of the first",
    )
}

/// Adds a slot to the ordered ones of a name or kind.
fn add_slot(index: &mut FxHashMap<EcoString, Vec<u32>>, part: &EcoString, slot: u32) {
    let Some(slots) = index.get_mut(part) else {
        index.insert(part.clone(), vec![slot]);
        return;
    };
    if let Err(place) = slots.binary_search(&slot) {
        slots.insert(place, slot);
    }
}

fn key(kind: &str, name: &str, namespace: &str) -> u64 {
    let mut hasher = rustc_hash::FxBuildHasher.build_hasher();
    (kind, name, namespace).hash(&mut hasher);
    std::hash::Hasher::finish(&hasher)
}
