//! Name references: who names a renamed resource gets its new name (docs/spec/name-references.md).
//!
//! Runs once, on the final resources of the build. Upstream builds a set of candidates for every
//! referrer and every field; here one index from former names to resources is made, and the rules
//! are asked only for the references that hit it.

mod bucket;
mod referral;
mod referral_index;
mod referrer;
mod select;

use std::borrow::Cow;

use crate::build_context::Context;
use crate::diagnostics::hints::OBJECT_WITHOUT_VERSION;
use crate::diagnostics::{Error, Result};
use crate::fieldspec::{Create, ReferenceList, SpecRef, SpecTree, reaches};
use crate::resource::{Gvk, GvkRef, Resource, ResourceSet};
use crate::yaml::{Kind, Node};
use referral_index::Referrals;
use referrer::{Referrer, role_of, wrong};
use select::Reference;

/// The fields that hold names, in the order in which they are fixed.
struct Fields<'a> {
    fields: Cow<'a, [SpecRef<'a>]>,
    /// The kind that each of them names.
    targets: Cow<'a, [GvkRef<'a>]>,
    tree: SpecTree<'a>,
}

/// Puts the current names of all renamed resources where the old ones are used.
///
/// # Errors
/// If a reference has several possible referrals, or a field is not what its path expects.
pub(crate) fn fix(cx: &Context, references: &ReferenceList, set: &mut ResourceSet) -> Result<()> {
    let fields = Fields::new(references);
    let to_any_kind = fields.targets.iter().any(|target| target.kind.is_empty());
    let referrals = Referrals::new(cx, set, to_any_kind);
    set.slot_numbers().try_for_each(|slot| fields.fix(cx, &referrals, set, slot))
}

impl<'a> Fields<'a> {
    fn new(references: &'a ReferenceList) -> Fields<'a> {
        let fields = references.fields();
        Fields { targets: references.targets(), tree: references.tree(&fields), fields }
    }

    /// Returns the numbers of the fields of an object that hold something of concern.
    fn reached(
        &self,
        gvk: GvkRef<'_>,
        object: &Node,
        concern: &mut dyn FnMut(&Node) -> bool,
    ) -> Vec<usize> {
        let mut reached = self.tree.find(gvk.kind, object, concern);
        reached.retain(|&i| {
            self.fields.get(i).is_some_and(|field| {
                gvk.is_selected_by(field.gvk)
                    && (field.path.is_keys() || reaches(object, field.path, concern))
            })
        });
        reached
    }

    /// Fixes the references of one resource.
    fn fix(
        &self,
        cx: &Context,
        referrals: &Referrals,
        set: &mut ResourceSet,
        slot: usize,
    ) -> Result<()> {
        let Some(resource) = set.get(slot) else {
            return Ok(());
        };
        let gvk = GvkRef::parse(resource.api_version(), resource.original_kind());
        let holds_names = || self.fields.iter().any(|field| gvk.is_selected_by(field.gvk));
        if gvk.version.is_empty()
            && let Some(null) = null_api_version(resource)
            && holds_names()
        {
            return Err(null);
        }
        let concern = &mut |leaf: &Node| referrals.concern(leaf);
        let mut reached = self.reached(gvk, &resource.node, concern);
        // What is wrong with a binding is said in any case.
        if reached.is_empty() && (resource.kind() != "RoleBinding" || !holds_names()) {
            return Ok(());
        }
        let gvk = Gvk::from(gvk);
        let referrer = Referrer::new(cx, resource)?;
        let mut next = 0;
        while let Some(&i) = reached.get(reached.partition_point(|&i| i < next)) {
            next = i + 1;
            let (Some(field), Some(&target), Some(resource)) =
                (self.fields.get(i), self.targets.get(i), set.get(slot))
            else {
                break;
            };
            let path = field.path;
            let role = role_of(resource, path.text);
            let reference = Reference { referrals, referrer: &referrer, target, role };
            let mut all_scalars = true;
            let change = |resource: &mut Resource| {
                let mut fix = |leaf: &mut Node| {
                    all_scalars &= leaf.kind() == Kind::Scalar;
                    reference.fix(leaf)
                };
                path.apply(resource, cx, Create::No, &mut fix).map_err(|e| {
                    let id = resource.id(&cx.schema);
                    e.context(format_args!(
                        "updating name reference in '{}' field of '{id}'",
                        path.text
                    ))
                    .at(resource.node.pos())
                })
            };
            let fixed = if path.may_change_id() {
                set.update(slot, &cx.schema, change)
            } else {
                set.get_mut(slot).map(change)
            };
            fixed.unwrap_or(Ok(()))?;
            // What was written may be a former name of something else. Of a scalar that is known: the
            // fields that hold it are reached for its old name already.
            if let Some(resource) = set.get(slot).filter(|_| !all_scalars) {
                reached = self.reached(gvk.borrowed(), &resource.node, concern);
            }
        }
        Ok(())
    }
}

/// Odd: what may hold names is refused if its `apiVersion` is a written null (case
/// refs/null-api-version).
fn null_api_version(resource: &Resource) -> Option<Error> {
    let null = resource.node.get("apiVersion").filter(|value| value.is_null())?;
    let text = null.text().filter(|text| !text.is_empty())?;
    let message = format!("node-referrerOriginal 'APIVersion' mismatch '' != '{text}'");
    Some(wrong(message).at(null.pos()).hint(&OBJECT_WITHOUT_VERSION))
}

#[cfg(test)]
mod tests;
