//! Warnings and errors as a SARIF log, for code scanning on GitHub and elsewhere.

use std::path::Path;

use kustom::text::visible_json;
use kustom::{Build, Error, Location, Result, Warning, WarningKind};
use serde_json::{Value, json};

use crate::report::bare;
use crate::{output, write};

/// Writes what builds have to say to a file, or to stderr.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn write(
    results: &[Result<Build>],
    strict: bool,
    file: Option<&Path>,
) -> std::result::Result<(), String> {
    let log = serde_json::to_string_pretty(&log(results, strict)).map_err(|e| e.to_string())?;
    let log = visible_json(&log);
    match file {
        Some(file) => write::file(file, &format!("{log}\n")),
        None => {
            output::note(&log);
            Ok(())
        }
    }
}

fn log(results: &[Result<Build>], strict: bool) -> Value {
    let rule = |kind: WarningKind| {
        json!({
            "id": kind.as_str(),
            "shortDescription": {"text": kind.looks_at()},
            "fullDescription": {"text": kind.looks_at()},
            "help": {"text": format!("{}\n\nExample:\n\n{}", kind.remedy(), kind.example())},
        })
    };
    let found = results.iter().flat_map(|result| match result {
        Ok(build) => build.warnings().iter().map(|warning| of_warning(warning, strict)).collect(),
        Err(error) => vec![of_error(error)],
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kustom",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": WarningKind::all().map(rule).collect::<Vec<_>>(),
            }},
            "results": found.collect::<Vec<_>>(),
        }],
    })
}

fn of_warning(warning: &Warning, strict: bool) -> Value {
    let is_error = strict && warning.kind().is_lint();
    result(
        warning.kind().as_str(),
        if is_error { "error" } else { "warning" },
        text(warning.field(), bare(warning), warning.hint_text()),
        warning.location(),
        warning.related_places(),
    )
}

fn of_error(error: &Error) -> Value {
    result(
        error.kind().as_str(),
        "error",
        text(error.field(), error.message().trim_end(), error.hint_text()),
        error.location(),
        error.related_places(),
    )
}

/// Returns the text as people read it, with the hint.
fn text(field: Option<&str>, message: &str, hint: Option<&str>) -> String {
    let field = field.map_or_else(String::new, |field| format!("{field}: "));
    let hint = hint.map_or_else(String::new, |hint| format!("\nhint: {hint}"));
    format!("{field}{message}{hint}")
}

fn result<'a>(
    rule: &str,
    level: &str,
    text: String,
    place: Option<&Location>,
    related: impl Iterator<Item = (&'static str, &'a Location)>,
) -> Value {
    let related = related.map(|(label, place)| {
        let mut location = location(place);
        location["message"] = json!({"text": label});
        location
    });
    json!({
        "ruleId": rule,
        "level": level,
        "message": {"text": text},
        "locations": place.map(location).into_iter().collect::<Vec<_>>(),
        "relatedLocations": related.collect::<Vec<_>>(),
    })
}

fn location(place: &Location) -> Value {
    let uri = place.file.to_string_lossy().replace('\\', "/");
    let mut physical = json!({"artifactLocation": {"uri": uri}});
    if place.line > 0 {
        physical["region"] = json!({"startLine": place.line});
        if place.column > 0 {
            physical["region"]["startColumn"] = json!(place.column);
        }
    }
    json!({"physicalLocation": physical})
}
