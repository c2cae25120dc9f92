//! Does to a set what a difference says.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::fields::{key_of, text};
use super::model::{ChangeKind, Diff, FieldChange, ObjectId};
use super::path::PathStep;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::resource::Resource;
use crate::yaml;

impl Diff {
    /// Returns what becomes of `before`: the set that it was compared with, but for values that are
    /// masked and changes that were ignored. Objects that were added come last.
    ///
    /// # Errors
    /// If it does not have what the difference names, or has it more than once.
    ///
    /// ```
    /// use kustom::diff::{Options, compare, read};
    ///
    /// let before = read(b"{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: ClusterIP}}")?;
    /// let after = read(b"{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: NodePort}}")?;
    /// let found = compare(&before, &after, &Options::default())?;
    /// let applied = found.apply(&before)?;
    /// assert!(compare(&applied, &after, &Options::default())?.is_empty());
    /// # Ok::<(), kustom::Error>(())
    /// ```
    pub fn apply(&self, before: &[Resource]) -> Result<Vec<Resource>> {
        let mut places: FxHashMap<ObjectId, Vec<usize>> = FxHashMap::default();
        for (i, resource) in before.iter().enumerate() {
            places.entry(ObjectId::of(resource)).or_default().push(i);
        }
        let mut result: Vec<Option<Resource>> = before.iter().cloned().map(Some).collect();
        let mut added = Vec::new();
        for change in &self.resources {
            let mut find = || {
                let id = change.before.as_ref();
                let name = || id.map(ToString::to_string).unwrap_or_default();
                match id.and_then(|id| places.remove(id)).as_deref() {
                    Some([place]) => Ok(*place),
                    // Which one is meant is not known.
                    Some(_) => Err(misfit(&format!("there is more than one {}", name()))),
                    None => Err(misfit(&format!("there is no {}", name()))),
                }
            };
            match (change.change, &change.object) {
                (ChangeKind::Added, Some(object)) => {
                    added.push(Resource::new(yaml::from_value(&object.value())));
                }
                (ChangeKind::Added, None) => return Err(misfit("an added object is missing")),
                (ChangeKind::Removed, _) => result[find()?] = None,
                (ChangeKind::Changed, _) => {
                    let place = find()?;
                    if let Some(resource) = &mut result[place] {
                        let value = yaml::to_value(&resource.node).map_err(Error::from)?;
                        let value = fields(&value, &change.fields)?;
                        *resource = Resource::new(yaml::from_value(&value));
                    }
                }
            }
        }
        Ok(result.into_iter().flatten().chain(added).collect())
    }
}

/// Returns an object with some of its fields changed.
pub(super) fn fields(object: &Value, changes: &[FieldChange]) -> Result<Value> {
    let changes: Vec<Change<'_>> =
        changes.iter().map(|change| Change { rest: &change.path.0, change }).collect();
    at(Some(object), &changes)?.ok_or_else(|| misfit("nothing is left of an object"))
}

/// A change and what is left of the way to it.
#[derive(Clone, Copy)]
struct Change<'c> {
    rest: &'c [PathStep],
    change: &'c FieldChange,
}

/// The changes below each of the elements or fields that have any.
type Groups<'c, K> = Vec<(K, Vec<Change<'c>>)>;

fn at(value: Option<&Value>, changes: &[Change<'_>]) -> Result<Option<Value>> {
    let here = changes.iter().find(|c| c.rest.is_empty() && !c.change.reordered);
    if let Some(Change { change, .. }) = here {
        return Ok(change.after.clone());
    }
    if changes.is_empty() {
        return Ok(value.cloned());
    }
    match value {
        Some(Value::Object(map)) => in_map(map, changes).map(Some),
        Some(Value::Array(items)) => in_list(items, changes).map(Value::Array).map(Some),
        _ => Err(misfit("a path leads through a value that is no collection")),
    }
}

fn in_map(map: &Map<String, Value>, changes: &[Change<'_>]) -> Result<Value> {
    let groups = group(changes, |step| match step {
        PathStep::Field(name) => Some(name.clone()),
        _ => None,
    })?;
    // Nothing is copied that is made anew, or each level of an object would be copied with all that lies in it.
    let mut groups: FxHashMap<String, Vec<Change<'_>>> = groups.into_iter().collect();
    let mut result = Map::new();
    for (name, value) in map {
        let value = match groups.remove(name) {
            Some(changes) => at(Some(value), &changes)?,
            None => Some(value.clone()),
        };
        result.extend(value.map(|value| (name.clone(), value)));
    }
    for (name, changes) in groups {
        result.extend(at(None, &changes)?.map(|value| (name, value)));
    }
    Ok(Value::Object(result))
}

fn in_list(items: &[Value], changes: &[Change<'_>]) -> Result<Vec<Value>> {
    let (orders, changes): (Vec<Change<'_>>, Vec<Change<'_>>) =
        changes.iter().copied().partition(|c| c.rest.is_empty());
    let order = orders.first().and_then(|c| c.change.after.as_ref()?.as_array());
    if order.is_some()
        || matches!(changes.first().map(|c| c.rest), Some([PathStep::Key { .. }, ..]))
    {
        in_keyed_list(items, &changes, order)
    } else {
        in_plain_list(items, &changes)
    }
}

fn in_keyed_list(
    items: &[Value],
    changes: &[Change<'_>],
    order: Option<&Vec<Value>>,
) -> Result<Vec<Value>> {
    let mut names: Vec<String> = Vec::new();
    let mut groups = group(changes, |step| match step {
        PathStep::Key { key, at } => {
            names = key.keys().cloned().collect();
            Some((text(key), *at))
        }
        _ => None,
    })?;
    let mut ranks = FxHashMap::default();
    for (rank, key) in order.into_iter().flatten().filter_map(Value::as_object).enumerate() {
        names = key.keys().cloned().collect();
        ranks.insert(text(key), rank);
    }
    let mut kept = Vec::with_capacity(items.len());
    let mut by_key: FxHashMap<String, usize> =
        groups.iter().enumerate().map(|(i, ((key, _), _))| (key.clone(), i)).collect();
    for item in items {
        let key = key_of(item, &names).map(|key| text(&key)).unwrap_or_default();
        let changed = match by_key.remove(&key) {
            Some(i) => at(Some(item), &std::mem::take(&mut groups[i].1))?,
            None => Some(item.clone()),
        };
        kept.extend(changed.map(|value| (ranks.get(&key).copied().unwrap_or_default(), value)));
    }
    kept.sort_by_key(|(rank, _)| *rank);
    let mut result: Vec<Value> = kept.into_iter().map(|(_, value)| value).collect();
    let mut added = Vec::new();
    for ((_, place), changes) in groups.iter().filter(|(_, changes)| !changes.is_empty()) {
        let value = at(None, changes)?.zip(*place);
        let (value, place) = value.ok_or_else(|| misfit("an element of a list is missing"))?;
        added.push((place, value));
    }
    insert(&mut result, added);
    Ok(result)
}

fn in_plain_list(items: &[Value], changes: &[Change<'_>]) -> Result<Vec<Value>> {
    let groups = group(changes, |step| match step {
        PathStep::Index { before, after } => Some((*before, *after)),
        _ => None,
    })?;
    let mut old: Vec<Option<Cow<'_, Value>>> =
        items.iter().map(|item| Some(Cow::Borrowed(item))).collect();
    let mut added = Vec::new();
    for ((before, after), changes) in groups {
        let slot = match before {
            None => None,
            Some(i) => {
                Some(old.get_mut(i).ok_or_else(|| misfit("an element of a list is missing"))?)
            }
        };
        match (slot, after) {
            // Its place tells, or it would stay before those that it has come behind.
            (Some(slot), Some(j)) if before != Some(j) => {
                let value = at(slot.take().as_deref(), &changes)?;
                added.extend(value.map(|value| (j, value)));
            }
            (Some(slot), _) => *slot = at(slot.as_deref(), &changes)?.map(Cow::Owned),
            (None, Some(j)) => added.extend(at(None, &changes)?.map(|value| (j, value))),
            (None, None) => return Err(misfit("an element of a list has no place")),
        }
    }
    let mut result: Vec<Value> = old.into_iter().flatten().map(Cow::into_owned).collect();
    insert(&mut result, added);
    Ok(result)
}

/// Inserts elements at the positions that they have in the end.
fn insert(result: &mut Vec<Value>, mut added: Vec<(usize, Value)>) {
    if added.is_empty() {
        return;
    }
    added.sort_by_key(|(place, _)| *place);
    let mut added = added.into_iter().peekable();
    let old = std::mem::take(result);
    for value in old {
        while let Some((_, new)) = added.next_if(|(place, _)| *place <= result.len()) {
            result.push(new);
        }
        result.push(value);
    }
    result.extend(added.map(|(_, value)| value));
}

/// Groups changes by the first step of their rest.
fn group<'c, K: PartialEq + Eq + std::hash::Hash + Clone>(
    changes: &[Change<'c>],
    mut first: impl FnMut(&PathStep) -> Option<K>,
) -> Result<Groups<'c, K>> {
    let mut groups: Groups<'c, K> = Vec::new();
    let mut places: FxHashMap<K, usize> = FxHashMap::default();
    for change in changes {
        let (step, rest) =
            change.rest.split_first().ok_or_else(|| misfit("two changes are at one place"))?;
        let key = first(step).ok_or_else(|| misfit("a path does not fit the kind of a value"))?;
        let place = *places.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(Change { rest, change: change.change });
    }
    Ok(groups)
}

fn misfit(what: &str) -> Error {
    Error::new(
        ErrorKind::Patch,
        format!("the difference does not fit what it is applied to: {what}"),
    )
}
