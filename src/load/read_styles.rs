//! How values are written, looked up in the texts that they were read from.

use std::collections::BTreeMap;

use super::Files;
use crate::yaml::{Node, Pos, SourceStyle, SourceStyles};

/// The documents that were looked into so far; each is read once.
pub(crate) struct ReadStyles<'a> {
    files: Option<&'a Files>,
    /// By the position of their first byte, with the position from which their offsets count.
    documents: BTreeMap<Pos, (Pos, SourceStyles)>,
}

impl<'a> ReadStyles<'a> {
    /// Starts with nothing read; without files nothing is known of any value.
    pub(crate) fn new(files: Option<&'a Files>) -> Self {
        ReadStyles { files, documents: BTreeMap::new() }
    }

    /// Returns how the value that was read at the place of `node` is written.
    pub(crate) fn of(&mut self, node: &Node) -> Option<&SourceStyle> {
        let pos = node.pos();
        let start = match self.documents.range(..=pos).next_back() {
            Some((&start, (base, styles))) if styles.range.contains(&pos.since(*base)) => start,
            _ => {
                let (base, styles) = self.files?.styles(pos)?;
                let start = base.offset(styles.range.start);
                self.documents.insert(start, (base, styles));
                start
            }
        };
        let (base, styles) = self.documents.get(&start)?;
        styles.get(pos.since(*base), node.kind())
    }
}
