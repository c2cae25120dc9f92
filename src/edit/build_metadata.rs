//! `set`, `add` and `remove buildmetadata`

use super::{Edit, fields, invalid};
use crate::diagnostics::Result;
use crate::yaml::Node;

/// What `buildMetadata` can ask for.
const KNOWN: &[&str] = &["managedByLabel", "originAnnotations", "transformerAnnotations"];

const FIELD: &str = "buildMetadata";

impl Edit {
    /// Sets `buildMetadata` to these options.
    ///
    /// # Errors
    /// If one is not known.
    pub fn set_build_metadata<S: AsRef<str>>(&mut self, options: &[S]) -> Result<()> {
        let wanted = known(options)?;
        // Those that are there already keep their place and comments, and so does the field.
        let Some(items) = fields::list_mut(self.fields(), FIELD) else { return Ok(()) };
        items.retain(|item| wanted.contains(&item.text().unwrap_or_default()));
        let there: Vec<String> = items.iter().filter_map(Node::text).map(str::to_owned).collect();
        let new = wanted.iter().filter(|option| !there.iter().any(|old| old == *option));
        items.extend(new.map(|option| Node::str(*option)));
        Ok(())
    }

    /// Adds options to `buildMetadata`.
    ///
    /// # Errors
    /// If one is not known, or is there.
    pub fn add_build_metadata<S: AsRef<str>>(&mut self, options: &[S]) -> Result<()> {
        let new = known(options)?;
        let there = self.texts(FIELD);
        for (i, option) in new.iter().enumerate() {
            if there.contains(option) || new[..i].contains(option) {
                return Err(invalid(format!(
                    "buildMetadata option {option} already in kustomization file"
                )));
            }
        }
        self.append(FIELD, new.into_iter().map(Node::str));
        Ok(())
    }

    /// Removes options from `buildMetadata`; those that are not there do not matter.
    ///
    /// # Errors
    /// If one is not known.
    pub fn remove_build_metadata<S: AsRef<str>>(&mut self, options: &[S]) -> Result<()> {
        let going = known(options)?;
        self.remove_items(FIELD, |item| going.contains(&item.text().unwrap_or_default()));
        if self.items(FIELD).is_empty() {
            fields::remove(self.fields(), FIELD);
        }
        Ok(())
    }
}

/// Returns the options as they are written.
///
/// # Errors
/// If one is not known.
fn known<S: AsRef<str>>(options: &[S]) -> Result<Vec<&str>> {
    let options: Vec<&str> = options.iter().map(AsRef::as_ref).collect();
    match options.iter().find(|option| !KNOWN.contains(option)) {
        Some(unknown) => Err(invalid(format!(
            "invalid buildMetadata option: {unknown}; must be one of [{}]",
            KNOWN.join(", ")
        ))),
        None => Ok(options),
    }
}
