//! `kustom apps diff`

mod sides;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use clap::Args;
use kustom::Resource;
use kustom::diff::{self, Failure, Ignore, Options, Report, RootReport, Trouble};
use kustom_apps::{Application, Preview, Rendered, fate, hold_back};

use self::sides::Side;
use super::inputs::{self, Inputs};
use crate::diff::{DIFFERENCES, FAILURE, Format, When, show};
use crate::flags::How;
use crate::report::ErrorFormat;

#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 no differences, 1 differences, 2 error.\n\
                        A pattern in quotes is looked up on both sides, so that a removed file is seen.")]
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
        Ok(Outcome { report, failed, has_other_applications }) => {
            let shown = show(&report, args.format, args.color, format);
            match shown == ExitCode::SUCCESS && has_other_applications {
                _ if failed => ExitCode::from(FAILURE),
                true => ExitCode::from(DIFFERENCES),
                false => shown,
            }
        }
        Err(message) => {
            format.fail(&message);
            ExitCode::from(FAILURE)
        }
    }
}

/// What was found.
struct Outcome {
    report: Report,
    /// Whether something could not be read.
    failed: bool,
    /// Whether there is an Application on one side only, which may have no objects.
    has_other_applications: bool,
}

/// What an Application is known by on both sides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    name: &'a str,
    cluster: &'a str,
    namespace: &'a str,
    is_flux: bool,
    /// Which of several it is that have all else in common.
    number: usize,
}

/// An Application and what it would sync.
type Found<'a> = Option<(&'a Application, &'a Rendered)>;

fn report(args: &DiffArgs, format: ErrorFormat) -> Result<Outcome, String> {
    let (before, after) = sides::open(&args.inputs, &args.how, (&args.from, &args.to))?;
    let [old, new] = [&before, &after].map(|side| side.preview(&args.inputs));
    let (old, mut new) = (old?, new?);
    hold_back(&mut new, &old);
    let failed = inputs::tell(sides::problems(&old, &new), format);
    let [old_rendered, new_rendered] = [(&before, &old), (&after, &new)]
        .map(|(side, preview): (&Side, &Preview)| side.render(preview));
    let (one, other) = (by_key(&old, &old_rendered), by_key(&new, &new_rendered));
    let options = Options::new().ignore(args.ignore.iter().cloned());
    let keys: BTreeSet<&Key> = one.keys().chain(other.keys()).collect();
    let mut shared: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for key in &keys {
        *shared.entry((key.name, key.cluster)).or_default() += 1;
    }
    let mut roots: Vec<(u8, RootReport)> = Vec::new();
    let mut has_other_applications = false;
    for key in &keys {
        let [before, after] = [&one, &other].map(|side| side.get(key).copied());
        let is_shared = shared.get(&(key.name, key.cluster)).is_some_and(|count| *count > 1);
        has_other_applications |= before.is_none() || after.is_none();
        let (rank, root) = compared(key, is_shared, (before, after), &new, &options);
        roots.push((rank, root));
    }
    // What goes comes first, then what is new; the rest is in the order of the names.
    roots.sort_by_key(|(rank, _)| *rank);
    let report = Report::new(roots.into_iter().map(|(_, root)| root).collect());
    Ok(Outcome { report: report.naming_roots(), failed, has_other_applications })
}

fn by_key<'a>(
    preview: &'a Preview,
    rendered: &'a [Rendered],
) -> BTreeMap<Key<'a>, (&'a Application, &'a Rendered)> {
    let mut all = BTreeMap::new();
    for (application, rendered) in preview.applications.iter().zip(rendered) {
        let mut key = Key {
            name: application.name(),
            cluster: preview.cluster(application),
            namespace: application.namespace(),
            is_flux: application.is_flux(),
            number: 0,
        };
        while all.contains_key(&key) {
            key.number += 1;
        }
        all.insert(key, (application, rendered));
    }
    all
}

/// Returns how an Application is called. One whose name and cluster others have as well is told with all by which
/// they differ.
fn title(key: &Key<'_>, is_shared: bool, application: &Application) -> String {
    let Key { name, cluster, namespace, number, .. } = key;
    let name = match is_shared {
        true if namespace.is_empty() => application.title(),
        true => format!("{} in {namespace}", application.title()),
        false => (*name).to_owned(),
    };
    let number = if *number > 0 { format!(" ({})", number + 1) } else { String::new() };
    format!("{name}{number} on {cluster}")
}

/// Compares an Application, and says where it is shown: what goes comes first, then what is new.
fn compared(
    key: &Key<'_>,
    is_shared: bool,
    sides: (Found<'_>, Found<'_>),
    now: &Preview,
    options: &Options,
) -> (u8, RootReport) {
    match sides {
        (Some((application, rendered)), None) => {
            let title = format!("{} (gone)", title(key, is_shared, application));
            let (fate, deleted) = fate(application, rendered, now);
            let root = match rendered.failed() {
                // What is gone cannot be rendered any better than before.
                true => {
                    let trouble = || Some(Trouble::new("application", trouble(rendered)));
                    RootReport::failed(title, Failure::new(trouble(), trouble()))
                }
                false => root(title, read(&deleted), Ok(Vec::new()), options),
            };
            (0, root.noting(fate.to_string()))
        }
        (None, Some((application, rendered))) => {
            let title = format!("{} (new)", title(key, is_shared, application));
            let root = root(title, Ok(Vec::new()), resources(rendered), options);
            let has_none = root.diff.is_empty() && root.failure.is_none();
            (1, if has_none { root.noting("it has no objects") } else { root })
        }
        (Some((_, before)), Some((application, after))) => {
            let title = title(key, is_shared, application);
            let root = root(title, resources(before), resources(after), options);
            if root.diff.summary().removed == 0 || application.prunes() {
                return (2, root);
            }
            let note = match application.is_flux() {
                true => "what is removed stays: it does not prune",
                false => "what is removed stays until somebody prunes it",
            };
            (2, root.noting(note))
        }
        (None, None) => (2, RootReport::default()),
    }
}

fn root(
    title: String,
    before: Result<Vec<Resource>, String>,
    after: Result<Vec<Resource>, String>,
    options: &Options,
) -> RootReport {
    let trouble = |message: String| Trouble::new("application", message);
    let failure = match (before, after) {
        (Ok(before), Ok(after)) => match diff::compare(&before, &after, options) {
            Ok(diff) => return RootReport::new(title, diff),
            Err(error) => Failure::new(None, Some(Trouble::of(&error, str::to_owned))),
        },
        (before, after) => Failure::new(before.err().map(trouble), after.err().map(trouble)),
    };
    RootReport::failed(title, failure)
}

/// Returns why something could not be rendered.
fn trouble(rendered: &Rendered) -> String {
    let problems: Vec<&str> = rendered.problems.iter().map(|p| p.message.as_str()).collect();
    problems.join("\n")
}

fn resources(rendered: &Rendered) -> Result<Vec<Resource>, String> {
    if rendered.failed() { Err(trouble(rendered)) } else { read(&rendered.to_yaml()) }
}

fn read(yaml: &str) -> Result<Vec<Resource>, String> {
    diff::read(yaml.as_bytes()).map_err(|e| e.to_string())
}
