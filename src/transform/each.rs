//! What steps that change every resource share.

use ecow::EcoVec;

use crate::context::Context;
use crate::error::Result;
use crate::fieldspec::{FieldSpec, SpecList, SpecsByKind};
use crate::kustomization::FieldSpecArgs;
use crate::resource::{Resource, ResourceSet};

/// Calls `change` on every resource in order, with the specs that apply to its kind; its ids are
/// indexed anew if one of these may change them.
pub(super) fn change_each(
    cx: &Context,
    resources: &mut ResourceSet,
    specs: &SpecList,
    mut change: impl FnMut(&mut Resource, &[FieldSpec]) -> Result<()>,
) -> Result<()> {
    let mut specs = SpecsByKind::new(specs);
    for slot in resources.slot_numbers() {
        let Some(resource) = resources.get_mut(slot) else {
            continue;
        };
        let of_kind = specs.of(resource.api_version(), resource.kind());
        if of_kind.may_change_id {
            let change = |resource: &mut Resource| change(resource, &of_kind.specs);
            resources.update(slot, &cx.schema, change).transpose()?;
        } else {
            change(resource, &of_kind.specs)?;
        }
    }
    Ok(())
}

/// Returns the field specs of a plugin's config.
pub(super) fn specs_of(args: &[FieldSpecArgs]) -> EcoVec<FieldSpec> {
    args.iter().map(FieldSpec::from).collect()
}
