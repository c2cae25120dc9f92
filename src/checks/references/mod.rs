//! Names of other objects: what the build has renamed, what is misspelled, and what stands inside of texts.

pub(in crate::checks) mod addresses;
pub(in crate::checks) mod arguments;
pub(in crate::checks) mod bare_subjects;
mod called;
pub(in crate::checks) mod dangling;
pub(in crate::checks) mod home_roles;
pub(in crate::checks) mod likely_names;
pub(in crate::checks) mod made_names;
pub(in crate::checks) mod name_lengths;
pub(in crate::checks) mod near_names;
pub(in crate::checks) mod pod_names;
pub(in crate::checks) mod renamed;
pub(in crate::checks) mod replacement_hints;
mod uses_of_names;
pub(in crate::checks) mod wrong_namespaces;
