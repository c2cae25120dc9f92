//! `kustom lint`

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use kustom::text::visible_line;
use kustom::{
    Build, Builder, DiskFs, Error, ErrorKind, FileSystem, LoadRestriction, Result, Warning,
    WarningFilter, WarningKind,
};

use crate::bounds::rooted;
use crate::config::Config;
use crate::exclude::Excluded;
use crate::flags::{How, WarnFormat, warning_filter};
use crate::others::Others;
use crate::report::ErrorFormat;
use crate::{roots, sarif, waiting};

/// The longest file that is looked at once more.
const LONGEST: u64 = 8 << 20;

/// The arguments of `lint`.
#[derive(Debug, Args)]
#[command(
    after_help = "Renders each kustomization below the directories that no other one uses, and reports the \
    warnings of `build --warn`, each once, and the errors of those that are refused. A kustomization that needs \
    a switch you did not give, such as --enable-helm, is named and does not count. Folders called `testdata`, \
    `fixtures` or `archive` are left out, and below `test`, `tests`, `e2e` and `e2e-tests` what only does nothing is \
    not told, nor is anything of `upstream`, `vendor`, `third_party` and files that `helm template` printed. Where Flux builds the repository, files may \
    lie outside of their kustomizations in the repository, as they may for Flux. For people, three or more findings of one mistake are \
    written as one.\n\n\
    Exit codes: 0 nothing found, 1 warnings or refused kustomizations, 2 wrong usage.\n\n\
    Examples:\n  \
    kustom lint\n  \
    kustom lint apps --warn=-unused-file\n  \
    kustom lint --format sarif --output kustom.sarif"
)]
pub(crate) struct LintArgs {
    /// The directories to search for kustomizations
    #[arg(value_name = "DIR", default_value = ".")]
    dirs: Vec<PathBuf>,

    /// Which kinds of warnings: `-unused-file,-vars` leaves these out, `unused-patch,unused-image` reports
    /// only these; `kustom --explain-warning` lists them
    #[arg(long, value_name = "KINDS", require_equals = true, value_parser = warning_filter)]
    warn: Option<WarningFilter>,

    /// Leave out directories that match this pattern, such as `tests` or `apps/*/old`; may be repeated
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,

    /// How to write the findings: as --error-format says, or as a SARIF log for code scanning, to stderr or
    /// to the file that --output names
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<WarnFormat>,

    /// Write the SARIF log to this file
    #[arg(short, long, value_name = "FILE", requires = "format")]
    output: Option<PathBuf>,

    #[command(flatten)]
    how: How,
}

/// Tells what is lost, has no effect or is probably a mistake in the kustomizations below directories.
pub(crate) fn run(args: &LintArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    args.how.outside.bounds.start(1, format);
    let filter = match config.warnings.apply(args.warn.clone().unwrap_or_else(WarningFilter::all)) {
        Ok(filter) => filter,
        Err(message) => return format.misused(&message),
    };
    let (dirs, results) = match rendered(args, filter, config, format) {
        Ok(rendered) => rendered,
        Err(message) => return format.fail(&message),
    };
    let (skipped, told): (Vec<_>, Vec<_>) = dirs
        .iter()
        .zip(results)
        .partition(|(_, result)| result.as_ref().is_err_and(is_switched_off));
    let skipped: Vec<_> =
        skipped.into_iter().filter_map(|(dir, result)| Some((dir, result.err()?))).collect();
    let told: Vec<Result<Build>> = told.into_iter().map(|(_, result)| result).collect();
    if args.format == Some(WarnFormat::Sarif) {
        if let Err(message) = sarif::write(&told, false, args.output.as_deref()) {
            return format.fail(&message);
        }
    } else {
        tell(&told, format);
    }
    for (why, dirs) in by_reason(&skipped) {
        format.note("skipped", &format!("not looked at: {}: {why}", dirs.join(", ")));
    }
    let failed = told.iter().filter(|result| result.is_err()).count();
    let warnings: usize = told.iter().flatten().map(|build| lints(build).count()).sum();
    format.note("summary", &summary(told.len(), warnings, failed));
    if warnings + failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Returns the kustomizations that no other one uses, and what became of each.
fn rendered(
    args: &LintArgs,
    filter: WarningFilter,
    config: &Config,
    format: ErrorFormat,
) -> std::result::Result<(Vec<PathBuf>, Vec<Result<Build>>), String> {
    let excluded = Excluded::new(config.search.exclude.iter().chain(&args.exclude));
    let mut found = roots::find(&args.dirs, &excluded, format)?;
    found.retain(|root| !kustom::roots::is_component(&DiskFs, root));
    let all = found.len();
    found.retain(|root| !is_left_out(&args.dirs, root));
    if found.len() < all {
        let text = "not looked at: folders called `testdata`, `fixtures` or `archive`, whose mistakes are mostly on \
                    purpose: name one to look at it";
        format.note("skipped", text);
    }
    let dirs = kustom::roots::top_level(&DiskFs, &found);
    let builder = args.how.builder()?.warnings(filter);
    let working = waiting::working(|| waiting::on_kustomizations("rendering", dirs.len()));
    let mut results = builder.build_all(&dirs);
    let is_restricted =
        |result: &Result<Build>| result.as_ref().is_err_and(|e| e.kind() == ErrorKind::Restricted);
    if args.how.has_no_restrictor()
        && results.iter().any(is_restricted)
        && kustom::roots::is_built_unrestricted(&DiskFs, &dirs)
        && let Some(builder) = unrestricted(builder, &dirs)
    {
        results = builder.build_all(&dirs);
    }
    drop(working);
    let (mut rendered, mut others) = (RenderedCharts::default(), Others::default());
    for (dir, build) in dirs.iter().zip(&mut results) {
        if let Ok(build) = build {
            others.spare(&DiskFs, dir, build);
            let root = dir.join("kustomization.yaml");
            build.retain_warnings(|warning| {
                let place = warning.location().map_or(root.as_path(), |place| &place.file);
                let is_minor = is_of_tests(warning.kind()) && is_test(&args.dirs, place);
                !is_minor && !is_of_others(&args.dirs, place) && !rendered.has(place)
            });
        }
    }
    Ok((dirs, results))
}

/// Returns the builder without the load restriction, and with no files but those of the one repository of all roots:
/// what a repository says of itself does not open the rest of the disk. `None` if there is no such repository.
fn unrestricted(builder: Builder, dirs: &[PathBuf]) -> Option<Builder> {
    let dirs: Vec<PathBuf> = dirs.iter().filter_map(|dir| dir.canonicalize().ok()).collect();
    let first = dirs.first()?;
    let repository = first.ancestors().find(|above| above.join(".git").exists())?;
    let is_inside = dirs.iter().all(|dir| dir.starts_with(repository));
    let builder = rooted(repository, builder).ok().filter(|_| is_inside)?;
    Some(builder.load_restriction(LoadRestriction::None))
}

/// The files that `helm template` has printed: whoever wrote the chart is to mend them.
#[derive(Default)]
struct RenderedCharts {
    known: HashMap<PathBuf, bool>,
}

impl RenderedCharts {
    /// Returns `true` for such a file: its objects stand under the names of their templates.
    fn has(&mut self, file: &Path) -> bool {
        if let Some(known) = self.known.get(file) {
            return *known;
        }
        let bytes = DiskFs.read_at_most(file, LONGEST).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let is_source = |line: &str| line.starts_with("# Source: ") && line.contains("/templates/");
        let is_rendered = text.lines().any(is_source);
        self.known.insert(file.to_path_buf(), is_rendered);
        is_rendered
    }
}

/// Returns `true` for what lies in a folder of input for tests, or of what nobody uses any more, below the directories
/// that are searched.
fn is_left_out(dirs: &[PathBuf], root: &Path) -> bool {
    let left_out = ["testdata", "fixtures", "archive", ".archive", "_archive"];
    below(dirs, root).iter().any(|name| left_out.iter().any(|it| name == *it))
}

/// Returns `true` for what lies in a folder of tests, below the directories that are searched.
fn is_test(dirs: &[PathBuf], path: &Path) -> bool {
    has_folder(dirs, path, &["test", "tests", "e2e", "e2e-tests"])
}

/// Returns `true` for what lies in a folder with copies of what others wrote, who are to mend it.
fn is_of_others(dirs: &[PathBuf], path: &Path) -> bool {
    has_folder(dirs, path, &["upstream", "vendor", "third_party", "third-party", "localized-files"])
}

/// Returns `true` if a file lies in a folder with one of some names, below the directories that are searched.
fn has_folder(dirs: &[PathBuf], path: &Path, names: &[&str]) -> bool {
    let below = below(dirs, path);
    let is_outside = below == path && (path.is_absolute() || path.starts_with(".."));
    let folders = below.parent().filter(|_| !is_outside).unwrap_or(Path::new(""));
    folders.iter().any(|folder| names.iter().any(|name| folder == *name))
}

/// Returns the path of a file or folder from the nearest directory on that is searched.
fn below<'p>(dirs: &[PathBuf], path: &'p Path) -> &'p Path {
    // `./apps` is `apps`.
    let path = path.strip_prefix(".").unwrap_or(path);
    let of = |dir: &PathBuf| path.strip_prefix(dir.strip_prefix(".").unwrap_or(dir)).ok();
    let below = dirs.iter().filter_map(of);
    below.min_by_key(|below| below.as_os_str().len()).unwrap_or(path)
}

/// Returns `true` for what only says that something does nothing, or asks for too much: tests try it out, or leave it
/// for later.
fn is_of_tests(kind: WarningKind) -> bool {
    matches!(
        kind,
        WarningKind::NoOpPatch
            | WarningKind::OddAmount
            | WarningKind::UnusedFile
            | WarningKind::UnusedImage
            | WarningKind::UnusedPatch
            | WarningKind::UnusedReplacement
    )
}

/// Returns `true` if a build was refused only because something is not switched on.
fn is_switched_off(error: &Error) -> bool {
    error.kind() == ErrorKind::External
}

/// Returns what each remedy is for: directories, in order.
fn by_reason<'a>(skipped: &'a [(&PathBuf, Error)]) -> BTreeMap<&'a str, Vec<String>> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (dir, error) in skipped {
        let why = error.hint_text().unwrap_or("something is needed that is not switched on");
        reasons.entry(why).or_default().push(visible_line(&dir.to_string_lossy()).into_owned());
    }
    reasons
}

fn tell(results: &[Result<Build>], format: ErrorFormat) {
    if format == ErrorFormat::Human {
        format.warnings(results.iter().flatten().flat_map(lints), false, false);
        return format.errors(&results.iter().filter_map(|r| r.as_ref().err()).collect::<Vec<_>>());
    }
    for result in results {
        match result {
            Ok(build) => format.warnings(lints(build), false, false),
            Err(error) => {
                format.error(error);
            }
        }
    }
}

/// Returns what is found, without the notes that upstream prints as well.
fn lints(build: &Build) -> impl Iterator<Item = &Warning> {
    build.warnings().iter().filter(|warning| warning.kind().is_lint())
}

fn summary(count: usize, warnings: usize, failed: usize) -> String {
    let of = |count: usize, one: &str| match count {
        0 => format!("no {one}s"),
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    let refused = match failed {
        0 => String::new(),
        _ => format!("; {failed} refused"),
    };
    format!("{} in {}{refused}", of(warnings, "warning"), of(count, "kustomization"))
}
