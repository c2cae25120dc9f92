//! `kustom edit`, `kustom create`, `kustom set image`: change kustomization files.

// Circle: add, args, fix, mod, remove, set: the subcommands share what their page holds.
mod add;
mod args;
mod create;
mod fix;
mod remove;
mod same_builds;
mod set;
mod set_image;
mod set_image_effect;
mod set_image_report;

use std::path::Path;
use std::process::ExitCode;

use kustom::DiskFs;
use kustom::edit::Edit;

pub(crate) use args::EditArgs;
use args::{EditCommand, Switch};
pub(crate) use create::{CreateArgs, run as create};
pub(crate) use set_image::{SetArgs, run as set_image};

use crate::config::Config;
use crate::exclude::Excluded;
use crate::others::Others;
use crate::report::ErrorFormat;
use crate::{turn, write};

/// The plugins that are part of the program, as upstream names them.
const BUILTIN: &[&str] = &[
    "ConfigMapGenerator",
    "IAMPolicyGenerator",
    "SecretGenerator",
    "HelmChartInflationGenerator",
    "AnnotationsTransformer",
    "LabelTransformer",
    "NamespaceTransformer",
    "PatchJson6902Transformer",
    "PatchTransformer",
    "PrefixSuffixTransformer",
    "SuffixTransformer",
    "ReplacementTransformer",
    "HashTransformer",
    "ImageTagTransformer",
    "PatchStrategicMergeTransformer",
    "PrefixTransformer",
    "ReplicaCountTransformer",
    "ValueAddTransformer",
];

/// Why a change is refused.
enum Refusal {
    Error(kustom::Error),
    /// Flags that do not go together, which are looked at once the file is there.
    Flags(&'static str),
}

impl From<kustom::Error> for Refusal {
    fn from(error: kustom::Error) -> Refusal {
        Refusal::Error(error)
    }
}

/// Returns what is divided by commas.
fn parts(list: &str) -> Vec<&str> {
    list.split(',').collect()
}

/// Returns what a flag was given, unless that is empty.
fn filled(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Changes the kustomization of the working directory.
pub(crate) fn run(args: &EditArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    match &args.command {
        EditCommand::Set(set) => in_place(format, |edit| set.apply(edit)),
        EditCommand::Add(add) if add.misuse().is_some() => {
            format.misused(add.misuse().unwrap_or_default())
        }
        EditCommand::Add(add) if add.finds_nothing() => {
            format.note("note", "nothing matches, so there is nothing to add");
            ExitCode::SUCCESS
        }
        EditCommand::Add(add) => in_place(format, |edit| add.apply(edit)),
        EditCommand::Remove(remove) => in_place(format, |edit| remove.apply(edit)),
        EditCommand::Fix(args) => fix::run(args, &Excluded::new(&config.search.exclude), format),
        EditCommand::AlphaListBuiltinPlugin => {
            let names: String = BUILTIN.iter().map(|name| format!(" * {name}\n")).collect();
            format.print(&format!("Builtin plugins:\n\n{names}"))
        }
    }
}

/// Opens the kustomization of the working directory, changes it, and writes it if that comes to
/// something.
fn in_place(
    format: ErrorFormat,
    change: impl FnOnce(&mut Edit) -> Result<(), Refusal>,
) -> ExitCode {
    if let Some(message) = why_not(Path::new(".")) {
        return format.refused(&message);
    }
    let _turn = turn::take([Path::new(".")].into_iter(), format);
    let mut edit = match Edit::open(DiskFs, ".") {
        Ok(edit) => edit,
        Err(error) => return format.error(&error),
    };
    let rewritten = match change(&mut edit).and_then(|()| Ok(edit.finish()?)) {
        Ok(rewritten) => rewritten,
        Err(Refusal::Error(error)) => return format.error(&error),
        Err(Refusal::Flags(message)) => return format.refused(message),
    };
    for note in edit.notes() {
        format.note("note", note);
    }
    if rewritten.is_unchanged() {
        return ExitCode::SUCCESS;
    }
    format.done(write::edited(edit.file(), &rewritten.text))
}

/// Says why nothing in a directory is to be changed, if that is so: no build takes a copy that was.
pub(crate) fn why_not(directory: &Path) -> Option<String> {
    Others::default().has_folder(&DiskFs, directory).then(|| {
        format!(
            "'{}' lies in a copy that a kustom.lock lists, and a build refuses a copy that was changed: change what uses \
             it, or what it is a copy of",
            directory.display()
        )
    })
}

/// Returns a path without a `./` in front.
fn plain(path: &Path) -> String {
    match path.strip_prefix(".") {
        Ok(rest) if rest.as_os_str().is_empty() => ".".to_owned(),
        rest => rest.unwrap_or(path).display().to_string(),
    }
}
