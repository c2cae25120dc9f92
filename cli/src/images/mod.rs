//! `kustom images`

mod layout;
mod matrix;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

pub(crate) use layout::Layout;
pub(crate) use matrix::{Cell, Failure, Matrix, Use};
pub(crate) use table::Table;

use crate::config::Config;
use crate::exclude::Excluded;
use crate::report::ErrorFormat;

/// The arguments of `images`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    kustom images\n  \
    kustom images apps --format markdown\n  \
    kustom images --by 'clusters/{env}/{app}' --places\n\n\
    Shows which version of each image each app runs in each environment, from the rendered objects:\n\
    containers, init containers, jobs, and fields named `image` of custom kinds. A row is an image by the\n\
    name that the base gives it.")]
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

/// Prints the images of a tree.
pub(crate) fn run(args: &ImagesArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    let matrix =
        match Matrix::read(&args.dirs, &args.by, &Excluded::new(&config.search.exclude), format) {
            Ok(matrix) => matrix,
            Err(failures) => {
                Failure::report(&failures, format);
                return ExitCode::FAILURE;
            }
        };
    match args.format {
        ImagesFormat::Text => format.print(&table(&matrix, args.places).text()),
        ImagesFormat::Markdown => format.print(&table(&matrix, args.places).markdown()),
        ImagesFormat::Json => format.print_json(&json_of(&matrix)),
    }
}

fn table(matrix: &Matrix, places: bool) -> Table {
    let environments = matrix.environments();
    let mut table = Table::new(["app", "image"].into_iter().chain(environments.iter().copied()));
    for (app, cells) in &matrix.cells {
        let mut names: Vec<&String> = cells.values().flat_map(|cell| cell.images.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let versions = environments.iter().map(|env| {
                let uses = cells.get(*env).and_then(|cell| cell.images.get(name));
                shown(uses.map_or(&[], Vec::as_slice), places)
            });
            table.row([app.clone(), name.clone()].into_iter().chain(versions));
        }
    }
    table
}

fn shown(uses: &[Use], places: bool) -> String {
    let one = |image: &Use| {
        let version =
            if image.version.is_empty() { "latest".to_owned() } else { short(&image.version) };
        if places { format!("{version} ({})", image.decided.place()) } else { version }
    };
    let mut all: Vec<String> = uses.iter().map(one).collect();
    all.dedup();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}

/// Shortens a digest for people.
pub(crate) fn short(version: &str) -> String {
    const SHOWN: usize = "sha256:".len() + 12;
    match version.split_once('@') {
        Some((tag, digest)) if digest.chars().count() > SHOWN => {
            let digest: String = digest.chars().take(SHOWN).collect();
            format!("{tag}@{digest}…")
        }
        _ => version.to_owned(),
    }
}

fn json_of(matrix: &Matrix) -> Value {
    let mut all = Vec::new();
    for (app, cells) in &matrix.cells {
        for (env, cell) in cells {
            for (name, uses) in &cell.images {
                for image in uses {
                    all.push(json!({
                        "app": app,
                        "env": env,
                        "dir": cell.dir.display().to_string(),
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
    }
    json!(all)
}
