//! Hosts that objects claim, and those that their texts name.

pub(in crate::checks::across) mod claims;
pub(in crate::checks::across) mod in_texts;
pub(in crate::checks::across) mod owner;
pub(in crate::checks::across) mod unknown;
