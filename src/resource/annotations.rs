//! Annotations: the ones that upstream tracks ids in, and what the end of a build makes of all.
//!
//! Upstream's notes on a resource are annotations of it. Here they are its [`History`]; these
//! functions move them into the tree where it shows (a patch that reads or wipes them) and out of it
//! (a file that forges them).

use ecow::{EcoString, EcoVec};
use indexmap::IndexMap;

use super::history::{Behavior, History, PreviousId};
use super::resource::Resource;
use crate::error::{Error, ErrorKind, Result};
use crate::provenance;
use crate::typed::is_string;
use crate::yaml::{Entry, Mapping, Node, Pos};

const PREVIOUS_NAMES: &str = "internal.config.kubernetes.io/previousNames";
const PREVIOUS_NAMESPACES: &str = "internal.config.kubernetes.io/previousNamespaces";
const PREVIOUS_KINDS: &str = "internal.config.kubernetes.io/previousKinds";
const PREFIXES: &str = "internal.config.kubernetes.io/prefixes";
const SUFFIXES: &str = "internal.config.kubernetes.io/suffixes";
const ALLOW_NAME_CHANGE: &str = "internal.config.kubernetes.io/allowNameChange";
const ALLOW_KIND_CHANGE: &str = "internal.config.kubernetes.io/allowKindChange";
const BEHAVIOR: &str = "internal.config.kubernetes.io/generatorBehavior";
const NEEDS_HASH: &str = "internal.config.kubernetes.io/needsHashSuffix";
const HELM_GENERATED: &str = "internal.config.kubernetes.io/helm-generated";
const ENABLED: &str = "enabled";

/// Where a resource comes from, as YAML.
pub(crate) const ORIGIN: &str = "config.kubernetes.io/origin";
/// The steps that a resource went through, as YAML.
pub(crate) const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// Annotations that are never printed; the first ones are those of the history.
const REMOVED: [&str; 19] = [
    PREVIOUS_NAMES,
    PREVIOUS_NAMESPACES,
    PREVIOUS_KINDS,
    PREFIXES,
    SUFFIXES,
    ALLOW_NAME_CHANGE,
    ALLOW_KIND_CHANGE,
    BEHAVIOR,
    NEEDS_HASH,
    HELM_GENERATED,
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "internal.config.kubernetes.io/id",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
];
const HISTORY_KEYS: usize = 10;

/// What counts if history and tree differ after a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// The history: JSON patches put the notes back.
    History,
    /// The tree: a strategic merge patch can wipe the notes.
    Tree,
}

/// Moves tracking annotations that a file brought along into the history.
///
/// # Errors
/// If the lists of former ids are not of one length.
pub(crate) fn absorb(resource: &mut Resource) -> Result<()> {
    let is_tracking = |e: &Entry| is_tracking(e.key.text().unwrap_or_default());
    if !resource
        .metadata_map("annotations")
        .is_some_and(|map| map.iter().any(is_tracking))
    {
        return Ok(());
    }
    let pos = resource.node.pos();
    let Some(map) = annotations_mut(&mut resource.node) else {
        return Ok(());
    };
    let history = &mut resource.history;
    let previous = take(map, PREVIOUS_NAMES);
    let (namespaces, kinds) = (take(map, PREVIOUS_NAMESPACES), take(map, PREVIOUS_KINDS));
    if let Some(names) = previous {
        history.previous = previous_ids(
            &names,
            &namespaces.unwrap_or_default(),
            &kinds.unwrap_or_default(),
        )
        .map_err(|e| e.at(pos))?;
    }
    let list = |text: EcoString| text.split(',').map(EcoString::from).collect();
    if let Some(prefixes) = take(map, PREFIXES) {
        history.prefixes = list(prefixes);
    }
    if let Some(suffixes) = take(map, SUFFIXES) {
        history.suffixes = list(suffixes);
    }
    if let Some(behavior) = take(map, BEHAVIOR) {
        history.behavior = match behavior.as_str() {
            "create" => Behavior::Create,
            "replace" => Behavior::Replace,
            "merge" => Behavior::Merge,
            _ => Behavior::Unspecified,
        };
    }
    for (key, flag, yes) in [
        (ALLOW_NAME_CHANGE, &mut history.allow_name_change, ENABLED),
        (ALLOW_KIND_CHANGE, &mut history.allow_kind_change, ENABLED),
        (NEEDS_HASH, &mut history.needs_hash, ENABLED),
        (HELM_GENERATED, &mut history.helm_generated, "true"),
    ] {
        if let Some(text) = take(map, key) {
            *flag = text == yes;
        }
    }
    Ok(())
}

/// Returns the tree with the history written into its annotations, as upstream's patches see it.
pub(crate) fn materialize(resource: &Resource) -> Node {
    let mut node = resource.node.clone();
    let notes = notes(&resource.history);
    for (key, text) in notes.into_iter().chain(shown_notes(&resource.history)) {
        set(&mut node, key, Node::str(text));
    }
    node
}

/// Takes over the tree that a patch has made of [`materialize`]'s.
///
/// # Errors
/// As [`absorb`], of whose annotations the patch may have written some.
pub(crate) fn restore(resource: &mut Resource, patched: Node, counts: Counts) -> Result<()> {
    let old = &resource.history;
    let (notes, shown) = (notes(old), shown_notes(old));
    resource.node = patched;
    for (key, _) in shown {
        let kept = resource
            .metadata_map("annotations")
            .is_some_and(|map| map.contains(key));
        match key {
            _ if kept => remove(&mut resource.node, key),
            ORIGIN => resource.history.origin = None,
            _ => resource.history.transformations = EcoVec::new(),
        }
    }
    match counts {
        Counts::History => notes
            .iter()
            .for_each(|(key, _)| remove(&mut resource.node, key)),
        Counts::Tree => {
            let old = std::mem::take(&mut resource.history);
            resource.history = History {
                vars: old.vars,
                origin: old.origin,
                transformations: old.transformations,
                ..History::default()
            };
        }
    }
    absorb(resource)
}

/// Makes of the annotations what is printed: strings, without those that only the build needs.
///
/// # Errors
/// If the annotations are a list of odd length, or one has no name.
pub(crate) fn finish(resource: &mut Resource) -> Result<()> {
    let Some(metadata) = resource.node.get("metadata") else {
        if let Some(map) = resource.node.as_map_mut() {
            map.set("metadata", Node::map(Mapping::new()));
        }
        return Ok(());
    };
    let Some(annotations) = metadata.get("annotations") else {
        return Ok(());
    };
    if is_finished(annotations) {
        return Ok(());
    }
    let finished = finished(annotations)?;
    if let Some(metadata) = resource.node.get_mut("metadata").and_then(Node::as_map_mut) {
        match finished {
            Some(node) => metadata.set("annotations", node),
            None => drop(metadata.remove("annotations")),
        }
    }
    Ok(())
}

/// Sets an annotation; makes the maps it needs.
pub(crate) fn set(node: &mut Node, key: &str, value: Node) {
    let mut node = node;
    for part in ["metadata", "annotations"] {
        let Some(map) = node.as_map_mut() else { return };
        if !map.get(part).is_some_and(|child| child.as_map().is_some()) {
            map.set(part, Node::map(Mapping::new()));
        }
        let Some(child) = map.get_mut(part) else {
            return;
        };
        node = child;
    }
    if let Some(map) = node.as_map_mut() {
        map.set(key, value);
    }
}

/// Removes an annotation.
pub(crate) fn remove(node: &mut Node, key: &str) {
    let annotations = node
        .get_path(&["metadata", "annotations"])
        .and_then(Node::as_map);
    if !annotations.is_some_and(|map| map.contains(key)) {
        return;
    }
    if let Some(map) = annotations_mut(node) {
        take(map, key);
    }
}

fn annotations_mut(node: &mut Node) -> Option<&mut Mapping> {
    node.get_mut("metadata")?
        .get_mut("annotations")?
        .as_map_mut()
}

/// Removes all entries of a key and returns the text of the last.
fn take(map: &mut Mapping, key: &str) -> Option<EcoString> {
    let mut text = None;
    while let Some(value) = map.remove(key) {
        text = Some(value.text().unwrap_or_default().into());
    }
    text
}

fn is_tracking(key: &str) -> bool {
    key.starts_with("internal.") && REMOVED[..HISTORY_KEYS].contains(&key)
}

fn previous_ids(names: &str, namespaces: &str, kinds: &str) -> Result<EcoVec<PreviousId>> {
    let count = |list: &str| list.split(',').count();
    if count(names) != count(namespaces) || count(names) != count(kinds) {
        return Err(Error::new(
            ErrorKind::Resource,
            "number of previous names, number of previous namespaces, number of previous kinds \
             not equal",
        ));
    }
    let ids = names
        .split(',')
        .zip(namespaces.split(','))
        .zip(kinds.split(','));
    let own = |((name, namespace), kind): ((&str, &str), &str)| PreviousId {
        name: name.into(),
        namespace: namespace.into(),
        kind: kind.into(),
    };
    Ok(ids.map(own).collect())
}

/// Returns what upstream would have written down about a resource.
fn notes(history: &History) -> Vec<(&'static str, EcoString)> {
    let mut notes = Vec::new();
    let previous = |part: fn(&PreviousId) -> &EcoString| {
        history
            .previous
            .iter()
            .map(|p| part(p).as_str())
            .collect::<Vec<_>>()
            .join(",")
            .into()
    };
    if !history.previous.is_empty() {
        notes.push((PREVIOUS_NAMES, previous(|p| &p.name)));
        notes.push((PREVIOUS_NAMESPACES, previous(|p| &p.namespace)));
        notes.push((PREVIOUS_KINDS, previous(|p| &p.kind)));
    }
    for (key, list) in [(PREFIXES, &history.prefixes), (SUFFIXES, &history.suffixes)] {
        if !list.is_empty() {
            notes.push((key, list.join(",").into()));
        }
    }
    let behavior = match history.behavior {
        Behavior::Unspecified => None,
        Behavior::Create => Some("create"),
        Behavior::Replace => Some("replace"),
        Behavior::Merge => Some("merge"),
    };
    notes.extend(behavior.map(|text| (BEHAVIOR, text.into())));
    let flags = [
        (ALLOW_NAME_CHANGE, history.allow_name_change, ENABLED),
        (ALLOW_KIND_CHANGE, history.allow_kind_change, ENABLED),
        (NEEDS_HASH, history.needs_hash, ENABLED),
        (HELM_GENERATED, history.helm_generated, "true"),
    ];
    notes.extend(
        flags
            .iter()
            .filter(|flag| flag.1)
            .map(|flag| (flag.0, flag.2.into())),
    );
    notes
}

/// Returns the notes that may be printed, which a patch can wipe for good.
fn shown_notes(history: &History) -> Vec<(&'static str, EcoString)> {
    let origin = history
        .origin
        .as_deref()
        .map(|o| (ORIGIN, provenance::origin_text(o)));
    let steps = &history.transformations;
    let steps =
        (!steps.is_empty()).then(|| (TRANSFORMATIONS, provenance::transformations_text(steps)));
    origin.into_iter().chain(steps).collect()
}

/// Tells whether annotations can be printed as they are.
fn is_finished(annotations: &Node) -> bool {
    let Node::Map { map, .. } = annotations else {
        return false;
    };
    let is_finished = |(i, entry): (usize, &Entry)| {
        let Some(key) = entry.key.text() else {
            return false;
        };
        is_string(&entry.value)
            && is_plain_key(key)
            && !REMOVED.contains(&key)
            && map.index_of(key) == Some(i)
    };
    // Looking each key up again is quadratic; a map that large is rebuilt instead.
    !map.is_empty() && map.len() <= 64 && map.iter().enumerate().all(is_finished)
}

/// Tells whether a key is the same with and without quotes.
fn is_plain_key(key: &str) -> bool {
    is_string(&Node::plain(key)) && key != "<<" && !key.starts_with(|c: char| c.is_ascii_digit())
}

/// Returns the annotations as they are printed, nothing if none are left.
fn finished(annotations: &Node) -> Result<Option<Node>> {
    let mut kept: IndexMap<EcoString, (Pos, Node)> = IndexMap::new();
    let mut keep = |key: &Node, value: &Node| -> Result<()> {
        let text = key.text().unwrap_or_default();
        if text.is_empty() {
            let message = "an annotation has no name";
            return Err(Error::new(ErrorKind::Resource, message).at(annotations.pos()));
        }
        // Odd: a key `<<`, quoted or not, is lost when the map is rebuilt.
        if text != "<<" && !REMOVED.contains(&text) {
            let value = Node::str(value.text().unwrap_or_default()).at(value.pos());
            kept.insert(text.into(), (key.pos(), value));
        }
        Ok(())
    };
    match annotations {
        Node::Map { map, .. } => map.iter().try_for_each(|e| keep(&e.key, &e.value))?,
        // Odd: a list is taken for keys and values in turn.
        Node::Seq { items, pos, .. } => {
            for pair in items.chunks(2) {
                let [key, value] = pair else {
                    let message = "annotations are a list of odd length, not a map";
                    return Err(Error::new(ErrorKind::Resource, message).at(*pos));
                };
                keep(key, value)?;
            }
        }
        Node::Scalar { .. } => {}
    }
    if kept.is_empty() {
        return Ok(None);
    }
    // Odd: the keys lose their quotes, so that `"true"` is no string any more.
    let entry = |(key, (pos, value)): (EcoString, (Pos, Node))| Entry {
        key: Node::plain(key).at(pos),
        value,
    };
    Ok(Some(
        Node::map(kept.into_iter().map(entry).collect()).at(annotations.pos()),
    ))
}
