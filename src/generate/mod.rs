//! Generated resources.

pub(crate) mod hash;
