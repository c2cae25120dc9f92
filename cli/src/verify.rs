//! `kustom verify`: compares the output with that of another kustomize.

use std::cell::Cell;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use kustom::diff::SecretValues;
use kustom::outside::FunctionRunner;
use kustom::text::visible_line;
use kustom::{Builder, DiskFs, ErrorKind, FileSystem, Inputs};
use kustom_host::functions::Functions;
use kustom_host::process::{Finished, Limits, ProcessError, Program};

use kustom::vendor::LOCK_FILE;

use crate::bounds::{self, LimitArgs};
use crate::config::Config;
use crate::difference::Difference;
use crate::exclude::Excluded;
use crate::flags::BuildArgs;
use crate::outside::Switches;
use crate::program_runs::ProgramRuns;
use crate::report::ErrorFormat;
use crate::verify_report::{Compared, Outcome, Report};
use crate::words::Words;
use crate::{build, parallel, roots};

/// The arguments of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Builds every directory with a kustomization file with kustom and with COMMAND build DIR, and \
    compares the bytes. The managed-by label of a development build, kustomize-(devel), counts as equal. \
    Roots that need helm, functions or remote trees are skipped unless these are switched on; then COMMAND \
    gets the flags that it knows. It fetches without asking, and leaves the charts that it fetches in the \
    tree. A COMMAND named kubectl is run as kubectl kustomize DIR, which runs no programs as functions.\n\n\
    Exit codes: 0 all equal (or refused by both, or skipped), 1 differences or timeouts, 2 wrong usage, \
    nothing found to compare, or COMMAND cannot be run.\n\n\
    Examples:\n  \
    kustom verify .\n  \
    kustom verify clusters apps --against ~/bin/kustomize-5.8.2 --quiet\n  \
    kustom verify . --enable-helm --allow-remote\n  \
    kustom verify . -- --load-restrictor LoadRestrictionsNone"
)]
pub(crate) struct VerifyArgs {
    /// The directories to search for kustomizations
    #[arg(required = true, value_name = "DIR")]
    dirs: Vec<PathBuf>,

    /// The kustomize to compare with
    #[arg(
        long,
        env = "KUSTOMIZE",
        hide_env_values = true,
        value_name = "COMMAND",
        default_value = "kustomize"
    )]
    against: PathBuf,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// How many kustomizations to compare at the same time [default: one per CPU]
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,

    /// How long one build may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,

    /// How many lines of each side of a difference to show
    #[arg(long, value_name = "N", default_value_t = 5)]
    diff: usize,

    /// Do not list what is equal, refused by both, or skipped
    #[arg(short, long)]
    quiet: bool,

    /// Flags of `build` to pass to both
    #[arg(last = true, value_name = "FLAGS")]
    flags: Vec<OsString>,

    #[command(flatten)]
    switches: Switches,

    #[command(flatten)]
    limits: LimitArgs,
}

impl VerifyArgs {
    /// Returns all flags for building, those behind `--` last.
    fn build_words(&self) -> Vec<OsString> {
        let parts = [self.switches.words(), self.switches.own_words(), self.limits.words()];
        parts.into_iter().flat_map(Words::joined).chain(self.flags.iter().cloned()).collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line per kustomization, more for differences, and a summary
    Text,
    /// A JSON object with all results and the counts
    Json,
}

/// Compares all kustomizations and reports; `read_flags` reads flags of `build`.
pub(crate) fn run(
    args: &VerifyArgs,
    config: &Config,
    read_flags: fn(&[OsString]) -> Result<BuildArgs, String>,
    format: ErrorFormat,
) -> ExitCode {
    let flags = read_flags(&args.build_words());
    let (flags, builder) = match flags.and_then(|flags| Ok((build::builder(&flags)?, flags))) {
        Ok((builder, flags)) => (flags, builder),
        Err(message) => return format.misused(&message),
    };
    let roots = match roots::find(&args.dirs, &Excluded::new(&config.search.exclude), format) {
        Ok(roots) if roots.is_empty() => return format.misused("no kustomization found"),
        Ok(roots) => roots,
        Err(message) => return format.misused(&message),
    };
    let timeout = Duration::from_secs(args.timeout);
    let is_kubectl = args.against.file_stem().is_some_and(|name| name == "kubectl");
    let programs = match flags.outside.functions() {
        Ok(functions) => functions.filter(|it| is_kubectl && it.runs_programs()).map(Arc::new),
        Err(message) => return format.misused(&message),
    };
    let tree = RwLock::new(());
    let verify = Verify { args, flags, builder, is_kubectl, programs, timeout, tree };
    let mut report =
        Report { against: &args.against, timeout, quiet: args.quiet, compared: Vec::new() };
    let mut broken = None;
    let progress = Progress::new(roots.len());
    parallel::in_order(
        &roots,
        args.jobs.unwrap_or_else(parallel::default_jobs),
        |root| verify.compare(root),
        |root| progress.step(root),
        |root, result| match result {
            Ok(compared) => {
                if args.format == Format::Text {
                    progress.clear();
                    format.print(&report.entry(root, &compared.outcome));
                }
                report.compared.push((root, compared));
                ControlFlow::Continue(())
            }
            Err(e) => {
                broken = Some(e);
                ControlFlow::Break(())
            }
        },
    );
    progress.clear();
    if let Some(e) = broken {
        return format.misused(&format!("cannot run {}: {e}", args.against.display()));
    }
    let written = match args.format {
        Format::Text => format.print(&report.summary()),
        Format::Json => format.print_json(&report.as_json()),
    };
    if report.has_trouble() { ExitCode::FAILURE } else { written }
}

/// What all comparisons have in common.
struct Verify<'a> {
    args: &'a VerifyArgs,
    /// The flags of both.
    flags: BuildArgs,
    builder: Builder,
    is_kubectl: bool,
    /// What runs programs, if the other one runs none.
    programs: Option<Arc<Functions>>,
    timeout: Duration,
    /// Who writes into the tree has it for himself.
    tree: RwLock<()>,
}

impl Verify<'_> {
    /// Builds one kustomization with both; fails if the other program cannot be started.
    fn compare(&self, root: &Path) -> Result<Compared, ProcessError> {
        let reading = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        let start = Instant::now();
        let ours = self.build(root);
        let kustom = start.elapsed();
        drop(reading);
        let compared = |outcome, other| Ok(Compared { outcome, kustom, other });
        let ours = match ours {
            Ours::TimedOut => return compared(Outcome::KustomTimedOut, Duration::ZERO),
            // Not even tried with the other one: it might reach for the network.
            Ours::External(reason) => return compared(Outcome::Skipped(reason), Duration::ZERO),
            Ours::Crashed => {
                let message = "it crashed; please report this".to_owned();
                return compared(Outcome::OnlyKustomRefuses(message), Duration::ZERO);
            }
            Ours::Built { result, inputs, has_programs } => (result, inputs, has_programs),
        };
        let (ours, inputs, has_programs) = ours;
        let remote = &self.flags.outside.switches.remote;
        if ours.is_ok() && remote.is_nothing() && uses_copies(root, &inputs) {
            let reason =
                "it uses copies of what is elsewhere, which --allow-remote lets both fetch";
            return compared(Outcome::Skipped(reason.to_owned()), Duration::ZERO);
        }
        if self.programs.is_some() && has_programs {
            let reason = "it has functions that are programs, and kubectl knows no --enable-exec";
            return compared(Outcome::Skipped(reason.to_owned()), Duration::ZERO);
        }
        let (theirs, other) = self.run(root, &inputs);
        let theirs = match theirs {
            Ok(finished) if finished.status.success() => Ok(finished.stdout),
            Ok(finished) => Err(refusal(&finished)),
            Err(e) if e.is_too_long() => return compared(Outcome::OtherTimedOut, other),
            Err(e) => return Err(e),
        };
        let outcome = match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => match self.compare_bytes(&ours, theirs, &inputs) {
                Outcome::Differs { difference, .. } => {
                    Outcome::Differs { difference, is_locked: is_locked(root, &inputs) }
                }
                same => same,
            },
            (Ok(_), Err(message)) => Outcome::OnlyOtherRefuses(masked(&message, &inputs)),
            (Err(message), Ok(_)) => Outcome::OnlyKustomRefuses(message),
            (Err(kustom), Err(other)) => {
                Outcome::BothRefuse { kustom, other: masked(&other, &inputs) }
            }
        };
        compared(outcome, other)
    }

    /// Runs the other program, and says how long it took.
    fn run(&self, root: &Path, inputs: &Inputs) -> (Result<Finished, ProcessError>, Duration) {
        // It fetches charts into the tree, where nobody else is to fetch or read them meanwhile.
        let is_writing = !inputs.charts().is_empty();
        let (_writing, _reading) = match is_writing {
            true => (Some(self.tree.write().unwrap_or_else(PoisonError::into_inner)), None),
            false => (None, Some(self.tree.read().unwrap_or_else(PoisonError::into_inner))),
        };
        let limits = Limits::default().time(self.timeout).output(usize::MAX).memory(u64::MAX);
        let start = Instant::now();
        (self.program(root).run(b"", &limits), start.elapsed())
    }

    /// Builds on a thread of its own, so that neither a fault nor a hang of one build ends all.
    fn build(&self, root: &Path) -> Ours {
        let (sender, receiver) = mpsc::channel();
        let (mut builder, root) = (self.builder.clone(), root.to_owned());
        let programs = self.programs.clone().map(ProgramRuns::new);
        if let Some(programs) = &programs {
            builder = builder.functions(Arc::new(programs.clone()));
        }
        thread::spawn(move || {
            let (build, inputs) = builder.build_with_inputs(root);
            let result = match build {
                Ok(build) => Ok(build.to_string()),
                Err(e) if e.kind() == ErrorKind::External => {
                    _ = sender.send(Ours::External(e.message().to_owned()));
                    return;
                }
                Err(e) => Err(e.to_string()),
            };
            let has_programs = programs.is_some_and(|programs| programs.any());
            _ = sender.send(Ours::Built { result, inputs, has_programs });
        });
        match receiver.recv_timeout(self.timeout) {
            Ok(ours) => ours,
            Err(RecvTimeoutError::Timeout) => Ours::TimedOut,
            Err(RecvTimeoutError::Disconnected) => Ours::Crashed,
        }
    }

    fn program(&self, root: &Path) -> Program {
        let words = match self.is_kubectl {
            true => self.flags.words().without("--enable-exec"),
            false => self.flags.words(),
        };
        Program::new(&self.args.against)
            .arg(if self.is_kubectl { "kustomize" } else { "build" })
            .args(words.apart())
            .arg(root)
            .cancel(bounds::cancel())
    }

    fn compare_bytes(&self, ours: &str, theirs: Vec<u8>, inputs: &Inputs) -> Outcome {
        if ours.as_bytes() == theirs {
            return Outcome::Equal;
        }
        let theirs = String::from_utf8_lossy(&theirs);
        let theirs = theirs.replace("kustomize-(devel)", "kustomize-v5.8.2");
        match Difference::between(ours, &theirs, self.args.diff) {
            None => Outcome::Equal,
            Some(mut difference) => {
                let outputs =
                    [ours, &theirs].map(|text| (PathBuf::new(), text.as_bytes().to_vec()));
                let secrets = SecretValues::of(contents(inputs).chain(outputs));
                for line in difference.ours.iter_mut().chain(&mut difference.theirs) {
                    *line = secrets.redact(line).unwrap_or_else(|| std::mem::take(line));
                }
                Outcome::Differs { difference, is_locked: false }
            }
        }
    }
}

/// Returns the files that a build has read.
fn contents(inputs: &Inputs) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
    inputs.files().filter_map(|file| Some((file.to_path_buf(), DiskFs.read(file).ok()?)))
}

/// Returns what the other program says, without passwords in addresses and the values of Secrets.
fn masked(message: &str, inputs: &Inputs) -> String {
    let message = kustom::text::masked(message);
    let is_there = |path: &Path| DiskFs.kind(path).is_ok();
    let secrets = SecretValues::of_all(contents(inputs), &is_there);
    secrets.redact(&message).unwrap_or_else(|| message.into_owned())
}

/// Returns `true` if a build has taken copies that a lock file lists, which the other one would fetch.
fn uses_copies(root: &Path, inputs: &Inputs) -> bool {
    has_lock(root) && !inputs.remotes().is_empty()
}

/// Returns `true` if a lock file says for a build what comes from elsewhere, which the other one fetches as it is now.
fn is_locked(root: &Path, inputs: &Inputs) -> bool {
    uses_copies(root, inputs) || has_lock(root) && !inputs.charts().is_empty()
}

fn has_lock(root: &Path) -> bool {
    let root = root.canonicalize().unwrap_or_default();
    root.ancestors().any(|above| above.join(LOCK_FILE).exists())
}

/// Returns what a program said that failed.
fn refusal(finished: &Finished) -> String {
    let message = finished.stderr_text();
    match message.trim().trim_start_matches("Error: ") {
        "" => finished.ending(),
        message => message.to_owned(),
    }
}

/// What our side gave.
enum Ours {
    Built {
        result: Result<String, String>,
        inputs: Inputs,
        /// Whether a function was a program, if that was noted.
        has_programs: bool,
    },
    External(String),
    TimedOut,
    Crashed,
}

/// A line on stderr that says how far it is, if somebody watches.
struct Progress {
    all: usize,
    done: Cell<usize>,
    on: bool,
}

impl Progress {
    fn new(all: usize) -> Progress {
        Progress { all, done: Cell::new(0), on: io::stderr().is_terminal() }
    }

    fn step(&self, root: &Path) {
        self.done.set(self.done.get() + 1);
        if self.on {
            let (done, all) = (self.done.get(), self.all);
            _ = write!(
                io::stderr(),
                "\r\x1b[K{done}/{all} {}",
                visible_line(&root.to_string_lossy())
            );
        }
    }

    fn clear(&self) {
        if self.on {
            _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
