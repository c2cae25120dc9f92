//! Where an item of a `ResourceList` lies, which annotations say in two spellings that must agree.

use crate::diagnostics::hints::MISMATCHED_ANNOTATIONS;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::resource::annotations;
use crate::yaml::Node;

/// What says the same in two spellings, the old one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    name: &'static str,
    /// The annotations.
    pub(super) keys: [&'static str; 2],
}

/// The file of an item.
pub(super) const PATH: Pair = Pair {
    name: "path",
    keys: ["config.kubernetes.io/path", "internal.config.kubernetes.io/path"],
};
/// Its place in the file.
pub(super) const INDEX: Pair = Pair {
    name: "index",
    keys: ["config.kubernetes.io/index", "internal.config.kubernetes.io/index"],
};
/// Its number in the list that a function is given.
pub(super) const ID: Pair =
    Pair { name: "id", keys: ["config.k8s.io/id", "internal.config.kubernetes.io/id"] };
/// By what the item of an answer is found among those of the input.
pub(super) const MIGRATION: &str =
    "internal.config.kubernetes.io/annotations-migration-resource-id";

/// What an item had when it went into a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: Option<String>,
    pub(super) index: String,
    pub(super) id: String,
}

/// Returns the text of an annotation, unless it is null.
pub(super) fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    let value = node.get_path(&["metadata", "annotations"])?.get(key)?;
    value.text().filter(|_| !value.is_null())
}

/// Checks that both spellings agree, as far as both are there.
///
/// # Errors
/// If they do not.
pub(super) fn check(pair: Pair, old: Option<&str>, new: Option<&str>) -> Result<()> {
    match (old.unwrap_or_default(), new.unwrap_or_default()) {
        (old, new) if old == new || old.is_empty() || new.is_empty() => Ok(()),
        (old, new) => {
            let message = format!(
                "resource input to function has mismatched legacy and internal {} annotations",
                pair.name
            );
            let [old_key, new_key] = pair.keys;
            Err(Error::new(ErrorKind::Resource, message).hint(
                MISMATCHED_ANNOTATIONS.with(format!("{old_key} is '{old}', and {new_key} '{new}'")),
            ))
        }
    }
}

/// Gives an item of an answer both spellings of what it says in one; of two that differ, the one counts
/// that the function has changed.
///
/// # Errors
/// If they differ, and it has changed both or is not known to have changed one.
pub(super) fn reconcile(item: &mut Node, inputs: &[Place]) -> Result<()> {
    let number = text(item, MIGRATION).and_then(|number| number.parse::<usize>().ok());
    let input = number.and_then(|number| inputs.get(number));
    for (pair, before) in [
        (PATH, input.and_then(|place| place.path.as_deref())),
        (INDEX, input.map(|place| place.index.as_str())),
        (ID, input.map(|place| place.id.as_str())),
    ] {
        let texts = pair.keys.map(|key| text(item, key).map(str::to_owned));
        let [old, new] = texts.each_ref().map(|text| text.as_deref().unwrap_or_default());
        let is_changed = |now: &str| before.is_some_and(|before| before != now);
        let (key, value) = match (old, new) {
            (old, new) if old == new => continue,
            ("", new) => (pair.keys[0], new),
            (old, "") => (pair.keys[1], old),
            // As upstream: not so of the number in the list (transformer-new-number-changed).
            (old, new) if before.is_some() && is_changed(new) && !is_changed(old) && pair != ID => {
                (pair.keys[0], new)
            }
            (old, new) if before.is_some() && is_changed(old) && !is_changed(new) => {
                (pair.keys[1], old)
            }
            (old, new) => return check(pair, Some(old), Some(new)),
        };
        annotations::set(item, key, Node::str(value));
    }
    Ok(())
}
