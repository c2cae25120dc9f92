//! Mappings with a merge key (`<<`): what stands in the text, and what comes from elsewhere.

use super::items::position;
use super::plan::{Planner, Refused};
use super::same::same;
use crate::yaml::node::{Entry, Mapping, Node};
use crate::yaml::pos::Pos;
use crate::yaml::span_tree::{Form, Span};

impl<'t> Planner<'t> {
    /// Returns the entries that a mapping with a merge key has in the text, as they are and as they are
    /// wanted.
    ///
    /// What is merged in can be overridden. If some of it has to go, the merge key goes, and the rest
    /// of what it brought in is written out in its place.
    pub(super) fn as_written(
        &self,
        entries: &'t [(Span, Span)],
        old: &Mapping,
        new: &Mapping,
    ) -> Result<(Mapping, Mapping), Refused> {
        let text_of = |key: &Span| self.text[key.start..key.end].trim_matches(['"', '\'']);
        let is_merge = |key: &Span| text_of(key) == "<<";
        let merges = || entries.iter().filter(|(key, _)| is_merge(key)).map(|(_, value)| value);
        let brought = |key: &str| merges().any(|value| self.has_key(value, key));
        let gone = |entry: &Entry| {
            entry.key.text().is_some_and(|key| new.get(key).is_none() && brought(key))
        };
        let dissolves = old.iter().any(gone);
        let at = |map: &Mapping, pos: Pos| map.iter().position(|entry| entry.key.pos() == pos);
        let own: Vec<Pos> = entries.iter().map(|(key, _)| position(key)).collect();
        let is_own = |entry: &Entry| own.contains(&entry.key.pos());
        let is_inherited = |entry: &&Entry| {
            let before = entry.key.text().and_then(|key| old.get(key));
            !is_own(entry) && before.is_some_and(|before| same(before, &entry.value))
        };
        let (mut there, mut wanted) = (Mapping::new(), Mapping::new());
        let mut has_dissolved = false;
        for (key, value) in entries {
            let pos = position(key);
            // Neither a merge key, nor what a later one overrides, is a value of the tree.
            let Some(i) = at(old, pos).filter(|_| !is_merge(key)) else {
                let opaque = || (Node::plain("<<").at(pos), Node::null().at(position(value)));
                let (key_node, value_node) = opaque();
                there.push(key_node, value_node);
                if !dissolves {
                    let (key_node, value_node) = opaque();
                    wanted.push(key_node, value_node);
                } else if is_merge(key) && !has_dissolved {
                    has_dissolved = true;
                    let inherited = new.iter().filter(is_inherited);
                    inherited.for_each(|entry| wanted.push(bare(&entry.key), entry.value.clone()));
                }
                continue;
            };
            let entry = old.iter().nth(i).ok_or("an entry is not where it was")?;
            there.push(entry.key.clone(), entry.value.clone());
            if let Some(entry) = at(new, pos).and_then(|i| new.iter().nth(i)) {
                wanted.push(entry.key.clone(), entry.value.clone());
            }
        }
        for entry in new.iter().filter(|entry| !is_own(entry) && !is_inherited(entry)) {
            wanted.push(bare(&entry.key), entry.value.clone());
        }
        Ok((there, wanted))
    }

    /// Returns `true` if a value behind a merge key has a key.
    fn has_key(&self, value: &Span, key: &str) -> bool {
        match &value.form {
            Form::Alias(of) => self.anchored.get(of).is_some_and(|node| node.get(key).is_some()),
            Form::Map { entries, .. } => entries.iter().any(|(own, value)| {
                let text = self.text[own.start..own.end].trim_matches(['"', '\'']);
                text == key || (text == "<<" && self.has_key(value, key))
            }),
            Form::Seq { items, .. } => items.iter().any(|item| self.has_key(item, key)),
            Form::Scalar => false,
        }
    }
}

/// Returns a key that is not where it was read.
fn bare(key: &Node) -> Node {
    key.clone().at(Pos::NONE)
}
