//! How traffic gets to Pods: hosts, Services, and what routes and monitors lead to.

pub(in crate::checks) mod backends;
pub(in crate::checks) mod host_names;
pub(in crate::checks) mod monitors;
pub(in crate::checks) mod services;
