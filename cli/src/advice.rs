//! Suggests what people mean by flags and commands that do not exist here.

use std::path::Path;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Commands of other programs for which people take this one.
const OTHERS: [&str; 9] =
    ["apply", "delete", "get", "kustomize", "render", "template", "install", "replace", "describe"];

/// Returns `true` for a command of `kustomize` that there is none of here.
pub(crate) fn is_missing(command: &str) -> bool {
    matches!(command, "cfg" | "fn" | "openapi")
        || command.starts_with("docs-")
        || command.starts_with("tutorials-")
}

/// Says what there is in the place of a command that is missing.
pub(crate) fn missing(command: &str) -> String {
    let instead = match command {
        "cfg" => "; `kustom diff`, `explain` and `deps` show what a kustomization renders",
        "fn" => "; functions run in a build with --enable-alpha-plugins",
        "openapi" => "; a build reads the schema that the field `openapi` names",
        _ => "",
    };
    format!(
        "kustom has no command {command}{instead}\nof kustomize's commands it has build, edit, create, localize, version and completion"
    )
}

/// Adds to an error what to do, if that is known.
pub(crate) fn add(mut error: clap::Error) -> clap::Error {
    if let Some(advice) = advice(&error) {
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![StyledStr::from(advice)]),
        );
    }
    error
}

fn advice(error: &clap::Error) -> Option<String> {
    // What is spelled nearly so is named already.
    let has = |kind| matches!(error.get(kind), Some(ContextValue::String(_)));
    if has(ContextKind::SuggestedArg) || has(ContextKind::SuggestedValue) {
        return None;
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let flag = text(ContextKind::InvalidArg)?;
            let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
            let command = usage.split_whitespace().skip_while(|word| *word == "Usage:").skip(1);
            match command.take(2).collect::<Vec<_>>().as_slice() {
                ["edit", verb] => of_edit_flag(flag, verb),
                _ => of_flag(flag),
            }
        }
        ErrorKind::InvalidValue => {
            of_value(text(ContextKind::InvalidArg)?, text(ContextKind::InvalidValue)?)
        }
        ErrorKind::InvalidSubcommand => of_command(text(ContextKind::InvalidSubcommand)?),
        _ => None,
    }
}

fn of_flag(flag: &str) -> Option<String> {
    Some(match flag {
        "-k" | "--kustomize" => {
            format!(
                "`{flag}` is a flag of kubectl: the directory stands alone, as in `kustom build DIR`"
            )
        }
        "-f" | "--filename" => format!(
            "`{flag}` is a flag of kubectl, which reads manifests: a directory stands alone, as in `kustom build DIR`"
        ),
        "-n" | "--namespace" => {
            "the namespace stands in the kustomization: `kustom edit set namespace NAME`".to_owned()
        }
        _ => return None,
    })
}

/// As [`of_flag`], inside `edit`, whose kustomization is that of the working directory.
fn of_edit_flag(flag: &str, verb: &str) -> Option<String> {
    match flag {
        "-f" | "--force" if verb == "set" => {
            Some(format!("`set` overwrites what is there anyway, so it needs no `{flag}`"))
        }
        "-k" | "--kustomize" | "-f" | "--filename" => None,
        _ => of_flag(flag),
    }
}

fn of_value(flag: &str, value: &str) -> Option<String> {
    let value = value.to_ascii_lowercase();
    let is_restrictor = flag.starts_with("--load-restrictor");
    let meant = match () {
        () if is_restrictor && (value.contains("no") || value == "false") => "LoadRestrictionsNone",
        () if is_restrictor && (value.contains("root") || value == "true") => {
            "LoadRestrictionsRootOnly"
        }
        () => return None,
    };
    Some(format!("did you mean `--load-restrictor {meant}`?"))
}

fn of_command(command: &str) -> Option<String> {
    if Path::new(command).is_dir() {
        return Some(format!("to render this directory: `kustom build {command}`"));
    }
    if is_missing(command) {
        return Some(missing(command));
    }
    OTHERS
        .contains(&command)
        .then(|| "kustom renders only: `kustom build DIR | kubectl apply -f -`".to_owned())
}
