//! The lines that name objects, and what follows their names.

use std::fmt::Write;

use rustc_hash::FxHashSet;
use serde_json::Value;

use crate::diff::images::{ImageDiff, split};
use crate::diff::model::{FieldChange, ResourceDiff};
use crate::diff::options::stem;
use crate::diff::report::RootReport;

/// How many names of roots or objects are shown in a row.
pub(super) const MOST_NAMES: usize = 8;

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

/// Joins names; of very many the first ones.
pub(super) fn listed(names: &[String]) -> String {
    let shown = names.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What only follows new names in a root, or in several that say the same of their own.
#[derive(Clone)]
pub(in crate::diff) struct Following {
    /// How many references do.
    fields: usize,
    /// The new names, without content hashes.
    names: Vec<String>,
    /// The objects with the references.
    followers: Vec<String>,
}

impl Following {
    /// Returns the line that says it.
    pub(super) fn line(&self) -> String {
        let Following { fields, names, followers } = self;
        let plural = if *fields == 1 { "reference follows" } else { "references follow" };
        format!("  {fields} {plural} {}: in {}", listed(names), listed(followers))
    }

    /// Returns a text that is the same where the same kinds of objects follow as many names.
    pub(super) fn outline(&self) -> String {
        let kind = |title: &String| title.split(' ').next().unwrap_or_default().to_owned();
        let kinds: Vec<String> = self.followers.iter().map(kind).collect();
        format!("{} {} {kinds:?}", self.fields, self.names.len())
    }

    /// Adds what another root has.
    pub(super) fn join(&mut self, other: Following) {
        self.fields += other.fields;
        self.names.extend(other.names);
        self.followers.extend(other.followers);
        unique(&mut self.names);
        unique(&mut self.followers);
    }
}

/// Takes out what is there a second time.
fn unique(names: &mut Vec<String>) {
    let mut seen = FxHashSet::default();
    names.retain(|name| seen.insert(name.clone()));
}

/// Returns everything that only follows new names, if anything does.
pub(super) fn following(root: &RootReport) -> Option<Following> {
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
    let mut names: Vec<String> = resources
        .iter()
        .filter(renamed)
        .filter_map(|resource| Some(stem(&resource.after.as_ref()?.name).to_owned()))
        .collect();
    if names.is_empty() {
        // The object itself is not compared; the references still know its name.
        let all = resources.iter().flat_map(|resource| &resource.fields);
        let new = all.filter(|field| field.follows).filter_map(|field| field.after.as_ref());
        names = new.filter_map(Value::as_str).map(|name| stem(name).to_owned()).collect();
        names.sort_unstable();
    }
    if names.is_empty() {
        names.push("a new name".to_owned());
    }
    // A Deployment and its Service have one name.
    unique(&mut names);
    Some(Following { fields, names, followers })
}

impl ImageDiff {
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
