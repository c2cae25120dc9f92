//! `source.kustomize`: what Argo CD writes into the kustomization before it builds, in its order.

use serde_json::{Map, Value as Json, json};

use super::environment::{Environment, expand};
use crate::document;
use crate::functions::kind;

/// Returns the kustomization with the overrides of an Application, or none if these change nothing.
pub(super) fn apply(
    kustomization: &[u8],
    overrides: &Json,
    environment: &Environment,
    exists: &dyn Fn(&str) -> bool,
) -> Result<Option<Vec<u8>>, String> {
    let mut file = match document::read(kustomization)? {
        Json::Object(file) => file,
        Json::Null => Map::new(),
        other => return Err(format!("the kustomization is {}, not a map", kind(&other))),
    };
    let before = file.clone();
    let mut edit = Edit { file: &mut file, overrides, environment };
    edit.text("namePrefix");
    edit.text("nameSuffix");
    edit.images()?;
    edit.replicas()?;
    edit.labels()?;
    edit.annotations()?;
    edit.text("namespace");
    edit.patches()?;
    edit.components(exists)?;
    Ok((file != before).then(|| Json::Object(file).to_string().into_bytes()))
}

struct Edit<'a> {
    file: &'a mut Map<String, Json>,
    overrides: &'a Json,
    environment: &'a Environment,
}

impl Edit<'_> {
    fn is_on(&self, key: &str) -> bool {
        self.overrides.get(key) == Some(&Json::Bool(true))
    }

    fn given(&self, key: &str) -> &[Json] {
        self.overrides.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }

    /// Sets a field to a text, if there is one.
    fn text(&mut self, key: &str) {
        if let Some(text) = self.overrides.get(key).and_then(Json::as_str).filter(|t| !t.is_empty())
        {
            self.file.insert(key.to_owned(), text.into());
        }
    }

    /// Returns a list of the file, made if it is missing.
    fn list(&mut self, key: &str) -> Result<&mut Vec<Json>, String> {
        let value = self.file.entry(key).or_insert_with(|| json!([]));
        if value.is_null() {
            *value = json!([]);
        }
        value.as_array_mut().ok_or_else(|| format!("`{key}` is not a list"))
    }

    fn images(&mut self) -> Result<(), String> {
        for image in self.given("images").to_vec() {
            let Some(text) = image.as_str() else {
                return Err("an image is not a string".to_owned());
            };
            let text = expand(text, self.environment);
            let wanted = image_entry(&text).ok_or_else(|| format!("invalid image {text:?}"))?;
            let list = self.list("images")?;
            match list.iter_mut().find(|entry| entry.get("name") == wanted.get("name")) {
                Some(entry) => *entry = kept_parts(wanted, entry),
                None => list.push(kept_parts(wanted, &Json::Null)),
            }
            // Upstream writes the list in this order.
            list.sort_by(|a, b| name_of(a).cmp(name_of(b)));
        }
        Ok(())
    }

    fn replicas(&mut self) -> Result<(), String> {
        for replica in self.given("replicas").to_vec() {
            let name = replica.get("name").cloned().unwrap_or(Json::Null);
            // A count may be a text.
            let count = match replica.get("count") {
                Some(Json::String(text)) => text.parse::<i64>().ok(),
                Some(Json::Number(number)) => number.as_i64(),
                _ => None,
            };
            let count =
                count.ok_or_else(|| format!("replicas: the count of {name} is no number"))?;
            let entry = json!({"name": name, "count": count});
            let list = self.list("replicas")?;
            match list.iter_mut().find(|old| old.get("name") == entry.get("name")) {
                Some(old) => *old = entry,
                None => list.push(entry),
            }
        }
        Ok(())
    }

    /// Adds to a map of texts; a key that is there already is an error unless forced.
    fn add(
        into: &mut Map<String, Json>,
        key: &str,
        value: String,
        what: &str,
        force: bool,
    ) -> Result<(), String> {
        if into.contains_key(key) && !force {
            return Err(format!("{what} {key} already in kustomization file"));
        }
        into.insert(key.to_owned(), value.into());
        Ok(())
    }

    fn map(&mut self, key: &str) -> Result<&mut Map<String, Json>, String> {
        let value = self.file.entry(key).or_insert_with(|| json!({}));
        if value.is_null() {
            *value = json!({});
        }
        value.as_object_mut().ok_or_else(|| format!("`{key}` is not a map"))
    }

    fn labels(&mut self) -> Result<(), String> {
        let Some(Json::Object(labels)) = self.overrides.get("commonLabels") else { return Ok(()) };
        let force = self.is_on("forceCommonLabels");
        let without_selector = self.is_on("labelWithoutSelector");
        let include_templates = self.is_on("labelIncludeTemplates");
        for (key, value) in labels {
            let value = expand(value.as_str().unwrap_or_default(), self.environment);
            if !without_selector {
                Self::add(self.map("commonLabels")?, key, value, "label", force)?;
                continue;
            }
            let list = self.list("labels")?;
            let holds = |entry: &&mut Json| {
                entry.get("pairs").is_some_and(|pairs| pairs.get(key).is_some())
            };
            match list.iter_mut().find(holds) {
                Some(_) if !force => {
                    return Err(format!("label {key} already in kustomization file"));
                }
                Some(entry) => entry["pairs"][key] = value.into(),
                None => list.push(json!({
                    "pairs": {key: value},
                    "includeTemplates": include_templates,
                })),
            }
        }
        Ok(())
    }

    fn annotations(&mut self) -> Result<(), String> {
        let Some(Json::Object(annotations)) = self.overrides.get("commonAnnotations") else {
            return Ok(());
        };
        let force = self.is_on("forceCommonAnnotations");
        for (key, value) in annotations {
            let mut value = value.as_str().unwrap_or_default().to_owned();
            if self.is_on("commonAnnotationsEnvsubst") {
                value = expand(&value, self.environment);
            }
            Self::add(self.map("commonAnnotations")?, key, value, "annotation", force)?;
        }
        Ok(())
    }

    fn patches(&mut self) -> Result<(), String> {
        let patches = self.given("patches").to_vec();
        if !patches.is_empty() {
            self.list("patches")?.extend(patches);
        }
        Ok(())
    }

    fn components(&mut self, exists: &dyn Fn(&str) -> bool) -> Result<(), String> {
        let ignore = self.is_on("ignoreMissingComponents");
        for component in self.given("components").to_vec() {
            let path = component.as_str().unwrap_or_default();
            if ignore && !exists(path) {
                continue;
            }
            let list = self.list("components")?;
            if !list.contains(&component) {
                list.push(component);
            }
        }
        Ok(())
    }
}

fn name_of(entry: &Json) -> &str {
    entry.get("name").and_then(Json::as_str).unwrap_or_default()
}

/// Reads `NAME[=NEW][:TAG][@DIGEST]`.
fn image_entry(text: &str) -> Option<Map<String, Json>> {
    let (name, image) = match text.split_once('=') {
        Some((name, image)) => (Some(name), image),
        None => (None, text),
    };
    let (image, digest) = match image.split_once('@') {
        Some((image, digest)) => (image, Some(digest)),
        None => (image, None),
    };
    // A colon before a slash is that of a port.
    let (image, tag) = match image.rsplit_once(':') {
        Some((image, tag)) if !tag.contains('/') => (image, Some(tag)),
        _ => (image, None),
    };
    let mut entry = Map::new();
    let original = name.unwrap_or(image);
    if original.is_empty() || name.is_none() && tag.is_none() && digest.is_none() {
        return None;
    }
    entry.insert("name".to_owned(), original.into());
    if name.is_some() && !image.is_empty() {
        entry.insert("newName".to_owned(), image.into());
    }
    for (key, value) in [("newTag", tag), ("digest", digest)] {
        if let Some(value) = value {
            entry.insert(key.to_owned(), value.into());
        }
    }
    Some(entry)
}

/// Returns an entry of which `*` is what the old one has.
fn kept_parts(mut wanted: Map<String, Json>, old: &Json) -> Json {
    for key in ["newName", "newTag", "digest"] {
        if wanted.get(key).and_then(Json::as_str) == Some("*") {
            match old.get(key) {
                Some(kept) => wanted.insert(key.to_owned(), kept.clone()),
                None => wanted.remove(key),
            };
        }
    }
    Json::Object(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_read_as_upstream_reads_them() {
        for (text, wanted) in [
            ("a:1", json!({"name": "a", "newTag": "1"})),
            ("a=r:5000/b", json!({"name": "a", "newName": "r:5000/b"})),
            ("a=b:2", json!({"name": "a", "newName": "b", "newTag": "2"})),
            ("r:5000/a@sha256:x", json!({"name": "r:5000/a", "digest": "sha256:x"})),
        ] {
            assert_eq!(image_entry(text).map(Json::Object), Some(wanted), "{text}");
        }
        assert_eq!(image_entry("a"), None);
    }
}
