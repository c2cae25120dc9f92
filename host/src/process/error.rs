//! Why a program did not come to an end of its own.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::time::Duration;

use kustom::Cancel;
use kustom::outside::{Failure, FailureKind};

use crate::duration;

/// Why a program did not come to an end of its own.
#[derive(Clone, Debug)]
pub struct ProcessError {
    program: OsString,
    why: Why,
}

#[derive(Clone, Debug)]
pub(super) enum Why {
    NotStarted(io::ErrorKind, String),
    TooLong(Duration),
    TooMuch(usize),
    TooLarge(u64),
    CutShort,
    HeldOpen,
    Cancelled(Failure),
    Lost(String),
}

impl Why {
    pub(super) fn cancelled(cancel: &Cancel) -> Why {
        Why::Cancelled(Failure::cancelled(cancel))
    }
}

impl ProcessError {
    pub(super) fn new(program: &OsStr, why: Why) -> ProcessError {
        ProcessError { program: program.to_owned(), why }
    }

    /// Returns `true` if there is no such program.
    pub fn is_missing(&self) -> bool {
        matches!(self.why, Why::NotStarted(io::ErrorKind::NotFound, _))
    }

    /// Returns `true` if it reached a limit.
    pub fn is_limit(&self) -> bool {
        matches!(self.why, Why::TooLong(_) | Why::TooMuch(_) | Why::TooLarge(_))
    }

    /// Returns `true` if it took too long.
    pub fn is_too_long(&self) -> bool {
        matches!(self.why, Why::TooLong(_))
    }

    /// Returns `true` if it was not to go on; see [`Program::run_while`](super::Program::run_while).
    pub fn is_cut_short(&self) -> bool {
        matches!(self.why, Why::CutShort)
    }

    /// Returns what a build is told, with what helps.
    pub(crate) fn failure(&self) -> Failure {
        let failure = |kind| Failure::new(kind, self.to_string());
        match &self.why {
            Why::NotStarted(..) => failure(FailureKind::Missing),
            Why::TooLong(_) => {
                failure(FailureKind::Limit).hint("--process-timeout allows more time")
            }
            Why::TooMuch(_) | Why::TooLarge(_) => {
                failure(FailureKind::Limit).hint("--limits none lifts this limit")
            }
            Why::Cancelled(cancelled) => cancelled.clone(),
            Why::HeldOpen => failure(FailureKind::Failed)
                .hint("what it starts in the background has to close its output, as `>&-` does in a shell"),
            Why::CutShort | Why::Lost(_) => failure(FailureKind::Failed),
        }
    }
}

impl std::error::Error for ProcessError {}

impl fmt::Display for ProcessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.program.to_string_lossy();
        match &self.why {
            // Upstream's words for both.
            Why::NotStarted(io::ErrorKind::NotFound, _) if program.contains('/') => {
                write!(f, "fork/exec {program}: no such file or directory")
            }
            Why::NotStarted(io::ErrorKind::NotFound, _) => {
                write!(f, "exec: \"{program}\": executable file not found in $PATH")
            }
            Why::NotStarted(_, message) => write!(f, "starting {program}: {message}"),
            Why::TooLong(time) => {
                write!(f, "{program} was stopped: no end after {}", duration::go(*time))
            }
            Why::TooMuch(bytes) => {
                write!(f, "{program} was stopped: more than {bytes} bytes of output")
            }
            Why::TooLarge(bytes) => {
                write!(f, "{program} was stopped: more than {bytes} bytes in memory")
            }
            Why::HeldOpen => write!(
                f,
                "{program} has ended, and something that it has started holds its output open: all of it was stopped"
            ),
            Why::CutShort => write!(f, "{program} was stopped"),
            Why::Cancelled(failure) => f.write_str(failure.message()),
            Why::Lost(message) => write!(f, "waiting for {program}: {message}"),
        }
    }
}
