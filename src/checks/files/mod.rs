//! What files and folders say by themselves: empty files, files that nothing names, what Flux and Argo CD name, and values
//! that one overlay has of another.

mod comments;
mod configured;
pub(crate) mod copied_values;
pub(crate) mod deployed;
pub(crate) mod documents;
pub(crate) mod gitops;
mod left_aside;
pub(in crate::checks) mod listing;
pub(crate) mod mentions;
pub(crate) mod no_change;
pub(in crate::checks) mod overlay_texts;
pub(in crate::checks) mod path_parts;
pub(in crate::checks) mod stages;
pub(crate) mod unreached;
