//! The format for comments on pull requests.

use std::fmt::Write;

use indexmap::IndexMap;
use serde_json::Value;

use super::lines::{Line, hunks};
use super::model::{ChangeKind, FieldChange, ResourceDiff};
use super::renames::{Rename, renames};
use super::report::{Report, RootReport};
use super::terminal::{block, following, scalar, title};
use super::unified::{marked, sides};
use crate::visible::visible_line;

/// The longest comment that GitHub takes, in characters.
pub const COMMENT_LIMIT: usize = 65_536;

/// How much room is kept for saying what was cut.
const RESERVE: usize = 1_500;
/// How many rows of a table, roots in a row, or names of what was cut are shown.
const MOST_ROWS: usize = 100;

/// Writes a report in Markdown: a summary, a table of the images that change, and per object a part
/// that folds. It has at most `limit` characters ([`COMMENT_LIMIT`] for a comment on GitHub); what
/// does not fit is left out, and the text says so.
pub fn markdown(report: &Report, limit: usize) -> String {
    let mut text =
        Text { out: format!("### kustom diff: {}\n", report.headline()), length: 0, limit };
    text.length = text.out.chars().count();
    let mut left_out = Vec::new();
    for root in &report.roots {
        if let Some(error) = &root.error {
            let fence = fence(error);
            let told = text.add(&format!(
                "\n**{}** could not be rendered:\n\n{fence}\n{}\n{fence}\n",
                escape(&root.root),
                cut_lines(error, 40)
            ));
            if !told {
                left_out.push(format!("{}: could not be rendered", root.root));
            }
        } else if root.moved_from.is_some() && root.diff.is_empty() {
            text.add(&format!("\n**{}**: moved, no differences\n", escape(&root.title())));
        }
    }
    if !text.add(&images(report)) {
        left_out.push("the table of images".to_owned());
    }
    for root in &report.roots {
        root_parts(root, report.roots.len() > 1, &mut text, &mut left_out);
    }
    text.close(&left_out);
    text.out
}

/// Text of a limited length.
struct Text {
    out: String,
    length: usize,
    limit: usize,
}

impl Text {
    /// Appends a part if it fits, and tells whether it did.
    fn add(&mut self, part: &str) -> bool {
        let length = part.chars().count();
        let fits = self.length + length + RESERVE <= self.limit;
        if fits {
            self.out.push_str(part);
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
                 most {} characters. Run `kustom diff` yourself to see everything.\n",
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
                self.out.push_str(&line);
            }
        }
        if self.out.chars().count() > self.limit {
            self.out = self.out.chars().take(self.limit).collect();
        }
    }
}

fn root_parts(root: &RootReport, named: bool, text: &mut Text, left_out: &mut Vec<String>) {
    if root.diff.is_empty() {
        return;
    }
    if named {
        text.add(&format!("\n#### {} ({})\n", escape(&root.title()), root.diff.summary()));
    }
    let renames = renames(&root.diff);
    for (i, resource) in root.diff.resources.iter().enumerate() {
        if resource.only_follows() || renames.values().any(|r| std::ptr::eq(r.removed, resource)) {
            continue;
        }
        let (title, what, body) = match renames.get(&i) {
            Some(rename) => rename_parts(rename, resource),
            None => (title(resource), what(resource), body(resource)),
        };
        if text.add(&details(&title, &what, &body)) {
            continue;
        }
        // The beginning says more than nothing, as long as there is room for the others' beginnings.
        let room = text.limit.saturating_sub(text.length + RESERVE) / 4;
        let mut kept = String::new();
        for line in body.lines() {
            if kept.chars().count() + line.chars().count() + title.len() + 200 > room {
                break;
            }
            kept.push_str(line);
            kept.push('\n');
        }
        if !kept.is_empty() {
            kept.push_str("# … cut\n");
            text.add(&details(&title, &what, &kept));
        }
        let slash = if root.root.is_empty() { "" } else { ": " };
        left_out.push(format!("{}{slash}{title}", root.root));
    }
    if let Some(line) = following(root) {
        text.add(&format!("\n{}\n", escape(line.trim())));
    }
}

/// Returns title, kind of change and lines of an object that has a new name.
fn rename_parts(rename: &Rename<'_>, added: &ResourceDiff) -> (String, String, String) {
    let name = added.after.as_ref().map_or("", |id| id.name.as_str());
    let mut body = String::new();
    for field in &rename.changes {
        field_lines(field, &mut |sign, text| add_lines(sign, text, &mut body));
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

/// Returns the lines of a resource in the manner of a patch, which is coloured on most sites.
fn body(resource: &ResourceDiff) -> String {
    let mut out = String::new();
    let mut add = |sign: &str, text: &str| add_lines(sign, text, &mut out);
    if resource.change != ChangeKind::Changed {
        let (before, after) = sides(resource);
        add("- ", &before);
        add("+ ", &after);
        return out;
    }
    for field in resource.own_fields() {
        field_lines(field, &mut add);
    }
    out
}

fn field_lines(field: &FieldChange, add: &mut impl FnMut(&str, &str)) {
    let path = &field.path;
    let note = match (field.reordered, field.masked) {
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
            for hunk in hunks(&before, &after) {
                for line in hunk.lines {
                    match line {
                        Line::Both(text) => add("    ", text),
                        Line::Before(text) => add("-   ", text),
                        Line::After(text) => add("+   ", text),
                    }
                }
            }
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
            if report.roots.len() > 1 {
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

fn cut_lines(text: &str, most: usize) -> String {
    text.lines().take(most).map(visible_line).collect::<Vec<_>>().join("\n")
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
