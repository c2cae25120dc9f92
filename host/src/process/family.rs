//! A process and all that it has started.
//!
//! Programs stay in the process group of the caller, so that an interrupt at the terminal reaches them
//! all, and ssh may ask there. So those that one has started are looked up in `/proc`: by their parents,
//! and by a variable that all of them inherit, for one whose parent has ended is somebody else's child.
//! Without `/proc`, only the process itself is known.

use std::collections::BTreeSet;
use std::collections::hash_map::RandomState;
use std::env;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};

use super::memory;

/// The variable that the processes of one program have in common.
pub(super) const VARIABLE: &str = "KUSTOM_PROCESS";

/// How often it is looked for processes that have escaped, while others are being stopped.
const MOST_ROUNDS: usize = 100;

/// What the processes of one program, and no others, have in their environment.
pub(super) struct Mark {
    own: String,
    value: String,
}

impl Mark {
    /// Returns a new one. That of a program within a program has both.
    pub(super) fn new() -> Mark {
        let chance = RandomState::new().build_hasher().finish();
        let own = format!("<{}.{chance:016x}>", std::process::id());
        let outer = env::var(VARIABLE).unwrap_or_default();
        Mark { value: format!("{outer}{own}"), own }
    }

    /// Returns the value of the variable.
    pub(super) fn value(&self) -> &str {
        &self.value
    }
}

/// A process and all that it has started.
pub(super) struct Family {
    child: Child,
    mark: Mark,
    grace: Duration,
    /// Processes of the family whose parents have ended.
    orphans: BTreeSet<u32>,
    looks: u32,
}

/// How many looks at memory there are to one for orphans, which costs more.
const LOOKS: u32 = 10;

impl Family {
    /// Returns the family of a process that was started with a mark, and may go on for `grace` once it was
    /// asked to stop.
    pub(super) fn new(child: Child, mark: Mark, grace: Duration) -> Family {
        Family { child, mark, grace, orphans: BTreeSet::new(), looks: 0 }
    }

    /// Takes the ends of the pipes.
    pub(super) fn pipes(
        &mut self,
    ) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdin.take(), self.child.stdout.take(), self.child.stderr.take())
    }

    /// Returns how the process has ended, if it has.
    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Returns `true` if all together have more bytes in memory.
    pub(super) fn has_more_memory_than(&mut self, most: u64) -> bool {
        self.looks += 1;
        if self.looks.is_multiple_of(LOOKS) {
            self.orphans = marked(&self.mark);
        }
        let mut all = self.orphans.clone();
        all.extend(with_descendants(self.child.id()));
        let sum = |bytes: fn(u32) -> Option<u64>| {
            all.iter().fold(0, |sum: u64, process| sum.saturating_add(bytes(*process).unwrap_or(0)))
        };
        // What processes share counts several times at first.
        sum(memory::resident) > most && sum(memory::proportional) > most
    }

    /// Stops all of them.
    pub(super) fn stop(&mut self) {
        // The number of one that has ended may be another's by now.
        if matches!(self.ended(), Ok(None)) {
            self.ask_to_stop();
            self.stop_unmarked();
            let found = with_descendants(self.child.id());
            // That it has ended before is as good.
            let _ = self.child.kill();
            found.into_iter().filter(|process| *process != self.child.id()).for_each(kill);
            // What it was is of no interest any more.
            let _ = self.child.wait();
        }
        for _ in 0..MOST_ROUNDS {
            let found = marked(&self.mark);
            if found.is_empty() {
                return;
            }
            found.into_iter().for_each(kill);
        }
    }

    /// Stops what marked processes have started with an environment of its own, and so without the mark, and lets the
    /// process clean up behind it.
    fn stop_unmarked(&mut self) {
        let marked = marked(&self.mark);
        let all: BTreeSet<u32> = marked.iter().flat_map(|it| with_descendants(*it)).collect();
        let mut unmarked = all.difference(&marked).peekable();
        if unmarked.peek().is_none() {
            return;
        }
        unmarked.copied().for_each(kill);
        self.wait_until_end();
    }

    /// Asks the process to stop, and lets it, as long as it may.
    fn ask_to_stop(&mut self) {
        if self.grace.is_zero() {
            return;
        }
        #[cfg(unix)]
        signal(self.child.id(), Signal::TERM);
        self.wait_until_end();
    }

    /// Waits for the process as long as it may go on when it is to stop.
    fn wait_until_end(&mut self) {
        let start = Instant::now();
        while start.elapsed() < self.grace && matches!(self.ended(), Ok(None)) {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Stops one process.
fn kill(process: u32) {
    #[cfg(unix)]
    signal(process, Signal::KILL);
    #[cfg(not(unix))]
    let _ = process;
}

#[cfg(unix)]
fn signal(process: u32, signal: Signal) {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    // That it has ended meanwhile is as good.
    let _ = process.map(|process| kill_process(process, signal));
}

/// Returns a process and its descendants, as far as they are known.
fn with_descendants(process: u32) -> BTreeSet<u32> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec![process]);
    while let Some(process) = waiting.pop() {
        if found.insert(process) {
            waiting.extend(children(process));
        }
    }
    found
}

fn children(process: u32) -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    let of_thread = |thread: std::fs::DirEntry| {
        std::fs::read_to_string(thread.path().join("children")).unwrap_or_default()
    };
    let listed: Vec<String> = threads.flatten().map(of_thread).collect();
    listed.iter().flat_map(|list| list.split_whitespace()).flat_map(str::parse).collect()
}

/// Returns the processes with a mark.
fn marked(mark: &Mark) -> BTreeSet<u32> {
    let own = mark.own.as_bytes();
    let is_marked = |process: &u32| {
        let variables = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        variables.windows(own.len()).any(|part| part == own)
    };
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let all = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    all.filter(is_marked).collect()
}
