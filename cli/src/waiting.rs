//! A line on the terminal about whatever takes long.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use kustom::text::{masked, visible_line};
use kustom_host::watch::{Fetching, Progress};

/// What takes less is not worth a word.
const LONG: Duration = Duration::from_millis(500);
/// How often the line is written anew.
const TICK: Duration = Duration::from_millis(200);

struct State {
    /// What is being waited for: what is fetched first, and then in the order of its start.
    waiting: BTreeMap<(Kind, u64), (String, Instant)>,
    next: u64,
    /// Whether a thread looks after the line.
    watched: bool,
    /// Whether there is a line.
    shown: bool,
}

/// What is worth more words comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Fetch,
    Work,
}

/// The one line that a terminal has for this.
static LINE: Mutex<State> =
    Mutex::new(State { waiting: BTreeMap::new(), next: 0, watched: false, shown: false });

/// Shows on stderr what is being waited for, if that is a terminal.
pub(crate) struct Waiting;

impl Progress for Waiting {
    fn start(&self, what: &str) -> Box<dyn Fetching> {
        if !io::stderr().is_terminal() {
            return Box::new(());
        }
        // Strangers may have written it.
        Box::new(Wait::begin(Kind::Fetch, format!("fetching {}", visible_line(&masked(what)))))
    }
}

impl Fetching for Wait {}

/// Shows on stderr, if that is a terminal, what is being done until the answer is dropped.
pub(crate) fn working(what: impl FnOnce() -> String) -> Option<Wait> {
    io::stderr().is_terminal().then(|| Wait::begin(Kind::Work, what()))
}

/// Returns what to say of work on some kustomizations.
pub(crate) fn on_kustomizations(doing: &str, count: usize) -> String {
    match count {
        1 => format!("{doing} a kustomization"),
        _ => format!("{doing} {count} kustomizations"),
    }
}

/// One thing that is being waited for.
pub(crate) struct Wait {
    id: (Kind, u64),
}

impl Wait {
    fn begin(kind: Kind, what: String) -> Wait {
        let mut locked = lock();
        let id = (kind, locked.next);
        locked.next += 1;
        locked.waiting.insert(id, (what, Instant::now()));
        if !std::mem::replace(&mut locked.watched, true) {
            // Without a thread there is no line.
            _ = thread::Builder::new().spawn(look_after);
        }
        Wait { id }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut state = lock();
        state.waiting.remove(&self.id);
        if state.waiting.is_empty() && std::mem::take(&mut state.shown) {
            _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// Writes the line until there is nothing more to wait for.
fn look_after() {
    loop {
        thread::sleep(TICK);
        let mut state = lock();
        let Some((&(kind, _), (what, start))) = state.waiting.iter().next() else {
            state.watched = false;
            return;
        };
        if start.elapsed() >= LONG {
            let others = state.waiting.keys().filter(|(other, _)| *other == kind).count();
            let more = match others.saturating_sub(1) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let seconds = start.elapsed().as_secs();
            _ = write!(io::stderr(), "\r\x1b[K{what}{more} ({seconds} s)");
            state.shown = true;
        }
    }
}

fn lock() -> MutexGuard<'static, State> {
    LINE.lock().unwrap_or_else(PoisonError::into_inner)
}
