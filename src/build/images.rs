//! The images that a build names.

use super::Build;
use crate::fieldspec::{SpecsByKind, locate};
use crate::resource::{Image, Resource, image_locations};
use crate::yaml::{Location, Node, at};

impl Build {
    /// Returns the images of all resources: those that [`Resource::images`] finds, and those in fields that the
    /// kustomizations name, by `images` in a file of `configurations` or by the `fieldSpecs` of an
    /// `ImageTagTransformer`.
    ///
    /// ```
    /// let mut files = kustom::MemoryFs::new();
    /// let top = "resources: [job.yaml]\nconfigurations: [fields.yaml]\n";
    /// files.insert("/app/kustomization.yaml", top);
    /// files.insert("/app/job.yaml", "{apiVersion: x.io/v1, kind: Job, metadata: {name: j}, spec: {runs: 'tool:1'}}");
    /// files.insert("/app/fields.yaml", "images: [{path: spec/runs, kind: Job}]");
    /// let build = kustom::Builder::new().file_system(files).build("/app")?;
    /// assert_eq!(build.images().map(|image| image.text()).collect::<Vec<_>>(), ["tool:1"]);
    /// # Ok::<(), kustom::Error>(())
    /// ```
    pub fn images(&self) -> impl Iterator<Item = Image<'_>> {
        self.resources().iter().flat_map(|resource| {
            let locations = self.image_locations(resource).into_iter();
            locations.filter_map(|location| at(&resource.node, &location)?.text().map(Image::parse))
        })
    }

    /// Returns `true` unless it is certain that no field of this name names an image.
    pub(crate) fn may_name_image(&self, field: &str) -> bool {
        !self.image_fields.is_table() || matches!(field, "image" | "reference")
    }

    /// Returns where a resource of the build names images, in order.
    pub(crate) fn image_locations(&self, resource: &Resource) -> Vec<Location> {
        let mut found = image_locations(resource);
        let gvk = resource.gvk_ref();
        // Schemas in there have properties of these names.
        if gvk.kind == "CustomResourceDefinition" {
            return found;
        }
        let is_image = |location: &Location| {
            at(&resource.node, location).and_then(Node::text).is_some_and(|text| !text.is_empty())
        };
        for spec in SpecsByKind::new(&self.image_fields).in_object(gvk, &resource.node) {
            let mut reached = Vec::new();
            locate(&resource.node, spec.path, |_| false, &mut reached);
            found.extend(reached.into_iter().filter(|location| is_image(location)));
        }
        found.sort();
        found.dedup();
        found
    }
}
