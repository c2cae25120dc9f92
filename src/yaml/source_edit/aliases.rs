//! What aliases stand for, as values of their own.

use rustc_hash::{FxHashMap, FxHashSet};

use super::items::position;
use super::same::same;
use crate::yaml::node::Node;
use crate::yaml::pos::Pos;
use crate::yaml::span_tree::{Form, Span};

/// Gives what an alias stands for the place of the alias, and what is inside of it or merged in by one no place at all:
/// where the anchor stands is the place of another value, with comments of its own.
pub(super) fn give_places(text: &str, span: &Span, root: &mut Node) {
    let mut has_some = false;
    span.walk(&mut |inner| has_some |= matches!(inner.form, Form::Alias(_)));
    if has_some {
        Places { text, bare: FxHashMap::default() }.give(span, root);
    }
}

struct Places<'t> {
    text: &'t str,
    /// The anchored values without places, by where they start.
    bare: FxHashMap<usize, Node>,
}

impl Places<'_> {
    fn give(&mut self, span: &Span, node: &mut Node) {
        match (&span.form, &mut *node) {
            (Form::Alias(of), _) => {
                let bare = self.bare.entry(*of).or_insert_with(|| bare(node.clone()));
                *node = bare.clone().at(position(span));
            }
            (Form::Seq { items, .. }, Node::Seq { items: nodes, .. }) => {
                let pairs = items.iter().zip(nodes.make_mut());
                pairs.for_each(|(span, node)| self.give(span, node));
            }
            (Form::Map { .. }, Node::Map { map, .. }) => {
                let mut values = FxHashMap::default();
                self.collect(span, &mut values);
                for entry in map.entries_mut() {
                    if let Some(span) = values.get(&entry.key.pos()) {
                        self.give(span, &mut entry.value);
                    } else {
                        entry.key = bare(std::mem::take(&mut entry.key));
                        entry.value = bare(std::mem::take(&mut entry.value));
                    }
                }
            }
            _ => {}
        }
    }

    /// Collects the values that stand in a mapping, by the places of their keys: those that a merge key brings in without
    /// an alias as well.
    fn collect<'s>(&self, span: &'s Span, values: &mut FxHashMap<Pos, &'s Span>) {
        match &span.form {
            Form::Map { entries, .. } => {
                for (key, value) in entries {
                    values.insert(position(key), value);
                    if self.text.get(key.start..key.end) == Some("<<") {
                        self.collect(value, values);
                    }
                }
            }
            Form::Seq { items, .. } => items.iter().for_each(|item| self.collect(item, values)),
            Form::Alias(_) | Form::Scalar => {}
        }
    }
}

/// Returns a value without places.
fn bare(node: Node) -> Node {
    let mut node = node.at(Pos::NONE);
    match &mut node {
        Node::Scalar { .. } => {}
        Node::Seq { items, .. } => {
            items.make_mut().iter_mut().for_each(|item| *item = bare(std::mem::take(item)));
        }
        Node::Map { map, .. } => {
            for entry in map.entries_mut() {
                entry.key = bare(std::mem::take(&mut entry.key));
                entry.value = bare(std::mem::take(&mut entry.value));
            }
        }
    }
    node
}

/// What becomes of anchored scalars and of aliases.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// What the anchored scalars say afterwards that say something else, by where they start.
    anchored: FxHashMap<usize, Node>,
    /// What aliases are to stand for that are to stand for something else, each with the start of its anchored value.
    aliases: Vec<(usize, Node)>,
}

impl Changed {
    /// Notes what a scalar or an alias is to say.
    pub(super) fn note(&mut self, span: &Span, new: &Node) {
        match span.form {
            Form::Alias(of) => self.aliases.push((of, new.clone())),
            Form::Scalar if !span.is_absent() && matches!(new, Node::Scalar { .. }) => {
                self.anchored.extend(span.anchored.then(|| (span.first, new.clone())));
            }
            _ => {}
        }
    }

    /// Returns the anchored scalars that change in the same way as all their aliases.
    pub(super) fn followed(&self, root: Option<&Span>) -> FxHashSet<usize> {
        let mut left: FxHashMap<usize, usize> = FxHashMap::default();
        if let Some(root) = root.filter(|_| !self.anchored.is_empty() && !self.aliases.is_empty()) {
            root.walk(&mut |span| {
                if let Form::Alias(of) = span.form {
                    *left.entry(of).or_default() += 1;
                }
            });
        }
        for (of, wanted) in &self.aliases {
            let is_same = self.anchored.get(of).is_some_and(|said| same(said, wanted));
            if let Some(n) = left.get_mut(of).filter(|_| is_same) {
                *n -= 1;
            }
        }
        left.into_iter().filter(|(_, n)| *n == 0).map(|(of, _)| of).collect()
    }
}
