//! `kustom vendor`

mod beside;
mod check;
mod disk;
mod guard;
mod recover;
mod roots;
mod swap;
mod tell;
mod write;

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use kustom::text::{clean_path, masked, visible_line};
use kustom::vendor::{LOCK_FILE, VENDOR_MARKER, VendorChange, VendorCheck, VendorPlan, copies_in};
use kustom::{Builder, DiskFs};

use crate::config::Config;
use crate::exclude::Excluded;
use crate::flags::Restrictor;
use crate::outside::OutsideArgs;
use crate::paths::Shown;
use crate::report::ErrorFormat;
pub(crate) use beside::build_again;
use roots::{Roots, has_lock};
use write::put_in_place;

/// The arguments of `vendor`.
#[derive(Debug, Args)]
#[command(
    after_help = "Builds every kustomization in or below the directories that no other one uses, and fetches \
    what it uses from elsewhere: bases and components in git repositories, files at URLs, and with \
    --enable-helm charts. Of each repository, it keeps the files that the builds look at, or all if \
    functions run in it (they need not run for that). kustom.lock lists the copies with commits and \
    hashes.\n\n\
    If there is a kustom.lock at or above a kustomization, all commands use its copies: nothing is \
    fetched, and a copy that is missing, changed or not listed is an error. Entries keep their commits \
    until --update.\n\n\
    An existing kustom.lock at or above the first DIR stays where it is; a new one goes into the \
    working directory, or above all DIRs.\n\n\
    Exit codes: 0 success, 1 not complete (--check) or not fetched, 2 wrong usage.\n\n\
    Examples:\n  \
    kustom vendor\n  \
    kustom vendor clusters apps --to third_party\n  \
    kustom vendor --check                            in CI\n  \
    kustom vendor --update                           move all refs forward\n  \
    kustom vendor --update 'github.com/acme/*'"
)]
pub(crate) struct VendorArgs {
    /// The directories to search for kustomizations
    #[arg(value_name = "DIR", default_value = ".")]
    dirs: Vec<PathBuf>,

    /// Where copies go, below the directory of kustom.lock [default: .kustom/vendor]
    #[arg(long, value_name = "PATH")]
    to: Option<PathBuf>,

    /// Write and fetch nothing; fail unless kustom.lock, and any other below, lists exactly what is used and
    /// all copies match it. With --allow-remote, everything is fetched and compared as well
    #[arg(long, conflicts_with = "update")]
    check: bool,

    /// Move refs forward to their current commits: all entries, or those whose repository or URL contains
    /// PATTERN, where * stands for any characters
    #[arg(long, value_name = "PATTERN", num_args = 0..=1, default_missing_value = "*")]
    update: Vec<String>,

    /// Whether files outside their kustomization's directory may be loaded
    #[arg(long, value_enum, value_name = "RESTRICTOR", default_value_t = Restrictor::RootOnly)]
    load_restrictor: Restrictor,

    #[command(flatten)]
    outside: OutsideArgs,
}

/// What is said of what failed where charts were left out.
const CHARTS: &str = "charts are rendered only with --enable-helm; without, they come to nothing";
/// What is said of what failed where functions were left out.
const FUNCTIONS: &str =
    "functions are run only with --enable-alpha-plugins; without, they come to nothing";

/// Copies what is elsewhere, or checks the copies.
pub(crate) fn run(args: &VendorArgs, config: &Config, format: ErrorFormat) -> ExitCode {
    args.outside.bounds.start(1, format);
    let builder = Builder::new().load_restriction(args.load_restrictor.into());
    let builder = match args.outside.apply_to_fetch(builder) {
        Ok(builder) => builder,
        Err(message) => return format.misused(&message),
    };
    let excluded = Excluded::new(&config.search.exclude);
    let roots = match Roots::find(&args.dirs, &excluded) {
        Ok(roots) => roots,
        Err(message) => return format.misused(&message),
    };
    for root in &roots.foreign {
        let root = visible_line(&root.to_string_lossy()).into_owned();
        let message = format!("{root} has a repository of its own: run `kustom vendor {root}`");
        format.note("vendor", &message);
    }
    if args.update.iter().any(|pattern| pattern.trim().is_empty()) {
        return format
            .misused("--update '' says nothing: leave out the pattern to move all refs forward");
    }
    if !args.check {
        tell_of_nested(&roots, format);
        return Vendor { args, dirs: &args.dirs, builder, roots, format }.write();
    }
    let nested: Vec<PathBuf> = roots.nested.iter().cloned().collect();
    let is_alone = roots.asked.is_empty() && !has_lock(&roots.directory) && !nested.is_empty();
    let vendor = Vendor { args, dirs: &args.dirs, builder: builder.clone(), roots, format };
    let mut is_good = is_alone || vendor.check();
    for directory in nested {
        let dirs = [PathBuf::from(Shown::from_here().path(&directory))];
        let roots = match Roots::find(&dirs, &excluded) {
            Ok(roots) => roots,
            Err(message) => return format.misused(&message),
        };
        let vendor = Vendor { args, dirs: &dirs, builder: builder.clone(), roots, format };
        is_good &= vendor.check();
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Says which lock files are not written, for each call writes one.
fn tell_of_nested(roots: &Roots, format: ErrorFormat) {
    let shown = Shown::from_here();
    for directory in &roots.nested {
        let directory = shown.line(directory);
        let message =
            format!("{directory} has a {LOCK_FILE} of its own: run `kustom vendor {directory}`");
        format.note("vendor", &message);
    }
}

struct Vendor<'a> {
    args: &'a VendorArgs,
    /// The directories that are searched.
    dirs: &'a [PathBuf],
    builder: Builder,
    roots: Roots,
    format: ErrorFormat,
}

impl Vendor<'_> {
    fn lock(&self) -> PathBuf {
        self.roots.directory.join(LOCK_FILE)
    }

    /// Returns what is wrong; of what others may use, nothing that is not used, or what is not once they are looked at.
    fn checked(&self, looks_at_others: bool) -> kustom::Result<VendorCheck> {
        let Roots { asked, directory, others, .. } = &self.roots;
        if looks_at_others {
            return self.builder.check_vendored_among(asked, others, directory);
        }
        let mut check = self.builder.check_vendored(asked, directory)?;
        if !others.is_empty() {
            // These may use it.
            check.unused.clear();
            check.unchecked.clear();
        }
        Ok(check)
    }

    /// Undoes what an earlier call has begun that was killed; `true` if there was one.
    fn recover(&self) -> Result<bool, String> {
        let directory = &self.roots.directory;
        // What is wrong with the lock file is told later.
        let tops = copies_in(&DiskFs, directory).into_iter();
        let tops: BTreeSet<PathBuf> =
            tops.chain(self.args.to.as_ref().map(|to| without_dots(to, directory))).collect();
        let mut was_killed = false;
        for top in tops.iter().filter(|top| top.is_relative()) {
            was_killed |= recover::recover(directory, top, &self.lock())?;
            crate::write::sweep(&directory.join(top).join(VENDOR_MARKER));
        }
        crate::write::sweep(&self.lock());
        Ok(was_killed)
    }

    /// Fetches what is not as the lock file says, and writes it.
    fn write(&self) -> ExitCode {
        let shown = Shown::from_here();
        let lock = shown.path(&self.lock());
        let _held = guard::hold(&self.roots.directory, || {
            let message = format!("waiting for another `kustom vendor`, which writes {lock}");
            self.format.note("vendor", &message);
        });
        match self.recover() {
            Ok(false) => {}
            Ok(true) => self.format.note(
                "vendor",
                "an earlier `kustom vendor` was ended in the middle: what it had begun is undone",
            ),
            Err(message) => return self.format.fail(&message),
        }
        let mut strays = Vec::new();
        if self.args.update.is_empty() && self.args.to.is_none() && has_lock(&self.roots.directory)
        {
            // What is there needs no network.
            match self.checked(true) {
                Ok(check)
                    if check.is_complete()
                        && check.failed.is_empty()
                        && check.local_charts.is_empty()
                        && check.used > 0 =>
                {
                    let used = count(check.used);
                    return self.format.print(&format!("{lock} is complete: {used}\n"));
                }
                Ok(check) => strays = check.strays,
                Err(error) => return self.format.error(&error),
            }
        }
        let Roots { asked, directory, others, .. } = &self.roots;
        self.tell_of_directories();
        let mut plan = VendorPlan::new(directory).update(self.args.update.clone());
        plan = plan.others(others);
        if let Some(to) = &self.args.to {
            let to = without_dots(to, directory);
            if to.as_os_str().is_empty() {
                return self.format.misused(
                    "--to names the directory of kustom.lock itself, and copies have a directory of their own, \
                     such as third_party/kustomize",
                );
            }
            plan = plan.to(to);
        }
        let vendored = match self.builder.vendor(asked, &plan) {
            Ok(vendored) => vendored,
            Err(error) => return self.format.error(&error),
        };
        self.tell_of_failures(&vendored);
        let has_failed = !vendored.is_whole();
        let is_hidden = self.tell_of_local_charts(&vendored.local_charts);
        if vendored.used == 0 && !has_lock(directory) {
            if has_failed || is_hidden {
                return ExitCode::FAILURE;
            }
            return self.format.print("nothing is used from elsewhere\n");
        }
        for path in &vendored.strange {
            let message = format!(
                "Warning: {} is not needed any more and stays, for it is no copy, or was changed: remove it if \
                 nothing in it is yours",
                shown.path(&directory.join(path))
            );
            self.format.note("vendor", &message);
        }
        // What is put into its place is no stray any more.
        strays.retain(|stray| {
            let mut places = vendored.places.iter().chain(&vendored.strange);
            !places.any(|place| place.starts_with(stray) || stray.starts_with(place))
        });
        for path in &strays {
            let message = format!(
                "Warning: {} lies among the copies and is not listed: remove it by hand if nothing in it is yours",
                shown.path(&directory.join(path))
            );
            self.format.note("vendor", &message);
        }
        if let Err(message) = put_in_place(directory, &vendored, &self.lock()) {
            return self.format.fail(&message);
        }
        for error in &vendored.in_the_way {
            self.format.error(error);
        }
        let mut text: String = vendored.changes.iter().map(line).collect();
        if text.is_empty() && !self.args.update.is_empty() && !vendored.is_empty() && !has_failed {
            text.push_str("nothing moved\n");
        }
        text.push_str(&match vendored.is_empty() {
            true => format!("{lock}: removed, for nothing is used from elsewhere\n"),
            false => format!("{lock}: {}\n", count(vendored.used)),
        });
        let printed = self.format.print(&text);
        self.tell_of_secrets(&vendored);
        self.tell_of_ignored(&vendored.top);
        self.tell_of_attributes(&vendored.for_git);
        self.tell_of_alike(vendored.copies.keys());
        let is_another = vendored.changes.iter().any(|change| change.content.is_some());
        if is_another {
            let message = "a commit or a version never changes what it holds: either the old copy was altered, or what \
                is elsewhere; compare both (`git diff`) before you commit the new copy";
            self.format.note("vendor", &format!("Warning: {message}"));
        }
        if !has_failed {
            let is_good = vendored.in_the_way.is_empty() && !is_hidden && !is_another;
            return if is_good { printed } else { ExitCode::FAILURE };
        }
        let message =
            "what the lock and its copies have stays, for what cannot be built may use it";
        self.format.note("vendor", message);
        ExitCode::FAILURE
    }
}

fn count(used: usize) -> String {
    match used {
        1 => "1 entry".to_owned(),
        used => format!("{used} entries"),
    }
}

/// Tells of a change in a line.
fn line(change: &VendorChange) -> String {
    let short = |id: &str| {
        let digits = id.strip_prefix("sha256:").unwrap_or(id);
        // A commit or a hash; the version of a chart counts to its end.
        let is_hash = digits.len() >= 40 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let shown = digits.get(..12).filter(|_| is_hash).unwrap_or(digits);
        visible_line(shown).into_owned()
    };
    // A lock file may come from a stranger.
    let what = masked(&change.what);
    let what = visible_line(&what);
    let named = |id: &str| match change.what.strip_suffix(id) {
        Some(start) if start.ends_with(" at ") => what.to_string(),
        _ => format!("{what} {}", short(id)),
    };
    match (&change.before, &change.after) {
        (Some(before), Some(after)) if before == after => match &change.content {
            Some((old, new)) => format!(
                "changed {}: other content under the same name, {} -> {}\n",
                named(after),
                short(old),
                short(new)
            ),
            None => format!("changed {}: other files are copied\n", named(after)),
        },
        (Some(before), Some(after)) => {
            format!("moved   {what} {} -> {}\n", short(before), short(after))
        }
        (None, Some(after)) => format!("added   {}\n", named(after)),
        (_, None) => {
            format!("removed {what} from {}\n", visible_line(&change.path.to_string_lossy()))
        }
    }
}

/// Removes what a path says in vain: `.`, slashes at the end, `..` behind a name, and the directory that it counts
/// from.
fn without_dots(path: &Path, directory: &Path) -> PathBuf {
    let clean = clean_path(path);
    let below = clean.strip_prefix(directory).unwrap_or(&clean);
    below.components().filter(|part| *part != Component::CurDir).collect()
}
