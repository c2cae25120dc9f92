//! Name references: who names a renamed resource gets its new name (spec page name-references).
//!
//! Runs once, on the final resources of the build. Upstream builds a set of candidates for every
//! referrer and every field; here one index from former names to resources is made, and the rules
//! are asked only for the references that hit it.

mod bucket;
mod referral;
mod referrer;
mod select;

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::fieldspec::{Create, FieldSpec, NameReference, reaches};
use crate::resource::{Gvk, Resource, ResourceSet};
use crate::yaml::Node;
use referral::Referrals;
use referrer::{Referrer, role_of};
use select::Reference;

/// A field of the kind at hand, and the kind of what it names.
#[derive(Clone, Copy)]
struct Filter<'a> {
    field: &'a FieldSpec,
    target: &'a Gvk,
}

/// Puts the current names of all renamed resources where the old ones are used.
///
/// # Errors
/// If a reference has several possible referrals, or a field is not what its path expects.
pub(crate) fn fix(cx: &Context, references: &[NameReference], set: &mut ResourceSet) -> Result<()> {
    let any_kind = references.iter().any(|reference| reference.gvk.kind.is_empty());
    let referrals = Referrals::new(cx, set, any_kind);
    let mut queues: FxHashMap<Gvk, Rc<[Filter]>> = FxHashMap::default();
    for slot in set.slot_numbers() {
        let Some(resource) = set.get(slot) else {
            continue;
        };
        let gvk = resource.original_id(&cx.schema).gvk;
        let filters = Rc::clone(queues.entry(gvk).or_insert_with_key(|gvk| queue(references, gvk)));
        if filters.is_empty() {
            continue;
        }
        let referrer = Referrer::new(cx, resource)?;
        for filter in filters.iter() {
            let Some(resource) = set.get(slot) else {
                continue;
            };
            if !reaches(&resource.node, &filter.field.path, &mut |leaf| referrals.concern(leaf)) {
                continue;
            }
            let reference = Reference {
                referrals: &referrals,
                referrer: &referrer,
                target: filter.target,
                role: role_of(resource, &filter.field.path.text),
            };
            let change = |resource: &mut Resource| {
                let mut fix = |leaf: &mut Node| reference.fix(leaf);
                filter.field.apply(resource, &cx.schema, Create::No, &mut fix).map_err(|e| {
                    let (path, id) = (&filter.field.path.text, resource.id(&cx.schema));
                    e.context(format_args!("updating name reference in '{path}' field of '{id}'"))
                        .at(resource.node.pos())
                })
            };
            let fixed = if filter.field.path.may_change_id() {
                set.update(slot, &cx.schema, change)
            } else {
                set.get_mut(slot).map(change)
            };
            fixed.unwrap_or(Ok(()))?;
        }
    }
    Ok(())
}

/// Returns the fields of a kind that hold names, in the order in which they are fixed.
fn queue<'a>(references: &'a [NameReference], gvk: &Gvk) -> Rc<[Filter<'a>]> {
    let fields = |reference: &'a NameReference| {
        let target = &reference.gvk;
        reference
            .fields
            .iter()
            .filter(|field| gvk.is_selected_by(&field.gvk))
            .map(move |field| Filter { field, target })
    };
    references.iter().flat_map(fields).collect()
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Reference, message)
}

#[cfg(test)]
mod tests;
