//! Field specs: which field of which kind a transformer changes (spec page field-specs).

mod kind_order;
mod path;
mod reaches;
mod walk;

pub(crate) use kind_order::{ORDER_FIRST, ORDER_LAST};
pub(crate) use path::FieldPath;
pub(crate) use reaches::reaches;
pub(crate) use walk::{Create, walk};

use crate::error::Result;
use crate::resource::{Gvk, Resource};
use crate::schema::Schema;
use crate::yaml::Node;

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

impl FieldSpec {
    /// Calls `set` on the field of a resource, whatever its kind.
    ///
    /// # Errors
    /// If the walk fails, with the field and the object in front.
    pub(crate) fn apply(
        &self,
        resource: &mut Resource,
        schema: &Schema,
        create: Create,
        set: &mut dyn FnMut(&mut Node) -> Result<()>,
    ) -> Result<()> {
        walk(&mut resource.node, &self.path, create, set).map_err(|e| {
            let (path, id) = (&self.path.text, resource.id(schema));
            e.context(format_args!("considering field '{path}' of object {id}"))
        })
    }
}

/// The fields in which other objects name objects of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameReference {
    /// The kind that is named; empty parts mean "any".
    pub(crate) gvk: Gvk,
    /// The fields that hold the name, in the order in which they are followed.
    pub(crate) fields: ecow::EcoVec<FieldSpec>,
}
