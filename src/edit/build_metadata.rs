//! `set`, `add` and `remove buildmetadata`

use super::{Edit, fields, invalid};
use crate::diagnostics::Result;
use crate::yaml::Node;

/// What `buildMetadata` can ask for.
const KNOWN: &[&str] = &["managedByLabel", "originAnnotations", "transformerAnnotations"];

const FIELD: &str = "buildMetadata";

impl Edit {
    /// Sets `buildMetadata` to the options in `list`, divided by commas.
    ///
    /// # Errors
    /// If one is not known.
    pub fn set_build_metadata(&mut self, list: &str) -> Result<()> {
        let wanted = options(list)?;
        // Those that are there already keep their place and comments.
        self.remove_items(FIELD, |item| !wanted.contains(&item.text().unwrap_or_default()));
        let there: Vec<String> = self.texts(FIELD).iter().map(ToString::to_string).collect();
        let new: Vec<Node> = wanted
            .iter()
            .filter(|option| !there.iter().any(|old| old == *option))
            .map(|option| Node::str(*option))
            .collect();
        if !new.is_empty() {
            self.append(FIELD, new);
        }
        Ok(())
    }

    /// Adds options to `buildMetadata`, divided by commas.
    ///
    /// # Errors
    /// If one is not known, or is there.
    pub fn add_build_metadata(&mut self, list: &str) -> Result<()> {
        let new = options(list)?;
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

    /// Removes options from `buildMetadata`, divided by commas; those that are not there do not matter.
    ///
    /// # Errors
    /// If one is not known.
    pub fn remove_build_metadata(&mut self, list: &str) -> Result<()> {
        let going = options(list)?;
        self.remove_items(FIELD, |item| going.contains(&item.text().unwrap_or_default()));
        if self.items(FIELD).is_empty() {
            fields::remove(self.fields(), FIELD);
        }
        Ok(())
    }
}

fn options(list: &str) -> Result<Vec<&str>> {
    let options: Vec<&str> = list.split(',').collect();
    match options.iter().find(|option| !KNOWN.contains(option)) {
        Some(unknown) => Err(invalid(format!(
            "invalid buildMetadata option: {unknown}; must be one of [{}]",
            KNOWN.join(", ")
        ))),
        None => Ok(options),
    }
}
