//! Scalars that several places of a resource share.
//!
//! Odd: a label or annotation that one step of upstream creates in several places of a resource is one
//! value in all of them. Whatever writes into one place later (another label step, a strategic merge
//! patch, a replacement, also in an overlay) writes into all: an overlay that patches
//! `metadata.labels.app` changes the selector too, if a base created both. It ends for a place when
//! that is removed and made anew, and for the whole resource with a JSON patch or a function
//! (cases metadata/managed-by-shared-label and metadata/records-end-sharing-of-annotations).
//!
//! Here such scalars carry a mark instead of their position. Who writes into a scalar keeps its position,
//! and so the mark, and calls [`Resource::write_through`] afterwards; who copies a scalar to somewhere
//! else must not copy the mark ([`unmark`]).

use ecow::EcoString;

use super::resource::Resource;
use crate::work;
use crate::yaml::{Location, Node, Pos, at_mut};

/// A place of a shared scalar.
struct Occurrence {
    number: usize,
    location: Location,
    /// The keys on the way there and the new value, if it was written.
    written: Option<(Vec<EcoString>, Node)>,
}

impl Resource {
    /// Brings a value that was written into one place of a shared scalar to all its other places.
    pub(crate) fn write_through(&mut self) {
        if self.history.shared.iter().all(Option::is_none) {
            return;
        }
        let mut occurrences = Vec::new();
        find(&self.node, &self.history.shared, &mut Vec::new(), &mut Vec::new(), &mut occurrences);
        // Of several values, the one that comes last by its keys was written last.
        let mut written: Vec<(usize, &(Vec<EcoString>, Node))> =
            occurrences.iter().filter_map(|p| Some((p.number, p.written.as_ref()?))).collect();
        written.sort_by(|a, b| (a.0, &a.1.0).cmp(&(b.0, &b.1.0)));
        for (number, (_, value)) in written {
            if let Some(shared) = self.history.shared.make_mut().get_mut(number) {
                *shared = Some(value.clone());
            }
        }
        for place in &occurrences {
            let value = self.history.shared.get(place.number).cloned().flatten();
            let node = at_mut(&mut self.node, &place.location);
            if let Some((value, node)) = value.zip(node) {
                *node = value.at(Pos::shared(place.number));
            }
        }
    }

    /// Ends all sharing, as upstream does when it writes the whole resource as text and reads it again.
    pub(crate) fn unshare(&mut self) {
        if self.history.shared.iter().any(Option::is_some) {
            self.history.shared.make_mut().fill(None);
        }
    }

    /// Ends the sharing of the annotations alone, as upstream does when it writes them all anew.
    pub(crate) fn unshare_annotations(&mut self) {
        if self.history.shared.iter().all(Option::is_none) {
            return;
        }
        let metadata = self.node.get_mut("metadata");
        if let Some(annotations) = metadata.and_then(|m| m.get_mut("annotations")) {
            unmark(annotations);
        }
    }
}

/// Removes the marks of shared scalars from a copied tree.
pub(crate) fn unmark(node: &mut Node) {
    if !is_marked(node) {
        return;
    }
    match node {
        Node::Scalar { pos, .. } => *pos = Pos::NONE,
        Node::Map { map, .. } => map.entries_mut().iter_mut().for_each(|e| unmark(&mut e.value)),
        Node::Seq { items, .. } => items.make_mut().iter_mut().for_each(unmark),
    }
}

fn is_marked(node: &Node) -> bool {
    match node {
        Node::Scalar { pos, .. } => pos.shared_number().is_some(),
        Node::Map { map, .. } => map.iter().any(|e| is_marked(&e.value)),
        Node::Seq { items, .. } => items.iter().any(is_marked),
    }
}

fn find(
    node: &Node,
    shared: &[Option<Node>],
    keys: &mut Vec<EcoString>,
    location: &mut Location,
    occurrences: &mut Vec<Occurrence>,
) {
    work::node();
    match node {
        Node::Scalar { pos, .. } => {
            let Some(number) = pos.shared_number() else {
                return;
            };
            let Some(Some(value)) = shared.get(number) else {
                return;
            };
            let written = (!same(node, value)).then(|| (keys.clone(), node.clone()));
            occurrences.push(Occurrence { number, location: location.clone(), written });
        }
        Node::Map { map, .. } => {
            for (i, entry) in map.iter().enumerate() {
                location.push(i as u32);
                keys.push(entry.key.text().unwrap_or_default().into());
                find(&entry.value, shared, keys, location, occurrences);
                keys.pop();
                location.pop();
            }
        }
        Node::Seq { items, .. } => {
            for (i, item) in items.iter().enumerate() {
                location.push(i as u32);
                find(item, shared, keys, location, occurrences);
                location.pop();
            }
        }
    }
}

fn same(a: &Node, b: &Node) -> bool {
    match (a, b) {
        (
            Node::Scalar { style, tag, text, .. },
            Node::Scalar { style: style_b, tag: tag_b, text: text_b, .. },
        ) => (style, tag, text) == (style_b, tag_b, text_b),
        _ => false,
    }
}
