//! How values are written, looked up in the texts that they were read from.

use std::collections::BTreeMap;

use super::Files;
use crate::yaml::{Look, Looks, Node, Pos};

/// The documents that were looked into so far; each is read once.
pub(crate) struct ReadLooks<'a> {
    files: Option<&'a Files>,
    /// By the position of their first byte, with the position from which their offsets count.
    documents: BTreeMap<Pos, (Pos, Looks)>,
}

impl<'a> ReadLooks<'a> {
    /// Starts with nothing read; without files nothing is known of any value.
    pub(crate) fn new(files: Option<&'a Files>) -> Self {
        ReadLooks { files, documents: BTreeMap::new() }
    }

    /// Returns how the value that was read at the place of `node` is written.
    pub(crate) fn of(&mut self, node: &Node) -> Option<&Look> {
        let pos = node.pos();
        let start = match self.documents.range(..=pos).next_back() {
            Some((&start, (base, looks))) if looks.range.contains(&pos.since(*base)) => start,
            _ => {
                let (base, looks) = self.files?.looks(pos)?;
                let start = base.offset(looks.range.start);
                self.documents.insert(start, (base, looks));
                start
            }
        };
        let (base, looks) = self.documents.get(&start)?;
        looks.get(pos.since(*base), node.kind())
    }
}
