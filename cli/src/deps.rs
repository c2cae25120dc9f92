//! `kustom deps`

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::diff::SecretValues;
use kustom::roots::is_kustomization;
use kustom::text::{masked, visible_line};
use kustom::vendor::lock_places;
use kustom::{Builder, ChartInput, DiskFs, FileSystem, InputKind, Inputs, RemoteInput};
use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::bounds::RootArgs;
use crate::changes::Change;
use crate::config::Config;
use crate::exclude::Excluded;
use crate::flags::Restrictor;
use crate::graph;
use crate::make;
use crate::output_names;
use crate::outside::OutsideArgs;
use crate::paths::{Shown, push_line};
use crate::report::ErrorFormat;
use crate::revisions::Revisions;
use crate::waiting;

/// The arguments of `deps`.
#[derive(Debug, Args)]
#[command(
    after_help = "The text format has one path per line with what was found there: file (it was read), \
    directory, link (it was followed), missing (a file that appears there may change the output), \
    unread. Paths below the working directory are relative to it. Remote trees and files are listed as \
    remote, with URL and commit, and remote charts as chart, with repository and version; vendored \
    copies are ordinary files.\n\n\
    The rule for make names the files and links, and with $(wildcard) the missing ones; each file \
    gets an empty rule of its own, so that removing it rebuilds the target instead of failing. A name \
    that make cannot express (with a line break, =, ; or %, say) is refused.\n\n\
    If the build is refused, what it looked at until then is still listed, and the exit code is 1.\n\n\
    Examples:\n  \
    kustom deps overlays/prod\n  \
    kustom deps overlays/prod --format make --target prod.yaml > prod.yaml.d\n  \
    kustom deps overlays/prod --format files | xargs sha256sum\n  \
    kustom deps clusters/* --format mermaid >> README.md\n  \
    kustom deps clusters/* --format dot --affected | dot -Tsvg > touched.svg"
)]
pub(crate) struct DepsArgs {
    /// The directories of the kustomizations
    #[arg(value_name = "DIR", default_value = ".")]
    dirs: Vec<PathBuf>,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Mark in the graph what a change touches, directly or indirectly; implied by --from and --to
    #[arg(long)]
    affected: bool,

    #[command(flatten)]
    revisions: Revisions,

    /// The target of the rule for make [default: DIR.yaml]
    #[arg(long, value_name = "NAME")]
    target: Option<String>,

    /// Whether files outside their kustomization's directory may be loaded
    #[arg(long, value_enum, value_name = "RESTRICTOR", default_value_t = Restrictor::RootOnly)]
    load_restrictor: Restrictor,

    #[command(flatten)]
    outside: OutsideArgs,

    #[command(flatten)]
    root: RootArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Every path the build looked at, and what it found there
    Text,
    /// The files that were read, nothing else
    Files,
    /// A JSON array with one object per directory
    Json,
    /// A rule for make
    Make,
    /// The graph of kustomizations and remote bases, for Graphviz
    Dot,
    /// The same graph, for Mermaid
    Mermaid,
}

/// Lists what the builds look at.
pub(crate) fn run(args: &DepsArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    args.outside.bounds.start(1, format);
    args.root.bind();
    if args.target.is_some() && args.dirs.len() > 1 {
        return format.misused("--target names the one target of the one directory");
    }
    let marks = args.affected || args.revisions.are_given();
    if matches!(args.format, Format::Dot | Format::Mermaid) {
        let revisions = args.revisions.or_of(config);
        let excluded = Excluded::new(&config.search.exclude);
        let change = marks.then(|| Change::around(&revisions, &args.dirs, &excluded)).transpose();
        return match change {
            Ok(change) => drawn(args, change.as_ref(), format),
            Err(message) => format.fail(&message),
        };
    }
    if marks {
        return format.misused(
            "--affected, --from and --to are for --format dot and mermaid; `kustom affected` lists",
        );
    }
    let builder = Builder::new().load_restriction(args.load_restrictor.into());
    let builder = match args.root.apply(builder).and_then(|builder| args.outside.apply(builder)) {
        Ok(builder) => builder,
        Err(message) => return format.misused(&message),
    };
    let shown = Shown::from_here();
    let mut results = Vec::new();
    let working = waiting::working(|| waiting::on_kustomizations("reading", args.dirs.len()));
    let built = builder.inputs_of_all(&args.dirs);
    for (dir, (build, inputs)) in args.dirs.iter().zip(built) {
        results.push(Listed::new(dir, build, inputs));
    }
    drop(working);
    let above = above(&args.dirs);
    let lines = match args.format {
        Format::Json => {
            let code = format.print_json(&as_json(&results, &shown, &above));
            return told(results, code, format);
        }
        Format::Text => text(&results, &shown, &above),
        Format::Files => {
            let mut seen = FxHashSet::default();
            let all = results.iter().flat_map(|listed| listed.inputs.files());
            let new = all.filter(|file| seen.insert(file.as_os_str()));
            let mut lines = Vec::new();
            let escaped = new.filter(|file| push_line(shown.below(file), &mut lines)).count();
            format.note_escaped(escaped);
            lines
        }
        Format::Make => {
            let rules = results.iter().map(|listed| {
                let target =
                    args.target.clone().unwrap_or_else(|| default_target(listed.dir, &shown));
                // What may be a literal is left out: the target is not there, and so is made again.
                let paths = listed.paths(&above).filter_map(|(path, kind)| match path {
                    Cow::Borrowed(path) => Some((path, kind)),
                    Cow::Owned(_) => None,
                });
                make::rule(&target, paths, &shown)
            });
            match rules.collect::<Result<String, String>>() {
                Ok(rules) => rules.into_bytes(),
                Err(message) => return format.fail(&message),
            }
        }
        // Drawn above, from the files alone.
        Format::Dot | Format::Mermaid => Vec::new(),
    };
    let code = format.print_lines(&lines);
    told(results, code, format)
}

/// Draws the kustomizations that are there, and says which are not.
fn drawn(args: &DepsArgs, change: Option<&Change>, format: ErrorFormat) -> ExitCode {
    let files = change.map_or(&DiskFs as &dyn FileSystem, Change::after);
    let (there, missing): (Vec<PathBuf>, Vec<PathBuf>) =
        args.dirs.iter().cloned().partition(|dir| is_kustomization(files, dir));
    let mut code = ExitCode::SUCCESS;
    if !there.is_empty() {
        code = format.print(&graph::draw(&there, change, args.format == Format::Dot));
    }
    let builder = match change {
        Some(change) => change.builder(Builder::new(), &args.outside),
        None => args.outside.apply(Builder::new()),
    };
    let builder = match builder {
        Ok(builder) => builder,
        Err(message) => return format.misused(&message),
    };
    for dir in &missing {
        // The build says best what is wrong.
        code = match builder.build(dir) {
            Ok(_) => format.print(&graph::draw(&args.dirs, change, args.format == Format::Dot)),
            Err(error) => format.error(&error),
        };
    }
    code
}

/// Says what was wrong with the builds.
fn told(results: Vec<Listed>, code: ExitCode, format: ErrorFormat) -> ExitCode {
    let mut failed = false;
    for listed in &results {
        if let Err(error) = &listed.build {
            format.error(error);
            failed = true;
        }
    }
    // The program is about to end: taking the trees apart would take longer than listing what was read.
    std::mem::forget(results);
    if failed { ExitCode::FAILURE } else { code }
}

/// What is known of one directory.
struct Listed<'a> {
    dir: &'a Path,
    inputs: Inputs,
    build: kustom::Result<()>,
    /// What hides literals of Secrets that the build has looked for as files: then it is refused.
    literals: SecretValues,
}

impl<'a> Listed<'a> {
    fn new(dir: &'a Path, build: kustom::Result<()>, inputs: Inputs) -> Listed<'a> {
        let read = |path: &Path| Some((path.to_path_buf(), DiskFs.read(path).ok()?));
        let files = inputs.files().filter(|_| build.is_err()).filter_map(read);
        let literals = SecretValues::of_all(files, &|path| DiskFs.kind(path).is_ok());
        Listed { dir, inputs, build, literals }
    }

    /// Returns what the build looked at, without the directories that lead to a repository; one with the mask in it
    /// is in the place of a path that may be a literal.
    fn paths(
        &self,
        above: &FxHashSet<PathBuf>,
    ) -> impl Iterator<Item = (Cow<'_, Path>, InputKind)> {
        let is_wanted = |path: &Path, kind| kind != InputKind::Directory || !above.contains(path);
        let paths = self.inputs.paths().filter(move |(path, kind)| is_wanted(path, *kind));
        paths.map(|(path, kind)| match self.literals.missing_path(path) {
            Some(shown) if kind == InputKind::Missing => (Cow::Owned(shown), kind),
            _ => (Cow::Borrowed(path), kind),
        })
    }
}

/// Returns the directories that lead to the repositories which some directories belong to.
fn above(dirs: &[PathBuf]) -> FxHashSet<PathBuf> {
    let mut tops: Vec<PathBuf> = Vec::new();
    for dir in dirs.iter().filter_map(|dir| dir.canonicalize().ok()) {
        if !tops.iter().any(|top| dir.starts_with(top)) {
            tops.extend(lock_places(&DiskFs, &dir).pop());
        }
    }
    tops.iter().flat_map(|top| top.ancestors().skip(1)).map(Path::to_path_buf).collect()
}

/// Returns a line for all that the builds looked at; what several looked at comes once.
fn text(results: &[Listed], shown: &Shown, above: &FxHashSet<PathBuf>) -> Vec<u8> {
    let (mut seen, mut seen_remotes) = (FxHashSet::default(), FxHashSet::default());
    let mut text = Vec::new();
    for listed in results {
        let inputs = &listed.inputs;
        for (path, kind) in listed.paths(above) {
            let key = match &path {
                Cow::Borrowed(path) => Cow::Borrowed(path.as_os_str()),
                Cow::Owned(path) => Cow::Owned(path.clone().into_os_string()),
            };
            if seen.insert((key, kind)) {
                let word = kind.as_str();
                let space = &"          "[word.len().min(9)..];
                text.extend([word, space].concat().as_bytes());
                push_line(shown.below(&path), &mut text);
            }
        }
        for remote in inputs.remotes() {
            let commit = remote.commit.as_ref().map(|commit| format!(" ({commit})"));
            for url in &remote.urls {
                let url = masked(url);
                let url = visible_line(&url);
                let line = format!("remote    {url}{}\n", commit.as_deref().unwrap_or_default());
                if seen_remotes.insert(line.clone()) {
                    text.extend(line.as_bytes());
                }
            }
        }
        for chart in inputs.charts() {
            let line = format!("chart     {}\n", visible_line(&masked(&chart_text(chart))));
            if seen_remotes.insert(line.clone()) {
                text.extend(line.as_bytes());
            }
        }
    }
    text
}

/// Returns a chart with its repository and version, and the version found where another is written.
fn chart_text(chart: &ChartInput) -> String {
    let ChartInput { name, repo, version, resolved, .. } = chart;
    let at = if version.is_empty() { String::new() } else { format!(" at {version}") };
    let found = resolved.as_ref().filter(|resolved| *resolved != version);
    let found = found.map_or_else(String::new, |resolved| format!(" ({resolved})"));
    format!("{name} of {repo}{at}{found}")
}

/// What is known of one directory, with the fields as JSON has them: in the order of the alphabet.
#[derive(Serialize)]
struct ListedJson<'a> {
    charts: Vec<ChartJson<'a>>,
    directory: Cow<'a, str>,
    error: Option<String>,
    inputs: Vec<InputJson<'a>>,
    remotes: Vec<RemoteJson<'a>>,
}

#[derive(Serialize)]
struct InputJson<'a> {
    kind: &'static str,
    path: Cow<'a, str>,
}

#[derive(Serialize)]
struct RemoteJson<'a> {
    commit: Option<&'a str>,
    copy: Option<Cow<'a, str>>,
    urls: &'a [String],
}

#[derive(Serialize)]
struct ChartJson<'a> {
    copy: Option<Cow<'a, str>>,
    name: &'a str,
    repo: &'a str,
    resolved: Option<&'a str>,
    version: &'a str,
}

fn as_json<'a>(
    results: &'a [Listed],
    shown: &Shown,
    above: &'a FxHashSet<PathBuf>,
) -> Vec<ListedJson<'a>> {
    let input = |(path, kind): (Cow<'a, Path>, InputKind)| InputJson {
        kind: kind.as_str(),
        path: match path {
            Cow::Borrowed(path) => shown.short(path),
            Cow::Owned(path) => Cow::Owned(shown.path(&path)),
        },
    };
    let remote = |remote: &'a RemoteInput| RemoteJson {
        commit: remote.commit.as_deref(),
        copy: remote.copy.as_ref().map(|copy| shown.short(copy)),
        urls: &remote.urls,
    };
    let chart = |chart: &'a ChartInput| ChartJson {
        copy: chart.copy.as_ref().map(|copy| shown.short(copy)),
        name: &chart.name,
        repo: &chart.repo,
        resolved: chart.resolved.as_deref(),
        version: &chart.version,
    };
    let listed = |listed: &'a Listed<'_>| ListedJson {
        charts: listed.inputs.charts().iter().map(chart).collect(),
        directory: listed.dir.to_string_lossy(),
        error: listed.build.as_ref().err().map(ToString::to_string),
        inputs: listed.paths(above).map(input).collect(),
        remotes: listed.inputs.remotes().iter().map(remote).collect(),
    };
    results.iter().map(listed).collect()
}

fn default_target(dir: &Path, shown: &Shown) -> String {
    if let Some(name) = output_names::of_address(dir) {
        return name.display().to_string();
    }
    let name = dir.to_string_lossy();
    let name = name.trim_end_matches('/');
    let real = dir.canonicalize().unwrap_or_default();
    match real.file_name() {
        // `.` and `..` have no name of their own.
        Some(last) if !name.ends_with(&*last.to_string_lossy()) => {
            format!("{}.yaml", shown.path(&real.join(last)))
        }
        _ => format!("{name}.yaml"),
    }
}
