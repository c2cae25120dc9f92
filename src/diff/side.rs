//! What is compared.

use crate::build::Build;
use crate::resource::{Resource, image_locations};
use crate::schema::Schema;
use crate::yaml::Location;

/// One side of a comparison: resources, and what is known of their kinds.
///
/// A [`Build`] knows the merge keys that its `openapi` field brings; of resources that were read, the
/// kinds of Kubernetes are known.
#[derive(Clone, Debug)]
pub struct Side<'r> {
    pub(super) resources: &'r [Resource],
    pub(super) schema: Schema,
    /// The build that they come from.
    build: Option<&'r Build>,
}

impl<'r> From<&'r Build> for Side<'r> {
    fn from(build: &'r Build) -> Side<'r> {
        Side { resources: build.resources(), schema: build.schema().clone(), build: Some(build) }
    }
}

impl<'r> From<&'r [Resource]> for Side<'r> {
    fn from(resources: &'r [Resource]) -> Side<'r> {
        Side { resources, schema: Schema::builtin(), build: None }
    }
}

impl<'r> From<&'r Vec<Resource>> for Side<'r> {
    fn from(resources: &'r Vec<Resource>) -> Side<'r> {
        Side::from(resources.as_slice())
    }
}

impl Side<'_> {
    /// Returns `true` unless the resources come from a build, which keeps them anyway.
    pub(super) fn is_read(&self) -> bool {
        self.build.is_none() && !self.resources.is_empty()
    }

    /// Returns `true` unless it is certain that no field of this name names an image.
    pub(super) fn may_name_image(&self, field: &str) -> bool {
        match self.build {
            Some(build) => build.may_name_image(field),
            None => field == "image",
        }
    }

    /// Returns where one of the resources names images.
    pub(super) fn image_locations(&self, resource: &Resource) -> Vec<Location> {
        match self.build {
            Some(build) => build.image_locations(resource),
            None => image_locations(resource),
        }
    }
}
