//! JSON patches: fields that are made where one was to be replaced, what is overwritten, and what is
//! changed by the round trip through JSON.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::build_context::Context;
use crate::checks::data::near_keys;
use crate::checks::overlays::overruled;
use crate::checks::overlays::patch_values;
use crate::checks::overlays::removed_containers;
use crate::diagnostics::{Lint, NoChange, Warning, WarningKind};
use crate::json_patch::{JsonPatch, Told};
use crate::merge::audit::is_same;
use crate::resource::Resource;
use crate::select::TargetSelector;
use crate::yaml::{Node, Pos, nearest};

/// Compares a resource before a patch with what the patch made of it; returns `false` if nothing has
/// changed.
pub(crate) fn audit(lint: &Lint, patch: &JsonPatch, before: &Node, after: &Resource) -> bool {
    overruled::note_operations(lint, patch, before);
    let operations: Vec<Told<'_>> = patch.operations().collect();
    let object = format!("{} {}", after.kind(), after.name());
    let mut earlier = Paths::default();
    for operation in &operations {
        // What earlier operations have changed is not as it was.
        let is_changed = earlier.touch(operation.tokens);
        earlier.add(operation.tokens);
        if !operation.path.is_empty() && !operation.path.starts_with('/') {
            lint.add(stray_start(operation, before));
            continue;
        }
        if matches!(operation.op, "add" | "replace") && !operation.names_value {
            let text = format!(
                "`{}` of `{}` has no `value`, so it writes null",
                operation.op, operation.path
            );
            lint.add(
                Warning::new(WarningKind::MissingValue, text, operation.pos)
                    .hint("give the operation a `value`, or write `op: remove`"),
            );
            continue;
        }
        let Some((key, way)) = operation.tokens.split_last().filter(|_| !is_changed) else {
            continue;
        };
        let Some(parent) = way.iter().try_fold(before, |node, token| child(node, token)) else {
            continue;
        };
        match (operation.op, child(parent, key)) {
            ("replace", None) if parent.as_map().is_some() => {
                if let Some(warning) = made(operation, key, parent, &object) {
                    lint.add(warning);
                }
            }
            ("add", None) if is_data(after, way) => {
                near_keys::of_operation(lint, key, (operation.path_pos, before), &object);
            }
            ("add", Some(old)) if parent.as_map().is_some() => {
                if let Some(warning) = overwritten(operation, old, before.pos(), &object) {
                    lint.add(warning);
                }
            }
            _ => {}
        }
    }
    let mut later = Paths::default();
    let mut last: Vec<bool> = Vec::with_capacity(operations.len());
    for operation in operations.iter().rev() {
        last.push(!later.touch(operation.tokens));
        later.add(operation.tokens);
    }
    for ((i, operation), is_last) in operations.iter().enumerate().zip(last.into_iter().rev()) {
        if let (true, Some(value)) =
            (is_last && matches!(operation.op, "add" | "replace"), patch.written_value(i))
        {
            let mut path: Vec<&str> = operation.tokens.iter().map(|token| &**token).collect();
            if let Some(there) =
                path.iter().try_fold(&after.node, |node, token| child_or_last(node, token))
            {
                reread(lint, value, there, &object, &mut path);
            }
        }
    }
    let removal = operations.iter().find(|it| it.op == "remove" || it.op == "replace");
    removed_containers::note(lint, before, after, |_| removal.map_or(Pos::NONE, |it| it.pos));
    round_trip(lint, before, &after.node, &object, &mut Vec::new());
    !is_same(&without_empty(before), &without_empty(&after.node))
}

/// Returns `true` for the way to the data of a ConfigMap or Secret.
fn is_data(resource: &Resource, way: &[String]) -> bool {
    let is_field = |field: &str| matches!(field, "data" | "binaryData" | "stringData");
    matches!(resource.kind(), "ConfigMap" | "Secret") && matches!(way, [field] if is_field(field))
}

/// Returns a resource without annotations that are an empty mapping: a JSON patch leaves one, and nobody
/// sees it.
fn without_empty(node: &Node) -> Cow<'_, Node> {
    let annotations = node.get_path(&["metadata", "annotations"]).and_then(Node::as_map);
    if annotations.is_none_or(|map| !map.is_empty()) {
        return Cow::Borrowed(node);
    }
    let mut node = node.clone();
    if let Some(metadata) = node.get_mut("metadata").and_then(Node::as_map_mut) {
        metadata.remove("annotations");
    }
    Cow::Owned(node)
}

/// Warns about a patch that changed none of the resources that it is for.
///
/// `object` is where the first of these is.
pub(crate) fn no_op(
    cx: &Context,
    patch: &JsonPatch,
    target: &TargetSelector,
    object: Pos,
    changed: bool,
) {
    let Some(lint) = cx.lint.as_ref().filter(|_| !changed) else { return };
    let pos = patch.operations().next().map_or(Pos::NONE, |operation| operation.pos);
    // A patch that only tests is meant to change nothing.
    if patch.operations().all(|operation| operation.op == "test") && !patch.is_empty() {
        return;
    }
    // What is written anew with each release is as it was until the next.
    let is_version = |key: &String| patch_values::is_version(key);
    if patch.operations().all(|operation| operation.tokens.last().is_some_and(is_version)) {
        return;
    }
    let values = patch_values::of_operations(patch);
    if patch_values::is_none(&values) {
        return;
    }
    let values = values.into_iter().map(str::to_owned).collect();
    let text = "the patch changes nothing: what it selects has all of it already";
    lint.add(
        Warning::new(WarningKind::NoOpPatch, text, pos)
            .unless_in_component(true)
            .if_alone(target.name().is_empty())
            .changing_nothing(NoChange { values, object, ..NoChange::default() })
            .hint("remove it, or check that its paths name the fields that are meant"),
    );
}

fn stray_start(operation: &Told<'_>, before: &Node) -> Warning {
    let path = operation.path;
    let read = operation.tokens.join("/");
    let text = format!(
        "the path `{path}` does not start with `/`: what stands before the first `/` is ignored, so it means \
         `/{read}`"
    );
    // Where there is something at the place that is read, that is what is meant.
    let there = operation.tokens.iter().try_fold(before, |node, token| child(node, token));
    let hint = match there {
        Some(_) => format!("write `/{read}`, which is what it means"),
        None => format!("write `/{path}`"),
    };
    Warning::new(WarningKind::StrayPath, text, operation.path_pos)
        .alike(if there.is_some() { "read" } else { "path" })
        .hint(hint)
}

/// Returns the warning for a field that is made, if its name is nearly that of one that is there: what is
/// meant to be new is mostly written with `replace` too.
fn made(operation: &Told<'_>, key: &str, parent: &Node, object: &str) -> Option<Warning> {
    let text = format!("{object} has no `{}` to replace, so the field is made", operation.path);
    let keys = parent.as_map().into_iter().flatten().filter_map(|entry| entry.key.text());
    let near = nearest(keys, key)?;
    let way = operation.path.rsplit_once('/').map_or("", |(way, _)| way);
    let near = near.replace('~', "~0").replace('/', "~1");
    Some(
        Warning::new(WarningKind::StrayPath, text, operation.path_pos)
            .hint(format!("did you mean `{way}/{near}`?")),
    )
}

/// Returns the warning for a collection that is overwritten and loses what a step before has set.
fn overwritten(operation: &Told<'_>, old: &Node, resource: Pos, object: &str) -> Option<Warning> {
    let new = operation.value;
    let (lost, append) = match old {
        Node::Map { map, .. } => {
            let gone = |key: &str| new.is_none_or(|new| new.get(key).is_none());
            let lost = map.iter().rev().find(|e| e.key.text().is_some_and(gone))?;
            (lost.value.pos(), "name the key in the path to add to the mapping")
        }
        Node::Seq { items, .. } => {
            let kept = |item: &Node| {
                new.and_then(Node::as_seq)
                    .is_some_and(|new| new.iter().any(|other| is_same(item, other)))
            };
            let few =
                items.len().saturating_mul(new.and_then(Node::as_seq).map_or(0, ecow::EcoVec::len));
            if few > MOST {
                return None;
            }
            (
                items.iter().rev().find(|item| !kept(item))?.pos(),
                match new.and_then(Node::as_seq).map(ecow::EcoVec::len) {
                    None => "end the path with `/-` to append to the list",
                    Some(0 | 1) => {
                        "end the path with `/-` to append to the list, and give the element itself as `value`, \
                         without its dash"
                    }
                    Some(_) => {
                        "end the path with `/-` to append to the list, with one element as `value`: one \
                         operation for each element"
                    }
                },
            )
        }
        Node::Scalar { .. } => return None,
    };
    let text =
        format!("`add` of `{}` takes the place of what is there in {object}", operation.path);
    let warning = Warning::new(WarningKind::OverwrittenValue, text, operation.pos)
        .related("what is lost was set at", lost)
        .hint(append);
    // Labels and annotations are added to; of other fields the file of the object may be overruled.
    let last = operation.tokens.last().map(String::as_str);
    Some(match last {
        Some("labels" | "annotations" | "matchLabels" | "nodeSelector") => warning,
        Some(
            "containers" | "env" | "envFrom" | "imagePullSecrets" | "initContainers"
            | "volumeMounts" | "volumes",
        ) if !has_all_names(old, new) => warning,
        _ => warning.if_apart(resource, lost),
    })
}

/// Returns `true` if a list was replaced as a whole: it has an element of each name that the old one has.
fn has_all_names(old: &Node, new: Option<&Node>) -> bool {
    let names = |list: &Node| -> Vec<String> {
        let items = list.as_seq().into_iter().flatten();
        items.filter_map(|item| item.get("name")?.text().map(str::to_owned)).collect()
    };
    let new = new.map(names).unwrap_or_default();
    !new.is_empty() && names(old).iter().all(|name| new.contains(name))
}

/// Up to this many comparisons are made for one list.
const MOST: usize = 10_000;

/// The paths of some operations, as a tree.
#[derive(Default)]
struct Paths<'a> {
    /// The nodes by parent and token; the root is 0.
    next: FxHashMap<(usize, &'a str), usize>,
    /// Whether a path ends at a node.
    ends: Vec<bool>,
}

impl<'a> Paths<'a> {
    fn add(&mut self, tokens: &'a [String]) {
        if self.ends.is_empty() {
            self.ends.push(false);
        }
        let mut node = 0;
        for token in tokens {
            node = *self.next.entry((node, token.as_str())).or_insert_with(|| {
                self.ends.push(false);
                self.ends.len() - 1
            });
        }
        if let Some(end) = self.ends.get_mut(node) {
            *end = true;
        }
    }

    /// Returns `true` if one of them leads to the same place, to a part of it, or to what it is in.
    fn touch(&self, tokens: &[String]) -> bool {
        let mut node = 0;
        for token in tokens {
            if self.ends.get(node) == Some(&true) {
                return true;
            }
            match self.next.get(&(node, token.as_str())) {
                Some(&next) => node = next,
                None => return false,
            }
        }
        !self.ends.is_empty()
    }
}

/// Warns about scalars of the value of an operation that came out as something else.
fn reread<'a>(
    lint: &Lint,
    value: &'a Node,
    there: &'a Node,
    object: &str,
    path: &mut Vec<&'a str>,
) {
    match (value, there) {
        (Node::Map { map: value, .. }, Node::Map { map: there, .. }) => {
            for entry in value {
                if let Some(key) = entry.key.text()
                    && let Some(there) = there.get(key)
                {
                    path.push(key);
                    reread(lint, &entry.value, there, object, path);
                    path.pop();
                }
            }
        }
        (Node::Seq { items: value, .. }, Node::Seq { items: there, .. })
            if value.len() == there.len() =>
        {
            for (value, there) in value.iter().zip(there) {
                reread(lint, value, there, object, path);
            }
        }
        (Node::Scalar { text: old, .. }, Node::Scalar { text: new, .. })
            if old != new && !value.is_null() && !is_one_number(old, new, path) =>
        {
            let text =
                format!("the value `{old}` of `{}` of {object} becomes `{new}`", path.join("."));
            lint.add(
                Warning::new(WarningKind::RereadScalar, text, value.pos())
                    .hint(format!("put it into quotes: \"{old}\"")),
            );
        }
        _ => {}
    }
}

/// Warns about scalars that stay where they are and come out otherwise.
fn round_trip<'a>(
    lint: &Lint,
    before: &'a Node,
    after: &'a Node,
    object: &str,
    path: &mut Vec<&'a str>,
) {
    if before.is_identical(after) {
        return;
    }
    match (before, after) {
        (Node::Map { map: old, .. }, Node::Map { map: new, .. }) => {
            for (i, entry) in old.iter().enumerate() {
                let Some(key) = entry.key.text() else { continue };
                // Mostly it is where it was.
                let same_place = new.iter().nth(i).filter(|other| other.key.text() == Some(key));
                let value = same_place.map(|other| &other.value).or_else(|| new.get(key));
                if let Some(value) = value {
                    path.push(key);
                    round_trip(lint, &entry.value, value, object, path);
                    path.pop();
                }
            }
        }
        (Node::Seq { items: old, .. }, Node::Seq { items: new, .. }) => {
            for (old, new) in old.iter().zip(new) {
                round_trip(lint, old, new, object, path);
            }
        }
        (Node::Scalar { text: old, .. }, Node::Scalar { text: new, .. }) => {
            let same_place = before.pos().is_some() && before.pos() == after.pos();
            if same_place && old != new && !before.is_null() && !is_one_number(old, new, path) {
                let field = path.join(".");
                let warning = match is_short(old) && is_short(new) {
                    true => Warning::new(
                        WarningKind::RereadScalar,
                        format!(
                            "the patch changes `{field}` of {object} on the way through JSON: `{old}` becomes `{new}`"
                        ),
                        before.pos(),
                    )
                    .hint(format!("put it into quotes where it is written: \"{old}\"")),
                    false => Warning::new(
                        WarningKind::RereadScalar,
                        format!("the patch changes the text `{field}` of {object} on the way through JSON"),
                        before.pos(),
                    )
                    .hint("compare it with the output, and write it with `|`, which keeps its lines"),
                };
                lint.add(warning);
            }
        }
        _ => {}
    }
}

/// Returns `true` for a text that a message can show.
fn is_short(text: &str) -> bool {
    text.len() <= 60 && !text.contains('\n')
}

/// Returns `true` if both texts are numbers, in a place where the text does not matter: `0644` is 420.
fn is_one_number(old: &str, new: &str, path: &[&str]) -> bool {
    let is_text = path.iter().rev().take(2).any(|key| {
        matches!(*key, "annotations" | "labels" | "matchLabels" | "data" | "stringData" | "value")
    });
    let starts = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    !is_text && starts(old) && new.parse::<f64>().is_ok()
}

/// As [`child`]; `-` is the last element.
fn child_or_last<'n>(node: &'n Node, token: &str) -> Option<&'n Node> {
    match node {
        Node::Seq { items, .. } if token == "-" => items.last(),
        _ => child(node, token),
    }
}

fn child<'n>(node: &'n Node, token: &str) -> Option<&'n Node> {
    match node {
        Node::Map { map, .. } => map.get(token),
        Node::Seq { items, .. } => items.get(token.parse::<usize>().ok()?),
        Node::Scalar { .. } => None,
    }
}
