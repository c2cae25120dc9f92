//! A line on the terminal about what takes long.

use std::any::Any;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use kustom_host::watch::Watch;

/// What takes less is not worth a word.
const LONG: Duration = Duration::from_millis(500);
/// How often the line is written anew.
const TICK: Duration = Duration::from_millis(200);

#[derive(Default)]
struct State {
    /// What is being waited for, in the order of its start.
    waiting: BTreeMap<u64, (String, Instant)>,
    next: u64,
    /// Whether a thread looks after the line.
    watched: bool,
    /// Whether there is a line.
    shown: bool,
}

/// Shows on stderr what is being waited for, if that is a terminal.
pub(crate) fn watch() -> Watch {
    let state = Arc::<Mutex<State>>::default();
    let on = io::stderr().is_terminal();
    Arc::new(move |what| {
        let what = format!("fetching {what}");
        if on { Box::new(Wait::begin(&state, what)) } else { Box::new(()) as Box<dyn Any> }
    })
}

/// Shows on stderr, if that is a terminal, what is being done until the answer is dropped.
pub(crate) fn working(what: impl FnOnce() -> String) -> Option<Wait> {
    io::stderr().is_terminal().then(|| Wait::begin(&Arc::default(), what()))
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
    id: u64,
    state: Arc<Mutex<State>>,
}

impl Wait {
    fn begin(state: &Arc<Mutex<State>>, what: String) -> Wait {
        let mut locked = lock(state);
        let id = locked.next;
        locked.next += 1;
        locked.waiting.insert(id, (what, Instant::now()));
        if !std::mem::replace(&mut locked.watched, true) {
            let state = Arc::clone(state);
            // Without a thread there is no line.
            _ = thread::Builder::new().spawn(move || look_after(&state));
        }
        Wait { id, state: Arc::clone(state) }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.waiting.remove(&self.id);
        if state.waiting.is_empty() && std::mem::take(&mut state.shown) {
            _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// Writes the line until there is nothing more to wait for.
fn look_after(state: &Mutex<State>) {
    loop {
        thread::sleep(TICK);
        let mut state = lock(state);
        let Some((what, start)) = state.waiting.values().next() else {
            state.watched = false;
            return;
        };
        if start.elapsed() >= LONG {
            let more = match state.waiting.len() - 1 {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let seconds = start.elapsed().as_secs();
            _ = write!(io::stderr(), "\r\x1b[K{what}{more} ({seconds} s)");
            state.shown = true;
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
