//! The container images that change, which reviewers look for first.

use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::image_fields::Images;
use super::mask::MASK;
use super::model::{Diff, FieldChange, ObjectId, ResourceDiff};
use super::side::Side;

/// A container image that changes, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImageDiff {
    /// The image before, unless a container was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The image after, unless a container was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The objects that have it, sorted.
    pub objects: Vec<ObjectId>,
}

impl Diff {
    /// Returns the images that change, each change once: of builds what [`Build::images`](crate::Build::images) finds, and
    /// of resources that were read what [`Resource::images`](crate::Resource::images) does.
    pub fn images(&self) -> Vec<ImageDiff> {
        let mut found: IndexMap<(Option<String>, Option<String>), IndexSet<ObjectId>> =
            IndexMap::new();
        for resource in &self.resources {
            let Some(id) = resource.id() else { continue };
            let mut add = |before: Option<&str>, after: Option<&str>| {
                if before != after {
                    let images = (before.map(str::to_owned), after.map(str::to_owned));
                    let objects = found.entry(images).or_default();
                    if !objects.contains(id) {
                        objects.insert(id.clone());
                    }
                }
            };
            let images = &resource.images;
            for field in &resource.fields {
                let name = field.path.name().unwrap_or_default();
                match (&field.before, &field.after) {
                    (Some(Value::String(before)), Some(Value::String(after))) => {
                        let has = |text| images.has(name, text);
                        if !field.masked && has(before) && has(after) {
                            add(Some(before), Some(after));
                        }
                    }
                    (before, after) => {
                        let (before, after) = (before.iter(), after.iter());
                        before.for_each(|v| walk(v, name, images, &mut |i| add(Some(i), None)));
                        after.for_each(|v| walk(v, name, images, &mut |i| add(None, Some(i))));
                    }
                }
            }
            if let Some(object) = resource.object.as_ref().filter(|_| images.may_be_any()) {
                walk(&object.value(), "", images, &mut |image| match resource.before {
                    None => add(None, Some(image)),
                    Some(_) => add(Some(image), None),
                });
            }
        }
        // An image that only changes its place is no news.
        let moved = |images: &(Option<String>, Option<String>)| {
            let back = (images.1.clone(), images.0.clone());
            (images.0.is_none() || images.1.is_none()) && found.contains_key(&back)
        };
        let news = found.iter().filter(|(images, _)| !moved(images));
        let change = |((before, after), objects): (&(_, _), &IndexSet<_>)| ImageDiff {
            before: Option::clone(before),
            after: Option::clone(after),
            objects: objects.iter().cloned().collect(),
        };
        news.map(change).collect()
    }
}

impl ResourceDiff {
    /// Returns `true` unless it is certain that no image changes.
    pub(super) fn may_change_image(&self, sides: &[Side<'_>; 2]) -> bool {
        self.object.is_some() || self.fields.iter().any(|change| may_be_image(change, sides))
    }
}

/// Returns `true` unless it is certain that a change is none of an image.
fn may_be_image(change: &FieldChange, sides: &[Side<'_>; 2]) -> bool {
    let holds_more =
        |value: &Option<Value>| matches!(value, Some(Value::Object(_) | Value::Array(_)));
    let name = change.path.name().unwrap_or_default();
    holds_more(&change.before)
        || holds_more(&change.after)
        || sides.iter().any(|side| side.may_name_image(name))
}

impl ImageDiff {
    /// Returns the name of the image without tag and digest.
    pub fn name(&self) -> &str {
        self.after.as_deref().or(self.before.as_deref()).map_or("", |image| split(image).0)
    }
}

/// Splits an image into its name and its tag or digest or both.
pub(super) fn split(image: &str) -> (&str, &str) {
    let slash = image.rfind('/').map_or(0, |i| i + 1);
    match image[slash..].find([':', '@']) {
        Some(i) => (&image[..slash + i], &image[slash + i + 1..]),
        None => (image, ""),
    }
}

/// Calls `add` for the images inside the value of a field.
fn walk(value: &Value, field: &str, images: &Images, add: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) if text != MASK && !text.is_empty() && images.has(field, text) => {
            add(text);
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, field, images, add)),
        Value::Object(map) => {
            map.iter().for_each(|(name, value)| walk(value, name, images, add));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn images_have_names_tags_and_digests() {
        assert_eq!(split("r.io:5000/a/b:1"), ("r.io:5000/a/b", "1"));
        assert_eq!(split("a@sha256:0"), ("a", "sha256:0"));
        assert_eq!(split("a:1@sha256:0"), ("a", "1@sha256:0"));
        assert_eq!(split("r.io:5000/a"), ("r.io:5000/a", ""));
    }
}
