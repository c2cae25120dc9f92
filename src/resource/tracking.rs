//! The annotations that upstream keeps its notes on a resource in.
//!
//! Here those notes are the [`History`]; these functions move them into the tree where it shows (a
//! patch that reads or wipes them) and out of it (a file that forges them).

use ecow::{EcoString, EcoVec};

use super::annotation_map::{annotations_mut, remove, set, take};
use super::history::{Behavior, History, PreviousId};
use super::origin;
use super::resource::Resource;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::schema::Schema;
use crate::yaml::{Entry, Node, Pos, Style, Tag};

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

/// The annotations of the history.
const HISTORY: [&str; 10] = [
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
];

/// Where a resource comes from, as YAML.
pub(crate) const ORIGIN: &str = "config.kubernetes.io/origin";
/// The steps that a resource went through, as YAML.
pub(crate) const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// Notes that are made together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notes {
    /// Former names, namespaces and kinds.
    PreviousIds,
    /// Prefixes.
    Prefixes,
    /// Suffixes.
    Suffixes,
}

/// What counts if history and tree differ after a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// The history: JSON patches put the notes back.
    History,
    /// The tree: a strategic merge patch can wipe the notes.
    Tree,
}

/// Whether the notes are made with their texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    /// They are.
    Made,
    /// Nobody reads them: those that grow with each step may be empty.
    Empty,
}

/// Moves tracking annotations that a file brought along into the history.
///
/// # Errors
/// If the lists of former ids are not of one length.
pub(crate) fn absorb(resource: &mut Resource) -> Result<()> {
    let is_tracking = |e: &Entry| is_tracking(e.key.text().unwrap_or_default());
    if !resource.metadata_map("annotations").is_some_and(|map| map.iter().any(is_tracking)) {
        return Ok(());
    }
    let pos = resource.node.pos();
    let is_hashed_whole = is_hashed_whole(resource);
    let Some(map) = annotations_mut(&mut resource.node) else {
        return Ok(());
    };
    let history = &mut resource.history;
    let previous = take(map, PREVIOUS_NAMES);
    let (namespaces, kinds) = (take(map, PREVIOUS_NAMESPACES), take(map, PREVIOUS_KINDS));
    if let Some(names) = previous {
        history.previous =
            previous_ids(&names, &namespaces.unwrap_or_default(), &kinds.unwrap_or_default())
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
        history.is_generated = true;
        history.behavior = match behavior.as_str() {
            "create" => Behavior::Create,
            "replace" => Behavior::Replace,
            "merge" => Behavior::Merge,
            _ => Behavior::Unspecified,
        };
    }
    // Odd: the name of any other kind gets the hash of its whole tree, this annotation with it
    // (case generator/hash-of-other-kind).
    let stays = |key: &str| key == NEEDS_HASH && is_hashed_whole;
    for (key, flag, yes) in [
        (ALLOW_NAME_CHANGE, &mut history.allow_name_change, ENABLED),
        (ALLOW_KIND_CHANGE, &mut history.allow_kind_change, ENABLED),
        (NEEDS_HASH, &mut history.needs_hash, ENABLED),
        (HELM_GENERATED, &mut history.helm_generated, "true"),
    ] {
        let text = match map.get(key) {
            Some(value) if stays(key) => value.text().map(EcoString::from),
            _ => take(map, key),
        };
        if let Some(text) = text {
            *flag = text == yes;
        }
    }
    Ok(())
}

/// Returns the tree with the history written into its annotations, as upstream's patches see it.
pub(crate) fn materialize(resource: &Resource) -> Node {
    materialize_as(resource, Texts::Made)
}

/// As [`materialize`]; whether the texts of the notes count, which grow with each step, is told.
pub(crate) fn materialize_as(resource: &Resource, texts: Texts) -> Node {
    let mut node = resource.node.clone();
    let notes = notes(&resource.history, texts);
    let has_flag = resource.metadata_map("annotations").is_some_and(|map| map.contains(NEEDS_HASH));
    for (key, text) in notes.into_iter().chain(shown_notes(&resource.history, texts)) {
        if key != NEEDS_HASH || !has_flag {
            set(&mut node, key, Node::str(text));
        }
    }
    node
}

/// Returns the tree with the notes as the hash of it sees them: in quotes, and at the places that
/// [`reserve`] kept for them.
pub(crate) fn with_notes(resource: &Resource) -> Node {
    let mut node = resource.node.clone();
    for (key, text) in notes(&resource.history, Texts::Made) {
        if key != NEEDS_HASH {
            set(&mut node, key, Node::scalar(text, Style::SingleQuoted, Tag::Str, Pos::NONE));
        }
    }
    node
}

/// Keeps places among the annotations for notes that are made now, if their order counts.
pub(crate) fn reserve(resource: &mut Resource, notes: Notes) {
    if !resource.history.needs_hash || !is_hashed_whole(resource) {
        return;
    }
    let keys: &[&str] = match notes {
        Notes::PreviousIds => &[PREVIOUS_NAMES, PREVIOUS_NAMESPACES, PREVIOUS_KINDS],
        Notes::Prefixes => &[PREFIXES],
        Notes::Suffixes => &[SUFFIXES],
    };
    if let Some(map) = annotations_mut(&mut resource.node) {
        for key in keys.iter().filter(|key| !map.contains(key)).collect::<Vec<_>>() {
            map.set(key, Node::str(""));
        }
    }
}

impl Resource {
    /// Records the current id as a previous one; called before a step changes it.
    pub(crate) fn remember_id(&mut self, schema: &Schema) {
        let id = self.id_ref(schema);
        if id.name.is_empty() {
            self.history.was_nameless = true;
            return;
        }
        let is_last = self.history.previous.last().is_some_and(|last| {
            last.name == id.name && last.namespace == id.namespace && last.kind == id.kind
        });
        if !is_last {
            let previous = PreviousId {
                namespace: id.namespace.into(),
                name: id.name.into(),
                kind: id.kind.into(),
                times: 1,
            };
            if self.history.previous.is_empty() {
                // Mostly a namespace and a prefix, one after the other.
                self.history.previous.reserve(2);
            }
            self.history.previous.push(previous);
        } else if let Some(last) = self.history.previous.make_mut().last_mut() {
            last.times = last.times.saturating_add(1);
        }
        reserve(self, Notes::PreviousIds);
    }
}

/// Returns `true` if the hash of a resource is that of its whole tree.
fn is_hashed_whole(resource: &Resource) -> bool {
    !matches!(resource.kind(), "ConfigMap" | "Secret")
}

/// Takes over the tree that a patch has made of [`materialize`]'s.
///
/// # Errors
/// As [`absorb`], of whose annotations the patch may have written some.
pub(crate) fn restore(resource: &mut Resource, patched: Node, counts: Counts) -> Result<()> {
    let old = &resource.history;
    let (notes, shown) = (notes(old, Texts::Empty), shown_notes(old, Texts::Empty));
    resource.node = patched;
    for (key, _) in shown {
        let kept = resource.metadata_map("annotations").is_some_and(|map| map.contains(key));
        match key {
            _ if kept => remove(&mut resource.node, key),
            ORIGIN => resource.history.origin = None,
            _ => resource.history.transformations = EcoVec::new(),
        }
    }
    match counts {
        Counts::History => notes.iter().for_each(|(key, _)| remove(&mut resource.node, key)),
        Counts::Tree => forget(&mut resource.history),
    }
    absorb(resource)
}

/// Returns `true` if an annotation is one of the history.
pub(super) fn is_tracking(key: &str) -> bool {
    key.starts_with("internal.") && HISTORY.contains(&key)
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
    let ids = names.split(',').zip(namespaces.split(',')).zip(kinds.split(','));
    let mut previous: EcoVec<PreviousId> = EcoVec::new();
    for ((name, namespace), kind) in ids {
        match previous.make_mut().last_mut() {
            Some(last) if last.name == name && last.namespace == namespace && last.kind == kind => {
                last.times = last.times.saturating_add(1);
            }
            _ => previous.push(PreviousId {
                name: name.into(),
                namespace: namespace.into(),
                kind: kind.into(),
                times: 1,
            }),
        }
    }
    Ok(previous)
}

/// Makes the history that of a resource without notes.
fn forget(history: &mut History) {
    history.previous = EcoVec::new();
    history.prefixes = EcoVec::new();
    history.suffixes = EcoVec::new();
    (history.behavior, history.is_generated) = (Behavior::default(), false);
    history.needs_hash = false;
    history.allow_name_change = false;
    history.allow_kind_change = false;
    history.helm_generated = false;
}

/// Returns what upstream would have written down about a resource.
fn notes(history: &History, texts: Texts) -> Vec<(&'static str, EcoString)> {
    let mut notes = Vec::new();
    let previous = |part: fn(&PreviousId) -> &EcoString| match texts {
        Texts::Empty => EcoString::new(),
        Texts::Made => {
            let each = |p| std::iter::repeat_n(part(p).as_str(), p.times as usize);
            history.previous.iter().flat_map(each).collect::<Vec<_>>().join(",").into()
        }
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
        Behavior::Unspecified if history.is_generated => Some("unspecified"),
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
    notes.extend(flags.iter().filter(|flag| flag.1).map(|flag| (flag.0, flag.2.into())));
    notes
}

/// Returns the notes that may be printed, which a patch can wipe for good.
fn shown_notes(history: &History, texts: Texts) -> Vec<(&'static str, EcoString)> {
    let origin = history.origin.as_deref().map(|o| (ORIGIN, origin::origin_text(o)));
    let steps = &history.transformations;
    let text = || match texts {
        Texts::Empty => EcoString::new(),
        Texts::Made => origin::transformations_text(steps),
    };
    let steps = (!steps.is_empty()).then(|| (TRANSFORMATIONS, text()));
    origin.into_iter().chain(steps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{json, show};

    fn resource(annotations: &str) -> Resource {
        let text = format!(r#"{{"kind":"Foo","metadata":{{"annotations":{annotations}}}}}"#);
        Resource::new(json(&text))
    }

    fn annotations(node: &Node) -> String {
        node.get_path(&["metadata", "annotations"]).map_or_else(|| "none".to_owned(), show)
    }

    #[test]
    fn forged_notes_count() {
        let mut forged = resource(
            r#"{"internal.config.kubernetes.io/previousNames":"a,b",
                "internal.config.kubernetes.io/previousNamespaces":"x,y",
                "internal.config.kubernetes.io/previousKinds":"Foo,Bar",
                "internal.config.kubernetes.io/needsHashSuffix":"enabled","mine":"z"}"#,
        );
        absorb(&mut forged).unwrap();
        let left = r#"{"internal.config.kubernetes.io/needsHashSuffix":"enabled","mine":"z"}"#;
        assert_eq!(annotations(&forged.node), left);
        assert!(forged.history.needs_hash);
        let previous = &forged.history.previous[1];
        assert_eq!([&*previous.name, &*previous.namespace, &*previous.kind], ["b", "y", "Bar"]);
        let mut unequal = resource(r#"{"internal.config.kubernetes.io/previousNames":"a,b"}"#);
        assert!(absorb(&mut unequal).is_err());
    }

    #[test]
    fn patches_see_the_notes() {
        let mut resource = resource(r#"{"mine":"z"}"#);
        let id = PreviousId {
            name: "a".into(),
            namespace: "default".into(),
            kind: "Foo".into(),
            times: 2,
        };
        resource.history.previous.push(id);
        resource.history.prefixes.push("p-".into());
        resource.history.origin = Some(Default::default());
        let node = materialize(&resource);
        let wanted = r#"{"mine":"z","internal.config.kubernetes.io/previousNames":"a,a","internal.config.kubernetes.io/previousNamespaces":"default,default","internal.config.kubernetes.io/previousKinds":"Foo,Foo","internal.config.kubernetes.io/prefixes":"p-","config.kubernetes.io/origin":""}"#;
        assert_eq!(annotations(&node), wanted);

        let mut same = resource.clone();
        restore(&mut same, node.clone(), Counts::Tree).unwrap();
        assert_eq!(annotations(&same.node), r#"{"mine":"z"}"#);
        assert_eq!(same.history.previous, resource.history.previous);
        assert!(same.history.origin.is_some());

        let wiped = json(r#"{"kind":"Foo","metadata":{}}"#);
        let mut json_patched = resource.clone();
        restore(&mut json_patched, wiped.clone(), Counts::History).unwrap();
        assert_eq!(json_patched.history.previous, resource.history.previous);
        assert!(json_patched.history.origin.is_none());

        restore(&mut resource, wiped, Counts::Tree).unwrap();
        assert!(resource.history.previous.is_empty());
        assert!(resource.history.prefixes.is_empty());
    }
}
