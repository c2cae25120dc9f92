//! ConfigMaps and Secrets: the files that they are generated from, their keys, and the Pods that want them.

pub(in crate::checks) mod asked_keys;
pub(in crate::checks) mod data_maps;
pub(in crate::checks) mod env_files;
pub(crate) mod generated;
pub(in crate::checks) mod made_keys;
pub(in crate::checks) mod near_keys;
pub(in crate::checks) mod secret_types;
pub(in crate::checks) mod value_files;
pub(in crate::checks) mod wanted_keys;
