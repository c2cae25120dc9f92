//! On a signal, stops what was started and removes what was fetched.

#[cfg(unix)]
pub(crate) use unix::{end, watch};

#[cfg(not(unix))]
pub(crate) fn watch(_: &kustom::Cancel, _: &kustom_host::scratch::Scratch) {}

#[cfg(not(unix))]
pub(crate) fn end() {}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::sync::atomic::{AtomicI32, Ordering};
    use std::thread;
    use std::time::{Duration, Instant};

    use kustom::Cancel;
    use kustom_host::process::are_running;
    use kustom_host::scratch::Scratch;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    /// How long a command may take to stop what it has started.
    const GRACE: Duration = Duration::from_secs(1);

    /// The signal that ends the program.
    static SIGNAL: AtomicI32 = AtomicI32::new(0);

    /// Watches for signals that end the program. The first stops what runs, so that the command comes to
    /// its end; another one, which may come in the same moment, ends it as soon as what it has started is stopped.
    pub(crate) fn watch(cancel: &Cancel, scratch: &Scratch) {
        let Ok(mut signals) = Signals::new(wanted()) else { return };
        let (cancel, remove) = (cancel.clone(), scratch.remover());
        // Without a thread, a signal does what it always did.
        let handle = signals.handle();
        let wait = move || {
            let Some(signal) = signals.forever().next() else { return };
            SIGNAL.store(signal, Ordering::SeqCst);
            cancel.stop_because("it was interrupted");
            let start = Instant::now();
            let mut again = false;
            while start.elapsed() < GRACE && (!again || are_running()) {
                thread::sleep(Duration::from_millis(20));
                again |= signals.pending().next().is_some();
            }
            remove();
            _ = emulate_default_handler(signal);
        };
        if thread::Builder::new().spawn(wait).is_err() {
            handle.close();
        }
    }

    /// Ends the program by the signal that it has got, if it has.
    pub(crate) fn end() {
        match SIGNAL.load(Ordering::SeqCst) {
            0 => {}
            signal => _ = emulate_default_handler(signal),
        }
    }

    /// Returns the signals that the program does not ignore, as it does behind `nohup`.
    fn wanted() -> Vec<i32> {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        let all = [SIGINT, SIGTERM, SIGHUP].into_iter();
        match ignored {
            Some(mask) => all.filter(|signal| mask >> (signal - 1) & 1 == 0).collect(),
            None => vec![SIGINT, SIGTERM],
        }
    }
}
