//! Where the images of an object stand, and which entry of `images` decided one.

use std::sync::Arc;

use super::blame::{Blame, field_at};
use super::change::Change;
use super::{FieldPath, Object};
use crate::build::recorder::Step;
use crate::transform::ImageEntries;
use crate::yaml::{Node, Pos};

impl Object<'_> {
    /// Returns the fields that name images, as [`Build::images`](crate::Build::images) finds them; none if a
    /// step removed the object.
    pub fn images(&self) -> Vec<FieldPath> {
        let Some(resource) = self.resource() else { return Vec::new() };
        let locations = self.build().image_locations(resource);
        locations.iter().map(|location| FieldPath::at(self.tree(), location)).collect()
    }
}

impl Blame<'_> {
    /// Returns the place of the field that decided what an `images` step made of an image, and its path: the
    /// version if that changed.
    pub(super) fn image_entry(&self, step: &Step, change: &Change) -> Option<(Pos, String)> {
        if step.field != "images" || step.config.is_some() {
            return None;
        }
        let before = change.before.as_ref()?.text()?;
        let images = &self.layer(step.layer)?.kustomization.images;
        let entries = || images.iter().map(|image| image.value.clone()).collect();
        let entries =
            self.trace.image_entries.get(step.layer, || Arc::new(ImageEntries::new(entries())));
        let (i, field) = entries.deciding(before)?;
        let entry = images.get(i)?;
        let documents = self.trace.files.documents(&self.layer(step.layer)?.file).ok();
        let list = |field: &str| field_at(documents.as_ref()?.first()?, field);
        // The build reads those of the old name behind the others.
        let (new, old) = (list("images"), list("imageTags"));
        let value = items(&new).iter().chain(items(&old)).nth(i).and_then(|node| {
            let value = |field: &str| {
                let mut entries = node.as_map()?.iter().rev();
                let is_it = |key: &str| key.eq_ignore_ascii_case(field);
                Some(&entries.find(|entry| entry.key.text().is_some_and(is_it))?.value)
            };
            // It may be that another spelling of the field decides.
            value("name").filter(|name| name.text() == Some(&entry.name))?;
            Some(value(field)?.pos())
        });
        let pos = value.filter(|pos| pos.is_some()).unwrap_or(entry.pos);
        Some((pos, format!("images[{i}].{field}")))
    }
}

/// Returns the items of a list; none if there is no list.
fn items(list: &Option<Node>) -> &[Node] {
    list.as_ref().and_then(Node::as_seq).map_or(&[], |items| items.as_slice())
}
