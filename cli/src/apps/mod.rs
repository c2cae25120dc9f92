//! `kustom apps`: what Argo CD makes of the files of a repository.

mod inputs;
mod list;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::report::ErrorFormat;
use list::ListArgs;

/// The flags of `apps`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  \
    kustom apps clusters/prod-us-east-1/apps.yaml\n  \
    kustom apps clusters/*/apps.yaml --clusters clusters.yaml --format json\n\n\
    FILE holds ApplicationSets, Applications, or both; other objects are left alone. Every git repository \
    is taken to be the one that is here.\n\n\
    CLUSTERS holds the Secrets of clusters as Argo CD stores them, or\n  \
    clusters: [{name: dev, server: \"https://dev.example.com\", labels: {env: dev}}]"
)]
pub(crate) struct AppsArgs {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    list: ListArgs,
}

/// What to do with the Applications, other than to list them.
#[derive(Debug, Subcommand)]
enum Action {}

/// Does what the arguments say.
pub(crate) fn run(args: &AppsArgs, format: ErrorFormat) -> ExitCode {
    match &args.action {
        None => list::run(&args.list, format),
        Some(action) => match *action {},
    }
}
