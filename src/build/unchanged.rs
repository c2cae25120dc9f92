//! Whether a validator has left the resources as they were (docs/spec/accumulation.md, section 5).
//!
//! Odd: upstream compares all that it knows of each value, the line it was read from included. So whoever
//! writes a value again that is there already has changed it, unless a step has written that before (cases
//! plugins/validator-writes-again and plugins/validator-writes-what-a-step-wrote).

use std::collections::BTreeMap;

use ecow::EcoString;

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::functions::{self, Key, layout};
use crate::load::Files;
use crate::resource::{History, Resource, ResourceSet, Settled, annotations};
use crate::schema::Schema;
use crate::yaml::{Entry, Mapping, Node, Pos, Style, Tag, tag_of, to_json};

/// The label that a validator may add.
const VALIDATED_BY: &str = "validated-by";

/// Checks that a built-in step, as a validator, has changed nothing.
///
/// # Errors
/// If it has changed something.
pub(super) fn check(
    before: &ResourceSet,
    after: &ResourceSet,
    schema: &Schema,
    files: &Files,
) -> Result<()> {
    if before.len() != after.len() {
        let (before, after) = (before.len(), after.len());
        return Err(refusal(&format!(
            "lists have different number of entries: {before} resources before, {after} after it"
        )));
    }
    for (old, new) in before.iter().zip(after.iter()) {
        if is_untouched(old, new) {
            continue;
        }
        let id = old.id(schema);
        if !new.id(schema).equals(&id) {
            return Err(refusal(&format!("id in self missing from other; id: {id}")));
        }
        let places = Places { files, object: old.node.pos() };
        let Some(bare) = without_validated_by(old, new, &places) else {
            return Err(unequal(old, new, schema));
        };
        let (mut was, mut is) = (old.node.clone(), bare);
        if old.history.is_merged {
            mark_identity(&mut was);
            mark_identity(&mut is);
        }
        if !places.is_same(&was, &is) || !has_same_notes(&old.history, &new.history) {
            return Err(unequal(old, new, schema));
        }
    }
    Ok(())
}

/// Returns `true` if a step has surely left a resource alone, as most leave most.
fn is_untouched(old: &Resource, new: &Resource) -> bool {
    old.node.is_identical(&new.node)
        && has_same_notes(&old.history, &new.history)
        && !labels(new).is_some_and(|map| map.contains(VALIDATED_BY))
}

/// Checks that a function, as a validator, has changed none of the resources that it was given.
///
/// As upstream: what it adds or leaves out makes no difference (`tests/functions.rs`).
///
/// # Errors
/// If it has changed one.
pub(super) fn check_answer(
    before: &ResourceSet,
    after: &ResourceSet,
    schema: &Schema,
) -> Result<()> {
    let answered: BTreeMap<Key, &Resource> =
        after.iter().map(|resource| (functions::key(resource, schema), resource)).collect();
    for old in before.iter() {
        let new = answered.get(&functions::key(old, schema)).copied();
        let is_unchanged = match new {
            Some(new) if has_answered(old, new) => is_same_answer(old, new),
            _ => true,
        };
        let is_labelled =
            |resource: &Resource| labels(resource).is_some_and(|map| map.contains(VALIDATED_BY));
        if !is_unchanged || is_labelled(old) || new.is_some_and(is_labelled) {
            return Err(unequal(old, new.unwrap_or(old), schema));
        }
    }
    Ok(())
}

fn refusal(detail: &str) -> Error {
    let message = format!("validator shouldn't modify the resource map: {detail}");
    Error::new(ErrorKind::Transformer, message)
}

/// Returns the error for a resource that a validator has changed.
fn unequal(old: &Resource, new: &Resource, schema: &Schema) -> Error {
    let id = old.id(schema);
    refusal(&match to_json(&old.node).ok() == to_json(&new.node).ok() {
        true => format!("nodes unequal: {id}: writing again what is there counts as a change"),
        false => format!("nodes unequal: {id}"),
    })
}

fn labels(resource: &Resource) -> Option<&Mapping> {
    resource.metadata_map("labels")
}

/// Returns the new tree without the label that the validator may have added, or `None` if taking it away leaves
/// another tree.
///
/// Odd: upstream takes it off wherever it is, and makes the other labels anew (cases
/// plugins/validator-may-add-validated-by and plugins/validator-finds-validated-by).
fn without_validated_by(old: &Resource, new: &Resource, places: &Places<'_>) -> Option<Node> {
    let has_label = |resource| labels(resource).is_some_and(|map| map.contains(VALIDATED_BY));
    if !has_label(new) {
        return Some(new.node.clone());
    }
    let had_labels = old.node.get_path(&["metadata", "labels"]).is_some();
    if has_label(old) || had_labels && !places.has_made_labels(old) {
        return None;
    }
    let mut bare = new.node.clone();
    let metadata = bare.get_mut("metadata").and_then(Node::as_map_mut)?;
    let labels = metadata.get_mut("labels").and_then(Node::as_map_mut)?;
    labels.remove(VALIDATED_BY);
    if labels.is_empty() {
        metadata.remove("labels");
    }
    Some(bare)
}

/// Returns `true` if the notes are the same that upstream keeps in the tree.
fn has_same_notes(old: &History, new: &History) -> bool {
    let is_patched = |history: &History| !matches!(history.settled, Settled::New);
    let flags = |history: &History| {
        let History { behavior, needs_hash, is_generated, is_merged, .. } = *history;
        (behavior, needs_hash, is_generated, is_merged, is_patched(history))
    };
    old.previous == new.previous
        && old.prefixes == new.prefixes
        && old.suffixes == new.suffixes
        && flags(old) == flags(new)
}

/// Marks as written what upstream writes after each strategic merge patch.
fn mark_identity(node: &mut Node) {
    let parts: [&[&str]; 3] = [&["kind"], &["metadata", "name"], &["metadata", "namespace"]];
    for path in parts {
        let step = |node: Option<_>, key: &&str| Node::get_mut(node?, key);
        if let Some(value) = path.iter().fold(Some(&mut *node), step) {
            *value = std::mem::take(value).written();
            if let Node::Scalar { tag, .. } = value {
                *tag = Tag::Cleared;
            }
        }
    }
}

/// Where the values of an object come from.
struct Places<'a> {
    files: &'a Files,
    object: Pos,
}

impl Places<'_> {
    /// Returns `true` if two trees are the same to upstream.
    fn is_same(&self, old: &Node, new: &Node) -> bool {
        match (old, new) {
            (Node::Scalar { pos, .. }, Node::Scalar { pos: new_pos, .. }) => {
                let is_written = |node: &Node| look(node).is_some_and(|look| look.3);
                look(old) == look(new) && (is_written(old) || self.are_alike(*pos, *new_pos))
            }
            (
                Node::Map { flow, pos, map },
                Node::Map { flow: new_flow, pos: new_pos, map: new_map },
            ) => {
                let mut pairs = map.iter().zip(new_map);
                old.is_identical(new)
                    || flow == new_flow
                        && map.len() == new_map.len()
                        && self.are_alike(*pos, *new_pos)
                        && pairs.all(|(a, b)| {
                            self.is_same(&a.key, &b.key) && self.is_same(&a.value, &b.value)
                        })
            }
            (
                Node::Seq { flow, pos, items },
                Node::Seq { flow: new_flow, pos: new_pos, items: new_items },
            ) => {
                let mut pairs = items.iter().zip(new_items);
                old.is_identical(new)
                    || flow == new_flow
                        && items.len() == new_items.len()
                        && self.are_alike(*pos, *new_pos)
                        && pairs.all(|(a, b)| self.is_same(a, b))
            }
            _ => false,
        }
    }

    /// Returns `true` if two places have one line and column: one place, or the same of two patches.
    fn are_alike(&self, old: Pos, new: Pos) -> bool {
        old == new
            || self.is_foreign(old)
                && self.is_foreign(new)
                && self.files.offset_in_text(old) == self.files.offset_in_text(new)
    }

    /// Returns `true` if a value was not read with the object.
    fn is_foreign(&self, pos: Pos) -> bool {
        pos.is_some() && self.object.is_some() && !self.files.are_in_one_text(pos, self.object)
    }

    /// Returns `true` if the labels are those that a step has made, and nothing was put behind them.
    fn has_made_labels(&self, resource: &Resource) -> bool {
        let is_last = || {
            let metadata = resource.node.get("metadata").and_then(Node::as_map)?;
            metadata.iter().next_back()?.key.text()
        };
        let is_made = |pos: Pos| !pos.is_some() || self.is_foreign(pos);
        let Some(labels) = labels(resource) else { return false };
        let texts: Vec<&str> = labels.iter().filter_map(|entry| entry.key.text()).collect();
        let is_written = |entry: &Entry| look(&entry.value).is_some_and(|look| look.3);
        is_last() == Some("labels")
            && texts.is_sorted()
            && labels.iter().all(|entry| is_written(entry) && is_made(entry.key.pos()))
            && !resource.history.has_notes()
    }
}

/// Returns how a scalar looks, and whether a step has written it.
fn look(node: &Node) -> Option<(&str, Style, (Tag, bool), bool)> {
    let Node::Scalar { style, tag, marks, text, .. } = node else { return None };
    // Upstream gives each scalar that it reads a tag.
    let tag = if *tag == Tag::None { tag_of(text, *style) } else { *tag };
    Some((text, *style, (tag, marks.is_tagged()), marks.is_written()))
}

/// Returns `true` if a function has answered with a resource since.
fn has_answered(old: &Resource, new: &Resource) -> bool {
    match (&old.history.answered, &new.history.answered) {
        (Some(old), Some(new)) => !std::sync::Arc::ptr_eq(old, new),
        (None, None) => !old.node.is_identical(&new.node),
        _ => true,
    }
}

/// Returns `true` if an answer says of a resource what the one before said, laid out alike.
///
/// As upstream: what was read from a file, or written by a step, lies elsewhere.
fn is_same_answer(old: &Resource, new: &Resource) -> bool {
    let (Some(before), Some(after)) = (&old.history.answered, &new.history.answered) else {
        return false;
    };
    annotation_texts(old) == annotation_texts(new)
        && is_as_answered(Part::Root, &old.node, &new.node)
        && layout::is_same(before, after)
}

/// Returns the annotations as a function is given them.
fn annotation_texts(resource: &Resource) -> BTreeMap<EcoString, EcoString> {
    let node = annotations::materialize(resource);
    let map = node.get_path(&["metadata", "annotations"]).and_then(Node::as_map);
    let text = |entry: &Entry| {
        let [key, value] = [&entry.key, &entry.value].map(|node| node.text().map(EcoString::from));
        Some((key?, value.unwrap_or_default()))
    };
    map.into_iter().flatten().filter_map(text).collect()
}

/// How far a value is from the annotations, which are made anew from every answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Root,
    Metadata,
    Inside,
}

/// Returns `true` if a tree is still that of an answer, and says the same as another.
fn is_as_answered(part: Part, old: &Node, new: &Node) -> bool {
    match (old, new) {
        (Node::Scalar { pos, .. }, Node::Scalar { .. }) => {
            look(old) == look(new) && !look(old).is_some_and(|look| look.3) && !pos.is_some()
        }
        (Node::Map { flow, pos, map }, Node::Map { flow: new_flow, map: new_map, .. }) => {
            let counts =
                |entry: &&Entry| part != Part::Metadata || entry.key.text() != Some("annotations");
            let is_same = |entry: &Entry| {
                let Some(text) = entry.key.text() else { return false };
                let inside = match (part, text) {
                    (Part::Root, "metadata") => Part::Metadata,
                    _ => Part::Inside,
                };
                let value = new_map.get(text);
                !entry.key.pos().is_some()
                    && value.is_some_and(|value| is_as_answered(inside, &entry.value, value))
            };
            let len = |map: &Mapping| map.iter().filter(counts).count();
            flow == new_flow
                && (part == Part::Root || !pos.is_some())
                && len(map) == len(new_map)
                && map.iter().filter(counts).all(is_same)
        }
        (Node::Seq { flow, pos, items }, Node::Seq { flow: new_flow, items: new_items, .. }) => {
            let mut pairs = items.iter().zip(new_items);
            flow == new_flow
                && !pos.is_some()
                && items.len() == new_items.len()
                && pairs.all(|(old, new)| is_as_answered(Part::Inside, old, new))
        }
        _ => false,
    }
}
