//! `kustom affected`

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::roots::Affected;
use kustom::{Builder, DiskFs};
use serde_json::json;

use crate::config::Config;
use crate::exclude::Excluded;
use crate::flags::Restrictor;
use crate::outside::OutsideArgs;
use crate::paths::{Shown, push_line};
use crate::report::ErrorFormat;
use crate::{changes, roots, waiting};

/// The arguments of `affected`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each kustomization below the directories that is not a component is built, \
    and listed if anything it looked at has changed: files, links, and places where a file was \
    missing. None whose output changes is left out; one may be listed although its output stays \
    the same.\n\n\
    --since compares the work tree with a revision, new files included; by default with the commit \
    where HEAD left the default branch, as `diff` does. REV... compares with the merge base of REV, \
    which is what a pull request wants. Files that git ignores do not count as changed.\n\n\
    One that cannot be built is listed if anything changed in its directory or in those that it \
    refers to.\n\n\
    A kustomization that is no longer there is told on stderr (and under `removed` in JSON), unless \
    another one referred to it in the revision: a base that moved is none that is gone.\n\n\
    Examples:\n  \
    kustom affected --since HEAD~1 clusters\n  \
    kustom affected --since origin/main... --top-level .\n  \
    git diff --name-only main | kustom affected --changed - ."
)]
pub(crate) struct AffectedArgs {
    /// The directories to search for kustomizations
    #[arg(value_name = "DIR", default_value = ".")]
    dirs: Vec<PathBuf>,

    /// The revision to compare the work tree with; by default where HEAD left the default branch
    #[arg(long, visible_alias = "from", value_name = "REV", conflicts_with = "changed")]
    since: Option<String>,

    /// A file with the changed paths, one per line, or - for stdin
    #[arg(long, value_name = "FILE")]
    changed: Option<PathBuf>,

    /// Leave out kustomizations that another one in the list uses
    #[arg(long)]
    top_level: bool,

    /// Leave out directories that match this pattern, such as `tests` or `apps/*/old`; may be repeated
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// How many kustomizations to build at the same time [default: one per CPU]
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,

    /// Whether files outside their kustomization's directory may be loaded
    #[arg(long, value_enum, value_name = "RESTRICTOR", default_value_t = Restrictor::RootOnly)]
    load_restrictor: Restrictor,

    #[command(flatten)]
    outside: OutsideArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One directory per line
    Text,
    /// A JSON object with the directories and what touched each of them
    Json,
    /// One line of JSON for `strategy.matrix` of GitHub Actions: an entry with `directory` for each
    GithubMatrix,
}

/// Lists the kustomizations that the changes touch.
pub(crate) fn run(args: &AffectedArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    match list(args, config, format) {
        Ok((affected, removed)) => print(args, &affected, &removed, format),
        Err(message) => format.fail(&message),
    }
}

fn list(
    args: &AffectedArgs,
    config: &Config,
    format: ErrorFormat,
) -> Result<(Vec<Affected>, BTreeSet<PathBuf>), String> {
    let changed = changed(&args.dirs, args.since.as_deref(), args.changed.as_deref(), config)?;
    let excluded = Excluded::new(config.search.exclude.iter().chain(&args.exclude));
    let mut found = roots::find(&args.dirs, &excluded, format)?;
    found.retain(|root| !kustom::roots::is_component(&DiskFs, root));
    if args.top_level {
        found = kustom::roots::top_level(&DiskFs, &found);
    }
    let builder = Builder::new().load_restriction(args.load_restrictor.into());
    let builder = args.outside.apply(builder)?;
    let builder = match args.jobs.and_then(NonZeroUsize::new) {
        Some(jobs) => builder.threads(jobs),
        None => builder,
    };
    let working = waiting::working(|| waiting::on_kustomizations("looking at", found.len()));
    let revision = args.since.as_deref().or(config.diff.from.as_deref());
    let before = |path: &Path| match args.changed {
        Some(_) => None,
        None => changes::before(revision, path),
    };
    let affected = kustom::roots::affected_since(&builder, &found, &changed, &before);
    drop(working);
    let dirs: Vec<PathBuf> = args.dirs.iter().filter_map(|d| d.canonicalize().ok()).collect();
    let mut removed: BTreeSet<PathBuf> = changed
        .iter()
        .filter(|path| is_removed(path))
        .filter_map(|path| path.parent())
        .filter(|root| dirs.iter().any(|dir| root.starts_with(dir)))
        .map(Path::to_path_buf)
        .collect();
    if args.changed.is_none() && !removed.is_empty() {
        let mut roots = BTreeSet::new();
        for dir in &dirs {
            roots.extend(changes::roots_before(revision, dir, &excluded)?);
        }
        removed.retain(|root| roots.contains(root));
    }
    Ok((affected, removed))
}

/// Returns the kustomizations at or below some directories that the changes since a revision touch, by
/// default since HEAD left the default branch.
///
/// # Errors
/// If the directories cannot be searched, or git does not know the revision.
pub(crate) fn since(
    revision: Option<&str>,
    dirs: &[PathBuf],
    builder: &Builder,
    config: &Config,
    format: ErrorFormat,
) -> Result<Vec<PathBuf>, String> {
    let changed = changed(dirs, revision, None, config)?;
    let excluded = Excluded::new(&config.search.exclude);
    let mut found = roots::find(dirs, &excluded, format)?;
    found.retain(|root| !kustom::roots::is_component(&DiskFs, root));
    let working = waiting::working(|| waiting::on_kustomizations("looking at", found.len()));
    let from = revision.or(config.diff.from.as_deref());
    let before = |path: &Path| changes::before(from, path);
    let affected = kustom::roots::affected_since(builder, &found, &changed, &before);
    drop(working);
    Ok(affected.into_iter().map(|affected| affected.root).collect())
}

/// Returns what has changed since a revision, or what a file lists.
fn changed(
    dirs: &[PathBuf],
    since: Option<&str>,
    listed: Option<&Path>,
    config: &Config,
) -> Result<BTreeSet<PathBuf>, String> {
    let mut changed = BTreeSet::new();
    if let Some(file) = listed {
        changed.extend(changes::listed(file)?);
        return Ok(changed);
    }
    let since = since.or(config.diff.from.as_deref());
    for dir in dirs {
        changed.extend(changes::since(since, dir)?);
    }
    Ok(changed)
}

/// Returns `true` if `path` was the kustomization file of a directory that has none any more.
fn is_removed(path: &Path) -> bool {
    let Some((dir, name)) = path.parent().zip(path.file_name()) else { return false };
    let is_kustomization = roots::FILE_NAMES.iter().any(|file| name == *file);
    is_kustomization && !roots::FILE_NAMES.iter().any(|file| dir.join(file).exists())
}

fn print(
    args: &AffectedArgs,
    affected: &[Affected],
    removed: &BTreeSet<PathBuf>,
    format: ErrorFormat,
) -> ExitCode {
    let shown = Shown::from_here();
    match args.format {
        Format::Text => {
            for root in removed {
                format.note("removed", &format!("removed: {}", shown.line(root)));
            }
            let mut lines = Vec::new();
            affected.iter().for_each(|affected| push_line(&affected.root, &mut lines));
            format.print_lines(&lines)
        }
        Format::GithubMatrix => {
            let entry = |a: &Affected| json!({"directory": a.root.to_string_lossy()});
            let include: Vec<_> = affected.iter().map(entry).collect();
            format.print(&format!("{}\n", json!({"include": include})))
        }
        Format::Json => {
            let path = |path: &PathBuf| shown.path(path);
            let affected: Vec<_> = affected
                .iter()
                .map(|a| {
                    let because: Vec<_> = a.because.iter().map(path).collect();
                    json!({"directory": a.root.to_string_lossy(), "because": because})
                })
                .collect();
            let removed: Vec<_> = removed.iter().map(path).collect();
            format.print_json(&json!({"affected": affected, "removed": removed}))
        }
    }
}
