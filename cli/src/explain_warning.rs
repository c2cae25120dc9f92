//! `--explain-warning`: the table of warnings.

use std::process::ExitCode;

use kustom::{WarningFilter, WarningKind};

use crate::report::ErrorFormat;

/// Prints what is known of a kind of warning, or a list of all kinds for none.
pub(crate) fn run(id: &str, format: ErrorFormat) -> ExitCode {
    if id.is_empty() {
        let width = WarningKind::all().map(|kind| kind.as_str().len()).max().unwrap_or_default();
        let line = |kind: WarningKind| format!("{:width$}  {}\n", kind.as_str(), kind.looks_at());
        return format.print(&WarningKind::all().map(line).collect::<String>());
    }
    match WarningKind::from_id(id) {
        Some(kind) => {
            let example = kind.example().replace('\n', "\n    ");
            format.print(&format!(
                "{kind}: {}\n\nExample:\n\n    {example}\n\nRemedy: {}\n",
                kind.looks_at(),
                kind.remedy()
            ))
        }
        // What the filter says of a kind that it does not know, with the nearest one.
        None => match id.parse::<WarningFilter>() {
            Err(error) => format.misused(&error.to_string()),
            Ok(_) => format.misused(&format!("there is no kind of warning `{id}`")),
        },
    }
}
