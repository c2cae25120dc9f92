//! The fields of custom resources, by their definitions or by what many repositories have.

pub(in crate::checks) mod fields;
pub(in crate::checks) mod well_known;
