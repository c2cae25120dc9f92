//! The format for comments on pull requests.

use std::fmt::Write;

use indexmap::IndexMap;
use serde_json::Value;

use super::embedded::embedded;
use super::lines::{hunks, message_lines};
use super::reveal::{revealed, shown_path};
use super::sections::{Section, What, sections};
use super::shorten::{shortened, signed};
use super::terminal::{block, is_reordered, line_ends, scalar};
use super::titles::{listed, title};
use super::unified::{marked, sides};
use crate::diagnostics::Result;
use crate::diff::budget::Budget;
use crate::diff::model::{ChangeKind, FieldChange, ResourceDiff};
use crate::diff::renames::Rename;
use crate::diff::report::{Report, RootReport, Standing, plural};
use crate::limits::{Limit, Stop};
use crate::visible::{visible, visible_line};

/// The longest comment that GitHub takes, in characters.
pub const COMMENT_LIMIT: usize = 65_536;

/// How much room is kept for saying what was cut.
const RESERVE: usize = 1_500;
/// How many rows of a table, roots in a row, or names of what was cut are shown.
const MOST_ROWS: usize = 100;

/// Writes a report in Markdown: a summary, a table of the images that change, and per object a part
/// that folds. It has at most `limit` characters ([`COMMENT_LIMIT`] for a comment on GitHub); what
/// does not fit is left out, and the text says so.
///
/// # Errors
/// If it has more bytes than the [limits of the report](Report::within) allow.
pub fn markdown(report: &Report, limit: usize) -> Result<String> {
    let budget = Budget::of_text(&report.limits, report.roots.len());
    let out = format!("### kustom diff: {}\n", report.headline());
    let mut text = Text { out, length: 0, limit, most: report.limits.output_bytes, is_full: false };
    text.length = text.out.chars().count();
    let mut left_out = Vec::new();
    if !report.compared.is_empty() {
        text.add(&format!("\n{}\n", escape(&report.compared)));
    }
    for (part, name) in
        [(risks(report)?, "the list of dangers"), (images(report), "the table of images")]
    {
        if !text.add(&part) {
            left_out.push(name.to_owned());
        }
    }
    // Errors come last, but must not be cut before the changes are.
    let failures = failures(report);
    let reserved: usize = failures.iter().map(|(_, part)| part.chars().count()).sum();
    text.limit = limit - reserved.min(limit / 2);
    let sections = sections(report, &budget);
    let named = report.names_roots();
    for (i, section) in sections.iter().enumerate() {
        // Each section gets its share, so that the first one cannot hide the others.
        let room = text.limit.saturating_sub(text.length + RESERVE) / (sections.len() - i);
        section_parts(section, named, text.length + room, &mut text, &mut left_out, &budget);
        text.check()?;
    }
    text.limit = limit;
    for (name, part) in failures {
        if !text.add(&part) {
            left_out.push(name);
        }
    }
    text.close(&left_out);
    text.check()?;
    Ok(text.out)
}

/// Returns the list of dangers, empty if there are none.
fn risks(report: &Report) -> Result<String> {
    let risks = report.all_risks()?;
    let mut out = String::new();
    for (i, risk) in risks.iter().take(MOST_ROWS).enumerate() {
        if i == 0 {
            out.push_str("\n> [!CAUTION]\n");
        }
        let place = match report.names_roots() {
            true => format!(" ({})", listed(&risk.roots)),
            false => String::new(),
        };
        let line = format!("{}: {}{place}", risk.object, risk.message);
        let _ = writeln!(out, "> - {}", escape(&line.replace('\n', " ")));
    }
    if risks.len() > MOST_ROWS {
        let _ = writeln!(out, "> - … and {} more", risks.len() - MOST_ROWS);
    }
    Ok(out)
}

/// Returns what could not be rendered, each part with its name: what is new with its message, and the
/// rest folded.
fn failures(report: &Report) -> Vec<(String, String)> {
    let names =
        |roots: &[&RootReport]| listed(&roots.iter().map(|root| root.title()).collect::<Vec<_>>());
    let mut parts = Vec::new();
    for (standing, what) in [
        (Standing::Broken, "could not be rendered"),
        (Standing::MayDiffer, "may differ, but could not be compared"),
    ] {
        for (error, roots) in report.failures(standing) {
            let (error, names) = (cut_lines(&error, 40), names(&roots));
            let fence = fence(&error);
            let name = escape(&names);
            let part = format!("\n**{name}** {what}:\n\n{fence}\n{error}\n{fence}\n");
            parts.push((format!("{names}: {what}"), part));
        }
    }
    for (standing, what) in [
        (Standing::Fixed, "could not be rendered before, and can be now"),
        (Standing::Gone, "could not be rendered before, and gone now"),
        (Standing::AsBefore, "could not be compared, as before"),
    ] {
        let groups = report.failures(standing);
        let all: usize = groups.iter().map(|(_, roots)| roots.len()).sum();
        if all == 0 {
            continue;
        }
        let title = format!("{} {what}", plural(all, "root"));
        let mut part = format!("\n<details><summary>{title}</summary>\n\n");
        for (error, roots) in groups.iter().take(MOST_ROWS) {
            let error = error.lines().next().unwrap_or_default();
            let _ = writeln!(part, "- {}: {}", escape(&names(roots)), escape(&clipped(error, 300)));
        }
        part.push_str("\n</details>\n");
        parts.push((title, part));
    }
    parts
}

/// Text of a limited length.
struct Text {
    out: String,
    length: usize,
    limit: usize,
    /// How many bytes there may be at all.
    most: u64,
    /// Whether something had no room for that reason.
    is_full: bool,
}

impl Text {
    /// Checks that there are not too many bytes.
    fn check(&self) -> Result<()> {
        match self.is_full {
            false => Ok(()),
            true => Err(Stop::Exceeded(Limit::OutputBytes, self.most).into()),
        }
    }

    /// Appends a part if it fits, and tells whether it did.
    fn add(&mut self, part: &str) -> bool {
        let part = visible(part);
        let length = part.chars().count();
        let fits = self.length + length + RESERVE <= self.limit;
        if fits && (self.out.len() + part.len()) as u64 > self.most {
            self.is_full = true;
        } else if fits {
            self.out.push_str(&part);
            self.length += length;
        }
        fits
    }

    /// Says what was left out, and makes sure of the limit.
    fn close(&mut self, left_out: &[String]) {
        if !left_out.is_empty() {
            let _ = write!(
                self.out,
                "\n> [!WARNING]\n> **Cut: {} {} not shown in full**, because this text may have at \
                 most {} characters. `--output FILE` keeps everything.\n",
                left_out.len(),
                if left_out.len() == 1 { "part is" } else { "parts are" },
                self.limit
            );
            let mut room = self.limit.saturating_sub(self.out.chars().count() + 100);
            for (i, name) in left_out.iter().enumerate() {
                let line = format!("> - {}\n", escape(name));
                let length = line.chars().count();
                if length > room || i == MOST_ROWS {
                    let _ = writeln!(self.out, "> - … and {} more", left_out.len() - i);
                    break;
                }
                room -= length;
                self.out.push_str(&visible(&line));
            }
        }
        if self.out.chars().count() > self.limit {
            self.out = self.out.chars().take(self.limit).collect();
        }
    }
}

/// Adds a section; its parts may make the text as long as `until`.
fn section_parts(
    section: &Section<'_>,
    named: bool,
    until: usize,
    text: &mut Text,
    left_out: &mut Vec<String>,
    budget: &Budget,
) {
    let moved = section.roots.iter().any(|root| root.moved_from.is_some());
    if named || moved {
        let counts = match section.roots.as_slice() {
            [root] if !root.diff.is_empty() => format!(" ({})", root.diff.summary()),
            _ => String::new(),
        };
        text.add(&format!("\n#### {}{counts}\n", escape(&section.title())));
        let all = section.all_roots();
        if all.len() > listed(&all).split(", ").count() {
            text.add(&format!("\n<sub>{}</sub>\n", escape(&all.join(", "))));
        }
    }
    let mut cut = Vec::new();
    for item in &section.items {
        let (title, what, body) = match &item.what {
            What::Object(resource) => (item.title.clone(), what(resource), body(resource, budget)),
            What::Renamed(rename, added) => rename_parts(rename, added, budget),
            What::Following(following) => {
                text.add(&format!("\n{}\n", escape(following.line().trim())));
                continue;
            }
            What::Note(line) => {
                text.add(&format!("\n{}\n", escape(line.trim())));
                continue;
            }
            What::Moved => {
                text.add("\nmoved, no differences\n");
                continue;
            }
        };
        let part = details(&title, &what, &body);
        if text.length + part.chars().count() <= until && text.add(&part) {
            continue;
        }
        // The beginning says more than nothing, as long as there is room for the others' beginnings.
        let room = until.saturating_sub(text.length) / 4;
        let (mut kept, mut length) = (String::new(), 0);
        for line in body.lines() {
            if length + line.chars().count() + title.len() + 200 > room {
                break;
            }
            length += line.chars().count() + 1;
            kept.push_str(line);
            kept.push('\n');
        }
        if !kept.is_empty() {
            kept.push_str("# … cut\n");
            text.add(&details(&title, &what, &kept));
        }
        cut.push(title);
    }
    let name = match section.roots.as_slice() {
        [root] if root.root.is_empty() => String::new(),
        [root] => format!("{}: ", root.title()),
        roots => format!("{}: ", plural(roots.len(), "root")),
    };
    if let [first, .., last] = cut.as_slice()
        && cut.len() > MOST_CUT
    {
        left_out.push(format!("{name}{} objects, {first} to {last}", cut.len()));
        return;
    }
    left_out.extend(cut.into_iter().map(|title| format!("{name}{title}")));
}

/// How many objects of a section that were cut are named.
const MOST_CUT: usize = 12;

/// Returns title, kind of change and lines of an object that has a new name.
fn rename_parts(
    rename: &Rename<'_>,
    added: &ResourceDiff,
    budget: &Budget,
) -> (String, String, String) {
    let name = added.after.as_ref().map_or("", |id| id.name.as_str());
    let mut body = String::new();
    for field in &rename.changes {
        field_lines(field, budget, &mut |sign, text| add_lines(sign, text, &mut body));
    }
    let title = format!("{} → {name}", title(rename.removed));
    (title, "removed, and added under a new name".to_owned(), body)
}

/// Says in brackets behind the title what happened.
fn what(resource: &ResourceDiff) -> String {
    match (resource.change, resource.own_fields().count()) {
        (ChangeKind::Added, _) => "added".to_owned(),
        (ChangeKind::Removed, _) => "removed".to_owned(),
        (ChangeKind::Changed, 1) => "1 field".to_owned(),
        (ChangeKind::Changed, count) => format!("{count} fields"),
    }
}

fn details(title: &str, what: &str, body: &str) -> String {
    let fence = fence(body);
    format!(
        "\n<details><summary>{} ({what})</summary>\n\n{fence}diff\n{body}{fence}\n\n</details>\n",
        escape_html(title)
    )
}

fn add_lines(sign: &str, text: &str, out: &mut String) {
    for line in text.lines() {
        let _ = writeln!(out, "{sign}{}", visible_line(line));
    }
}

/// Returns the lines of a resource in the manner of a patch, which is colored on most sites.
fn body(resource: &ResourceDiff, budget: &Budget) -> String {
    let mut out = String::new();
    let mut add = |sign: &str, text: &str| add_lines(sign, text, &mut out);
    if resource.change != ChangeKind::Changed {
        let (before, after) = sides(resource);
        add("- ", &before);
        add("+ ", &after);
        return out;
    }
    for field in resource.own_fields() {
        field_lines(field, budget, &mut add);
    }
    out
}

fn field_lines(field: &FieldChange, budget: &Budget, add: &mut dyn FnMut(&str, &str)) {
    let path = shown_path(&field.path);
    if let Some(inside) = embedded(field, budget) {
        if inside.changes.is_empty() {
            add("  ", &format!("{path}: the same {}, written differently", inside.format));
        } else {
            add("  ", &format!("{path} ({} inside):", inside.format));
            for change in &inside.changes {
                field_lines(change, budget, &mut |sign, text| add(&format!("{sign}  "), text));
            }
        }
        return;
    }
    let note = match (is_reordered(field), field.masked) {
        (true, _) => " (order)",
        (_, true) => " (masked)",
        _ => "",
    };
    match (&field.before, &field.after) {
        (Some(Value::String(before)), Some(Value::String(after)))
            if before.contains('\n') || after.contains('\n') =>
        {
            add("  ", &format!("{path}: |"));
            let (before, after) = match field.masked && before == after {
                true => marked(before),
                false => (before.clone(), after.clone()),
            };
            let (old, new) = revealed(&before, &after, budget);
            for hunk in hunks(&old, &new, budget) {
                for (sign, text) in signed(&hunk.lines, true, budget) {
                    add(&format!("{sign}   "), &text);
                }
            }
            if let Some(note) = line_ends(&before, &after) {
                add("  ", &format!("({note})"));
            }
        }
        (Some(before), Some(after)) if block(before).is_none() && block(after).is_none() => {
            let (before, after) = (scalar(before), scalar(after));
            let (before, after) = revealed(&before, &after, budget);
            let short = shortened(&before, &after, budget);
            let (old, new) = short.unwrap_or_else(|| (before.into_owned(), after.into_owned()));
            add("- ", &format!("{path}: {old}{note}"));
            add("+ ", &format!("{path}: {new}{note}"));
        }
        (before, after) => {
            for (sign, value) in [("- ", before), ("+ ", after)] {
                let Some(value) = value else { continue };
                match block(value) {
                    None => add(sign, &format!("{path}: {}{note}", scalar(value))),
                    Some(text) => {
                        add(sign, &format!("{path}:{note}"));
                        add(&format!("{sign}  "), &text);
                    }
                }
            }
        }
    }
}

/// Returns the table of images, empty if none changes.
fn images(report: &Report) -> String {
    let mut rows: IndexMap<[String; 3], Vec<String>> = IndexMap::new();
    for root in &report.roots {
        for image in root.diff.images() {
            let (before, after) = image.shown();
            let row = [image.name(), before, after].map(str::to_owned);
            let places = rows.entry(row).or_default();
            let objects = image.objects.iter().map(ToString::to_string);
            if report.names_roots() {
                places.push(root.root.clone());
            } else {
                places.extend(objects);
            }
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n| Image | Before | After | Where |\n| --- | --- | --- | --- |\n");
    for ([name, before, after], places) in rows.iter().take(MOST_ROWS) {
        let _ = write!(out, "| {} | {} | {} | ", code(name), code(before), code(after));
        let shown: Vec<String> = places.iter().take(6).map(|place| cell(&escape(place))).collect();
        out.push_str(&shown.join("<br>"));
        if places.len() > shown.len() {
            let _ = write!(out, "<br>and {} more", places.len() - shown.len());
        }
        out.push_str(" |\n");
    }
    if rows.len() > MOST_ROWS {
        let _ = writeln!(out, "\n… and {} more images", rows.len() - MOST_ROWS);
    }
    out
}

/// Returns a fence that the text does not contain.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat((longest + 1).max(3))
}

/// Returns the start of a line that is too long.
fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn cut_lines(text: &str, most: usize) -> String {
    message_lines(text).take(most).collect::<Vec<_>>().join("\n")
}

/// Returns text as code in a cell of a table.
fn code(text: &str) -> String {
    if matches!(text, "—" | "(no tag)") {
        return text.to_owned();
    }
    format!("`{}`", cell(&visible_line(text)).replace('`', "'"))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Escapes what HTML would take for markup.
fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    visible_line(text).chars().for_each(|c| push_html(c, &mut out));
    out
}

/// Returns a text as Markdown that shows it, on one line: nothing in it is markup, ends a cell of a table, or tells
/// somebody.
pub fn escaped_markdown(text: &str) -> String {
    escape(text).replace('|', "\\|")
}

/// Escapes what Markdown or HTML would take for markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible_line(text).chars() {
        if matches!(c, '*' | '_' | '`' | '[' | ']' | '#' | '~' | '\\') {
            out.push('\\');
        }
        push_html(c, &mut out);
    }
    out
}

fn push_html(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        // Sites look for names to tell after all escapes are gone, so only something in between helps.
        '@' => out.push_str("@<!-- -->"),
        c => out.push(c),
    }
}
