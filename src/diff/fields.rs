//! Compares two states of an object, field by field.

use serde_json::{Map, Value};

use super::align::align;
use super::model::FieldChange;
use super::path::Step;
use crate::schema::TypeRef;
use crate::work;

/// Collects what differs between two values of the same type.
pub(super) fn compare(before: &Value, after: &Value, of: Option<TypeRef<'_>>) -> Vec<FieldChange> {
    let mut found = Vec::new();
    Comparison { path: Vec::new(), found: &mut found }.values(before, after, of);
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

struct Comparison<'o> {
    path: Vec<Step>,
    found: &'o mut Vec<FieldChange>,
}

impl Comparison<'_> {
    fn values(&mut self, before: &Value, after: &Value, of: Option<TypeRef<'_>>) {
        work::node();
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => self.maps(before, after, of),
            (Value::Array(before), Value::Array(after)) => match keyed(before, after, of) {
                Some(keys) => self.keyed_lists(before, after, &keys, of),
                None => self.lists(before, after, of),
            },
            _ if before != after => self.changed(Some(before), Some(after)),
            _ => {}
        }
    }

    fn maps(
        &mut self,
        before: &Map<String, Value>,
        after: &Map<String, Value>,
        of: Option<TypeRef<'_>>,
    ) {
        for (name, value) in before {
            let inside = of.and_then(|of| of.field(name));
            self.within(Step::Field(name.clone()), |this| match after.get(name) {
                Some(other) => this.values(value, other, inside),
                None => this.changed(Some(value), None),
            });
        }
        for (name, value) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
            self.within(Step::Field(name.clone()), |this| this.changed(None, Some(value)));
        }
    }

    fn keyed_lists(
        &mut self,
        before: &[Value],
        after: &[Value],
        keys: &Keyed,
        of: Option<TypeRef<'_>>,
    ) {
        let texts = |keys: &[Map<String, Value>]| keys.iter().map(text).collect::<Vec<_>>();
        let (texts_before, texts_after) = (texts(&keys.before), texts(&keys.after));
        let place = |texts: &[String]| {
            let pairs = texts.iter().cloned().enumerate().map(|(i, text)| (text, i));
            pairs.collect::<rustc_hash::FxHashMap<_, _>>()
        };
        let (in_before, in_after) = (place(&texts_before), place(&texts_after));
        let inside = of.and_then(TypeRef::element);
        for (i, value) in before.iter().enumerate() {
            let key = keys.before[i].clone();
            match in_after.get(&texts_before[i]) {
                Some(&j) => self.within(Step::Key { key, at: None }, |this| {
                    this.values(value, &after[j], inside);
                }),
                None => self.within(Step::Key { key, at: Some(i) }, |this| {
                    this.changed(Some(value), None);
                }),
            }
        }
        for (j, value) in after.iter().enumerate() {
            if !in_before.contains_key(&texts_after[j]) {
                let step = Step::Key { key: keys.after[j].clone(), at: Some(j) };
                self.within(step, |this| this.changed(None, Some(value)));
            }
        }
        let common = |texts: &[String], other: &rustc_hash::FxHashMap<String, usize>| {
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
            );
            if let Some(change) = self.found.last_mut() {
                change.reordered = true;
            }
        }
    }

    /// Compares lists without keys: equal elements are paired so that as many as possible are, and
    /// those in between one by one.
    fn lists(&mut self, before: &[Value], after: &[Value], of: Option<TypeRef<'_>>) {
        let texts = |items: &[Value]| items.iter().map(Value::to_string).collect::<Vec<_>>();
        let (texts_before, texts_after) = (texts(before), texts(after));
        // Of several ways to pair, both directions of a comparison have to find the same.
        let pairs = if (texts_before.len(), &texts_before) <= (texts_after.len(), &texts_after) {
            align(&texts_before, &texts_after)
        } else {
            let swapped = align(&texts_after, &texts_before).into_iter();
            swapped.map(|(j, i)| (i, j)).collect()
        };
        let inside = of.and_then(TypeRef::element);
        let (mut i, mut j) = (0, 0);
        for (next_i, next_j) in pairs.into_iter().chain([(before.len(), after.len())]) {
            while i < next_i && j < next_j && alike(&before[i], &after[j]) {
                self.within(Step::Index { before: Some(i), after: Some(j) }, |this| {
                    this.values(&before[i], &after[j], inside);
                });
                (i, j) = (i + 1, j + 1);
            }
            for (i, value) in before.iter().enumerate().take(next_i).skip(i) {
                self.within(Step::Index { before: Some(i), after: None }, |this| {
                    this.changed(Some(value), None);
                });
            }
            for (j, value) in after.iter().enumerate().take(next_j).skip(j) {
                self.within(Step::Index { before: None, after: Some(j) }, |this| {
                    this.changed(None, Some(value));
                });
            }
            (i, j) = (next_i + 1, next_j + 1);
        }
    }

    fn within(&mut self, step: Step, work: impl FnOnce(&mut Self)) {
        self.path.push(step);
        work(self);
        self.path.pop();
    }

    fn changed(&mut self, before: Option<&Value>, after: Option<&Value>) {
        self.found.push(FieldChange::new(&self.path, before.cloned(), after.cloned()));
    }
}

/// Tells whether one value can be seen as a new state of the other.
fn alike(a: &Value, b: &Value) -> bool {
    a.is_object() == b.is_object() && a.is_array() == b.is_array()
}
