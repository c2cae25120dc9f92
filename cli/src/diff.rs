//! `kustom diff`

use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::{ErrorKind, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::diff::{self, COMMENT_LIMIT, Colour, Ignore, ObjectId, Options, Report, RootReport};
use kustom::{Build, Builder, DiskFs, Error, FileSystem, LoadRestriction, Resource};

use crate::args::Restrictor;
use crate::diff_git::{Repository, Revision};
use crate::diff_roots;
use crate::report::ErrorFormat;
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
pub(crate) fn run(args: &DiffArgs, format: ErrorFormat) -> ExitCode {
    let report = match report(args, format) {
        Ok(report) => report,
        Err(Failure::Told) => return ExitCode::from(FAILURE),
        Err(Failure::Other(message)) => {
            format.fail(&message);
            return ExitCode::from(FAILURE);
        }
    };
    let text = match args.format {
        Format::Text => diff::terminal(&report, colour(args.color)),
        Format::Unified => diff::unified(&report),
        Format::Markdown => diff::markdown(&report, COMMENT_LIMIT),
        Format::Json => diff::json(&report),
    };
    if format.print(&text) != ExitCode::SUCCESS || report.failed() > 0 {
        ExitCode::from(FAILURE)
    } else if report.differs() {
        ExitCode::from(DIFFERENCES)
    } else {
        ExitCode::SUCCESS
    }
}

fn report(args: &DiffArgs, format: ErrorFormat) -> Result<Report, Failure> {
    let comparison = Comparison {
        options: Options { live: args.live.is_some(), ignore: args.ignore.clone() },
        restriction: args.load_restrictor.into(),
        format,
    };
    let by_revision = args.from.is_some() || args.to.is_some();
    match (&args.live, args.paths.as_slice()) {
        (Some(live), roots) => comparison.with_live(live, roots),
        (None, [before, after]) if !by_revision => comparison.paths(before, after),
        (None, roots) => comparison.revisions(args.from.as_deref(), args.to.as_deref(), roots),
    }
}

/// Why nothing could be compared.
enum Failure {
    /// Something that stderr has been told already.
    Told,
    Other(String),
}

impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure::Other(message)
    }
}

/// One side of a comparison: files, and how they are called in messages.
#[derive(Clone, Copy)]
struct Side<'s> {
    files: &'s dyn FileSystem,
    builder: &'s Builder,
    name: &'s str,
}

/// What a side has for one root.
enum Set {
    Built(Build),
    Read(Vec<Resource>),
    /// A root that is new or gone.
    Nothing,
    /// It could not be rendered, and why; no values of Secrets are in there.
    Refused(String),
}

impl Set {
    fn resources(&self) -> Result<diff::Side<'_>, &str> {
        match self {
            Set::Built(build) => Ok(build.into()),
            Set::Read(resources) => Ok(resources.into()),
            Set::Nothing => Ok([].as_slice().into()),
            Set::Refused(message) => Err(message),
        }
    }
}

struct Comparison {
    options: Options,
    restriction: LoadRestriction,
    format: ErrorFormat,
}

impl Comparison {
    /// Compares two directories or files.
    fn paths(&self, before: &Path, after: &Path) -> Result<Report, Failure> {
        if before == Path::new("-") && after == Path::new("-") {
            return Err("stdin cannot be both sides".to_owned().into());
        }
        let builder = self.builder(DiskFs);
        let side = |name| Side { files: &DiskFs, builder: &builder, name };
        let [names_before, names_after] = ["before", "after"].map(side);
        if !(before.is_dir() && after.is_dir()) {
            let set = |path: &Path, side| match path.is_dir() {
                true => self.render_one(side, path),
                false => Ok(Set::Read(read(path)?)),
            };
            return Ok(self.single(set(before, names_before)?, set(after, names_after)?));
        }
        let roots = |top: &Path| -> Result<Vec<PathBuf>, String> {
            let found = diff_roots::find(&[&DiskFs], &[top.to_path_buf()])?;
            let top = diff_roots::clean(top);
            let below = |root: &PathBuf| root.strip_prefix(&top).unwrap_or(root).to_path_buf();
            Ok(found.iter().map(below).collect())
        };
        let (roots_before, roots_after) = match (roots(before), roots(after)) {
            (Err(_), Err(_)) => {
                // Neither has kustomizations: what was rendered into files.
                let sets = (Set::Read(read_folder(before)?), Set::Read(read_folder(after)?));
                return Ok(self.single(sets.0, sets.1));
            }
            (a, b) => (a?, b?),
        };
        let mut all: Vec<PathBuf> = roots_before.iter().chain(&roots_after).cloned().collect();
        all.sort();
        all.dedup();
        let sets = |side, top: &Path, roots: &[PathBuf]| {
            let place = |root: &PathBuf| roots.contains(root).then(|| top.join(root));
            self.render(side, &all.iter().map(place).collect::<Vec<_>>())
        };
        let before = sets(names_before, before, &roots_before);
        let after = sets(names_after, after, &roots_after);
        Ok(self.compare(&all, before, after, ["before", "after"]))
    }

    /// Compares roots between two revisions, or a revision and the work tree.
    fn revisions(
        &self,
        from: Option<&str>,
        to: Option<&str>,
        roots: &[PathBuf],
    ) -> Result<Report, Failure> {
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
    ) -> Result<Report, Failure> {
        let roots = diff_roots::find(&[before.files, after.files], paths)?;
        let sets = |side: Side<'_>| {
            let is_there = |root: &PathBuf| {
                diff_roots::is_kustomization(side.files, root).then(|| root.clone())
            };
            self.render(side, &roots.iter().map(is_there).collect::<Vec<_>>())
        };
        let (names, mut before, after) = ([before.name, after.name], sets(before), sets(after));
        let moved = moved(&before, &after);
        let mut report = Report::default();
        let mut gone = vec![false; roots.len()];
        for &(from, to) in &moved {
            before.swap(from, to);
            gone[from] = true;
        }
        let compared = self.compare(&roots, before, after, names).roots;
        for (to, mut root) in compared.into_iter().enumerate().filter(|(i, _)| !gone[*i]) {
            let from = moved.iter().find(|(_, other)| *other == to);
            root.moved_from = from.map(|(from, _)| roots[*from].display().to_string());
            report.roots.push(root);
        }
        Ok(report)
    }

    /// Compares roots with what a cluster has.
    fn with_live(&self, live: &Path, paths: &[PathBuf]) -> Result<Report, Failure> {
        let live = Set::Read(read(live)?);
        let builder = self.builder(DiskFs);
        let side = Side { files: &DiskFs, builder: &builder, name: "manifest" };
        let roots = diff_roots::find(&[&DiskFs], paths)?;
        let sets = self.render(side, &roots.iter().cloned().map(Some).collect::<Vec<_>>());
        let work: Vec<_> = roots.iter().zip(&sets).collect();
        Ok(each(&work, |(root, set)| self.root(root, [&live, set], ["live", "manifest"])))
    }

    fn single(&self, before: Set, after: Set) -> Report {
        let root = self.root(Path::new(""), [&before, &after], ["before", "after"]);
        Report { roots: vec![root] }
    }

    fn compare(
        &self,
        roots: &[PathBuf],
        before: Vec<Set>,
        after: Vec<Set>,
        names: [&str; 2],
    ) -> Report {
        let work: Vec<_> = roots.iter().zip(before.iter().zip(&after)).collect();
        // Of two directories, the only root needs no name.
        let name = |root: &PathBuf| match root.as_os_str().is_empty() && roots.len() > 1 {
            true => PathBuf::from("."),
            false => root.clone(),
        };
        each(&work, |(root, (before, after))| self.root(&name(root), [before, after], names))
    }

    fn root(&self, root: &Path, sides: [&Set; 2], names: [&str; 2]) -> RootReport {
        let compared = match sides.map(Set::resources) {
            [Ok(before), Ok(after)] => {
                diff::diff(before, after, &self.options).map_err(|e| e.to_string())
            }
            // What is wrong on both sides is told once.
            [Err(before), Err(after)] if before == after => Err(format!("both sides: {after}")),
            [Err(before), Err(after)] => {
                Err(format!("{}: {before}\n{}: {after}", names[0], names[1]))
            }
            [Err(error), Ok(_)] => Err(format!("{}: {error}", names[0])),
            [Ok(_), Err(error)] => Err(format!("{}: {error}", names[1])),
        };
        let root = root.display().to_string();
        match compared {
            Ok(diff) => RootReport { root, diff, ..RootReport::default() },
            Err(error) => RootReport { root, error: Some(error), ..RootReport::default() },
        }
    }

    fn builder(&self, files: impl FileSystem + 'static) -> Builder {
        Builder::new().file_system(files).load_restriction(self.restriction)
    }

    fn render_one(&self, side: Side<'_>, root: &Path) -> Result<Set, Failure> {
        match self.render(side, &[Some(root.to_path_buf())]).pop() {
            Some(Set::Refused(message)) => Err(match self.format {
                ErrorFormat::Json => Failure::Told,
                ErrorFormat::Human => Failure::Other(message),
            }),
            set => Ok(set.unwrap_or(Set::Nothing)),
        }
    }

    /// Renders roots, with what they share once.
    fn render(&self, side: Side<'_>, roots: &[Option<PathBuf>]) -> Vec<Set> {
        let here = |root: &PathBuf| match root.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => root.clone(),
        };
        let present: Vec<PathBuf> = roots.iter().flatten().map(here).collect();
        let results = side.builder.build_all(&present).into_iter().zip(&present);
        let mut sets = results.map(|(result, root)| match result {
            Ok(build) => Set::Built(build),
            Err(error) => Set::Refused(self.refused(side, root, &error)),
        });
        let mut set = |root: &Option<PathBuf>| root.as_ref().and_then(|_| sets.next());
        roots.iter().map(|root| set(root).unwrap_or(Set::Nothing)).collect()
    }

    /// Returns what there is to say of a root that cannot be rendered, without what the files that
    /// were read have of Secrets.
    fn refused(&self, side: Side<'_>, root: &Path, error: &Error) -> String {
        let (_, inputs) = side.builder.build_with_inputs(root);
        let read = |path: &Path| Some((path.to_path_buf(), side.files.read(path).ok()?));
        let files: Vec<(PathBuf, Vec<u8>)> = inputs.files().filter_map(read).collect();
        let conceal =
            |text: &str| diff::conceal(text, files.iter().map(|(path, content)| (path, content)));
        if self.format == ErrorFormat::Json {
            self.format.error_of_side(error, side.name, &conceal);
        }
        conceal(&error.to_string())
    }
}

/// Returns which roots are gone and which are new that come to much the same: those have moved.
fn moved(before: &[Set], after: &[Set]) -> Vec<(usize, usize)> {
    /// More are not looked at.
    const MOST: usize = 100;
    let only = |here: &[Set], there: &[Set]| -> Vec<(usize, HashMap<String, String>)> {
        let pairs = here.iter().zip(there).enumerate();
        let only = pairs.filter_map(|(i, pair)| match pair {
            (Set::Built(build), Set::Nothing) => Some((i, objects(build))),
            _ => None,
        });
        only.take(MOST).collect()
    };
    let (gone, new) = (only(before, after), only(after, before));
    let mut likely = Vec::new();
    for (from, old) in &gone {
        for (to, objects) in &new {
            let same = old.iter().filter(|(id, text)| objects.get(*id) == Some(text)).count();
            let named = old.keys().filter(|id| objects.contains_key(*id)).count();
            // All but a few names are the same, and some objects are.
            if same > 0 && 3 * named >= 2 * old.len().max(objects.len()) {
                likely.push((Reverse((same, named)), *from, *to));
            }
        }
    }
    likely.sort();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, from, to) in likely {
        if !pairs.iter().any(|pair| pair.0 == from || pair.1 == to) {
            pairs.push((from, to));
        }
    }
    pairs
}

/// Returns the text of each object by what names it.
fn objects(build: &Build) -> HashMap<String, String> {
    let object =
        |(resource, text): (&Resource, &str)| (ObjectId::of(resource).to_string(), text.to_owned());
    build.documents().map(object).collect()
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

/// Reads what was rendered, from a file or stdin.
fn read(path: &Path) -> Result<Vec<Resource>, String> {
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().lock().read_to_end(&mut bytes).map(drop),
        false => std::fs::read(path).map(|content| bytes = content),
    };
    let name = match path == Path::new("-") {
        true => "stdin".into(),
        false => path.display().to_string(),
    };
    read.map_err(|e| match e.kind() {
        ErrorKind::NotFound => format!("{name}: no such file or directory"),
        _ => format!("{name}: {e}"),
    })?;
    diff::read(&bytes).map_err(|e| match e.location() {
        // The hint is for kustomizations.
        Some(place) => format!("{name}:{}: {}", place.line, e.message().trim_end()),
        None => format!("{name}: {}", e.message().trim_end()),
    })
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
        When::Auto => output::has_colours(&std::io::stdout()),
    };
    if wanted { Colour::Always } else { Colour::Never }
}
