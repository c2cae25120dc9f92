//! What differs between a resource before and after a step.

use rustc_hash::FxHashMap;

use super::path::{child, name_of, text_of};
use crate::work;
use crate::yaml::{self, Location, Mapping, Node, Pos};

/// A field that a step has set, changed or removed.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// Where it is: in the new tree, or in the old one if it was removed.
    pub(super) location: Location,
    pub(super) before: Option<Node>,
    pub(super) after: Option<Node>,
}

/// What lies deeper is told as a whole, so that no input can exhaust the stack.
const DEEPEST: usize = 500;

/// Returns the changes between two values; `location` is where they are.
///
/// What appears is told value by value, what vanishes as a whole.
pub(super) fn changes(
    before: Option<&Node>,
    after: Option<&Node>,
    location: &mut Location,
    out: &mut Vec<Change>,
) {
    match (before, after) {
        (Some(before), Some(after)) if before.is_identical(after) => {}
        (before, after) if location.len() >= DEEPEST => push(before, after, location, out),
        (Some(Node::Map { map: old, .. }), Some(Node::Map { map: new, .. }))
            if !old.is_empty() && !new.is_empty() =>
        {
            let (in_old, in_new) = (Keys::of(old), Keys::of(new));
            for (i, entry) in new.iter().enumerate() {
                let old = entry.key.text().and_then(|key| in_old.get(key));
                step_into(i, old, Some(&entry.value), location, out);
            }
            for (i, entry) in old.iter().enumerate() {
                if entry.key.text().is_some_and(|key| in_new.get(key).is_none()) {
                    step_into(i, Some(&entry.value), None, location, out);
                }
            }
        }
        (Some(Node::Seq { items: old, .. }), Some(Node::Seq { items: new, .. }))
            if !old.is_empty() && !new.is_empty() =>
        {
            let pairs = pair(old, new);
            for (i, item) in new.iter().enumerate() {
                let old = pairs.get(i).copied().flatten().and_then(|j| old.get(j));
                step_into(i, old, Some(item), location, out);
            }
            let kept: rustc_hash::FxHashSet<usize> = pairs.into_iter().flatten().collect();
            for (i, item) in old.iter().enumerate().filter(|(i, _)| !kept.contains(i)) {
                step_into(i, Some(item), None, location, out);
            }
        }
        (before, Some(after @ (Node::Map { .. } | Node::Seq { .. }))) if len(after) > 0 => {
            if let Some(before @ Node::Scalar { .. }) = before.filter(|node| !node.is_null()) {
                push(Some(before), None, location, out);
            }
            for i in 0..len(after) {
                step_into(i, None, child(after, i), location, out);
            }
        }
        (Some(before), Some(after)) if is_same(before, after) => {}
        (None, None) => {}
        (before, after) => push(before, after, location, out),
    }
}

/// Up to this number of keys, looking for each in turn is faster than making an index.
const FEW: usize = 16;

/// The keys of a mapping. Of equal ones the first counts.
enum Keys<'m> {
    Few(&'m Mapping),
    Many(FxHashMap<&'m str, &'m Node>),
}

impl<'m> Keys<'m> {
    fn of(map: &'m Mapping) -> Keys<'m> {
        if map.len() <= FEW {
            return Keys::Few(map);
        }
        let entries = map.iter().rev();
        let named = entries.filter_map(|entry| Some((entry.key.text()?, &entry.value)));
        Keys::Many(named.collect())
    }

    fn get(&self, key: &str) -> Option<&'m Node> {
        match self {
            Keys::Few(map) => {
                map.iter().for_each(|_| work::id());
                map.get(key)
            }
            Keys::Many(values) => {
                work::id();
                values.get(key).copied()
            }
        }
    }
}

fn push(before: Option<&Node>, after: Option<&Node>, location: &[u32], out: &mut Vec<Change>) {
    let (before, after) = (before.cloned(), after.cloned());
    out.push(Change { location: location.to_vec(), before, after });
}

fn step_into(
    i: usize,
    before: Option<&Node>,
    after: Option<&Node>,
    location: &mut Location,
    out: &mut Vec<Change>,
) {
    location.push(i as u32);
    changes(before, after, location, out);
    location.pop();
}

fn len(node: &Node) -> usize {
    match node {
        Node::Map { map, .. } => map.len(),
        Node::Seq { items, .. } => items.len(),
        Node::Scalar { .. } => 0,
    }
}

/// Returns `true` if a value was left as it is: not even written anew in other places.
fn is_same(before: &Node, after: &Node) -> bool {
    let moved = is_place(after.pos()) && after.pos() != before.pos();
    !moved
        && before.kind() == after.kind()
        && len(before) == len(after)
        && yaml::to_value(before).ok() == yaml::to_value(after).ok()
}

/// Returns `true` if a position is one in a file.
pub(super) fn is_place(pos: Pos) -> bool {
    pos.is_some() && pos.shared_number().is_none()
}

/// Returns for each new element of a list the old one that it was.
///
/// They are told by their place in a file, else by what names them, else by their position.
pub(super) fn pair(old: &[Node], new: &[Node]) -> Vec<Option<usize>> {
    let mut pairs = vec![None; new.len()];
    let mut taken = vec![false; old.len()];
    let mut take = |pairs: &mut Vec<Option<usize>>, i: usize, j: usize| {
        if let (Some(pair @ None), Some(taken @ false)) = (pairs.get_mut(i), taken.get_mut(j)) {
            (*pair, *taken) = (Some(j), true);
        }
    };
    let places: FxHashMap<Pos, usize> =
        old.iter().enumerate().rev().map(|(j, item)| (item.pos(), j)).collect();
    for (i, item) in new.iter().enumerate().filter(|(_, item)| is_place(item.pos())) {
        if let Some(&j) = places.get(&item.pos()) {
            take(&mut pairs, i, j);
        }
    }
    if let Some(name) = name_of(new) {
        let names: FxHashMap<&str, usize> = old
            .iter()
            .enumerate()
            .rev()
            .filter_map(|(j, item)| Some((text_of(item, name)?, j)))
            .collect();
        for (i, item) in new.iter().enumerate() {
            if let Some(&j) = text_of(item, name).and_then(|text| names.get(text)) {
                take(&mut pairs, i, j);
            }
        }
    } else {
        for i in 0..new.len() {
            take(&mut pairs, i, i);
        }
    }
    pairs
}

/// Returns where the value at `location` of `new` was in `old`.
pub(super) fn trace_back(old: &Node, new: &Node, location: &[u32]) -> Option<Location> {
    let (mut old, mut new) = (old, new);
    let mut found = Location::with_capacity(location.len());
    for &i in location {
        let i = i as usize;
        let j = match (old, new) {
            (Node::Map { map: old, .. }, Node::Map { map: new, .. }) => {
                old.index_of(new.iter().nth(i)?.key.text()?)?
            }
            (Node::Seq { items: old_items, .. }, Node::Seq { items: new_items, .. }) => {
                if old.is_identical(new) {
                    i
                } else {
                    *pair(old_items, new_items).get(i)?.as_ref()?
                }
            }
            _ => return None,
        };
        found.push(u32::try_from(j).ok()?);
        (old, new) = (child(old, j)?, child(new, i)?);
    }
    Some(found)
}
