//! Which fields of compared objects name images.

use std::collections::BTreeSet;

use super::deep::DEEPEST;
use super::side::Side;
use crate::resource::Resource;
use crate::yaml::{Node, at, max_depth};

/// Which fields of an object name images: their names and what they say, on either side. Of a difference that was
/// read from JSON that is not known; then those named `image` do.
#[derive(Clone, Debug, Default)]
pub(super) struct Images(Option<BTreeSet<(String, String)>>);

/// What is derived from the objects does not count when differences are compared.
impl PartialEq for Images {
    fn eq(&self, _: &Images) -> bool {
        true
    }
}

impl Images {
    /// Returns that no field does.
    pub(super) fn none() -> Images {
        Images(Some(BTreeSet::new()))
    }

    /// Finds the images of an object on both sides, by the rule of [`Build::images`](crate::Build::images).
    pub(super) fn of(pair: [Option<&Resource>; 2], sides: &[Side<'_>; 2]) -> Images {
        let mut found = BTreeSet::new();
        for (resource, side) in pair.into_iter().zip(sides) {
            let Some(resource) = resource.filter(|r| max_depth(&r.node) <= DEEPEST) else {
                continue;
            };
            for location in side.image_locations(resource) {
                let key = key_at(&resource.node, &location).unwrap_or_default();
                let text = at(&resource.node, &location).and_then(Node::text);
                found.extend(text.map(|text| (key.to_owned(), text.to_owned())));
            }
        }
        Images(Some(found))
    }

    /// Returns `false` if it is certain that no field does.
    pub(super) fn may_be_any(&self) -> bool {
        self.0.as_ref().is_none_or(|found| !found.is_empty())
    }

    /// Returns what it takes in memory, with what it makes of the table of images, about.
    pub(super) fn size(&self) -> u64 {
        const EACH: u64 = 500;
        let texts =
            self.0.iter().flatten().map(|(key, text)| key.len() as u64 + 2 * text.len() as u64);
        texts.map(|length| EACH + length).sum()
    }

    /// Returns `true` if a field with this text names an image.
    pub(super) fn has(&self, field: &str, text: &str) -> bool {
        match &self.0 {
            Some(found) => found.contains(&(field.to_owned(), text.to_owned())),
            None => field == "image",
        }
    }
}

/// Returns the last key on the way to a place.
fn key_at<'n>(root: &'n Node, location: &[u32]) -> Option<&'n str> {
    (0..location.len()).rev().find_map(|end| {
        let map = at(root, &location[..end])?.as_map()?;
        map.iter().nth(*location.get(end)? as usize)?.key.text()
    })
}
