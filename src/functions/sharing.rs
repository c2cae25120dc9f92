//! Annotations of an answer for which there are aliases.

use super::places::{ID as ITEM, PATH};
use crate::diagnostics::{Error, Result};
use crate::limits::Account;
use crate::yaml::edit::{self, Value};
use crate::yaml::{self, Entry, Limits, Mapping, Merges, Node, Pos, Tag};

/// Returns `true` if an alias may stand for what is written among the annotations of an item, or for a part of it.
pub(super) fn is_shared(item: &edit::Node) -> bool {
    let Some(metadata) = item.get("metadata") else { return false };
    let annotations = metadata.get("annotations");
    !metadata.anchor.is_empty() || annotations.is_some_and(has_anchor) || has_merge(metadata)
}

/// Takes annotations away that an item has by a merge key: upstream makes new ones, which win.
pub(super) fn without_merged(item: &mut Node, written: &edit::Node) {
    if written.get("metadata").is_some_and(|metadata| metadata.get("annotations").is_none())
        && let Some(metadata) = item.get_mut("metadata").and_then(Node::as_map_mut)
    {
        metadata.remove("annotations");
    }
}

/// Gives the aliases in an item what is written among its annotations; the item itself keeps them as they are. The
/// annotations in `gone` go, those in `gone_first` before anything is written.
///
/// As upstream, which writes the path among the annotations and takes numbers out of them before it resolves aliases:
/// an alias for the annotations, or for the metadata, stands for the path as well, and one for a number for nothing
/// (`testdata/function-answers/*-anchor-of-*`).
///
/// # Errors
/// If an anchor goes for which there is an alias, or aliases stand for too much.
pub(super) fn share(
    item: &mut Node,
    written: &edit::Node,
    [gone_first, gone]: [&[&str]; 2],
    account: &Account,
) -> Result<()> {
    let Some(own) = item.get_path(&["metadata", "annotations"]).cloned() else { return Ok(()) };
    let mut written = written.clone();
    let Some(Value::Map { entries: metadata, .. }) =
        written.get_mut("metadata").map(|metadata| &mut metadata.value)
    else {
        return Ok(());
    };
    let kept = own.as_map().into_iter().flatten();
    let kept = kept.filter(|entry| entry.key.text().is_none_or(|key| !gone.contains(&key)));
    match metadata.iter_mut().find(|(key, _)| key.text() == Some("annotations")) {
        Some((_, annotations)) => match entries_of(annotations, gone_first) {
            Some(entries) => take_over(entries, kept, gone),
            None => *annotations = made(kept),
        },
        None => metadata.push((edit::Node::plain("annotations"), made(kept))),
    }
    let text = written.to_yaml();
    let read = yaml::read_document(&text, Pos::NONE, Merges::Resource, &Limits::of(account));
    let read = read.map_err(|e| Error::syntax(&e, Pos::NONE))?;
    let Some(mut read) = read else { return Ok(()) };
    yaml::charge_copies(&text, [&read], account)?;
    if let Some(metadata) = read.get_mut("metadata").and_then(Node::as_map_mut) {
        metadata.set("annotations", own);
    }
    *item = read;
    Ok(())
}

/// Returns the annotations as they are written, unless they are none or nothing is left of them once some have gone.
fn entries_of<'n>(
    annotations: &'n mut edit::Node,
    gone_first: &[&str],
) -> Option<&'n mut Vec<(edit::Node, edit::Node)>> {
    let Value::Map { entries, .. } = &mut annotations.value else { return None };
    let stays = |key: &edit::Node| key.text().is_none_or(|key| !gone_first.contains(&key));
    entries.iter().any(|(key, _)| stays(key)).then_some(entries)
}

/// Takes out what is gone, and takes over what was changed.
fn take_over<'n>(
    entries: &mut Vec<(edit::Node, edit::Node)>,
    kept: impl Iterator<Item = &'n Entry>,
    gone: &[&str],
) {
    entries.retain(|(key, _)| key.text().is_none_or(|key| !gone.contains(&key)));
    let may_change = |entry: &&Entry| {
        entry.key.text().is_some_and(|key| PATH.keys.contains(&key) || ITEM.keys.contains(&key))
    };
    for Entry { key, value } in kept.filter(may_change) {
        match entries.iter_mut().find(|(there, _)| there.text() == key.text()) {
            Some((_, there)) if there.text() == value.text() => {}
            Some((_, there)) => *there = value.into(),
            None => entries.push((key.into(), value.into())),
        }
    }
}

/// Returns new annotations.
fn made<'n>(kept: impl Iterator<Item = &'n Entry>) -> edit::Node {
    (&Node::map(kept.cloned().collect::<Mapping>())).into()
}

fn has_anchor(node: &edit::Node) -> bool {
    !node.anchor.is_empty()
        || match &node.value {
            Value::Scalar { .. } | Value::Alias(_) => false,
            Value::Seq { items, .. } => items.iter().any(has_anchor),
            Value::Map { entries, .. } => {
                entries.iter().any(|(key, value)| has_anchor(key) || has_anchor(value))
            }
        }
}

fn has_merge(node: &edit::Node) -> bool {
    let Value::Map { entries, .. } = &node.value else { return false };
    let is_merge = |key: &edit::Node| match &key.value {
        Value::Scalar { kind, .. } => *kind == Some(Tag::Merge) || key.tag == "!!merge",
        _ => false,
    };
    entries.iter().any(|(key, _)| is_merge(key))
}
