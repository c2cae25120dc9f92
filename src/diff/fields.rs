//! Compares two states of an object, field by field.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::align::align;
use super::budget::{self, Budget};
use super::model::FieldChange;
use super::path::PathStep;
use crate::schema::TypeRef;
use crate::work;

/// Collects what differs between two values of the same type. If the budget does not suffice, that is not all.
pub(super) fn compare(
    before: &Value,
    after: &Value,
    of: Option<TypeRef<'_>>,
    budget: &Budget,
) -> Vec<FieldChange> {
    compare_up_to(before, after, of, budget, usize::MAX)
}

/// As [`compare`], but stops behind so many changes; then there is one more than that.
pub(super) fn compare_up_to(
    before: &Value,
    after: &Value,
    of: Option<TypeRef<'_>>,
    budget: &Budget,
    most: usize,
) -> Vec<FieldChange> {
    let mut found = Vec::new();
    Comparison { found: &mut found, budget, most }.values(before, after, of, &Way::Root);
    found
}

/// The merge keys of a list, and those of every element of both sides.
pub(super) struct Keyed {
    pub(super) before: Vec<Map<String, Value>>,
    pub(super) after: Vec<Map<String, Value>>,
}

/// Returns the keys of the elements of two lists, if all elements have them and no two of a side are
/// the same.
///
/// Of a type that nobody knows, a name is taken for the key.
pub(super) fn keyed(before: &[Value], after: &[Value], of: Option<TypeRef<'_>>) -> Option<Keyed> {
    let names = match of {
        Some(of) => of.merge_keys().filter(|keys| keys.iter().all(|key| !key.is_empty()))?,
        None => vec!["name"],
    };
    let keys_of = |items: &[Value]| -> Option<Vec<Map<String, Value>>> {
        let keys: Option<Vec<_>> = items.iter().map(|item| key_of(item, &names)).collect();
        let mut texts: Vec<String> = keys.iter().flatten().map(text).collect();
        texts.sort_unstable();
        keys.filter(|_| texts.windows(2).all(|pair| pair[0] != pair[1]))
    };
    Some(Keyed { before: keys_of(before)?, after: keys_of(after)? })
}

/// Returns the values that an element has for some merge keys, if it has any.
pub(super) fn key_of<S: AsRef<str>>(item: &Value, names: &[S]) -> Option<Map<String, Value>> {
    let item = item.as_object()?;
    let mut key = Map::new();
    for name in names.iter().map(AsRef::as_ref) {
        let value = match item.get(name) {
            Some(Value::Object(_) | Value::Array(_)) => return None,
            Some(value) if !value.is_null() => value.clone(),
            // The only merge key that the server fills in.
            _ if name == "protocol" => Value::from("TCP"),
            _ => Value::Null,
        };
        key.insert(name.to_owned(), value);
    }
    key.iter().any(|(name, value)| name != "protocol" && !value.is_null()).then_some(key)
}

/// Returns a text that is the same for the same keys only.
pub(super) fn text(key: &Map<String, Value>) -> String {
    let mut parts: Vec<String> = key.iter().map(|(k, v)| format!("{k}={v}")).collect();
    parts.sort_unstable();
    parts.join(",")
}

/// The way to a value, from its end; hardly any becomes a path.
enum Way<'w> {
    Root,
    Field(&'w Way<'w>, &'w str),
    Key(&'w Way<'w>, &'w Map<String, Value>, Option<usize>),
    Index(&'w Way<'w>, Option<usize>, Option<usize>),
}

impl Way<'_> {
    /// Returns the steps, with no more room than they take.
    fn steps(&self) -> Vec<PathStep> {
        let (mut length, mut way) = (0, self);
        while let Way::Field(above, _) | Way::Key(above, ..) | Way::Index(above, ..) = way {
            (length, way) = (length + 1, above);
        }
        let mut steps = Vec::with_capacity(length);
        self.add_to(&mut steps);
        steps
    }

    fn add_to(&self, steps: &mut Vec<PathStep>) {
        let (above, step) = match *self {
            Way::Root => return,
            Way::Field(above, name) => (above, PathStep::Field(name.to_owned())),
            Way::Key(above, key, at) => (above, PathStep::Key { key: key.clone(), at }),
            Way::Index(above, before, after) => (above, PathStep::Index { before, after }),
        };
        above.add_to(steps);
        steps.push(step);
    }
}

struct Comparison<'o> {
    found: &'o mut Vec<FieldChange>,
    budget: &'o Budget,
    /// How many changes are looked for.
    most: usize,
}

impl Comparison<'_> {
    fn values(&mut self, before: &Value, after: &Value, of: Option<TypeRef<'_>>, way: &Way<'_>) {
        work::node();
        if !self.budget.work(budget::VALUE) || self.found.len() > self.most {
            return;
        }
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => self.maps(before, after, of, way),
            (Value::Array(before), Value::Array(after)) if before == after => {}
            (Value::Array(before), Value::Array(after)) => match keyed(before, after, of) {
                Some(keys) => self.keyed_lists(before, after, &keys, of, way),
                None => self.lists(before, after, of, way),
            },
            _ if before != after => self.changed(Some(before), Some(after), way),
            _ => {}
        }
    }

    fn maps(
        &mut self,
        before: &Map<String, Value>,
        after: &Map<String, Value>,
        of: Option<TypeRef<'_>>,
        way: &Way<'_>,
    ) {
        for (name, value) in before {
            let way = Way::Field(way, name);
            match after.get(name) {
                Some(other) => {
                    // Of single values the type does not count.
                    let of = of.filter(|_| value.is_object() || value.is_array());
                    self.values(value, other, of.and_then(|of| of.field(name)), &way);
                }
                None => self.changed(Some(value), None, &way),
            }
        }
        for (name, value) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
            self.changed(None, Some(value), &Way::Field(way, name));
        }
    }

    fn keyed_lists(
        &mut self,
        before: &[Value],
        after: &[Value],
        keys: &Keyed,
        of: Option<TypeRef<'_>>,
        way: &Way<'_>,
    ) {
        let texts = |keys: &[Map<String, Value>]| keys.iter().map(text).collect::<Vec<_>>();
        let (texts_before, texts_after) = (texts(&keys.before), texts(&keys.after));
        let place = |texts: &[String]| {
            let pairs = texts.iter().cloned().enumerate().map(|(i, text)| (text, i));
            pairs.collect::<FxHashMap<_, _>>()
        };
        let (in_before, in_after) = (place(&texts_before), place(&texts_after));
        let inside = of.and_then(TypeRef::element);
        for (i, value) in before.iter().enumerate() {
            let key = &keys.before[i];
            match in_after.get(&texts_before[i]) {
                Some(&j) => self.values(value, &after[j], inside, &Way::Key(way, key, None)),
                None => self.changed(Some(value), None, &Way::Key(way, key, Some(i))),
            }
        }
        for (j, value) in after.iter().enumerate() {
            if !in_before.contains_key(&texts_after[j]) {
                self.changed(None, Some(value), &Way::Key(way, &keys.after[j], Some(j)));
            }
        }
        let common = |texts: &[String], other: &FxHashMap<String, usize>| {
            let kept = texts.iter().enumerate().filter(|(_, text)| other.contains_key(*text));
            kept.map(|(i, _)| i).collect::<Vec<_>>()
        };
        let order_before = common(&texts_before, &in_after);
        let order_after = common(&texts_after, &in_before);
        if order_before.iter().zip(&order_after).any(|(&i, &j)| texts_before[i] != texts_after[j]) {
            let list = |order: &[usize], keys: &[Map<String, Value>]| {
                Value::Array(order.iter().map(|&i| Value::Object(keys[i].clone())).collect())
            };
            self.changed(
                Some(&list(&order_before, &keys.before)),
                Some(&list(&order_after, &keys.after)),
                way,
            );
            if let Some(change) = self.found.last_mut() {
                change.reordered = true;
            }
        }
    }

    /// Compares lists without keys: equal elements are paired so that as many as possible are, and
    /// those in between one by one.
    fn lists(&mut self, before: &[Value], after: &[Value], of: Option<TypeRef<'_>>, way: &Way<'_>) {
        let texts = |items: &[Value]| items.iter().map(Value::to_string).collect::<Vec<_>>();
        let (texts_before, texts_after) = (texts(before), texts(after));
        let lengths = texts_before.iter().chain(&texts_after).map(|text| text.len() as u64);
        if !self.budget.work(lengths.sum()) {
            return;
        }
        if texts_before != texts_after && is_permuted(&texts_before, &texts_after) {
            // The order alone differs, and is all there is to say.
            let list = |items: &[Value]| Value::Array(items.to_vec());
            self.changed(Some(&list(before)), Some(&list(after)), way);
            return;
        }
        // Of several ways to pair, both directions of a comparison have to find the same.
        let pairs = if (texts_before.len(), &texts_before) <= (texts_after.len(), &texts_after) {
            align(&texts_before, &texts_after, self.budget)
        } else {
            let swapped = align(&texts_after, &texts_before, self.budget).into_iter();
            swapped.map(|(j, i)| (i, j)).collect()
        };
        let inside = of.and_then(TypeRef::element);
        let (mut i, mut j) = (0, 0);
        let mut found = Vec::new();
        for (next_i, next_j) in pairs.into_iter().chain([(before.len(), after.len())]) {
            let start = (i, j);
            for (k, l) in similar(&before[i..next_i], &after[j..next_j], self.budget) {
                let (k, l) = (start.0 + k, start.1 + l);
                rest(i..k, j..l, &mut found);
                found.push((Some(k), Some(l)));
                (i, j) = (k + 1, l + 1);
            }
            rest(i..next_i, j..next_j, &mut found);
            (i, j) = (next_i + 1, next_j + 1);
        }
        moved(before, after, &mut found, self.budget);
        for (i, j) in found {
            let (old, new) = (i.and_then(|i| before.get(i)), j.and_then(|j| after.get(j)));
            let way = Way::Index(way, i, j);
            match (old, new) {
                (Some(old), Some(new)) => self.values(old, new, inside, &way),
                (old, new) => self.changed(old, new, &way),
            }
        }
    }

    fn changed(&mut self, before: Option<&Value>, after: Option<&Value>, way: &Way<'_>) {
        if self.found.len() > self.most {
            return;
        }
        let steps = way.steps();
        let values = before.into_iter().chain(after).map(budget::size);
        let bytes = values.fold(budget::size_of_change(&steps), u64::saturating_add);
        if self.budget.hold(bytes) {
            self.found.push(FieldChange::new(steps, before.cloned(), after.cloned()));
        }
    }
}

/// An element of a list: where it stands before and after.
type Element = (Option<usize>, Option<usize>);

/// Adds the elements that only one side has.
fn rest(before: Range<usize>, after: Range<usize>, found: &mut Vec<Element>) {
    found.extend(before.map(|i| (Some(i), None)));
    found.extend(after.map(|j| (None, Some(j))));
}

/// Two elements that may be one.
struct Candidate<'t> {
    /// By how much they differ; then what is the same for both directions.
    rank: (usize, [&'t str; 2], usize),
    pair: (usize, usize),
}

/// Makes one of two elements of which one side has each, if they are mostly the same: one that has another place, and
/// differs a little.
fn moved(before: &[Value], after: &[Value], found: &mut Vec<Element>, budget: &Budget) {
    let olds: Vec<usize> = found.iter().filter(|e| e.1.is_none()).filter_map(|e| e.0).collect();
    let news: Vec<usize> = found.iter().filter(|e| e.0.is_none()).filter_map(|e| e.1).collect();
    if olds.is_empty() || news.is_empty() || olds.len() * news.len() > MOST_PAIRS {
        return;
    }
    let likeness = |one: &Value, other: &Value| likeness(one, other, budget);
    let known = |values: &[Value], of: &[usize]| -> Vec<(usize, usize, String)> {
        of.iter().map(|&i| (i, likeness(&values[i], &values[i]), values[i].to_string())).collect()
    };
    let (olds, news) = (known(before, &olds), known(after, &news));
    let mut candidates = Vec::new();
    for &(i, most, ref text) in &olds {
        for &(j, most_other, ref text_other) in &news {
            let (one, other) = (&before[i], &after[j]);
            let all = most.max(most_other);
            let common = likeness(one, other);
            // Equal ones differ in nothing that could be told; those at the same place are not moved.
            let differs = one != other && i != j;
            if differs && alike(one, other) && !is_single(one) && common * 2 > all {
                // Both directions have to find the same pairs.
                let mut texts = [text.as_str(), text_other.as_str()];
                texts.sort_unstable();
                candidates.push(Candidate { rank: (all - common, texts, i + j), pair: (i, j) });
            }
        }
    }
    candidates.sort_by(|a, b| a.rank.cmp(&b.rank));
    let mut twin_of = FxHashMap::default();
    let mut taken = FxHashSet::default();
    for (k, Candidate { rank, pair: (i, j) }) in candidates.iter().enumerate() {
        // Which of several is meant is not known, and the two directions could differ in it.
        let is_tied =
            |other: Option<&Candidate<'_>>| other.is_some_and(|other| other.rank == *rank);
        let tied = is_tied(candidates.get(k + 1)) || k > 0 && is_tied(candidates.get(k - 1));
        if !tied && !twin_of.contains_key(i) && taken.insert(*j) {
            twin_of.insert(*i, *j);
        }
    }
    found.retain(|(i, j)| i.is_some() || !j.is_some_and(|j| taken.contains(&j)));
    for (i, j) in found.iter_mut().filter(|(_, j)| j.is_none()) {
        *j = i.and_then(|i| twin_of.get(&i).copied());
    }
}

fn is_single(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// Returns `true` if two lists have the same elements in different order.
fn is_permuted(before: &[String], after: &[String]) -> bool {
    let sorted = |texts: &[String]| {
        let mut texts: Vec<&String> = texts.iter().collect();
        texts.sort_unstable();
        texts.into_iter().cloned().collect::<Vec<_>>()
    };
    before.len() == after.len() && sorted(before) == sorted(after)
}

/// Up to this product of lengths, elements are paired by what they have in common.
const MOST_PAIRS: usize = 900;

/// Pairs the elements of two runs that have nothing equal, in order: objects and lists with those that
/// have most in common with them, single values one by one.
fn similar(before: &[Value], after: &[Value], budget: &Budget) -> Vec<(usize, usize)> {
    let single = |items: &[Value]| items.iter().all(is_single);
    if before.len() * after.len() > MOST_PAIRS || single(before) && single(after) {
        let both = before.iter().zip(after).enumerate();
        return both.take_while(|(_, (a, b))| alike(a, b)).map(|(i, _)| (i, i)).collect();
    }
    // Both directions have to find the same pairs.
    let text = |items: &[Value]| items.iter().map(Value::to_string).collect::<Vec<_>>();
    if (before.len(), text(before)) > (after.len(), text(after)) {
        return similar(after, before, budget).into_iter().map(|(j, i)| (i, j)).collect();
    }
    // The best sum of what pairs have in common, for every end of both runs.
    let width = after.len() + 1;
    let mut best = vec![0_usize; (before.len() + 1) * width];
    let score = |a: &Value, b: &Value| if alike(a, b) { 1 + likeness(a, b, budget) } else { 0 };
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            let pair = score(&before[i], &after[j]);
            let paired = if pair > 0 { pair + best[(i + 1) * width + j + 1] } else { 0 };
            let skipped = best[(i + 1) * width + j].max(best[i * width + j + 1]);
            best[i * width + j] = paired.max(skipped);
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < before.len() && j < after.len() {
        let here = best[i * width + j];
        let pair = score(&before[i], &after[j]);
        if pair > 0 && here == pair + best[(i + 1) * width + j + 1] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if here == best[(i + 1) * width + j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Returns how much two values have in common.
fn likeness(a: &Value, b: &Value, budget: &Budget) -> usize {
    let pairs = match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() as u64 * b.len() as u64,
        (Value::String(a), Value::String(b)) if a.len() == b.len() => a.len() as u64 / 16,
        _ => 0,
    };
    if !budget.work(budget::VALUE + pairs) {
        return 0;
    }
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let common = a.iter().filter_map(|(name, value)| Some((value, b.get(name)?)));
            common.map(|(a, b)| likeness(a, b, budget)).sum()
        }
        (Value::Array(a), Value::Array(b)) => a.iter().filter(|item| b.contains(item)).count(),
        _ => usize::from(a == b) * 2,
    }
}

/// Returns `true` if one value can be seen as a new state of the other.
fn alike(a: &Value, b: &Value) -> bool {
    a.is_object() == b.is_object() && a.is_array() == b.is_array()
}
