//! `kustom build`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use kustom::{Build, Builder, DiskFs, Error, LoadRestriction, Reorder, WarningFilter};

use crate::affected;
use crate::config::Config;
use crate::flags::{BuildArgs, ReorderArg, Restrictor, WarnFormat};
use crate::others::Others;
use crate::output;
use crate::output_names;
use crate::path_patterns::Named;
use crate::report::ErrorFormat;
use crate::roots;
use crate::sarif;
use crate::vendor;
use crate::waiting;
use crate::watch;
use crate::write;

/// Renders kustomizations and writes them where the arguments say.
pub(crate) fn run(args: &BuildArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    args.outside.bounds.start(1, format);
    let builder = match builder(args) {
        Ok(builder) => builder,
        Err(message) => return format.fail(&message),
    };
    if args.revisions.are_given() && !args.affected {
        return format
            .misused("--from and --to are for --affected: what lies between them is built");
    }
    if args.revisions.to.is_some() && args.root.is_given() {
        return format.misused("--to reads a revision, and --root the disk: give one of them");
    }
    let (dirs, builder) = match chosen(args, builder, config, format) {
        Ok(chosen) => chosen,
        Err(message) => return format.fail(&message),
    };
    let named = Named::new(&args.dirs);
    // How many are chosen does not decide what is written.
    let several = args.affected || args.dirs.len() > 1 || named.has_patterns();
    let target = match Target::of(args.output.as_deref(), &dirs, several) {
        Ok(target) => target,
        Err(message) => return format.misused(&message),
    };
    for line in deprecations(args) {
        format.note("deprecated-flag", line);
    }
    if args.watch {
        // What is refused is said, and leaves the output as it was.
        let refuse = |errors: &[&Error]| format.errors(errors);
        return watch::run(dirs, &named, builder, &refuse, &|dir, build, inputs| {
            tell(&build, false, false, format);
            let written = target.files(dir, &build);
            if let Some(path) = written.iter().find(|path| watch::is_input(inputs, path)) {
                return Err(format.fail(&format!(
                    "{} is read to build {}, so writing it would be a change, again and again: \
                     choose another output",
                    path.display(),
                    dir.display()
                )));
            }
            target.write(dir, &build).map_err(|message| format.fail(&message))
        });
    }
    let filter =
        args.warn.clone().or_else(|| args.strict.then(|| WarningFilter::all().of_each_root()));
    let asked = filter.is_some();
    let filter = match filter.map(|filter| config.warnings.apply(filter)).transpose() {
        Ok(filter) => filter,
        Err(message) => return format.misused(&message),
    };
    let working = waiting::working(|| waiting::on_kustomizations("rendering", dirs.len()));
    let builder = match filter {
        Some(filter) => builder.warnings(filter),
        None => builder,
    };
    let since = SystemTime::now();
    let mut results = builder.build_all(&dirs);
    vendor::build_again(&builder, &dirs, since, &mut results, format);
    drop(working);
    let mut others = Others::default();
    for (dir, build) in dirs.iter().zip(&mut results) {
        if let Ok(build) = build {
            others.spare(&DiskFs, dir, build);
        }
    }
    let sarif = args.warn_format == Some(WarnFormat::Sarif);
    if sarif && let Err(message) = sarif::write(&results, args.strict, args.warn_output.as_deref())
    {
        return format.fail(&message);
    }
    let count = results.len();
    let mut errors = Vec::new();
    let mut passed = |result: kustom::Result<Build>| {
        let build = result.map_err(|error| errors.push(error)).ok()?;
        if !sarif {
            tell(&build, asked, args.strict, format);
        }
        let is_faulty =
            args.strict && build.warnings().iter().any(|warning| warning.kind().is_lint());
        (!is_faulty).then_some(build)
    };
    let builds: Vec<Option<Build>> = results.into_iter().map(&mut passed).collect();
    format.errors(&errors.iter().collect::<Vec<_>>());
    let failed = builds.iter().filter(|build| build.is_none()).count();
    let written = match (target, builds.as_slice()) {
        (target, builds) if failed > 0 => {
            if builds.len() > 1 {
                let done = if matches!(target, Target::Stdout) { "printed" } else { "written" };
                format.note("other", &format!("nothing is {done}: {failed} of {count} failed"));
            }
            Ok(())
        }
        (Target::Files(directory, names), builds) => {
            let texts = builds.iter().flatten().map(Build::as_yaml);
            write::all_below(texts.zip(names.iter().map(PathBuf::as_path)), directory)
        }
        (Target::Path(path), [Some(build)]) => write::build(build, path),
        (Target::Directory(path), [Some(build)]) => write::directory(build, path),
        (_, builds) => output::print_stream(builds.iter().flatten().map(Build::as_yaml)),
    };
    let written = format.done(written);
    // The process ends here. To take large trees apart before took a fortieth of the time.
    std::mem::forget(builds);
    if failed > 0 { ExitCode::FAILURE } else { written }
}

/// Returns the directories to build, and what builds them.
fn chosen(
    args: &BuildArgs,
    builder: Builder,
    config: &Config,
    format: ErrorFormat,
) -> Result<(Vec<PathBuf>, Builder), String> {
    let (dirs, builder) = match args.affected {
        true => affected::by(&args.revisions, &args.dirs, builder, &args.outside, config, format)?,
        false => (Named::new(&args.dirs).directories()?, builder),
    };
    let dirs = match args.shard {
        None => dirs,
        Some(shard) => {
            // What cannot be built fails in every part, or the others would pass for it.
            let faulty: Vec<PathBuf> =
                dirs.iter().filter(|dir| is_no_kustomization(dir)).cloned().collect();
            let mut part = shard.of(dirs);
            part.retain(|dir| !faulty.contains(dir));
            part.extend(faulty);
            part
        }
    };
    if dirs.is_empty() {
        format.note("other", "nothing is to be built");
    }
    Ok((dirs, builder))
}

/// Returns `true` for a place here, no address of elsewhere, that has no kustomization.
fn is_no_kustomization(dir: &Path) -> bool {
    let text = dir.to_string_lossy();
    let first = text.split('/').next().unwrap_or_default();
    // A host has a dot in its name, and what git takes has colons.
    let is_address = text.contains(':') || first.trim_matches('.').contains('.');
    (dir.is_dir() || !is_address) && !kustom::roots::is_kustomization(&DiskFs, dir)
}

/// Says what a build has to say although it succeeds; whether that was `asked` for says if what is written as upstream
/// does gets a hint too.
fn tell(build: &Build, asked: bool, strict: bool, format: ErrorFormat) {
    format.warnings(build.warnings().iter(), strict, asked);
}

/// Where the output goes.
enum Target<'a> {
    Stdout,
    /// A file, or a directory for one file per resource.
    Path(&'a Path),
    /// A directory for one file per resource, which is made if it is not there.
    Directory(&'a Path),
    /// One file per build, below a directory.
    Files(&'a Path, Vec<PathBuf>),
}

impl<'a> Target<'a> {
    /// Returns the files that the build of a directory is written to.
    fn files(&self, dir: &Path, build: &Build) -> Vec<PathBuf> {
        let several = |path: &Path| build.file_names().iter().map(|name| path.join(name)).collect();
        match self {
            Target::Stdout => Vec::new(),
            Target::Path(path) if !path.is_dir() => vec![path.to_path_buf()],
            Target::Path(path) | Target::Directory(path) => several(path),
            Target::Files(directory, _) => vec![directory.join(output_names::of(dir))],
        }
    }

    /// Writes the build of a directory.
    fn write(&self, dir: &Path, build: &Build) -> Result<(), String> {
        match self {
            Target::Stdout => output::print(build.as_yaml()),
            Target::Path(path) => write::build(build, path),
            Target::Directory(path) => write::directory(build, path),
            Target::Files(directory, _) => write::below(build, directory, &output_names::of(dir)),
        }
    }

    /// Returns where `output` says that these directories go; `several` if there may be more than one.
    fn of(output: Option<&'a Path>, dirs: &[PathBuf], several: bool) -> Result<Target<'a>, String> {
        match output {
            None => Ok(Target::Stdout),
            Some(path) if path.as_os_str() == "-" || path.as_os_str().is_empty() => {
                Ok(Target::Stdout)
            }
            Some(path) if !several && write::names_directory(path) => {
                write::refuse_file(path)?;
                Ok(Target::Directory(path))
            }
            Some(path) if !several => Ok(Target::Path(path)),
            Some(path) => {
                write::refuse_file(path)?;
                let names = output_names::of_all(dirs, path)?;
                let mut files = names.iter().map(|name| path.join(name));
                match files.find(|file| roots::is_kustomization_file(file)) {
                    // It would be taken for one, and what lies beside it for its files.
                    Some(file) => Err(format!("{} is no name for output", file.display())),
                    None => Ok(Target::Files(path, names)),
                }
            }
        }
    }
}

/// Returns a builder with the options of `args`, or why there is none.
pub(crate) fn builder(args: &BuildArgs) -> Result<Builder, String> {
    let mut builder = Builder::new().load_restriction(args.load_restrictor.into());
    if let Some(order) = args.reorder {
        builder = builder.reorder(match order {
            ReorderArg::Legacy => Reorder::Legacy,
            ReorderArg::None => Reorder::None,
        });
    }
    if args.has_managed_by_label() {
        builder = builder.managed_by_label(true);
    }
    args.outside.apply(args.root.apply(builder)?)
}

impl From<Restrictor> for LoadRestriction {
    fn from(restrictor: Restrictor) -> LoadRestriction {
        match restrictor {
            Restrictor::RootOnly => LoadRestriction::RootOnly,
            Restrictor::None => LoadRestriction::None,
        }
    }
}

/// Says what upstream says when deprecated flags are given.
fn deprecations(args: &BuildArgs) -> impl Iterator<Item = &'static str> {
    let reorder = args.reorder.map(|_| {
        "Flag --reorder has been deprecated, use the new 'sortOptions' field in \
         kustomization.yaml instead."
    });
    let managed_by = args.enable_managedby_label.map(|_| {
        "Flag --enable-managedby-label has been deprecated, The flag `enable-managedby-label` has \
         been deprecated. Use the `managedByLabel` option in the `buildMetadata` field instead."
    });
    reorder.into_iter().chain(managed_by)
}
