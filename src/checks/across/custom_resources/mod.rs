//! The fields of custom resources, by their definitions or by what many repositories have.

pub(in crate::checks::across) mod fields;
pub(in crate::checks::across) mod well_known;
