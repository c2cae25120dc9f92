//! `kustom affected`

use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::{Build, Builder, DiskFs, Error, VENDOR_MARKER, visible_line};
use serde_json::json;

use crate::config::Config;
use crate::exclude::Excluded;
use crate::flags::Restrictor;
use crate::outside::OutsideArgs;
use crate::paths::Shown;
use crate::references::Graph;
use crate::report::ErrorFormat;
use crate::{changes, parallel, roots};

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
    A kustomization that is no longer there is told on stderr (and under `removed` in JSON).\n\n\
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

    /// A file with the changed paths, one a line, or - for stdin
    #[arg(long, value_name = "FILE")]
    changed: Option<PathBuf>,

    /// Leave out kustomizations that another one found uses
    #[arg(long)]
    top_level: bool,

    /// Leave out directories that match this pattern, such as `tests` or `apps/*/old`; may be repeated
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,

    /// How to write the list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// How many kustomizations to build at the same time [default: one per CPU]
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,

    /// Whether files may be loaded from outside of their kustomization's directory
    #[arg(long, value_enum, value_name = "RESTRICTOR", default_value_t = Restrictor::RootOnly)]
    load_restrictor: Restrictor,

    #[command(flatten)]
    outside: OutsideArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One directory a line
    Text,
    /// A JSON object with the directories and what touched each
    Json,
    /// One line of JSON for `strategy.matrix` of GitHub Actions: an entry with `directory` for each
    GithubMatrix,
}

/// A kustomization that a change touches.
struct Affected {
    root: PathBuf,
    because: Vec<PathBuf>,
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
    let mut found = roots::find(&args.dirs, format)?;
    found.retain(|root| !excluded.matches(root) && !roots::is_component(root));
    let used = if args.top_level { used(&found) } else { BTreeSet::new() };
    found.retain(|root| !used.contains(root));
    let builder = Builder::new().load_restriction(args.load_restrictor.into());
    let builder = args.outside.apply(builder)?;
    let jobs = args.jobs.unwrap_or_else(parallel::default_jobs);
    let inside = matches!(args.load_restrictor, Restrictor::RootOnly) && !args.outside.is_any();
    let affected = touched(found, &changed, &builder, inside, jobs);
    let dirs: Vec<PathBuf> = args.dirs.iter().filter_map(|d| d.canonicalize().ok()).collect();
    let removed = changed
        .iter()
        .filter(|path| is_removed(path))
        .filter_map(|path| path.parent())
        .filter(|root| dirs.iter().any(|dir| root.starts_with(dir)))
        .map(Path::to_path_buf)
        .collect();
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
    let mut found = roots::find(dirs, format)?;
    found.retain(|root| !excluded.matches(root) && !roots::is_component(root));
    let affected = touched(found, &changed, builder, false, parallel::default_jobs());
    Ok(affected.into_iter().map(|affected| affected.root).collect())
}

/// Returns which of some kustomizations the changed paths touch; `inside` if builds look at nothing
/// outside of the folders of their kustomizations.
fn touched(
    found: Vec<PathBuf>,
    changed: &BTreeSet<PathBuf>,
    builder: &Builder,
    inside: bool,
    jobs: usize,
) -> Vec<Affected> {
    // What the files of a kustomization refer to tells quickly that nothing there has changed.
    let mut graph = Graph::new(&DiskFs);
    let mut near: Vec<(PathBuf, Vec<PathBuf>)> = found
        .into_iter()
        .filter_map(|root| {
            let (closure, certain) = match root.canonicalize() {
                Ok(real) => graph.closure(&real),
                Err(_) => (BTreeSet::new(), false),
            };
            // A submodule that changed is one path above all that lies in it.
            let inside = |path: &&PathBuf| {
                path.ancestors().any(|above| closure.contains(above))
                    || closure.range((*path).clone()..).next().is_some_and(|p| p.starts_with(path))
            };
            let near: Vec<PathBuf> = changed.iter().filter(inside).cloned().collect();
            (!near.is_empty() || !certain && !changed.is_empty()).then_some((root, near))
        })
        .collect();
    if inside && changed.iter().all(|path| is_plain(path)) {
        let far = near.iter().filter(|(_, near)| near.is_empty());
        let elsewhere = elsewhere(far.map(|(root, _)| root.clone()).collect(), changed, builder);
        near.retain(|(root, _)| !elsewhere.contains(root));
    }
    let mut affected = Vec::new();
    parallel::in_order(
        &near,
        jobs,
        |(root, _)| builder.build_with_inputs(root),
        |_| (),
        |(root, near), (build, inputs)| {
            let mut because: BTreeSet<PathBuf> =
                changed.iter().filter(|path| inputs.touched_by(path)).cloned().collect();
            if build.is_err() {
                // What would have been looked at after the error is not known.
                because.extend(near.iter().cloned());
            }
            if !because.is_empty() {
                let because = because.into_iter().collect();
                affected.push(Affected { root: root.clone(), because });
            }
            ControlFlow::Continue(())
        },
    );
    affected
}

/// Builds roots in one call, and returns those that use no folder in which something has changed.
fn elsewhere(
    roots: Vec<PathBuf>,
    changed: &BTreeSet<PathBuf>,
    builder: &Builder,
) -> HashSet<PathBuf> {
    let above: HashSet<&Path> = changed.iter().flat_map(|path| path.ancestors()).collect();
    let is_elsewhere = |build: &Result<Build, Error>| {
        let folders = build.as_ref().ok().and_then(Build::folders);
        folders.is_some_and(|folders| folders.iter().all(|f| !above.contains(f.as_path())))
    };
    let builds = builder.build_all(&roots);
    let found = roots.into_iter().zip(builds).filter(|(_, build)| is_elsewhere(build));
    found.map(|(root, _)| root).collect()
}

/// Returns `true` if a build can only meet this path in the folders of its kustomizations: it is no link,
/// which may lead to one of them, and does not stand for what is elsewhere.
fn is_plain(path: &Path) -> bool {
    let is_file = path.symlink_metadata().map_or(true, |metadata| metadata.is_file());
    let is_lock = path.file_name().is_some_and(|name| name == "kustom.lock");
    is_file && !is_lock && !path.ancestors().any(|folder| folder.join(VENDOR_MARKER).exists())
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

/// Returns those roots that another one refers to, directly or through others.
fn used(roots: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut graph = Graph::new(&DiskFs);
    let mut used = BTreeSet::new();
    let mut waiting: Vec<PathBuf> =
        roots.iter().filter_map(|root| root.canonicalize().ok()).collect();
    while let Some(folder) = waiting.pop() {
        for next in graph.direct(&folder) {
            if next != folder && used.insert(next.clone()) {
                waiting.push(next);
            }
        }
    }
    let is_used = |root: &&PathBuf| root.canonicalize().is_ok_and(|real| used.contains(&real));
    roots.iter().filter(is_used).cloned().collect()
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
            let lines =
                affected.iter().map(|a| format!("{}\n", visible_line(&a.root.to_string_lossy())));
            format.print(&lines.collect::<String>())
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
