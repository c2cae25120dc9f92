//! Where the tree and the places in the text meet.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use crate::yaml::node::{Entry, Mapping, Node};
use crate::yaml::pos::Pos;
use crate::yaml::span_tree::{Form, Span};

/// The position of the first byte of a text; 0 is none.
pub(super) const AT: Pos = Pos(1);

/// The items of all block sequences of a text, by their positions.
#[derive(Debug)]
pub(super) struct Items<'t> {
    root: Option<(&'t Span, &'t Node)>,
    found: OnceCell<FxHashMap<Pos, Item<'t>>>,
}

/// An item as it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'t> {
    pub(super) span: &'t Span,
    pub(super) node: &'t Node,
    pub(super) dash: usize,
}

impl<'t> Items<'t> {
    pub(super) fn of(root: Option<(&'t Span, &'t Node)>) -> Items<'t> {
        Items { root, found: OnceCell::new() }
    }

    pub(super) fn get(&self, pos: Pos) -> Option<Item<'t>> {
        let found = self.found.get_or_init(|| {
            let mut found = FxHashMap::default();
            if let Some((span, node)) = self.root {
                collect(span, node, &mut found);
            }
            found
        });
        found.get(&pos).copied().filter(|_| pos.is_some())
    }
}

fn collect<'t>(span: &'t Span, node: &'t Node, found: &mut FxHashMap<Pos, Item<'t>>) {
    match (&span.form, node) {
        (Form::Seq { items, flow }, Node::Seq { items: nodes, .. }) => {
            for (span, node) in items.iter().zip(nodes) {
                if let (false, Some(dash)) = (*flow, span.dash) {
                    found.insert(node.pos(), Item { span, node, dash });
                }
                collect(span, node, found);
            }
        }
        (Form::Map { entries, .. }, Node::Map { map, .. }) => {
            for (i, (key, value)) in entries.iter().enumerate() {
                if let Some(entry) = entry_at(map, i, key) {
                    collect(value, &entry.value, found);
                }
            }
        }
        _ => {}
    }
}

/// Returns the entry whose key stands there; with a merge key in the mapping it may be elsewhere, or
/// overridden.
pub(super) fn entry_at<'n>(map: &'n Mapping, i: usize, key: &Span) -> Option<&'n Entry> {
    let pos = position(key);
    let is_it = |entry: &&Entry| entry.key.pos() == pos;
    map.iter().nth(i).filter(is_it).or_else(|| map.iter().find(is_it))
}

/// Returns the position that the typed tree has for a value.
pub(super) fn position(span: &Span) -> Pos {
    AT.offset(span.start)
}
