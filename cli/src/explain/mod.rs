//! `kustom explain`

mod text;
mod values;

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::diff::SecretValues;
use kustom::document::NodeView;
use kustom::explain::{Event, FieldPath, Object};
use kustom::{Builder, Error};
use serde_json::{Value, json};

use self::text::Text;
use self::values::Values;
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
    without prefix or hash. FIELD is a path as in the examples, or a JSON pointer; `[*]` stands for every element of a \
    list, and each is shown; without FIELD, the history of the whole object is shown step by step.\n\n\
    Each line shows the place of the text that set the value, the entry of the kustomization that \
    asked for the step, and the value after it. Data of Secrets is hidden.\n\n\
    Examples:\n  \
    kustom explain deployment/payments-api\n  \
    kustom explain overlays/prod deployment/payments-api\n  \
    kustom explain overlays/prod deploy/payments-api spec.replicas\n  \
    kustom explain overlays/prod deploy/payments-api 'spec.template.spec.containers[name=api].image'\n  \
    kustom explain overlays/prod deploy/payments-api 'containers[*].image'\n  \
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
    /// A JSON object, or a list of them if `[*]` means several fields
    Json,
}

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
    args.outside.bounds.start(1, format);
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
    let found = trace
        .object(what.object, args.namespace.as_deref())
        .and_then(|object| Ok((object, fields(&object, what.field)?)));
    let (object, fields) = match found {
        Ok(found) => found,
        Err(error) => {
            format.error(&error);
            return ExitCode::from(2);
        }
    };
    let told: Vec<(FieldPath, Vec<Event>)> =
        fields.iter().cloned().zip(object.histories_of(&fields)).collect();
    let values = Values {
        hidden: object.is_secret() && !args.show_secrets,
        secrets: (!args.show_secrets).then(|| SecretValues::of(trace.contents())),
    };
    match args.format {
        Format::Json => {
            let shown = told.iter().map(|(field, events)| as_json(&object, field, events, &values));
            let mut shown: Vec<Value> = shown.collect();
            format.print_json(&match shown.len() {
                1 => shown.remove(0),
                _ => Value::Array(shown),
            })
        }
        Format::Text => {
            let colors = output::has_colors(&io::stdout());
            let text = Text { out: String::new(), colors, values };
            format.print_colored(&text.write(&object, &told))
        }
    }
}

/// Returns the fields that are meant: the object as a whole if none is named.
fn fields(object: &Object<'_>, field: Option<&str>) -> Result<Vec<FieldPath>, Error> {
    match field {
        None => Ok(vec![FieldPath::default()]),
        Some(field) if field.contains("[*]") => object.fields_like(field),
        Some(field) => object.field(field).map(|field| vec![field]),
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
