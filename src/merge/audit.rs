//! What a merge loses or makes without a word, for lint.
//!
//! [`before`] compares a patch with its target, [`after`] with what came out. Both walk along the patch
//! or along what changed, never through the whole resource per element.

use rustc_hash::FxHashMap;

use super::{Type, kept};
use crate::schema::Schema;
use crate::work;
use crate::yaml::{Entry, Keys, Mapping, Node, Pos};

/// Something that a patch does and that was hardly meant.
pub(crate) struct Finding<'a> {
    /// Where, such as `spec.rules`.
    pub(crate) path: String,
    /// What.
    pub(crate) what: What<'a>,
}

/// The kinds of findings.
pub(crate) enum What<'a> {
    /// A list takes the place of one that loses elements, as it has no merge key.
    Replaced { old: &'a Node, new: &'a Node },
    /// An empty mapping meets one that has something.
    Empty { old: &'a Node, new: &'a Node },
    /// An element of the patch meets none in the list.
    New { element: &'a Node, list: &'a [Node] },
    /// An element of the patch has its merge key alone; beside its list stand fields that it may have.
    Bare { element: &'a Node, key: String, beside: Vec<&'a str> },
    /// An element of the resource is not there any more, though the patch does not delete it.
    Lost(&'a Node),
    /// An element of the patch is not there, or not as the patch has it.
    Unmerged(&'a Node),
    /// An element of the patch deletes one that it does not name by the merge key; that may be `meant`.
    KeylessDelete { element: &'a Node, key: String, meant: Option<&'a Node> },
    /// An element of the patch is not there, for it has no value of the merge key.
    Keyless { element: &'a Node, key: String },
}

/// Returns what can be seen before the merge.
pub(crate) fn before<'a>(target: &'a Node, patch: &'a Node, schema: &Schema) -> Vec<Finding<'a>> {
    let mut walk = Walk::default();
    walk.before(target, patch, Type { schema, of: None, stable: None, account: None });
    walk.found
}

/// Returns what can be seen after it.
pub(crate) fn after<'a>(
    old: &'a Node,
    merged: &'a Node,
    patch: &'a Node,
    schema: &Schema,
) -> Vec<Finding<'a>> {
    let mut walk = Walk::default();
    walk.lost(old, merged, Some(patch));
    walk.unmerged(merged, patch, Type { schema, of: None, stable: None, account: None });
    walk.found
}

/// Returns `true` if two trees have the same content, however it is written.
pub(crate) fn is_same(a: &Node, b: &Node) -> bool {
    work::check();
    if a.is_identical(b) {
        return true;
    }
    match (a, b) {
        (Node::Scalar { text: a, .. }, Node::Scalar { text: b, .. }) => a == b,
        (Node::Seq { items: a, .. }, Node::Seq { items: b, .. }) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Node::Map { map: a, .. }, Node::Map { map: b, .. }) => {
            let mut keys = Keys::of(b);
            let mut twin = |key: &Node| Some(keys.find(key.text()?)?.1);
            let is_there = |entry: &Entry| {
                twin(&entry.key).is_some_and(|other| is_same(&entry.value, &other.value))
            };
            a.len() == b.len() && a.iter().all(is_there)
        }
        _ => false,
    }
}

#[derive(Default)]
struct Walk<'a> {
    path: Vec<Step<'a>>,
    /// The mappings of the patch that lead to where the walk is.
    around: Vec<&'a Mapping>,
    found: Vec<Finding<'a>>,
}

/// One part of a path.
enum Step<'a> {
    Key(&'a str),
    /// An element, and its number.
    Element(&'a Node, usize),
}

impl<'a> Walk<'a> {
    fn find(&mut self, what: What<'a>) {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key);
                }
                Step::Element(element, i) => match element.get("name").and_then(Node::text) {
                    Some(name) => path.push_str(&format!("[{name}]")),
                    None => path.push_str(&format!("[{i}]")),
                },
            }
        }
        self.found.push(Finding { path, what });
    }

    fn at(&mut self, step: Step<'a>, go: impl FnOnce(&mut Self)) {
        self.path.push(step);
        go(self);
        self.path.pop();
    }

    fn before(&mut self, target: &'a Node, patch: &'a Node, of: Type<'_>) {
        work::check();
        match (target, patch) {
            (Node::Map { map: old, .. }, Node::Map { map: new, .. }) if !has_directive(new) => {
                if new.is_empty() && !old.is_empty() && !self.path.is_empty() {
                    return self.find(What::Empty { old: target, new: patch });
                }
                let of = of.or_resource([Some(target), Some(patch)]);
                self.around.push(new);
                let mut keys = Keys::of(old);
                for entry in new {
                    let Some(name) = entry.key.text() else { continue };
                    if let Some((_, old)) = keys.find(name) {
                        let of = of.field_of_both(name, old, entry);
                        self.at(Step::Key(name), |walk| walk.before(&old.value, &entry.value, of));
                    }
                }
                self.around.pop();
            }
            (Node::Seq { items: old, .. }, Node::Seq { items: new, .. }) => match of.merge_keys() {
                None => {
                    if kept::loses_any(old, new, of.of.is_none()) {
                        self.find(What::Replaced { old: target, new: patch });
                    }
                }
                Some(keys) => {
                    let Some(key) = keys.first() else { return };
                    let text = |item: &'a Node| item.get(key).and_then(Node::text);
                    let by_key: FxHashMap<&str, &Node> =
                        old.iter().filter_map(|item| Some((text(item)?, item))).collect();
                    for (i, item) in new.iter().enumerate() {
                        let Some(map) = item.as_map() else { continue };
                        match text(item).and_then(|key| by_key.get(key)) {
                            Some(_) if map.len() == 1 => self.bare(item, key, of),
                            Some(old) => self.at(Step::Element(item, i), |walk| {
                                walk.before(old, item, of.element());
                            }),
                            None if !has_directive(map) => {
                                self.find(What::New { element: item, list: old });
                            }
                            None if text(item).is_none() && deletes(map) => {
                                let name = item.get("name").and_then(Node::text);
                                let is_it = |other: &&Node| {
                                    name.is_some() && other.get("name").and_then(Node::text) == name
                                };
                                let meant = old.iter().find(is_it);
                                let key = (*key).to_owned();
                                self.find(What::KeylessDelete { element: item, key, meant });
                            }
                            None => {}
                        }
                    }
                }
            },
            _ => {}
        }
    }

    /// Notes an element that has its merge key alone.
    fn bare(&mut self, element: &'a Node, key: &str, of: Type<'_>) {
        let of = of.element().of;
        let around = self.around.last().into_iter().flat_map(|around| around.iter());
        let may_have = |name: &&str| of.is_some_and(|of| of.field(name).is_some());
        let beside = around.filter_map(|entry| entry.key.text()).filter(may_have).collect();
        self.find(What::Bare { element, key: key.to_owned(), beside });
    }

    /// Looks for elements of lists that are gone. What is one collection in memory with what it was has
    /// lost none.
    fn lost(&mut self, old: &'a Node, merged: &'a Node, patch: Option<&'a Node>) {
        if old.is_identical(merged) {
            return;
        }
        match (old, merged) {
            (Node::Map { map: old, .. }, Node::Map { map: merged, .. }) => {
                if patch.and_then(Node::as_map).is_some_and(has_directive) {
                    return;
                }
                let mut keys = Keys::of(merged);
                let mut patches = patch.and_then(Node::as_map).map(Keys::of);
                let collections = old.iter().filter(|entry| !is_scalar(&entry.value));
                for entry in collections {
                    let Some(name) = entry.key.text() else { continue };
                    let Some((_, there)) = keys.find(name) else { continue };
                    let patch = patches.as_mut().and_then(|patches| patches.find(name));
                    let patch = patch.map(|(_, entry)| &entry.value);
                    self.at(Step::Key(name), |walk| walk.lost(&entry.value, &there.value, patch));
                }
            }
            (Node::Seq { items: old, .. }, Node::Seq { items: merged, .. }) => {
                let patch = patch.and_then(Node::as_seq).map_or(&[][..], |items| items.as_slice());
                self.lost_elements(old, merged, patch);
            }
            _ => {}
        }
    }

    fn lost_elements(&mut self, old: &'a [Node], merged: &'a [Node], patch: &'a [Node]) {
        let known = |pos: Pos| pos.is_some() && pos.shared_number().is_none();
        let places: FxHashMap<Pos, &Node> =
            merged.iter().map(|item| (item.pos(), item)).filter(|(pos, _)| known(*pos)).collect();
        let stayed = |item: &&Node| places.contains_key(&item.pos());
        // A list without merge key was replaced; one that a patch deletes from has lost on purpose.
        if !old.iter().any(|item| stayed(&item))
            || patch.iter().any(|item| item.as_map().is_some_and(has_directive))
        {
            return;
        }
        let name = |item: &'a Node| item.get("name").and_then(Node::text);
        let patches: FxHashMap<&str, &Node> =
            patch.iter().filter_map(|item| Some((name(item)?, item))).collect();
        for (i, item) in old.iter().enumerate().filter(|(_, item)| item.as_map().is_some()) {
            match places.get(&item.pos()) {
                Some(there) => {
                    let patch = name(item).and_then(|name| patches.get(name)).copied();
                    // Without a name nobody knows which element of the patch is meant.
                    if name(item).is_some() || patches.is_empty() {
                        self.at(Step::Element(item, i), |walk| walk.lost(item, there, patch));
                    }
                }
                // One of two that are the same is no loss.
                None if known(item.pos()) && !merged.iter().any(|other| is_same(item, other)) => {
                    self.find(What::Lost(item));
                }
                None => {}
            }
        }
    }

    /// Looks for elements of a patch that are not in what came out.
    fn unmerged(&mut self, merged: &'a Node, patch: &'a Node, of: Type<'_>) {
        match (merged, patch) {
            (Node::Map { map: merged_map, .. }, Node::Map { map, .. }) if !has_directive(map) => {
                let of = of.or_resource([Some(merged), Some(patch)]);
                let mut keys = Keys::of(merged_map);
                for entry in map {
                    let Some(name) = entry.key.text() else { continue };
                    if let Some((_, there)) = keys.find(name) {
                        let of = of.field_of_both(name, there, entry);
                        self.at(Step::Key(name), |walk| {
                            walk.unmerged(&there.value, &entry.value, of);
                        });
                    }
                }
            }
            (Node::Seq { items: merged, .. }, Node::Seq { items: patch, .. }) => {
                let Some(key) = of.merge_keys().and_then(|keys| keys.first().copied()) else {
                    return;
                };
                let text = |item: &'a Node| item.get(key).and_then(Node::text);
                let mut by_key: FxHashMap<&str, Vec<&Node>> = FxHashMap::default();
                for item in merged {
                    by_key.entry(text(item).unwrap_or_default()).or_default().push(item);
                }
                let mut seen: FxHashMap<&str, &Node> = FxHashMap::default();
                for (i, item) in patch.iter().enumerate() {
                    let Some(map) = item.as_map().filter(|map| !has_directive(map)) else {
                        continue;
                    };
                    // Of two elements of the patch with one key, one is lost.
                    let twin = text(item).and_then(|key| seen.insert(key, item));
                    if let (Some(twin), Some([_])) =
                        (twin, by_key.get(text(item).unwrap_or_default()).map(Vec::as_slice))
                        && !is_same(twin, item)
                        && same_scalars(twin, item)
                    {
                        self.find(What::Unmerged(item));
                        continue;
                    }
                    let same = by_key.get(text(item).unwrap_or_default());
                    let same = same.map_or(&[][..], Vec::as_slice);
                    if map.is_empty() || same.len() > FEW {
                        continue;
                    }
                    if let [only] = same {
                        self.at(Step::Element(item, i), |walk| {
                            walk.unmerged(only, item, of.element());
                        });
                    }
                    if !same.iter().any(|other| has_scalars_of(other, item)) {
                        self.find(match text(item) {
                            Some(_) => What::Unmerged(item),
                            None => What::Keyless { element: item, key: key.to_owned() },
                        });
                    }
                }
            }
            _ => {}
        }
    }
}

/// How many elements with one key are compared with those of a patch.
const FEW: usize = 16;

/// Returns `true` if two elements differ in nothing but their collections.
fn same_scalars(a: &Node, b: &Node) -> bool {
    has_scalars_of(a, b) && has_scalars_of(b, a)
}

/// Returns `true` if the scalars right in `part` are in `whole` as well.
fn has_scalars_of(whole: &Node, part: &Node) -> bool {
    part.as_map().into_iter().flatten().all(|entry| {
        let Some(name) = entry.key.text().filter(|name| !name.starts_with('$')) else {
            return true;
        };
        match &entry.value {
            value if value.is_null() => true,
            Node::Scalar { text, .. } => {
                whole.get(name).and_then(Node::text).is_some_and(|other| other == text)
            }
            _ => true,
        }
    })
}

/// Returns `true` if an element of a patch deletes one.
fn deletes(map: &Mapping) -> bool {
    map.get("$patch").and_then(Node::text) == Some("delete")
}

fn is_scalar(node: &Node) -> bool {
    matches!(node, Node::Scalar { .. })
}

fn has_directive(map: &Mapping) -> bool {
    map.iter().any(|entry| entry.key.text() == Some("$patch"))
}
