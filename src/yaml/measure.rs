//! How large and how deep a tree is.

use super::node::{Entry, Node};
use crate::limits::{Account, ENTRY, Limit, Stop, VALUE, collection};

/// Returns the number of values in a tree and how deep they nest (a scalar or an empty collection is
/// one level), or `None` if there are more than `most`: what is copied into itself is small in
/// memory and endless to walk.
pub(crate) fn measure(node: &Node, most: usize) -> Option<(usize, usize)> {
    let (mut nodes, mut deepest) = (0, 0);
    let mut waiting = vec![(node, 1)];
    while let Some((node, depth)) = waiting.pop() {
        nodes += 1;
        deepest = deepest.max(depth);
        if nodes + waiting.len() > most {
            return None;
        }
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => waiting.extend(items.iter().map(|item| (item, depth + 1))),
            Node::Map { map, .. } => waiting.extend(map.iter().map(|e| (&e.value, depth + 1))),
        }
    }
    Some((nodes, deepest))
}

/// Spends the values that the aliases of a text stand for.
///
/// # Errors
/// If they are more than there may be.
pub(crate) fn charge_copies<'n>(
    text: impl AsRef<[u8]>,
    roots: impl IntoIterator<Item = &'n Node>,
    account: &Account,
) -> Result<(), Stop> {
    let text = text.as_ref();
    // Every value that was written takes a byte, so without aliases there are fewer.
    if memchr::memchr(b'*', text).is_none() {
        return Ok(());
    }
    let written = text.len() as u64;
    let mut all = 0;
    for root in roots {
        let most = account.left(Limit::Nodes).saturating_add(written).saturating_sub(all);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let nodes = measure(root, most).map_or(u64::MAX, |(nodes, _)| nodes as u64);
        all = nodes.saturating_add(all);
    }
    account.charge(Limit::Nodes, all.saturating_sub(written))
}

/// Returns what the collections of a tree take in memory beside those of `old`, which it was made from by a few
/// changes: what is the same in one place is mostly one in memory.
pub(crate) fn held_beside(node: &Node, old: &Node) -> u64 {
    let mut bytes: u64 = 0;
    let mut waiting = vec![(node, Some(old))];
    while let Some((node, old)) = waiting.pop() {
        if old.is_some_and(|old| old.is_identical(node)) {
            continue;
        }
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => {
                bytes = bytes.saturating_add(collection(items.len(), VALUE));
                let old = old.and_then(Node::as_seq);
                waiting.extend(
                    items
                        .iter()
                        .enumerate()
                        .filter(|(_, item)| is_large(item))
                        .map(|(i, item)| (item, old.and_then(|old| old.get(i)))),
                );
            }
            Node::Map { map, .. } => {
                bytes = bytes.saturating_add(collection(map.len(), ENTRY));
                let old = old.and_then(Node::as_map).map(|old| old.iter().as_slice());
                // What was added or removed has moved the others by some places.
                let shift = old.map_or(0, |old| old.len().abs_diff(map.len()));
                for (i, entry) in map.iter().enumerate().filter(|(_, entry)| is_large(&entry.value))
                {
                    let near = old.and_then(|old| {
                        let places = i.saturating_sub(shift)..old.len().min(i + shift + 1);
                        let is_it = |old: &&Entry| old.key.text() == entry.key.text();
                        old.get(places)?.iter().take(NEAR).find(is_it)
                    });
                    waiting.push((&entry.value, near.map(|old| &old.value)));
                }
            }
        }
    }
    bytes
}

/// How many places a value is looked for in that has moved.
const NEAR: usize = 8;

fn is_large(node: &Node) -> bool {
    !matches!(node, Node::Scalar { .. })
}

/// Returns what the collections of a tree take in memory if nothing of them is shared, or `None` if that
/// is more than `most`.
pub(crate) fn held_bytes(node: &Node, most: u64) -> Option<u64> {
    let mut bytes = VALUE;
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        let is_collection = |node: &&Node| !matches!(node, Node::Scalar { .. });
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => {
                bytes = bytes.saturating_add(collection(items.len(), VALUE));
                waiting.extend(items.iter().filter(is_collection));
            }
            Node::Map { map, .. } => {
                bytes = bytes.saturating_add(collection(map.len(), ENTRY));
                waiting.extend(map.iter().map(|e| &e.value).filter(is_collection));
            }
        }
        if bytes > most {
            return None;
        }
    }
    Some(bytes)
}

/// A place for a member of a map of JSON.
const JSON_MEMBER: u64 = 56;
/// How many places the smallest map has; a larger one has half of them filled.
const JSON_PLACES: u64 = 11;
/// What a text takes as JSON, without its bytes.
const JSON_TEXT: u64 = 24;
/// The place of a value of JSON.
const JSON_VALUE: u64 = 32;

/// Returns what a tree takes in memory as JSON, or `None` if that is more than `most`.
pub(crate) fn held_as_json(node: &Node, most: u64) -> Option<u64> {
    let mut bytes = JSON_VALUE;
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        let more = match node {
            Node::Scalar { text, .. } => JSON_TEXT.saturating_add(text.len() as u64),
            Node::Seq { items, .. } => {
                waiting.extend(items);
                JSON_TEXT + JSON_VALUE.saturating_mul(items.len() as u64)
            }
            Node::Map { map, .. } => {
                waiting.extend(map.iter().flat_map(|entry| [&entry.key, &entry.value]));
                let places = match map.len() as u64 {
                    0 => 0,
                    1..=JSON_PLACES => JSON_PLACES,
                    members => members.saturating_mul(2),
                };
                JSON_TEXT + JSON_MEMBER.saturating_mul(places)
            }
        };
        bytes = bytes.saturating_add(more);
        if bytes > most {
            return None;
        }
    }
    Some(bytes)
}

/// Spends what a tree that is used once more takes.
///
/// # Errors
/// If there is no room for it.
pub(crate) fn charge_tree(node: &Node, account: &Account) -> Result<u64, Stop> {
    let bytes = held_bytes(node, account.left(Limit::TreeBytes)).unwrap_or(u64::MAX);
    account.charge(Limit::TreeBytes, bytes)?;
    Ok(bytes)
}

/// Returns how many bytes the texts of a tree have together, or `None` if there are more than `most`.
pub(crate) fn measure_bytes(node: &Node, most: usize) -> Option<usize> {
    let mut bytes = 0_usize;
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        // What stands around a value counts as well.
        bytes = bytes.saturating_add(8);
        match node {
            Node::Scalar { text, .. } => bytes = bytes.saturating_add(text.len()),
            Node::Seq { items, .. } => waiting.extend(items),
            Node::Map { map, .. } => waiting.extend(map.iter().flat_map(|e| [&e.key, &e.value])),
        }
        if bytes > most {
            return None;
        }
    }
    Some(bytes)
}
