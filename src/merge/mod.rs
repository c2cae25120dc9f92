//! Strategic merge: how a partial object changes a resource (docs/spec/strategic-merge.md).
//!
//! Upstream walks target and patch together and changes both in place; a few odd results come from one
//! value standing in several places at once. Here the target is changed in place, the patch never,
//! and a value that stands alone (on one side only) goes through [`one_sided`], which shares with its
//! source all that stays as it is.
//!
//! | file | what |
//! |---|---|
//! | [`pair`] | a target value and a patch value |
//! | [`one_sided`] | a value that only one side has |
//! | [`list`] | lists that merge by key, in linear time |
//! | [`irregular_list`] | the same for lists that are not in order, step by step as upstream |
//! | [`stable`] | long lists that get one short patch after the other |
//! | [`directive`] | `$patch` |
//! | [`kept`] | whether a list that takes the place of another has all that was in it, for lint |
//! | [`audit`] | what a merge loses or makes without a word, for lint |
//! | [`prepare`] | what surrounds a merge: preparing a patch, keeping the identity |

// Circle: irregular_list, list, mod, one_sided, pair, stable: what they merge is nested.
pub(crate) mod audit;
mod directive;
mod irregular_list;
mod kept;
mod key_table;
mod list;
mod one_sided;
mod pair;
mod prepare;
mod stable;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::mem;

use crate::diagnostics::Result;
use crate::limits::Account;
use crate::resource::StableLists;
use crate::schema::{Schema, TypeRef};
use crate::yaml::{Entry, Node};

pub(crate) use prepare::{Identity, Keep, Prepared, wipes_annotations, with_string_annotations};

/// Merges a patch into a resource; returns `None` for one that the patch deletes.
///
/// # Errors
/// If patch and target have different kinds of node in one place, a `$patch` directive is unknown, or
/// a list that merges by key holds something that is no map.
pub(crate) fn strategic_merge(target: Node, patch: &Node, schema: &Schema) -> Result<Option<Node>> {
    let of = Type { schema, of: None, stable: None, account: None };
    merge_as(target, patch, of)
}

/// As [`strategic_merge`], for a resource that gets several patches: `stable` is what merges into it have found
/// out of its lists. The account is charged for lists that take long.
///
/// # Errors
/// As [`strategic_merge`], and if the account does not allow it.
pub(crate) fn merge_again(
    target: Node,
    patch: &Node,
    schema: &Schema,
    stable: &mut StableLists,
    account: &Account,
) -> Result<Option<Node>> {
    let lists = RefCell::new(mem::take(stable));
    let of = Type { schema, of: None, stable: Some(&lists), account: Some(account) };
    let merged = merge_as(target, patch, of)?;
    *stable = lists.into_inner();
    Ok(merged)
}

fn merge_as(mut target: Node, patch: &Node, of: Type<'_>) -> Result<Option<Node>> {
    let merged = pair::merge(&mut target, patch, of)?;
    let merged = match merged {
        Merged::Absent => None,
        // Odd: upstream changes the resource in place and does not look at what else came out, so a
        // `$patch: replace` at the top does nothing (case patches/strategic-root-replace-does-nothing).
        Merged::Target | Merged::Other(_) => Some(target),
    };
    Ok(merged.filter(|node| node.as_map().is_none_or(|map| !map.is_empty())))
}

/// What comes out of merging a patch value into a target value.
#[derive(Debug)]
enum Merged {
    /// Nothing: the field or element goes.
    Absent,
    /// The target value, which was changed in place.
    Target,
    /// Another value instead of it.
    Other(Node),
}

/// What becomes of a value that only one side has.
#[derive(Debug)]
enum Change {
    /// It stays as it is.
    Same,
    /// It goes.
    Absent,
    /// Another value stands in its place.
    New(Node),
}

/// Returns `true` if a value is or may hold a list; types say how lists merge, and nothing else.
fn may_hold_lists(node: &Node) -> bool {
    match node {
        Node::Scalar { .. } => false,
        Node::Seq { .. } => true,
        Node::Map { map, .. } => map.iter().any(|e| !matches!(e.value, Node::Scalar { .. })),
    }
}

/// The schema, and the type of the value at hand if it is known.
#[derive(Clone, Copy)]
struct Type<'s> {
    schema: &'s Schema,
    of: Option<TypeRef<'s>>,
    /// The lists of the resource that need not be looked through, or `None` if nobody keeps them.
    stable: Option<&'s RefCell<StableLists>>,
    /// Who pays for what takes long, if anybody counts.
    account: Option<&'s Account>,
}

impl<'s> Type<'s> {
    /// Returns the type of a value: the one known from above, else its own if it is a resource.
    fn or_resource(self, nodes: [Option<&Node>; 2]) -> Type<'s> {
        if self.of.is_some() {
            return self;
        }
        let resource = |node: &Node| {
            let (api_version, kind) = (node.get("apiVersion")?.text()?, node.get("kind")?.text()?);
            self.schema.resource(api_version, kind)
        };
        Type { of: nodes.into_iter().flatten().find_map(resource), ..self }
    }

    fn field(self, name: &str) -> Type<'s> {
        Type { of: self.of.and_then(|of| of.field(name)), ..self }
    }

    /// Returns the type of a field that only one side has, if it matters.
    fn field_of(self, name: &str, entry: &Entry) -> Type<'s> {
        if !may_hold_lists(&entry.value) {
            return Type { of: None, ..self };
        }
        match self.schema.in_comment([&entry.value, &entry.key]) {
            Some(of) => Type { of: Some(of), ..self },
            None => self.field(name),
        }
    }

    /// Returns the type of a field that both sides have, if it matters.
    fn field_of_both(self, name: &str, target: &Entry, patch: &Entry) -> Type<'s> {
        if !may_hold_lists(&target.value) && !may_hold_lists(&patch.value) {
            return Type { of: None, ..self };
        }
        let places = [&target.value, &patch.value, &target.key, &patch.key];
        match self.schema.in_comment(places) {
            Some(of) => Type { of: Some(of), ..self },
            None => self.field(name),
        }
    }

    /// Returns the type of these elements: the one of all, unless a comment says otherwise.
    fn of_elements<const N: usize>(self, elements: [&Node; N]) -> Type<'s> {
        Type { of: self.schema.in_comment(elements).or(self.of), ..self }
    }

    fn element(self) -> Type<'s> {
        Type { of: self.of.and_then(TypeRef::element), ..self }
    }

    /// Returns the stable lists and the number of this type, if that number means the same for the
    /// whole build.
    fn stable(self) -> Option<(&'s RefCell<StableLists>, usize)> {
        Some((self.stable?, self.of.filter(|_| self.schema.is_builtin())?.id()))
    }

    fn merge_keys(self) -> Option<Vec<&'s str>> {
        self.of.and_then(TypeRef::merge_keys)
    }
}
