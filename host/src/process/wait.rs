//! Waits for a program, within its limits.

use std::io::{self, Read, Write};
use std::process::ExitStatus;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use kustom::Cancel;

use super::error::Why;
use super::family::Family;
use super::limits::{Limits, MAX_STDERR};

/// What a program left behind.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to stdout.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr, up to [`MAX_STDERR`](super::MAX_STDERR).
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

/// How often somebody is asked whether to go on, and memory is looked at.
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

/// Feeds a process and reads from it until it ends, reaches a limit or is cancelled.
///
/// # Errors
/// If it is stopped, and with it all that it has started.
pub(super) fn wait(
    mut family: Family,
    stdin: &[u8],
    limits: &Limits,
    cancel: &Cancel,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Finished, Why> {
    let (sender, events) = mpsc::channel();
    let (input, stdout, stderr) = family.pipes();
    if let Some(mut pipe) = input {
        let stdin = stdin.to_vec();
        // Who does not read all of it is in his right.
        thread::spawn(move || drop(pipe.write_all(&stdin)));
    }
    if let Some(pipe) = stdout {
        read(pipe, (limits.output, 0), &sender, Event::Stdout);
    }
    if let Some(pipe) = stderr {
        let dropped = limits.output.saturating_sub(MAX_STDERR);
        read(pipe, (MAX_STDERR, dropped), &sender, Event::Stderr);
    }
    drop(sender);
    let start = Instant::now();
    let mut guard = Guard { start, looked: start, limits, cancel, goes_on };
    let result = collect(&mut family, &events, &mut guard);
    if result.is_err() {
        family.stop();
    }
    result
}

/// Reads on a thread of its own so many bytes, and so many more that are dropped, and tells of the former.
fn read(
    mut pipe: impl Read + Send + 'static,
    (kept, dropped): (usize, usize),
    sender: &Sender<Event>,
    event: impl FnOnce(Vec<u8>) -> Event + Send + 'static,
) {
    let sender = sender.clone();
    thread::spawn(move || {
        let at_most = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        let _ = (&mut pipe).take(at_most(kept)).read_to_end(&mut bytes);
        let _ = io::copy(&mut (&mut pipe).take(at_most(dropped)), &mut io::sink());
        let is_all = !matches!(pipe.read(&mut [0]), Ok(1..));
        // A receiver that has gone away has stopped the process.
        let _ = sender.send(if is_all { event(bytes) } else { Event::TooMuch });
        let _ = io::copy(&mut pipe, &mut io::sink());
    });
}

fn collect(
    family: &mut Family,
    events: &Receiver<Event>,
    guard: &mut Guard<'_>,
) -> Result<Finished, Why> {
    let (mut stdout, mut stderr) = (None, None);
    while stdout.is_none() || stderr.is_none() {
        match events.recv_timeout(guard.left().min(TICK)) {
            Ok(Event::Stdout(bytes)) => stdout = Some(bytes),
            Ok(Event::Stderr(bytes)) => stderr = Some(bytes),
            Ok(Event::TooMuch) => return Err(Why::TooMuch(guard.limits.output)),
            Err(RecvTimeoutError::Timeout) => guard.check(family)?,
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    // Both pipes are closed, so it has ended or will at once; only an odd one goes on.
    let mut pause = Duration::from_micros(50);
    let status = loop {
        if let Some(status) = family.ended().map_err(|e| Why::Lost(e.to_string()))? {
            break status;
        }
        guard.check(family)?;
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    Ok(Finished { status, stdout: stdout.unwrap_or_default(), stderr: stderr.unwrap_or_default() })
}

/// What decides whether a process may go on.
struct Guard<'a> {
    start: Instant,
    /// When it was looked at last.
    looked: Instant,
    limits: &'a Limits,
    cancel: &'a Cancel,
    goes_on: &'a mut dyn FnMut() -> bool,
}

impl Guard<'_> {
    fn left(&self) -> Duration {
        self.limits.time.saturating_sub(self.start.elapsed())
    }

    fn check(&mut self, family: &mut Family) -> Result<(), Why> {
        if self.left().is_zero() {
            return Err(Why::TooLong(self.limits.time));
        }
        if self.looked.elapsed() < TICK {
            return Ok(());
        }
        self.looked = Instant::now();
        if self.cancel.is_stopped() {
            return Err(Why::cancelled(self.cancel));
        }
        if !(self.goes_on)() {
            return Err(Why::CutShort);
        }
        match family.has_more_memory_than(self.limits.memory) {
            true => Err(Why::TooLarge(self.limits.memory)),
            false => Ok(()),
        }
    }
}
