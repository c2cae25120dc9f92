//! The comparison of one root or many, for all formats.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::images::ImageChange;
use super::model::{Diff, ResourceDiff, Summary};
use crate::visible::visible_json;

/// What was compared, and what was found.
///
/// Its JSON form is stable: members may be added, none is removed or changes its meaning while
/// `version` is 1.
///
/// ```json
/// {
///   "version": 1,
///   "summary": {"added": 0, "removed": 0, "changed": 1, "following": 1},
///   "roots": [
///     {"root": "overlays/prod", "images": [{"before": "…", "after": "…", "objects": […]}],
///      "resources": […]},
///     {"root": "overlays/dev", "error": "…", "resources": []},
///     {"root": "overlays/test", "movedFrom": "overlays/stage", "resources": []}
///   ]
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct Report {
    /// The roots, in the order in which they are shown.
    pub roots: Vec<RootReport>,
}

/// What was found in one root.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RootReport {
    /// The name of the root; empty if there is only one and it needs none.
    pub root: String,
    /// The name that the root had before, if it has moved.
    pub moved_from: Option<String>,
    /// Why it could not be compared, if so.
    pub error: Option<String>,
    /// `true` if it could not be compared because both sides fail in the same way.
    pub failed_before: bool,
    /// The differences.
    pub diff: Diff,
}

#[derive(Clone, Serialize, Deserialize)]
struct Wire {
    version: u32,
    #[serde(default)]
    summary: Summary,
    roots: Vec<RootWire>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RootWire {
    root: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved_from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    failed_before: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    images: Vec<ImageChange>,
    resources: Vec<ResourceDiff>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// Writes a report as JSON, indented by two spaces.
pub fn json(report: &Report) -> String {
    // There is nothing in a report that JSON does not have.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    if let Cow::Owned(shown) = visible_json(&text) {
        text = shown;
    }
    text.push('\n');
    text
}

impl Report {
    /// Tells whether anything differs.
    pub fn differs(&self) -> bool {
        self.roots.iter().any(|root| !root.diff.is_empty())
    }

    /// Returns how many roots could not be compared.
    pub fn failed(&self) -> usize {
        self.roots.iter().filter(|root| root.error.is_some()).count()
    }

    /// Returns how many roots could not be compared because of what has changed: those that failed in the
    /// same way before are no news.
    pub fn newly_failed(&self) -> usize {
        self.roots.iter().filter(|root| root.error.is_some() && !root.failed_before).count()
    }

    /// Counts the objects that differ in all roots.
    pub fn summary(&self) -> Summary {
        let mut all = Summary::default();
        self.roots.iter().for_each(|root| all.add(root.diff.summary()));
        all
    }

    /// Says in one line what was found.
    pub fn headline(&self) -> String {
        let differing = self.roots.iter().filter(|root| !root.diff.is_empty()).count();
        let mut line = match differing {
            0 => "no differences".to_owned(),
            _ => self.summary().to_string(),
        };
        if self.roots.len() > 1 {
            let roots = self.roots.len();
            line += &match differing {
                0 => format!(" in {roots} roots"),
                n => format!(" in {n} of {roots} roots"),
            };
        }
        match self.failed() {
            0 => {}
            1 => line += "; 1 root failed",
            n => line += &format!("; {n} roots failed"),
        }
        line
    }
}

impl RootReport {
    /// Returns the name of the root, and that before if it has moved.
    pub fn title(&self) -> String {
        match &self.moved_from {
            Some(before) => format!("{before} → {}", self.root),
            None => self.root.clone(),
        }
    }
}

impl From<Wire> for Report {
    fn from(wire: Wire) -> Report {
        let root = |wire: RootWire| RootReport {
            root: wire.root,
            moved_from: wire.moved_from,
            error: wire.error,
            failed_before: wire.failed_before,
            diff: Diff { resources: wire.resources },
        };
        Report { roots: wire.roots.into_iter().map(root).collect() }
    }
}

impl From<Report> for Wire {
    fn from(report: Report) -> Wire {
        let summary = report.summary();
        let root = |root: RootReport| RootWire {
            root: root.root,
            moved_from: root.moved_from,
            error: root.error,
            failed_before: root.failed_before,
            images: root.diff.images(),
            resources: root.diff.resources,
        };
        Wire { version: 1, summary, roots: report.roots.into_iter().map(root).collect() }
    }
}
