//! The format for browsers: one page that needs nothing from elsewhere.

use std::fmt::Write;

use serde_json::Value;

use super::embedded::embedded;
use super::lines::{Line, hunks, message_lines};
use super::reveal::{revealed, shown_path};
use super::sections::{Item, Section, What, sections};
use super::terminal::{block, is_reordered, line_ends, scalar};
use super::titles::{MOST_NAMES, listed, title};
use super::unified::{marked, sides};
use super::words::{Part, parts};
use crate::diagnostics::Result;
use crate::diff::budget::Budget;
use crate::diff::model::{ChangeKind, FieldChange, ResourceDiff};
use crate::diff::out::Out;
use crate::diff::report::{Report, RootReport, Standing, plural};
use crate::visible::{visible_colored, visible_line};

const STYLE: &str = include_str!("html.css");
const SCRIPT: &str = include_str!("html.js");

/// Writes a report as a page: summary, dangers, images, and per object a part that folds, with a field to
/// search in. Every value is escaped, and the page may not load anything.
///
/// # Errors
/// If it has more bytes than the [limits of the report](Report::within) allow.
pub fn html(report: &Report) -> Result<String> {
    let budget = Budget::of_text(&report.limits, report.roots.len());
    let mut page = Page { out: Out::new(&report.limits), budget: &budget };
    let _ = write!(
        page.out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <title>kustom diff</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
    );
    page.tag("h1", "", "kustom diff");
    page.tag("p", "headline", &report.headline());
    if !report.compared.is_empty() {
        page.tag("p", "note", &report.compared);
    }
    page.out.push_str(
        "<p class=\"tools\"><label>Search <input id=\"search\" type=\"search\"></label> \
         <button id=\"open\" type=\"button\">Open all</button> \
         <button id=\"close\" type=\"button\">Close all</button> \
         <output id=\"count\"></output></p>\n",
    );
    page.risks(report)?;
    page.images(report);
    for section in &sections(report, &budget) {
        page.section(section, report.names_roots());
    }
    page.failures(report);
    let _ = write!(page.out, "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    page.out.finish(visible_colored)
}

struct Page<'b> {
    out: Out,
    /// For what is only nicer to read.
    budget: &'b Budget,
}

impl Page<'_> {
    /// Appends text, escaped.
    fn text(&mut self, text: &str) {
        for c in visible_line(text).chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                c => self.out.push(c),
            }
        }
    }

    /// Appends an element with a text in it; tag and class are ours.
    fn tag(&mut self, tag: &str, class: &str, text: &str) {
        match class {
            "" => _ = write!(self.out, "<{tag}>"),
            class => _ = write!(self.out, "<{tag} class=\"{class}\">"),
        }
        self.text(text);
        let _ = writeln!(self.out, "</{tag}>");
    }

    fn risks(&mut self, report: &Report) -> Result<()> {
        let risks = report.all_risks()?;
        if risks.is_empty() {
            return Ok(());
        }
        self.out.push_str("<section class=\"risks\"><h2>Dangers</h2>\n<ul>\n");
        for risk in &risks {
            let place = match report.names_roots() {
                true => format!(" ({})", listed(&risk.roots)),
                false => String::new(),
            };
            self.tag("li", "", &format!("{}: {}{place}", risk.object, risk.message));
        }
        self.out.push_str("</ul></section>\n");
        Ok(())
    }

    fn images(&mut self, report: &Report) {
        let mut rows: indexmap::IndexMap<[String; 3], Vec<String>> = indexmap::IndexMap::new();
        for root in &report.roots {
            for image in root.diff.images() {
                let (before, after) = image.shown();
                let row = [image.name(), before, after].map(str::to_owned);
                let objects = image.objects.iter().map(ToString::to_string);
                let places = rows.entry(row).or_default();
                match report.names_roots() {
                    true => places.push(root.root.clone()),
                    false => places.extend(objects),
                }
            }
        }
        if rows.is_empty() {
            return;
        }
        self.out.push_str(
            "<section><h2>Images</h2>\n<table><thead><tr><th>Image</th><th>Before</th>\
             <th>After</th><th>Where</th></tr></thead><tbody>\n",
        );
        for (row, places) in &rows {
            self.out.push_str("<tr>");
            row.iter().for_each(|cell| self.tag("td", "code", cell));
            self.tag("td", "", &listed(places));
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody></table></section>\n");
    }

    fn section(&mut self, section: &Section<'_>, named: bool) {
        self.out.push_str("<section>");
        if named || section.roots.iter().any(|root| root.moved_from.is_some()) {
            self.tag("h2", "", &section.title());
            let all = section.all_roots();
            // The title has the first ones.
            if all.len() > MOST_NAMES {
                self.tag("p", "note", &all.join(", "));
            }
        }
        section.items.iter().for_each(|item| self.item(item));
        self.out.push_str("</section>\n");
    }

    fn item(&mut self, item: &Item<'_>) {
        match &item.what {
            What::Following(following) => self.tag("p", "note", following.line().trim()),
            What::Note(line) => self.tag("p", "note", line.trim()),
            What::Moved => self.tag("p", "note", "moved, no differences"),
            What::Object(resource) => {
                let what = match (resource.change, resource.own_fields().count()) {
                    (ChangeKind::Added, _) => "added".to_owned(),
                    (ChangeKind::Removed, _) => "removed".to_owned(),
                    (ChangeKind::Changed, count) => plural(count, "field"),
                };
                self.open(&item.title, &what);
                self.object(resource);
                self.out.push_str("</div></details>\n");
            }
            What::Renamed(rename, added) => {
                let name = added.after.as_ref().map(ToString::to_string).unwrap_or_default();
                self.open(&format!("{} → {name}", title(rename.removed)), "another object");
                rename.changes.iter().for_each(|change| self.field(change));
                self.out.push_str("</div></details>\n");
            }
        }
    }

    fn open(&mut self, title: &str, what: &str) {
        self.out.push_str("<details open><summary>");
        self.text(title);
        self.out.push(' ');
        self.tag("small", "", what);
        self.out.push_str("</summary><div class=\"fields\">\n");
    }

    fn object(&mut self, resource: &ResourceDiff) {
        if resource.change == ChangeKind::Changed {
            resource.own_fields().for_each(|field| self.field(field));
            return;
        }
        let (before, after) = sides(resource);
        self.out.push_str("<pre>");
        self.whole("del", "- ", &before);
        self.whole("ins", "+ ", &after);
        self.out.push_str("</pre>\n");
    }

    /// Appends lines of one side.
    fn whole(&mut self, tag: &str, sign: &str, text: &str) {
        for line in text.lines() {
            self.parts(tag, sign, &[Part { text: line, differs: false }]);
        }
    }

    /// Appends one line of one side, with the words that differ marked.
    fn parts(&mut self, tag: &str, sign: &str, parts: &[Part<'_>]) {
        let _ = write!(self.out, "<{tag}>{sign}");
        for part in parts {
            if part.differs {
                self.out.push_str("<mark>");
            }
            self.text(part.text);
            if part.differs {
                self.out.push_str("</mark>");
            }
        }
        // Each is a block of its own; a line break would be a blank line.
        let _ = write!(self.out, "</{tag}>");
    }

    fn field(&mut self, field: &FieldChange) {
        self.out.push_str("<div class=\"field\"><code class=\"path\">");
        self.text(&shown_path(&field.path));
        self.out.push_str("</code>");
        let note = match (is_reordered(field), field.masked) {
            (true, _) => "order",
            (_, true) => "masked",
            _ => "",
        };
        if !note.is_empty() {
            self.out.push(' ');
            self.tag("small", "", note);
        }
        self.out.push_str("<pre>");
        if let Some(inside) = embedded(field, self.budget) {
            self.out.push_str("</pre>");
            match inside.changes.is_empty() {
                true => {
                    let note = format!("the same {}, written differently", inside.format);
                    self.tag("small", "", &note);
                }
                false => inside.changes.iter().for_each(|change| self.field(change)),
            }
            self.out.push_str("</div>\n");
            return;
        }
        match (&field.before, &field.after) {
            (Some(Value::String(before)), Some(Value::String(after)))
                if before.contains('\n') || after.contains('\n') =>
            {
                let (before, after) = match field.masked && before == after {
                    true => marked(before),
                    false => (before.clone(), after.clone()),
                };
                self.lines(&before, &after);
                if let Some(note) = line_ends(&before, &after) {
                    self.tag("small", "", &note);
                }
            }
            (Some(before), Some(after)) => {
                let (before, after) = (scalar(before), scalar(after));
                let (before, after) = revealed(&before, &after, self.budget);
                let (old, new) = parts(&before, &after, self.budget);
                self.parts("del", "- ", &old);
                self.parts("ins", "+ ", &new);
            }
            (before, after) => {
                for (tag, sign, value) in [("del", "- ", before), ("ins", "+ ", after)] {
                    if let Some(value) = value {
                        let text = block(value).unwrap_or_else(|| scalar(value));
                        self.whole(tag, sign, &text);
                    }
                }
            }
        }
        self.out.push_str("</pre></div>\n");
    }

    fn lines(&mut self, before: &str, after: &str) {
        let (before, after) = revealed(before, after, self.budget);
        for (i, hunk) in hunks(&before, &after, self.budget).iter().enumerate() {
            if i > 0 {
                self.out.push_str("<span class=\"gap\">…</span>");
            }
            let mut lines = hunk.lines.iter().peekable();
            while let Some(line) = lines.next() {
                match (line, lines.peek()) {
                    // A line that is followed by its new state.
                    (Line::Before(old), Some(Line::After(new))) => {
                        let (old, new) = parts(old, new, self.budget);
                        self.parts("del", "- ", &old);
                        self.parts("ins", "+ ", &new);
                        lines.next();
                    }
                    (Line::Both(text), _) => {
                        self.parts("span", "  ", &[Part { text, differs: false }]);
                    }
                    (Line::Before(text), _) => {
                        self.parts("del", "- ", &[Part { text, differs: false }]);
                    }
                    (Line::After(text), _) => {
                        self.parts("ins", "+ ", &[Part { text, differs: false }]);
                    }
                }
            }
        }
    }

    fn failures(&mut self, report: &Report) {
        let names = |roots: &[&RootReport]| {
            listed(&roots.iter().map(|root| root.title()).collect::<Vec<_>>())
        };
        for (standing, what) in [
            (Standing::Broken, "could not be rendered"),
            (Standing::MayDiffer, "may differ, but could not be compared"),
            (Standing::Fixed, "could not be rendered before, and can be now"),
            (Standing::Gone, "could not be rendered before, and gone now"),
            (Standing::AsBefore, "could not be compared, as before"),
        ] {
            let groups = report.failures(standing);
            let count: usize = groups.iter().map(|(_, roots)| roots.len()).sum();
            if count == 0 {
                continue;
            }
            let is_open = matches!(standing, Standing::Broken | Standing::MayDiffer);
            let open = if is_open { " open" } else { "" };
            let _ = write!(self.out, "<section><details{open}><summary>");
            self.text(&format!("{} {what}", plural(count, "root")));
            self.out.push_str("</summary>\n");
            for (error, roots) in groups {
                self.tag("h3", "", &names(&roots));
                self.out.push_str("<pre>");
                message_lines(&error).for_each(|line| {
                    self.text(&line);
                    self.out.push('\n');
                });
                self.out.push_str("</pre>\n");
            }
            self.out.push_str("</details></section>\n");
        }
    }
}
