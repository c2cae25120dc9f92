//! `kustom apps diff`

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use kustom::diff::{self, Failure, Ignore, Options, Report, RootReport, Trouble};
use kustom::{Builder, Resource};
use kustom_apps::{Application, Preview, Rendered, Repository};

use super::inputs::{self, Inputs};
use crate::checked_out;
use crate::diff::{FAILURE, Format, When, show};
use crate::flags::How;
use crate::git::Repository as Git;
use crate::report::ErrorFormat;

#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 no differences, 1 differences, 2 error.")]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    inputs: Inputs,

    /// The revision before; by default where HEAD (or --to) left the default branch
    #[arg(long, value_name = "REV")]
    from: Option<String>,

    /// The revision after; by default the work tree
    #[arg(long, value_name = "REV")]
    to: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// A kind, a field path, or KIND:PATH that is not compared; may be repeated
    #[arg(long, value_name = "RULE")]
    ignore: Vec<Ignore>,

    /// When to color the text format
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    color: When,

    #[command(flatten)]
    how: How,
}

/// Compares, prints, and says by the exit code what was found.
pub(super) fn run(args: &DiffArgs, format: ErrorFormat) -> ExitCode {
    match report(args, format) {
        Ok((report, failed)) => {
            let shown = show(&report, args.format, args.color, format);
            if failed { ExitCode::from(FAILURE) } else { shown }
        }
        Err(message) => {
            format.fail(&message);
            ExitCode::from(FAILURE)
        }
    }
}

/// What one side has: Applications by name and cluster, each with what it would sync.
type Side = BTreeMap<(String, String), (Application, Rendered)>;

fn report(args: &DiffArgs, format: ErrorFormat) -> Result<(Report, bool), String> {
    let builder = args.how.builder()?;
    let git = Git::discover(args.inputs.files.first().map_or(Path::new("."), |file| file))?;
    let from = match &args.from {
        Some(from) => from.clone(),
        None => git.merge_base(args.to.as_deref().unwrap_or("HEAD"))?,
    };
    let of_revision = |name: &str| {
        let revision = git.revision(name)?;
        let builder = checked_out::builder(builder.clone(), &args.how.outside, &revision)?;
        let repository = args.inputs.repository_in(revision)?;
        let preview = args.inputs.preview_of_revision(&repository)?;
        Ok::<_, String>(side(preview, &repository, &builder, format))
    };
    let (before, mut failed) = of_revision(&from)?;
    let (after, also_failed) = match &args.to {
        Some(to) => of_revision(to)?,
        None => {
            let repository = args.inputs.repository()?;
            let preview = args.inputs.preview_of_revision(&repository)?;
            side(preview, &repository, &builder, format)
        }
    };
    failed |= also_failed;
    let options = Options::new().ignore(args.ignore.iter().cloned());
    let mut roots: Vec<(u8, RootReport)> = Vec::new();
    let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let (rank, title) = title(key, before.get(key), after.get(key));
        roots.push((rank, root(title, before.get(key), after.get(key), &options)));
    }
    // What goes comes first, then what is new; the rest is in the order of the names.
    roots.sort_by_key(|(rank, _)| *rank);
    Ok((Report::new(roots.into_iter().map(|(_, root)| root).collect()), failed))
}

fn side(
    preview: Preview,
    repository: &Repository,
    builder: &Builder,
    format: ErrorFormat,
) -> (Side, bool) {
    let rendered = kustom_apps::render(&preview.applications, repository, builder);
    let failed = inputs::tell(&preview.problems, format);
    let key = |app: &Application| (app.name().to_owned(), app.cluster().to_owned());
    let pairs = preview.applications.into_iter().zip(rendered);
    (pairs.map(|(app, rendered)| (key(&app), (app, rendered))).collect(), failed)
}

type Found<'a> = Option<&'a (Application, Rendered)>;

fn title((name, cluster): &(String, String), before: Found<'_>, after: Found<'_>) -> (u8, String) {
    match (before, after) {
        (Some((application, _)), None) => {
            let finalizers = application.object().pointer("/metadata/finalizers");
            let deletes =
                finalizers.is_some_and(|list| list.to_string().contains("resources-finalizer"));
            let fate = if deletes { "its objects are deleted" } else { "its objects stay" };
            (0, format!("{name} on {cluster} (gone: {fate})"))
        }
        (None, _) => (1, format!("{name} on {cluster} (new)")),
        _ => (2, format!("{name} on {cluster}")),
    }
}

fn root(title: String, before: Found<'_>, after: Found<'_>, options: &Options) -> RootReport {
    let trouble = |message: String| Trouble::new("application", message);
    let failure = match (resources(before), resources(after)) {
        (Ok(before), Ok(after)) => match diff::compare(&before, &after, options) {
            Ok(diff) => return RootReport::new(title, diff),
            Err(error) => Failure::new(None, Some(Trouble::of(&error, str::to_owned))),
        },
        (before, after) => Failure::new(before.err().map(trouble), after.err().map(trouble)),
    };
    RootReport::failed(title, failure)
}

fn resources(side: Found<'_>) -> Result<Vec<Resource>, String> {
    let Some((_, rendered)) = side else { return Ok(Vec::new()) };
    if rendered.failed() {
        let problems: Vec<&str> = rendered.problems.iter().map(|p| p.message.as_str()).collect();
        return Err(problems.join("\n"));
    }
    diff::read(rendered.to_yaml().as_bytes()).map_err(|e| e.to_string())
}
