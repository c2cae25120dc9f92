//! Errors and warnings on stderr: drawn for people, or as JSON for programs.
//!
//! With `--error-format json` each is one line with one object, of all commands. All keys are always
//! there:
//!
//! | key | value |
//! |---|---|
//! | `level` | `"error"` or `"warning"` |
//! | `kind` | the class, such as `"syntax"`, of `kustom::ErrorKind` or `kustom::WarningKind`; `"usage"` for wrong usage; `"other"` for what is no matter of a build, such as what git says |
//! | `message` | one text, possibly of several lines |
//! | `field` | the field of the kustomization, such as `"patches[2].target"`, or null |
//! | `file`, `line`, `column` | the place, counted from 1, or null as far as it is not known |
//! | `chain` | the kustomizations that led there, the one that was built first |
//! | `related` | other places, each with `label`, `file`, `line` and `column` |
//! | `hint` | what to do, or null |
//! | `hint_id` | the entry of `docs/hints.md` that it is from, or null |
//! | `side` | of `diff`: which side failed, such as a revision; else null |

use std::borrow::Cow;
use std::io;
use std::process::ExitCode;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use clap::ValueEnum;
use kustom::text::{visible, visible_colored, visible_json, visible_line};
use kustom::{Error, ErrorKind, Excerpt, Limits, Location, Warning};
use kustom_apps::{Problem, Severity};
use serde::Serialize;
use serde_json::{Value, json};

use crate::fold::{self, fold};
use crate::output::{self, Room, Said};
use crate::paths::Shown;

/// How errors and warnings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ErrorFormat {
    /// For people, with the lines at fault
    #[default]
    Human,
    /// One JSON object per line
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
    /// A line about others that are the same.
    more: Option<&'a str>,
    hint_id: Option<&'a str>,
    side: Option<&'a str>,
}

/// Returns a text without its middle if it is longer than messages are of builds.
fn cut(text: &str) -> Cow<'_, str> {
    let most = usize::try_from(Limits::default().message_bytes).unwrap_or(usize::MAX);
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    let start = (0..=most / 3 * 2).rev().find(is_boundary).unwrap_or_default();
    let end = (text.len() - most / 3..text.len()).find(is_boundary).unwrap_or(text.len());
    Cow::Owned(format!("{} … {}", &text[..start], &text[end..]))
}

/// Returns the text of a warning without the word that says what it is.
pub(crate) fn bare(warning: &Warning) -> &str {
    warning.message().trim_start_matches("# ").trim_start_matches("Warning: ")
}

impl ErrorFormat {
    /// Says why a build was refused.
    pub(crate) fn error(self, error: &Error) -> ExitCode {
        self.write(&Report::of(error));
        ExitCode::FAILURE
    }

    /// Says why a side of a comparison was refused; what `redact` hides is not shown.
    pub(crate) fn error_of_side(self, error: &Error, side: &str, redact: &dyn Fn(&str) -> String) {
        let message = redact(error.message().trim_end());
        let hint = error.hint_text().map(redact);
        let report = Report::of(error);
        let (message, hint) = (message.as_str(), hint.as_deref());
        self.write(&Report { message, hint, excerpt: None, side: Some(side), ..report });
    }

    /// Says why something could not be done.
    pub(crate) fn fail(self, message: &str) -> ExitCode {
        self.say(true, "other", message);
        ExitCode::FAILURE
    }

    /// Says why flags are refused, as an option of a build is.
    pub(crate) fn refused(self, message: &str) -> ExitCode {
        self.say(true, ErrorKind::Option.as_str(), message);
        ExitCode::FAILURE
    }

    /// Says how the command was misused.
    pub(crate) fn misused(self, message: &str) -> ExitCode {
        self.say(true, "usage", message);
        ExitCode::from(2)
    }

    /// Says something that is no error; for people as it is.
    pub(crate) fn note(self, kind: &str, message: &str) {
        match self {
            ErrorFormat::Human => output::note(&output::indented(message)),
            ErrorFormat::Json => self.say(false, kind, message.trim_start_matches("Warning: ")),
        }
    }

    /// Says how many paths of a list are not written as they are. Whether the list is piped on or ends up in the log of a
    /// runner cannot be told apart, so none is written in a way that something obeys.
    pub(crate) fn note_escaped(self, count: usize) {
        let what = match count {
            0 => return,
            1 => "one path is".to_owned(),
            _ => format!("{count} paths are"),
        };
        let why = "escaped, for a terminal or the runner of a CI might obey";
        self.note("escaped-path", &format!("{what} {why}; --format json has all as they are"));
    }

    /// Writes a report to stdout, with control characters escaped.
    pub(crate) fn print(self, text: &str) -> ExitCode {
        self.print_colored(&visible(text))
    }

    /// Writes lines with paths, which may be no UTF-8, to stdout.
    pub(crate) fn print_lines(self, lines: &[u8]) -> ExitCode {
        self.done(output::print_stream([lines]))
    }

    /// Writes a report in JSON to stdout.
    pub(crate) fn print_json(self, report: &impl Serialize) -> ExitCode {
        match serde_json::to_string_pretty(report) {
            Ok(json) => self.print_colored(&visible_json(&(json + "\n"))),
            Err(e) => self.fail(&e.to_string()),
        }
    }

    /// Writes values to stdout as a list in JSON, each when it is asked for.
    pub(crate) fn print_json_list(self, values: impl Iterator<Item = Value>) -> ExitCode {
        let mut count = 0;
        let items = values.map(|value| {
            // No text of JSON has a line break in it.
            let item = format!("{value:#}").replace('\n', "\n  ");
            let start = if count == 0 { "[\n" } else { ",\n" };
            count += 1;
            format!("{start}  {}", visible_json(&item))
        });
        let mut items = items.peekable();
        let end = if items.peek().is_some() { "\n]\n" } else { "[]\n" };
        self.done(output::print_parts(items.chain([end.to_owned()]), ""))
    }

    /// Writes to stdout what may have colors; all else that does something is escaped, if it is not already.
    pub(crate) fn print_colored(self, text: &str) -> ExitCode {
        self.done(output::print(&visible_colored(text)))
    }

    /// Returns the exit code of something that was to be written.
    pub(crate) fn done(self, written: Result<(), String>) -> ExitCode {
        match written {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => self.fail(&message),
        }
    }

    fn say(self, is_error: bool, kind: &str, message: &str) {
        if self == ErrorFormat::Human {
            // What git says has its own lines.
            let message = output::indented(message);
            let colored = output::has_colors(&io::stderr());
            let label = if colored { "\x1b[1;31mError\x1b[0m" } else { "Error" };
            return output::note(&format!("{label}: {message}"));
        }
        self.write(&Report { is_error, ..Report::of_words(kind, message) });
    }

    /// Says why builds were refused; to people, one cause of many is said once.
    pub(crate) fn errors(self, errors: &[&Error]) {
        let folded = match self {
            ErrorFormat::Human => fold::errors(errors),
            ErrorFormat::Json => vec![Some((0, Vec::new())); errors.len()],
        };
        for (error, same) in errors.iter().zip(folded) {
            let Some((others, places)) = same else { continue };
            let builds = match others {
                0 => None,
                1 => Some("1 more kustomization is refused for this".to_owned()),
                _ => Some(format!("{others} more kustomizations are refused for this")),
            };
            let more: Vec<String> = builds.into_iter().chain(fold::line(&places)).collect();
            let more = Some(more.join("\n")).filter(|more| !more.is_empty());
            self.write(&Report { more: more.as_deref(), ..Report::of(error) });
        }
    }

    /// Says what a build has to say although it succeeds; `strict` makes an error of it, `more` is about others.
    fn warning(self, warning: &Warning, strict: bool, more: Option<&str>) {
        if self == ErrorFormat::Human && !warning.kind().is_lint() {
            // As upstream prints it.
            return self.put(false, &output::indented(&warning.to_string()));
        }
        self.write(&Report {
            is_error: strict,
            kind: warning.kind().as_str(),
            more,
            message: bare(warning),
            field: warning.field(),
            location: warning.location(),
            excerpt: warning.excerpt(),
            related: warning.related_places().collect(),
            chain: Vec::new(),
            hint: warning.hint_text(),
            hint_id: None,
            side: None,
        });
    }

    /// Says what builds have to say although they succeed; `strict` makes errors of it. For people one mistake in many
    /// places is one warning, and what is written as upstream does gets a remedy if they have `asked`.
    pub(crate) fn warnings<'a>(
        self,
        warnings: impl Iterator<Item = &'a Warning>,
        strict: bool,
        asked: bool,
    ) {
        let warnings: Vec<&Warning> = warnings.collect();
        let folded = match self {
            ErrorFormat::Human => fold(&warnings),
            ErrorFormat::Json => vec![Some(Vec::new()); warnings.len()],
        };
        for (warning, places) in warnings.into_iter().zip(folded) {
            let Some(places) = places else { continue };
            let strict = strict && warning.kind().is_lint();
            self.warning(warning, strict, fold::line(&places).as_deref());
            if asked {
                self.remedy(warning);
            }
        }
    }

    /// Says what to do about a warning that is written as upstream does, for people who asked.
    fn remedy(self, warning: &Warning) {
        let is_bare = self == ErrorFormat::Human && !warning.kind().is_lint();
        if let Some(hint) = warning.hint_text().filter(|_| is_bare) {
            self.put(false, &output::indented(&format!("  hint: {hint}")));
        }
    }

    /// Says what is wrong with an Application, or deserves attention.
    pub(crate) fn problem(self, problem: &Problem, shown: &Shown) {
        let location = problem.file.as_ref().map(|file| {
            let line = problem.line.and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
            Location::new(shown.path(file), line, 0)
        });
        let mut message = match &problem.about {
            Some(about) => format!("{about}: {}", problem.message),
            None => problem.message.clone(),
        };
        if self == ErrorFormat::Human {
            // The name by which it is switched, or looked up.
            message += &format!(" [{}]", problem.code);
        }
        let message = cut(&message);
        let hint = problem.hint.as_deref().map(cut);
        self.write(&Report {
            is_error: problem.severity == Severity::Error,
            kind: problem.code,
            message: &message,
            field: None,
            location: location.as_ref(),
            excerpt: None,
            related: Vec::new(),
            chain: Vec::new(),
            hint: hint.as_deref(),
            more: None,
            hint_id: None,
            side: None,
        });
    }

    fn write(self, report: &Report) {
        if said(report.is_error).is_full() {
            return;
        }
        let text = match self {
            ErrorFormat::Human => report.draw(output::has_colors(&io::stderr())),
            ErrorFormat::Json => visible_json(&report.to_json().to_string()).into_owned(),
        };
        self.put(report.is_error, &text);
    }

    /// Writes a text to stderr as long as there is room for what is of its sort.
    fn put(self, is_error: bool, text: &str) {
        match said(is_error).room(text.len()) {
            Room::Enough => output::note(text),
            Room::Last => {
                let sort = if is_error { "errors" } else { "warnings" };
                let message = format!("further {sort} are left out: there are too many");
                output::note(&match self {
                    ErrorFormat::Human => format!("Warning: {message}"),
                    ErrorFormat::Json => Report::of_words("other", &message).to_json().to_string(),
                });
            }
            Room::None => {}
        }
    }
}

/// Returns what was said of a sort.
fn said(is_error: bool) -> &'static Said {
    static ERRORS: Said = Said::new();
    static OTHERS: Said = Said::new();
    if is_error { &ERRORS } else { &OTHERS }
}

impl<'a> Report<'a> {
    /// Returns a report of nothing but words.
    fn of_words(kind: &'a str, message: &'a str) -> Report<'a> {
        Report {
            is_error: false,
            kind,
            message,
            field: None,
            location: None,
            excerpt: None,
            related: Vec::new(),
            chain: Vec::new(),
            hint: None,
            hint_id: None,
            more: None,
            side: None,
        }
    }
}

impl Report<'_> {
    fn of(error: &Error) -> Report<'_> {
        Report {
            is_error: true,
            kind: error.kind().as_str(),
            message: error.message().trim_end(),
            field: error.field(),
            location: error.location(),
            excerpt: error.excerpt(),
            related: error.related_places().collect(),
            chain: error.chain().iter().map(|file| file.display().to_string()).collect(),
            hint: error.hint_text(),
            more: None,
            hint_id: error.hint_id(),
            side: None,
        }
    }

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
            "hint_id": self.hint_id,
            "side": self.side,
        })
    }

    fn draw(&self, colored: bool) -> String {
        let level = if self.is_error {
            Level::ERROR.with_name("Error")
        } else {
            Level::WARNING.with_name("Warning")
        };
        let title = match self.field {
            Some(field) => format!("{}: {}", visible_line(field), visible(self.message)),
            None => visible(self.message).into_owned(),
        };
        let mut group = Group::with_title(level.primary_title(title));
        let excerpt = self.excerpt.map(Excerpt::visible);
        if let Some(place) = self.location {
            let path = visible_line(&place.file.to_string_lossy()).into_owned();
            group = match &excerpt {
                Some(excerpt) => group.element(
                    Snippet::source(excerpt.text.as_str())
                        .line_start(excerpt.first_line as usize)
                        .path(path)
                        .fold(false)
                        .annotation(AnnotationKind::Primary.span(excerpt.span.clone())),
                ),
                None => group.element(Origin::path(visible_line(&place.to_string()).into_owned())),
            };
        }
        for (label, place) in &self.related {
            group = group.element(
                Level::NOTE.message(format!("{label} {}", visible_line(&place.to_string()))),
            );
        }
        let outside = self.chain.iter().rev().enumerate().filter(|(i, file)| {
            // The place says so already.
            *i > 0 || self.location.is_none_or(|place| place.file.to_string_lossy() != **file)
        });
        let chain: Vec<String> = outside
            .map(|(i, file)| {
                format!("{} {}", if i == 0 { "in" } else { "from" }, visible_line(file))
            })
            .collect();
        if !chain.is_empty() {
            group = group.element(Level::NOTE.message(chain.join("\n")));
        }
        if let Some(hint) = self.hint {
            group = group.element(Level::HELP.with_name("hint").message(visible(hint)));
        }
        if let Some(more) = self.more {
            group = group.element(Level::NOTE.message(visible(more)));
        }
        let renderer = if colored { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}
