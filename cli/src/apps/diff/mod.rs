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
    let mut roots: Vec<(u8, RootReport)> = Vec::new();
    let mut has_other_applications = false;
    for key in &keys {
        let [before, after] = [&one, &other].map(|side| side.get(key).copied());
        let shared = keys.iter().filter(|k| (k.name, k.cluster) == (key.name, key.cluster)).count();
        let (rank, title) = title(key, shared > 1, (before, after), &new);
        let mut root = root(title, before, after, &options);
        if let (Some(_), Some((application, _))) = (before, after)
            && root.diff.summary().removed > 0
            && !application.prunes()
        {
            root.root += match application.is_flux() {
                true => " (what is removed stays: it does not prune)",
                false => " (what is removed stays until somebody prunes it)",
            };
        }
        if before.is_none() || after.is_none() {
            has_other_applications = true;
            if root.diff.is_empty() && root.failure.is_none() {
                format.note("application", &format!("{}: it has no objects", root.title()));
            }
        }
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

/// Returns the title of an Application, and where it is shown. One whose name and cluster others have as well
/// is told with all by which they differ.
fn title(
    key: &Key<'_>,
    is_shared: bool,
    (before, after): (Found<'_>, Found<'_>),
    now: &Preview,
) -> (u8, String) {
    let Key { name, cluster, namespace, .. } = key;
    let number = if key.number > 0 { format!(" ({})", key.number + 1) } else { String::new() };
    let name = match (is_shared, before.or(after)) {
        (true, Some((application, _))) if namespace.is_empty() => application.title(),
        (true, Some((application, _))) => format!("{} in {namespace}", application.title()),
        _ => (*name).to_owned(),
    };
    let title = format!("{name}{number} on {cluster}");
    match (before, after) {
        (Some((application, rendered)), None) => {
            let fate = fate(application, rendered, now);
            (0, format!("{title} (gone: {fate})"))
        }
        (None, _) => (1, format!("{title} (new)")),
        _ => (2, title),
    }
}

fn root(title: String, before: Found<'_>, after: Found<'_>, options: &Options) -> RootReport {
    let trouble = |message: String| Trouble::new("application", message);
    let failure = match (resources(before), resources(after)) {
        (Ok(before), Ok(after)) => match diff::compare(&before, &after, options) {
            Ok(diff) => return RootReport::new(title, diff),
            Err(error) => Failure::new(None, Some(Trouble::of(&error, str::to_owned))),
        },
        // What is gone cannot be rendered any better than before.
        (Err(message), Ok(_)) if after.is_none() => {
            Failure::new(Some(trouble(message.clone())), Some(trouble(message)))
        }
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
