//! Who owns an Application: what becomes of it when another ApplicationSet makes it.

use std::fmt;

use crate::application::Application;
use crate::fate::{Fate, left};
use crate::preview::Preview;
use crate::render::Rendered;

/// An Application that another ApplicationSet makes than before, or none any more.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnerChange {
    /// The name of the ApplicationSet that owned it.
    pub from: String,
    /// The name of the one that makes it now; none if it stands for itself.
    pub to: Option<String>,
    /// What becomes of its objects. The owner takes the Application along, unless that is kept.
    pub fate: Fate,
}

impl fmt::Display for OwnerChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "owner changes from ApplicationSet {} to ", self.from)?;
        match &self.to {
            Some(set) => write!(f, "ApplicationSet {set}: ")?,
            None => f.write_str("none: ")?,
        }
        match &self.fate {
            Fate::Deleted { .. } => {
                let fate = self.fate.to_string();
                let how = fate.strip_prefix("its objects are deleted").unwrap_or_default();
                write!(f, "the Application and its objects are deleted and made again{how}")
            }
            Fate::Stay(_) => {
                write!(f, "the Application is deleted and made again, and {}", self.fate)
            }
            Fate::Kept(_) | Fate::Moved(_) => self.fate.fmt(f),
        }
    }
}

/// Says what the change of owner does to an Application that is there `before` and `after`, if it has another
/// one. An Application without an owner is taken over as it is.
pub fn owner_change(
    before: (&Application, &Rendered),
    after: &Application,
    preview: &Preview,
) -> Option<OwnerChange> {
    let (application, rendered) = before;
    if !application.leaves_its_set(after) {
        return None;
    }
    let name = |application: &Application| application.origin().set.clone();
    let from = name(application)?;
    Some(OwnerChange { from, to: name(after), fate: left(application, rendered, preview) })
}
