//! `kustom create`

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use kustom::DiskFs;
use kustom::edit::{Creation, create};

use super::{Switch, filled, parts, why_not};
use crate::report::ErrorFormat;
use crate::write;

/// The arguments of `create`.
#[derive(Debug, Args)]
#[command(
    args_override_self = true,
    after_help = "Examples:\n  \
        kustom create --autodetect\n  \
        kustom create --resources deployment.yaml,service.yaml --namespace shop\n  \
        kustom create --resources ../base --nameprefix dev-"
)]
pub(crate) struct CreateArgs {
    /// Patterns of resources, separated by commas
    #[arg(long, value_name = "PATTERNS", default_value = "", hide_default_value = true)]
    resources: String,

    /// The namespace of all resources
    #[arg(long, default_value = "", hide_default_value = true)]
    namespace: String,

    /// The prefix of all names
    #[arg(long, value_name = "PREFIX", default_value = "", hide_default_value = true)]
    nameprefix: String,

    /// The suffix of all names
    #[arg(long, value_name = "SUFFIX", default_value = "", hide_default_value = true)]
    namesuffix: String,

    /// Common labels, KEY:VALUE pairs, separated by commas
    #[arg(long, default_value = "", hide_default_value = true)]
    labels: String,

    /// Common annotations, KEY:VALUE pairs, separated by commas
    #[arg(long, default_value = "", hide_default_value = true)]
    annotations: String,

    /// List the files in the working directory that hold objects
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true)]
    autodetect: Switch,

    /// With --autodetect, also search the directories below
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true)]
    recursive: Switch,

    /// Upstream ignores other arguments
    #[arg(hide = true)]
    ignored: Vec<String>,
}

/// Writes a new kustomization file into the working directory.
pub(crate) fn run(args: &CreateArgs, format: ErrorFormat) -> ExitCode {
    if let Some(message) = why_not(Path::new(".")) {
        return format.refused(&message);
    }
    // What stands before, between and behind commas counts, also if it is empty.
    let list = |text: &str| -> Vec<String> {
        filled(text).iter().flat_map(|text| parts(text)).map(str::to_owned).collect()
    };
    let mut creation = Creation::default();
    creation.resources = list(&args.resources);
    creation.namespace = filled(&args.namespace);
    creation.name_prefix = filled(&args.nameprefix);
    creation.name_suffix = filled(&args.namesuffix);
    creation.labels = list(&args.labels);
    creation.annotations = list(&args.annotations);
    creation.autodetect = args.autodetect.0;
    creation.recursive = args.recursive.0;
    match create(DiskFs, ".", &creation) {
        Ok(text) => format.done(write::edited(Path::new("kustomization.yaml"), &text)),
        Err(error) => format.error(&error),
    }
}
