//! The flags that limit what a command may use, and where it may read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use kustom::{Builder, Cancel, FileSystem, Limits};
use kustom_host::process;
use kustom_host::remote::FetchLimits;
use kustom_host::scratch::Scratch;

use crate::hidden_lock::HiddenLock;
use crate::interrupt;
use crate::output;
use crate::remembered::RememberedFs;
use crate::report::ErrorFormat;
use crate::words::Words;

/// The heading that the flags have in the help.
const HEADING: &str = "Limits";

/// The flags of all commands that render.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct BoundsArgs {
    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    /// Give up after this time, such as 500ms, 30s or 2m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
}

/// The flags of what a build takes and starts.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct LimitArgs {
    /// How much a build may use before it is refused
    #[arg(long, value_enum, value_name = "SET", default_value_t = LimitSet::Default,
          overrides_with = "limits")]
    limits: LimitSet,

    /// How long helm, a function, or all git commands for a tree may take, in seconds [default: 120; 600 to
    /// fetch a tree, 27 to fetch a file]
    #[arg(long, value_name = "SECONDS", overrides_with = "process_timeout",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    process_timeout: Option<u64>,
}

/// How much a build may take.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LimitSet {
    /// Enough for any ordinary repository: 64 MiB per file and for the output
    Default,
    /// For input from strangers: a few MiB in and out
    Untrusted,
    /// No limits: only for input you wrote yourself
    None,
}

impl BoundsArgs {
    /// Lets the time begin of all that a command does; `failed` is its exit code once it is over.
    pub(crate) fn start(&self, failed: u8, format: ErrorFormat) {
        static ALARM: OnceLock<()> = OnceLock::new();
        if let Some(time) = self.timeout {
            ALARM.get_or_init(|| alarm(time, failed, format));
        }
    }

    /// Returns the builder within the bounds.
    pub(crate) fn apply(&self, builder: Builder) -> Builder {
        self.limits.apply(builder)
    }
}

impl LimitArgs {
    /// Returns the builder within the limits.
    pub(crate) fn apply(&self, builder: Builder) -> Builder {
        builder.cancel(cancel()).limits(self.set())
    }

    /// Returns how much a build may use.
    pub(crate) fn set(&self) -> Limits {
        match self.limits {
            LimitSet::Default => Limits::default(),
            LimitSet::Untrusted => Limits::untrusted(),
            LimitSet::None => Limits::none(),
        }
    }

    /// Returns what a program may use that a command starts.
    pub(crate) fn process(&self) -> process::Limits {
        let limits = process::Limits::default();
        let limits = self.process_time().map_or(limits, |time| limits.time(time));
        match self.limits {
            LimitSet::None => limits.output(usize::MAX).memory(u64::MAX),
            LimitSet::Default | LimitSet::Untrusted => limits,
        }
    }

    /// Returns what a fetch may take.
    pub(crate) fn fetch(&self) -> FetchLimits {
        let mut limits = match self.limits {
            LimitSet::Default | LimitSet::None => FetchLimits::default(),
            LimitSet::Untrusted => FetchLimits::untrusted(),
        };
        if let Some(time) = self.process_time() {
            (limits.tree_time, limits.file_time) = (time, time);
        }
        if matches!(self.limits, LimitSet::None) {
            limits.tree_bytes = u64::MAX;
            limits.tree_files = usize::MAX;
            limits.file_bytes = u64::MAX;
        }
        limits
    }

    /// Returns the flags as they could be written.
    pub(crate) fn words(&self) -> Words {
        let mut words = Words::default();
        words.value(
            "--limits",
            self.limits.to_possible_value().map(|set| set.get_name().to_owned()),
        );
        words.value("--process-timeout", self.process_timeout.map(|time| time.to_string()));
        words
    }

    fn process_time(&self) -> Option<Duration> {
        self.process_timeout.map(Duration::from_secs)
    }
}

/// The flag of the commands that render folders of the disk.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct RootArgs {
    /// Read no file outside of this directory, wherever paths, links and bases lead
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

impl RootArgs {
    /// Returns `true` if there is such a directory.
    pub(crate) fn is_given(&self) -> bool {
        self.root.is_some()
    }

    /// Has repositories of this machine lie below the directory too, whatever is made of the flags later.
    pub(crate) fn bind(&self) {
        if let Some(root) = &self.root {
            ROOT.get_or_init(|| root.clone());
        }
    }

    /// Returns the builder with files that others look at too, if it may read all of them.
    pub(crate) fn remember(&self, builder: Builder, files: &RememberedFs) -> Builder {
        if self.root.is_some() { builder } else { builder.file_system(files.clone()) }
    }

    /// Returns the builder with no other files than these, or why there is none. What fetches is still to be added.
    pub(crate) fn apply(&self, builder: Builder) -> Result<Builder, String> {
        self.bind();
        let Some(root) = &self.root else { return Ok(builder) };
        let builder = rooted(root, builder)?;
        Ok(match HiddenLock::above(root) {
            Some(hidden) => builder.remotes(Arc::new(hidden)),
            None => builder,
        })
    }
}

/// The one directory that may be read, of the one command of this process.
static ROOT: OnceLock<PathBuf> = OnceLock::new();

/// Returns the one directory that may be read, if there is one.
pub(crate) fn only_directory() -> Option<&'static Path> {
    ROOT.get().map(PathBuf::as_path)
}

/// Returns the builder with no other files than those below a directory, or why there is none.
pub(crate) fn rooted(root: &Path, builder: Builder) -> Result<Builder, String> {
    files_below(root).map(|files| builder.file_system(files))
}

/// Returns the files below a directory, or why they cannot be kept apart.
#[cfg(unix)]
pub(crate) fn files_below(root: &Path) -> Result<impl FileSystem + 'static, String> {
    kustom::DiskFs::rooted(root).map_err(|e| format!("--root {}: {e}", root.display()))
}

#[cfg(not(unix))]
pub(crate) fn files_below(_: &Path) -> Result<kustom::DiskFs, String> {
    Err("--root: this system has no way to open files from an open directory".to_owned())
}

/// Returns what stops all that the one command of this process builds, starts and fetches.
pub(crate) fn cancel() -> &'static Cancel {
    static CANCEL: OnceLock<Cancel> = OnceLock::new();
    CANCEL.get_or_init(Cancel::new)
}

static SCRATCH: OnceLock<Scratch> = OnceLock::new();

/// Removes the temporary folder, at the end of the command.
pub(crate) fn end() {
    if let Some(scratch) = SCRATCH.get() {
        scratch.remover()();
    }
}

/// Returns the temporary folder of what the command starts and fetches, which an interrupt removes.
pub(crate) fn scratch() -> &'static Scratch {
    SCRATCH.get_or_init(|| {
        let scratch = Scratch::new();
        interrupt::watch(cancel(), &scratch);
        scratch
    })
}

/// How long a command that is out of time may take to come to its end.
const GRACE: Duration = Duration::from_secs(2);

/// Has the command stopped after some time, also where it waits for the system and asks nobody. One that writes its
/// result already goes on.
fn alarm(time: Duration, failed: u8, format: ErrorFormat) {
    let wait = move || {
        thread::sleep(time);
        let why = format!("it took longer than {time:?} (--timeout)");
        cancel().stop_because(why.clone());
        thread::sleep(GRACE);
        if !output::has_begun() {
            scratch().remover()();
            _ = format.fail(&why);
            std::process::exit(failed.into());
        }
    };
    if thread::Builder::new().spawn(wait).is_err() {
        cancel().stop_because("no thread can be started that looks at the time (--timeout)");
    }
}

/// Reads a time such as `30s`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a number and its unit are wanted: ms, s, m or h, as in `30s`".to_owned();
    let unit = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => None,
    };
    match milliseconds {
        Some(0) | None => Err(wrong()),
        Some(milliseconds) => Ok(Duration::from_millis(milliseconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, milliseconds) in
            [("500ms", 500), ("30s", 30_000), ("2m", 120_000), ("1h", 3_600_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in [
            "",
            "30",
            "s",
            "0s",
            "-1s",
            "1.5s",
            "1d",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
