//! The comparison of one root or many, for all formats.

use std::borrow::Cow;
use std::io::Write;

use serde::{Deserialize, Serialize};

use super::model::{Diff, Summary};
use super::out::Lines;
use super::risks::{FoundRisks, Removals, Risk, risks};
use crate::diagnostics::{Error, ErrorKind, Location, Result};
use crate::limits::{Limit, Limits, Stop};
use crate::visible::visible_json;

// Circle: mod, wire: the form of what is here.
mod place;
mod wire;

/// What was compared, and what was found.
///
/// Its JSON form is stable: members may be added, none is removed or changes its meaning while
/// `version` is 1; a report of another version is refused when it is read.
///
/// ```json
/// {
///   "version": 1,
///   "compared": "main → the work tree",
///   "summary": {"added": 0, "removed": 0, "changed": 1, "following": 1},
///   "risks": [{"rule": "image-latest", "message": "…", "roots": ["overlays/prod"], "object": {…}}],
///   "roots": [
///     {"root": "overlays/prod", "images": [{"before": "…", "after": "…", "objects": […]}],
///      "resources": […]},
///     {"root": "overlays/dev", "resources": [],
///      "error": {"side": "after", "kind": "load", "message": "…",
///                "place": {"file": "…", "line": 3, "column": 3}}},
///     {"root": "overlays/lab", "resources": [], "failedBefore": true,
///      "error": {"side": "both", "kind": "restricted", "message": "…"}},
///     {"root": "overlays/shop", "resources": [],
///      "error": {"side": "both", "kind": "external", "message": "…", "mayDiffer": true}},
///     {"root": "overlays/test", "movedFrom": "overlays/stage", "resources": []},
///     {"root": "web on prod (gone)", "note": "its objects stay: …", "resources": []}
///   ]
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "wire::Wire<'static>")]
#[non_exhaustive]
pub struct Report {
    /// What was compared with what, for the reader; empty if that goes without saying.
    pub compared: String,
    /// The roots, in the order in which they are shown.
    pub roots: Vec<RootReport>,
    /// Whether the name of a root is shown though it is the only one.
    named: bool,
    /// How much its text may take, and how much work.
    pub(super) limits: Limits,
}

/// What was found in one root.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RootReport {
    /// The name of the root; empty if there is only one and it needs none.
    pub root: String,
    /// The name that the root had before, if it has moved.
    pub moved_from: Option<String>,
    /// What is to be said of the root itself, in one line.
    pub note: Option<String>,
    /// What becomes of what is removed from it.
    pub removals: Removals,
    /// Why it could not be compared, if so.
    pub failure: Option<RootFailure>,
    /// The differences.
    pub diff: Diff,
}

/// Why a root could not be compared: one of its sides, or both, could not be rendered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "RootFailureWire", into = "RootFailureWire")]
#[non_exhaustive]
pub struct RootFailure {
    /// What went wrong on the side before.
    pub before: Option<SideError>,
    /// What went wrong on the side after.
    pub after: Option<SideError>,
    /// Whether a side lacks something from elsewhere, and nobody knows what differs: what the root reads has changed, or
    /// the side before did not need it, or that is the side which lacks it.
    pub may_differ: bool,
    /// Whether the side after does not have the root.
    pub is_gone: bool,
}

/// What went wrong when a root was rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SideError {
    /// The class of the error, as in [`ErrorKind`](crate::ErrorKind).
    pub kind: String,
    /// The whole text for people; no value of a Secret is in there.
    pub message: String,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "place")]
    pub place: Option<Location>,
    /// The message alone, without place and chain: what tells one error from another.
    #[serde(skip)]
    pub(super) cause: String,
}

/// What a failure means for a reviewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Standing {
    /// The side after fails, and the side before does not, or in another way.
    Broken,
    /// The side after lacks something from elsewhere, and what the root reads has changed: nobody knows what
    /// differs.
    MayDiffer,
    /// The side before failed, the one after does not.
    Fixed,
    /// The side before failed, and the one after does not have the root: nobody knows what goes with it.
    Gone,
    /// Both fail in the same way.
    AsBefore,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RootFailureWire {
    side: String,
    #[serde(flatten)]
    trouble: SideError,
    /// What the side before says, if it fails in another way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<SideError>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    may_differ: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_gone: bool,
}

/// Writes a report as JSON, indented by two spaces.
///
/// # Errors
/// If it has more bytes than the [limits of the report](Report::within) allow.
pub fn json(report: &Report) -> Result<String> {
    report.all_risks()?;
    let mut lines = Lines::new(&report.limits, visible_json);
    // There is nothing in a report that JSON does not have; what has no room is noted.
    let written = serde_json::to_writer_pretty(&mut lines, report);
    if written.is_err() || lines.write_all(b"\n").is_err() {
        lines.out.overflow();
    }
    lines.out.finish(|text| Cow::Borrowed(text))
}

impl Report {
    /// Returns a report on these roots.
    pub fn new(roots: Vec<RootReport>) -> Report {
        Report { roots, ..Report::default() }
    }

    /// Says what was compared with what.
    #[must_use]
    pub fn comparing(self, compared: impl Into<String>) -> Report {
        Report { compared: compared.into(), ..self }
    }

    /// Says that the name of a root is shown though it is the only one: it tells more than which it is.
    #[must_use]
    pub fn naming_roots(self) -> Report {
        Report { named: true, ..self }
    }

    /// Sets how much a text of the report may take: `output_bytes` of the limits; and how much work may be done for what
    /// is only nicer to read, such as the words that differ in a line: `comparisons`. By default [`Limits::default`] counts.
    #[must_use]
    pub fn within(self, limits: Limits) -> Report {
        Report { limits, ..self }
    }

    /// Returns `true` if the names of the roots are shown.
    #[cfg(feature = "reports")]
    pub(super) fn names_roots(&self) -> bool {
        self.named || self.roots.len() > 1
    }

    /// Returns `true` if anything differs or may differ, or what could not be rendered before can be now.
    pub fn differs(&self) -> bool {
        let is_news = |standing| !matches!(standing, Standing::Broken | Standing::AsBefore);
        let news = |root: &RootReport| root.standing().is_some_and(is_news);
        self.roots.iter().any(|root| !root.diff.is_empty() || news(root))
    }

    /// Returns how many roots could not be compared because of what has changed: those that failed in the
    /// same way before are no news.
    pub fn newly_failed(&self) -> usize {
        self.count(Standing::Broken)
    }

    /// Returns what of the changes is dangerous, each danger once. If that is more than fits into a quarter of the
    /// `diff_bytes` of the [limits](Self::within), it is not all, and no text of the report can be had.
    pub fn risks(&self) -> Vec<Risk> {
        self.found_risks().risks
    }

    /// Returns the dangers.
    ///
    /// # Errors
    /// If there are too many.
    pub(super) fn all_risks(&self) -> Result<Vec<Risk>> {
        let found = self.found_risks();
        match found.is_all {
            true => Ok(found.risks),
            false => Err(Stop::Exceeded(Limit::DiffBytes, self.limits.diff_bytes).into()),
        }
    }

    fn found_risks(&self) -> FoundRisks {
        let roots = self.roots.iter().map(|root| (root.root.as_str(), &root.diff, root.removals));
        risks(roots, &self.limits)
    }

    /// Counts the objects that differ in all roots.
    pub fn summary(&self) -> Summary {
        let mut all = Summary::default();
        self.roots.iter().for_each(|root| all.add(root.diff.summary()));
        all
    }

    /// Returns in one line what was found.
    pub fn headline(&self) -> String {
        let differing = self.roots.iter().filter(|root| !root.diff.is_empty()).count();
        let failures = self.roots.iter().filter(|root| root.failure.is_some()).count();
        let compared = self.roots.len() - failures;
        let mut line = match differing {
            0 if compared == 0 && failures > 0 => "nothing could be compared".to_owned(),
            0 => "no differences".to_owned(),
            _ => self.summary().to_string(),
        };
        if self.roots.len() > 1 && compared > 0 {
            line += &match differing {
                0 => format!(" in {}", plural(compared, "root")),
                n => format!(" in {n} of {}", plural(compared, "root")),
            };
        }
        for (standing, what) in [
            (Standing::Broken, "failed"),
            (Standing::MayDiffer, "may differ, but could not be compared"),
            (Standing::Fixed, "can be rendered again"),
            (Standing::Gone, "could not be rendered before and is gone"),
            (Standing::AsBefore, "could not be compared, as before"),
        ] {
            match self.count(standing) {
                0 => {}
                1 => line += &format!("; 1 root {what}"),
                n => line += &format!("; {n} roots {}", what.replace("is gone", "are gone")),
            }
        }
        line
    }

    fn count(&self, standing: Standing) -> usize {
        self.roots.iter().filter(|root| root.standing() == Some(standing)).count()
    }
}

/// Returns `1 root` or `2 roots`.
pub(super) fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

impl RootReport {
    /// Returns what was found in a root.
    pub fn new(root: impl Into<String>, diff: Diff) -> RootReport {
        RootReport { root: root.into(), diff, ..RootReport::default() }
    }

    /// Returns why a root could not be compared.
    pub fn failed(root: impl Into<String>, failure: RootFailure) -> RootReport {
        RootReport { root: root.into(), failure: Some(failure), ..RootReport::default() }
    }

    /// Says something of the root itself, in one line; it is shown even if nothing differs.
    #[must_use]
    pub fn noting(self, note: impl Into<String>) -> RootReport {
        RootReport { note: Some(note.into()), ..self }
    }

    /// Says what becomes of what is removed from the root: it is no danger if it stays.
    #[must_use]
    pub fn removing(self, removals: Removals) -> RootReport {
        RootReport { removals, ..self }
    }

    /// Returns what its failure means, if it has one.
    pub fn standing(&self) -> Option<Standing> {
        Some(self.failure.as_ref()?.standing())
    }

    /// Returns the name of the root, and that before if it has moved.
    pub fn title(&self) -> String {
        match &self.moved_from {
            Some(before) => format!("{before} → {}", self.root),
            None => self.root.clone(),
        }
    }
}

impl RootFailure {
    /// Returns the failure of one side or both.
    pub fn new(before: Option<SideError>, after: Option<SideError>) -> RootFailure {
        RootFailure { before, after, ..RootFailure::default() }
    }

    /// Says that what the root reads has changed, and that it cannot be rendered to tell what differs.
    #[must_use]
    pub fn may_differ(self) -> RootFailure {
        RootFailure { may_differ: true, ..self }
    }

    /// Says that the side after does not have the root.
    #[must_use]
    pub fn gone(self) -> RootFailure {
        RootFailure { is_gone: true, ..self }
    }

    /// Returns what it means for a reviewer.
    ///
    /// Errors are the same if their class and message are; their lines may have moved. For what is missing
    /// outside, such as the network, it is the same whichever version is asked for.
    pub fn standing(&self) -> Standing {
        match (&self.before, &self.after) {
            (_, Some(_)) if self.may_differ => Standing::MayDiffer,
            (Some(before), Some(after)) if before.is_like(after) => Standing::AsBefore,
            (_, Some(_)) => Standing::Broken,
            (_, None) if self.is_gone => Standing::Gone,
            (Some(_), None) if self.may_differ => Standing::MayDiffer,
            (_, None) => Standing::Fixed,
        }
    }

    /// Returns the first line of what went wrong after, without place and chain.
    #[cfg(feature = "reports")]
    pub(super) fn cause(&self) -> Option<&str> {
        let trouble = self.after.as_ref().or(self.before.as_ref())?;
        let text = if trouble.cause.is_empty() { &trouble.message } else { &trouble.cause };
        text.lines().next()
    }

    /// Returns the text for people: what each side says, once if both say the same.
    pub fn text(&self) -> String {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if !before.is_like(after) => {
                format!("{}\nbefore: {}", after.message, before.message)
            }
            (_, Some(trouble)) | (Some(trouble), None) => trouble.message.clone(),
            (None, None) => String::new(),
        }
    }
}

impl SideError {
    /// Returns a trouble of this class, without a place.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> SideError {
        SideError { kind: kind.into(), message: message.into(), ..SideError::default() }
    }

    /// Returns what a build was refused for; `redact` takes out of texts what must not be shown.
    pub fn of(error: &Error, redact: impl Fn(&str) -> String) -> SideError {
        SideError {
            kind: error.kind().as_str().to_owned(),
            message: redact(&error.to_string()),
            place: error.location().cloned(),
            cause: redact(error.message().trim_end()),
        }
    }

    fn is_like(&self, other: &SideError) -> bool {
        let cause = |trouble: &SideError| match trouble.cause.as_str() {
            "" => trouble.message.clone(),
            cause => cause.to_owned(),
        };
        let (one, two) = (cause(self), cause(other));
        self.kind == other.kind
            && (one == two || self.is_about_elsewhere() && outline(&one) == outline(&two))
    }
}

impl SideError {
    /// Returns `true` if something is missing that is not in the tree.
    fn is_about_elsewhere(&self) -> bool {
        [ErrorKind::External, ErrorKind::Lock].iter().any(|kind| self.kind == kind.as_str())
    }
}

/// Returns a message without what it names: quoted texts, and numbers.
fn outline(message: &str) -> String {
    let unquoted = message.split('\'').step_by(2).collect::<Vec<_>>().join("''");
    unquoted.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty()).collect()
}

impl From<RootFailureWire> for RootFailure {
    fn from(wire: RootFailureWire) -> RootFailure {
        let RootFailureWire { side, trouble, before, may_differ, is_gone } = wire;
        let (before, after) = match side.as_str() {
            "before" => (Some(trouble), None),
            "both" => (before.or(Some(trouble.clone())), Some(trouble)),
            _ => (None, Some(trouble)),
        };
        RootFailure { before, after, may_differ, is_gone }
    }
}

impl From<RootFailure> for RootFailureWire {
    fn from(failure: RootFailure) -> RootFailureWire {
        let (may_differ, is_gone) = (failure.may_differ, failure.is_gone);
        let (side, trouble, before) = match (failure.before, failure.after) {
            (Some(before), Some(after)) => {
                let before = (!before.is_like(&after)).then_some(before);
                ("both", after, before)
            }
            (Some(before), None) => ("before", before, None),
            (None, after) => ("after", after.unwrap_or_default(), None),
        };
        RootFailureWire { side: side.to_owned(), trouble, before, may_differ, is_gone }
    }
}
