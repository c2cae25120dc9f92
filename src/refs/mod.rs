//! Name references: who names a renamed resource gets its new name (spec page name-references).
//!
//! Runs once, on the final resources of the build. Upstream builds a set of candidates for every
//! referrer and every field; here one index from former names to resources is made, and the rules
//! are asked only for the references that hit it.

mod bucket;
mod referral;
mod referrer;
mod select;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::fieldspec::{ByKind, Create, PathRef, PathTree, ReferenceList};
use crate::resource::{GvkRef, Resource, ResourceSet};
use crate::yaml::{Kind, Node};
use referral::Referrals;
use referrer::{Referrer, role_of};
use select::Reference;

/// What the name references of one kind take.
struct OfKind<'a> {
    /// The fields that hold names, in the order in which they are fixed, and the kinds that they name.
    fields: Vec<(PathRef<'a>, GvkRef<'a>)>,
    paths: PathTree<'a>,
}

/// Puts the current names of all renamed resources where the old ones are used.
///
/// # Errors
/// If a reference has several possible referrals, or a field is not what its path expects.
pub(crate) fn fix(cx: &Context, references: &ReferenceList, set: &mut ResourceSet) -> Result<()> {
    let referrals = Referrals::new(cx, set, references.is_to_any_kind());
    let mut kinds = ByKind::new();
    for slot in set.slot_numbers() {
        let Some(resource) = set.get(slot) else {
            continue;
        };
        let of_kind = kinds.of(resource.api_version(), resource.original_kind(), |gvk| {
            let fields = references.of_kind(gvk);
            OfKind { paths: PathTree::new(fields.iter().map(|(path, _)| *path)), fields }
        });
        if !of_kind.fields.is_empty() {
            of_kind.fix(cx, &referrals, set, slot)?;
        }
    }
    Ok(())
}

impl OfKind<'_> {
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
        check_api_version(resource)?;
        let concern = &mut |leaf: &Node| referrals.concern(leaf);
        let mut reached = self.paths.reached(&resource.node, concern);
        // What is wrong with a binding is said in any case.
        if !reached.contains(&true) && resource.kind() != "RoleBinding" {
            return Ok(());
        }
        let referrer = Referrer::new(cx, resource)?;
        for (i, &(path, target)) in self.fields.iter().enumerate() {
            let Some(resource) = set.get(slot).filter(|_| reached.get(i) == Some(&true)) else {
                continue;
            };
            let reference = Reference {
                referrals,
                referrer: &referrer,
                target,
                role: role_of(resource, path.text),
            };
            let mut all_scalars = true;
            let change = |resource: &mut Resource| {
                let mut fix = |leaf: &mut Node| {
                    all_scalars &= leaf.kind() == Kind::Scalar;
                    reference.fix(leaf)
                };
                path.apply(resource, &cx.schema, Create::No, &mut fix).map_err(|e| {
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
                reached = self.paths.reached(&resource.node, concern);
            }
        }
        Ok(())
    }
}

/// Odd: refuses a written null as `apiVersion` of whatever may hold names (case
/// refs/null-api-version).
fn check_api_version(resource: &Resource) -> Result<()> {
    let written = resource.node.get("apiVersion").filter(|value| value.is_null());
    match written.map(|null| (null.pos(), null.text().unwrap_or_default())) {
        None | Some((_, "")) => Ok(()),
        Some((pos, text)) => {
            let message = format!("node-referrerOriginal 'APIVersion' mismatch '' != '{text}'");
            Err(wrong(message).at(pos).hint("give the object a version, such as `v1`"))
        }
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Reference, message)
}

#[cfg(test)]
mod tests;
