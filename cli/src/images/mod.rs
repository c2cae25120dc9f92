//! `kustom images`

mod guess;
mod layout;
mod matrix;
mod places;
mod stages;
mod told;
mod tops;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

pub(crate) use layout::{Layout, Placed};
pub(crate) use matrix::{Cell, Matrix, Rendered};
pub(crate) use places::{find, in_order};

use crate::bounds::RootArgs;
use crate::config::Config;
use crate::exclude::Excluded;
use crate::flags::How;
use crate::image_uses::{Use, short};
use crate::remembered::RememberedFs;
use crate::report::ErrorFormat;
use crate::table::Table;

/// The arguments of `images`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    kustom images\n  \
    kustom images apps --format markdown\n  \
    kustom images --by 'clusters/{env}/{app}' --places\n\n\
    Versions come from the rendered objects: containers, init containers, jobs, volumes, fields named \
    `image` of custom kinds, and fields that `configurations` or an ImageTagTransformer name. A row is an \
    image by the name that the base gives it.\n\n\
    A directory that cannot be rendered is shown as `failed`, with the reason on stderr, and the exit code is 1.")]
pub(crate) struct ImagesArgs {
    /// The directories to search, or patterns of them
    #[arg(value_name = "DIR|PATTERN", default_value = ".")]
    dirs: Vec<PathBuf>,

    /// Where apps and environments are, such as `apps/{app}/overlays/{env}`; guessed from the tree by
    /// default; may be repeated
    #[arg(long, value_name = "PATTERN")]
    by: Vec<Layout>,

    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: ImagesFormat,

    /// Also print the file and line that decide each version
    #[arg(long)]
    places: bool,

    #[command(flatten)]
    how: How,

    #[command(flatten)]
    root: RootArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ImagesFormat {
    /// A table for people
    #[default]
    Text,
    /// A table for pull requests
    Markdown,
    /// Every version, with file, line and field
    Json,
}

/// Prints the images of a tree; what fails is told and does not take the others with it.
pub(crate) fn run(args: &ImagesArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    args.how.outside.bounds.start(1, format);
    args.root.bind();
    let builder = match args.how.builder().and_then(|builder| args.root.apply(builder)) {
        Ok(builder) => builder,
        Err(message) => return format.misused(&message),
    };
    let excluded = Excluded::new(&config.search.exclude);
    let files = RememberedFs::below(&args.dirs);
    let builder = args.root.remember(builder, &files);
    let places = match find(&files, &args.dirs, &args.by, &excluded, format) {
        Ok(places) => places,
        Err(message) => return format.fail(&message),
    };
    let matrix = Matrix::of(&places, &builder, |_| false);
    let printed = match args.format {
        ImagesFormat::Text => format.print(&table(&matrix, args.places).text()),
        ImagesFormat::Markdown => format.print(&table(&matrix, args.places).markdown()),
        ImagesFormat::Json => format.print_json(&json_of(&matrix)),
    };
    let mut failed = false;
    for (_, _, error) in matrix.failures() {
        format.error(error);
        failed = true;
    }
    if failed { ExitCode::FAILURE } else { printed }
}

fn table(matrix: &Matrix, places: bool) -> Table {
    let environments = matrix.environments();
    let mut table = Table::new(["app", "image"].into_iter().chain(environments.iter().copied()));
    for (app, cells) in &matrix.cells {
        let images = cells.values().filter_map(|cell| cell.images.as_ref().ok());
        let mut names: BTreeSet<&str> =
            images.flat_map(|images| images.keys().map(String::as_str)).collect();
        // An app of which nothing can be rendered has a line as well.
        if names.is_empty() && cells.values().any(|cell| cell.images.is_err()) {
            names.insert("-");
        }
        for name in names {
            let versions =
                environments.iter().map(|env| match cells.get(*env).map(|cell| &cell.images) {
                    Some(Err(_)) => "failed".to_owned(),
                    Some(Ok(images)) => shown(images.get(name).map_or(&[], Vec::as_slice), places),
                    None => shown(&[], places),
                });
            table.row([app.clone(), name.to_owned()].into_iter().chain(versions));
        }
    }
    table
}

fn shown(uses: &[Use], places: bool) -> String {
    let one = |image: &Use| {
        let version = short(&image.version);
        if places { format!("{version} ({})", image.decided.place()) } else { version }
    };
    let mut all: Vec<String> = uses.iter().map(one).collect();
    all.dedup();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}

fn json_of(matrix: &Matrix) -> Value {
    let mut all = Vec::new();
    for (app, cells) in &matrix.cells {
        for (env, cell) in cells {
            let dir = cell.dir.display().to_string();
            let images = match &cell.images {
                Ok(images) => images,
                Err(error) => {
                    all.push(
                        json!({"app": app, "env": env, "dir": dir, "error": error.to_string()}),
                    );
                    continue;
                }
            };
            for (name, image) in
                images.iter().flat_map(|(name, uses)| uses.iter().map(move |i| (name, i)))
            {
                all.push(json!({
                    "app": app,
                    "env": env,
                    "dir": dir,
                    "name": name,
                    "renderedName": image.name,
                    "tag": image.tag,
                    "digest": image.digest,
                    "file": image.decided.file.as_ref().map(|file| file.display().to_string()),
                    "line": Some(image.decided.line).filter(|line| *line > 0),
                    "entry": image.decided.entry,
                }));
            }
        }
    }
    json!(all)
}
