//! Files of resources and patches: nothing in them, or a key twice.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::diagnostics::Lint;
use crate::diagnostics::{Warning, WarningKind};
use crate::yaml::{Mapping, Node, Pos};

/// How many keys are compared with each other.
const FEW: usize = 8;

/// What a file is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Resources,
    Patch,
}

/// Warns about a file without documents, which `entry` of a list names.
///
/// In a repository of many roots, resources that are all commented out are switched off on purpose.
pub(crate) fn empty(lint: &Lint, purpose: Purpose, entry: &str, text: Option<&str>, at: Pos) {
    // Files that only keep a folder in git are empty on purpose.
    let name = entry.rsplit('/').next().unwrap_or_default();
    if matches!(name, ".gitkeep" | ".keep") {
        return;
    }
    let is_off = purpose == Purpose::Resources && text.is_some_and(has_comments);
    let what = match purpose {
        Purpose::Resources => "build",
        Purpose::Patch => "merge",
    };
    let text = format!("`{entry}` is empty or has only comments, so there is nothing to {what}");
    lint.add(
        Warning::new(WarningKind::EmptyFile, text, at)
            .if_alone(is_off)
            .lacking_resources(purpose == Purpose::Resources)
            .hint("remove the entry, or put what is missing into the file"),
    );
}

/// Returns `true` if a text has comments that say something.
fn has_comments(text: &str) -> bool {
    let mut comments = text.lines().filter_map(|line| line.trim_start().strip_prefix('#'));
    comments.any(|line| !line.trim_start_matches(['#', ' ']).is_empty())
}

/// Warns about keys that stand twice in a mapping, at any depth.
pub(crate) fn duplicate_keys<'n>(
    lint: &Lint,
    nodes: impl IntoIterator<Item = &'n Node, IntoIter: DoubleEndedIterator>,
) {
    let mut left: Vec<&Node> = nodes.into_iter().rev().collect();
    while let Some(node) = left.pop() {
        match node {
            Node::Scalar { .. } => {}
            Node::Seq { items, .. } => left.extend(items.iter().rev()),
            Node::Map { map, .. } => {
                // Two objects in a row have all keys twice.
                let first = doubled_keys(map, false).into_iter().next();
                if let Some((key, first, second)) = first {
                    lint.add(duplicate_key(key, first, second));
                }
                left.extend(map.iter().rev().map(|entry| &entry.value));
            }
        }
    }
}

/// Returns the keys that stand in a mapping before, each with both places.
pub(in crate::checks) fn doubled_keys(map: &Mapping, ignores_case: bool) -> Vec<(&str, Pos, Pos)> {
    let keys = || map.iter().filter_map(|entry| Some((entry.key.text()?, entry.key.pos())));
    if map.len() <= FEW {
        let is_same = |one: &str, other: &str| match ignores_case {
            true => one.eq_ignore_ascii_case(other),
            false => one == other,
        };
        let before = |i: usize, key: &str| keys().take(i).filter(|(k, _)| is_same(k, key)).last();
        let found = |(i, (key, pos))| before(i, key).map(|(_, first)| (key, first, pos));
        return keys().enumerate().filter_map(found).collect();
    }
    let mut seen: FxHashMap<Cow<'_, str>, Pos> = FxHashMap::default();
    let found = |(key, pos)| {
        let folded = match ignores_case {
            true => Cow::from(str::to_ascii_lowercase(key)),
            false => Cow::from(key),
        };
        seen.insert(folded, pos).map(|first| (key, first, pos))
    };
    keys().filter_map(found).collect()
}

/// Returns the warning for a key that stands twice.
pub(in crate::checks) fn duplicate_key(key: &str, first: Pos, second: Pos) -> Warning {
    let is_object = matches!(key, "apiVersion" | "kind" | "metadata");
    let text = format!("`{key}` stands here a second time, and only the last one counts");
    Warning::new(WarningKind::DuplicateKey, text, second).related("the first is at", first).hint(
        if is_object {
            "put `---` on a line of its own between two objects"
        } else {
            "put both under one key, or remove one of them"
        },
    )
}
