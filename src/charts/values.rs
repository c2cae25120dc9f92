//! The values that a chart is given: a file, those of the entry, or both merged.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::diagnostics::hints::{ALIAS_IN_VALUES, EMPTY_VALUES};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::merge::strategic_merge;
use crate::schema::Schema;
use crate::yaml::{self, Entry, Limits, Mapping, Merges, Node, Numbers, Pos, Rules, Value};

/// The fields of an entry that are texts.
const TEXTS: [&str; 9] = [
    "name",
    "version",
    "repo",
    "releaseName",
    "namespace",
    "valuesFile",
    "valuesMerge",
    "kubeVersion",
    "nameTemplate",
];
/// The fields of an entry that are lists of texts.
const LISTS: [&str; 2] = ["additionalValuesFiles", "apiVersions"];

/// Which values win.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Winner {
    /// Those of the entry.
    Entry,
    /// Those of the file.
    File,
    /// Those of the entry, and the file is not read.
    EntryAlone,
}

impl Winner {
    /// Returns what a kustomization calls so.
    pub(super) fn named(name: &str) -> Option<Winner> {
        match name {
            "" | "override" => Some(Winner::Entry),
            "merge" => Some(Winner::File),
            "replace" => Some(Winner::EntryAlone),
            _ => None,
        }
    }
}

/// Returns the content of the values file that helm is given.
///
/// As upstream: a file alone is passed on as it is; with values in the entry it is read and written anew, which
/// makes `yes` a string (`tests/charts.rs`).
///
/// # Errors
/// If the file cannot be read, or the two do not fit together.
pub(super) fn content(
    inline: &BTreeMap<String, Node>,
    merge: Winner,
    limits: &Limits,
    file: impl FnOnce() -> Result<(Vec<u8>, Pos)>,
) -> Result<Arc<[u8]>> {
    if inline.is_empty() {
        return file().map(|(bytes, _)| bytes.into());
    }
    let mut inline = as_read(inline)?;
    if merge == Winner::EntryAlone {
        return written(&inline);
    }
    let (bytes, pos) = file()?;
    let mut file = parse(&bytes, pos, limits)?;
    let merged = without_aliases(&mut file, &mut inline, merge).and_then(|()| match merge {
        Winner::File => merged(inline, &file),
        _ => merged(file, &inline),
    });
    merged.map_err(|e| e.context("could not merge values")).and_then(|node| written(&node))
}

/// Returns the first document of a values file.
fn parse(bytes: &[u8], pos: Pos, limits: &Limits) -> Result<Node> {
    let invalid = |e: Error| e.context("could not parse values file into rnode");
    let text = yaml::decode(bytes).map_err(|e| invalid(Error::syntax(&e, pos)))?;
    let document = yaml::read_document(&text, pos, Merges::Values, limits);
    document
        .map_err(|e| invalid(Error::syntax(&e, pos)))?
        .ok_or_else(|| invalid(Error::new(ErrorKind::Generator, "EOF").at(pos)).hint(&EMPTY_VALUES))
}

/// Takes the entries away that are aliases in the file, and with them those that would go there.
///
/// As upstream, whose merge sees neither a map nor a scalar in an alias (`tests/charts.rs`).
fn without_aliases(file: &mut Node, inline: &mut Node, merge: Winner) -> Result<()> {
    let Some(map) = file.as_map_mut() else { return Ok(()) };
    let key_of = |entry: &Entry| entry.key.text().unwrap_or_default().to_owned();
    let aliases = map.iter().filter(|entry| entry.value.is_unresolved_alias());
    for key in aliases.map(key_of).collect::<Vec<_>>() {
        if merge == Winner::File && inline.get(&key).is_some_and(|value| !value.is_null()) {
            let message = format!("wrong node kind: {key} is an alias in the values file");
            return Err(Error::new(ErrorKind::Generator, message).hint(&ALIAS_IN_VALUES));
        }
        if let Some(inline) = inline.as_map_mut() {
            inline.remove(&key);
        }
    }
    map.retain(|entry| !entry.value.is_unresolved_alias());
    for entry in map.entries_mut() {
        let key = key_of(entry);
        let mut nothing = Node::null();
        let inline = inline.get_mut(&key).unwrap_or(&mut nothing);
        without_aliases(&mut entry.value, inline, merge)?;
    }
    Ok(())
}

fn merged(target: Node, winner: &Node) -> Result<Node> {
    // As upstream: also into a file that says nothing, for what is null in the winner goes.
    let target = if target.is_null() { Node::map(Default::default()) } else { target };
    if winner.is_null() {
        return Ok(Node::map(Default::default()));
    }
    let merged = strategic_merge(target, winner, &Schema::builtin())?;
    Ok(merged.unwrap_or_else(|| Node::map(Default::default())))
}

/// Returns the values of an entry as upstream has them after it has read the kustomization: all numbers
/// are floating-point numbers.
fn as_read(values: &BTreeMap<String, Node>) -> Result<Node> {
    let entry = |(key, value): (&String, &Node)| Entry {
        key: Node::str(key.as_str()),
        value: value.clone(),
    };
    let mut json = String::new();
    yaml::write_json(&Node::map(values.iter().map(entry).collect()), Numbers::Floats, &mut json)?;
    let mut values = from_json(&json)?;
    for entry in values.as_map_mut().into_iter().flat_map(Mapping::entries_mut) {
        if let Some(key) = entry.key.text() {
            text_if_field(key, &mut entry.value);
        }
    }
    Ok(values)
}

/// Makes texts of the numbers and booleans among the values of a config that is read as one of a plugin is; see
/// [`as_read`] for those of an entry, which are read once more.
///
/// As upstream, which looks up in the fields of an entry what type a value of this name has, so that a chart is given
/// the text "5" for `name: 5` (`testdata/chart-values/values-named-as-fields*`).
pub(crate) fn texts_if_fields(values: &mut BTreeMap<String, Node>) {
    values.iter_mut().for_each(|(key, value)| text_if_field(key, value));
}

/// Makes a text of a value, or of the elements of a list, if the field of this name is a text or a list of them.
fn text_if_field(key: &str, value: &mut Node) {
    let is_one_of =
        |fields: &[&str]| fields.iter().any(|field| yaml::fold(key).eq(yaml::fold(field)));
    if is_one_of(&TEXTS) {
        make_text(value);
    } else if is_one_of(&LISTS)
        && let Some(elements) = value.as_seq_mut()
    {
        elements.make_mut().iter_mut().for_each(make_text);
    }
}

/// Makes a text of a number or boolean.
fn make_text(value: &mut Node) {
    let Node::Scalar { text, style, tag, .. } = &*value else { return };
    let text = match yaml::resolve(text, *style, *tag, Rules::V3) {
        Ok(Value::Bool(value)) => value.to_string(),
        Ok(Value::Int(value)) => value.to_string(),
        Ok(Value::Uint(value)) => value.to_string(),
        Ok(Value::Float(value)) => yaml::short_float(value),
        _ => return,
    };
    *value = Node::str(text).at(value.pos());
}

/// Writes values as upstream does, by their types and not their quotes.
fn written(values: &Node) -> Result<Arc<[u8]>> {
    let unfit = |e: Error| e.context("could not parse merged values into map");
    if let Some(key) = yaml::duplicate_key(values) {
        let name = key.text().unwrap_or_default();
        let message = format!("yaml: unmarshal errors: mapping key \"{name}\" already defined");
        return Err(unfit(Error::new(ErrorKind::Generator, message).at(key.pos())));
    }
    let mut values = values.clone();
    if let Some(map) = values.as_map_mut() {
        // As upstream: at the top, a key is its text whatever its type, and one that is null is passed over.
        map.retain(|entry| !entry.key.is_null());
        for entry in map.entries_mut() {
            entry.key = Node::str(entry.key.text().unwrap_or_default());
        }
    }
    let mut values = yaml::through_json(&values).map_err(|e| unfit(e.into()))?;
    keep_last(&mut values);
    let value = yaml::to_value(&values).map_err(|e| unfit(e.into()))?;
    let mut text = String::new();
    yaml::print(&yaml::from_value(&value), &mut text)?;
    Ok(text.into_bytes().into())
}

/// Keeps of entries whose keys have become the same, such as `0x1` and `"1"`, the last; upstream takes one at random.
fn keep_last(values: &mut Node) {
    if let Some(items) = values.as_seq_mut() {
        items.make_mut().iter_mut().for_each(keep_last);
    }
    let Some(map) = values.as_map_mut() else { return };
    let (mut seen, mut kept) = (FxHashSet::default(), Vec::with_capacity(map.len()));
    kept.extend(map.iter().rev().filter(|entry| seen.insert(entry.key.text())).cloned());
    kept.iter_mut().for_each(|entry: &mut Entry| keep_last(&mut entry.value));
    *map = kept.into_iter().rev().collect();
}

fn from_json(json: &str) -> Result<Node> {
    let value: serde_json::Value = serde_json::from_str(json)
        .map_err(|e| Error::new(ErrorKind::Generator, format!("valuesInline: {e}")))?;
    Ok(yaml::from_value(&value))
}
