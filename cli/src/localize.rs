//! `kustom localize`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgAction, Args};
use kustom::text::clean_path;
use kustom::{Builder, Localized, MemoryFs};

use crate::boolean::boolean;
use crate::bounds::BoundsArgs;
use crate::edit::why_not;
use crate::flags::any_path;
use crate::remote::RemoteArgs;
use crate::report::ErrorFormat;
use crate::{inside, output};

/// The annotations in which a build says where an object is from.
const ORIGINS: [&str; 2] =
    ["config.kubernetes.io/origin: |", "alpha.config.kubernetes.io/transformations: |"];

/// The arguments of `localize`.
#[derive(Debug, Args)]
#[command(
    args_override_self = true,
    after_help = "Examples:\n  \
        kustom localize overlays/prod\n  \
        kustom localize overlays/prod copy --scope .\n  \
        kustom localize --allow-remote 'https://github.com/acme/infra//base?ref=v1' copy\n\n\
        Copies the kustomization and all files that its build reads to the same relative places, and nothing \
        else. A remote base or file becomes a copy in localized-files/HOST/ beside the kustomization that \
        names it, which then names the copy; no other byte changes. Remote content comes from the copies of a \
        kustom.lock, or is fetched with --allow-remote."
)]
pub(crate) struct LocalizeArgs {
    /// The directory of the kustomization, or a URL with a ref
    #[arg(value_name = "TARGET", default_value = ".")]
    target: PathBuf,

    /// The new directory [default: localized-TARGET in the working directory, with the ref of a URL]
    #[arg(value_name = "DESTINATION")]
    destination: Option<PathBuf>,

    /// The directory that contains all files, and becomes the top of the copy [default: TARGET]
    // An empty one is none, as upstream has it.
    #[arg(long, value_name = "DIR", value_parser = any_path())]
    scope: Option<PathBuf>,

    /// Do not build and compare the copy
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_default_value = true,
          default_value_t = false, action = ArgAction::Set, value_parser = boolean, hide_possible_values = true,
          value_name = "BOOL")]
    no_verify: bool,

    #[command(flatten)]
    remote: RemoteArgs,

    #[command(flatten)]
    bounds: BoundsArgs,
}

/// Copies a kustomization with its files.
pub(crate) fn run(args: &LocalizeArgs, format: ErrorFormat) -> ExitCode {
    args.bounds.start(1, format);
    let builder = match args.remote.apply(args.bounds.apply(Builder::new()), &args.bounds.limits) {
        Ok(builder) => builder,
        Err(message) => return format.fail(&message),
    };
    let scope = args.scope.as_deref().filter(|scope| !scope.as_os_str().is_empty());
    let copy = match builder.localize(&args.target, scope) {
        Ok(copy) => copy,
        Err(error) => return format.error(&error),
    };
    let destination = args.destination.as_ref().unwrap_or(&copy.name);
    if fs::symlink_metadata(destination).is_ok() {
        let place = destination.display();
        return format.fail(&format!("the destination {place} is there already"));
    }
    if let Some(message) = why_not(parent(destination)) {
        return format.refused(&message);
    }
    let verified = if args.no_verify { Ok(None) } else { rebuild(&copy, destination) };
    if let (Ok(_), Err(error)) = (&copy.build, &verified) {
        return format.error(error);
    }
    if let Err(message) = write(&copy, destination) {
        return format.fail(&message);
    }
    let place = match copy.target.as_os_str().is_empty() {
        true => destination.clone(),
        false => destination.join(&copy.target),
    };
    let (before, after) = match (copy.build, verified) {
        (_, Ok(None)) => return ExitCode::SUCCESS,
        (Ok(before), Ok(Some(after))) => (before, after),
        (Err(error), _) | (_, Err(error)) if copy.had_functions => {
            format.error(&error);
            return format.fail(&not_compared(&place, copy.had_charts, true));
        }
        (Err(error), _) | (_, Err(error)) => return format.error(&error),
    };
    if before.as_yaml() != after {
        if without_origins(before.as_yaml()) != without_origins(&after) {
            let (place, target) = (place.display(), args.target.display());
            return format.fail(&format!("{place} builds something else than {target}"));
        }
        format.note("note", "the annotations that say where an object is from say it of the copy");
    }
    match copy.had_charts || copy.had_functions {
        true => format.fail(&not_compared(&place, copy.had_charts, copy.had_functions)),
        false => ExitCode::SUCCESS,
    }
}

/// Says why a copy was not compared as a whole, and what is left to do.
fn not_compared(place: &Path, had_charts: bool, had_functions: bool) -> String {
    let (why, advice) = match (had_charts, had_functions) {
        (_, false) => ("charts are not rendered here", ""),
        (true, true) => {
            ("charts are not rendered here, and functions and plugins are not run", FUNCTIONS)
        }
        (false, true) => ("functions and plugins are not run here", FUNCTIONS),
    };
    format!(
        "{} was written, but not compared as a whole: {why}\n{advice}--no-verify leaves the comparison out",
        place.display()
    )
}

/// What is left to do for functions and plugins.
const FUNCTIONS: &str = "programs, and files that only they read, are not copied: add them, build the copy with the \
                         switches that it needs, and compare\n";

/// Returns an output without what the build has written down about itself.
fn without_origins(output: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut within = None;
    let mut kept = String::with_capacity(output.len());
    for line in output.lines() {
        if within.is_some_and(|outer| indent(line) > outer) {
            continue;
        }
        within = ORIGINS.iter().any(|key| line.trim_start().starts_with(key)).then(|| indent(line));
        if within.is_none() {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Builds what the copy is going to be, with nothing else.
fn rebuild(copy: &Localized, destination: &Path) -> kustom::Result<Option<String>> {
    let top = std::path::absolute(destination).unwrap_or_else(|_| destination.to_path_buf());
    let top = clean_path(&top);
    let mut files = MemoryFs::new();
    for (path, content) in &copy.files {
        files.insert(top.join(path), content.clone());
    }
    // As the copy was made, charts are not rendered.
    let again = Builder::new().file_system(files).localize(top.join(&copy.target), Some(&top))?;
    Ok(Some(again.build?.as_yaml().to_owned()))
}

/// Returns the directory that a path lies in.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes the copy beside its destination, and gives it its name when all is there.
fn write(copy: &Localized, destination: &Path) -> Result<(), String> {
    let parent = parent(destination);
    inside::check(parent)?;
    output::begin();
    if !parent.is_dir() {
        return Err(format!("{} is no directory, so nothing can be put there", parent.display()));
    }
    let beside = parent.join(format!(".kustom-{}-localize.tmp", std::process::id()));
    fs::create_dir(&beside).map_err(|e| said("mkdir", &beside, &e))?;
    let written = write_files(copy, &beside).and_then(|()| {
        fs::rename(&beside, destination).map_err(|e| said("rename to", destination, &e))
    });
    if written.is_err() {
        // What went wrong is told; that it cannot be cleaned up either says nothing more.
        let _ = fs::remove_dir_all(&beside);
    }
    written
}

fn write_files(copy: &Localized, directory: &Path) -> Result<(), String> {
    for (place, content) in &copy.files {
        let path = directory.join(place);
        let parent = path.parent().unwrap_or(directory);
        fs::create_dir_all(parent).map_err(|e| said("mkdir", parent, &e))?;
        fs::write(&path, content).map_err(|e| said("write", &path, &e))?;
    }
    Ok(())
}

fn said(what: &str, path: &Path, error: &std::io::Error) -> String {
    format!("{what} {}: {error}", path.display())
}
