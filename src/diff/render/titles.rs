//! The lines that name objects, and what follows their names.

use std::fmt::Write;

use rustc_hash::FxHashSet;
use serde_json::Value;

use crate::diff::images::{ImageChange, split};
use crate::diff::model::{FieldChange, ResourceDiff};
use crate::diff::options::stem;
use crate::diff::report::RootReport;

/// Returns the line that names an object and, if it has a new one, its new name.
pub(super) fn title(resource: &ResourceDiff) -> String {
    let mut title = match (&resource.before, &resource.after) {
        (Some(before), Some(after)) if before.name != after.name => {
            format!("{before} → {}", after.name)
        }
        (Some(id), _) | (None, Some(id)) => id.to_string(),
        (None, None) => String::new(),
    };
    if let (Some(before), Some(after)) = (&resource.before, &resource.after)
        && before.api_version != after.api_version
    {
        let _ = write!(title, " ({} → {})", before.api_version, after.api_version);
    }
    title
}

/// Returns the one line for everything that only follows new names.
pub(super) fn following(root: &RootReport) -> Option<String> {
    let resources = &root.diff.resources;
    let renamed = |resource: &&ResourceDiff| match (&resource.before, &resource.after) {
        (Some(before), Some(after)) => before.name != after.name,
        _ => false,
    };
    let followed = |resource: &ResourceDiff| {
        let own_name = |field: &FieldChange| field.path.to_string() == "metadata.name";
        resource.fields.iter().filter(|f| f.follows && !own_name(f)).count()
    };
    let followers: Vec<String> = resources
        .iter()
        .filter(|resource| followed(resource) > 0)
        .filter_map(|resource| Some(resource.id()?.to_string()))
        .collect();
    let fields: usize = resources.iter().map(followed).sum();
    if fields == 0 {
        return None;
    }
    let mut names: Vec<&str> = resources
        .iter()
        .filter(renamed)
        .filter_map(|resource| Some(stem(&resource.after.as_ref()?.name)))
        .collect();
    // A Deployment and its Service have one name.
    let mut seen = FxHashSet::default();
    names.retain(|name| seen.insert(*name));
    if names.is_empty() {
        // The object itself is not compared; the references still know its name.
        let all = resources.iter().flat_map(|resource| &resource.fields);
        let new = all.filter(|field| field.follows).filter_map(|field| field.after.as_ref());
        names = new.filter_map(Value::as_str).map(stem).collect();
        names.sort_unstable();
        names.dedup();
    }
    if names.is_empty() {
        names.push("a new name");
    }
    let plural = if fields == 1 { "reference follows" } else { "references follow" };
    Some(format!("  {fields} {plural} {}: in {}", names.join(", "), followers.join(", ")))
}

impl ImageChange {
    /// Returns what to show as before and after: tags alone if the name is the same.
    pub(super) fn shown(&self) -> (&str, &str) {
        let same = match (&self.before, &self.after) {
            (Some(before), Some(after)) => split(before).0 == split(after).0,
            _ => true,
        };
        let part = |image: Option<&String>| {
            image.map_or(0, |image| if same { split(image).0.len() + 1 } else { 0 })
        };
        fn text(image: Option<&String>, start: usize) -> &str {
            match image {
                None => "—",
                Some(image) => image.get(start..).filter(|t| !t.is_empty()).unwrap_or("(no tag)"),
            }
        }
        let (before, after) = (self.before.as_ref(), self.after.as_ref());
        (text(before, part(before)), text(after, part(after)))
    }
}
