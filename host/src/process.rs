//! Starts programs: the one place that does.
//!
//! No shell is asked, nothing reads what the caller's stdin has, and neither time nor output is without
//! end.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

mod descendants;
mod lookup;
mod memory;

pub(crate) use lookup::find as find_program;

/// What a program may use before it is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest that it may run.
    pub time: Duration,
    /// The most bytes that it may write to stdout; of stderr the first [`MAX_STDERR`] are kept.
    pub output: usize,
    /// The most bytes that it may have in memory, where `/proc` tells.
    pub memory: u64,
}

/// The most bytes of stderr that are kept; what follows is read and dropped.
pub const MAX_STDERR: usize = 1 << 20;

impl Default for Limits {
    /// Returns two minutes, 128 MiB of output and 2 GiB in memory.
    fn default() -> Limits {
        Limits { time: Duration::from_secs(120), output: 128 << 20, memory: 2 << 30 }
    }
}

impl Limits {
    /// Returns the limits with another time.
    #[must_use]
    pub fn time(self, time: Duration) -> Limits {
        Limits { time, ..self }
    }

    /// Returns the limits with another size of the output, in bytes.
    #[must_use]
    pub fn output(self, output: usize) -> Limits {
        Limits { output, ..self }
    }

    /// Returns the limits with another size in memory, in bytes.
    #[must_use]
    pub fn memory(self, memory: u64) -> Limits {
        Limits { memory, ..self }
    }
}

/// A program that is to run, with its arguments and its surroundings.
#[derive(Clone, Debug)]
pub struct Program {
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, Option<OsString>)>,
    directory: Option<PathBuf>,
}

impl Program {
    /// Returns a program without arguments: a path, or a name that is looked up in `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Program {
        Program {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            variables: Vec::new(),
            directory: None,
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
    /// If it cannot be started, or reaches a limit and is stopped, it and the processes that it has
    /// started. That it fails is no error: see [`Finished::status`].
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
        let error = |why| ProcessError { program: self.program.clone(), why };
        let not_started = |e: io::Error| error(Why::NotStarted(e.kind(), e.to_string()));
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
        let input = if stdin.is_empty() { Stdio::null() } else { Stdio::piped() };
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[allow(clippy::disallowed_methods)] // the one place that starts programs
        let child = command.spawn().map_err(not_started)?;
        wait(child, stdin, limits, goes_on).map_err(error)
    }
}

/// What a program left behind.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to stdout.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr, up to [`MAX_STDERR`].
    pub stderr: Vec<u8>,
}

impl Finished {
    /// Returns stderr as text.
    pub fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Returns how it ended in the words of upstream, such as `exit status 3`.
    pub fn ending(&self) -> String {
        match self.status.code() {
            Some(code) => format!("exit status {code}"),
            None => self.status.to_string(),
        }
    }
}

/// Why a program did not come to an end of its own.
#[derive(Clone, Debug)]
pub struct ProcessError {
    program: OsString,
    why: Why,
}

#[derive(Clone, Debug)]
enum Why {
    NotStarted(io::ErrorKind, String),
    TooLong(Duration),
    TooMuch(usize),
    TooLarge(u64),
    CutShort,
    Lost(String),
}

impl ProcessError {
    /// Returns `true` if there is no such program.
    pub fn is_missing(&self) -> bool {
        matches!(self.why, Why::NotStarted(io::ErrorKind::NotFound, _))
    }

    /// Returns `true` if it reached a limit.
    pub fn is_limit(&self) -> bool {
        !matches!(self.why, Why::NotStarted(..) | Why::Lost(_))
    }

    /// Returns `true` if it took too long.
    pub fn is_too_long(&self) -> bool {
        matches!(self.why, Why::TooLong(_))
    }

    /// Returns `true` if it was not to go on; see [`Program::run_while`].
    pub fn is_cut_short(&self) -> bool {
        matches!(self.why, Why::CutShort)
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
                write!(f, "{program} was stopped: no end after {} s", time.as_secs_f64())
            }
            Why::TooMuch(bytes) => {
                write!(f, "{program} was stopped: more than {bytes} bytes of output")
            }
            Why::TooLarge(bytes) => {
                write!(f, "{program} was stopped: more than {bytes} bytes in memory")
            }
            Why::CutShort => write!(f, "{program} was stopped"),
            Why::Lost(message) => write!(f, "waiting for {program}: {message}"),
        }
    }
}

/// How often somebody is asked whether to go on.
const TICK: Duration = Duration::from_millis(50);

/// What the threads that read have to tell.
enum Event {
    /// All of stdout.
    Stdout(Vec<u8>),
    /// All of stderr that is kept.
    Stderr(Vec<u8>),
    /// There is more than may be.
    TooMuch,
}

/// Feeds a process and reads from it until it ends or reaches a limit.
fn wait(
    mut child: Child,
    stdin: &[u8],
    limits: &Limits,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Finished, Why> {
    let start = Instant::now();
    let (sender, events) = mpsc::channel();
    if let Some(mut pipe) = child.stdin.take() {
        let stdin = stdin.to_vec();
        // Who does not read all of it is in his right.
        thread::spawn(move || drop(pipe.write_all(&stdin)));
    }
    if let Some(pipe) = child.stdout.take() {
        read(pipe, limits.output, &sender, |bytes, is_all| {
            if is_all { Event::Stdout(bytes) } else { Event::TooMuch }
        });
    }
    if let Some(pipe) = child.stderr.take() {
        read(pipe, MAX_STDERR, &sender, |bytes, _| Event::Stderr(bytes));
    }
    drop(sender);
    let result = collect(&mut child, &events, start, limits, goes_on);
    if result.is_err() {
        descendants::stop(&mut child);
    }
    result
}

/// Reads at most `limit` bytes on a thread of its own, and tells of them with whether they were all.
fn read(
    mut pipe: impl Read + Send + 'static,
    limit: usize,
    sender: &Sender<Event>,
    event: impl FnOnce(Vec<u8>, bool) -> Event + Send + 'static,
) {
    let sender = sender.clone();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let _ = (&mut pipe).take(most).read_to_end(&mut bytes);
        let is_all = bytes.len() <= limit;
        bytes.truncate(limit);
        // A receiver that has gone away has stopped the process.
        let _ = sender.send(event(bytes, is_all));
        let _ = io::copy(&mut pipe, &mut io::sink());
    });
}

fn collect(
    child: &mut Child,
    events: &Receiver<Event>,
    start: Instant,
    limits: &Limits,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Finished, Why> {
    let left = || limits.time.saturating_sub(start.elapsed());
    let is_large = |child: &Child| memory::resident(child.id()) > Some(limits.memory);
    let (mut stdout, mut stderr) = (None, None);
    while stdout.is_none() || stderr.is_none() {
        match events.recv_timeout(left().min(TICK)) {
            Ok(Event::Stdout(bytes)) => stdout = Some(bytes),
            Ok(Event::Stderr(bytes)) => stderr = Some(bytes),
            Ok(Event::TooMuch) => return Err(Why::TooMuch(limits.output)),
            Err(RecvTimeoutError::Timeout) if left().is_zero() => {
                return Err(Why::TooLong(limits.time));
            }
            Err(RecvTimeoutError::Timeout) if !goes_on() => return Err(Why::CutShort),
            Err(RecvTimeoutError::Timeout) if is_large(child) => {
                return Err(Why::TooLarge(limits.memory));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    // Both pipes are closed, so it has ended or will at once; only an odd one goes on.
    let mut pause = Duration::from_micros(50);
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if left().is_zero() => return Err(Why::TooLong(limits.time)),
            Ok(None) => thread::sleep(pause),
            Err(e) => return Err(Why::Lost(e.to_string())),
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    Ok(Finished { status, stdout: stdout.unwrap_or_default(), stderr: stderr.unwrap_or_default() })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn script(text: &str) -> Program {
        Program::new("sh").args(["-c", text])
    }

    #[test]
    fn gives_what_was_written_and_how_it_ended() {
        let run = script("cat; echo oops >&2; exit 3").run(b"in", &Limits::default()).unwrap();
        assert_eq!((&*run.stdout, &*run.stderr_text()), (&b"in"[..], "oops\n"));
        assert_eq!(run.ending(), "exit status 3");
    }

    #[test]
    fn stdin_is_not_that_of_the_caller() {
        let run = script("cat").run(b"", &Limits::default()).unwrap();
        assert!(run.stdout.is_empty() && run.status.success());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_is_bounded() {
        let limits = Limits::default().memory(1 << 10);
        let error = script("exec sleep 20").run(b"", &limits).unwrap_err();
        assert!(error.is_limit() && error.to_string().contains("in memory"), "{error}");
    }

    #[test]
    fn one_that_does_not_read_is_no_error() {
        let much = vec![b'x'; 1 << 20];
        assert!(script("exit 0").run(&much, &Limits::default()).unwrap().status.success());
    }

    #[test]
    fn stops_what_takes_too_long_with_all_it_has_started() {
        let limits = Limits::default().time(Duration::from_millis(100));
        let marker = tempfile::tempdir().unwrap();
        let file = marker.path().join("late");
        let start = Instant::now();
        let error = script(&format!("(sleep 0.5; touch {}) & sleep 60", file.display()))
            .run(b"", &limits)
            .unwrap_err();
        assert!(error.is_limit() && error.to_string().contains("no end after 0.1 s"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(2));
        #[cfg(target_os = "linux")]
        {
            thread::sleep(Duration::from_millis(600));
            assert!(!file.exists());
        }
    }

    #[test]
    fn stops_what_writes_without_end() {
        let error = script("yes").run(b"", &Limits::default().output(1000)).unwrap_err();
        assert!(error.to_string().contains("more than 1000 bytes of output"), "{error}");
        let loud = script("yes | head -c 5000000 >&2").run(b"", &Limits::default()).unwrap();
        assert_eq!(loud.stderr.len(), MAX_STDERR);
    }

    #[test]
    fn stops_when_told_to() {
        let start = Instant::now();
        let mut asked = 0;
        let mut goes_on = || {
            asked += 1;
            asked < 3
        };
        let error =
            script("sleep 60").run_while(b"", &Limits::default(), &mut goes_on).unwrap_err();
        assert!(error.is_cut_short() && start.elapsed() < Duration::from_secs(30), "{error}");
    }

    #[test]
    fn says_that_there_is_no_such_program() {
        let error = Program::new("no-such-program").run(b"", &Limits::default()).unwrap_err();
        assert!(error.is_missing());
        assert_eq!(
            error.to_string(),
            "exec: \"no-such-program\": executable file not found in $PATH"
        );
    }
}
