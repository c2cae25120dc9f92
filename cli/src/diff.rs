//! `kustom diff`

use std::io::{IsTerminal, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::diff::{self, COMMENT_LIMIT, Colour, Ignore, Options, Report, RootReport};
use kustom::{Builder, DiskFs, FileSystem, LoadRestriction, Resource};

use crate::args::Restrictor;
use crate::diff_git::{Repository, Revision};
use crate::diff_roots;
use crate::{output, parallel};

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
are still shown).")]
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
}

/// How differences are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
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
enum When {
    /// If stdout is a terminal and NO_COLOR is not set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

const DIFFERENCES: u8 = 1;
const FAILURE: u8 = 2;

/// Compares, prints, and says by the exit code what was found.
pub(crate) fn run(args: &DiffArgs) -> ExitCode {
    let report = match report(args) {
        Ok(report) => report,
        Err(message) => {
            output::fail(&message);
            return ExitCode::from(FAILURE);
        }
    };
    let text = match args.format {
        Format::Text => diff::terminal(&report, colour(args.color)),
        Format::Unified => diff::unified(&report),
        Format::Markdown => diff::markdown(&report, COMMENT_LIMIT),
        Format::Json => diff::json(&report),
    };
    if output::print(&text) != ExitCode::SUCCESS || report.failed() > 0 {
        ExitCode::from(FAILURE)
    } else if report.differs() {
        ExitCode::from(DIFFERENCES)
    } else {
        ExitCode::SUCCESS
    }
}

fn report(args: &DiffArgs) -> Result<Report, String> {
    let comparison = Comparison {
        options: Options { live: args.live.is_some(), ignore: args.ignore.clone() },
        restriction: match args.load_restrictor {
            Restrictor::RootOnly => LoadRestriction::RootOnly,
            Restrictor::None => LoadRestriction::None,
        },
    };
    let by_revision = args.from.is_some() || args.to.is_some();
    match (&args.live, args.paths.as_slice()) {
        (Some(live), roots) => comparison.with_live(live, roots),
        (None, [before, after]) if !by_revision => comparison.paths(before, after),
        (None, roots) => comparison.revisions(args.from.as_deref(), args.to.as_deref(), roots),
    }
}

/// One side of a comparison: files, and how they are called in messages.
#[derive(Clone, Copy)]
struct Side<'s> {
    files: &'s dyn FileSystem,
    builder: &'s Builder,
    name: &'s str,
}

struct Comparison {
    options: Options,
    restriction: LoadRestriction,
}

impl Comparison {
    /// Compares two directories or files.
    fn paths(&self, before: &Path, after: &Path) -> Result<Report, String> {
        if before == Path::new("-") && after == Path::new("-") {
            return Err("stdin cannot be both sides".to_owned());
        }
        let builder = self.builder(DiskFs);
        if !(before.is_dir() && after.is_dir()) {
            let set = |path: &Path| match path.is_dir() {
                true => self.render(&builder, path),
                false => read(path),
            };
            return Ok(self.single(&set(before)?, &set(after)?));
        }
        let roots = |top: &Path| -> Result<Vec<PathBuf>, String> {
            let found = diff_roots::find(&[&DiskFs], &[top.to_path_buf()])?;
            let clean = if top == Path::new(".") { Path::new("") } else { top };
            Ok(found.iter().map(|root| below(root, clean)).collect())
        };
        let (roots_before, roots_after) = match (roots(before), roots(after)) {
            (Err(_), Err(_)) => {
                // Neither has kustomizations: what was rendered into files.
                return Ok(self.single(&read_folder(before)?, &read_folder(after)?));
            }
            (a, b) => (a?, b?),
        };
        let mut all: Vec<&PathBuf> = roots_before.iter().chain(&roots_after).collect();
        all.sort();
        all.dedup();
        let report = |root: &PathBuf| {
            let side = |top: &Path, roots: &[PathBuf]| match roots.contains(root) {
                true => self.render(&builder, &top.join(root)),
                false => Ok(Vec::new()),
            };
            let sides = (side(before, &roots_before), side(after, &roots_after));
            self.root(root.display().to_string(), sides, ["before", "after"])
        };
        Ok(each(&all, |root| report(root)))
    }

    /// Compares roots between two revisions, or a revision and the work tree.
    fn revisions(
        &self,
        from: Option<&str>,
        to: Option<&str>,
        roots: &[PathBuf],
    ) -> Result<Report, String> {
        let first = roots.first().map(PathBuf::as_path).unwrap_or(Path::new("."));
        let repository = Repository::discover(first)?;
        let from = match from {
            Some(from) => from.to_owned(),
            None => repository.merge_base(to.unwrap_or("HEAD"))?,
        };
        let revision: Revision = repository.revision(&from)?;
        let builder = self.builder(revision.clone());
        let before = Side { files: &revision, builder: &builder, name: &from };
        match to {
            None => {
                let builder = self.builder(DiskFs);
                let after = Side { files: &DiskFs, builder: &builder, name: "the work tree" };
                self.sides(before, after, roots)
            }
            Some(to) => {
                let revision = repository.revision(to)?;
                let builder = self.builder(revision.clone());
                self.sides(before, Side { files: &revision, builder: &builder, name: to }, roots)
            }
        }
    }

    fn sides(
        &self,
        before: Side<'_>,
        after: Side<'_>,
        paths: &[PathBuf],
    ) -> Result<Report, String> {
        let roots = diff_roots::find(&[before.files, after.files], paths)?;
        Ok(each(&roots, |root| {
            let render = |side: Side<'_>| match diff_roots::is_kustomization(side.files, root) {
                true => self.render(side.builder, root),
                // A root that is new or gone.
                false => Ok(Vec::new()),
            };
            let sets = (render(before), render(after));
            self.root(root.display().to_string(), sets, [before.name, after.name])
        }))
    }

    /// Compares roots with what a cluster has.
    fn with_live(&self, live: &Path, paths: &[PathBuf]) -> Result<Report, String> {
        let live = read(live)?;
        let builder = self.builder(DiskFs);
        let roots = diff_roots::find(&[&DiskFs], paths)?;
        Ok(each(&roots, |root| {
            let after = self.render(&builder, root);
            self.root(root.display().to_string(), (Ok(live.clone()), after), ["live", "manifest"])
        }))
    }

    fn single(&self, before: &[Resource], after: &[Resource]) -> Report {
        let sides = (Ok(before.to_vec()), Ok(after.to_vec()));
        Report { roots: vec![self.root(String::new(), sides, ["before", "after"])] }
    }

    fn root(
        &self,
        root: String,
        sides: (Result<Vec<Resource>, String>, Result<Vec<Resource>, String>),
        names: [&str; 2],
    ) -> RootReport {
        let compared = match sides {
            (Ok(before), Ok(after)) => {
                diff::diff(&before, &after, &self.options).map_err(|e| e.to_string())
            }
            // What is wrong on both sides is told once.
            (Err(before), Err(after)) if before == after => Err(format!("both sides: {after}")),
            (Err(before), Err(after)) => {
                Err(format!("{}: {before}\n{}: {after}", names[0], names[1]))
            }
            (Err(error), Ok(_)) => Err(format!("{}: {error}", names[0])),
            (Ok(_), Err(error)) => Err(format!("{}: {error}", names[1])),
        };
        match compared {
            Ok(diff) => RootReport { root, error: None, diff },
            Err(error) => RootReport { root, error: Some(error), ..RootReport::default() },
        }
    }

    fn builder(&self, files: impl FileSystem + 'static) -> Builder {
        Builder::new().file_system(files).load_restriction(self.restriction)
    }

    fn render(&self, builder: &Builder, root: &Path) -> Result<Vec<Resource>, String> {
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        let build = builder.build(root).map_err(|e| e.to_string())?;
        Ok(build.resources().to_vec())
    }
}

/// Compares roots on several threads and returns what was found in their order.
fn each<T: Sync>(roots: &[T], work: impl Fn(&T) -> RootReport + Sync) -> Report {
    let mut report = Report::default();
    parallel::in_order(
        roots,
        parallel::default_jobs(),
        work,
        |_| {},
        |_, root| {
            report.roots.push(root);
            ControlFlow::Continue(())
        },
    );
    report
}

/// Returns a root as seen from the directory that it was found in.
fn below(root: &Path, top: &Path) -> PathBuf {
    let components = top.components().collect::<PathBuf>();
    root.strip_prefix(components).unwrap_or(root).to_path_buf()
}

/// Reads what was rendered, from a file or stdin.
fn read(path: &Path) -> Result<Vec<Resource>, String> {
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().lock().read_to_end(&mut bytes).map(drop),
        false => std::fs::read(path).map(|content| bytes = content),
    };
    read.map_err(|e| format!("{}: {e}", path.display()))?;
    diff::read(&bytes).map_err(|e| format!("{}: {e}", path.display()))
}

/// Reads what was rendered into one file per resource.
fn read_folder(folder: &Path) -> Result<Vec<Resource>, String> {
    let mut resources = Vec::new();
    for (name, _) in diff_roots::entries(&DiskFs, folder) {
        let path = folder.join(&name);
        if path.is_file() && (name.ends_with(".yaml") || name.ends_with(".yml")) {
            resources.extend(read(&path)?);
        }
    }
    if resources.is_empty() {
        return Err(format!("no kustomization and no manifests in '{}'", folder.display()));
    }
    Ok(resources)
}

fn colour(when: When) -> Colour {
    let wanted = match when {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    };
    if wanted { Colour::Always } else { Colour::Never }
}
