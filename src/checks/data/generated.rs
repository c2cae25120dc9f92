//! Generated objects: unfinished merges in what they hold, and those that get no hash.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checks::data::env_files::{conflict, unfinished_merge};
use crate::checks::data::near_keys;
use crate::checks::positions::place_or;
use crate::diagnostics::Lint;
use crate::diagnostics::{Warning, WarningKind};
use crate::load::Files;
use crate::resource::{Behavior, Resource, ResourceSet};
use crate::schema::Schema;
use crate::yaml::Entry;

/// The shortest text that is taken for base64.
const SHORTEST: usize = 12;

/// Words of values that stand for the one that is filled in later.
const PLACEHOLDERS: &[&str] =
    &["changeme", "change-me", "change_me", "placeholder", "replaceme", "replace-me"];

/// Looks at a value of a ConfigMap or Secret.
pub(in crate::checks) fn value(lint: &Lint, resource: &Resource, entry: &Entry) {
    let (Some(key), Some(value)) = (entry.key.text(), entry.value.text()) else { return };
    let decoded = (resource.kind() == "Secret" && resource.history.is_generated)
        .then(|| STANDARD.decode(value.split_ascii_whitespace().collect::<String>()).ok())
        .flatten()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    if decoded.as_deref().is_some_and(is_encoded_text) && !wants_encoded(key) {
        encoded_twice(lint, resource, key, entry);
    }
    conflict_markers(lint, resource, key, entry, decoded.as_deref().unwrap_or(value));
}

/// Returns `true` for a key whose value is base64 by itself, as the file of credentials of 1Password Connect.
fn wants_encoded(key: &str) -> bool {
    key.contains("1password")
}

/// Returns `true` for the base64 of a text that people read, and that is not to be replaced by the one that is meant.
fn is_encoded_text(value: &str) -> bool {
    let is_text = |bytes: Vec<u8>| {
        let is_shown = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        bytes.iter().all(is_shown) && !PLACEHOLDERS.iter().any(|word| text.contains(word))
    };
    value.len() >= SHORTEST && STANDARD.decode(value).is_ok_and(is_text)
}

/// Warns about a value that was base64 before it was encoded. The warning does not show it.
fn encoded_twice(lint: &Lint, resource: &Resource, key: &str, entry: &Entry) {
    let text = format!(
        "{} {}: the value of `{key}` is base64 already, and the generator encodes it once more: a Pod gets base64",
        resource.kind(),
        resource.name()
    );
    let pos = place_or(entry.value.pos(), resource);
    lint.add(
        Warning::new(WarningKind::EncodedTwice, text, pos)
            .hint("give the generator the text itself, as `base64 -d` prints it"),
    );
}

/// Warns about a merge that was not finished in a value.
fn conflict_markers(lint: &Lint, resource: &Resource, key: &str, entry: &Entry, text: &str) {
    let Some(at) = conflict(text) else { return };
    // The value of a generator is a whole file, and starts where that does.
    let inside = if resource.history.is_generated { at } else { 0 };
    let pos = place_or(entry.value.pos().offset(inside), resource);
    let what = format!("{} {}: `{key}`", resource.kind(), resource.name());
    lint.add(unfinished_merge(&what, pos));
}

/// Looks at a generated object and at the one that it merges with or replaces.
pub(crate) fn merged(
    lint: &Lint,
    files: &Files,
    new: &Resource,
    set: &ResourceSet,
    schema: &Schema,
) {
    if !matches!(new.history.behavior, Behavior::Merge | Behavior::Replace) {
        return;
    }
    let found = set.find_any(&new.id(schema), schema);
    let [slot] = found.as_slice() else { return };
    let Some(old) = set.get(*slot) else { return };
    if new.history.behavior == Behavior::Merge {
        let object = format!("the {} `{}`", new.kind(), new.name());
        let own = new.node.pos();
        near_keys::check(lint, (&new.node, &old.node), ("`behavior: merge`", &object), |pos| {
            files.are_in_one_text(pos, own)
        });
    } else {
        lint.note_replaced(new.node.pos());
    }
    if new.history.needs_hash && !old.history.needs_hash && !old.history.is_generated {
        no_hash(lint, new, old);
    }
}

/// Warns about a generated object that loses its hash, because what it merges with has none.
fn no_hash(lint: &Lint, new: &Resource, old: &Resource) {
    let text = format!(
        "the {} `{}` gets no hash, for it merges with one that is not generated: Pods will not restart when \
         it changes",
        new.kind(),
        new.name()
    );
    lint.add(
        Warning::new(WarningKind::NoHash, text, new.node.pos())
            .related("merges with", old.node.pos())
            .hint(
                "generate it in the base as well, or say that you know with \
                 `options: {disableNameSuffixHash: true}`",
            ),
    );
}
