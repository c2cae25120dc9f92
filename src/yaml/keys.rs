//! Looks many keys of one mapping up.

use rustc_hash::FxHashMap;

use super::node::{Entry, Mapping};

/// Up to this number of keys, and of searches, looking at each in turn is faster than making an index.
const FEW: usize = 16;

/// Where the keys of a mapping stand, for those who ask for them more or less in order. Of equal ones one of
/// them counts: mostly the first.
pub(crate) struct Keys<'m> {
    map: &'m Mapping,
    next: usize,
    searches: usize,
    index: Option<FxHashMap<&'m str, usize>>,
}

impl<'m> Keys<'m> {
    pub(crate) fn of(map: &'m Mapping) -> Keys<'m> {
        Keys { map, next: 0, searches: 0, index: None }
    }

    /// Returns the entry of a key, and where it stands.
    pub(crate) fn find(&mut self, key: &str) -> Option<(usize, &'m Entry)> {
        let entries = self.map.iter().as_slice();
        let is_next = entries.get(self.next).is_some_and(|entry| entry.key.text() == Some(key));
        let place = if is_next { self.next } else { self.search(key)? };
        self.next = place + 1;
        Some((place, entries.get(place)?))
    }

    fn search(&mut self, key: &str) -> Option<usize> {
        self.searches += 1;
        if self.map.len() <= FEW || self.searches <= FEW {
            return self.map.index_of(key);
        }
        let map = self.map;
        let index = self.index.get_or_insert_with(|| {
            let entries = map.iter().enumerate().rev();
            entries.filter_map(|(i, entry)| Some((entry.key.text()?, i))).collect()
        });
        index.get(key).copied()
    }
}
