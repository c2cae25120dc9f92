//! What `kustom verify` reports.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::path::Path;
use std::time::Duration;

use kustom::text::visible_line;
use serde_json::{Map, Value, json};

use crate::difference::Difference;

/// The outcomes of all comparisons, and what else a report says.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) against: &'a Path,
    pub(crate) timeout: Duration,
    /// Whether only trouble is shown.
    pub(crate) quiet: bool,
    pub(crate) compared: Vec<(&'a Path, Compared)>,
}

/// The outcome for one kustomization, and how long both took.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) outcome: Outcome,
    pub(crate) kustom: Duration,
    pub(crate) other: Duration,
}

/// What comparing one kustomization gave.
#[derive(Debug)]
pub(crate) enum Outcome {
    Equal,
    BothRefuse {
        kustom: String,
        other: String,
    },
    Differs {
        difference: Difference,
        /// Whether kustom builds what its lock file says, and the other one fetches what is there now.
        is_locked: bool,
    },
    OnlyKustomRefuses(String),
    OnlyOtherRefuses(String),
    Skipped(String),
    KustomTimedOut,
    OtherTimedOut,
}

/// All names of outcomes, the most welcome first.
const NAMES: [&str; 7] =
    ["equal", "both refuse", "skipped", "differs", "kustom refuses", "other refuses", "timed out"];

/// Of a message, not more lines than these are shown as text.
const MOST_LINES: usize = 6;

/// What may be behind a difference where there is a lock file.
const LOCKED: &str = "kustom builds what its kustom.lock says, the other one fetches what is there now: \
                      `kustom vendor --update` shows what has moved";

impl Report<'_> {
    /// Returns `true` if it was not shown for all that both do the same.
    pub(crate) fn has_trouble(&self) -> bool {
        self.compared.iter().any(|(_, compared)| compared.outcome.is_trouble())
    }

    /// Returns a line for one kustomization, and more for trouble.
    pub(crate) fn entry(&self, root: &Path, outcome: &Outcome) -> String {
        let mut out = String::new();
        if !self.quiet || outcome.is_trouble() {
            // Writing to a string does not fail.
            _ = self.write_entry(&mut out, root, outcome);
        }
        out
    }

    fn write_entry(&self, out: &mut String, root: &Path, outcome: &Outcome) -> fmt::Result {
        let other = self.other();
        writeln!(out, "{:<14} {}", outcome.name(), visible_line(&root.to_string_lossy()))?;
        match outcome {
            Outcome::Equal => {}
            Outcome::BothRefuse { kustom, other: theirs } => {
                // A line of each is enough to see that it is for the same reason.
                said(out, "kustom", kustom, 1)?;
                said(out, &other, theirs, 1)?;
            }
            Outcome::OnlyKustomRefuses(message) => said(out, "kustom", message, MOST_LINES)?,
            Outcome::OnlyOtherRefuses(message) => said(out, &other, message, MOST_LINES)?,
            Outcome::Skipped(reason) => said(out, "needs more than files", reason, 1)?,
            Outcome::KustomTimedOut => self.write_timeout(out, "kustom")?,
            Outcome::OtherTimedOut => self.write_timeout(out, &other)?,
            Outcome::Differs { difference, is_locked } => {
                let Difference { place, ours, theirs, .. } = difference;
                writeln!(out, "    {place}, {other} (-) and kustom (+):")?;
                theirs.iter().try_for_each(|line| writeln!(out, "    - {line}"))?;
                ours.iter().try_for_each(|line| writeln!(out, "    + {line}"))?;
                if *is_locked {
                    writeln!(out, "    {LOCKED}")?;
                }
            }
        }
        Ok(())
    }

    /// Returns the last line.
    pub(crate) fn summary(&self) -> String {
        let counts: Vec<_> = self.counts().map(|(name, n)| format!("{n} {name}")).collect();
        let (all, counts) = (self.compared.len(), counts.join(", "));
        let (ours, theirs) = self.seconds();
        let other = self.other();
        format!(
            "{all} kustomizations: {counts}; kustom {ours:.2} s (in this process), {other} {theirs:.2} s\n"
        )
    }

    fn write_timeout(&self, out: &mut String, who: &str) -> fmt::Result {
        writeln!(out, "    {who}: not done after {} s", self.timeout.as_secs())
    }

    /// Returns all that is known as JSON.
    pub(crate) fn as_json(&self) -> Value {
        let shown = self.compared.iter().filter(|(_, c)| !self.quiet || c.outcome.is_trouble());
        let results: Vec<_> = shown.map(|(root, compared)| compared.as_json(root)).collect();
        let counts: Map<_, _> =
            self.counts().map(|(name, n)| (name.to_owned(), n.into())).collect();
        let (kustom, other) = self.seconds();
        json!({
            "against": self.against.to_string_lossy(),
            "results": results,
            "counts": counts,
            "seconds": {"kustom": kustom, "other": other},
        })
    }

    /// Returns what to call the other program.
    fn other(&self) -> Cow<'_, str> {
        self.against.file_name().unwrap_or_default().to_string_lossy()
    }

    /// Returns how many there are of each outcome that there is.
    fn counts(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let count = |name| self.compared.iter().filter(|(_, c)| c.outcome.name() == name).count();
        NAMES.into_iter().map(move |name| (name, count(name))).filter(|(_, n)| *n > 0)
    }

    /// Returns the seconds that both took for all builds together.
    fn seconds(&self) -> (f64, f64) {
        let kustom: Duration = self.compared.iter().map(|(_, c)| c.kustom).sum();
        let other: Duration = self.compared.iter().map(|(_, c)| c.other).sum();
        (kustom.as_secs_f64(), other.as_secs_f64())
    }
}

impl Compared {
    fn as_json(&self, root: &Path) -> Value {
        let detail = match &self.outcome {
            Outcome::Equal => Value::Null,
            Outcome::BothRefuse { kustom, other } => json!({"kustom": kustom, "other": other}),
            Outcome::OnlyKustomRefuses(message) => json!({"kustom": message}),
            Outcome::OnlyOtherRefuses(message) => json!({"other": message}),
            Outcome::Skipped(reason) => json!({"reason": reason}),
            Outcome::KustomTimedOut => json!({"who": "kustom"}),
            Outcome::OtherTimedOut => json!({"who": "other"}),
            Outcome::Differs { difference, is_locked } => json!({
                "line": difference.line,
                "resource": difference.resource,
                "kustom": difference.ours,
                "other": difference.theirs,
                "note": is_locked.then_some(LOCKED),
            }),
        };
        json!({
            "directory": root.to_string_lossy(),
            "outcome": self.outcome.name(),
            "detail": detail,
            "seconds": {"kustom": self.kustom.as_secs_f64(), "other": self.other.as_secs_f64()},
        })
    }
}

impl Outcome {
    fn name(&self) -> &'static str {
        match self {
            Outcome::Equal => "equal",
            Outcome::BothRefuse { .. } => "both refuse",
            Outcome::Skipped(_) => "skipped",
            Outcome::Differs { .. } => "differs",
            Outcome::OnlyKustomRefuses(_) => "kustom refuses",
            Outcome::OnlyOtherRefuses(_) => "other refuses",
            Outcome::KustomTimedOut | Outcome::OtherTimedOut => "timed out",
        }
    }

    fn is_trouble(&self) -> bool {
        !matches!(self, Outcome::Equal | Outcome::BothRefuse { .. } | Outcome::Skipped(_))
    }
}

/// Writes the first lines of a message.
fn said(out: &mut String, who: &str, message: &str, lines: usize) -> fmt::Result {
    let mut lines = message.trim_end().lines().take(lines);
    writeln!(out, "    {who}: {}", lines.next().unwrap_or_default())?;
    lines.try_for_each(|line| writeln!(out, "      {line}"))
}
