//! Lists that merge by key and are not in order: elements that lack a key or are no maps, nulls.
//!
//! Odd: what upstream makes of such lists has no meaning, so this follows its steps one by one (cases
//! merge/list-element-without-key and merge/list-by-two-keys-second-absent). Elements are numbers into one table, because there an element
//! can stand in two lists at once, and a change of it is seen in both.

use ecow::{EcoString, EcoVec};
use rustc_hash::FxHashSet;

use super::directive::strip_directive;
use super::key_table::{Facts, Number, Texts, is_empty};
use super::list::{alone_element, merge_elements};
use super::one_sided::Side;
use super::pair::wrong_kind;
use super::{Change, Merged, Type};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::limits::Limit;
use crate::yaml::{Kind, Node};

/// The steps take time by the square of the length; nobody writes longer lists without keys.
const LONGEST: usize = 10_000;
/// Shorter ones are not worth counting.
const SHORT: usize = 64;

/// Re-builds a list that only `side` has.
pub(super) fn alone(
    items: &EcoVec<Node>,
    keys: &[&str],
    of: Type<'_>,
    side: Side,
) -> Result<EcoVec<Node>> {
    Merge::new(items, &[], keys, of)?
        .run(|elements, own, _| own.map_or(Ok(None), |i| alone_in(elements, i, of, side.inside())))
}

/// Merges the elements of a patch into those of the target.
pub(super) fn merge(
    items: &EcoVec<Node>,
    patch: &EcoVec<Node>,
    keys: &[&str],
    of: Type<'_>,
) -> Result<EcoVec<Node>> {
    Merge::new(items, patch, keys, of)?.run(|elements, own, other| match (own, other) {
        (None, None) => Ok(None),
        (Some(i), None) => alone_in(elements, i, of, Side::Target),
        (None, Some(j)) => alone_in(elements, j, of, Side::Patch),
        (Some(i), Some(j)) => {
            let patch = elements[j].clone();
            strip_directive(&mut elements[j]);
            Ok(match merge_elements(&mut elements[i], &patch, of)? {
                Merged::Absent => None,
                Merged::Target => Some(i),
                Merged::Other(node) => {
                    elements[j] = node;
                    Some(j)
                }
            })
        }
    })
}

/// Re-builds one element of the table that only `side` has.
fn alone_in(elements: &mut [Node], i: usize, of: Type<'_>, side: Side) -> Result<Option<usize>> {
    match alone_element(&elements[i], of, side)? {
        Change::Same => {}
        Change::New(node) => elements[i] = node,
        Change::Absent => {
            // Odd: a directive leaves the patch when it is read, and this element is still in a list
            // (case merge/list-by-two-keys-delete).
            strip_directive(&mut elements[i]);
            return Ok(None);
        }
    }
    Ok(Some(i))
}

struct Merge<'k> {
    keys: &'k [&'k str],
    /// All elements of both lists.
    elements: Vec<Node>,
    target: Vec<usize>,
    patch: Vec<usize>,
    texts: Texts,
    /// What is known of each element.
    facts: Vec<Facts>,
}

impl<'k> Merge<'k> {
    fn new(items: &[Node], patch: &[Node], keys: &'k [&'k str], of: Type<'_>) -> Result<Merge<'k>> {
        let len = items.len() + patch.len();
        if let Some(account) = of.account.filter(|_| len > SHORT) {
            account.charge(Limit::Comparisons, (len as u64).saturating_pow(2))?;
        }
        if len > LONGEST {
            let message = format!("a list of {len} elements of which some have no merge key");
            let pos = items.first().map_or_else(Default::default, Node::pos);
            return Err(Error::new(ErrorKind::Limit, message).at(pos));
        }
        Ok(Merge {
            keys,
            elements: items.iter().chain(patch).cloned().collect(),
            target: (0..items.len()).collect(),
            patch: (items.len()..len).collect(),
            texts: Texts::new(),
            facts: Vec::new(),
        })
    }

    /// Takes all steps; `merge` answers which element comes out of one of the target and one of the
    /// patch.
    fn run(
        mut self,
        merge: impl Fn(&mut Vec<Node>, Option<usize>, Option<usize>) -> Result<Option<usize>>,
    ) -> Result<EcoVec<Node>> {
        let rows = self.rows();
        let used = |k: &usize| rows.iter().any(|row| !row[*k].is_empty());
        let mut used: Vec<usize> = (0..self.keys.len()).filter(used).collect();
        if used.is_empty() {
            used = (0..self.keys.len()).collect();
        }
        let keys: Vec<&str> = used.iter().map(|&k| self.keys[k]).collect();

        let texts = &mut self.texts;
        self.facts = self.elements.iter().map(|node| Facts::of(node, &keys, texts)).collect();
        let mut new = Vec::new();
        for row in &rows {
            let values: Vec<EcoString> = used.iter().map(|&k| row[k].clone()).collect();
            let (target, patch) =
                (std::mem::take(&mut self.target), std::mem::take(&mut self.patch));
            let own = self.find(&target, &keys, &values);
            let other = self.find(&patch, &keys, &values);
            (self.target, self.patch) = (target, patch);
            let merged = merge(&mut self.elements, own, other)?;
            match merged.filter(|&m| !is_empty(&self.elements[m])) {
                None => {
                    self.look_again(&keys, [own, other, merged]);
                    let mut target = std::mem::take(&mut self.target);
                    self.set(&mut target, &keys, &values, None)?;
                    self.target = target;
                }
                Some(m) => {
                    self.add_keys(m, &keys, &values);
                    self.look_again(&keys, [own, other, merged]);
                    self.set(&mut new, &keys, &values, Some(m))?;
                }
            }
        }
        for e in std::mem::take(&mut self.target) {
            let node = &self.elements[e];
            let mut values: Vec<EcoString> = Vec::new();
            if keys == [""] {
                values.push(node.text().unwrap_or_default().into());
            } else {
                for key in &keys {
                    match field_text(node, key)? {
                        Some(text) => values.push(text.into()),
                        None => new.push(e),
                    }
                }
                if keys.len() > 1 {
                    self.set(&mut new, &keys, &values, None)?;
                }
            }
            self.set(&mut new, &keys, &values, Some(e))?;
        }
        Ok(new.into_iter().map(|e| self.elements[e].clone()).collect())
    }

    /// Returns the key texts of all elements, those of the patch first, each row once.
    fn rows(&self) -> Vec<Vec<EcoString>> {
        let mut seen = FxHashSet::default();
        let mut rows = Vec::new();
        for &e in self.patch.iter().chain(&self.target) {
            let node = &self.elements[e];
            let text = |key: &&str| match *key {
                "" => node.text().unwrap_or_default().into(),
                key => match node.get(key) {
                    Some(value) if !value.is_null() => value.text().unwrap_or_default().into(),
                    _ => EcoString::new(),
                },
            };
            let row: Vec<EcoString> = self.keys.iter().map(text).collect();
            if seen.insert(row.clone()) {
                rows.push(row);
            }
        }
        if self.keys.len() > 1 {
            fill_up(&mut rows);
        }
        rows
    }

    /// Returns the first element whose fields have these texts; fields without text do not count.
    fn find(&mut self, list: &[usize], keys: &[&str], values: &[EcoString]) -> Option<usize> {
        if keys == [""] {
            let text = values[0].as_str();
            let matches = |&e: &usize| self.elements[e].text().unwrap_or_default() == text;
            return list.iter().copied().find(matches);
        }
        let any = values.iter().any(|value| !value.is_empty());
        let values = self.texts.numbers(values);
        let matches = |facts: &Facts| match any {
            true => facts.has_given(&values),
            false => facts.has(&values, false),
        };
        let is_found = |&e: &usize| self.facts[e].is_map && matches(&self.facts[e]);
        list.iter().copied().find(is_found)
    }

    /// Looks again at elements that may have changed.
    fn look_again(&mut self, keys: &[&str], elements: [Option<usize>; 3]) {
        for e in elements.into_iter().flatten() {
            self.facts[e] = Facts::of(&self.elements[e], keys, &mut self.texts);
        }
    }

    fn add_keys(&mut self, e: usize, keys: &[&str], values: &[EcoString]) {
        let Some(map) = self.elements[e].as_map_mut() else {
            return;
        };
        for (key, value) in keys.iter().zip(values).filter(|(_, value)| !value.is_empty()) {
            if !map.contains(key) {
                map.push(Node::plain(*key), Node::plain(value.clone()));
            }
        }
    }

    /// Puts `element` in the place of all that match, or appends it; without an element removes them.
    fn set(
        &mut self,
        list: &mut Vec<usize>,
        keys: &[&str],
        values: &[EcoString],
        element: Option<usize>,
    ) -> Result<()> {
        let is_usual = |&e: &usize| self.facts[e].is_map || self.facts[e].is_empty;
        if keys.contains(&"") || values.is_empty() || !list.iter().all(is_usual) {
            return set(&self.elements, list, keys, values, element);
        }
        let values = self.texts.numbers(values);
        let mut found = false;
        list.retain_mut(|e| {
            let facts = &self.facts[*e];
            if facts.is_empty {
                return false;
            }
            if !facts.has(&values, true) {
                return true;
            }
            found |= element.is_some();
            *e = element.unwrap_or(*e);
            element.is_some()
        });
        list.extend(element.filter(|&e| !found && !self.elements[e].is_null()));
        Ok(())
    }
}

/// Makes rows that say the same about one element into one: 80 and 80/TCP are both 80/TCP.
fn fill_up(rows: &mut [Vec<EcoString>]) {
    let mut texts = Texts::new();
    let mut numbers: Vec<Vec<Number>> = rows.iter().map(|row| texts.numbers(row)).collect();
    for i in 0..rows.len() {
        let (row, number) = (rows[i].clone(), numbers[i].clone());
        for j in 0..rows.len() {
            let pairs = || number.iter().zip(&numbers[j]);
            let differ = pairs().any(|(a, b)| a != b && *a != 0 && *b != 0);
            if differ || i == j || !pairs().any(|(a, b)| a == b) || number == numbers[j] {
                continue;
            }
            let full = pairs().map(|(a, b)| if *a == 0 { *b } else { *a }).collect::<Vec<_>>();
            numbers[i].clone_from(&full);
            numbers[j] = full;
            let pairs = || row.iter().zip(&rows[j]);
            let full: Vec<EcoString> =
                pairs().map(|(a, b)| if a.is_empty() { b.clone() } else { a.clone() }).collect();
            rows[i].clone_from(&full);
            rows[j] = full;
        }
    }
}

/// Puts `element` in the place of all that match, or appends it; without an element removes them.
fn set(
    elements: &[Node],
    list: &mut Vec<usize>,
    keys: &[&str],
    values: &[EcoString],
    element: Option<usize>,
) -> Result<()> {
    let mut kept = Vec::with_capacity(list.len() + 1);
    let mut found = false;
    for &e in &*list {
        let node = &elements[e];
        if is_empty(node) {
            continue;
        }
        let skips = keys != [""] && values.first().is_some_and(|value| !value.is_empty());
        if skips && node.as_map().is_none() {
            kept.push(e);
            continue;
        }
        if values.is_empty() {
            continue;
        }
        let mut matches = true;
        for (key, value) in keys.iter().zip(values) {
            let text =
                if key.is_empty() { Some(scalar_text(node)?) } else { field_text(node, key)? };
            let any = value.is_empty() && !key.is_empty();
            matches &= text.is_some_and(|text| any || text == value);
        }
        match element {
            _ if !matches => kept.push(e),
            Some(element) => {
                kept.push(element);
                found = true;
            }
            None => {}
        }
    }
    if let Some(element) = element.filter(|&e| !found && !elements[e].is_null()) {
        kept.push(element);
    }
    *list = kept;
    Ok(())
}

fn scalar_text(node: &Node) -> Result<&str> {
    node.text().ok_or_else(|| wrong_kind(Kind::Scalar, node))
}

/// Returns the text of a field as it is written, empty for a collection, or `None` if there is none.
fn field_text<'n>(node: &'n Node, key: &str) -> Result<Option<&'n str>> {
    match node {
        Node::Map { map, .. } => Ok(map.get(key).map(|value| value.text().unwrap_or_default())),
        _ if node.is_null() => Ok(None),
        _ => Err(wrong_kind(Kind::Map, node)),
    }
}
