//! The members of a map that operations have looked into.

use std::collections::BTreeMap;

use ecow::{EcoString, EcoVec};

use super::document::Value;
use crate::diagnostics::Result;
use crate::yaml::{Entry, Mapping, Node, Pos};

/// The members of a map, by the bytes of their names.
///
/// Most patches of a large map touch a few of its members. Those that have been converted before stay in the
/// map that they are in, and what an operation has looked into is beside them.
#[derive(Debug)]
pub(super) struct Members {
    /// Those that would come back the same, sorted.
    settled: Mapping,
    /// All others, and `None` for what has been removed from `settled`.
    looked_into: BTreeMap<EcoString, Option<Member>>,
}

/// A member of a map.
#[derive(Debug)]
pub(super) struct Member {
    /// Where its key was read.
    pub(super) pos: Pos,
    /// Its key, if that would come back the same.
    pub(super) settled_key: Option<Node>,
    pub(super) value: Value,
}

impl Members {
    /// Returns the members of a map that has been converted before, which is sorted by the bytes of its keys.
    pub(super) fn settled(map: Mapping) -> Members {
        Members { settled: map, looked_into: BTreeMap::new() }
    }

    /// Returns how many have been looked into.
    pub(super) fn looked_into(&self) -> usize {
        self.looked_into.len()
    }

    /// Returns the member of a name.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Member> {
        if !self.looked_into.contains_key(name) {
            let entry = self.settled_at(name).and_then(|i| self.settled.iter().nth(i))?;
            self.looked_into.insert(name.into(), Some(Member::of(entry.clone())));
        }
        self.looked_into.get_mut(name)?.as_mut()
    }

    /// Adds a member of a name that there is none of.
    pub(super) fn insert(&mut self, name: EcoString, member: Member) {
        self.looked_into.insert(name, Some(member));
    }

    /// Removes the member of a name and returns it.
    pub(super) fn remove(&mut self, name: &str) -> Option<Member> {
        self.get_mut(name)?;
        if self.settled_at(name).is_some() {
            self.looked_into.get_mut(name)?.take()
        } else {
            self.looked_into.remove(name)?
        }
    }

    /// Returns those that have been looked into and their names, to be changed.
    pub(super) fn looked_into_mut(&mut self) -> impl Iterator<Item = (&EcoString, &mut Member)> {
        self.looked_into.iter_mut().filter_map(|(name, member)| Some((name, member.as_mut()?)))
    }

    /// Returns the map: `settled` adds a run of those that have been converted before, and `other` makes the
    /// entry of one that has been looked into.
    ///
    /// # Errors
    /// Those of the two.
    pub(super) fn into_map(
        self,
        settled: impl Fn(&[Entry], &mut EcoVec<Entry>) -> Result<()>,
        other: impl Fn(EcoString, Member) -> Result<Entry>,
    ) -> Result<Mapping> {
        let mut rest = self.settled.iter().as_slice();
        let mut all = EcoVec::with_capacity(rest.len() + self.looked_into.len());
        for (name, member) in self.looked_into {
            let at = rest.partition_point(|entry| entry.key.text() < Some(&*name));
            let (before, from) = rest.split_at(at);
            settled(before, &mut all)?;
            rest = match from.split_first() {
                Some((first, after)) if first.key.text() == Some(&*name) => after,
                _ => from,
            };
            if let Some(member) = member {
                all.push(other(name, member)?);
            }
        }
        settled(rest, &mut all)?;
        Ok(Mapping::from(all))
    }

    fn settled_at(&self, name: &str) -> Option<usize> {
        self.settled
            .iter()
            .as_slice()
            .binary_search_by(|entry| entry.key.text().cmp(&Some(name)))
            .ok()
    }
}

impl Member {
    /// Returns a member that has been converted before.
    fn of(Entry { key, value }: Entry) -> Member {
        Member { pos: key.pos(), settled_key: Some(key), value: Value::Settled(value) }
    }
}

impl FromIterator<(EcoString, Member)> for Members {
    /// Of members of one name the last one stays.
    fn from_iter<T: IntoIterator<Item = (EcoString, Member)>>(iter: T) -> Members {
        let looked_into = iter.into_iter().map(|(name, member)| (name, Some(member))).collect();
        Members { settled: Mapping::new(), looked_into }
    }
}
