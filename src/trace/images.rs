//! Where the images of an object stand.

use super::{FieldPath, Object};
use crate::resource::image_locations;

impl Object<'_> {
    /// Returns the fields that name images, as [`Resource::images`](crate::Resource::images) finds them;
    /// none if a step removed the object.
    pub fn images(&self) -> Vec<FieldPath> {
        let locations = self.resource().map(image_locations).unwrap_or_default();
        locations.iter().map(|location| FieldPath::at(self.tree(), location)).collect()
    }
}
