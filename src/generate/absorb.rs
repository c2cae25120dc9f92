//! Takes a generated object into a layer, by its behavior (docs/spec/generators.md, section 4).

use ecow::EcoString;
use rustc_hash::FxHashSet;

use super::config::{encode, string};
use crate::diagnostics::hints::{
    Advice, CHART_OBJECT_TWICE, GENERATED_TWICE, KIND_CHANGED, NOTHING_TO_MERGE,
};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::fieldspec::wrong_kind;
use crate::limits::{Account, Limit};
use crate::resource::annotations;
use crate::resource::{Behavior, Resource, ResourceSet, near_miss, unmark};
use crate::schema::Schema;
use crate::yaml::{self, Kind, Mapping, Node, Pos, Tag};

/// The places of objects into which the layer has merged generated ones and nothing else has changed since: their
/// data are strings, sorted, with each key once.
pub(crate) type Merged = FxHashSet<usize>;

/// The fields of an object that are merged.
pub(super) const DATA: [&str; 2] = ["data", "binaryData"];

/// Adds `generated` to the layer, or merges it with the resource that has or had its id; returns its slot.
///
/// # Errors
/// If its behavior does not fit what is there.
pub(crate) fn absorb(
    set: &mut ResourceSet,
    merged: &mut Merged,
    mut generated: Resource,
    schema: &Schema,
    account: &Account,
) -> Result<usize> {
    let id = generated.id(schema);
    let pos = generated.node.pos();
    let refuse = |message: String| Error::new(ErrorKind::Generator, message).at(pos);
    let matches = set.find_any(&id, schema);
    let behavior = generated.history.behavior;
    match (matches.as_slice(), behavior) {
        ([], Behavior::Create | Behavior::Unspecified) => {
            let slot = set.slot_numbers().end;
            set.append(generated, schema).map(|()| slot)
        }
        ([], _) => {
            let error = refuse(format!("id {id} does not exist; cannot merge or replace"));
            let near = near_miss(&id, set, schema).map(|near| NOTHING_TO_MERGE.with(near));
            Err(error.maybe_hint(near).hint(&NOTHING_TO_MERGE))
        }
        ([slot], Behavior::Create | Behavior::Unspecified) => {
            let first = set.get(*slot).map_or(Pos::NONE, |old| old.node.pos());
            let said = if behavior == Behavior::Create { "create" } else { "unspecified" };
            Err(refuse(format!(
                "id {id} exists; can not use behavior: '{said}', behavior must be merge or replace"
            ))
            .related("first defined at", first)
            .with_hint(made_twice(&generated)))
        }
        ([slot], Behavior::Merge)
            if merged.contains(slot)
                && set.get(*slot).is_some_and(|old| old.gvk_ref() == generated.gvk_ref()) =>
        {
            set.update(*slot, schema, |old| {
                let data = DATA.map(|key| taken(&mut old.node, key));
                take_place(&mut generated, old, behavior);
                if !add_data(&mut generated, data) {
                    merged.remove(slot);
                }
                *old = generated;
            });
            Ok(*slot)
        }
        ([slot], _) => {
            merged.remove(slot);
            if let Some(old) = set.get(*slot) {
                take_place(&mut generated, old, behavior);
                if behavior == Behavior::Merge {
                    // All that was there is checked and copied again.
                    let bytes = yaml::measure_bytes(&old.node, usize::MAX).unwrap_or(usize::MAX);
                    account.charge(Limit::MadeBytes, bytes as u64)?;
                    merge_data(&mut generated, &old.node)
                        .map_err(|e| e.context(format_args!("merging {id}")).at(pos))?;
                    if DATA.iter().all(|key| is_sound(generated.node.get(key))) {
                        merged.insert(*slot);
                    }
                }
                check_place(set, old, &generated, schema)?;
            }
            set.update(*slot, schema, |old| *old = generated);
            Ok(*slot)
        }
        (several, _) => {
            let ids: Vec<String> = several
                .iter()
                .filter_map(|&slot| Some(set.get(slot)?.id(schema).to_string()))
                .collect();
            Err(refuse(format!(
                "found multiple objects [{}] that could accept merge of {id}",
                ids.join(" ")
            )))
        }
    }
}

/// Refuses a generated object that the old one, whose name and namespace it has, cannot be replaced with: one of
/// another kind or apiVersion. They are found by their former ids, and replaced by the current one.
fn check_place(
    set: &ResourceSet,
    old: &Resource,
    generated: &Resource,
    schema: &Schema,
) -> Result<()> {
    if old.gvk_ref() == generated.gvk_ref() {
        return Ok(());
    }
    let message = if set.has_id_of(generated, schema) {
        "unexpected target index in replacement".to_owned()
    } else {
        format!("cannot find resource with id {} to replace", generated.id(schema))
    };
    let made = |of: &Resource| match of.api_version() {
        "v1" => of.kind().to_owned(),
        other => format!("{} of {other}", of.kind()),
    };
    let now = made(old);
    Err(Error::new(ErrorKind::Generator, message)
        .at(generated.node.pos())
        .related("would take the place of", old.node.pos())
        .with_hint(KIND_CHANGED.with(format!(
            "`{}` was a {} and is a {now} now; change it with a patch, or remove what made it one",
            old.name(),
            made(generated),
        ))))
}

/// Returns what to do about an object that is there already, by who has made it once more.
fn made_twice(generated: &Resource) -> Advice {
    let history = &generated.history;
    if history.helm_generated {
        Advice::from(&CHART_OBJECT_TWICE)
    } else if history.answered.is_some() {
        GENERATED_TWICE.with(
            "a function that means it gives its object the annotation `kustomize.config.k8s.io/behavior: merge` or `replace`",
        )
    } else if history.is_generated {
        Advice::from(&GENERATED_TWICE)
    } else {
        GENERATED_TWICE.with("give one of them another name")
    }
}

/// Gives the generated object what it keeps of the old one.
fn take_place(new: &mut Resource, old: &Resource, behavior: Behavior) {
    let needs_hash = new.history.needs_hash && old.history.needs_hash;
    let (name, namespace) = (EcoString::from(old.name()), EcoString::from(old.namespace()));
    let union = |key| {
        let mut new = new.metadata_map(key).cloned().unwrap_or_default();
        // As upstream: those that are never printed are the old one's (a function's answer has some).
        new.retain(|entry| !entry.key.text().is_some_and(annotations::is_removed));
        strings(old.metadata_map(key), Some(&new), text_of)
    };
    let (labels, annotations) = (union("labels"), union("annotations"));
    let origin = match behavior {
        Behavior::Replace => new.history.origin.take(),
        _ => old.history.origin.clone(),
    };
    new.history = old.history.clone();
    new.history.origin = origin;
    new.history.needs_hash = needs_hash;
    new.set_name(name);
    if let Some(metadata) = new.node.get_mut("metadata").and_then(Node::as_map_mut) {
        if let Some(name) = metadata.get_mut("name") {
            *name = std::mem::take(name).written();
            // As upstream: it has no tag any more, which shows where a validator writes it again (case
            // plugins/validator-empty-prefix-of-merged-name).
            if let Node::Scalar { tag, .. } = name {
                *tag = Tag::Cleared;
            }
        }
        metadata.remove("namespace");
        if !namespace.is_empty() {
            metadata.push(Node::plain("namespace"), Node::str(namespace));
        }
        for (key, map) in [("labels", labels), ("annotations", annotations)] {
            if map.is_empty() {
                metadata.remove(key);
            } else {
                metadata.set(key, Node::map(map));
            }
        }
    }
}

/// Takes the map that a field of an object is.
fn taken(object: &mut Node, key: &str) -> Mapping {
    let field = object.as_map_mut().and_then(|map| map.remove(key));
    match field {
        Some(Node::Map { map, .. }) => map,
        _ => Mapping::new(),
    }
}

/// Returns `true` unless a field has an empty key, which the next merge refuses. It is sorted.
fn is_sound(field: Option<&Node>) -> bool {
    let first = field.and_then(Node::as_map).and_then(|map| map.iter().next());
    first.is_none_or(|first| !first.key.text().unwrap_or_default().is_empty())
}

/// Gives the generated object the data of the old one, which earlier merges have put in order, with its own on top;
/// returns `false` if that is not in order any more.
fn add_data(new: &mut Resource, old: [Mapping; 2]) -> bool {
    let Some(object) = new.node.as_map_mut() else { return false };
    let mut sound = true;
    for (key, mut merged) in DATA.into_iter().zip(old) {
        let own = object.get(key).and_then(Node::as_map);
        // Each insertion moves what comes after it.
        if own.is_some_and(|own| own.len() > merged.len() / 16) {
            merged = strings(Some(&merged), own, as_string);
        } else {
            own.into_iter().flatten().for_each(|entry| insert(&mut merged, entry));
        }
        if merged.is_empty() {
            object.remove(key);
        } else {
            object.set(key, Node::map(merged));
            sound &= is_sound(object.get(key));
        }
    }
    sound
}

/// Puts an entry into a sorted map as a string, in the place of one of its key.
fn insert(map: &mut Mapping, entry: &yaml::Entry) {
    let Some(key) = entry.key.text() else { return };
    let value = as_string(&entry.value);
    let entries = map.entries_mut();
    match entries.binary_search_by(|other| other.key.text().unwrap_or_default().cmp(key)) {
        Ok(i) => entries[i].value = value,
        Err(i) => map.insert_at(i, yaml::Entry { key: Node::plain(key), value }),
    }
}

fn merge_data(new: &mut Resource, old: &Node) -> Result<()> {
    let encoded = match new.kind() {
        "Secret" => encoded_string_data(old)?,
        _ => Mapping::new(),
    };
    let Some(object) = new.node.as_map_mut() else {
        return Ok(());
    };
    for key in DATA {
        let mut merged = usable(old.get(key).and_then(Node::as_map))?;
        if key == "data" && !encoded.is_empty() {
            merged = strings(Some(&merged), Some(&encoded), as_string);
        }
        let new = object.get(key).and_then(Node::as_map);
        let merged = strings(Some(&merged), new, as_string);
        if merged.is_empty() {
            object.remove(key);
        } else {
            object.set(key, Node::map(merged));
        }
    }
    Ok(())
}

/// Returns a map of old values, checked; of equal keys the first counts.
///
/// Odd: an empty key is refused (case generator/merge-empty-key).
fn usable(old: Option<&Mapping>) -> Result<Mapping> {
    let mut seen = FxHashSet::default();
    let mut usable = old.cloned().unwrap_or_default();
    for entry in old.into_iter().flatten() {
        let key = &entry.key;
        if key.text().unwrap_or_default().is_empty() {
            let message =
                "wrong node kind: expected ScalarNode but got MappingNode: a key is empty";
            return Err(Error::new(ErrorKind::Generator, message).at(key.pos()));
        }
        seen.insert(key.text());
    }
    if seen.len() < usable.len() {
        seen.clear();
        usable = old.into_iter().flatten().filter(|e| seen.insert(e.key.text())).cloned().collect();
    }
    Ok(usable)
}

/// Returns what the plain strings of a secret are in its `data`.
fn encoded_string_data(secret: &Node) -> Result<Mapping> {
    let Some(plain) = secret.get("stringData").filter(|node| !node.is_null()) else {
        return Ok(Mapping::new());
    };
    let map = plain.as_map().ok_or_else(|| wrong_kind(plain, Kind::Map))?;
    if let Some(entry) = map.iter().find(|entry| entry.value.text().is_none()) {
        let key = entry.key.text().unwrap_or_default();
        let message = format!("stringData value for key {key:?} must be a scalar");
        return Err(Error::new(ErrorKind::Generator, message).at(entry.value.pos()));
    }
    match secret.get("data") {
        // Upstream panics if it is null.
        Some(data) if !map.is_empty() && data.as_map().is_none() => {
            return Err(wrong_kind(data, Kind::Map));
        }
        _ => {}
    }
    Ok(strings(None, Some(&usable(Some(map))?), |value| {
        let text = if value.is_null() { "" } else { value.text().unwrap_or_default() };
        string(encode(text.as_bytes()), value.pos())
    }))
}

/// Returns a label or annotation as a string.
///
/// Odd: a null keeps its text (case generator/merge-makes-labels-strings).
fn text_of(value: &Node) -> Node {
    let mut text = string(value.text().unwrap_or_default(), value.pos());
    unmark(&mut text);
    text.written()
}

/// Returns an old value as the string that upstream makes of it: its text, nothing for null.
fn as_string(value: &Node) -> Node {
    let text = if value.is_null() { "" } else { value.text().unwrap_or_default() };
    string(text, value.pos())
}

/// Returns the union of two maps as a map of strings, sorted by key; the second wins.
fn strings(
    old: Option<&Mapping>,
    new: Option<&Mapping>,
    convert: impl Fn(&Node) -> Node,
) -> Mapping {
    let mut union = std::collections::BTreeMap::new();
    for entry in [old, new].into_iter().flatten().flatten() {
        if let Some(key) = entry.key.text() {
            union.insert(key, &entry.value);
        }
    }
    let entry =
        |(key, value): (&str, &Node)| yaml::Entry { key: Node::plain(key), value: convert(value) };
    union.into_iter().map(entry).collect()
}
