//! `kustom affected`

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::roots::References;
use kustom::text::visible_json;
use kustom::vendor::{LOCK_FILE, VENDOR_MARKER};
use kustom::{Builder, FileKind, FileSystem};
use serde_json::json;

use crate::changes::Change;
use crate::config::Config;
use crate::exclude::Excluded;
use crate::flags::Restrictor;
use crate::outside::OutsideArgs;
use crate::path_patterns::{self, absolute, real};

use crate::paths::{Shown, push_line};
use crate::report::ErrorFormat;
use crate::revisions::Revisions;
use crate::{paths, roots, waiting};

/// The arguments of `affected`.
#[derive(Debug, Args)]
#[command(
    after_help = "Builds each kustomization below the directories that is not a component, and lists it if \
    anything it looked at has changed: files, links, and places where a file was missing. Every \
    kustomization whose output changes is listed; some may be listed although their output stays the \
    same.\n\n\
    --from and --to compare two revisions, or a revision with the work tree, new files included, as `diff` \
    does; --since is an alias of --from. REV... is the merge base with REV, which suits pull requests. \
    Files that git ignores do not count as changed. With --to, the kustomizations are those of that \
    revision.\n\n\
    A kustomization that cannot be built is listed if anything changed in its directory, in those that \
    it refers to, or behind links in them.\n\n\
    A kustomization that is gone is reported on stderr (and under `removed` in JSON), unless another one \
    referred to it (a base that moved, say).\n\n\
    Examples:\n  \
    kustom affected --since HEAD~1 clusters\n  \
    kustom affected --since origin/main... --top-level .\n  \
    kustom affected --from v1.2 --to v1.3 clusters\n  \
    git diff --name-only main | kustom affected --changed - ."
)]
pub(crate) struct AffectedArgs {
    /// The directories to search for kustomizations, or quoted patterns of such
    #[arg(value_name = "DIR", default_value = ".")]
    dirs: Vec<PathBuf>,

    #[command(flatten)]
    revisions: Revisions,

    /// A file with the changed paths, one per line, or - for stdin; they count from the working directory, those that git
    /// prints from the top of the repository
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "to"])]
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
    args.outside.bounds.start(1, format);
    match list(args, config, format) {
        Ok((affected, removed)) => print(args, &affected, &removed, format),
        Err(message) => format.fail(&message),
    }
}

fn list(
    args: &AffectedArgs,
    config: &Config,
    format: ErrorFormat,
) -> Result<(Vec<Touched>, BTreeSet<PathBuf>), String> {
    let config = &match &args.changed {
        Some(_) => config.clone(),
        None => reviewed(&args.revisions, &args.dirs, config, format),
    };
    let excluded = Excluded::new(config.search.exclude.iter().chain(&args.exclude));
    let change = match &args.changed {
        Some(file) => Change::listed(file)?,
        None => Change::around(&args.revisions.or_of(config), &args.dirs, &excluded)?,
    };
    let in_revision = |message| in_revision(message, &args.revisions);
    let dirs = expanded(&change, &args.dirs, &excluded).map_err(in_revision)?;
    let mut found = kustomizations(&change, &dirs.after, &excluded, format).map_err(in_revision)?;
    let files = change.after();
    let mut references = References::new(files);
    if args.top_level {
        found = references.top_level(&found);
    }
    let builder = Builder::new().load_restriction(args.load_restrictor.into());
    let builder = change.builder(args.outside.apply(builder)?, &args.outside)?;
    let builder = match args.jobs.and_then(NonZeroUsize::new) {
        Some(jobs) => builder.threads(jobs),
        None => builder,
    };
    let affected = touched(&change, &found, &builder, references);
    let after = dirs.after.iter().filter_map(|dir| real(files, dir).ok());
    let before = dirs.before.iter().filter_map(|dir| absolute(files, dir).ok());
    let dirs: Vec<PathBuf> = after.chain(before).collect();
    let mut removed: BTreeSet<PathBuf> = change
        .paths
        .iter()
        .filter(|path| is_removed(files, path))
        .filter_map(|path| path.parent())
        .filter(|root| dirs.iter().any(|dir| root.starts_with(dir)))
        .map(Path::to_path_buf)
        .collect();
    if !removed.is_empty()
        && let Some(roots) = change.roots_before(&dirs, &excluded)
    {
        removed.retain(|root| roots.contains(root));
    }
    change.complete()?;
    Ok((affected, removed))
}

/// Returns the kustomizations at or below some directories that a change touches, and what builds them: by default
/// of what has changed since HEAD left the default branch.
///
/// # Errors
/// If the directories cannot be searched, or git does not know a revision.
pub(crate) fn by(
    revisions: &Revisions,
    dirs: &[PathBuf],
    builder: Builder,
    outside: &OutsideArgs,
    config: &Config,
    format: ErrorFormat,
) -> Result<(Vec<PathBuf>, Builder), String> {
    let config = &reviewed(revisions, dirs, config, format);
    let excluded = Excluded::new(&config.search.exclude);
    let change = Change::around(&revisions.or_of(config), dirs, &excluded)?;
    let in_revision = |message| in_revision(message, revisions);
    let dirs = expanded(&change, dirs, &excluded).map_err(in_revision)?;
    let found = kustomizations(&change, &dirs.after, &excluded, format).map_err(in_revision)?;
    let builder = change.builder(builder, outside)?;
    let affected = touched(&change, &found, &builder, References::new(change.after()));
    change.complete()?;
    Ok((affected.into_iter().map(|affected| affected.root).collect(), builder))
}

/// The directories that arguments stand for.
struct Expanded {
    /// After the change; those that are named need not be there.
    after: Vec<PathBuf>,
    /// Those that patterns matched before, on the side before.
    before: Vec<PathBuf>,
}

/// Returns the directories that some arguments stand for.
///
/// # Errors
/// If a pattern matches none, neither before nor after.
fn expanded(
    change: &Change,
    arguments: &[PathBuf],
    excluded: &Excluded,
) -> Result<Expanded, String> {
    let (mut after, mut before) = (BTreeSet::new(), BTreeSet::new());
    let files = change.searched();
    for argument in arguments {
        if !path_patterns::is_of_directories(argument) {
            after.insert(argument.clone());
            continue;
        }
        let here = path_patterns::directories(&*files, argument);
        let sides = change.sides_before();
        let there: Vec<PathBuf> =
            sides.flat_map(|side| path_patterns::directories(side, argument)).collect();
        if here.is_empty() && there.is_empty() {
            let shown = argument.display();
            return Err(format!("{shown} is not a directory, and matches none"));
        }
        let is_in = |folder: &PathBuf| !excluded.matches(folder);
        after.extend(here.into_iter().filter(is_in));
        before.extend(there.into_iter().filter(is_in));
    }
    Ok(Expanded { after: after.into_iter().collect(), before: before.into_iter().collect() })
}

/// Returns the kustomizations after a change at or below some directories, without components, but for those that
/// were none before.
fn kustomizations(
    change: &Change,
    dirs: &[PathBuf],
    excluded: &Excluded,
    format: ErrorFormat,
) -> Result<Vec<PathBuf>, String> {
    let mut found = roots::find_in(&*change.searched(), dirs, excluded, format)?;
    found.extend(hidden(change, dirs, excluded, &found, format));
    found.sort();
    found
        .retain(|root| !kustom::roots::is_component(change.after(), root) || change.had_root(root));
    Ok(found)
}

/// Returns the kustomizations that are still there, and that the change itself hides from a search: as copies, as
/// ignored, or behind links.
fn hidden(
    change: &Change,
    dirs: &[PathBuf],
    excluded: &Excluded,
    found: &[PathBuf],
    format: ErrorFormat,
) -> Vec<PathBuf> {
    let hides = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        let is_link = || matches!(change.after().kind(path), Ok(FileKind::Link));
        name == LOCK_FILE || name == VENDOR_MARKER || name == ".gitignore" || is_link()
    };
    if !change.paths.iter().any(hides) {
        return Vec::new();
    }
    let mut all = BTreeSet::new();
    for before in change.sides_before() {
        let there = |dir: &&PathBuf| real(before, dir).is_ok_and(|dir| before.kind(&dir).is_ok());
        let dirs: Vec<PathBuf> = dirs.iter().filter(there).cloned().collect();
        all.extend(roots::find_in(before, &dirs, excluded, format).unwrap_or_default());
    }
    let is_hidden = |root: &PathBuf| {
        found.binary_search(root).is_err() && kustom::roots::is_kustomization(change.after(), root)
    };
    all.into_iter().filter(is_hidden).collect()
}

/// Returns what of the configuration counts, and tells if it has changed.
fn reviewed(
    revisions: &Revisions,
    dirs: &[PathBuf],
    config: &Config,
    format: ErrorFormat,
) -> Config {
    let config = revisions.reviewed(config, dirs.first().map_or(Path::new("."), PathBuf::as_path));
    config.told.iter().for_each(|told| format.note("config-changed", told));
    config
}

/// Says in which revision something is not there.
fn in_revision(message: String, revisions: &Revisions) -> String {
    match &revisions.to {
        Some(to) => format!("{message} in {to}"),
        None => message,
    }
}

/// A kustomization that a change touches.
struct Touched {
    root: PathBuf,
    /// The changed paths that it looks at, sorted.
    because: Vec<PathBuf>,
}

/// Returns which of some kustomizations a change touches.
fn touched(
    change: &Change,
    found: &[PathBuf],
    builder: &Builder,
    mut references: References<'_>,
) -> Vec<Touched> {
    let _working = waiting::working(|| waiting::on_kustomizations("looking at", found.len()));
    let before = |path: &Path| change.before(path);
    let affected = references.affected_since(builder, found, &change.paths, &before);
    let mut affected = affected.into_iter().peekable();
    let mut not_checked_out = change.not_checked_out_of();
    let touched = found.iter().filter_map(|root| {
        let because = match affected.next_if(|affected| affected.root == *root) {
            Some(affected) => affected.because,
            None => not_checked_out(root),
        };
        (!because.is_empty()).then(|| Touched { root: root.clone(), because })
    });
    touched.collect()
}

/// Returns `true` if `path` was the kustomization file of a directory that has none any more.
fn is_removed(files: &dyn FileSystem, path: &Path) -> bool {
    let Some((dir, name)) = path.parent().zip(path.file_name()) else { return false };
    let is_kustomization = paths::FILE_NAMES.iter().any(|file| name == *file);
    is_kustomization && !kustom::roots::is_kustomization(files, dir)
}

fn print(
    args: &AffectedArgs,
    affected: &[Touched],
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
            let escaped = affected.iter().filter(|it| push_line(&it.root, &mut lines)).count();
            format.note_escaped(escaped);
            format.print_lines(&lines)
        }
        Format::GithubMatrix => {
            let entry = |a: &Touched| json!({"directory": a.root.to_string_lossy()});
            let include: Vec<_> = affected.iter().map(entry).collect();
            format.print_colored(&visible_json(&format!("{}\n", json!({"include": include}))))
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
