//! What is warned about on request: one file for each subject.
//!
//! Steps hand in what they know while they run ([`patch`], [`json_patch`], [`file`]); what can be told only
//! at the end is looked for in the finished resources ([`output`]) and in the folders ([`folders`]). The
//! kinds, their examples and remedies are the table in [`WarningKind`](crate::WarningKind).

pub(crate) mod across;
mod addresses;
mod amounts;
mod application_sets;
mod backends;
pub(crate) mod configurations;
pub(crate) mod copied;
mod data_keys;
mod directives;
mod elsewhere;
mod enumerated;
mod env_files;
pub(crate) mod file;
pub(crate) mod folders;
mod formats;
pub(crate) mod generated;
pub(crate) mod gitops;
mod governing;
mod guesses;
mod hosts;
pub(crate) mod images;
pub(crate) mod json_patch;
pub(crate) mod kinds;
pub(crate) mod kubernetes;
pub(crate) mod layer;
mod leaves;
mod listing;
mod monitors;
mod near_names;
mod newer_fields;
pub(crate) mod output;
pub(crate) mod overruled;
pub(crate) mod patch;
mod path;
mod places;
mod pods;
mod ports;
mod rbac;
mod references;
pub(crate) mod replacements;
mod required;
mod rollouts;
mod schedules;
mod selectors;
mod services;
mod stages;
mod twice;
mod types;
mod unions;
mod unknown_fields;
mod values;
mod variables;
mod vars;
pub(crate) mod versioned;
mod versions;
