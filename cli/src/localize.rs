//! `kustom localize`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use kustom::{Builder, DiskFs, ErrorKind, FileSystem};

use crate::report::ErrorFormat;

/// The arguments of `localize`.
#[derive(Debug, Args)]
#[command(
    args_override_self = true,
    after_help = "Examples:\n  \
        kustom localize overlays/prod\n  \
        kustom localize overlays/prod copy --scope .\n\n\
        Copies a kustomization with all files that its build reads, byte for byte and to the same relative\n\
        places, and nothing else. What is remote is refused: `kustom vendor` makes it local."
)]
pub(crate) struct LocalizeArgs {
    /// The directory of the kustomization
    #[arg(value_name = "TARGET", default_value = ".")]
    target: PathBuf,

    /// The new directory [default: localized-TARGET in the working directory]
    #[arg(value_name = "DESTINATION")]
    destination: Option<PathBuf>,

    /// The directory that all files must be in, and that the copy begins with [default: TARGET]
    #[arg(long, value_name = "DIR")]
    scope: Option<PathBuf>,

    /// Do not build the copy to verify it
    #[arg(long)]
    no_verify: bool,
}

/// Copies a kustomization with its files.
pub(crate) fn run(args: &LocalizeArgs, format: ErrorFormat) -> ExitCode {
    let builder = Builder::new();
    let (build, inputs) = builder.build_with_inputs(&args.target);
    let build = match build {
        // The copy would lack what could not be loaded.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::Load | ErrorKind::Restricted | ErrorKind::External | ErrorKind::Cycle
            ) =>
        {
            return format.error(&error);
        }
        build => build,
    };
    let files: Vec<PathBuf> = inputs.files().map(Path::to_path_buf).collect();
    let copied = match copy(args, &files) {
        Ok(copied) => copied,
        Err(message) => return format.fail(&message),
    };
    if args.no_verify {
        return ExitCode::SUCCESS;
    }
    let verified = build.and_then(|before| Ok((before, builder.build(&copied)?)));
    match verified {
        Ok((before, after)) if before.as_yaml() == after.as_yaml() => ExitCode::SUCCESS,
        Ok(_) => format.fail(&format!(
            "{} builds something else than {}",
            copied.display(),
            args.target.display()
        )),
        Err(error) => format.error(&error),
    }
}

/// Copies files below the scope to the destination; returns where the target is then.
fn copy(args: &LocalizeArgs, files: &[PathBuf]) -> Result<PathBuf, String> {
    let resolve = |path: &Path| path.canonicalize().map_err(|e| format!("{}: {e}", path.display()));
    let target = resolve(&args.target)?;
    let scope = args.scope.as_deref().map_or(Ok(target.clone()), resolve)?;
    let Ok(below) = target.strip_prefix(&scope) else {
        return Err(format!("{} is not in the scope {}", target.display(), scope.display()));
    };
    let destination = match &args.destination {
        Some(destination) => destination.clone(),
        None => {
            let name = target.file_name().unwrap_or_default().to_string_lossy();
            PathBuf::from(format!("localized-{name}"))
        }
    };
    if fs::symlink_metadata(&destination).is_ok() {
        return Err(format!("the destination {} is there already", destination.display()));
    }
    // All is read before anything is written.
    let mut contents = BTreeMap::new();
    for file in files {
        let Ok(place) = file.strip_prefix(&scope) else {
            return Err(format!(
                "{} is not in the scope {}; a wider one can be given with --scope",
                file.display(),
                scope.display()
            ));
        };
        contents
            .insert(place, DiskFs.read(file).map_err(|e| format!("read {}: {e}", file.display()))?);
    }
    for (place, content) in contents {
        let path = destination.join(place);
        let parent = path.parent().unwrap_or(&destination);
        fs::create_dir_all(parent).map_err(|e| format!("mkdir {}: {e}", parent.display()))?;
        fs::write(&path, content).map_err(|e| format!("write {}: {e}", path.display()))?;
    }
    Ok(destination.join(below))
}
