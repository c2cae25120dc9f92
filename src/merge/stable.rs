//! Long lists that get one short patch after the other.
//!
//! A merge looks at all elements of a list, also at those that the patch does not name, for some do
//! change (see [`one_sided`](super::one_sided)). Once they have, they do not change again. So a long list is
//! remembered as stable when that is known of all its elements, and the next patch touches only what it
//! names.

use ecow::EcoVec;

use super::list::{self, SMALL, alone_element, key_text, merge_elements};
use super::one_sided::Side;
use super::{Change, Merged, Type};
use crate::diagnostics::Result;
use crate::work;
use crate::yaml::Node;

/// As [`list::merge`], for a list of the type `list`.
pub(super) fn merge(
    items: &mut EcoVec<Node>,
    patch: &EcoVec<Node>,
    keys: &[&str],
    list: Type<'_>,
) -> Result<()> {
    let of = list.element();
    let Some((known, id)) = list.stable().filter(|_| items.len() > SMALL) else {
        return list::merge(items, patch, keys, of);
    };
    let was_stable = known.borrow_mut().remove(items, id) && patch.len() <= SMALL;
    let is_stable = match was_stable.then(|| places(items, patch, keys)).flatten() {
        Some(places) => merge_at(items, patch, places, of)?,
        None => {
            list::merge(items, patch, keys, of)?;
            patch.len() <= SMALL && list::are_in_order(items, keys) && are_stable(items, of)?
        }
    };
    if is_stable && items.len() > SMALL {
        known.borrow_mut().add(items, id);
    }
    Ok(())
}

/// As [`list::alone`], for a list of the type `list` that the patch does not reach.
pub(super) fn alone(
    items: &EcoVec<Node>,
    keys: &[&str],
    list: Type<'_>,
) -> Result<Option<EcoVec<Node>>> {
    let known = list.stable().filter(|_| items.len() > SMALL);
    if known.is_some_and(|(known, id)| known.borrow().contains(items, id)) {
        return Ok(None);
    }
    let changed = list::alone(items, keys, list.element(), Side::Target)?;
    if let (None, Some((known, id))) = (&changed, known) {
        known.borrow_mut().add(items, id);
    }
    Ok(changed)
}

/// Where the elements of a patch belong in a list.
struct Places {
    /// For each element of the patch the one of the list with the same keys.
    of_patch: Vec<Option<usize>>,
    /// Whether a single key is in use.
    one_key: bool,
}

/// Returns where a patch belongs in a list that is in order, if the patch is.
fn places(items: &[Node], patch: &[Node], keys: &[&str]) -> Option<Places> {
    let has = |item: &Node, key: &str| key_text(item, key).map(|text| !text.is_empty());
    let first = items.first()?;
    let used = keys.iter().filter(|key| has(first, key) == Some(true));
    let is_same = |a: &Node, b: &Node| used.clone().all(|key| key_text(a, key) == key_text(b, key));
    let is_in_order = |(j, item): (usize, &Node)| {
        keys.iter().all(|key| has(item, key) == has(first, key))
            && !patch[..j].iter().any(|other| is_same(other, item))
    };
    if !patch.iter().enumerate().all(is_in_order) {
        return None;
    }
    let place = |item| {
        let texts: Vec<_> = used.clone().map(|key| (*key, key_text(item, key))).collect();
        match texts[..] {
            // Mostly there is one key, and this is done for each patch and element.
            [(key, text)] => position(items, |own| has_text(own, key, text)),
            _ => position(items, |own| texts.iter().all(|(key, text)| has_text(own, key, *text))),
        }
    };
    Some(Places { of_patch: patch.iter().map(place).collect(), one_key: used.count() == 1 })
}

/// Returns the place of the first element that is the one.
fn position(items: &[Node], is_it: impl Fn(&Node) -> bool) -> Option<usize> {
    items.iter().position(|own| {
        work::node();
        is_it(own)
    })
}

/// Returns `true` if an element has this key text, which is not empty.
#[inline]
fn has_text(item: &Node, key: &str, text: Option<&str>) -> bool {
    let text = text.unwrap_or_default();
    let is_it = |value: &Node| value.text() == Some(text) && !value.is_null();
    match item {
        _ if key.is_empty() => is_it(item),
        // Names are of one length and begin alike, and differ in the end.
        Node::Map { map, .. } => {
            let may_be = |value: &Node| {
                value.text().is_some_and(|value| {
                    value.len() == text.len() && value.as_bytes().last() == text.as_bytes().last()
                })
            };
            map.iter().any(|entry| may_be(&entry.value)) && map.get(key).is_some_and(is_it)
        }
        _ => false,
    }
}

/// Merges a patch into a stable list; returns `true` if the list still is.
fn merge_at(
    items: &mut EcoVec<Node>,
    patch: &[Node],
    places: Places,
    of: Type<'_>,
) -> Result<bool> {
    let Places { of_patch, one_key } = places;
    let mut shared: Vec<(usize, usize)> =
        of_patch.iter().enumerate().filter_map(|(j, place)| Some(((*place)?, j))).collect();
    shared.sort_unstable();
    let elements = items.make_mut();
    let mut is_stable = true;
    // What comes to stand in front, by its place in the patch.
    let mut front = vec![None; patch.len()];
    let mut leaving = Vec::new();
    for (i, j) in shared {
        match merge_elements(&mut elements[i], &patch[j], of)? {
            Merged::Absent => leaving.push(i),
            Merged::Target | Merged::Other(_) => {
                is_stable &= are_stable(&elements[i..=i], of)?;
                if one_key {
                    front[j] = Some(elements[i].clone());
                    leaving.push(i);
                }
            }
        }
    }
    for (j, item) in patch.iter().enumerate().filter(|(j, _)| of_patch[*j].is_none()) {
        front[j] = match alone_element(item, of, Side::Patch)? {
            Change::Same => Some(item.clone()),
            Change::New(node) => Some(node),
            Change::Absent => None,
        };
        is_stable &= are_stable(front[j].as_slice(), of)?;
    }
    for i in leaving.into_iter().rev() {
        items.remove(i);
    }
    for node in front.into_iter().flatten().rev() {
        items.insert(0, node);
    }
    Ok(is_stable)
}

/// Returns `true` if a merge that does not name them changes none of these elements.
fn are_stable(items: &[Node], of: Type<'_>) -> Result<bool> {
    for item in items {
        if !matches!(alone_element(item, of, Side::Target)?, Change::Same) {
            return Ok(false);
        }
    }
    Ok(true)
}
