//! What is warned about on request: one folder for each subject, one file for each finding.
//!
//! Steps hand in what they know while they run ([`overlays`], [`data`]); what only the end shows is looked for in the
//! finished resources ([`output`] walks once over them, for [`fields`], [`workloads`], [`network`], [`references`],
//! [`variables`] and [`argo`]), in the folders ([`files`]), and in all roots of a call together ([`across`]). What they
//! have in common lies beside the folders. The kinds, their examples and remedies are the table in
//! [`WarningKind`](crate::WarningKind).

pub(crate) mod across;
mod argo;
pub(crate) mod data;
pub(crate) mod fields;
pub(crate) mod files;
mod finished;
pub(crate) mod known;
pub(crate) mod kubernetes;
mod label_rules;
mod network;
mod objects;
mod outline;
pub(crate) mod output;
pub(crate) mod overlays;
mod path;
mod pod_templates;
mod positions;
mod references;
mod slips;
mod variables;
mod workloads;
