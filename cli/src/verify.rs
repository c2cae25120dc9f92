//! `kustom verify`: is the output the same as that of another kustomize?

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::iter;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, Parser, ValueEnum};
use kustom::{Builder, ErrorKind};
use serde_json::{Value, json};

use crate::args::{Cli, Command as Subcommand};
use crate::difference::Difference;
use crate::run_command::{self, Ended};
use crate::{build, output, parallel, roots};

/// The arguments of `verify`.
#[derive(Debug, Args)]
#[command(after_help = "Every directory with a kustomization file is built with kustom and with \
    COMMAND build DIR, and the bytes are compared. The managed-by label of a development build, \
    kustomize-(devel), counts as equal. What needs the network, helm or plugins is skipped. A \
    COMMAND named kubectl is run as kubectl kustomize DIR.\n\n\
    Exit codes: 0 all equal (or refused by both, or skipped), 1 there are differences or time-outs, \
    2 wrong usage, nothing found to compare, or COMMAND cannot be run.\n\n\
    Examples:\n  \
    kustom verify .\n  \
    kustom verify clusters apps --against ~/bin/kustomize-5.8.2 --quiet\n  \
    kustom verify . -- --load-restrictor LoadRestrictionsNone")]
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

    /// How to write the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// How many kustomizations to compare at the same time [default: one per CPU]
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,

    /// How long one build may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,

    /// How many lines of each side to show of a difference
    #[arg(long, value_name = "N", default_value_t = 5)]
    diff: usize,

    /// Leave out what is equal, refused by both, or skipped
    #[arg(short, long)]
    quiet: bool,

    /// Flags of `build` for both
    #[arg(last = true, value_name = "FLAGS")]
    flags: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line per kustomization, more for differences, and a summary
    Text,
    /// A JSON object with all results and the counts
    Json,
}

/// What comparing one kustomization gave.
#[derive(Debug)]
enum Outcome {
    Equal,
    BothRefuse { kustom: String, other: String },
    Differs(Difference),
    OnlyKustomRefuses(String),
    OnlyOtherRefuses(String),
    Skipped(String),
    TimedOut(&'static str),
}

struct Report {
    outcome: Outcome,
    kustom: Duration,
    other: Duration,
}

/// Compares all kustomizations and reports.
pub(crate) fn run(args: &VerifyArgs) -> ExitCode {
    let builder = match builder(&args.flags) {
        Ok(builder) => builder,
        Err(message) => return output::misused(&message),
    };
    let roots = match roots::find(&args.dirs) {
        Ok(roots) if roots.is_empty() => return output::misused("no kustomization found"),
        Ok(roots) => roots,
        Err(message) => return output::misused(&message),
    };
    let verify = Verify { args, builder };
    let mut reports = Vec::with_capacity(roots.len());
    let mut broken = None;
    let mut progress = Progress::new(roots.len());
    parallel::in_order(
        &roots,
        args.jobs.unwrap_or_else(parallel::default_jobs),
        |root| verify.compare(root),
        |root| progress.step(root),
        |root, report| match report {
            Ok(report) => {
                reports.push((root, report));
                ControlFlow::Continue(())
            }
            Err(e) => {
                broken = Some(e);
                ControlFlow::Break(())
            }
        },
    );
    progress.end();
    if let Some(e) = broken {
        return output::misused(&format!("cannot run {}: {e}", args.against.display()));
    }
    let text = match args.format {
        Format::Text => verify.as_text(&reports),
        Format::Json => verify.as_json(&reports),
    };
    let written = output::print(&text);
    if reports.iter().any(|(_, report)| report.outcome.is_trouble()) {
        return ExitCode::FAILURE;
    }
    written
}

/// Returns a builder with the flags of `build` that are given for both.
fn builder(flags: &[OsString]) -> Result<Builder, String> {
    let words = ["kustom", "build"].map(OsString::from);
    let parsed = Cli::try_parse_from(words.into_iter().chain(flags.iter().cloned()));
    match parsed.map_err(|e| e.to_string().trim_start_matches("error: ").to_owned())?.command {
        Subcommand::Build(args) if args.dir == Path::new(".") && args.output.is_none() => {
            build::builder(&args)
        }
        _ => Err("only flags that change the output may follow --".to_owned()),
    }
}

/// What all comparisons have in common.
struct Verify<'a> {
    args: &'a VerifyArgs,
    builder: Builder,
}

impl Verify<'_> {
    /// Builds one kustomization with both; fails if the other program cannot be started.
    fn compare(&self, root: &Path) -> io::Result<Report> {
        let start = Instant::now();
        let ours = self.build(root);
        let kustom = start.elapsed();
        let report = |outcome, other| Ok(Report { outcome, kustom, other });
        let ours = match ours {
            Ours::TimedOut => return report(Outcome::TimedOut("kustom"), Duration::ZERO),
            // Not even tried with the other one: it might reach for the network.
            Ours::External(reason) => return report(Outcome::Skipped(reason), Duration::ZERO),
            Ours::Built(ours) => ours,
        };
        let start = Instant::now();
        let theirs = run_command::run(self.command(root), Duration::from_secs(self.args.timeout))?;
        let other = start.elapsed();
        let outcome = match (ours, theirs) {
            (_, Ended::TimedOut) => Outcome::TimedOut("other"),
            (Ok(ours), Ended::Success(theirs)) => self.compare_bytes(&ours, theirs),
            (Ok(_), Ended::Failure(message)) => Outcome::OnlyOtherRefuses(message),
            (Err(message), Ended::Success(_)) => Outcome::OnlyKustomRefuses(message),
            (Err(kustom), Ended::Failure(other)) => Outcome::BothRefuse { kustom, other },
        };
        report(outcome, other)
    }

    /// Builds on a thread of its own, so that neither a fault nor a hang of one build ends all.
    fn build(&self, root: &Path) -> Ours {
        let (sender, receiver) = mpsc::channel();
        let (builder, root) = (self.builder.clone(), root.to_owned());
        thread::spawn(move || {
            _ = sender.send(match builder.build(root) {
                Ok(build) => Ours::Built(Ok(build.to_string())),
                Err(e) if e.kind() == ErrorKind::External => Ours::External(e.message().to_owned()),
                Err(e) => Ours::Built(Err(e.to_string())),
            });
        });
        match receiver.recv_timeout(Duration::from_secs(self.args.timeout)) {
            Ok(ours) => ours,
            Err(RecvTimeoutError::Timeout) => Ours::TimedOut,
            Err(RecvTimeoutError::Disconnected) => {
                Ours::Built(Err("kustom crashed; please report this".to_owned()))
            }
        }
    }

    fn command(&self, root: &Path) -> Command {
        let mut command = Command::new(&self.args.against);
        let is_kubectl = self.args.against.file_stem().is_some_and(|name| name == "kubectl");
        command.arg(if is_kubectl { "kustomize" } else { "build" });
        command.args(&self.args.flags).arg(root);
        command
    }

    fn compare_bytes(&self, ours: &str, theirs: Vec<u8>) -> Outcome {
        if ours.as_bytes() == theirs {
            return Outcome::Equal;
        }
        let theirs = String::from_utf8_lossy(&theirs);
        let theirs = theirs.replace("kustomize-(devel)", "kustomize-v5.8.2");
        match Difference::between(ours, &theirs, self.args.diff) {
            None => Outcome::Equal,
            Some(difference) => Outcome::Differs(difference),
        }
    }

    /// Returns what to call the other program.
    fn other(&self) -> String {
        self.args.against.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn as_text(&self, reports: &[(&PathBuf, Report)]) -> String {
        let other = self.other();
        let mut out = String::new();
        for (root, report) in reports {
            let outcome = &report.outcome;
            if self.args.quiet && !outcome.is_trouble() {
                continue;
            }
            out.push_str(&format!("{:<14} {}\n", outcome.name(), root.display()));
            // What both refuse is fine; a line of each is enough to see that it is for the same reason.
            let most = if outcome.is_trouble() { MOST_LINES } else { 1 };
            let mut said = |who: &str, message: &str| {
                for (i, line) in message.trim_end().lines().take(most).enumerate() {
                    let start = if i == 0 { format!("{who}: ") } else { "  ".to_owned() };
                    out.push_str(&format!("    {start}{line}\n"));
                }
            };
            match outcome {
                Outcome::Equal => {}
                Outcome::TimedOut(who) => {
                    let who = if *who == "other" { &other } else { *who };
                    said(who, &format!("not done after {} s", self.args.timeout));
                }
                Outcome::BothRefuse { kustom, other: theirs } => {
                    said("kustom", kustom);
                    said(&other, theirs);
                }
                Outcome::OnlyKustomRefuses(message) => said("kustom", message),
                Outcome::OnlyOtherRefuses(message) => said(&other, message),
                Outcome::Skipped(reason) => said("needs more than files", reason),
                Outcome::Differs(difference) => {
                    out.push_str(&format!(
                        "    {}, {other} (-) and kustom (+):\n",
                        difference.place
                    ));
                    let theirs = difference.theirs.iter().map(|line| ('-', line));
                    for (sign, line) in theirs.chain(difference.ours.iter().map(|l| ('+', l))) {
                        out.push_str(&format!("    {sign} {line}\n"));
                    }
                }
            }
        }
        let (ours, theirs) = times(reports);
        let counts: Vec<String> =
            counts(reports).into_iter().map(|(name, n)| format!("{n} {name}")).collect();
        out.push_str(&format!(
            "{} kustomizations: {}; kustom {ours:.2} s (in this process), {other} {theirs:.2} s\n",
            reports.len(),
            counts.join(", "),
        ));
        out
    }

    fn as_json(&self, reports: &[(&PathBuf, Report)]) -> String {
        let shown = reports.iter().filter(|(_, r)| !self.args.quiet || r.outcome.is_trouble());
        let results: Vec<Value> = shown.map(|(root, report)| report.as_json(root)).collect();
        let counts: serde_json::Map<_, _> =
            counts(reports).into_iter().map(|(name, n)| (name.to_owned(), n.into())).collect();
        let (kustom, other) = times(reports);
        let all = json!({
            "against": self.args.against.to_string_lossy(),
            "results": results,
            "counts": counts,
            "seconds": {"kustom": kustom, "other": other},
        });
        format!("{all:#}\n")
    }
}

/// What our side gave.
enum Ours {
    Built(Result<String, String>),
    External(String),
    TimedOut,
}

/// Of a message, not more lines than these are shown as text.
const MOST_LINES: usize = 6;

impl Outcome {
    fn name(&self) -> &'static str {
        match self {
            Outcome::Equal => "equal",
            Outcome::BothRefuse { .. } => "both refuse",
            Outcome::Differs(_) => "differs",
            Outcome::OnlyKustomRefuses(_) => "kustom refuses",
            Outcome::OnlyOtherRefuses(_) => "other refuses",
            Outcome::Skipped(_) => "skipped",
            Outcome::TimedOut(_) => "timed out",
        }
    }

    /// Tells whether it was not shown that both do the same.
    fn is_trouble(&self) -> bool {
        !matches!(self, Outcome::Equal | Outcome::BothRefuse { .. } | Outcome::Skipped(_))
    }
}

impl Report {
    fn as_json(&self, root: &Path) -> Value {
        let mut all = json!({
            "directory": root.to_string_lossy(),
            "outcome": self.outcome.name(),
            "seconds": {"kustom": self.kustom.as_secs_f64(), "other": self.other.as_secs_f64()},
        });
        let detail = match &self.outcome {
            Outcome::Equal => return all,
            Outcome::BothRefuse { kustom, other } => json!({"kustom": kustom, "other": other}),
            Outcome::OnlyKustomRefuses(message) => json!({"kustom": message}),
            Outcome::OnlyOtherRefuses(message) => json!({"other": message}),
            Outcome::Skipped(reason) => json!({"reason": reason}),
            Outcome::TimedOut(who) => json!({"who": who}),
            Outcome::Differs(difference) => json!({
                "line": difference.line,
                "resource": difference.resource,
                "kustom": difference.ours,
                "other": difference.theirs,
            }),
        };
        if let Some(all) = all.as_object_mut() {
            all.insert("detail".to_owned(), detail);
        }
        all
    }
}

/// Returns how many there are of each outcome, most welcome first.
fn counts(reports: &[(&PathBuf, Report)]) -> Vec<(&'static str, usize)> {
    let order = [
        "equal",
        "both refuse",
        "skipped",
        "differs",
        "kustom refuses",
        "other refuses",
        "timed out",
    ];
    let count = |name: &str| reports.iter().filter(|(_, r)| r.outcome.name() == name).count();
    iter::zip(order, order.map(count)).filter(|(_, n)| *n > 0).collect()
}

/// Returns the seconds that both took, all builds together.
fn times(reports: &[(&PathBuf, Report)]) -> (f64, f64) {
    let sum = |time: fn(&Report) -> Duration| {
        reports.iter().map(|(_, r)| time(r)).sum::<Duration>().as_secs_f64()
    };
    (sum(|r| r.kustom), sum(|r| r.other))
}

/// A line on stderr that says how far it is, if somebody watches.
struct Progress {
    all: usize,
    done: usize,
    on: bool,
}

impl Progress {
    fn new(all: usize) -> Progress {
        Progress { all, done: 0, on: io::stderr().is_terminal() }
    }

    fn step(&mut self, root: &Path) {
        self.done += 1;
        if self.on {
            let (done, all) = (self.done, self.all);
            _ = write!(io::stderr(), "\r\x1b[K{done}/{all} {}", root.display());
        }
    }

    fn end(&self) {
        if self.on {
            _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
