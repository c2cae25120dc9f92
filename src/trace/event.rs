//! One entry of a history.

use std::fmt;
use std::path::PathBuf;

use super::FieldPath;
use crate::build::StepKind;
use crate::diagnostics::Location;
use crate::document::NodeView;

/// What one step did to one field.
///
/// `Display` writes it on one line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The number of the step; what one step did to several fields has one number.
    pub number: usize,
    /// The class of the step.
    pub step: StepKind,
    /// The kustomization file that asked for the step.
    pub kustomization: Option<PathBuf>,
    /// The field of that file, such as `patches[2]`, `images` or `configMapGenerator[0]`.
    pub entry: Option<String>,
    /// The kind of the config, such as `ImageTagTransformer`, of a step that one describes.
    pub config: Option<String>,
    /// The field of the object.
    pub path: FieldPath,
    /// The value before the step, unless the field was not there.
    pub before: Option<NodeView>,
    /// The value after the step, unless the field was removed.
    pub after: Option<NodeView>,
    /// The place of the text that made the step set this value; if the value was computed, that of
    /// the entry that asked for it.
    pub location: Option<Location>,
    /// What the value was taken from: an object whose name it is, as `ConfigMap/name`, or the field that
    /// a replacement copied, as `ConfigMap/name data.host`. The place is then that of the other value.
    pub follows: Option<String>,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        write!(f, "{}: ", self.entry.as_deref().unwrap_or(self.step.as_str()))?;
        if !self.path.is_root() {
            write!(f, "{}: ", self.path)?;
        }
        match (&self.before, &self.after) {
            (None, Some(after)) => f.write_str(&one_line(after)),
            (Some(before), Some(after)) => write!(f, "{} -> {}", one_line(before), one_line(after)),
            (Some(_), None) => f.write_str("removed"),
            (None, None) => Ok(()),
        }
    }
}

impl Event {
    /// Returns `true` if the step is one that gives images other names, tags and digests: `images` of a
    /// kustomization, or an `ImageTagTransformer`.
    pub fn is_of_images(&self) -> bool {
        self.config.as_deref() == Some("ImageTagTransformer")
            || self.field().is_some_and(|field| field.starts_with("images"))
    }

    /// Returns the field of the kustomization without what is below its entry: `images[0]` of
    /// `images[0].newTag`.
    pub fn field(&self) -> Option<&str> {
        let entry = self.entry.as_deref()?;
        let end = entry.find(['.', '[']).unwrap_or(entry.len());
        let index = entry[end..].strip_prefix('[').and_then(|rest| rest.split_once(']'));
        match index.filter(|(index, _)| index.bytes().all(|b| b.is_ascii_digit())) {
            Some((_, rest)) => Some(&entry[..entry.len() - rest.len()]),
            None => Some(&entry[..end]),
        }
    }
}

/// Returns a value as JSON, or as it is printed if it is a scalar that needs one line only.
fn one_line(node: &NodeView) -> String {
    if node.text().is_some()
        && let Ok(text) = node.to_yaml()
    {
        let line = text.trim_end_matches('\n');
        if !line.contains('\n') {
            return line.to_owned();
        }
    }
    node.to_json().unwrap_or_default()
}
