//! Long lists in which a merge has nothing to do but what a patch asks for.

use ecow::EcoVec;

use crate::yaml::Node;

/// How many lists of one resource are remembered.
const MOST: usize = 8;

/// Lists of one resource, and the number of the type by which each was looked through.
///
/// This is a second owner of each of them, so that whoever changes one changes a copy: a list that is
/// found here by its address is still what it was, with all that is inside.
#[derive(Clone, Debug, Default)]
pub(crate) struct StableLists(EcoVec<(usize, EcoVec<Node>)>);

impl StableLists {
    /// Remembers a list, and forgets the oldest if there are many.
    pub(crate) fn add(&mut self, list: &EcoVec<Node>, type_id: usize) {
        if self.0.len() == MOST {
            self.0.remove(0);
        }
        self.0.push((type_id, list.clone()));
    }

    /// Returns `true` if a list is remembered.
    pub(crate) fn contains(&self, list: &EcoVec<Node>, type_id: usize) -> bool {
        self.place(list, type_id).is_some()
    }

    /// Forgets a list, which can then be changed where it is; returns `true` if it was remembered.
    pub(crate) fn remove(&mut self, list: &EcoVec<Node>, type_id: usize) -> bool {
        self.place(list, type_id).map(|i| self.0.remove(i)).is_some()
    }

    fn place(&self, list: &EcoVec<Node>, type_id: usize) -> Option<usize> {
        let is_it = |(id, known): &(usize, EcoVec<Node>)| {
            *id == type_id && std::ptr::eq::<[Node]>(&**known, &**list)
        };
        self.0.iter().position(is_it)
    }
}
