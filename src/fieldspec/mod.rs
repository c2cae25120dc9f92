//! Field specs: which field of which kind a transformer changes (spec page field-specs).

pub(crate) mod kind_order;
mod path;
mod reaches;
mod walk;

pub(crate) use path::FieldPath;
pub(crate) use reaches::reaches;
pub(crate) use walk::{Create, walk};

use crate::resource::Gvk;

/// A field of the objects that `gvk` selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldSpec {
    /// The objects; empty parts mean "any".
    pub(crate) gvk: Gvk,
    /// The field.
    pub(crate) path: FieldPath,
    /// Whether a missing field is to be created.
    pub(crate) create: bool,
}
