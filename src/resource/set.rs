//! The ordered set of resources of one layer, with indexes instead of scans.

use std::ops::Range;
use std::sync::OnceLock;

use ecow::EcoString;

use rustc_hash::FxHashMap;

use super::id::{IdRef, NO_NAMESPACE, ResId};
use super::resource::Resource;
use super::slots::{Key, Label, Slots, add, add_kind, add_labels, add_places};
use super::texts::{IdPart, Texts};
use crate::diagnostics::hints::{OBJECT_TWICE, REACHED_TWICE};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::schema::Schema;
use crate::work;
use crate::yaml::Pos;

/// Resources in the order in which they were added; that order has meaning.
///
/// Every resource keeps its slot for as long as it lives. The index maps hashes to slots, in order:
/// of (kind, name, effective namespace) of every id that a resource has or had, and of its name alone.
/// Entries are only ever added, and each look-up checks the resource itself, so neither a stale entry
/// nor two keys of one hash do harm. Kinds are few and mostly stay, so they are looked up by their text
/// and only checked once one may have been forgotten.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceSet {
    slots: Vec<Option<Resource>>,
    index: FxHashMap<u64, Slots>,
    /// The slots of each kind that a resource has or had.
    kinds: FxHashMap<EcoString, Slots>,
    /// Whether a resource has got another kind and may not know any more that it had one.
    lost_kinds: bool,
    /// The slots that, since ids were last known to be unique, got one whose key others have as well.
    crowded: Vec<u32>,
    live: usize,
    /// The slots of every text that ids consist of.
    texts: Texts,
    /// The slots of every name together with a namespace; made when a crowded name is first asked for.
    places: OnceLock<FxHashMap<u64, Slots>>,
    /// The slots of every label and annotation; made when one is first asked for, and gone when they may have
    /// changed without notice.
    labels: OnceLock<FxHashMap<u64, Slots>>,
}

/// How many resources a layer has at least, mostly, and how many keys each of them.
const FEW: usize = 8;
const KEYS: usize = 3;

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

    /// Returns all slot numbers in order, those of removed resources included; use with
    /// [`get`](Self::get) and [`update`](Self::update).
    pub(crate) fn slot_numbers(&self) -> Range<usize> {
        0..self.slots.len()
    }

    /// Returns the resource in a slot.
    pub(crate) fn get(&self, slot: usize) -> Option<&Resource> {
        self.slots.get(slot)?.as_ref()
    }

    /// Returns the resource in a slot, for changes that leave its id and former ids as they are.
    pub(crate) fn get_mut(&mut self, slot: usize) -> Option<&mut Resource> {
        self.forget_labels();
        self.slots.get_mut(slot)?.as_mut()
    }

    /// Forgets the index of labels, which someone may change.
    fn forget_labels(&mut self) {
        if self.labels.get().is_some() {
            self.labels.take();
        }
    }

    /// As [`get_mut`](Self::get_mut), for those who call [`note_change`](Self::note_change) afterwards: what
    /// is known of other resources stays.
    pub(crate) fn get_one_mut(&mut self, slot: usize) -> Option<&mut Resource> {
        self.slots.get_mut(slot)?.as_mut()
    }

    /// Takes note of the version, labels and annotations that a resource has got.
    pub(crate) fn note_change(&mut self, slot: usize) {
        let Some(Some(resource)) = self.slots.get(slot) else { return };
        if let Some(labels) = self.labels.get_mut() {
            add_labels(labels, resource, slot as u32);
        }
        self.texts.note(resource, slot as u32);
    }

    /// Returns all resources in order, for changes that leave ids and former ids as they are.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Resource> {
        self.forget_labels();
        self.slots.iter_mut().flatten()
    }

    /// Changes a resource in any way; its ids are indexed anew.
    pub(crate) fn update<T>(
        &mut self,
        slot: usize,
        schema: &Schema,
        change: impl FnOnce(&mut Resource) -> T,
    ) -> Option<T> {
        let done = change(self.get_one_mut(slot)?);
        self.index(slot, schema, false);
        Some(done)
    }

    /// Gives a resource another current id; of its former ones only the last may be new, and that is
    /// the one that it had.
    pub(crate) fn rename<T>(
        &mut self,
        slot: usize,
        schema: &Schema,
        change: impl FnOnce(&mut Resource) -> T,
    ) -> Option<T> {
        let done = change(self.get_mut(slot)?);
        let resource = self.slots.get(slot)?.as_ref()?;
        let (slot, id) = (slot as u32, resource.id_ref(schema));
        if !add(&mut self.index, Key::of(id), slot) {
            self.crowded.push(slot);
        }
        if resource.history.previous.last().is_none_or(|last| last.name != id.name) {
            add(&mut self.index, Key::Name(id.name), slot);
        }
        if resource.history.previous.last().is_none_or(|last| last.kind != id.kind) {
            self.lost_kinds |= add_kind(&mut self.kinds, id.kind, slot);
        }
        self.texts.note(resource, slot);
        if let Some(places) = self.places.get_mut() {
            add_places(places, resource, slot);
        }
        Some(done)
    }

    /// Adds a resource at the end.
    ///
    /// # Errors
    /// If one with an equal current id is there.
    pub(crate) fn append(&mut self, resource: Resource, schema: &Schema) -> Result<()> {
        let slot = self.insert(resource, schema);
        if self.may_have_twin(slot) {
            self.crowded.pop();
            if let (Some(first), Some(second)) = (self.twin(slot, schema), self.get(slot)) {
                return Err(already_registered(&second.id(schema), self.get(first), second));
            }
        }
        Ok(())
    }

    /// Adds a resource at the end without looking for one of the same id.
    #[cfg(test)]
    pub(crate) fn push(&mut self, resource: Resource, schema: &Schema) {
        self.insert(resource, schema);
    }

    fn insert(&mut self, resource: Resource, schema: &Schema) -> usize {
        let slot = self.slots.len();
        if slot == 0 {
            self.slots.reserve(FEW);
            self.index.reserve(KEYS * FEW);
        }
        self.slots.push(Some(resource));
        self.live += 1;
        self.index(slot, schema, true);
        slot
    }

    /// Removes the resource in a slot and returns it; the order of the others stays.
    pub(crate) fn remove(&mut self, slot: usize) -> Option<Resource> {
        let taken = self.slots.get_mut(slot)?.take();
        self.live -= usize::from(taken.is_some());
        taken
    }

    /// Removes the resources of which nothing is left.
    pub(crate) fn drop_empty(&mut self) {
        self.remove_if(Resource::is_empty);
    }

    /// Removes the resources that `is_gone` tells of.
    pub(crate) fn remove_if(&mut self, is_gone: impl Fn(&Resource) -> bool) {
        for slot in &mut self.slots {
            work::id();
            if slot.take_if(|resource| is_gone(resource)).is_some() {
                self.live -= 1;
            }
        }
    }

    /// Appends all of `other`, in order.
    ///
    /// # Errors
    /// If an id is there already.
    pub(crate) fn append_all(&mut self, mut other: ResourceSet, schema: &Schema) -> Result<()> {
        if self.live == 0 {
            other.check_unique(schema)?;
            *self = other;
            return Ok(());
        }
        for resource in other.slots.into_iter().flatten() {
            self.append(resource, schema)?;
        }
        Ok(())
    }

    /// Returns the slots, in order, of the resources that have or had an id equal to `id`.
    pub(crate) fn find_any(&self, id: &ResId, schema: &Schema) -> Vec<usize> {
        let id = id.borrowed();
        let has_or_had = |resource: &Resource| {
            resource.id_ref(schema) == id || resource.previous_id_refs(schema).any(|p| p == id)
        };
        self.candidates(id).filter(|&slot| self.get(slot).is_some_and(has_or_had)).collect()
    }

    /// Returns `true` if a resource here has the current id of `resource`.
    pub(crate) fn has_id_of(&self, resource: &Resource, schema: &Schema) -> bool {
        self.current(resource.id_ref(schema), schema).next().is_some()
    }

    /// Returns `true` if another resource has the current id of the one in a slot.
    pub(crate) fn has_twin(&self, slot: usize, schema: &Schema) -> bool {
        self.twin(slot, schema).is_some()
    }

    /// Tells, of the resource that was changed last, whether another may have its current id.
    pub(crate) fn may_have_twin(&self, slot: usize) -> bool {
        self.crowded.last().is_some_and(|&crowded| crowded as usize == slot)
    }

    /// Returns the slot of another resource that has the current id of the one in `slot`.
    fn twin(&self, slot: usize, schema: &Schema) -> Option<usize> {
        let id = self.get(slot)?.id_ref(schema);
        self.current(id, schema).find(|&other| other != slot)
    }

    /// Returns the slots, in order, of the resources that have or had this name.
    pub(crate) fn find_by_name(&self, name: &str) -> impl Iterator<Item = usize> {
        self.keyed(Key::Name(name)).filter(move |&slot| {
            self.get(slot).is_some_and(|r| {
                r.name() == name || r.history.previous.iter().any(|p| p.name == name)
            })
        })
    }

    /// Returns the slots, in order, of the resources that have or had this name; others may be among them.
    pub(crate) fn slots_of_name(&self, name: &str) -> &[u32] {
        self.index.get(&Key::Name(name).hashed()).map_or(&[], Slots::as_slice)
    }

    /// Returns how many resources at most have or had this name.
    pub(crate) fn count_of_name(&self, name: &str) -> usize {
        self.slots_of_name(name).len()
    }

    /// Returns the slots, in order, of the resources that have or had this name and a namespace, not
    /// necessarily at once, where none is `default`; others may be among them.
    pub(crate) fn find_by_place(&self, name: &str, namespace: &str) -> Vec<usize> {
        let namesakes = self.index.get(&Key::Name(name).hashed()).map_or(&[][..], Slots::as_slice);
        if namesakes.len() <= FEW || matches!(namespace, "" | NO_NAMESPACE) {
            return self.find_by_name(name).collect();
        }
        let places = self.places.get_or_init(|| {
            let mut places = FxHashMap::default();
            for (slot, resource) in self.slots().inspect(|_| work::id()) {
                add_places(&mut places, resource, slot as u32);
            }
            places
        });
        let slots = places.get(&Key::Place { name, namespace }.hashed());
        let slots = slots.map_or(&[][..], Slots::as_slice).iter();
        slots.inspect(|_| work::id()).map(|&slot| slot as usize).collect()
    }

    /// Returns the slots, in order, of the resources that have or had, as a part of their ids, a text that begins
    /// in one of these ways and of which `is` holds.
    pub(crate) fn find_by_text(
        &self,
        part: IdPart,
        prefixes: &[&str],
        is: impl Fn(&str) -> bool,
    ) -> Vec<usize> {
        let found = self.starting(part, prefixes).filter(|(text, _)| is(text));
        let mut slots: Vec<usize> =
            found.flat_map(|(_, slots)| slots).map(|&slot| slot as usize).collect();
        slots.sort_unstable();
        slots.dedup();
        slots.retain(|&slot| self.get(slot).is_some());
        slots
    }

    /// Returns how many resources have or had a text that begins in one of these ways, or `most` if there are as
    /// many.
    pub(crate) fn count_by_text(&self, part: IdPart, prefixes: &[&str], most: usize) -> usize {
        let mut count = 0;
        for (_, slots) in self.starting(part, prefixes) {
            count += slots.len();
            if count >= most {
                return most;
            }
        }
        count
    }

    /// Returns the texts of a part of ids that begin in one of these ways, each with its slots.
    fn starting<'a>(
        &'a self,
        part: IdPart,
        prefixes: &'a [&'a str],
    ) -> impl Iterator<Item = (&'a str, &'a [u32])> {
        prefixes.iter().flat_map(move |prefix| self.texts.starting(part, prefix, self.slots()))
    }

    /// Returns the slots, in order, of the resources that have or had a label or annotation; others may be
    /// among them.
    pub(crate) fn find_by_label(&self, label: Label<'_>) -> &[u32] {
        let labels = self.labels.get_or_init(|| {
            let mut labels = FxHashMap::default();
            for (slot, resource) in self.slots().inspect(|_| work::id()) {
                add_labels(&mut labels, resource, slot as u32);
            }
            labels
        });
        labels.get(&Key::Label(label).hashed()).map_or(&[], Slots::as_slice)
    }

    /// Returns the slots, in order, of the resources that are or were of this kind.
    pub(crate) fn find_by_kind(&self, kind: &str) -> impl Iterator<Item = usize> {
        let slots = self.kinds.get(kind).map_or(&[][..], Slots::as_slice);
        let is_or_was = move |resource: &Resource| {
            resource.kind() == kind || resource.history.previous.iter().any(|p| p.kind == kind)
        };
        slots.iter().inspect(|_| work::id()).map(|&slot| slot as usize).filter(move |&slot| {
            self.get(slot).is_some_and(|found| !self.lost_kinds || is_or_was(found))
        })
    }

    /// Returns the resources that are of a kind, in order.
    pub(crate) fn of_kind<'s>(
        &'s self,
        kind: &'s str,
    ) -> impl DoubleEndedIterator<Item = &'s Resource> + Clone {
        let slots = self.kinds.get(kind).map_or(&[][..], Slots::as_slice);
        let found = slots.iter().filter_map(|&slot| self.get(slot as usize));
        found.filter(move |found| !self.lost_kinds || found.kind() == kind)
    }

    /// Returns the resources that are of one of some kinds, in order.
    pub(crate) fn of_kinds<'s>(&'s self, kinds: &'s [&str]) -> Vec<&'s Resource> {
        let slots = kinds.iter().filter_map(|kind| self.kinds.get(*kind));
        let mut slots: Vec<u32> = slots.flat_map(Slots::as_slice).copied().collect();
        slots.sort_unstable();
        slots.dedup();
        let found = slots.into_iter().filter_map(|slot| self.get(slot as usize));
        found.filter(|found| !self.lost_kinds || kinds.contains(&found.kind())).collect()
    }

    /// Returns how many resources are or were of this kind, some of which may be gone.
    pub(crate) fn count_of_kind(&self, kind: &str) -> usize {
        self.kinds.get(kind).map_or(0, |slots| slots.as_slice().len())
    }

    /// Checks that no two resources have equal current ids.
    ///
    /// # Errors
    /// If two have.
    pub(crate) fn check_unique(&mut self, schema: &Schema) -> Result<()> {
        let crowded = std::mem::take(&mut self.crowded);
        if !crowded.iter().any(|&slot| self.has_twin(slot as usize, schema)) {
            return Ok(());
        }
        for (slot, resource) in self.slots() {
            let first = self.current(resource.id_ref(schema), schema).next();
            if let Some(first) = first.filter(|first| *first < slot) {
                return Err(already_registered(&resource.id(schema), self.get(first), resource));
            }
        }
        Ok(())
    }

    /// Returns the resources in order and leaves nothing.
    pub(crate) fn into_resources(self) -> Vec<Resource> {
        // `flatten` would not collect in place: for a moment there would be twice the memory.
        #[expect(clippy::filter_map_identity)]
        self.slots.into_iter().filter_map(|resource| resource).collect()
    }

    /// Makes room for so many resources more.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.slots.reserve(more);
    }

    /// Returns the slots, in order, of the resources whose current id is `id`.
    fn current(&self, id: IdRef<'_>, schema: &Schema) -> impl Iterator<Item = usize> {
        self.candidates(id)
            .filter(move |&slot| self.get(slot).is_some_and(|r| r.id_ref(schema) == id))
    }

    fn candidates(&self, id: IdRef<'_>) -> impl Iterator<Item = usize> + use<'_> {
        self.keyed(Key::of(id))
    }

    fn keyed(&self, key: Key<'_>) -> impl Iterator<Item = usize> + use<'_> {
        let slots = self.index.get(&key.hashed()).map_or(&[][..], Slots::as_slice);
        slots.iter().inspect(|_| work::id()).map(|&slot| slot as usize)
    }

    fn index(&mut self, slot: usize, schema: &Schema, is_new: bool) {
        let Some(Some(resource)) = self.slots.get(slot) else {
            return;
        };
        let slot = slot as u32;
        let mut add = |key| add(&mut self.index, key, slot);
        let mut last: Option<IdRef<'_>> = None;
        let mut is_alone = true;
        for id in resource.previous_id_refs(schema).chain([resource.id_ref(schema)]) {
            work::id();
            if last == Some(id) {
                continue;
            }
            is_alone = add(Key::of(id));
            if last.is_none_or(|last| last.name != id.name) {
                add(Key::Name(id.name));
            }
            if last.is_none_or(|last| last.kind != id.kind) {
                let is_first = is_new && last.is_none();
                self.lost_kinds |= add_kind(&mut self.kinds, id.kind, slot) && !is_first;
            }
            last = Some(id);
        }
        if !is_alone {
            self.crowded.push(slot);
        }
        self.texts.note(resource, slot);
        if let Some(places) = self.places.get_mut() {
            add_places(places, resource, slot);
        }
        if let Some(labels) = self.labels.get_mut() {
            add_labels(labels, resource, slot);
        }
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
        return error.hint(&REACHED_TWICE);
    }
    error.related("first defined at", first).hint(&OBJECT_TWICE)
}
