//! The path of a field, parsed once per build.

use ecow::{EcoString, EcoVec};

/// A `/`-separated path such as `spec/template/spec/containers[]/image`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldPath {
    /// The path as written: merging of configurations compares this text.
    pub(crate) text: EcoString,
    /// Its parts, `\\/` already a plain slash.
    pub(crate) parts: EcoVec<EcoString>,
}
