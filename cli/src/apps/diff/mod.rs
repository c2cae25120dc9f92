//! `kustom apps diff`

mod keys;
mod sides;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use kustom::Resource;
use kustom::diff::{
    self, ChangeKind, Diff, Ignore, ObjectId, Options, Removals, Report, RootFailure, RootReport,
    SecretValues, SideError,
};
use kustom::document::Reading;
use kustom_apps::{
    Application, Fate, Manifest, OwnerChange, Preview, Problem, Rendered, fate, hold_back,
    left_behind, owner_change, settings,
};

use self::keys::{Key, by_key};
use self::sides::Side;
use super::inputs::{self, Inputs};
use crate::config::{Config, FailOn};
use crate::diff::{DIFFERENCES, FAILURE, Format, When, fails, ignored, save, show};
use crate::flags::How;
use crate::report::ErrorFormat;
use crate::revisions::Revisions;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 no differences, 1 differences, 2 error, or a risk with --fail-on risk.\n\
                        A quoted pattern is expanded on both sides, so that removed files are found."
)]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    pub(super) inputs: Inputs,

    #[command(flatten)]
    revisions: Revisions,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// A kind, a field path, or KIND:PATH that is not compared; may be repeated
    #[arg(long, value_name = "RULE")]
    ignore: Vec<Ignore>,

    /// Also write the whole report to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Fail on dangerous changes, which the server rejects, lose data, or widen access
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,

    /// When to color the text format
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    color: When,

    #[command(flatten)]
    pub(super) how: How,
}

/// Compares, prints, and says by the exit code what was found.
pub(super) fn run(args: &DiffArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    let first = args.inputs.files.first().map_or(Path::new("."), PathBuf::as_path);
    let config = &args.revisions.reviewed(config, first);
    match report(args, config, format) {
        Ok(Outcome { report, failed, has_other_applications }) => {
            if let Some(path) = &args.output
                && let Err(message) = save(&report, args.format, path)
            {
                format.fail(&message);
                return ExitCode::from(FAILURE);
            }
            let shown = show(&report, args.format, args.color, format);
            match shown == ExitCode::SUCCESS && has_other_applications {
                _ if failed || fails(&report, args.fail_on, config) => ExitCode::from(FAILURE),
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

/// An Application and what it would sync.
type Found<'a> = Option<(&'a Application, &'a Rendered)>;

fn report(args: &DiffArgs, config: &Config, format: ErrorFormat) -> Result<Outcome, String> {
    config.told.iter().for_each(|told| format.note("config-changed", told));
    let (before, after) = sides::open(&args.inputs, &args.how, &args.revisions.or_of(config))?;
    let reading = Arc::new(Reading::new(args.how.outside.bounds.limits.set()));
    let [old, new] = [&before, &after].map(|side| side.preview(&args.inputs, &reading));
    let (old, mut new) = (old?, new?);
    hold_back(&mut new, &old);
    let nothing = old.nothing_found().and(new.nothing_found());
    let failed = inputs::tell(sides::problems(&old, &new).chain(&nothing), format);
    let [old_rendered, new_rendered] = [(&before, &old), (&after, &new)]
        .map(|(side, preview): (&Side, &Preview)| side.render(preview));
    let [one, other] = by_key([(&old, &old_rendered), (&new, &new_rendered)]);
    let limits = args.how.outside.bounds.limits.set();
    let options = Options::new().ignore(ignored(config)?).ignore(args.ignore.iter().cloned());
    let options = options.limits(limits).together();
    let keys: BTreeSet<&Key> = one.keys().chain(other.keys()).collect();
    let mut shared: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for key in &keys {
        *shared.entry((key.name, key.cluster)).or_default() += 1;
    }
    let names: BTreeSet<_> = other.keys().map(Key::full_name).collect();
    let mut roots: Vec<(u8, RootReport)> = Vec::new();
    let mut has_other_applications = false;
    for key in &keys {
        let [before, after] = [&one, &other].map(|side| side.get(key).copied());
        // What was refused before was not made then; it may be there from earlier.
        let was_refused = before.is_some_and(|(application, _)| old.refusal(application).is_some());
        let is_there_by_name = || names.contains(&key.full_name());
        if was_refused && after.is_none() && is_there_by_name() {
            continue;
        }
        let before = before.filter(|_| after.is_none() || !was_refused);
        let is_shared = shared.get(&(key.name, key.cluster)).is_some_and(|count| *count > 1);
        let Some((application, _)) = before.or(after) else { continue };
        let title = key.title(is_shared, application);
        if let Some(problem) = new.not_generated(application, &old) {
            let earlier = old.not_generated(application, &new);
            roots.push((0, not_generated(&title, before.is_none(), earlier, problem)));
            continue;
        }
        let unknown = match (before, after) {
            (Some(_), None) => unknown::after((&title, application), &old, &new),
            (None, Some(_)) => unknown::before((&title, application), &old, &new),
            _ => None,
        };
        if let Some(unknown) = unknown {
            roots.push((0, unknown));
            continue;
        }
        let shown = roots.len();
        let owner = before.zip(after).and_then(|(old, (app, _))| owner_change(old, app, &new));
        has_other_applications |= before.is_none() || after.is_none() || owner.is_some();
        match owner {
            Some(owner) => roots.extend(handed_over(&title, &owner, (before, after), &options)),
            None => roots.push(compared(title, (before, after), &new, &options)),
        }
        let diffs = roots.iter_mut().skip(shown).map(|(_, root)| &mut root.diff);
        hide_substituted(diffs, [before, after]);
    }
    options.check().map_err(|error| error.to_string())?;
    // What goes comes first, then what is new; the rest is in the order of the names.
    roots.sort_by_key(|(rank, _)| *rank);
    let report = Report::new(roots.into_iter().map(|(_, root)| root).collect())
        .naming_roots()
        .within(limits);
    let report = match &config.told {
        Some(told) => report.comparing(told.clone()),
        None => report,
    };
    Ok(Outcome { report, failed, has_other_applications })
}

/// Puts the mask in the place of values of Secrets that Flux puts into the objects: on either side, for what one has is
/// what the other had.
fn hide_substituted<'d>(diffs: impl Iterator<Item = &'d mut Diff>, sides: [Found<'_>; 2]) {
    let secrets = |(application, _): (&Application, _)| application.substituted_secrets();
    let secrets: Vec<String> = sides.into_iter().flatten().flat_map(secrets).collect();
    if secrets.is_empty() {
        return;
    }
    let objects: Vec<Resource> =
        sides.into_iter().filter_map(|side| synced(side).ok()).flatten().collect();
    let files = secrets.iter().map(|secret| ("secret.yaml", secret));
    let values = Arc::new(SecretValues::with_resources(files, objects.iter()));
    diffs.for_each(|diff| diff.hide(&values));
}

/// Compares an Application, and says where it is shown: what goes comes first, then what is new.
fn compared(
    title: String,
    (before, after): (Found<'_>, Found<'_>),
    now: &Preview,
    options: &Options,
) -> (u8, RootReport) {
    match (before, after) {
        (Some((application, rendered)), None) => {
            let title = format!("{title} (gone)");
            let (fate, deleted) = fate(application, rendered, now);
            let root = match rendered.failed() {
                // What is gone cannot be rendered any better than before.
                true => {
                    let trouble = || Some(SideError::new("application", trouble(rendered)));
                    RootReport::failed(title, RootFailure::new(trouble(), trouble()))
                }
                false => root(title, read(&deleted), Ok(Vec::new()), options),
            };
            (0, root.noting(fate.to_string()).removing(Removals::Delete))
        }
        (None, Some(found)) => {
            let root = root(format!("{title} (new)"), Ok(Vec::new()), synced(after), options);
            if let Some(left) = left_behind(&[], found) {
                return (1, root.noting(left.why));
            }
            let has_none = root.diff.is_empty() && root.failure.is_none();
            (1, if has_none { root.noting("it has no objects") } else { root })
        }
        (Some((old, _)), Some((application, _))) => {
            let has_other_settings = settings(old) != settings(application);
            let of = |found| resources(found, has_other_settings);
            (2, noting_what_stays(root(title, of(before), of(after), options), before, after))
        }
        (None, None) => (2, RootReport::default()),
    }
}

/// Says of an Application that is still there what stays of what it no longer has.
fn noting_what_stays(root: RootReport, before: Found<'_>, after: Found<'_>) -> RootReport {
    let ((Some((_, before)), Some(after)), false) = ((before, after), root.diff.is_empty()) else {
        return root;
    };
    let gone = root.diff.resources.iter().filter(|resource| resource.change == ChangeKind::Removed);
    let gone: BTreeSet<String> =
        gone.filter_map(|resource| resource.before.as_ref().map(title_of)).collect();
    let removed: Vec<&Manifest> =
        before.manifests.iter().filter(|manifest| gone.contains(&manifest.title())).collect();
    match left_behind(&removed, after) {
        Some(left) if left.all => root.noting(left.why).removing(Removals::Stay),
        Some(left) => root.noting(left.why),
        None => root,
    }
}

/// Returns an Application that stays as it is, or is not made, until it can be generated.
fn not_generated(
    name: &str,
    is_new: bool,
    before: Option<&Problem>,
    after: &Problem,
) -> RootReport {
    let how = match is_new {
        true => "new, but could not be generated; it is not made until it can",
        false => "could not be generated; nothing changes until it can",
    };
    let failure = RootFailure::new(before.map(unknown::trouble), Some(unknown::trouble(after)));
    RootReport::failed(name.to_owned(), failure).noting(how)
}

/// Returns what becomes of an Application that leaves its ApplicationSet: what is deleted is removed first and then
/// new, and what its set keeps stays as it was.
fn handed_over(
    title: &str,
    owner: &OwnerChange,
    (before, after): (Found<'_>, Found<'_>),
    options: &Options,
) -> Vec<(u8, RootReport)> {
    let nothing = || Ok(Vec::new());
    let root = |title: &str, before, after| root(title.to_owned(), before, after, options);
    let (again, after) = match &owner.fate {
        Fate::Deleted { .. } => {
            let how = match &owner.to {
                Some(set) => format!("made again by ApplicationSet {set}"),
                None => "made again".to_owned(),
            };
            (Some(root(&format!("{title} ({how})"), nothing(), synced(after))), nothing())
        }
        Fate::Kept(_) => (None, synced(before)),
        _ => (None, synced(after)),
    };
    let removals = match &owner.fate {
        Fate::Deleted { .. } => Removals::Delete,
        _ => Removals::Stay,
    };
    let gone = root(title, synced(before), after).noting(owner.to_string()).removing(removals);
    [(0, gone)].into_iter().chain(again.map(|again| (1, again))).collect()
}

fn root(
    title: String,
    before: Result<Vec<Resource>, String>,
    after: Result<Vec<Resource>, String>,
    options: &Options,
) -> RootReport {
    let trouble = |message: String| SideError::new("application", message);
    let failure = match (before, after) {
        (Ok(before), Ok(after)) => match diff::compare(&before, &after, options) {
            Ok(diff) => return RootReport::new(title, diff),
            Err(error) => RootFailure::new(None, Some(SideError::of(&error, str::to_owned))),
        },
        (before, after) => RootFailure::new(before.err().map(trouble), after.err().map(trouble)),
    };
    RootReport::failed(title, failure)
}

/// Returns why something could not be rendered.
fn trouble(rendered: &Rendered) -> String {
    let problems: Vec<&str> = rendered.problems.iter().map(|p| p.message.as_str()).collect();
    problems.join("\n")
}

/// Returns what an Application would sync.
fn synced(side: Found<'_>) -> Result<Vec<Resource>, String> {
    resources(side, false)
}

/// Returns what an Application would sync, and if wanted with it what of itself decides what happens to that.
fn resources(side: Found<'_>, with_settings: bool) -> Result<Vec<Resource>, String> {
    let Some((application, rendered)) = side else { return Ok(Vec::new()) };
    if rendered.failed() {
        return Err(trouble(rendered));
    }
    let mut resources = read(&rendered.to_yaml())?;
    // One that deploys itself has all of it there already.
    let kind = application.object()["kind"].as_str().unwrap_or_default();
    let own = format!("{kind} {}/{}", application.namespace(), application.name());
    let is_own = |title: String| title == application.title() || title == own;
    if with_settings && !rendered.manifests.iter().map(Manifest::title).any(is_own) {
        resources.extend(read(&settings(application).to_string())?);
    }
    Ok(resources)
}

/// Returns kind and name of an object, as [`Manifest::title`] does.
fn title_of(id: &ObjectId) -> String {
    match id.namespace.as_str() {
        "" => format!("{} {}", id.kind, id.name),
        namespace => format!("{} {namespace}/{}", id.kind, id.name),
    }
}

fn read(yaml: &str) -> Result<Vec<Resource>, String> {
    diff::read(yaml.as_bytes()).map_err(|e| e.to_string())
}
