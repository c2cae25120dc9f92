//! Waits for a program, within its limits.

use std::io::{self, Read, Write};
use std::process::ExitStatus;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
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

/// How long nothing may come to stderr after a process has ended, if others hold it open.
const MORE_WORDS: Duration = Duration::from_secs(1);

/// What the threads that read have to tell.
enum Event {
    /// All of stdout is there.
    StdoutClosed,
    /// All of stderr is there.
    StderrClosed,
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
    let (out, err) = (Arc::<Pipe>::default(), Arc::<Pipe>::default());
    if let Some(pipe) = stdout {
        read(pipe, (limits.output, limits.output), &out, &sender, Event::StdoutClosed);
    }
    if let Some(pipe) = stderr {
        read(pipe, (MAX_STDERR, limits.output.max(MAX_STDERR)), &err, &sender, Event::StderrClosed);
    }
    drop(sender);
    let start = Instant::now();
    let mut guard = Guard { start, looked: start, limits, cancel, goes_on };
    let result = until_end(&mut family, &events, &mut guard, || out.seen() + err.seen());
    if result.is_err() {
        family.stop();
    }
    result.map(|status| Finished { status, stdout: out.take(), stderr: err.take() })
}

/// What has come through a pipe.
#[derive(Default)]
struct Pipe {
    kept: Mutex<Vec<u8>>,
    /// How many bytes there were.
    seen: AtomicUsize,
}

impl Pipe {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn seen(&self) -> usize {
        self.seen.load(Ordering::Acquire)
    }

    /// Keeps bytes up to `most` in all.
    fn add(&self, bytes: &[u8], most: usize) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let left = most.saturating_sub(kept.len());
        kept.extend(bytes.iter().take(left));
        self.seen.fetch_add(bytes.len(), Ordering::Release);
    }
}

/// Reads on a thread of its own; so many bytes are kept, and so many may come.
fn read(
    mut from: impl Read + Send + 'static,
    (kept, most): (usize, usize),
    pipe: &Arc<Pipe>,
    sender: &Sender<Event>,
    closed: Event,
) {
    let (pipe, sender) = (Arc::clone(pipe), sender.clone());
    thread::spawn(move || {
        let mut chunk = vec![0; 1 << 16];
        let mut is_told = false;
        loop {
            match from.read(&mut chunk) {
                Ok(count @ 1..) => pipe.add(chunk.get(..count).unwrap_or_default(), kept),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => break,
            }
            if pipe.seen() > most && !is_told {
                is_told = true;
                // A receiver that has gone away has stopped the process.
                _ = sender.send(Event::TooMuch);
            }
        }
        if !is_told {
            _ = sender.send(closed);
        }
    });
}

/// Waits until a process has ended and all that it has written is there.
///
/// What it has started may go on and hold the pipes open, as the connections do that ssh keeps: of stderr nothing is
/// missed then, but what else would come to stdout could be, so that this is waited for.
fn until_end(
    family: &mut Family,
    events: &Receiver<Event>,
    guard: &mut Guard<'_>,
    seen: impl Fn() -> usize,
) -> Result<ExitStatus, Why> {
    let (mut has_stdout, mut has_stderr) = (false, false);
    // How much there was when it was first seen to have ended, or when the last came after that.
    let mut last: Option<(usize, Instant)> = None;
    while !has_stdout || !has_stderr {
        match events.recv_timeout(guard.left().min(TICK)) {
            Ok(Event::StdoutClosed) => has_stdout = true,
            Ok(Event::StderrClosed) => has_stderr = true,
            Ok(Event::TooMuch) => return Err(Why::TooMuch(guard.limits.output)),
            Err(RecvTimeoutError::Timeout) => guard.check(family).map_err(|why| match why {
                Why::TooLong(_) if last.is_some() && !has_stdout => Why::HeldOpen,
                why => why,
            })?,
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let Some(status) = family.ended().map_err(|e| Why::Lost(e.to_string()))? else { continue };
        let seen = seen();
        let (_, since) = last.filter(|last| last.0 == seen).unwrap_or((seen, Instant::now()));
        last = Some((seen, since));
        let is_enough = has_stdout || !status.success();
        if is_enough && since.elapsed() >= MORE_WORDS {
            return Ok(status);
        }
    }
    // Both pipes are closed, so it has ended or will at once; only an odd one goes on.
    let mut pause = Duration::from_micros(50);
    loop {
        if let Some(status) = family.ended().map_err(|e| Why::Lost(e.to_string()))? {
            return Ok(status);
        }
        guard.check(family)?;
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
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
