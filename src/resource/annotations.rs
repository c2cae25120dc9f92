//! Annotations: setting them, and what the end of a build makes of them (docs/spec/accumulation.md,
//! section 4).

use std::collections::BTreeMap;

use ecow::EcoString;
use indexmap::IndexMap;

use super::annotation_map::annotations_mut;
pub(crate) use super::annotation_map::{remove, set, set_metadata};
use super::resource::Resource;
use super::set::ResourceSet;
use super::tracking::is_tracking;
pub(crate) use super::tracking::{
    Counts, Notes, ORIGIN, TRANSFORMATIONS, Texts, absorb, materialize, materialize_as, reserve,
    restore, with_notes,
};
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::{Entry, Mapping, Node, Pos, Style, is_string, needs_quotes, set_string_of_map};

/// Annotations that are never printed, besides those of the history.
const REMOVED: [&str; 9] = [
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

/// The annotation of resources that take part in the build but not in its output.
pub(crate) const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";

/// Returns `true` if a resource is left out of the output.
///
/// Odd: any value but exactly `false` says so, `False` and nothing included (case
/// resources/local-config-any-value-but-false).
pub(crate) fn is_local_config(resource: &Resource) -> bool {
    resource
        .metadata_map("annotations")
        .and_then(|map| map.get(LOCAL_CONFIG))
        .is_some_and(|value| value.text() != Some("false"))
}

/// Checks that the notes of former names can be told apart.
///
/// Odd: upstream joins them by commas, so a renamed object must not have one in its name; and it notes
/// no empty name, only the namespace and kind of such an object (case
/// accumulation/comma-in-renamed-name).
///
/// # Errors
/// If one is like that; upstream panics.
pub(crate) fn check_notes(resources: &ResourceSet) -> Result<()> {
    let commas = |text: &str| text.matches(',').count();
    let is_unclear = |r: &&Resource| {
        let (mut names, mut namespaces, mut kinds) = (0, 0, 0);
        for id in &r.history.previous {
            let times = id.times as usize;
            names += times * commas(&id.name);
            namespaces += times * commas(&id.namespace);
            kinds += times * commas(&id.kind);
        }
        (r.history.was_nameless && !r.history.previous.is_empty())
            || names != namespaces
            || names != kinds
    };
    resources.iter().find(is_unclear).map_or(Ok(()), |resource| {
        Err(Error::new(
            ErrorKind::Resource,
            "number of previous names, number of previous namespaces, number of previous kinds \
             not equal: a renamed object has no name or one with a comma",
        )
        .at(resource.node.pos()))
    })
}

/// Returns `true` if a strategic merge patch writes annotations that stand for what the build remembers.
pub(crate) fn mentions_notes(patch: &Node) -> bool {
    patch
        .get_path(&["metadata", "annotations"])
        .and_then(Node::as_map)
        .is_some_and(|map| map.iter().any(|e| e.key.text().is_some_and(is_note)))
}

/// Returns `true` if an annotation stands for what the build remembers.
pub(crate) fn is_note(key: &str) -> bool {
    is_tracking(key) || key == ORIGIN || key == TRANSFORMATIONS
}

/// Makes of the annotations what is printed: strings, without those that only the build needs.
///
/// # Errors
/// If the metadata is no map, the annotations are a list of odd length, or one has no name.
pub(crate) fn finish(resource: &mut Resource) -> Result<()> {
    let Some(metadata) = resource.node.get("metadata") else {
        if let Some(map) = resource.node.as_map_mut() {
            map.set("metadata", Node::map(Mapping::new()));
        }
        return Ok(());
    };
    if metadata.as_map().is_none() && !metadata.is_null() {
        let (kind, pos) = (metadata.kind().name(), metadata.pos());
        let message = format!("metadata: wrong node kind: expected MappingNode but got {kind}");
        return Err(Error::new(ErrorKind::Resource, message).at(pos));
    }
    let Some(annotations) = metadata.get("annotations") else {
        return Ok(());
    };
    let is_annotations = |entry: &&Entry| entry.key.text() == Some("annotations");
    let several =
        metadata.as_map().is_some_and(|map| map.iter().filter(is_annotations).count() > 1);
    if !several && is_finished(annotations) {
        return Ok(());
    }
    let once = if several { None } else { Some(finished(annotations)?) };
    if let Some(metadata) = resource.node.get_mut("metadata").and_then(Node::as_map_mut) {
        let finished = once.map_or_else(|| all_finished(metadata), Ok)?;
        match finished {
            Some(node) => metadata.set("annotations", node),
            None => drop(metadata.remove("annotations")),
        }
    }
    Ok(())
}

/// Makes all annotations strings, as upstream's setter writes them.
///
/// Odd: those that are strings lose or get quotes, or become literal blocks, which a later step takes over (cases
/// json-patch/annotations-are-strings-from-then-on and json-patch/annotations-of-several-lines).
pub(crate) fn make_strings(resource: &mut Resource) {
    let annotations = resource.metadata_map("annotations");
    if annotations.is_none_or(|map| map.iter().all(|e| is_string(&e.key) && is_as_set(&e.value))) {
        return;
    }
    let Some(map) = annotations_mut(&mut resource.node) else {
        return;
    };
    for Entry { key, value } in map.entries_mut() {
        // Keys are made anew; those that are strings may as well stay.
        if !is_string(key) {
            *key = key.clone().at(Pos::NONE);
        }
        if !is_as_set(value) {
            *value = set_string_of_map(value.text().unwrap_or_default().into()).at(value.pos());
        }
    }
}

/// Marks all annotations as written by a step, which makes them anew.
pub(crate) fn mark_written(node: &mut Node) {
    let Some(map) = annotations_mut(node) else { return };
    for Entry { value, .. } in map.entries_mut() {
        *value = std::mem::take(value).written();
    }
}

/// Makes all annotations anew, as a step does that sets one: sorted strings, of equal keys the last one.
///
/// As upstream, with what a function answers (`testdata/function-inputs/generator-annotations-made-anew`).
pub(crate) fn make_anew(node: &mut Node) {
    let Some(map) = annotations_mut(node) else { return };
    let mut texts: BTreeMap<EcoString, Node> = BTreeMap::new();
    for Entry { key, value } in map.iter() {
        let text = value.text().unwrap_or_default();
        let value = set_string_of_map(text.into()).at(value.pos()).written();
        texts.insert(key.text().unwrap_or_default().into(), value);
    }
    *map = texts.into_iter().map(|(key, value)| Entry { key: Node::plain(key), value }).collect();
}

/// Returns `true` if a value looks as if it had been set as a string.
fn is_as_set(value: &Node) -> bool {
    match value {
        Node::Scalar { text, style: Style::DoubleQuoted, .. } => {
            is_string(value) && needs_quotes(text)
        }
        Node::Scalar { text, style: Style::Plain, .. } => {
            is_string(value) && !needs_quotes(text) && !text.contains('\n')
        }
        Node::Scalar { text, style: Style::Literal, .. } => is_string(value) && text.contains('\n'),
        _ => false,
    }
}

/// Returns the annotations of the user that look like upstream's own, which JSON patches can not change.
pub(crate) fn internal(resource: &Resource) -> Vec<(EcoString, Node)> {
    let Some(map) = resource.metadata_map("annotations") else { return Vec::new() };
    let pair = |e: &Entry| {
        let is_own =
            |key: &&str| key.starts_with("internal.config.kubernetes.io/") || is_removed(key);
        let key = e.key.text().filter(is_own)?;
        Some((key.into(), e.value.clone()))
    };
    map.iter().filter_map(pair).collect()
}

/// Takes all fields `annotations` out of the metadata and returns them as one, as they are printed.
///
/// Odd: elsewhere a second field of the same name is refused (case resources/annotations-twice).
fn all_finished(metadata: &mut Mapping) -> Result<Option<Node>> {
    let mut all: Option<Node> = None;
    while let Some(annotations) = metadata.remove("annotations") {
        let finished = finished(&annotations)?;
        let Some(Node::Map { map: known, .. }) = &mut all else {
            all = finished;
            continue;
        };
        for Entry { key, value } in finished.iter().filter_map(Node::as_map).flatten() {
            if !key.text().is_some_and(|key| known.contains(key)) {
                known.push(key.clone(), value.clone());
            }
        }
    }
    Ok(all)
}

/// Returns `true` if annotations can be printed as they are.
fn is_finished(annotations: &Node) -> bool {
    let Node::Map { map, .. } = annotations else {
        return false;
    };
    let is_finished = |(i, entry): (usize, &Entry)| {
        let Some(key) = entry.key.text() else {
            return false;
        };
        is_string(&entry.value)
            && !is_restyled(&entry.value)
            && is_plain_key(key)
            && !is_removed(key)
            && map.index_of(key) == Some(i)
    };
    // Looking each key up again is quadratic; a map that large is rebuilt instead.
    !map.is_empty() && map.len() <= 64 && map.iter().enumerate().all(is_finished)
}

/// Returns `true` if a string of several lines is printed as a literal block, whatever it was before.
fn is_restyled(value: &Node) -> bool {
    match value {
        Node::Scalar { style: Style::Plain | Style::Literal, .. } => false,
        Node::Scalar { text, .. } => text.contains('\n'),
        _ => false,
    }
}

/// Returns `true` if a key is the same with and without quotes.
fn is_plain_key(key: &str) -> bool {
    is_string(&Node::plain(key)) && key != "<<" && !key.starts_with(|c: char| c.is_ascii_digit())
}

/// Returns the annotations as they are printed, or `None` if none are left.
fn finished(annotations: &Node) -> Result<Option<Node>> {
    let mut kept: IndexMap<EcoString, (Pos, Node)> = IndexMap::new();
    let mut keep = |key: &Node, value: &Node| -> Result<()> {
        let text = key.text().unwrap_or_default();
        if text.is_empty() {
            let message = "wrong node kind: expected ScalarNode but got MappingNode: an annotation has no name";
            return Err(Error::new(ErrorKind::Resource, message).at(annotations.pos()));
        }
        // Odd: a key `<<`, quoted or not, is lost when the map is rebuilt
        // (case resources/annotations-merge-key-in-quotes).
        if text != "<<" && !is_removed(text) {
            let value = Node::str(value.text().unwrap_or_default()).at(value.pos());
            kept.insert(text.into(), (key.pos(), value));
        }
        Ok(())
    };
    match annotations {
        Node::Map { map, .. } => map.iter().try_for_each(|e| keep(&e.key, &e.value))?,
        // Odd: a list is taken for keys and values in turn (case resources/annotations-list).
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
    // Odd: the keys lose their quotes, so that `"true"` is no string any more
    // (case resources/annotation-key-boolean).
    let entry = |(key, (pos, value)): (EcoString, (Pos, Node))| Entry {
        key: Node::plain(key).at(pos),
        value,
    };
    Ok(Some(Node::map(kept.into_iter().map(entry).collect()).at(annotations.pos())))
}

/// Returns `true` for an annotation that is never printed.
pub(crate) fn is_removed(key: &str) -> bool {
    // Nearly all annotations of users are told apart by these letters.
    (key.starts_with("internal.") || key.starts_with("config."))
        && (is_tracking(key) || REMOVED.contains(&key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{json, show};

    fn finished_text(text: &str) -> Result<String> {
        let text = format!(r#"{{"kind":"Foo","metadata":{{"annotations":{text}}}}}"#);
        let mut resource = Resource::new(json(&text));
        finish(&mut resource)?;
        let left = resource.node.get_path(&["metadata", "annotations"]);
        Ok(left.map_or_else(|| "none".to_owned(), show))
    }

    #[test]
    fn what_is_printed_are_strings() {
        let mixed =
            r#"{"t":true,"n":null,"l":[1],"m":{"a":1},"s":"x","<<":"y","config.k8s.io/id":"5"}"#;
        let wanted = r#"{"l":"","m":"","n":"null","s":"x","t":"true"}"#;
        assert_eq!(finished_text(mixed).unwrap(), wanted);
        assert_eq!(finished_text(r#"["a",1]"#).unwrap(), r#"{"a":"1"}"#);
        for nothing in ["{}", "null", r#""text""#, r#"{"config.k8s.io/id":"5"}"#] {
            assert_eq!(finished_text(nothing).unwrap(), "none");
        }
        assert!(finished_text(r#"["a"]"#).is_err());
        assert!(finished_text(r#"{"":"a"}"#).is_err());
        let mut list = Resource::new(json(r#"{"kind":"FooList"}"#));
        finish(&mut list).unwrap();
        assert_eq!(show(&list.node), r#"{"kind":"FooList","metadata":{}}"#);
    }
}
