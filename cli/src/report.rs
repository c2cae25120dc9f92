//! Errors and warnings on stderr: drawn for people, or as JSON for programs.
//!
//! With `--error-format json` each is one line with one object. All keys are always there:
//!
//! | key | value |
//! |---|---|
//! | `level` | `"error"` or `"warning"` |
//! | `kind` | the class, such as `"syntax"`; see `kustom::ErrorKind` and `kustom::WarningKind` |
//! | `message` | one text, possibly of several lines |
//! | `field` | the field of the kustomization, such as `"patches[2].target"`, or null |
//! | `file`, `line`, `column` | the place, counted from 1, or null as far as it is not known |
//! | `chain` | the kustomizations that led there, the one that was built first |
//! | `related` | other places, each with `label`, `file`, `line` and `column` |
//! | `hint` | what to do, or null |

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use clap::ValueEnum;
use kustom::{Error, Excerpt, Location, Warning};
use serde_json::{Value, json};

use crate::output;

/// How errors and warnings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ErrorFormat {
    /// With the lines of the file
    #[default]
    Human,
    /// One JSON object a line
    Json,
}

/// What an error and a warning have in common.
struct Report<'a> {
    is_error: bool,
    kind: &'a str,
    message: &'a str,
    field: Option<&'a str>,
    location: Option<&'a Location>,
    excerpt: Option<&'a Excerpt>,
    related: Vec<(&'a str, &'a Location)>,
    chain: Vec<String>,
    hint: Option<&'a str>,
}

impl ErrorFormat {
    /// Says why a build was refused.
    pub(crate) fn error(self, error: &Error) -> ExitCode {
        self.write(&Report {
            is_error: true,
            kind: error.kind().as_str(),
            message: error.message().trim_end(),
            field: error.field(),
            location: error.location(),
            excerpt: error.excerpt(),
            related: error.related_places().collect(),
            chain: error.chain().iter().map(|file| file.display().to_string()).collect(),
            hint: error.hint_text(),
        });
        ExitCode::FAILURE
    }

    /// Says what a build has to say although it succeeds; `strict` makes an error of it.
    pub(crate) fn warning(self, warning: &Warning, strict: bool) {
        if self == ErrorFormat::Human && !warning.kind().is_lint() {
            // As upstream prints it.
            return output::note(&warning.to_string());
        }
        self.write(&Report {
            is_error: strict,
            kind: warning.kind().as_str(),
            message: warning.message(),
            field: warning.field(),
            location: warning.location(),
            excerpt: warning.excerpt(),
            related: warning.related_places().collect(),
            chain: Vec::new(),
            hint: warning.hint_text(),
        });
    }

    fn write(self, report: &Report) {
        match self {
            ErrorFormat::Human => output::note(&report.draw(has_colours())),
            ErrorFormat::Json => output::note(&report.to_json().to_string()),
        }
    }
}

impl Report<'_> {
    fn to_json(&self) -> Value {
        let number = |n: u32| if n > 0 { json!(n) } else { Value::Null };
        let related = self.related.iter().map(|(label, place)| {
            json!({
                "label": label,
                "file": place.file.display().to_string(),
                "line": number(place.line),
                "column": number(place.column),
            })
        });
        json!({
            "level": if self.is_error { "error" } else { "warning" },
            "kind": self.kind,
            "message": self.message,
            "field": self.field,
            "file": self.location.map(|place| place.file.display().to_string()),
            "line": self.location.map_or(Value::Null, |place| number(place.line)),
            "column": self.location.map_or(Value::Null, |place| number(place.column)),
            "chain": self.chain,
            "related": related.collect::<Vec<_>>(),
            "hint": self.hint,
        })
    }

    fn draw(&self, coloured: bool) -> String {
        let level = if self.is_error {
            Level::ERROR.with_name("Error")
        } else {
            Level::WARNING.with_name("Warning")
        };
        let title = match self.field {
            Some(field) => format!("{field}: {}", self.message),
            None => self.message.to_owned(),
        };
        let mut group = Group::with_title(level.primary_title(title));
        if let Some(place) = self.location {
            let path = place.file.display().to_string();
            group = match self.excerpt {
                Some(excerpt) => group.element(
                    Snippet::source(excerpt.text.as_str())
                        .line_start(excerpt.first_line as usize)
                        .path(path)
                        .fold(false)
                        .annotation(AnnotationKind::Primary.span(excerpt.span.clone())),
                ),
                None => group.element(Origin::path(place.to_string())),
            };
        }
        for (label, place) in &self.related {
            group = group.element(Level::NOTE.message(format!("{label} {place}")));
        }
        let outside = self.chain.iter().rev().enumerate().filter(|(i, file)| {
            // The place says so already.
            *i > 0 || self.location.is_none_or(|place| place.file.to_string_lossy() != **file)
        });
        let chain: Vec<String> = outside
            .map(|(i, file)| format!("{} {file}", if i == 0 { "in" } else { "from" }))
            .collect();
        if !chain.is_empty() {
            group = group.element(Level::NOTE.message(chain.join("\n")));
        }
        if let Some(hint) = self.hint {
            group = group.element(Level::HELP.with_name("hint").message(hint));
        }
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

fn has_colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}
