//! Where the bytes go: stdout, a file, or a directory.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use kustom::text::{visible, visible_colored};

use crate::closed::is_stdout_closed;

/// Writes to stdout. A reader that has gone away is no failure.
pub(crate) fn print(text: &str) -> Result<(), String> {
    print_stream([text])
}

/// Whether the result is being written: what is ended now would leave half of it.
static HAS_BEGUN: AtomicBool = AtomicBool::new(false);

/// Notes that the result is being written, here or to files.
pub(crate) fn begin() {
    HAS_BEGUN.store(true, Ordering::Relaxed);
}

/// Returns `true` once the result is being written.
pub(crate) fn has_begun() -> bool {
    HAS_BEGUN.load(Ordering::Relaxed)
}

/// Writes texts, of which some may be no UTF-8, to stdout as one stream of YAML documents.
pub(crate) fn print_stream<T: AsRef<[u8]>>(
    texts: impl IntoIterator<Item = T>,
) -> Result<(), String> {
    print_parts(texts, "---\n")
}

/// Writes texts to stdout, each when it is asked for, with a separator between two.
pub(crate) fn print_parts<T: AsRef<[u8]>>(
    texts: impl IntoIterator<Item = T>,
    separator: &str,
) -> Result<(), String> {
    begin();
    let mut out = io::stdout().lock();
    let mut before = "";
    let mut write = |text: T| {
        out.write_all(before.as_bytes())?;
        before = separator;
        out.write_all(text.as_ref())
    };
    let mut texts = texts.into_iter().filter(|text| !text.as_ref().is_empty()).peekable();
    if is_stdout_closed() && texts.peek().is_some() {
        return Err("writing to stdout: it is closed".to_owned());
    }
    let written = texts.try_for_each(&mut write);
    match written.and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("writing to stdout: {e}")),
        _ => Ok(()),
    }
}

/// Returns `true` if to color what goes to a stream: on a terminal, unless `NO_COLOR` says anything, or
/// wherever `CLICOLOR_FORCE` says so.
pub(crate) fn has_colors(stream: &impl IsTerminal) -> bool {
    let [no_color, force] = ["NO_COLOR", "CLICOLOR_FORCE"].map(std::env::var_os);
    wants_colors(stream.is_terminal(), no_color, force)
}

fn wants_colors(terminal: bool, no_color: Option<OsString>, force: Option<OsString>) -> bool {
    let says = |value: Option<OsString>| value.is_some_and(|value| !value.is_empty());
    !says(no_color) && (terminal || says(force.filter(|value| value != "0")))
}

/// The most bytes that are said of what is wrong, and of what deserves attention.
const MOST_SAID: usize = 1 << 20;

/// Counts what is said of one sort.
pub(crate) struct Said(AtomicUsize);

/// What may be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Enough,
    /// Nothing more, which is to be said.
    Last,
    None,
}

impl Said {
    pub(crate) const fn new() -> Said {
        Said(AtomicUsize::new(0))
    }

    /// Returns `true` once it was said that there is no more.
    pub(crate) fn is_full(&self) -> bool {
        self.0.load(Ordering::Relaxed) > MOST_SAID
    }

    /// Returns whether there is room for so many bytes.
    pub(crate) fn room(&self, bytes: usize) -> Room {
        let before = self.0.fetch_add(bytes, Ordering::Relaxed);
        match before.saturating_add(bytes) <= MOST_SAID {
            true => Room::Enough,
            false if before <= MOST_SAID => {
                self.0.store(usize::MAX / 2, Ordering::Relaxed);
                Room::Last
            }
            false => Room::None,
        }
    }
}

/// Writes lines, which may have colors, to stderr; if that is closed, nobody wanted to know.
pub(crate) fn note(lines: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", visible_colored(lines));
}

/// Makes a message that strangers may have written fit to be shown: what does something is escaped, and no line of it
/// but the first starts where a line of ours would.
pub(crate) fn indented(message: &str) -> String {
    visible(message).trim_end().replace('\n', "\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_message_steers_what_reads_the_log() {
        assert_eq!(
            indented("a\nError: b\n  ::error::c\n##[error]d\n"),
            "a\n  Error: b\n    \\u{3a}:error::c\n  #\\u{23}[error]d"
        );
    }

    #[test]
    fn what_is_said_has_an_end() {
        let said = Said::new();
        assert_eq!(said.room(MOST_SAID), Room::Enough);
        assert_eq!(
            [said.room(1), said.room(1), said.room(0)],
            [Room::Last, Room::None, Room::None]
        );
        assert!(said.is_full() && !Said::new().is_full());
        assert_eq!(Said::new().room(MOST_SAID + 1), Room::Last);
    }

    #[test]
    fn colors_are_for_terminals_unless_somebody_says_otherwise() {
        let wants = |terminal, no_color: Option<&str>, force: Option<&str>| {
            wants_colors(terminal, no_color.map(OsString::from), force.map(OsString::from))
        };
        assert!(wants(true, None, None) && wants(true, Some(""), Some("0")));
        assert!(wants(false, None, Some("1")));
        assert!(!wants(true, Some("1"), None) && !wants(true, Some("1"), Some("1")));
        assert!(!wants(false, None, None) && !wants(false, None, Some("0")));
    }
}
