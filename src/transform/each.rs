//! Running field specs over all resources.

use ecow::EcoVec;

use crate::context::Context;
use crate::error::Result;
use crate::fieldspec::FieldSpec;
use crate::kustomization::FieldSpecArgs;
use crate::resource::{Resource, ResourceSet};

/// Calls `change` on every resource in order; their ids are indexed anew if one of the specs that it
/// applies may change them.
pub(super) fn change_each(
    cx: &Context,
    resources: &mut ResourceSet,
    specs: &[FieldSpec],
    mut change: impl FnMut(&mut Resource) -> Result<()>,
) -> Result<()> {
    if specs.iter().any(|spec| spec.path.may_change_id()) {
        for slot in resources.slot_numbers() {
            resources.update(slot, &cx.schema, &mut change).transpose()?;
        }
        return Ok(());
    }
    resources.iter_mut().try_for_each(change)
}

/// Returns the field specs of a plugin's config.
pub(super) fn specs_of(args: &[FieldSpecArgs]) -> EcoVec<FieldSpec> {
    args.iter().map(FieldSpec::from).collect()
}
