//! ConfigMaps and Secrets of a build, and the containers that use them.

use rustc_hash::FxHashMap;

use crate::resource::Resource;

/// The objects with data of a build, by kind, namespace and name.
pub(in crate::checks) type Maps<'a> = FxHashMap<(&'a str, &'a str, &'a str), &'a Resource>;
