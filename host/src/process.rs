//! Starts programs; nothing else does.
//!
//! No shell is asked, nothing reads what the caller's stdin has, and neither time nor output is without
//! end.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kustom::Cancel;

mod error;
mod family;
mod limits;
mod lookup;
mod memory;
mod wait;

pub use error::ProcessError;
use error::Why;
use family::Family;
pub use limits::{Limits, MAX_STDERR};
pub(crate) use lookup::find as find_program;
pub use wait::Finished;

/// A program that is to run, with its arguments and its surroundings.
#[derive(Clone, Debug)]
pub struct Program {
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, Option<OsString>)>,
    directory: Option<PathBuf>,
    cancel: Cancel,
    grace: Duration,
}

/// How many programs are running.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Counts a program as running, until it and what it has started are stopped or have ended.
struct Running;

impl Running {
    fn new() -> Running {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        Running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Returns `true` while a program is running, or is being stopped with what it has started.
pub fn are_running() -> bool {
    RUNNING.load(Ordering::SeqCst) > 0
}

impl Program {
    /// Returns a program without arguments: a path, or a name that is looked up in `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Program {
        Program {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            variables: Vec::new(),
            directory: None,
            cancel: Cancel::default(),
            grace: Duration::ZERO,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Program {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Program {
        self.arguments.extend(arguments.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    /// Sets a variable of the environment, which is else that of this process.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Program {
        self.variables.push((name.as_ref().to_owned(), Some(value.as_ref().to_owned())));
        self
    }

    /// Takes a variable out of the environment.
    #[must_use]
    pub fn without_env(mut self, name: impl AsRef<OsStr>) -> Program {
        self.variables.push((name.as_ref().to_owned(), None));
        self
    }

    /// Sets the working directory, which is else that of this process.
    #[must_use]
    pub fn directory(mut self, directory: impl AsRef<Path>) -> Program {
        self.directory = Some(directory.as_ref().to_path_buf());
        self
    }

    /// Sets what stops it before its time.
    #[must_use]
    pub fn cancel(mut self, cancel: &Cancel) -> Program {
        self.cancel = cancel.clone();
        self
    }

    /// Sets how long it may go on once it was asked to stop, so that it can stop what runs elsewhere.
    #[must_use]
    pub(crate) fn grace(mut self, grace: Duration) -> Program {
        self.grace = grace;
        self
    }

    /// Returns the program.
    pub fn program(&self) -> &OsStr {
        &self.program
    }

    /// Returns the arguments.
    pub fn arguments(&self) -> &[OsString] {
        &self.arguments
    }

    /// Runs the program with `stdin` as its input and waits for it.
    ///
    /// # Errors
    /// If it cannot be started, or reaches a limit or is cancelled and is stopped, it and the processes
    /// that it has started. That it fails is no error: see [`Finished::status`].
    pub fn run(&self, stdin: &[u8], limits: &Limits) -> Result<Finished, ProcessError> {
        self.run_while(stdin, limits, &mut || true)
    }

    /// As [`run`](Self::run), as long as `goes_on` says so, which is asked now and then.
    ///
    /// # Errors
    /// As [`run`](Self::run), and if `goes_on` has said no.
    pub fn run_while(
        &self,
        stdin: &[u8],
        limits: &Limits,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Finished, ProcessError> {
        let error = |why| ProcessError::new(&self.program, why);
        let not_started = |e: io::Error| error(Why::NotStarted(e.kind(), e.to_string()));
        // Whoever cancels and then sees that none runs can be sure that none will.
        let _running = Running::new();
        if self.cancel.is_stopped() {
            return Err(error(Why::cancelled(&self.cancel)));
        }
        let mut command = Command::new(lookup::find(&self.program).map_err(not_started)?);
        command.args(&self.arguments);
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        let mark = family::Mark::new();
        command.env(family::VARIABLE, mark.value());
        let input = if stdin.is_empty() { Stdio::null() } else { Stdio::piped() };
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[allow(clippy::disallowed_methods)] // the one place that starts programs
        let child = command.spawn().map_err(not_started)?;
        let family = Family::new(child, mark, self.grace);
        wait::wait(family, stdin, limits, &self.cancel, goes_on).map_err(error)
    }
}
