//! Merge keys: `<<: *defaults`.

use ecow::{EcoString, EcoVec};
use rustc_hash::FxHashMap;

use super::options::Merges;
use crate::yaml::{Entry, Mapping, Node, Style, Tag};

const NO_MAP: &str = "map merge requires map or sequence of maps as the value";
const ALIAS_OF_NO_MAP: &str = "invalid map merge: received alias for a non-map value";
const NESTED: &str = "invalid map merge: received a nested sequence";
const DUPLICATE: &str = "duplicate merge key";

/// How the value of a merge key was written.
pub(super) struct MergeValue {
    /// The position of the entry in its mapping.
    pub(super) entry: usize,
    /// Whether the value was an alias.
    pub(super) is_alias: bool,
    /// Which of its items were aliases, if it is a sequence.
    pub(super) aliases: Vec<usize>,
}

/// Returns `true` if a key is `<<` without quotes or tagged `!!merge`.
pub(super) fn is_merge_key(key: &Node) -> bool {
    match key {
        Node::Scalar { tag: Tag::Merge, .. } => true,
        Node::Scalar { tag: Tag::None, style: Style::Plain, text, .. } => text == "<<",
        _ => false,
    }
}

/// Returns `map` with its merge keys applied.
pub(super) fn apply(
    map: Mapping,
    values: &[MergeValue],
    merges: Merges,
) -> Result<Mapping, &'static str> {
    match merges {
        Merges::Resource => apply_resource(map, values),
        Merges::Plain | Merges::Values if values.is_empty() => Ok(map),
        Merges::Plain | Merges::Values => apply_plain(&map, values),
    }
}

fn apply_resource(mut map: Mapping, values: &[MergeValue]) -> Result<Mapping, &'static str> {
    // Odd: a key that is null is found under no name, and so doubled; printing then refuses it
    // (case yaml/merge-beside-null-key).
    let is_odd_null = |key: &Node| key.is_null() && key.text() != Some("");
    if map.iter().any(|e| is_odd_null(&e.key)) {
        let nulls: EcoVec<Entry> = map.iter().filter(|e| is_odd_null(&e.key)).cloned().collect();
        nulls.into_iter().for_each(|e| map.push(e.key, e.value));
    }
    if values.len() > 1 {
        return Err(DUPLICATE);
    }
    let sources = match values.first() {
        Some(value) => sources(&map, value)?,
        None => Vec::new(),
    };
    // Odd: in quotes it is no merge key, but is removed all the same (case yaml/merge-quoted-key-disappears).
    map.remove("<<");
    if sources.is_empty() {
        return Ok(map);
    }
    let mut places = Places::of(&map);
    let own = map.len();
    // What comes last is set first, so that the earlier ones win.
    for source in sources.iter().rev() {
        for entry in source {
            match places.find(&entry.key) {
                Some(place) if place < own => {}
                Some(place) => map.entries_mut()[place] = entry.clone(),
                None => places.push(&mut map, entry.clone()),
            }
        }
    }
    Ok(map)
}

/// Returns the mappings to merge, the strongest first.
fn sources(map: &Mapping, value: &MergeValue) -> Result<Vec<Mapping>, &'static str> {
    let Some(entry) = map.iter().nth(value.entry) else {
        return Ok(Vec::new());
    };
    match &entry.value {
        Node::Map { map, .. } => Ok(vec![map.clone()]),
        _ if value.is_alias => Err(ALIAS_OF_NO_MAP),
        Node::Scalar { .. } => Err(NO_MAP),
        Node::Seq { items, .. } => {
            let item = |(i, item): (usize, &Node)| match item {
                Node::Map { map, .. } => Ok(map.clone()),
                _ if value.aliases.binary_search(&i).is_ok() => Err(ALIAS_OF_NO_MAP),
                Node::Seq { .. } => Err(NESTED),
                Node::Scalar { .. } => Err(NO_MAP),
            };
            items.iter().enumerate().map(item).collect()
        }
    }
}

fn apply_plain(map: &Mapping, values: &[MergeValue]) -> Result<Mapping, &'static str> {
    let mut merged = Mapping::new();
    let mut places = Places::default();
    let mut values = values.iter().peekable();
    for (i, entry) in map.iter().enumerate() {
        let Some(value) = values.next_if(|value| value.entry == i) else {
            places.set(&mut merged, entry);
            continue;
        };
        // Odd: what was written before the merge key loses against it
        // (case kustomization/merge-key-wins-over-what-precedes).
        let sources = sources(map, value).map_err(|_| NO_MAP)?;
        for entry in sources.iter().rev().flatten() {
            places.set(&mut merged, entry);
        }
    }
    Ok(merged)
}

/// Where each scalar key of a mapping stands.
#[derive(Default)]
struct Places(FxHashMap<EcoString, usize>);

impl Places {
    fn of(map: &Mapping) -> Self {
        let mut places = Places::default();
        for (i, entry) in map.iter().enumerate() {
            if let Node::Scalar { text, .. } = &entry.key {
                places.0.entry(text.clone()).or_insert(i);
            }
        }
        places
    }

    fn find(&self, key: &Node) -> Option<usize> {
        self.0.get(key.text()?).copied()
    }

    fn push(&mut self, map: &mut Mapping, entry: Entry) {
        if let Node::Scalar { text, .. } = &entry.key {
            self.0.insert(text.clone(), map.len());
        }
        map.push(entry.key, entry.value);
    }

    fn set(&mut self, map: &mut Mapping, entry: &Entry) {
        match self.find(&entry.key) {
            Some(place) => map.entries_mut()[place] = entry.clone(),
            None => self.push(map, entry.clone()),
        }
    }
}
