//! The values that a chart is given: a file, those of the entry, or both merged.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostics::{Error, ErrorKind, Result};
use crate::merge::strategic_merge;
use crate::schema::Schema;
use crate::yaml::{self, Entry, Limits, Merges, Node, Numbers, Pos};

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
    let inline = as_read(inline)?;
    if merge == Winner::EntryAlone {
        return written(&inline);
    }
    let (bytes, pos) = file()?;
    let file = parse(&bytes, pos, limits)?;
    let merged = match merge {
        Winner::File => merged(inline, &file),
        _ => merged(file, &inline),
    };
    merged.map_err(|e| e.context("could not merge values")).and_then(|node| written(&node))
}

/// Returns the first document of a values file.
fn parse(bytes: &[u8], pos: Pos, limits: &Limits) -> Result<Node> {
    let invalid = |e: Error| e.context("could not parse values file into rnode");
    let text = yaml::decode(bytes).map_err(|e| invalid(Error::syntax(&e, pos)))?;
    let document = yaml::read_document(&text, pos, Merges::Resource, limits);
    document.map_err(|e| invalid(Error::syntax(&e, pos)))?.ok_or_else(|| {
        invalid(Error::new(ErrorKind::Generator, "EOF").at(pos))
            .hint("the values file is empty: write `{}`, or use `valuesMerge: replace`")
    })
}

fn merged(target: Node, winner: &Node) -> Result<Node> {
    if target.is_null() {
        return Ok(winner.clone());
    }
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
    from_json(&json)
}

fn written(values: &Node) -> Result<Arc<[u8]>> {
    let value = yaml::to_value(values)
        .map_err(|e| Error::from(e).context("could not parse merged values into map"))?;
    let mut text = String::new();
    yaml::print(&yaml::from_value(&value), &mut text)?;
    Ok(text.into_bytes().into())
}

fn from_json(json: &str) -> Result<Node> {
    let value: serde_json::Value = serde_json::from_str(json)
        .map_err(|e| Error::new(ErrorKind::Generator, format!("valuesInline: {e}")))?;
    Ok(yaml::from_value(&value))
}
