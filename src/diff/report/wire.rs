//! The JSON form of a report.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};

use super::{Report, RootFailure, RootReport, Standing};
use crate::diff::images::ImageDiff;
use crate::diff::model::{Diff, ResourceDiff, Summary};
use crate::diff::risks::{Removals, Risk};

/// The version of the form.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
pub(super) struct Wire<'r> {
    version: u32,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    compared: Cow<'r, str>,
    #[serde(default)]
    summary: Summary,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    risks: Vec<Risk>,
    roots: Vec<RootWire<'r>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RootWire<'r> {
    root: Cow<'r, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved_from: Option<Cow<'r, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<Cow<'r, str>>,
    #[serde(default, skip_serializing_if = "Removals::is_open")]
    removals: Removals,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Cow<'r, RootFailure>>,
    /// Whether both sides fail in the same way; for readers, it follows from `error`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    failed_before: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    images: Vec<ImageDiff>,
    resources: Cow<'r, [ResourceDiff]>,
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire::of(self).serialize(serializer)
    }
}

impl<'r> Wire<'r> {
    fn of(report: &'r Report) -> Wire<'r> {
        let root = |root: &'r RootReport| RootWire {
            failed_before: root.standing() == Some(Standing::AsBefore),
            root: root.root.as_str().into(),
            moved_from: root.moved_from.as_deref().map(Cow::from),
            note: root.note.as_deref().map(Cow::from),
            removals: root.removals,
            error: root.failure.as_ref().map(Cow::Borrowed),
            images: root.diff.images(),
            resources: root.diff.resources.as_slice().into(),
        };
        Wire {
            version: VERSION,
            compared: report.compared.as_str().into(),
            summary: report.summary(),
            risks: report.risks(),
            roots: report.roots.iter().map(root).collect(),
        }
    }
}

impl TryFrom<Wire<'_>> for Report {
    type Error = String;

    fn try_from(wire: Wire<'_>) -> Result<Report, String> {
        if wire.version != VERSION {
            return Err(format!(
                "this report has version {}, and only {VERSION} can be read: use the release of kustom that wrote it",
                wire.version
            ));
        }
        let root = |root: RootWire<'_>| RootReport {
            root: root.root.into_owned(),
            moved_from: root.moved_from.map(Cow::into_owned),
            note: root.note.map(Cow::into_owned),
            removals: root.removals,
            failure: root.error.map(Cow::into_owned),
            diff: Diff { resources: root.resources.into_owned() },
        };
        let roots = wire.roots.into_iter().map(root).collect();
        Ok(Report::new(roots).comparing(wire.compared))
    }
}
