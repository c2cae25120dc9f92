//! The format for terminals.

use std::fmt::Write;

use serde_json::Value;

use super::lines::{Line, hunks};
use super::model::{ChangeKind, FieldChange, ResourceDiff};
use super::renames::{Rename, renames};
use super::report::{Report, RootReport};
use super::unified::{marked, sides};
use crate::visible::{is_hidden, visible_line};

/// Whether text is coloured, by ANSI sequences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
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

/// Writes a report for people: per object the fields that differ, and a summary line.
///
/// Control characters of the input are escaped, so that no value can steer the terminal.
pub fn terminal(report: &Report, colour: Colour) -> String {
    let mut writer = Writer { out: String::new(), colour };
    let named = report.roots.len() > 1;
    for root in &report.roots {
        if root.error.is_none() && root.diff.is_empty() && root.moved_from.is_none() {
            continue;
        }
        if named || root.error.is_some() || root.moved_from.is_some() {
            writer.paint(BOLD, &visible_line(&root.title()));
            writer.out.push('\n');
        }
        if root.error.is_none() && root.diff.is_empty() {
            writer.out.push_str("  moved, no differences\n\n");
        }
        writer.root(root);
    }
    writer.paint(BOLD, &report.headline());
    writer.out.push('\n');
    writer.out
}

struct Writer {
    out: String,
    colour: Colour,
}

impl Writer {
    fn root(&mut self, root: &RootReport) {
        if let Some(error) = &root.error {
            self.paint(RED, "error: ");
            self.out.push_str(&error.lines().map(visible_line).collect::<Vec<_>>().join("\n  "));
            self.out.push_str("\n\n");
        }
        let renames = renames(&root.diff);
        for (i, resource) in root.diff.resources.iter().enumerate() {
            if resource.only_follows()
                || renames.values().any(|r| std::ptr::eq(r.removed, resource))
            {
                continue;
            }
            match renames.get(&i) {
                Some(rename) => self.rename(rename, resource),
                None => self.resource(resource),
            }
            self.out.push('\n');
        }
        if let Some(line) = following(root) {
            self.paint(DIM, &visible_line(&line));
            self.out.push_str("\n\n");
        }
    }

    fn resource(&mut self, resource: &ResourceDiff) {
        let (sign, colour) = match resource.change {
            ChangeKind::Added => ("+ ", GREEN),
            ChangeKind::Removed => ("- ", RED),
            ChangeKind::Changed => ("~ ", YELLOW),
        };
        self.paint(colour, sign);
        self.paint(BOLD, &visible_line(&title(resource)));
        self.out.push('\n');
        if resource.change == ChangeKind::Changed {
            resource.own_fields().for_each(|field| self.field(field));
            return;
        }
        let (before, after) = sides(resource);
        for line in before.lines().chain(after.lines()) {
            self.paint(colour, &format!("    {sign}{}", visible_line(line)));
            self.out.push('\n');
        }
    }

    fn rename(&mut self, rename: &Rename<'_>, added: &ResourceDiff) {
        for (sign, colour, resource) in [("- ", RED, rename.removed), ("+ ", GREEN, added)] {
            self.paint(colour, sign);
            self.paint(BOLD, &visible_line(&title(resource)));
            self.out.push('\n');
        }
        self.paint(DIM, "    a new object that differs from the removed one in:");
        self.out.push('\n');
        rename.changes.iter().for_each(|field| self.field(field));
    }

    fn field(&mut self, field: &FieldChange) {
        self.out.push_str("    ");
        self.paint(CYAN, &visible_line(&field.path.to_string()));
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
                let note = match (field.reordered, field.masked) {
                    (true, _) => " (order)",
                    (_, true) => " (masked, changed)",
                    _ => "",
                };
                let (before, after) = (scalar(before), scalar(after));
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
                    self.block(RED, "- ", &before);
                    self.block(GREEN, "+ ", &after);
                }
            }
            (Some(value), None) => self.one_side(RED, "- ", value),
            (None, Some(value)) => self.one_side(GREEN, "+ ", value),
            (None, None) => self.out.push('\n'),
        }
    }

    fn one_side(&mut self, colour: &str, sign: &str, value: &Value) {
        match block(value) {
            None => {
                self.out.push_str(": ");
                self.paint(colour, &format!("{sign}{}", scalar(value)));
                self.out.push('\n');
            }
            Some(text) => {
                self.out.push('\n');
                self.block(colour, sign, &text);
            }
        }
    }

    fn block(&mut self, colour: &str, sign: &str, text: &str) {
        for line in text.lines() {
            self.paint(colour, &format!("      {sign}{}", visible_line(line)));
            self.out.push('\n');
        }
    }

    /// Shows what differs between two texts.
    fn lines(&mut self, before: &str, after: &str) {
        for (i, hunk) in hunks(before, after).iter().enumerate() {
            if i > 0 {
                self.paint(DIM, "        …");
                self.out.push('\n');
            }
            for line in &hunk.lines {
                match line {
                    Line::Both(text) => self.paint(DIM, &format!("        {}", visible_line(text))),
                    Line::Before(text) => {
                        self.paint(RED, &format!("      - {}", visible_line(text)));
                    }
                    Line::After(text) => {
                        self.paint(GREEN, &format!("      + {}", visible_line(text)));
                    }
                }
                self.out.push('\n');
            }
        }
        if before.lines().eq(after.lines()) {
            self.out.push_str("      (only the line end at the end differs)\n");
        }
    }

    fn paint(&mut self, colour: &str, text: &str) {
        match self.colour {
            Colour::Never => self.out.push_str(text),
            Colour::Always => {
                let _ = write!(self.out, "\x1b[{colour}m{text}\x1b[0m");
            }
        }
    }
}

/// Returns the line that names an object and, if it has a new one, its new name.
pub(super) fn title(resource: &ResourceDiff) -> String {
    let mut title = match (&resource.before, &resource.after) {
        (Some(before), Some(after)) if before.name != after.name => {
            format!("{before} → {}", after.name)
        }
        (Some(id), _) | (None, Some(id)) => id.to_string(),
        (None, None) => String::new(),
    };
    if let (Some(before), Some(after)) = (&resource.before, &resource.after)
        && before.api_version != after.api_version
    {
        let _ = write!(title, " ({} → {})", before.api_version, after.api_version);
    }
    title
}

/// Returns the one line for everything that only follows new names.
pub(super) fn following(root: &RootReport) -> Option<String> {
    let resources = &root.diff.resources;
    let renamed = |resource: &&ResourceDiff| match (&resource.before, &resource.after) {
        (Some(before), Some(after)) => before.name != after.name,
        _ => false,
    };
    let followed = |resource: &ResourceDiff| {
        let own_name = |field: &FieldChange| field.path.to_string() == "metadata.name";
        resource.fields.iter().filter(|f| f.follows && !own_name(f)).count()
    };
    let followers: Vec<String> = resources
        .iter()
        .filter(|resource| followed(resource) > 0)
        .filter_map(|resource| Some(resource.id()?.to_string()))
        .collect();
    let fields: usize = resources.iter().map(followed).sum();
    if fields == 0 {
        return None;
    }
    let names: Vec<&str> = resources
        .iter()
        .filter(renamed)
        .filter_map(|resource| Some(super::pairs::stem(&resource.after.as_ref()?.name)))
        .collect();
    let plural = if fields == 1 { "reference follows" } else { "references follow" };
    Some(format!("  {fields} {plural} {}: in {}", names.join(", "), followers.join(", ")))
}

/// Returns a value as one line.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) if needs_no_quotes(text) => text.clone(),
        other => visible_line(&other.to_string()).into_owned(),
    }
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
    !text.is_empty()
        && text.trim() == text
        && !text.chars().any(is_hidden)
        && !matches!(text, "true" | "false" | "null")
        && text.parse::<f64>().is_err()
}
