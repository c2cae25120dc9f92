//! Lists that merge by key, as long as they are in order: every element is a map with all the keys
//! that are used (or a scalar, in a list of scalars) (docs/spec/strategic-merge.md, section 5).
//! Everything else goes through [`irregular_list`].
//!
//! [`irregular_list`]: super::irregular_list

use ecow::EcoVec;
use rustc_hash::FxHashMap;

use super::one_sided::{self, Side};
use super::{Change, Merged, Type, irregular_list, pair};
use crate::diagnostics::Result;
use crate::yaml::{Node, Tag};

/// Up to this number of elements, comparing each with each is faster than making an index.
pub(super) const SMALL: usize = 12;

/// Re-builds a list that only `side` has; `None` if it stays as it is.
pub(super) fn alone(
    items: &EcoVec<Node>,
    keys: &[&str],
    of: Type<'_>,
    side: Side,
) -> Result<Option<EcoVec<Node>>> {
    if are_different(items, keys) {
        return each_alone(items, of, side);
    }
    let Some(order) = Order::of(items, &[], keys) else {
        return irregular_list::alone(items, keys, of, side).map(Some);
    };
    let mut changed: Option<EcoVec<Node>> = None;
    let mut places = order.places(items.len());
    for (i, item) in items.iter().enumerate().filter(|&(i, _)| order.first[i] == i) {
        match alone_element(item, of, side.inside())? {
            Change::Same => {}
            Change::Absent => places[i] = None,
            Change::New(node) => {
                let changed = changed.get_or_insert_with(|| items.clone());
                changed.make_mut()[i] = node;
            }
        }
    }
    let in_place = |(i, place): (usize, &Option<usize>)| *place == Some(i);
    if places.iter().enumerate().all(in_place) {
        return Ok(changed);
    }
    let items = changed.as_ref().unwrap_or(items);
    Ok(Some(order.of_places(&places).into_iter().map(|i| items[i].clone()).collect()))
}

/// Returns `true` if elements are in order and no two of them have the same key texts.
pub(super) fn are_in_order(items: &[Node], keys: &[&str]) -> bool {
    Order::of(items, &[], keys)
        .is_some_and(|order| order.first.iter().enumerate().all(|(i, first)| i == *first))
}

/// Returns `true` if elements are in order and no two of them have the same key texts, if that is easily
/// seen: it is of most lists.
fn are_different(items: &[Node], keys: &[&str]) -> bool {
    let is_used = |key: &&&str| items.iter().any(|item| key_text(item, key) != Some(""));
    let is_full = |key: &&str| {
        items.iter().all(|item| key_text(item, key).is_some_and(|text| !text.is_empty()))
    };
    let mut used = keys.iter().filter(is_used).peekable();
    let Some(&first) = used.peek() else { return false };
    let is_new = |i: usize| {
        let text = key_text(&items[i], first);
        items[..i].iter().all(|other| key_text(other, first) != text)
    };
    items.len() <= SMALL && used.all(is_full) && (1..items.len()).all(is_new)
}

/// Re-builds a list whose elements are all different.
fn each_alone(items: &EcoVec<Node>, of: Type<'_>, side: Side) -> Result<Option<EcoVec<Node>>> {
    let mut changed: Option<EcoVec<Node>> = None;
    for (i, item) in items.iter().enumerate() {
        let change = alone_element(item, of, side.inside())?;
        if changed.is_none() && !matches!(change, Change::Same) {
            changed = Some(items[..i].into());
        }
        let Some(changed) = &mut changed else { continue };
        match change {
            Change::Same => changed.push(item.clone()),
            Change::New(node) => changed.push(node),
            Change::Absent => {}
        }
    }
    Ok(changed)
}

/// Merges the elements of a patch into those of the target.
pub(super) fn merge(
    items: &mut EcoVec<Node>,
    patch: &EcoVec<Node>,
    keys: &[&str],
    of: Type<'_>,
) -> Result<()> {
    let Some(order) = Order::of(items, patch, keys) else {
        *items = irregular_list::merge(items, patch, keys, of)?;
        return Ok(());
    };
    let (len, first) = (items.len(), &order.first);
    let mut places = order.places(len);
    let mut partner = vec![None; len];
    for j in (0..patch.len()).rev() {
        if let Some(partner) = partner.get_mut(first[len + j]) {
            *partner = Some(j);
        }
    }
    let elements = items.make_mut();
    for (i, place) in places.iter_mut().enumerate().filter(|(i, _)| first[*i] == *i) {
        match partner[i] {
            Some(j) => match merge_elements(&mut elements[i], &patch[j], of)? {
                Merged::Absent => *place = None,
                // Odd: what replaces an element (`$patch: replace`) is replaced by it again
                // (case merge/list-replace-element-does-nothing).
                Merged::Target | Merged::Other(_) => {}
            },
            None => {
                if let Change::New(node) = alone_element(&elements[i], of, Side::Target)? {
                    elements[i] = node;
                }
            }
        }
    }
    let mut merged = EcoVec::with_capacity(len + patch.len());
    for (j, item) in patch.iter().enumerate() {
        let k = first[len + j];
        if k == len + j {
            match alone_element(item, of, Side::Patch)? {
                Change::Same => merged.push(item.clone()),
                Change::New(node) => merged.push(node),
                Change::Absent => {}
            }
        } else if order.one_key && partner.get(k) == Some(&Some(j)) {
            // Odd: with one key the patch's order counts, with several the target's
            // (cases merge/list-by-key-patch-first and merge/list-by-two-keys-target-first).
            merged.extend(places[k].take().map(|i| elements[i].clone()));
        }
    }
    merged.extend(order.of_places(&places).into_iter().map(|i| elements[i].clone()));
    *items = merged;
    Ok(())
}

/// Merges an element of a patch into one of the target.
pub(super) fn merge_elements(target: &mut Node, patch: &Node, of: Type<'_>) -> Result<Merged> {
    let of = of.of_elements([target, patch]);
    pair::merge(target, patch, of)
}

/// Returns what becomes of an element that only `side` has.
pub(super) fn alone_element(item: &Node, of: Type<'_>, side: Side) -> Result<Change> {
    match item {
        // Odd: upstream sets the text of a scalar anew, and an explicit tag is lost
        // (case merge/list-of-scalars-tagged).
        Node::Scalar { style, tag, pos, text, .. } if !text.is_empty() && !item.is_null() => {
            Ok(match tag.is_implicit() {
                true => Change::Same,
                false => Change::New(Node::scalar(text.clone(), *style, Tag::Cleared, *pos)),
            })
        }
        _ => one_sided::alone(item, of.of_elements([item]), side),
    }
}

/// Which elements have the same key texts.
struct Order {
    /// For each element, those of the patch numbered on after those of the target, the first with
    /// the same texts.
    first: Vec<usize>,
    /// Whether a single key is in use.
    one_key: bool,
}

impl Order {
    /// Compares the key texts of all elements; `None` if the lists are not in order.
    fn of(items: &[Node], patch: &[Node], keys: &[&str]) -> Option<Order> {
        let mut texts = Vec::with_capacity((items.len() + patch.len()) * keys.len());
        for item in items.iter().chain(patch) {
            for key in keys {
                texts.push(key_text(item, key)?);
            }
        }
        // A key that no element has is not used.
        let used = |k: usize| texts.iter().skip(k).step_by(keys.len()).any(|text| !text.is_empty());
        let used: Vec<bool> = (0..keys.len()).map(used).collect();
        let width = used.iter().filter(|used| **used).count();
        if width == 0 && !texts.is_empty() {
            return None;
        }
        let mut column = used.iter().cycle();
        texts.retain(|_| column.next() == Some(&true));
        if texts.contains(&"") {
            return None;
        }
        let rows = texts.chunks_exact(width.max(1));
        let first = if rows.len() <= SMALL {
            let before = |(i, row)| rows.clone().position(|other| other == row).unwrap_or(i);
            rows.clone().enumerate().map(before).collect()
        } else {
            let mut seen = FxHashMap::default();
            rows.enumerate().map(|(i, row)| *seen.entry(row).or_insert(i)).collect()
        };
        Some(Order { first, one_key: width == 1 })
    }

    /// Returns, at the first of equal elements of the target, the last of them, which is the one
    /// that stays.
    fn places(&self, len: usize) -> Vec<Option<usize>> {
        let mut places = vec![None; len];
        for (i, &first) in self.first.iter().take(len).enumerate() {
            places[first] = Some(i);
        }
        places
    }

    /// Returns the elements at these places in the order in which they come out: by the first of
    /// equal ones if there is one key, by the last if there are several.
    fn of_places(&self, places: &[Option<usize>]) -> Vec<usize> {
        let mut order: Vec<usize> = places.iter().flatten().copied().collect();
        if !self.one_key {
            order.sort_unstable();
        }
        order
    }
}

/// Returns the text of an element's key, empty if it has none, or `None` if the element is odd.
pub(super) fn key_text<'n>(item: &'n Node, key: &str) -> Option<&'n str> {
    if key.is_empty() {
        return item.text().filter(|_| !item.is_null());
    }
    match item.as_map()?.get(key) {
        Some(value) if !value.is_null() => Some(value.text().unwrap_or_default()),
        _ => Some(""),
    }
}
