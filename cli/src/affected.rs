//! `kustom affected`

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::{Builder, Inputs, visible_line};
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
    let builder = args.outside.apply(builder)?;
    let mut inputs: Vec<Inputs> = Vec::with_capacity(found.len());
    parallel::in_order(
        &found,
        args.jobs.unwrap_or_else(parallel::default_jobs),
        |root| builder.build_with_inputs(root).1,
        |_| (),
        |_, looked_at| {
            inputs.push(looked_at);
            ControlFlow::Continue(())
        },
    );
    let used = if args.top_level { used(&found, &inputs) } else { BTreeSet::new() };
    let touched = |(root, inputs): (PathBuf, Inputs)| {
        let because: Vec<_> = changed.iter().filter(|p| inputs.touched_by(p)).cloned().collect();
        let listed = !because.is_empty() && !used.contains(&root);
        listed.then_some(Affected { root, because })
    };
    let affected = found.into_iter().zip(inputs).filter_map(touched).collect();
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

/// Returns those roots that another one is built on.
fn used(roots: &[PathBuf], inputs: &[Inputs]) -> BTreeSet<PathBuf> {
    let mut used = BTreeSet::new();
    for root in roots {
        let Ok(real) = root.canonicalize() else { continue };
        let files = roots::FILE_NAMES.map(|name| real.join(name));
        let reads = |inputs: &&Inputs| {
            files.iter().any(|file| inputs.get(file) == Some(kustom::InputKind::File))
        };
        // It reads its own file as well.
        if inputs.iter().filter(reads).count() > 1 {
            used.insert(root.clone());
        }
    }
    used
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
