//! `kustom diff`

mod cluster;
mod doubt;
mod live;
mod manifests;
mod moves;
mod past;
mod set;
mod side;
mod sides;
mod watch;
mod watched_roots;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::diff::render::{self, COMMENT_LIMIT, Color};
use kustom::diff::{self, Ignore, Options, Report};
use kustom::{Builder, Session};

use self::sides::{Comparison, Stopped};
use crate::bounds::RootArgs;
use crate::config::{Config, FailOn};
use crate::exclude::Excluded;
use crate::flags::Restrictor;
use crate::git::{Repository, Revision};
use crate::output;
use crate::outside::OutsideArgs;
use crate::path_patterns::is_address;
use crate::report::ErrorFormat;
use crate::revisions::Revisions;
use crate::roots::no_directory;
use crate::wrap;
use crate::write;

/// The flags of `diff`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    kustom diff overlays/staging overlays/prod       two kustomizations\n  \
    kustom diff rendered.yaml overlays/prod          rendered before, and now\n  \
    kustom diff overlays/prod --against ../other     the same, explicitly\n  \
    kustom diff overlays/prod                        since the branch was made, work tree included\n  \
    kustom diff . --from main --to HEAD              all roots below, between two revisions\n  \
    kustom diff 'apps/*/overlays/prod' --from v1.2   several roots\n  \
    kubectl get deploy,svc -n web -o yaml | kustom diff overlays/prod --live -\n\n\
Two directories are compared with each other. One, three or more, or any number with --from or --to, are \
each compared with themselves in another revision. Roots that cannot be rendered are reported; those that \
fail on both sides in the same way do not affect the exit code, and what they refer to is compared in their \
place.\n\n\
Exit codes: 0 no differences, 1 differences, 2 error: a root that the change broke, or a risk with \
--fail-on risk (with --error-format json, stderr has an object for each broken root).")]
pub(crate) struct DiffArgs {
    /// Two things to compare: directories, rendered files, or `-`; or directories or patterns to compare
    /// between revisions or with a cluster
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    revisions: Revisions,

    /// Compare PATH with this directory or file
    #[arg(long, value_name = "PATH", conflicts_with_all = ["from", "to", "live"])]
    against: Option<PathBuf>,

    /// Compare with the output of `kubectl get -o yaml` in this file, or `-`; `cluster` runs kubectl itself
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "to"])]
    live: Option<PathBuf>,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// A kind, a field path, or KIND:PATH to ignore, such as `Job`,
    /// `metadata.labels.version` or `Deployment:spec.replicas`; may be repeated
    #[arg(long, value_name = "RULE")]
    ignore: Vec<Ignore>,

    /// Also write the whole report to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Fail on dangerous changes, which the server rejects, lose data, or widen access
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,

    /// Leave out directories that match this pattern, such as `tests` or `apps/*/old`; may be repeated
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,

    /// Also render the roots that the change cannot touch
    #[arg(long)]
    render_all: bool,

    /// Compare again whenever a file of the roots changes, until interrupted
    #[arg(long, conflicts_with = "to")]
    watch: bool,

    /// When to color the text format
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    color: When,

    /// Whether files outside their kustomization's directory may be loaded
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
    /// For people: the fields that differ, object by object
    Text,
    /// A patch of the rendered manifests
    Unified,
    /// For a comment on a pull request, at most 65,536 characters long
    Markdown,
    /// For programs, with a stable schema
    Json,
    /// One self-contained page for a browser
    Html,
}

/// When to use colors.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum When {
    /// If stdout is a terminal and NO_COLOR is not set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

pub(crate) const DIFFERENCES: u8 = 1;
pub(crate) const FAILURE: u8 = 2;

/// Compares, prints, and says by the exit code what was found; with `--watch` again on every change.
pub(crate) fn run(args: &DiffArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    args.outside.bounds.start(2, format);
    args.root.bind();
    let reviewed = compares_revisions(args).then(|| args.revisions.reviewed(config, first(args)));
    let config = reviewed.as_ref().unwrap_or(config);
    if !args.watch {
        return once(args, config, format);
    }
    if args.live.is_some() || args.paths.iter().any(|path| path.as_os_str() == "-") {
        return format
            .misused("--watch: only directories and files are watched, no cluster and no stdin");
    }
    let excluded = Excluded::new(config.search.exclude.iter().chain(&args.exclude));
    let tops: Vec<PathBuf> = args.paths.iter().chain(&args.against).cloned().collect();
    let builder = match builder(args) {
        Ok(builder) => builder,
        Err(message) => return format.fail(&message),
    };
    // What a function reads is not known, so nothing of it is kept.
    let has_functions = args.outside.switches.enable_alpha_plugins;
    let compare = |paths: &[PathBuf], session: &Session| {
        let paths = if paths == tops { &args.paths } else { paths };
        let session = Some(session).filter(|_| !has_functions);
        told(report(args, paths, session, config, format), format)
    };
    let job = watch::Job {
        tops: &tops,
        excluded: &excluded,
        compare: &compare,
        show: &|report| _ = tell(args, config, format, report),
        base: &|| base(args, config),
        heads: &heads(args),
        has_functions,
    };
    job.run(builder)
}

/// Returns what roots are built with.
fn builder(args: &DiffArgs) -> Result<Builder, String> {
    if let Some(address) = args.paths.iter().find(|path| is_address(path) && !path.exists()) {
        return Err(no_directory(address));
    }
    let builder = Builder::new().load_restriction(args.load_restrictor.into());
    args.root.apply(args.outside.apply(builder)?)
}

/// Returns `true` if roots are compared with a revision, each by itself.
fn compares_revisions(args: &DiffArgs) -> bool {
    let is_pair = args.paths.len() == 2 && !args.revisions.are_given();
    let is_other = args.against.is_some() || args.live.is_some() || is_pair;
    !is_other && !args.paths.iter().any(|path| path.is_file())
}

fn first(args: &DiffArgs) -> &Path {
    args.paths.first().map_or(Path::new("."), PathBuf::as_path)
}

/// Returns the repository if roots are compared with a revision.
fn repository(args: &DiffArgs) -> Option<Repository> {
    compares_revisions(args).then(|| Repository::discover(first(args)).ok())?
}

/// Returns the files by which git says which revision is checked out, if that counts.
fn heads(args: &DiffArgs) -> Vec<PathBuf> {
    repository(args).map(|repository| repository.heads()).unwrap_or_default()
}

/// Returns the revision that roots are compared with, each by itself, if that is what is asked for.
fn base(args: &DiffArgs, config: &Config) -> Option<Revision> {
    let repository = repository(args)?;
    let revisions = args.revisions.or_of(config);
    revisions.before(&repository).ok().map(|(_, revision)| revision)
}

fn told(report: Result<Report, Stopped>, format: ErrorFormat) -> Option<Report> {
    match report {
        Ok(report) => return Some(report),
        Err(Stopped::Told) => {}
        Err(Stopped::Other(message)) => _ = format.fail(&message),
    }
    None
}

fn once(args: &DiffArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    match told(report(args, &args.paths, None, config, format), format) {
        Some(report) => tell(args, config, format, &report),
        None => ExitCode::from(FAILURE),
    }
}

/// Writes and prints what was found, and says it by the exit code.
fn tell(args: &DiffArgs, config: &Config, format: ErrorFormat, report: &Report) -> ExitCode {
    if let Some(path) = &args.output
        && let Err(message) = save(report, args.format, path)
    {
        format.fail(&message);
        return ExitCode::from(FAILURE);
    }
    let shown = show(report, args.format, args.color, format);
    if fails(report, args.fail_on, config) { ExitCode::from(FAILURE) } else { shown }
}

/// Writes the whole report to a file: nothing is cut where nobody counts.
pub(crate) fn save(report: &Report, how: Format, path: &Path) -> Result<(), String> {
    let whole = match how {
        Format::Markdown => render::markdown(report, usize::MAX),
        Format::Text => render::terminal(report, Color::Never),
        other => drawn(report, other, When::Never),
    };
    let whole = whole.map_err(|error| of_report(&error))?;
    write::text(path, &whole)
}

/// Returns `true` if what was found is a failure, as the flag says, or else the configuration.
pub(crate) fn fails(report: &Report, flag: Option<FailOn>, config: &Config) -> bool {
    flag.or(config.diff.fail_on) == Some(FailOn::Risk) && !report.risks().is_empty()
}

/// Says why a report cannot be written: half of one is none.
fn of_report(error: &kustom::Error) -> String {
    format!("the report: {error}")
}

/// Returns the report in a format; all of them escape what strangers wrote.
fn drawn(report: &Report, how: Format, when: When) -> kustom::Result<String> {
    match how {
        Format::Text => render::terminal(report, color(when)),
        Format::Unified => render::unified(report),
        Format::Markdown => render::markdown(report, COMMENT_LIMIT),
        Format::Json => diff::json(report),
        Format::Html => render::html(report),
    }
}

/// Prints what was found, and says it by the exit code.
pub(crate) fn show(report: &Report, how: Format, when: When, format: ErrorFormat) -> ExitCode {
    let text = match drawn(report, how, when) {
        Ok(text) => text,
        Err(error) => {
            format.fail(&of_report(&error));
            return ExitCode::from(FAILURE);
        }
    };
    let text = if how == Format::Text { wrap::for_stdout(text) } else { text };
    if format.print_colored(&text) != ExitCode::SUCCESS || report.newly_failed() > 0 {
        ExitCode::from(FAILURE)
    } else if report.differs() {
        ExitCode::from(DIFFERENCES)
    } else {
        ExitCode::SUCCESS
    }
}

/// Compares `paths`, those of the arguments or roots below them; a session has what was rendered before.
fn report(
    args: &DiffArgs,
    paths: &[PathBuf],
    session: Option<&Session>,
    config: &Config,
    format: ErrorFormat,
) -> Result<Report, Stopped> {
    let report = found(args, paths, session, config, format)?;
    let report = report.within(args.outside.bounds.limits.set());
    let Some(told) = &config.told else { return Ok(report) };
    let compared = match report.compared.as_str() {
        "" => told.clone(),
        compared => format!("{compared}; {told}"),
    };
    Ok(report.comparing(compared))
}

fn found(
    args: &DiffArgs,
    paths: &[PathBuf],
    session: Option<&Session>,
    config: &Config,
    format: ErrorFormat,
) -> Result<Report, Stopped> {
    let comparison = Comparison {
        options: Options::new()
            .live(args.live.is_some())
            .limits(args.outside.bounds.limits.set())
            .together()
            .ignore(ignored(config)?)
            .ignore(args.ignore.iter().cloned()),
        builder: builder(args)?,
        outside: &args.outside,
        format,
        // What a function reads is not known.
        all: args.render_all || args.outside.switches.enable_alpha_plugins,
        only_changes: args.format == Format::Text,
        excluded: Excluded::new(config.search.exclude.iter().chain(&args.exclude)),
        session,
    };
    // Some of the roots that are watched are no pair.
    let some = paths != args.paths;
    let by_revision = some || args.revisions.are_given();
    let revisions = args.revisions.or_of(config);
    if let Some(against) = &args.against {
        let [path] = paths else {
            return Err("--against compares with one PATH".to_owned().into());
        };
        return comparison.paths(against, path);
    }
    // A pattern of the shell that happens to match two folders is told from two folders by the note
    // that stands above the report.
    match (&args.live, paths) {
        (Some(live), roots) if live.as_os_str() == "cluster" => {
            comparison.with_cluster(roots, &args.outside.bounds.limits)
        }
        (Some(live), roots) => comparison.with_live(live, roots),
        (None, [before, after]) if !by_revision => match meant_revisions(before, after) {
            Some(advice) => Err(advice.into()),
            None => comparison.paths(before, after),
        },
        (None, [range]) if !by_revision && !range.exists() => match meant_range(range) {
            Some(advice) => Err(advice.into()),
            None => comparison.revisions(&revisions, paths),
        },
        (None, roots) => comparison.revisions(&revisions, roots),
    }
}

/// Reads the rules of the configuration.
pub(crate) fn ignored(config: &Config) -> Result<Vec<Ignore>, String> {
    let rules = config.diff.ignore.iter();
    let read = |rule: &String| {
        rule.parse().map_err(|e| format!("kustom.toml: diff.ignore: '{rule}': {e}"))
    };
    rules.map(read).collect()
}

fn color(when: When) -> Color {
    let wanted = match when {
        When::Always => true,
        When::Never => false,
        When::Auto => output::has_colors(&std::io::stdout()),
    };
    if wanted { Color::Always } else { Color::Never }
}

/// Says how two revisions are compared, if two paths that are not there are the names of some.
fn meant_revisions(before: &Path, after: &Path) -> Option<String> {
    let is_missing = |path: &Path| !path.exists() && path.as_os_str() != "-";
    if !is_missing(before) || !is_missing(after) {
        return None;
    }
    let (before, after) = (before.to_str()?, after.to_str()?);
    let repository = Repository::discover(Path::new(".")).ok()?;
    (repository.revision(before).is_ok() && repository.revision(after).is_ok()).then_some(())?;
    Some(format!("these are revisions and no directories: write --from {before} --to {after}"))
}

/// Says how a range of revisions, or the work tree with one, is compared.
fn meant_range(range: &Path) -> Option<String> {
    let text = range.to_str()?;
    let repository = Repository::discover(Path::new(".")).ok()?;
    let is_revision = |name: &str| repository.revision(name).is_ok();
    match text.split_once("...").or_else(|| text.split_once("..")) {
        Some((from, to)) if is_revision(from) && is_revision(to) => Some(format!(
            "this is a range of revisions and no directory: write --from {from} --to {to}"
        )),
        None if is_revision(text) => {
            Some(format!("this is a revision and no directory: write --from {text}"))
        }
        _ => None,
    }
}
