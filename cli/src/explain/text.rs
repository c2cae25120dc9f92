//! Writes histories for people.

use std::fmt::Write;

use kustom::StepKind;
use kustom::document::NodeView;
use kustom::explain::{Event, FieldPath, Object};
use kustom::text::visible_line;

use super::values::{Values, count};

/// Changes of one step beyond this number are only counted.
const MOST_CHANGES: usize = 30;

#[derive(Clone, Copy)]
enum Color {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

pub(super) struct Text {
    pub(super) out: String,
    pub(super) colors: bool,
    pub(super) values: Values,
}

impl Text {
    /// Writes the histories of some fields of an object.
    pub(super) fn write(mut self, object: &Object, told: &[(FieldPath, Vec<Event>)]) -> String {
        self.title(object);
        for (i, (field, events)) in told.iter().enumerate() {
            if i > 0 {
                self.out.push('\n');
            }
            self.field(object, field, events);
        }
        self.out
    }

    fn field(&mut self, object: &Object, field: &FieldPath, events: &[Event]) {
        if !field.is_root() {
            let value = match object.value(field) {
                Some(node) => self.values.line(field, &node),
                None => "(removed)".to_owned(),
            };
            let value = self.painted(Color::Green, &value);
            let _ = writeln!(self.out, "{}: {value}", visible_line(&field.to_string()));
        }
        self.out.push('\n');
        let is_single = object.value(field).is_some_and(|node| node.text().is_some())
            || events.iter().all(|event| event.path == *field && !field.is_root());
        if is_single {
            self.rows(events);
        } else {
            // A patch names its target again; that is not worth a line here.
            let changes: Vec<Event> = events.iter().filter(|e| !is_again(e)).cloned().collect();
            for (i, step) in changes.chunk_by(|a, b| a.number == b.number).enumerate() {
                self.step(step, i == 0);
            }
        }
    }

    fn title(&mut self, object: &Object) {
        let title = self.painted(Color::Bold, &object.to_string());
        self.out.push_str(&title);
        if !object.namespace().is_empty() {
            let namespace = visible_line(object.namespace());
            let _ = write!(self.out, " in namespace {namespace}");
        }
        let former: Vec<&str> =
            object.names().into_iter().filter(|name| *name != object.name()).collect();
        if !former.is_empty() {
            let _ = write!(self.out, ", formerly {}", visible_line(&former.join(", ")));
        }
        if object.resource().is_none() {
            self.out.push_str(" (not in the output)");
        }
        self.out.push('\n');
    }

    /// Writes one line per event of a single value.
    fn rows(&mut self, events: &[Event]) {
        let rows: Vec<[String; 3]> = events
            .iter()
            .map(|event| {
                let mut value = match &event.after {
                    Some(node) => self.values.line(&event.path, node),
                    None => "(removed)".to_owned(),
                };
                if is_again(event) {
                    value.push_str(" (again)");
                }
                value.push_str(&note(event));
                [place(event), entry(event), value]
            })
            .collect();
        let width = |i: usize| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0);
        let (places, entries) = (width(0), width(1));
        for (i, [place, entry, value]) in rows.iter().enumerate() {
            let place = self.padded(Color::Dim, place, places);
            let entry = self.padded(Color::Yellow, entry, entries);
            let last = i + 1 == rows.len();
            let shown = visible_line(value);
            let value = if last { self.painted(Color::Green, &shown) } else { shown.into_owned() };
            let _ = writeln!(self.out, "  {place}  {entry}  {value}");
        }
    }

    /// Writes what one step did.
    fn step(&mut self, events: &[Event], is_first: bool) {
        let Some(first) = events.first() else { return };
        // One step does what several entries ask for.
        let named = first.field().unwrap_or_else(|| words(first.step));
        let is_one = events.iter().all(|event| event.field() == first.field());
        let list = named.split_once('[').map_or(named, |(list, _)| list);
        let name = if is_one { named } else { list };
        let name = self.painted(Color::Yellow, name);
        let _ = match &first.kustomization {
            Some(file) => {
                writeln!(self.out, "{name} of {}", visible_line(&file.to_string_lossy()))
            }
            None => writeln!(self.out, "{name}"),
        };
        let is_new = events.iter().all(|event| event.before.is_none());
        if is_first && is_new && first.step == StepKind::Resource {
            let place = self.painted(Color::Dim, &place(first));
            let _ = writeln!(self.out, "  {place}  {}", count(events.len(), "value"));
            return;
        }
        let shown = &events[..events.len().min(MOST_CHANGES)];
        let width = shown.iter().map(|event| place(event).chars().count()).max().unwrap_or(0);
        for event in shown {
            let place = self.padded(Color::Dim, &place(event), width);
            let old = event.before.as_ref().map(|node| self.values.line(&event.path, node));
            let new = event.after.as_ref().map(|node| self.values.line(&event.path, node));
            let change = match (old, new) {
                (Some(old), Some(new)) => {
                    let (old, new) =
                        (self.painted(Color::Red, &old), self.painted(Color::Green, &new));
                    format!("{old} → {new}")
                }
                (None, Some(new)) => self.painted(Color::Green, &new),
                (_, None) => self.painted(Color::Red, "(removed)"),
            };
            let path =
                if event.path.is_root() { "the object".to_owned() } else { event.path.to_string() };
            let (path, note) = (visible_line(&path), note(event));
            let _ = writeln!(self.out, "  {place}  {path}: {change}{}", visible_line(&note));
        }
        if shown.len() < events.len() {
            let _ = writeln!(self.out, "  … and {} more", events.len() - shown.len());
        }
    }

    fn padded(&self, color: Color, text: &str, width: usize) -> String {
        let space = width.saturating_sub(text.chars().count());
        self.painted(color, text) + &" ".repeat(space)
    }

    /// Returns a text on one line, fit to be shown, in a color if there are colors.
    fn painted(&self, color: Color, text: &str) -> String {
        let text = visible_line(text);
        let code = match color {
            Color::Bold => "1",
            Color::Dim => "2",
            Color::Red => "31",
            Color::Green => "32",
            Color::Yellow => "33",
        };
        if self.colors { format!("\x1b[{code}m{text}\x1b[0m") } else { text.into_owned() }
    }
}

/// Returns `true` if a step wrote the value that was there.
fn is_again(event: &Event) -> bool {
    let text = |node: &Option<NodeView>| node.as_ref().and_then(NodeView::text).map(str::to_owned);
    text(&event.after).is_some_and(|after| text(&event.before) == Some(after))
}

fn place(event: &Event) -> String {
    event.location.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string)
}

fn entry(event: &Event) -> String {
    event.entry.clone().unwrap_or_else(|| words(event.step).to_owned())
}

/// Says what the place has to do with the value where that does not show.
fn note(event: &Event) -> String {
    match (event.step, &event.follows) {
        (StepKind::Hash, _) => " (hash of the content)".to_owned(),
        (StepKind::NameReference, Some(object)) => format!(" (follows {object})"),
        (_, Some(source)) => format!(" (copied from {source})"),
        _ => String::new(),
    }
}

/// Names a step that no entry of a kustomization asks for.
fn words(step: StepKind) -> &'static str {
    match step {
        StepKind::LocalConfig => "annotation config.kubernetes.io/local-config",
        StepKind::Finish => "end of the build",
        StepKind::NameReference => "name reference",
        other => other.as_str(),
    }
}
