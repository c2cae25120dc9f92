//! `kustom diff`

pub(crate) mod git;
mod manifests;
mod moves;
pub(crate) mod roots;
mod set;
mod sides;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::Builder;
use kustom::diff::{self, COMMENT_LIMIT, Colour, Ignore, Options, Report};

use self::sides::{Comparison, Failure};
use crate::bounds::RootArgs;
use crate::flags::Restrictor;
use crate::output;
use crate::outside::OutsideArgs;
use crate::report::ErrorFormat;

/// The flags of `diff`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    kustom diff overlays/staging overlays/prod       two kustomizations\n  \
    kustom diff rendered.yaml overlays/prod          rendered before, and now\n  \
    kustom diff overlays/prod                        since the branch was made, work tree included\n  \
    kustom diff . --from main --to HEAD              all roots below, between two revisions\n  \
    kustom diff 'apps/*/overlays/prod' --from v1.2   several roots\n  \
    kubectl get deploy,svc -n web -o yaml | kustom diff overlays/prod --live -\n\n\
Exit codes: 0 no differences, 1 differences, 2 error (one root that fails is reported, the others \
are still shown; with --error-format json, stderr has an object for each).")]
pub(crate) struct DiffArgs {
    /// Two things to compare: directories, rendered files, or `-`; else directories or patterns of
    /// them, to compare between revisions or with a cluster
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    /// The revision before; by default where HEAD (or --to) left the default branch
    #[arg(long, value_name = "REV")]
    from: Option<String>,

    /// The revision after; by default the work tree
    #[arg(long, value_name = "REV")]
    to: Option<String>,

    /// Compare with what `kubectl get -o yaml` printed into this file, or `-`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "to"])]
    live: Option<PathBuf>,

    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// A kind, a field path, or KIND:PATH that is not compared, such as `Job`,
    /// `metadata.labels.version` or `Deployment:spec.replicas`; may be repeated
    #[arg(long, value_name = "RULE")]
    ignore: Vec<Ignore>,

    /// When to colour the text format
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    color: When,

    /// Whether files may be loaded from outside of their kustomization's directory
    #[arg(long, value_enum, value_name = "RESTRICTOR", default_value_t = Restrictor::RootOnly)]
    load_restrictor: Restrictor,

    #[command(flatten)]
    outside: OutsideArgs,

    #[command(flatten)]
    root: RootArgs,
}

/// How differences are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: the fields that differ, per object
    Text,
    /// A patch of the rendered manifests
    Unified,
    /// For a comment on a pull request, at most 65,536 characters long
    Markdown,
    /// For programs; a stable schema
    Json,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum When {
    /// If stdout is a terminal and NO_COLOR is not set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

const DIFFERENCES: u8 = 1;
pub(crate) const FAILURE: u8 = 2;

/// Compares, prints, and says by the exit code what was found.
pub(crate) fn run(args: &DiffArgs, format: ErrorFormat) -> ExitCode {
    let report = match report(args, format) {
        Ok(report) => report,
        Err(Failure::Told) => return ExitCode::from(FAILURE),
        Err(Failure::Other(message)) => {
            format.fail(&message);
            return ExitCode::from(FAILURE);
        }
    };
    show(&report, args.format, args.color, format)
}

/// Prints what was found, and says it by the exit code.
pub(crate) fn show(report: &Report, how: Format, when: When, format: ErrorFormat) -> ExitCode {
    // All of them escape what strangers wrote.
    let text = match how {
        Format::Text => diff::terminal(report, colour(when)),
        Format::Unified => diff::unified(report),
        Format::Markdown => diff::markdown(report, COMMENT_LIMIT),
        Format::Json => diff::json(report),
    };
    if format.print_as_it_is(&text) != ExitCode::SUCCESS || report.newly_failed() > 0 {
        ExitCode::from(FAILURE)
    } else if report.differs() {
        ExitCode::from(DIFFERENCES)
    } else {
        ExitCode::SUCCESS
    }
}

fn report(args: &DiffArgs, format: ErrorFormat) -> Result<Report, Failure> {
    let builder = Builder::new().load_restriction(args.load_restrictor.into());
    let comparison = Comparison {
        options: Options { live: args.live.is_some(), ignore: args.ignore.clone() },
        builder: args.root.apply(args.outside.apply(builder)?)?,
        format,
    };
    let by_revision = args.from.is_some() || args.to.is_some();
    match (&args.live, args.paths.as_slice()) {
        (Some(live), roots) => comparison.with_live(live, roots),
        (None, [before, after]) if !by_revision => comparison.paths(before, after),
        (None, roots) => comparison.revisions(args.from.as_deref(), args.to.as_deref(), roots),
    }
}

fn colour(when: When) -> Colour {
    let wanted = match when {
        When::Always => true,
        When::Never => false,
        When::Auto => output::has_colours(&std::io::stdout()),
    };
    if wanted { Colour::Always } else { Colour::Never }
}
