//! Names of objects that other roots may have: the table of what refers to what, and the names that none has.

pub(in crate::checks::across) mod known;
pub(in crate::checks::across) mod rare;
pub(in crate::checks::across) mod table;
pub(in crate::checks::across) mod unknown;
