//! Pods and what makes them: the labels by which they are selected, their ports, their resources, and how many there are.

pub(in crate::checks) mod copied_selectors;
pub(in crate::checks) mod disruption_budgets;
pub(in crate::checks) mod governing_services;
pub(in crate::checks) mod label_slips;
pub(in crate::checks) mod labels;
pub(in crate::checks) mod pods;
pub(in crate::checks) mod policy_ports;
pub(in crate::checks) mod ports;
pub(in crate::checks) mod resource_amounts;
pub(in crate::checks) mod rival_scalers;
pub(in crate::checks) mod rollouts;
pub(in crate::checks) mod scalers;
pub(in crate::checks) mod schedules;
pub(in crate::checks) mod selectors;
pub(in crate::checks) mod spread_rules;
