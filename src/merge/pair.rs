//! A target value and a patch value.

use rustc_hash::FxHashMap;

use super::directive::{Directive, is_directive, without_directive};
use super::one_sided::{Side, alone, stays};
use super::{Change, Merged, Type, list, stable};
use crate::diagnostics::hints::PATCH_OF_ANOTHER_SHAPE;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::yaml::{self, Entry, Kind, Mapping, Node, Pos, Style, Tag, is_string, tag_of};

/// Below this product of lengths, looking for each key in turn is faster than making an index.
const SMALL: usize = 256;
/// Up to this number of keys in a patch, too.
const FEW: usize = 4;

/// Merges `patch` into `target`.
pub(super) fn merge(target: &mut Node, patch: &Node, of: Type<'_>) -> Result<Merged> {
    if target.is_null() {
        // As if nothing had been there.
        return Ok(match alone(patch, of, Side::Patch)? {
            Change::Absent => Merged::Absent,
            Change::Same => Merged::Other(patch.clone()),
            Change::New(node) => Merged::Other(node),
        });
    }
    if patch.is_null() {
        return Ok(Merged::Absent);
    }
    if target.kind() != patch.kind() {
        return Err(wrong_kind(target.kind(), patch));
    }
    unflow_empty(target);
    match (&mut *target, patch) {
        (Node::Map { .. }, Node::Map { .. }) => merge_maps(target, patch, of),
        (Node::Seq { items, .. }, Node::Seq { items: patch_items, flow, pos }) => {
            let Some(keys) = of.merge_keys() else {
                return Ok(Merged::Other(patch.clone()));
            };
            let (directive, rest) = Directive::of_list(patch_items)?;
            match directive {
                Directive::Delete => Ok(Merged::Absent),
                Directive::Replace => {
                    let items = list::alone(&rest, &keys, of.element(), Side::Itself)?;
                    let items = items.unwrap_or(rest);
                    Ok(Merged::Other(Node::Seq { items, flow: *flow, pos: *pos }))
                }
                Directive::None | Directive::Merge => {
                    stable::merge(items, &rest, &keys, of)?;
                    Ok(Merged::Target)
                }
            }
        }
        _ => Ok(Merged::Other(patch.clone())),
    }
}

/// Returns the error for a node of another kind than the one that stands in its place.
#[cold]
pub(super) fn wrong_kind(expected: Kind, found: &Node) -> Error {
    let message = yaml::wrong_kind(found, expected);
    let name = |kind| match kind {
        Kind::Map => "a mapping",
        Kind::Seq => "a list",
        Kind::Scalar => "a single value",
    };
    let first = found.as_map().and_then(|map| map.iter().next());
    let how = match (expected, found.kind(), first.and_then(|first| first.key.text())) {
        (Kind::Seq, Kind::Map, Some("name")) => {
            ": write `- ` before `name`, and indent the other fields like it".to_owned()
        }
        (Kind::Seq, Kind::Map, Some(key)) => {
            format!(
                ": write each element after `- `, with its name as a field, as in `- name: {key}`"
            )
        }
        (Kind::Seq, Kind::Scalar, _) => ": write each element after `- `".to_owned(),
        (Kind::Map, Kind::Seq, _) => ": write its fields without `- `".to_owned(),
        _ => String::new(),
    };
    let hint = format!(
        "the resource has {} here, and the patch {}{how}",
        name(expected),
        name(found.kind())
    );
    Error::new(ErrorKind::Patch, message).at(found.pos()).hint(PATCH_OF_ANOTHER_SHAPE.with(hint))
}

/// Returns the error for a key that is the empty string.
///
/// Odd: upstream takes it for the map itself (case merge/empty-key).
pub(super) fn empty_key(key: &Node) -> Error {
    let message = "wrong node kind: expected ScalarNode but got MappingNode: a key is empty";
    Error::new(ErrorKind::Patch, message).at(key.pos())
}

fn merge_maps(target: &mut Node, patch: &Node, of: Type<'_>) -> Result<Merged> {
    let of = of.or_resource([Some(target), Some(patch)]);
    let (Node::Map { map: target, .. }, Node::Map { map: patch, flow, pos }) = (target, patch)
    else {
        return Ok(Merged::Target);
    };
    match Directive::of_map(patch)? {
        Directive::Delete => Ok(Merged::Absent),
        Directive::Replace => {
            let map = without_directive(patch.clone());
            let node = Node::Map { map, flow: *flow, pos: *pos };
            // What replaces the map was a part of the patch, which is then merged with itself.
            Ok(match alone(&node, of, Side::Itself)? {
                Change::Absent => Merged::Absent,
                Change::Same => Merged::Other(node),
                Change::New(node) => Merged::Other(node),
            })
        }
        Directive::None | Directive::Merge => {
            merge_fields(target, patch, of)?;
            Ok(Merged::Target)
        }
    }
}

/// Merges the fields of a patch, and re-builds those that it does not name.
fn merge_fields(target: &mut Mapping, patch: &Mapping, of: Type<'_>) -> Result<()> {
    for Entry { key, .. } in target.iter().chain(patch.iter()) {
        match key.text() {
            None => {
                let message = yaml::wrong_kind(key, Kind::Scalar);
                return Err(Error::new(ErrorKind::Patch, message).at(key.pos()));
            }
            Some("") => return Err(empty_key(key)),
            Some(_) => {}
        }
    }
    let pairing = pair_up(target, patch);
    let patch = patch.iter().as_slice();
    let mut gone = Vec::new();
    let mut partners = pairing.partners.into_iter().peekable();
    for i in 0..target.len() {
        let entry = &target.iter().as_slice()[i];
        let partner = partners.next_if(|(of, _)| *of == i).map(|(_, j)| j);
        if partner.is_none() && stays(&entry.value) {
            continue;
        }
        let merged = match (partner, entry.key.text()) {
            (_, None) => continue,
            (Some(j), Some(name)) => {
                let of = of.field_of_both(name, entry, &patch[j]);
                merge(&mut target.entries_mut()[i].value, &patch[j].value, of)?
            }
            (None, Some(name)) => {
                match alone(&entry.value, of.field_of(name, entry), Side::Target)? {
                    Change::Same => continue,
                    Change::Absent => Merged::Absent,
                    Change::New(node) => {
                        target.entries_mut()[i].value = node;
                        continue;
                    }
                }
            }
        };
        match merged {
            Merged::Target => {}
            Merged::Absent => gone.push(i),
            Merged::Other(node) => put(&mut target.entries_mut()[i].value, node),
        }
    }
    if !gone.is_empty() {
        let (mut i, mut gone) = (0, gone.into_iter().peekable());
        target.retain(|_| {
            let goes = gone.next_if_eq(&i).is_some();
            i += 1;
            !goes
        });
    }
    for j in pairing.new_in_patch {
        let entry = &patch[j];
        let Entry { key, value } = entry;
        let Some(name) = key.text() else { continue };
        match alone(value, of.field_of(name, entry), Side::Patch)? {
            Change::Absent => {}
            Change::Same => target.push(new_key(key, value), value.clone()),
            Change::New(node) => target.push(new_key(key, &node), node),
        }
    }
    Ok(())
}

/// Which fields of two maps have the same name. Of equal names in one map the first counts.
struct Pairing {
    /// The entries of the target that the patch has too, in order, each with that of the patch.
    partners: Vec<(usize, usize)>,
    /// The entries of the patch that the target does not have.
    new_in_patch: Vec<usize>,
}

fn pair_up(target: &Mapping, patch: &Mapping) -> Pairing {
    let room = Vec::with_capacity(patch.len().min(target.len()));
    let mut pairing = Pairing { partners: room, new_in_patch: Vec::new() };
    // Odd: a directive leaves the patch when it is read, so one in the target stays as it is
    // (case merge/list-element-directive-in-base).
    let fields = patch.iter().enumerate().filter(|(_, entry)| !is_directive(&entry.key));
    let names = fields.filter_map(|(j, entry)| Some((j, entry.key.text()?)));
    if patch.len() <= FEW || (target.len() + patch.len()) * patch.len() <= SMALL {
        let is_first = |&(j, name): &(usize, &str)| {
            patch.iter().take(j).all(|earlier| earlier.key.text() != Some(name))
        };
        for (j, name) in names.filter(is_first) {
            match target.index_of(name) {
                Some(i) => pairing.partners.push((i, j)),
                None => pairing.new_in_patch.push(j),
            }
        }
        pairing.partners.sort_unstable();
        return pairing;
    }
    let mut in_patch: FxHashMap<&str, usize> = FxHashMap::default();
    for (j, name) in names {
        in_patch.entry(name).or_insert(j);
    }
    for (i, entry) in target.iter().enumerate() {
        let partner = entry.key.text().and_then(|name| in_patch.remove(name));
        pairing.partners.extend(partner.map(|j| (i, j)));
    }
    pairing.new_in_patch.extend(in_patch.into_values());
    pairing.new_in_patch.sort_unstable();
    pairing
}

/// Returns the key of a new field.
///
/// Odd: upstream makes a key of its own, without the comment behind the patch's, which counts for
/// [`comments`](crate::finish::comment_check), and without a type, which counts for [`vars`](crate::vars)
/// (case vars/made-keys-of-any-type).
fn new_key(key: &Node, value: &Node) -> Node {
    let as_it_is = value.kind() == Kind::Scalar && is_string(key);
    if as_it_is { key.clone() } else { key.clone().at(Pos::NONE) }
}

/// Makes an empty collection one in block style, as upstream's are when something is put into them.
fn unflow_empty(node: &mut Node) {
    match node {
        Node::Map { flow, map, .. } if map.is_empty() => *flow = false,
        Node::Seq { flow, items, .. } if items.is_empty() => *flow = false,
        _ => {}
    }
}

/// Puts `new` in the place of `old` and gives it the old one's style.
fn put(old: &mut Node, mut new: Node) {
    unflow_empty(old);
    if let (Node::Map { flow, .. } | Node::Seq { flow, .. }, new) = (&*old, &mut new) {
        if let Node::Map { flow: new, .. } | Node::Seq { flow: new, .. } = new {
            *new = *flow;
        }
    } else if let (
        Node::Scalar { style: old, marks: old_marks, pos: old_pos, .. },
        Node::Scalar { style, tag, marks, pos, text },
    ) = (&*old, &mut new)
    {
        // A scalar that upstream shares between several places stays shared.
        if old_pos.shared_number().is_some() {
            *pos = *old_pos;
        }
        // Odd: the value keeps its type but not its style, so a number takes over quotes, and is
        // printed as a string (see `Node::printed_tag`). Where the old tag was written out, the new one
        // is too, and counts for more than the quotes (case merge/tag-outlives-quotes).
        *marks = marks.with_tag_of(*old_marks);
        if *tag == Tag::None
            && (marks.is_tagged() || (*old == Style::Plain) != (*style == Style::Plain))
        {
            *tag = tag_of(text, *style);
        }
        *style = *old;
    }
    *old = new;
}
