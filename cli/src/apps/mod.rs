//! `kustom apps`: previews what Argo CD and Flux make of a repository.

mod diff;
mod inputs;
mod lint;
mod list;
mod render;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::config::Config;
use crate::report::ErrorFormat;
use diff::DiffArgs;
use lint::LintArgs;
use list::ListArgs;
use render::RenderArgs;

/// The flags of `apps`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  \
    kustom apps clusters/prod-us-east-1/apps.yaml\n  \
    kustom apps clusters/*/apps.yaml --clusters clusters.yaml --format json\n  \
    kustom apps argocd/overlays/dev\n  \
    kustom apps diff 'clusters/*/apps.yaml' --from main\n\n\
    FILE holds ApplicationSets, Applications, or both; other objects are ignored. DIR has a kustomization, \
    which is built, and its output is taken for such a file. Every git repository is taken to be this one.\n\n\
    CLUSTERS is what `argocd cluster list -o yaml` prints, or holds the Secrets of clusters as Argo CD stores them, or\n  \
    clusters: [{name: dev, server: \"https://dev.example.com\", labels: {env: dev}}]"
)]
pub(crate) struct AppsArgs {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    list: Box<ListArgs>,
}

/// What to do with the Applications, other than to list them.
#[derive(Debug, Subcommand)]
enum Action {
    /// Render what each Application would sync
    Render(RenderArgs),
    /// Compare what the Applications would sync between two revisions
    Diff(DiffArgs),
    /// Find what Argo CD accepts and people regret
    Lint(LintArgs),
}

/// Does what the arguments say.
pub(crate) fn run(mut args: AppsArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    let inputs = match &mut args.action {
        Some(Action::Render(args)) => &mut args.inputs,
        Some(Action::Diff(args)) => &mut args.inputs,
        Some(Action::Lint(args)) => &mut args.inputs,
        None => &mut args.list.inputs,
    };
    inputs.cluster_scoped.extend(config.apps.cluster_scoped.iter().cloned());
    let (bounds, failed) = match &args.action {
        Some(Action::Render(args)) => (&args.how.outside.bounds, 1),
        Some(Action::Diff(args)) => (&args.how.outside.bounds, 2),
        Some(Action::Lint(args)) => (&args.how.outside.bounds, 1),
        None => (&args.list.how.outside.bounds, 1),
    };
    bounds.start(failed, format);
    match &args.action {
        Some(Action::Render(args)) => render::run(args, format),
        Some(Action::Diff(args)) => diff::run(args, config, format),
        Some(Action::Lint(args)) => lint::run(args, format),
        None => list::run(&args.list, format),
    }
}
