//! What files and folders say by themselves: empty files, files that nothing names, what Flux and Argo CD name, and values
//! that one overlay has of another.

pub(crate) mod copied_values;
pub(crate) mod documents;
pub(crate) mod gitops;
pub(in crate::checks) mod listing;
pub(in crate::checks) mod overlay_texts;
pub(in crate::checks) mod stages;
pub(crate) mod unreached;
