//! The steps of one kustomization: what its fields lose or double, and patches, images and replacements that do nothing.

pub(crate) mod configurations;
pub(crate) mod images;
pub(crate) mod json_patch;
pub(crate) mod kustomization;
pub(in crate::checks) mod left_over_directives;
pub(in crate::checks) mod lost_fields;
pub(crate) mod overruled;
pub(crate) mod patch;
mod patch_values;
pub(in crate::checks) mod removed_containers;
pub(crate) mod replacements;
pub(crate) mod version_labels;
