//! Objects of Argo CD: the templates and revisions of ApplicationSets, and policies.

pub(in crate::checks) mod application_sets;
pub(in crate::checks) mod policies;
pub(in crate::checks) mod revisions;
