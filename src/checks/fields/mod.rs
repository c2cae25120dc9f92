//! The fields of finished objects: unknown ones, missing ones, and values that the API server refuses.

pub(in crate::checks) mod enumerated;
pub(in crate::checks) mod field_places;
pub(in crate::checks) mod formats;
pub(crate) mod kinds;
pub(in crate::checks) mod newer;
pub(in crate::checks) mod rbac;
pub(in crate::checks) mod refused_settings;
pub(in crate::checks) mod refused_values;
pub(in crate::checks) mod required;
pub(in crate::checks) mod types;
pub(in crate::checks) mod unions;
pub(in crate::checks) mod unique_names;
pub(in crate::checks) mod unknown;
pub(in crate::checks) mod versions;
