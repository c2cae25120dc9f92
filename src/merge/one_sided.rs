//! A value that only one side has. Even then a merge changes it: see docs/spec/strategic-merge.md, section 6.

use ecow::EcoVec;

use super::directive::{Directive, without_directive};
use super::pair::empty_key;
use super::{Change, Type, list, stable};
use crate::diagnostics::Result;
use crate::work;
use crate::yaml::{self, Entry, Mapping, Node, Style, Tag};

/// The side that has the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The target: the patch does not reach this place.
    Target,
    /// The patch, and this is the top of what is new.
    Patch,
    /// The patch, further down. Odd: upstream has put the new value into the target already, so
    /// everything below is merged with itself (case merge/list-replace-entry-in-new-map).
    Itself,
}

impl Side {
    /// Returns the side of what is inside a value of this side.
    pub(super) fn inside(self) -> Side {
        if self == Side::Target { Side::Target } else { Side::Itself }
    }
}

/// Returns `true` if YAML 1.1 has a text for a boolean that is a string since.
fn is_old_boolean(text: &str) -> bool {
    text.len() <= "off".len()
        && text.starts_with(['y', 'Y', 'n', 'N', 'o', 'O'])
        && yaml::needs_quotes(text)
}

/// Returns `true` if a plain scalar is a string, or has no type, and YAML 1.1 reads something else in it.
fn was_no_string(tag: Tag, text: &str) -> bool {
    match tag {
        Tag::None => is_old_boolean(text),
        Tag::Str | Tag::Cleared => yaml::needs_quotes(text),
        _ => false,
    }
}

/// Returns `true` if it is easily seen that a merge which does not name a value leaves it as it is: it is
/// neither a null nor one of the old booleans, whatever its style.
#[inline]
pub(super) fn stays(node: &Node) -> bool {
    const SHORT: usize = "null".len();
    match node {
        Node::Scalar { tag: Tag::None, text, .. } => {
            let first = text.as_bytes().first();
            let is_safe = |first: &u8| !b"yYnNoO~".contains(first);
            text.len() > SHORT || first.is_some_and(is_safe)
        }
        _ => false,
    }
}

/// Returns what becomes of a value that only `side` has.
pub(super) fn alone(node: &Node, of: Type<'_>, side: Side) -> Result<Change> {
    work::node();
    match node {
        // Odd: any merge that keeps or adds a plain string puts it into quotes for good if YAML 1.1
        // reads something else in it, so that a number which a later step puts there becomes a string
        // (case merge/kept-text-is-quoted). So it does with a scalar that lost its tag in an earlier
        // step, be it a number (case merge/untagged-becomes-string), but not a date (case
        // merge/untagged-date). A tag that is written out keeps the quotes off.
        Node::Scalar { style: Style::Plain, tag, marks, text, pos }
            if !marks.is_tagged() && was_no_string(*tag, text) =>
        {
            Ok(Change::New(Node::scalar(text.clone(), Style::DoubleQuoted, Tag::None, *pos)))
        }
        Node::Scalar { text, .. } => Ok(match node.is_null() {
            // A null with a text stays, one without is lost; in a patch each means "delete".
            true if side != Side::Target || text.is_empty() => Change::Absent,
            _ => Change::Same,
        }),
        Node::Map { map, flow, pos } => {
            let of = of.or_resource([Some(node), None]);
            let directive = match side {
                Side::Target => Directive::None,
                Side::Itself => Directive::of_map(map)?,
                // Odd: an unknown directive is no error here and stays as a field
                // (case merge/map-unknown-directive-in-new-map).
                Side::Patch => Directive::of_map(map).unwrap_or(Directive::None),
            };
            let stripped = match directive {
                Directive::Delete => return Ok(Change::Absent),
                Directive::None => None,
                Directive::Merge | Directive::Replace => Some(without_directive(map.clone())),
            };
            let changed = fields(stripped.as_ref().unwrap_or(map), of, side.inside())?.or(stripped);
            Ok(changed
                .map_or(Change::Same, |map| Change::New(Node::Map { map, flow: *flow, pos: *pos })))
        }
        Node::Seq { items, flow, pos } => {
            let Some(keys) = of.merge_keys() else {
                return Ok(Change::Same);
            };
            let changed = if side == Side::Itself {
                let (directive, rest) = Directive::of_list(items)?;
                if directive == Directive::Delete {
                    return Ok(Change::Absent);
                }
                let changed = list::alone(&rest, &keys, of.element(), side)?;
                if directive == Directive::None { changed } else { changed.or(Some(rest)) }
            } else if side == Side::Target {
                stable::alone(items, &keys, of)?
            } else {
                list::alone(items, &keys, of.element(), side)?
            };
            Ok(changed.map_or(Change::Same, |items| {
                Change::New(Node::Seq { items, flow: *flow, pos: *pos })
            }))
        }
    }
}

/// Returns the fields if one of them changes.
fn fields(map: &Mapping, of: Type<'_>, side: Side) -> Result<Option<Mapping>> {
    let mut changed: Option<EcoVec<Entry>> = None;
    for (i, entry) in map.iter().enumerate() {
        let change = match entry.key.text() {
            Some("") => return Err(empty_key(&entry.key)),
            Some(name) => alone(&entry.value, of.field_of(name, entry), side)?,
            None => Change::Same,
        };
        if changed.is_none() && !matches!(change, Change::Same) {
            changed = Some(map.iter().take(i).cloned().collect());
        }
        let Some(changed) = &mut changed else {
            continue;
        };
        match change {
            Change::Same => changed.push(entry.clone()),
            Change::New(value) => changed.push(Entry { key: entry.key.clone(), value }),
            Change::Absent => {}
        }
    }
    Ok(changed.map(Mapping::from))
}
