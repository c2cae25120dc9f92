//! Hosts that objects claim, and those that their texts name.

pub(in crate::checks) mod claims;
pub(in crate::checks) mod in_texts;
pub(in crate::checks) mod owner;
mod services;
pub(in crate::checks) mod unknown;
