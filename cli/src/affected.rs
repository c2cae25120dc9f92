//! `kustom affected`

use std::collections::{BTreeSet, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::{Build, Builder, Error, Inputs, VENDOR_MARKER, visible_line};
use serde_json::json;

use crate::flags::Restrictor;
use crate::outside::OutsideArgs;
use crate::paths::Shown;
use crate::report::ErrorFormat;
use crate::{changes, parallel, roots};

/// The arguments of `affected`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each kustomization below the directories that is not a component is built, \
    and listed if anything it looked at has changed: files, links, and places where a file was \
    missing. None whose output changes is left out; one may be listed although its output stays \
    the same.\n\n\
    --since compares the work tree with a revision, new files included. REV... compares with the \
    merge base, which is what a pull request wants. Files that git ignores do not count as \
    changed.\n\n\
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

    /// The revision to compare the work tree with
    #[arg(
        long,
        value_name = "REV",
        required_unless_present = "changed",
        conflicts_with = "changed"
    )]
    since: Option<String>,

    /// A file with the changed paths, one a line, or - for stdin
    #[arg(long, value_name = "FILE")]
    changed: Option<PathBuf>,

    /// Leave out kustomizations that another one found uses
    #[arg(long)]
    top_level: bool,

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
}

/// A kustomization that a change touches.
struct Affected {
    root: PathBuf,
    because: Vec<PathBuf>,
}

/// Lists the kustomizations that the changes touch.
pub(crate) fn run(args: &AffectedArgs, format: ErrorFormat) -> ExitCode {
    match list(args, format) {
        Ok((affected, removed)) => print(args, &affected, &removed, format),
        Err(message) => format.fail(&message),
    }
}

fn list(
    args: &AffectedArgs,
    format: ErrorFormat,
) -> Result<(Vec<Affected>, BTreeSet<PathBuf>), String> {
    let changed = changed(args)?;
    let mut found = roots::find(&args.dirs, format)?;
    found.retain(|root| !roots::is_component(root));
    let builder = Builder::new().load_restriction(args.load_restrictor.into());
    let mut builder = args.outside.apply(builder)?;
    if let Some(jobs) = args.jobs.and_then(NonZeroUsize::new) {
        builder = builder.threads(jobs);
    }
    let reach = reach(args, &builder, &found, &changed);
    let used = if args.top_level { used(&found, &reach) } else { BTreeSet::new() };
    let touched = |(root, reach): (PathBuf, Reach)| {
        let Reach::Exact(inputs) = reach else { return None };
        let because: Vec<_> = changed.iter().filter(|p| inputs.touched_by(p)).cloned().collect();
        let listed = !because.is_empty() && !used.contains(&root);
        listed.then_some(Affected { root, because })
    };
    let affected = found.into_iter().zip(reach).filter_map(touched).collect();
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

fn changed(args: &AffectedArgs) -> Result<BTreeSet<PathBuf>, String> {
    let mut changed = BTreeSet::new();
    match (&args.since, &args.changed) {
        (Some(revision), _) => {
            for dir in &args.dirs {
                changed.extend(changes::since(revision, dir)?);
            }
        }
        (None, Some(file)) => changed.extend(changes::listed(file)?),
        (None, None) => {}
    }
    Ok(changed)
}

/// What is known of the places that the build of a root looked at.
enum Reach {
    /// All of them.
    Exact(Inputs),
    /// The folders that they lie in; no change lies in any.
    Folders(Vec<PathBuf>),
}

/// Finds out where the builds looked: all roots are built in one call, and one by one those again that
/// use a folder in which something has changed.
fn reach(
    args: &AffectedArgs,
    builder: &Builder,
    roots: &[PathBuf],
    changed: &BTreeSet<PathBuf>,
) -> Vec<Reach> {
    // Only then does a build look at nothing outside of its folders, but for what is above them.
    let stays_inside = matches!(args.load_restrictor, Restrictor::RootOnly)
        && !args.outside.is_any()
        && changed.iter().all(|path| is_plain(path));
    let builds = if stays_inside { builder.build_all(roots) } else { Vec::new() };
    let above: HashSet<&Path> = changed.iter().flat_map(|path| path.ancestors()).collect();
    let untouched = |build: Result<Build, Error>| {
        let folders = build.ok()?.folders()?.to_vec();
        folders.iter().all(|folder| !above.contains(folder.as_path())).then_some(folders)
    };
    let mut folders: Vec<Option<Vec<PathBuf>>> = builds.into_iter().map(untouched).collect();
    folders.resize(roots.len(), None);
    let mut reach = Vec::with_capacity(roots.len());
    parallel::in_order(
        &roots.iter().zip(folders).collect::<Vec<_>>(),
        args.jobs.unwrap_or_else(parallel::default_jobs),
        |(root, folders)| match folders {
            Some(folders) => Reach::Folders(folders.clone()),
            None => Reach::Exact(builder.build_with_inputs(root).1),
        },
        |_| (),
        |_, looked_at| {
            reach.push(looked_at);
            ControlFlow::Continue(())
        },
    );
    reach
}

/// Returns `true` if a build can only meet this path in the folders of its kustomizations: it is no link,
/// which may lead to one of them, and does not stand for what is elsewhere.
fn is_plain(path: &Path) -> bool {
    let is_file = path.symlink_metadata().map_or(true, |metadata| metadata.is_file());
    let is_lock = path.file_name().is_some_and(|name| name == "kustom.lock");
    is_file && !is_lock && !path.ancestors().any(|folder| folder.join(VENDOR_MARKER).exists())
}

/// Returns those roots that another one is built on.
fn used(roots: &[PathBuf], reach: &[Reach]) -> BTreeSet<PathBuf> {
    // How many builds read the kustomization of a folder.
    let mut readers: HashMap<&Path, usize> = HashMap::new();
    for reach in reach {
        let folders: HashSet<&Path> = match reach {
            Reach::Exact(inputs) => {
                let files = inputs.files().filter(|file| {
                    let name = file.file_name().unwrap_or_default();
                    roots::FILE_NAMES.iter().any(|kustomization| name == *kustomization)
                });
                files.filter_map(Path::parent).collect()
            }
            Reach::Folders(folders) => folders.iter().map(PathBuf::as_path).collect(),
        };
        for folder in folders {
            *readers.entry(folder).or_default() += 1;
        }
    }
    let is_used = |root: &&PathBuf| {
        let real = root.canonicalize();
        // It reads its own file as well.
        real.is_ok_and(|real| readers.get(real.as_path()).is_some_and(|readers| *readers > 1))
    };
    roots.iter().filter(is_used).cloned().collect()
}

/// Tells whether `path` was the kustomization file of a directory that has none any more.
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
