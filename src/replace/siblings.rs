//! Fields that stand side by side, of which many are written.

use ecow::EcoString;
use rustc_hash::FxHashMap;

use super::tree::Tree;
use crate::diagnostics::Result;
use crate::limits::Account;
use crate::yaml::{Kind, Node};

/// Where the keys of one mapping of a resource are, while nothing but its fields is written.
#[derive(Debug, Default)]
pub(super) struct Siblings {
    /// The keys that lead to the mapping.
    way: Vec<EcoString>,
    places: FxHashMap<EcoString, usize>,
}

impl Siblings {
    /// Returns a field and whether it was created, of the kind `create`; `None` if the path does not lead
    /// there by keys alone, or by others than the last.
    ///
    /// # Errors
    /// If there is no room for what is created.
    pub(super) fn field<'n>(
        &mut self,
        node: &'n mut Node,
        keys: &[EcoString],
        create: Option<Kind>,
        account: &Account,
    ) -> Result<Option<(&'n mut Node, bool)>> {
        let Some((last, way)) = keys.split_last() else { return Ok(None) };
        let parent = if way.is_empty() { Some(node) } else { plain_field(node, way) };
        let Some(map) = parent.and_then(Node::as_map_mut) else {
            self.forget();
            return Ok(None);
        };
        if self.way != way || self.places.len() != map.len() {
            self.way = way.to_vec();
            let keys = map.iter().enumerate().rev();
            self.places = keys.filter_map(|(i, e)| Some((e.key.text()?.into(), i))).collect();
        }
        let (place, created) = match (self.places.get(last), create) {
            (Some(place), _) => (*place, false),
            (None, None) => return Ok(None),
            (None, Some(kind)) => {
                account.charge_collection()?;
                map.push(Node::plain(last.clone()), Node::empty(kind));
                self.places.insert(last.clone(), map.len() - 1);
                (map.len() - 1, true)
            }
        };
        Ok(map.entries_mut().get_mut(place).map(|entry| (&mut entry.value, created)))
    }

    /// Forgets the mapping, which may be another one by now.
    pub(super) fn forget(&mut self) {
        self.way.clear();
        self.places.clear();
    }
}

/// Returns the field that a path of keys leads to, if it leads there through mappings only; there is nothing
/// at the end of no keys.
///
/// Most paths do, and need no search.
pub(super) fn plain_field<'n>(node: &'n mut Node, keys: &[EcoString]) -> Option<&'n mut Node> {
    let (first, others) = keys.split_first()?;
    others.iter().try_fold(node.get_mut(first)?, |node, key| node.get_mut(key))
}
