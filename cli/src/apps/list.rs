//! `kustom apps FILE|DIR...`: lists Applications.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom_apps::Application;
use serde_json::Value;

use super::inputs::{self, Inputs};
use crate::flags::How;
use crate::report::ErrorFormat;
use crate::table::Table;

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(super) inputs: Inputs,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    pub(super) how: How,
}

/// How Applications are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people
    Text,
    /// A table for a comment or a page
    Markdown,
    /// For programs: a list with one object per Application
    Json,
}

/// Lists the Applications; what fails is told and does not take the others with it.
pub(super) fn run(args: &ListArgs, format: ErrorFormat) -> ExitCode {
    let preview = args.how.builder().and_then(|builder| {
        let repository = args.inputs.repository(format)?;
        args.inputs.preview(&repository, &builder)
    });
    let preview = match preview {
        Ok(preview) => preview,
        Err(message) => return format.fail(&message),
    };
    let failed = inputs::tell(&preview.problems, format);
    let printed = match args.format {
        Format::Text => {
            let head = ["name", "project", "cluster", "namespace", "source"];
            format.print(&table(&preview.applications, head, "-").text())
        }
        Format::Markdown => {
            let head = ["Application", "Project", "Cluster", "Namespace", "Source"];
            format.print(&table(&preview.applications, head, "").markdown())
        }
        Format::Json => {
            format.print_json_list(preview.applications.iter().map(Application::summary))
        }
    };
    if failed { ExitCode::FAILURE } else { printed }
}

fn row(application: &Application) -> [String; 5] {
    let sources: Vec<String> = application.sources().into_iter().map(source).collect();
    [
        application.name().to_owned(),
        application.project().to_owned(),
        application.cluster().to_owned(),
        application.destination_namespace().to_owned(),
        sources.join(", "),
    ]
    .map(shortened)
}

/// Returns a text as long as a cell may be.
fn shortened(text: String) -> String {
    const LONGEST: usize = 1000;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Returns a source in few words: its path, or its chart with the version.
fn source(source: &Value) -> String {
    let text = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or_default();
    let revision = text("targetRevision");
    let at = if revision.is_empty() { String::new() } else { format!("@{revision}") };
    match (text("path"), text("chart"), text("ref")) {
        ("", "", "") => format!("{}{at}", text("repoURL")),
        ("", "", name) => format!("${name}{at}"),
        ("", chart, _) => format!("{chart}{at}"),
        (path, _, _) => format!("{path}{at}"),
    }
}

fn table(applications: &[Application], head: [&str; 5], none: &str) -> Table {
    let mut table = Table::new(head);
    for application in applications {
        let cells = row(application).into_iter();
        table.row(cells.map(|cell| if cell.is_empty() { none.to_owned() } else { cell }));
    }
    table
}
