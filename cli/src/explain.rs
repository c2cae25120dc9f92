//! `kustom explain`

use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::io;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::diff::SecretValues;
use kustom::document::{NodeKind, NodeView};
use kustom::explain::{Event, FieldPath, Object};
use kustom::text::visible_line;
use kustom::{Builder, StepKind};
use serde_json::{Value, json};

use crate::bounds::RootArgs;
use crate::flags::Restrictor;
use crate::output;
use crate::outside::OutsideArgs;
use crate::report::ErrorFormat;
use crate::waiting;

/// The arguments of `explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "KIND may be in any case, plural or short. NAME is the name in the output or an earlier one, \
    without prefix or hash. FIELD is a path as in the examples, or a JSON pointer; without it, the \
    history of the whole object is shown step by step.\n\n\
    Each line shows the place of the text that set the value, the entry of the kustomization that \
    asked for the step, and the value after it. Data of Secrets is hidden.\n\n\
    Examples:\n  \
    kustom explain deployment/payments-api\n  \
    kustom explain overlays/prod deployment/payments-api\n  \
    kustom explain overlays/prod deploy/payments-api spec.replicas\n  \
    kustom explain overlays/prod deploy/payments-api 'spec.template.spec.containers[name=api].image'\n  \
    kustom explain overlays/prod svc/payments-api /metadata/labels --format json"
)]
pub(crate) struct ExplainArgs {
    /// The directory of the kustomization [default: the current one], the object, and one of its fields
    #[arg(value_name = "[DIR] KIND/NAME [FIELD]", num_args = 1..=3, required = true)]
    what: Vec<OsString>,

    /// The namespace of the object in the output, if several objects have the same name
    #[arg(short, long)]
    namespace: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Show the data of Secrets
    #[arg(long)]
    show_secrets: bool,

    /// Whether files outside their kustomization's directory may be loaded
    #[arg(long, value_enum, value_name = "RESTRICTOR", default_value_t = Restrictor::RootOnly)]
    load_restrictor: Restrictor,

    #[command(flatten)]
    outside: OutsideArgs,

    #[command(flatten)]
    root: RootArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// A JSON object
    Json,
}

/// Changes of one step beyond this number are only counted.
const MOST_CHANGES: usize = 30;
/// Longer values are cut.
const LONGEST_VALUE: usize = 100;

/// What is to be explained.
#[derive(Debug, PartialEq, Eq)]
struct What<'a> {
    dir: &'a str,
    object: &'a str,
    field: Option<&'a str>,
}

impl<'a> What<'a> {
    /// Tells the arguments apart: a directory may be left out where the current one is meant.
    fn of(arguments: &'a [String]) -> Option<What<'a>> {
        // `a/b` can be either; a directory of that name is one unless it stands where no object
        // follows it.
        let is_object = |text: &str| {
            let parts = text.split_once('/');
            parts.is_some_and(|(kind, name)| {
                !kind.is_empty() && !name.is_empty() && !name.contains('/') && !kind.contains('.')
            })
        };
        let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match texts[..] {
            [object] => Some(What { dir: ".", object, field: None }),
            [dir, object, field] => Some(What { dir, object, field: Some(field) }),
            [first, second] if is_object(second) && !second.starts_with('/') => {
                Some(What { dir: first, object: second, field: None })
            }
            [object, field] if is_object(object) => {
                Some(What { dir: ".", object, field: Some(field) })
            }
            [dir, object] => Some(What { dir, object, field: None }),
            _ => None,
        }
    }
}

/// Tells where a value came from.
pub(crate) fn run(args: &ExplainArgs, format: ErrorFormat) -> ExitCode {
    let words: Vec<String> =
        args.what.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let Some(what) = What::of(&words) else {
        return format.misused(&format!(
            "'{}' is no object: give KIND/NAME, such as deployment/web, after the directory",
            words.join(" ")
        ));
    };
    // The directory may have any name.
    let first = args.what.first().zip(words.first());
    let dir = first.filter(|(_, word)| *word == what.dir).map_or(OsStr::new("."), |(dir, _)| dir);
    let builder = Builder::new().load_restriction(args.load_restrictor.into());
    let builder = match args.root.apply(builder).and_then(|builder| args.outside.apply(builder)) {
        Ok(builder) => builder,
        Err(message) => return format.misused(&message),
    };
    let working = waiting::working(|| waiting::on_kustomizations("rendering", 1));
    let trace = builder.explain(dir);
    drop(working);
    let trace = match trace {
        Ok(trace) => trace,
        Err(error) => return format.error(&error),
    };
    let found = trace.object(what.object, args.namespace.as_deref()).and_then(|object| {
        let field = what.field.map_or(Ok(FieldPath::default()), |f| object.field(f))?;
        Ok((object, field))
    });
    let (object, field) = match found {
        Ok(found) => found,
        Err(error) => {
            format.error(&error);
            return ExitCode::from(2);
        }
    };
    let events = object.history_of(&field);
    let values = Values {
        hidden: object.is_secret() && !args.show_secrets,
        secrets: (!args.show_secrets).then(|| SecretValues::of(trace.contents())),
    };
    match args.format {
        Format::Json => format.print_json(&as_json(&object, &field, &events, &values)),
        Format::Text => {
            let colors = output::has_colors(&io::stdout());
            let text = Text { out: String::new(), colors, values };
            format.print_as_it_is(&text.write(&object, &field, &events))
        }
    }
}

/// Shows values, but not those of Secrets.
struct Values {
    hidden: bool,
    /// Those that may have been copied elsewhere; nothing if they are to be shown.
    secrets: Option<SecretValues>,
}

impl Values {
    fn hides(&self, path: &FieldPath) -> bool {
        let is_data = || {
            let pointer = path.pointer();
            let top = pointer.split('/').nth(1).unwrap_or_default();
            matches!(top, "" | "data" | "stringData")
        };
        self.hidden && is_data()
    }

    fn json(&self, path: &FieldPath, node: &NodeView) -> Value {
        if self.hides(path) {
            return Value::String("(hidden)".to_owned());
        }
        let mut value = node
            .to_value()
            .unwrap_or_else(|_| Value::String(node.text().unwrap_or_default().into()));
        self.redact(&mut value);
        value
    }

    /// Returns a text without the values of Secrets, if it has any.
    fn masked(&self, text: &str) -> Option<String> {
        self.secrets.as_ref()?.redact(text)
    }

    fn redact(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(masked) = self.masked(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.redact(item)),
            _ => {}
        }
    }

    /// Returns a value on one line: as in YAML if it is a simple one.
    fn line(&self, path: &FieldPath, node: &NodeView) -> String {
        if self.hides(path) {
            return "(hidden)".to_owned();
        }
        if let Some(masked) = node.text().and_then(|text| self.masked(text)) {
            return cut(masked.lines().next().unwrap_or_default());
        }
        let Some(value) = node.text() else {
            return match (node.kind(), node.len()) {
                (_, 0) => node.to_json().unwrap_or_default(),
                (NodeKind::Sequence, len) => format!("[{}]", count(len, "element")),
                (_, len) => format!("{{{}}}", count(len, "field")),
            };
        };
        if value.contains('\n') {
            let first = value.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            return format!("{} … ({} lines)", cut(first.trim()), value.lines().count());
        }
        match node.to_yaml() {
            Ok(text) => cut(text.trim_end_matches('\n')),
            Err(_) => cut(value),
        }
    }
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn as_json(object: &Object, field: &FieldPath, events: &[Event], values: &Values) -> Value {
    let value =
        |path: &FieldPath, node: Option<&NodeView>| node.map(|node| values.json(path, node));
    let events: Vec<Value> = events
        .iter()
        .map(|event| {
            let place = event.location.as_ref();
            json!({
                "step": event.number,
                "kind": event.step.as_str(),
                "kustomization": event.kustomization.as_ref().map(|file| file.to_string_lossy()),
                "entry": event.entry,
                "field": event.path.to_string(),
                "pointer": event.path.pointer(),
                "before": value(&event.path, event.before.as_ref()),
                "after": value(&event.path, event.after.as_ref()),
                "file": place.map(|place| place.file.to_string_lossy()),
                "line": place.map(|place| place.line),
                "column": place.map(|place| place.column),
                "follows": event.follows,
            })
        })
        .collect();
    let object_json = json!({
        "kind": object.kind(),
        "name": object.name(),
        "namespace": object.namespace(),
        "names": object.names(),
        "removed": object.resource().is_none(),
    });
    let value = value(field, object.value(field).as_ref());
    json!({
        "object": object_json,
        "field": field.to_string(),
        "pointer": field.pointer(),
        "value": value,
        "events": events,
    })
}

#[derive(Clone, Copy)]
enum Color {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

struct Text {
    out: String,
    colors: bool,
    values: Values,
}

impl Text {
    fn write(mut self, object: &Object, field: &FieldPath, events: &[Event]) -> String {
        self.head(object, field);
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
        self.out
    }

    fn head(&mut self, object: &Object, field: &FieldPath) {
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
        if !field.is_root() {
            let value = match object.value(field) {
                Some(node) => self.values.line(field, &node),
                None => "(removed)".to_owned(),
            };
            let value = self.painted(Color::Green, &value);
            let _ = writeln!(self.out, "{}: {value}", visible_line(&field.to_string()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_may_be_left_out() {
        let of = |text: &str| {
            let arguments: Vec<String> = text.split(' ').map(str::to_owned).collect();
            let what = What::of(&arguments).expect("something to explain");
            format!("{} {} {}", what.dir, what.object, what.field.unwrap_or("-"))
        };
        for (given, expected) in [
            ("deploy/web", ". deploy/web -"),
            ("deploy/web spec.replicas", ". deploy/web spec.replicas"),
            ("deploy/web /metadata/labels", ". deploy/web /metadata/labels"),
            (". deploy/web", ". deploy/web -"),
            ("overlays/prod deploy/web", "overlays/prod deploy/web -"),
            ("../prod deploy/web", "../prod deploy/web -"),
            ("overlays/prod deploy/web spec", "overlays/prod deploy/web spec"),
        ] {
            assert_eq!(of(given), expected, "{given}");
        }
    }
}
