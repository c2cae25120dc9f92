//! The entries of a mapping as they are printed: keys as strings, sorted, duplicates refused.

use std::borrow::Cow;
use std::cmp::Ordering;

use rustc_hash::{FxHashMap, FxHashSet};

use super::key_order;
use super::node::{Entry, Mapping};
use super::render_error::RenderError;
use super::round_trip::{self, Surroundings};

/// An entry whose key was read.
#[derive(Clone, Debug)]
pub(super) struct Keyed<'a> {
    /// The key as a string.
    pub(super) key: Cow<'a, str>,
    /// The entry it belongs to.
    pub(super) entry: &'a Entry,
}

/// Which order the entries get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// As the printer writes them.
    Printed,
    /// Byte by byte, as in JSON.
    Bytes,
}

/// A stack of the mappings that are being written, so that one allocation serves a whole document.
#[derive(Debug, Default)]
pub(super) struct Entries<'a> {
    keyed: Vec<Keyed<'a>>,
    order: Vec<u32>,
}

/// The part of the stack that belongs to one mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    keyed: usize,
    order: usize,
    /// The number of entries.
    pub(super) len: usize,
}

impl<'a> Entries<'a> {
    /// Returns an empty stack with room for a common resource.
    pub(super) fn with_room() -> Entries<'a> {
        Entries { keyed: Vec::with_capacity(24), order: Vec::with_capacity(24) }
    }

    /// Reads the keys of a mapping that stands at `place`, and sorts them.
    pub(super) fn push(
        &mut self,
        map: &'a Mapping,
        place: Surroundings,
        sort: Sort,
    ) -> Result<Frame, RenderError> {
        let mut frame = Frame { keyed: self.keyed.len(), order: self.order.len(), len: 0 };
        let mut converted = false;
        for (i, entry) in (0..).zip(map) {
            let key = round_trip::key(&entry.key, place)?;
            converted |= matches!(key, Cow::Owned(_));
            self.keyed.push(Keyed { key, entry });
            self.order.push(i);
        }
        let keyed = &self.keyed[frame.keyed..];
        let order = &mut self.order[frame.order..];
        let (mut equal, mut numeric) = (false, false);
        // Keys that end up side by side were compared, so duplicates are seen here.
        key_order::sort(order, &mut |a, b| {
            let (a, b) = (&*keyed[a as usize].key, &*keyed[b as usize].key);
            let ordering = match sort {
                Sort::Bytes => a.cmp(b),
                Sort::Printed => {
                    let compared = key_order::compare(a, b);
                    numeric |= compared.numeric;
                    compared.ordering
                }
            };
            equal |= ordering == Ordering::Equal;
            ordering == Ordering::Less
        });
        // That fails where the order of keys goes round in a circle, or where keys that are written
        // alike are different, as `0x1` and `"0x1"`.
        if equal || converted || (numeric && order.len() > 2) {
            self.remove_duplicates(frame)?;
        }
        frame.len = self.order.len() - frame.order;
        Ok(frame)
    }

    /// Returns the entry at place `i` of the order.
    pub(super) fn get(&self, frame: Frame, i: usize) -> Option<&Keyed<'a>> {
        self.keyed.get(frame.keyed + *self.order.get(frame.order + i)? as usize)
    }

    /// Removes the mapping that was pushed last.
    pub(super) fn pop(&mut self, frame: Frame) {
        self.keyed.truncate(frame.keyed);
        self.order.truncate(frame.order);
    }

    /// Refuses keys that are written alike; of keys that only mean the same (`1` and `0x1`), keeps
    /// the last.
    fn remove_duplicates(&mut self, frame: Frame) -> Result<(), RenderError> {
        let keyed = &self.keyed[frame.keyed..];
        let mut written = FxHashSet::default();
        let mut last = FxHashMap::default();
        for (i, Keyed { key, entry }) in (0..).zip(keyed) {
            let text = entry.key.text().unwrap_or_default();
            if !written.insert(text) {
                return Err(round_trip::duplicate_key(text).at(entry.key.pos()));
            }
            last.insert(&**key, i);
        }
        if last.len() < keyed.len() {
            let mut order = self.order.split_off(frame.order);
            order.retain(|&i| last.get(&*keyed[i as usize].key) == Some(&i));
            self.order.append(&mut order);
        }
        Ok(())
    }
}
