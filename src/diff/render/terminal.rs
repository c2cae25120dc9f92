//! The format for terminals.

use std::fmt::Write;

use serde_json::Value;

use super::embedded::{Embedded, embedded};
use super::lines::hunks;
use super::reveal::{revealed, shown_path};
use super::sections::{Item, What, sections};
use super::shorten::{shortened, signed};
use super::titles::{listed, title};
use super::unified::{marked, sides};
use super::words::{Part, parts};
use crate::diagnostics::Result;
use crate::diff::budget::Budget;
use crate::diff::model::{ChangeKind, FieldChange, ResourceDiff};
use crate::diff::out::Out;
use crate::diff::renames::Rename;
use crate::diff::report::{Report, RootReport, Standing, plural};
use crate::visible::{is_hidden, visible_colored, visible_line};
use crate::yaml::{Style, printed_style};

/// Whether text is colored, by ANSI sequences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Color {
    /// Plain text.
    #[default]
    Never,
    /// Red, green and the like.
    Always,
}

/// The longest change that is shown in one line, with the path of the field.
const ONE_LINE: usize = 100;

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const CYAN: &str = "36";
const REVERSE: &str = "7";

/// How many lines of an object that was added or removed are shown.
const MOST_LINES: usize = 60;

/// Writes a report for people: dangers first, then per object the fields that differ (once for all roots
/// that have the same change), what could not be rendered, and a summary line.
///
/// Control characters of the input and such as turn the direction of text are escaped, so that no value
/// can steer the terminal or hide what it is.
///
/// # Errors
/// If it has more bytes than the [limits of the report](Report::within) allow.
pub fn terminal(report: &Report, color: Color) -> Result<String> {
    let budget = Budget::of_text(&report.limits, report.roots.len());
    let mut writer = Writer { out: Out::new(&report.limits), color, budget: &budget };
    if !report.compared.is_empty() {
        writer.line(DIM, &visible_line(&report.compared));
        writer.out.push('\n');
    }
    writer.risks(report)?;
    let named = report.names_roots();
    for section in &sections(report, &budget) {
        if named || section.roots.iter().any(|root| root.moved_from.is_some()) {
            writer.line(BOLD, &visible_line(&section.title()));
        }
        for item in &section.items {
            writer.item(item);
            writer.out.push('\n');
        }
    }
    writer.failures(report);
    writer.line(BOLD, &report.headline());
    writer.out.finish(visible_colored)
}

struct Writer<'b> {
    out: Out,
    color: Color,
    /// For what is only nicer to read.
    budget: &'b Budget,
}

impl Writer<'_> {
    fn risks(&mut self, report: &Report) -> Result<()> {
        let risks = report.all_risks()?;
        for risk in &risks {
            let place = match report.names_roots() {
                true => format!(" ({})", listed(&risk.roots)),
                false => String::new(),
            };
            self.paint(RED, "danger: ");
            self.out.push_str(&visible_line(&format!("{}: {}{place}", risk.object, risk.message)));
            self.out.push('\n');
        }
        if !risks.is_empty() {
            self.out.push('\n');
        }
        Ok(())
    }

    /// Writes what could not be rendered: what is new with its message, and the rest in a line each.
    fn failures(&mut self, report: &Report) {
        let names = |roots: &[&RootReport]| roots.iter().map(|r| r.title()).collect::<Vec<_>>();
        for (standing, color, word) in
            [(Standing::Broken, RED, "error: "), (Standing::MayDiffer, YELLOW, "may differ: ")]
        {
            for (text, roots) in report.failures(standing) {
                let names = names(&roots);
                if names != [""] {
                    self.line(BOLD, &visible_line(&listed(&names)));
                }
                self.paint(color, word);
                self.out.push_str(&text.lines().map(visible_line).collect::<Vec<_>>().join("\n  "));
                self.out.push_str("\n\n");
            }
        }
        for (standing, sign, what) in [
            (Standing::Fixed, GREEN, "could not be rendered before, and can be now"),
            (Standing::Gone, YELLOW, "could not be rendered before, and gone now"),
            (Standing::AsBefore, DIM, "could not be compared, as before"),
        ] {
            let groups = report.failures(standing);
            let all: usize = groups.iter().map(|(_, roots)| roots.len()).sum();
            if all == 0 {
                continue;
            }
            if standing == Standing::AsBefore {
                let line = report.as_before();
                self.line(sign, &visible_line(&format!("{} {what}{line}", plural(all, "root"))));
                self.out.push('\n');
                continue;
            }
            self.line(sign, &format!("{} {what}:", plural(all, "root")));
            for (text, roots) in groups {
                let names = listed(&names(&roots));
                let first = text.lines().next().unwrap_or_default();
                let colon = if names.is_empty() { "" } else { ": " };
                self.line(DIM, &visible_line(&format!("  {names}{colon}{first}")));
                // What would let the side before be rendered too.
                let hint = text.lines().find(|line| line.trim_start().starts_with("hint: "));
                if let Some(hint) = hint.filter(|_| standing == Standing::Fixed) {
                    self.line(DIM, &visible_line(&format!("    {}", hint.trim_start())));
                }
            }
            self.out.push('\n');
        }
    }

    fn item(&mut self, item: &Item<'_>) {
        match &item.what {
            What::Object(resource) => self.resource(&item.title, resource),
            What::Renamed(rename, added) => self.rename(rename, added),
            What::Following(following) => self.line(DIM, &visible_line(&following.line())),
            What::Note(line) => self.line(DIM, &visible_line(line)),
            What::Moved => self.out.push_str("  moved, no differences\n"),
        }
    }

    fn line(&mut self, color: &str, text: &str) {
        self.paint(color, text);
        self.out.push('\n');
    }

    fn resource(&mut self, title: &str, resource: &ResourceDiff) {
        let (sign, color) = match resource.change {
            ChangeKind::Added => ("+ ", GREEN),
            ChangeKind::Removed => ("- ", RED),
            ChangeKind::Changed => ("~ ", YELLOW),
        };
        self.paint(color, sign);
        self.paint(BOLD, &visible_line(title));
        self.out.push('\n');
        if resource.change == ChangeKind::Changed {
            resource.own_fields().for_each(|field| self.field(field));
            return;
        }
        let (before, after) = sides(resource);
        let lines: Vec<&str> = before.lines().chain(after.lines()).collect();
        // A few more lines than allowed are shorter than the note on them.
        let most = if lines.len() > MOST_LINES + 5 { MOST_LINES } else { lines.len() };
        for line in &lines[..most] {
            self.paint(color, &format!("    {sign}{}", visible_line(line)));
            self.out.push('\n');
        }
        if lines.len() > most {
            let more = lines.len() - most;
            self.line(DIM, &format!("    … {more} more lines (--format unified has them all)"));
        }
    }

    fn rename(&mut self, rename: &Rename<'_>, added: &ResourceDiff) {
        for (sign, color, resource) in [("- ", RED, rename.removed), ("+ ", GREEN, added)] {
            self.paint(color, sign);
            self.paint(BOLD, &visible_line(&title(resource)));
            self.out.push('\n');
        }
        let kinds = [&rename.removed.before, &added.after].map(|id| id.as_ref().map(|id| &id.kind));
        self.paint(
            DIM,
            match kinds[0] == kinds[1] {
                true => "    a new object that differs from the removed one in:",
                false => "    another kind under the same name, a new object; it differs in:",
            },
        );
        self.out.push('\n');
        rename.changes.iter().for_each(|field| self.field(field));
    }

    fn field(&mut self, field: &FieldChange) {
        self.out.push_str("    ");
        self.paint(CYAN, &visible_line(&shown_path(&field.path)));
        if let Some(inside) = embedded(field, self.budget) {
            self.embedded(&inside);
            return;
        }
        match (&field.before, &field.after) {
            (Some(Value::String(before)), Some(Value::String(after)))
                if before.contains('\n') || after.contains('\n') =>
            {
                self.out.push('\n');
                match field.masked && before == after {
                    true => {
                        let (before, after) = marked(before);
                        self.lines(&before, &after);
                    }
                    false => self.lines(before, after),
                }
            }
            (Some(before), Some(after)) => {
                let note = match (is_reordered(field), field.masked) {
                    (true, _) => " (order)",
                    (_, true) => " (masked, changed)",
                    _ => "",
                };
                let (before, after) = (scalar(before), scalar(after));
                let (before, after) = revealed(&before, &after, self.budget);
                let length = |text: &str| text.chars().count();
                let path = length(&field.path.to_string());
                if path + length(&before) + length(&after) <= ONE_LINE {
                    self.out.push_str(": ");
                    self.paint(RED, &before);
                    self.out.push_str(" → ");
                    self.paint(GREEN, &after);
                    self.out.push_str(note);
                    self.out.push('\n');
                } else {
                    self.out.push_str(note);
                    self.out.push('\n');
                    let short = match self.color {
                        // Nothing else tells where they differ.
                        Color::Never => shortened(&before, &after, self.budget),
                        Color::Always => None,
                    };
                    if let Some((old, new)) = short {
                        let _ = writeln!(self.out, "      - {old}\n      + {new}");
                        return;
                    }
                    let (old, new) = parts(&before, &after, self.budget);
                    self.marked(RED, "- ", &old);
                    self.marked(GREEN, "+ ", &new);
                }
            }
            (Some(value), None) => self.one_side(RED, "- ", value),
            (None, Some(value)) => self.one_side(GREEN, "+ ", value),
            (None, None) => self.out.push('\n'),
        }
    }

    fn one_side(&mut self, color: &str, sign: &str, value: &Value) {
        match block(value) {
            None => {
                self.out.push_str(": ");
                self.paint(color, &format!("{sign}{}", scalar(value)));
                self.out.push('\n');
            }
            Some(text) => {
                self.out.push('\n');
                self.block(color, sign, &text);
            }
        }
    }

    fn block(&mut self, color: &str, sign: &str, text: &str) {
        for line in text.lines() {
            self.paint(color, &format!("      {sign}{}", visible_line(line)));
            self.out.push('\n');
        }
    }

    /// Shows what differs between two texts.
    fn lines(&mut self, before: &str, after: &str) {
        let (old, new) = revealed(before, after, self.budget);
        for (i, hunk) in hunks(&old, &new, self.budget).iter().enumerate() {
            if i > 0 {
                self.paint(DIM, "        …");
                self.out.push('\n');
            }
            for (sign, text) in signed(&hunk.lines, self.color == Color::Never, self.budget) {
                let color = match sign {
                    '-' => RED,
                    '+' => GREEN,
                    _ => DIM,
                };
                self.paint(color, &format!("      {sign} {}", visible_line(&text)));
                self.out.push('\n');
            }
        }
        if let Some(note) = line_ends(before, after) {
            self.line(DIM, &format!("      ({note})"));
        }
    }

    /// Writes what differs in a text that holds data.
    fn embedded(&mut self, inside: &Embedded) {
        if inside.changes.is_empty() {
            let _ = writeln!(self.out, ": the same {}, written differently", inside.format);
            return;
        }
        let _ = writeln!(self.out, " ({} inside):", inside.format);
        let mut inner = Writer { out: self.out.inner(), color: self.color, budget: self.budget };
        inside.changes.iter().for_each(|change| inner.field(change));
        let Some(text) = inner.out.text() else { return self.out.overflow() };
        for line in text.lines() {
            let _ = writeln!(self.out, "  {line}");
        }
    }

    /// Writes one line with the words in which it differs made to stand out.
    fn marked(&mut self, color: &str, sign: &str, parts: &[Part<'_>]) {
        self.paint(color, &format!("      {sign}"));
        for part in parts {
            match part.differs {
                true => self.paint(&format!("{color};{REVERSE}"), part.text),
                false => self.paint(color, part.text),
            }
        }
        self.out.push('\n');
    }

    fn paint(&mut self, color: &str, text: &str) {
        match self.color {
            Color::Never => self.out.push_str(text),
            Color::Always => {
                let _ = write!(self.out, "\x1b[{color}m{text}\x1b[0m");
            }
        }
    }
}

/// Returns a value as one line; a string that looks like something else in quotes.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) if needs_no_quotes(text) => text.clone(),
        other => visible_line(&other.to_string()).into_owned(),
    }
}

/// Returns `true` if a change only puts the elements of a list into another order.
pub(super) fn is_reordered(change: &FieldChange) -> bool {
    let texts = |value: &Option<Value>| {
        let items = value.as_ref()?.as_array()?;
        let mut texts: Vec<String> = items.iter().map(Value::to_string).collect();
        texts.sort_unstable();
        Some(texts)
    };
    change.reordered
        || texts(&change.before).is_some_and(|before| texts(&change.after) == Some(before))
            && !change.masked
}

/// Says how the line ends of two texts differ, if they do.
pub(super) fn line_ends(before: &str, after: &str) -> Option<String> {
    let of = |text: &str| {
        let crlf = text.matches("\r\n").count();
        (crlf, text.matches('\n').count() - crlf)
    };
    let name = |(crlf, lf)| match (crlf, lf) {
        (0, 0) => "none",
        (0, _) => "LF",
        (_, 0) => "CRLF",
        _ => "CRLF and LF",
    };
    let (old, new) = (of(before), of(after));
    let both = old != (0, 0) && new != (0, 0);
    if both && name(old) != name(new) {
        return Some(format!("line ends differ: {} → {}", name(old), name(new)));
    }
    if !before.lines().eq(after.lines()) || before == after {
        return None;
    }
    Some(match both && old.0 != new.0 {
        true => "line ends differ: CRLF in other lines".to_owned(),
        false => "only the line end at the end differs".to_owned(),
    })
}

/// Returns a value as YAML, if it has several lines.
pub(super) fn block(value: &Value) -> Option<String> {
    let several = match value {
        Value::String(text) => text.contains('\n'),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => false,
    };
    let mut text = String::new();
    match value {
        Value::String(plain) => text.push_str(plain),
        value => crate::yaml::print(&crate::yaml::from_value(value), &mut text).ok()?,
    }
    several.then_some(text)
}

fn needs_no_quotes(text: &str) -> bool {
    !text.is_empty() && printed_style(text) == Style::Plain && !text.chars().any(is_hidden)
}
