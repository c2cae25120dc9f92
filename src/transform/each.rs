//! What steps that change every resource share.

use ecow::EcoVec;

use crate::build_context::Context;
use crate::diagnostics::Result;
use crate::fieldspec::{FieldSpec, SpecList, SpecRef, SpecsByKind};
use crate::kustomization::FieldSpecArgs;
use crate::resource::{Resource, ResourceSet};

/// Calls `change` on every resource in order, with the specs that apply to its kind; its ids are
/// indexed anew if one of these may change them.
pub(super) fn change_each(
    cx: &Context,
    resources: &mut ResourceSet,
    specs: &SpecList,
    mut change: impl FnMut(&mut Resource, &[SpecRef<'_>]) -> Result<()>,
) -> Result<()> {
    let mut specs = SpecsByKind::new(specs);
    for slot in resources.slot_numbers() {
        let Some(resource) = resources.get_mut(slot) else {
            continue;
        };
        let of_kind = specs.of(resource.gvk_ref());
        if may_change_id(of_kind) {
            let change = |resource: &mut Resource| change(resource, of_kind);
            resources.update(slot, &cx.schema, change).transpose()?;
        } else {
            change(resource, of_kind)?;
        }
    }
    Ok(())
}

/// Returns `true` if one of the specs may change the id of an object.
pub(super) fn may_change_id(specs: &[SpecRef<'_>]) -> bool {
    specs.iter().any(|spec| spec.path.may_change_id())
}

/// Returns the field specs of a plugin's config.
pub(super) fn specs_of(args: &[FieldSpecArgs]) -> EcoVec<FieldSpec> {
    args.iter().map(FieldSpec::from).collect()
}
