//! Finds Applications by their names.

use std::collections::BTreeMap;
use std::path::Path;

use crate::application::{Application, key_of_set};

/// What an Application of two revisions is known by, as far as their files tell.
type Key<'a> = (&'a str, &'a str, bool, &'a Path);

/// An ApplicationSet, or none.
type Owner<'a> = Option<[&'a str; 2]>;

/// The Applications of a side by what they are known by, those of an ApplicationSet together.
pub(crate) struct Named<'a>(BTreeMap<Key<'a>, Vec<(Owner<'a>, Vec<&'a Application>)>>);

impl<'a> Named<'a> {
    pub(crate) fn new(applications: &'a [Application]) -> Named<'a> {
        let mut owners: BTreeMap<(Key<'a>, Owner<'a>), usize> = BTreeMap::new();
        let mut all: BTreeMap<Key<'a>, Vec<(Owner<'a>, Vec<&'a Application>)>> = BTreeMap::new();
        for application in applications {
            let (key, owner) = (key(application), application.set().map(key_of_set));
            let groups = all.entry(key).or_default();
            let place = *owners.entry((key, owner)).or_insert(groups.len());
            match groups.get_mut(place) {
                Some((_, group)) => group.push(application),
                None => groups.push((owner, vec![application])),
            }
        }
        Named(all)
    }

    /// Returns the first that is the same as an Application of another side.
    pub(crate) fn first(&self, application: &Application) -> Option<&'a Application> {
        let (_, group) = self.0.get(&key(application))?.first()?;
        group.first().copied()
    }

    /// Returns the first for which something holds among those that are the same as an Application of another side, but
    /// not of its ApplicationSet.
    pub(crate) fn of_other_set(
        &self,
        application: &Application,
        holds: impl Fn(&Application) -> bool,
    ) -> Option<&'a Application> {
        let owner = application.set().map(key_of_set);
        let groups = self.0.get(&key(application))?.iter();
        let groups = groups.filter(|(own, _)| *own != owner);
        groups.flat_map(|(_, group)| group).copied().find(|one| holds(one))
    }
}

fn key(application: &Application) -> Key<'_> {
    let file = application.origin().file.as_path();
    (application.name(), application.namespace(), application.is_flux(), file)
}
