//! `kustom promote`

mod holders;
mod others;
mod plan;
mod proof;
mod regions;
mod report;
mod rewrite;
mod step;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kustom::text::nearest_name;
use kustom::text::visible_line;

use crate::bounds::RootArgs;
use crate::config::Config;
use crate::exclude::Excluded;
use crate::flags::How;
use crate::images::{self, Layout, Matrix, Placed};
use crate::remembered::RememberedFs;
use crate::report::ErrorFormat;
use crate::{turn, write};
use others::Beside;
use plan::Plan;
use regions::Regions;

/// The arguments of `promote`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    kustom promote dev staging\n  \
    kustom promote dev staging --write --format markdown\n  \
    kustom promote staging prod --only payments-api --write\n\n\
    Lists the images whose versions in FROM are not those in TO. With --write, copies their tags and digests into \
    the `images` entries of TO, and changes nothing else.\n\n\
    The changed files are rendered before they are written. A line that would have no effect, because something \
    else decides the image, or that would change anything else is refused; so is one that changes another app or \
    environment, unless --with-others is given, and an app that cannot be rendered. If anything is refused, \
    nothing is written, unless --keep-going is given. Only the two environments (of them only what --only names) \
    and what builds on a changed file are rendered.\n\n\
    Exit codes: 0 done, or nothing to promote; 1 with --check, something to promote; 2 refused or failed. With \
    --keep-going, what is refused is not a failure; what cannot be rendered still is.")]
pub(crate) struct PromoteArgs {
    /// The environment to copy from
    from: String,

    /// The environment to copy to
    to: String,

    /// The directories to search
    #[arg(value_name = "DIR", default_value = ".")]
    dirs: Vec<PathBuf>,

    /// Only this app; may be repeated
    #[arg(long, value_name = "APP")]
    only: Vec<String>,

    /// Where apps and environments are, such as `apps/{app}/overlays/{env}`; guessed from the tree by
    /// default; may be repeated
    #[arg(long, value_name = "PATTERN")]
    by: Vec<Layout>,

    /// Change the files
    #[arg(long)]
    write: bool,

    /// Exit with 1 if there is something to promote
    #[arg(long, conflicts_with = "write")]
    check: bool,

    /// Promote also what changes other apps or environments, which are named
    #[arg(long)]
    with_others: bool,

    /// Skip what cannot be copied, and go on with the rest
    #[arg(long)]
    keep_going: bool,

    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: PromoteFormat,

    #[command(flatten)]
    how: How,

    #[command(flatten)]
    root: RootArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum PromoteFormat {
    /// A table for people
    #[default]
    Text,
    /// The text of a pull request
    Markdown,
    /// One line for a commit message
    Message,
    /// For bots
    Json,
}

/// A fault has this code, for 1 means that there is something to promote.
const FAULT: u8 = 2;

/// Promotes images.
pub(crate) fn run(args: &PromoteArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    args.how.outside.bounds.start(FAULT, format);
    promote(args, &Excluded::new(&config.search.exclude), format).unwrap_or_else(|message| {
        format.fail(&message);
        ExitCode::from(FAULT)
    })
}

fn promote(
    args: &PromoteArgs,
    excluded: &Excluded,
    format: ErrorFormat,
) -> Result<ExitCode, String> {
    args.root.bind();
    let builder = args.how.builder().and_then(|builder| args.root.apply(builder))?;
    let _turn = args.write.then(|| turn::take(args.dirs.iter().map(PathBuf::as_path), format));
    let files = RememberedFs::below(&args.dirs);
    let builder = args.root.remember(builder, &files);
    let all = images::find(&files, &args.dirs, &args.by, excluded, format)?;
    let regions = Regions::of(all, [&args.from, &args.to]);
    let only = check_names(args, &regions)?;
    let mut not_compared = Vec::new();
    for (_, said) in
        regions.left_out.into_iter().filter(|(app, _)| only.is_empty() || only.contains(app))
    {
        format.note("note", &visible_line(&said));
        not_compared.push(said);
    }
    let all = regions.places;
    let is_wanted = |placed: &Placed| {
        let (app, env) = (&placed.place.app, &placed.place.env);
        (only.is_empty() || only.contains(app)) && [&args.from, &args.to].contains(&env)
    };
    let places: Vec<Placed> = all.iter().filter(|&placed| is_wanted(placed)).cloned().collect();
    let has = |env: &str, placed: &Placed| {
        places.iter().any(|other| other.place.env == env && other.place.app == placed.place.app)
    };
    let (compared, alone): (Vec<Placed>, Vec<Placed>) =
        places.iter().cloned().partition(|placed| has(&args.from, placed) && has(&args.to, placed));
    let matrix = Matrix::of(&compared, &builder, |placed| placed.place.env == args.to);
    let alone: BTreeSet<&str> = alone
        .iter()
        .filter(|placed| placed.place.env == args.from)
        .map(|placed| placed.place.app.as_str())
        .collect();
    let regions = regions.of_apps.iter();
    let apps = regions.flat_map(|(app, all)| all.iter().map(|own| (own.as_str(), app.as_str())));
    let apps: BTreeMap<&str, &str> = apps.collect();
    let beside = Beside { places: &all, files: &files, may_change: args.with_others, apps: &apps };
    let mut plan = Plan::new(&matrix, &args.from, &args.to, &alone, &beside, &builder);
    plan.not_compared = not_compared;
    plan.left_behind = regions_of_target(&places, args, &apps);
    plan.left_behind.retain(|left| !plan.others.iter().any(|other| other.dir == left.dir));
    for (_, _, error) in matrix.failures() {
        format.error(error);
    }
    for failure in &plan.unwritable {
        format.error(failure);
    }
    for (file, note) in &plan.notes {
        format.note("note", &format!("{}: {note}", visible_line(&file.to_string_lossy())));
    }
    let refused = plan.refused();
    let writes = args.write && (refused == 0 || args.keep_going);
    if writes {
        write::all_edited(&plan.texts)?;
    }
    let code = match args.format {
        PromoteFormat::Text => {
            let wrote = match plan.texts.len() {
                0 => String::new(),
                _ if !writes => String::new(),
                1 => "wrote 1 file\n".to_owned(),
                files => format!("wrote {files} files\n"),
            };
            format.print(&(report::text(&plan) + &wrote))
        }
        PromoteFormat::Markdown => format.print(&report::markdown(&plan)),
        PromoteFormat::Message => format.print(&report::message(&plan)),
        PromoteFormat::Json => format.print_json(&report::json(&plan, writes)),
    };
    if refused > 0 && !args.keep_going {
        let rest = if args.write { "; nothing was written" } else { "" };
        let hint = "--keep-going leaves out what is refused";
        format.note("refused", &format!("{refused} cannot be promoted{rest}; {hint}"));
    }
    Ok(match () {
        () if plan.has_failed() || refused > 0 && !args.keep_going => ExitCode::from(FAULT),
        () if code != ExitCode::SUCCESS => ExitCode::from(FAULT),
        () if args.check && plan.steps.len() > plan.refused_steps() => ExitCode::FAILURE,
        () => code,
    })
}

/// Returns the regions that only the target has, of apps that the source has too.
fn regions_of_target<'p>(
    places: &'p [Placed],
    args: &PromoteArgs,
    apps: &BTreeMap<&str, &str>,
) -> Vec<&'p Placed> {
    let of = |env: &str, app: &str| {
        places.iter().any(|other| other.place.env == env && other.place.app == app)
    };
    let has_app = |placed: &Placed| {
        let app = apps.get(placed.place.app.as_str());
        let mut regions = apps.iter().filter(|(_, own)| Some(*own) == app);
        app.is_some() && regions.any(|(region, _)| of(&args.from, region))
    };
    let is_left = |placed: &&Placed| {
        placed.place.env == args.to && !of(&args.from, &placed.place.app) && has_app(placed)
    };
    places.iter().filter(is_left).collect()
}

/// Refuses names of apps and environments that there are none of; returns the apps that are meant, where an app may have
/// regions.
fn check_names(args: &PromoteArgs, regions: &Regions) -> Result<Vec<String>, String> {
    if args.from == args.to {
        return Err(format!("{} cannot be promoted to itself", visible_line(&args.from)));
    }
    let places = &regions.places;
    let environments = images::in_order(places.iter().map(|placed| placed.place.env.as_str()));
    for env in [&args.from, &args.to] {
        if !environments.contains(&env.as_str()) {
            let all = environments.join(", ");
            let message = format!("there is no environment {env:?}; there are {all}");
            return Err(visible_line(&message).into_owned());
        }
    }
    let apps: BTreeSet<&str> = places.iter().map(|placed| placed.place.app.as_str()).collect();
    let names = apps.iter().copied().chain(regions.of_apps.keys().map(String::as_str)).collect();
    let mut only = Vec::new();
    for given in &args.only {
        let name = meant(&names, given)?;
        let mut meant: BTreeSet<&str> = BTreeSet::from([name]);
        meant.extend(regions.of_apps.get(name).into_iter().flatten().map(String::as_str));
        for env in [&args.from, &args.to] {
            let is_there = |placed: &Placed| {
                meant.contains(placed.place.app.as_str()) && placed.place.env == *env
            };
            if !places.iter().any(is_there) {
                return Err(format!("there is no {env} of the app {given}"));
            }
        }
        only.extend(meant.into_iter().map(str::to_owned));
    }
    Ok(only)
}

/// Returns the app of a name; of apps that are called by their paths, the end is enough if no other has it.
fn meant<'a>(apps: &BTreeSet<&'a str>, name: &str) -> Result<&'a str, String> {
    let name = name.trim_start_matches("./").trim_end_matches('/');
    if let Some(app) = apps.get(name) {
        return Ok(app);
    }
    let end = format!("/{name}");
    let ending: Vec<&str> = apps.iter().copied().filter(|app| app.ends_with(&end)).collect();
    match ending.as_slice() {
        [app] => Ok(app),
        [] => {
            let near = nearest_name(apps.iter().copied(), name);
            Err(match near {
                Some(near) => format!("there is no app {name:?} (did you mean {near}?)"),
                None => {
                    const SHOWN: usize = 8;
                    let mut all = apps.iter().copied().take(SHOWN).collect::<Vec<_>>().join(", ");
                    if let more @ 1.. = apps.len().saturating_sub(SHOWN) {
                        all += &format!(" and {more} more");
                    }
                    format!("there is no app {name:?}; there are {all}")
                }
            })
        }
        several => Err(format!("{name:?} may be one of several apps: {}", several.join(", "))),
    }
}
