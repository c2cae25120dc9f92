//! Names of objects that other roots may have: the table of what refers to what, and the names that none has.

pub(in crate::checks) mod known;
pub(in crate::checks) mod rare;
pub(in crate::checks) mod table;
pub(in crate::checks) mod unknown;
