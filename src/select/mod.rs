//! Selecting resources: patterns, label selectors, and the two of them as the target of a patch
//! (docs/spec/patches-targets.md).

mod dotted;
mod label;
mod machine;
mod pattern;
mod patterns;
mod re2;
mod re2_class;
mod re2_height;
mod re2_names;
mod target;
mod wildcard;

pub(crate) use dotted::{is_dotted, is_in as is_dotted_in};
pub(crate) use label::LabelSelector;
pub(crate) use pattern::Pattern;
pub(crate) use patterns::{Patterns, Program};
pub(crate) use re2::{is_special, translate};
pub(crate) use target::{IdPatterns, MetadataSelector, TargetSelector, Wrong, candidates};
