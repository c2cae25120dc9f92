//! The objects of a build by the names that they have now.

use std::borrow::Cow;
use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use crate::resource::{Resource, ResourceSet};

/// How many objects of a name are looked at one by one.
const FEW: usize = 8;

/// The objects of a build, which can be asked for by name.
pub(super) struct Called<'a> {
    set: &'a ResourceSet,
    /// Tables, once somebody asks for a name that many have.
    crowded: OnceCell<Crowded<'a>>,
}

#[derive(Default)]
struct Crowded<'a> {
    by_kind: FxHashMap<&'a str, FxHashMap<&'a str, Vec<&'a Resource>>>,
    by_name: FxHashMap<&'a str, Vec<&'a Resource>>,
}

impl<'a> Called<'a> {
    pub(super) fn new(set: &'a ResourceSet) -> Called<'a> {
        Called { set, crowded: OnceCell::new() }
    }

    /// Returns `true` if no object has a name, or has had it.
    pub(super) fn is_nobody(&self, name: &str) -> bool {
        self.set.count_of_name(name) == 0
    }

    /// Returns the objects that have a name, in order.
    pub(super) fn all(&self, name: &str) -> Cow<'_, [&'a Resource]> {
        if self.set.count_of_name(name) > FEW {
            return Cow::from(self.crowded().by_name.get(name).map_or(&[][..], Vec::as_slice));
        }
        let slots = self.set.slots_of_name(name).iter();
        let found = slots.filter_map(|&slot| self.set.get(slot as usize));
        found.filter(|object| object.name() == name).collect()
    }

    /// Returns the objects of a kind that have a name, in order.
    pub(super) fn of_kind(&self, kind: &str, name: &str) -> Cow<'_, [&'a Resource]> {
        if self.set.count_of_name(name) > FEW {
            let of_kind = self.crowded().by_kind.get(kind);
            let found = of_kind.and_then(|of_kind| of_kind.get(name));
            return Cow::from(found.map_or(&[][..], Vec::as_slice));
        }
        self.all(name).iter().copied().filter(|object| object.kind() == kind).collect()
    }

    fn crowded(&self) -> &Crowded<'a> {
        self.crowded.get_or_init(|| {
            let mut crowded = Crowded::default();
            for resource in self.set.iter() {
                let (kind, name) = (resource.kind(), resource.name());
                crowded.by_kind.entry(kind).or_default().entry(name).or_default().push(resource);
                crowded.by_name.entry(name).or_default().push(resource);
            }
            crowded
        })
    }
}
